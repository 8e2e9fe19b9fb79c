"""Asking the running server of a data folder, with the folder's own token."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException, IncompleteRead
from typing import Any

from trackway.errors import TrackwayError
from trackway.folder import Address

TIMEOUT_S = 60
PART_BYTES = 64 * 1024


class ServerSays(TrackwayError):
    """The running server does not answer, or refuses. `retry_after_s`: asks to come again then."""

    def __init__(self, message: str, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


def ask(address: Address, path: str, body: Any = None) -> Any:
    """A question to the running server; with a body, a POST: of JSON, or of lines of it when it is bytes.

    Its answer, also of one that is not ready. Raises ServerSays.
    """
    return json.loads(ask_raw(address, path, body))


def ask_raw(address: Address, path: str, body: Any = None) -> bytes:
    """The same, its answer as it came."""
    return b"".join(ask_long(address, path, body))


def ask_long(address: Address, path: str, body: Any = None) -> Iterator[bytes]:
    """The same, part by part as it comes. Raises ServerSays also where the answer ends in the middle."""
    lines = isinstance(body, bytes)
    request = urllib.request.Request(  # noqa: S310 - our own server
        address.url + path,
        body if lines or body is None else json.dumps(body).encode(),
        {
            "Authorization": f"Bearer {address.token}",
            "Content-Type": "application/x-ndjson" if lines else "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            while part := answer.read1(PART_BYTES):
                yield part
            if answer.length:
                raise IncompleteRead(b"", answer.length)
    except urllib.error.HTTPError as error:
        yield said_with(error)
    except (OSError, HTTPException) as error:
        raise ServerSays(f"The server at {address.url} does not answer ({error}).") from error


def said_with(error: urllib.error.HTTPError) -> bytes:
    """What an answer that is not ready says. Raises ServerSays for one that refuses."""
    said = error.read()
    told = json.loads(said)
    if "error" in told:
        wait = error.headers.get("retry-after", "")
        raise ServerSays(told["error"]["message"], int(wait) if wait.isdigit() else None) from error
    return said
