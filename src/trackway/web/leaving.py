"""Whoever asks and then leaves, ends the question: around the API, for every route that only asks, in one place.

The answering task is cancelled when the connection closes before the answer; what waits for the store has its question
ended there too (`store/pool.py`). Never: a change cut off half way, so routes that change something are left alone.
"""

import asyncio
import contextlib
import re
from collections.abc import Mapping
from typing import Any

from trackway.collect.app import Send
from trackway.collect.body import Receive

ONLY_ASK = re.compile(r"/api/v1/sites/[^/]+/(.+/(preview|count)|sql)\Z")
"""What is asked by POST, for the length of the question."""
MESSAGES_MAX = 2
"""Parts of a request that wait to be taken: a short body, and that the asker has left."""
LEFT = "http.disconnect"


class Leaving:
    """The API, whose questions end with the connection that asked them."""

    def __init__(self, api: Any) -> None:
        self._api = api

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer as the API does, unless the asker leaves before."""
        if scope["method"] != "GET" and not ONLY_ASK.match(scope["path"]):
            await self._api(scope, receive, send)
            return
        messages = asyncio.Queue[Mapping[str, Any]](MESSAGES_MAX)
        leaving = asyncio.create_task(listen(receive, messages))
        answering = asyncio.create_task(self._api(scope, messages.get, send))
        try:
            await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            answering.cancel()  # does nothing to what is done
            with contextlib.suppress(asyncio.CancelledError):
                await answering


async def listen(receive: Receive, messages: asyncio.Queue[Mapping[str, Any]]) -> None:
    """Hand on what the asker sends, until they leave."""
    kind = ""
    while kind != LEFT:
        message = await receive()
        kind = message["type"]
        await messages.put(message)
