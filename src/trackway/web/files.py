"""The web page's static files. Every path that is no file is the page itself: it does its own routing."""

import mimetypes
from functools import lru_cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import brotli

from trackway.collect.app import Headers, Send, respond
from trackway.web.sdk import pick_encoding

NOT_BUILT = (
    b"<!doctype html><title>Trackway</title><p>The web page has not been built. Run <code>make build</code> in the "
    b"checkout; a wheel has it inside. The API works: <a href=/api/docs>/api/docs</a>."
)
SECURITY = [
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data:; object-src 'none'; "
        b"frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
]
API_SECURITY = [
    # An answer of the API is never a page: opened as one it may load and do nothing.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]


class Static(NamedTuple):
    """A file of the page."""

    body: bytes
    packed: bytes
    media_type: str
    forever: bool


async def serve_page(path: str, headers: Headers, send: Send) -> None:
    """Answer for a path of the web page."""
    found = load(path) or load("/index.html")
    if found is None:
        await respond(send, 200, NOT_BUILT, [(b"content-type", b"text/html; charset=utf-8"), *SECURITY])
        return
    age = b"public, max-age=31536000, immutable" if found.forever else b"no-cache"
    answer = [
        (b"content-type", found.media_type.encode()),
        (b"cache-control", age),
        (b"vary", b"Accept-Encoding"),
    ]
    packed = pick_encoding(headers.get(b"accept-encoding", b"").decode("latin-1")) == "br"
    if packed:
        answer.append((b"content-encoding", b"br"))
    await respond(send, 200, found.packed if packed else found.body, answer + SECURITY)


def with_security(send: Send) -> Send:
    """A `send` that adds the API's security headers to an answer, each unless the answer has its own."""

    async def sending(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            own = list(message["headers"])
            names = {name.lower() for name, _ in own}
            message = message | {"headers": own + [one for one in API_SECURITY if one[0] not in names]}
        await send(message)

    return sending


@lru_cache(256)
def load(path: str) -> Static | None:
    """A built file by its path, None when there is none. Paths cannot leave the folder."""
    parts = PurePosixPath(path).parts[1:]
    if not parts or ".." in parts or any("\0" in part for part in parts):
        return None
    found = files("trackway").joinpath("assets", "ui", *parts)
    if not found.is_file():
        return None
    body = found.read_bytes()
    media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    return Static(body, brotli.compress(body), media_type, forever=parts[0] == "assets")
