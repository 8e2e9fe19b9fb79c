"""Asking the running server of a data folder, with the folder's own token."""

import json
import urllib.error
import urllib.request
from typing import Any

from trackway.errors import TrackwayError
from trackway.folder import Address

TIMEOUT_S = 60


class ServerSays(TrackwayError):
    """The running server does not answer, or refuses."""


def ask(address: Address, path: str, body: Any = None) -> Any:
    """A question to the running server; with a body, a POST. Its answer, also of one that is not ready.

    Raises ServerSays.
    """
    request = urllib.request.Request(  # noqa: S310 - our own server
        address.url + path,
        None if body is None else json.dumps(body).encode(),
        {"Authorization": f"Bearer {address.token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        told = json.load(error)
        if "error" in told:
            raise ServerSays(told["error"]["message"]) from error
        return told
    except OSError as error:
        raise ServerSays(f"The server at {address.url} does not answer ({error}).") from error
