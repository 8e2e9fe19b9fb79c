"""The bytes of a request, within their limit: read, unpacked, never more than `limit` of them held."""

import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from trackway.errors import RequestRefused

UNPACK_STEP = 256 * 1024
MEMBERS_MAX = 100

Receive = Callable[[], Awaitable[dict[str, Any]]]


class Disconnected(Exception):
    """The client went away before its request was whole."""


async def read_body(receive: Receive, limit: int) -> bytes:
    """The request's body. Raises RequestRefused(body_too_large), Disconnected."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Disconnected
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        body = await read_rest(receive, bytearray(body), limit)
    if len(body) > limit:
        raise too_large(limit)
    return body


async def read_rest(receive: Receive, body: bytearray, limit: int) -> bytes:
    """The pieces after the first."""
    while len(body) <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body)


def unpack(body: bytes, encoding: str, limit: int) -> bytes:
    """The body without its Content-Encoding; the limit holds on what comes out (a gzip bomb is never unpacked)."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise RequestRefused(
            "malformed_encoding", f"Content-Encoding {encoding!r} is not understood; send gzip or none."
        )
    try:
        return unpack_gzip(body, limit)
    except zlib.error as error:
        raise RequestRefused("malformed_encoding", f"The body is not valid gzip: {error}.") from error


def unpack_gzip(body: bytes, limit: int) -> bytes:
    """All members of a gzip body, step by step. Raises zlib.error, RequestRefused."""
    out = bytearray()
    rest, members = body, 0
    while rest:
        members += 1
        if members > MEMBERS_MAX:  # each is cut off the rest by copying, so many small ones would take long
            raise zlib.error(f"it has over {MEMBERS_MAX} members")
        unpacker = zlib.decompressobj(wbits=31)
        while not unpacker.eof:
            piece = unpacker.decompress(rest, UNPACK_STEP)
            rest = unpacker.unconsumed_tail
            out += piece
            if len(out) > limit:
                raise too_large(limit)
            if not piece and not rest and not unpacker.eof:
                raise zlib.error("it ends too early")
        rest = unpacker.unused_data
    return bytes(out)


def too_large(limit: int) -> RequestRefused:
    """The refusal of a body over its limit."""
    return RequestRefused("body_too_large", f"The body is over {limit} bytes (unpacked); send fewer events at a time.")
