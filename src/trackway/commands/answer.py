"""Answers of the API for a command: the running server's; without one, those of the same routes over the folder.

So what a command does, and what it refuses, is decided where the API decides it. It must never decide anything itself.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote, urlencode

from trackway.commands import place
from trackway.commands.ask import ServerSays, ask_long
from trackway.commands.opened import opened_folder
from trackway.control.sites import find_site
from trackway.folder import is_held, read_address
from trackway.web.app import App

Take = Callable[[bytes], None]
"""Takes an answer part by part."""
HERE = ("127.0.0.1", 0)


def path_of(site: str, *names: str | int, **query: str | int | bool | None) -> str:
    """The path of a site's route, its names and its query made safe; what is None is left out."""
    path = "/".join(quote(str(name), safe="") for name in (site, *names))
    given = {name.rstrip("_"): value for name, value in query.items() if value is not None}
    return f"/api/v1/sites/{path}" + (f"?{urlencode(given)}" if given else "")


def answer_of(site: str, *names: str | int, **query: str | int | None) -> Any:
    """What a route of a site answers. Raises RequestRefused for a site that is not there, ServerSays."""
    return answer(path_of(find_site(place.engine(), site).id, *names, **query))


def answer(path: str, body: Any = None) -> Any:
    """What a route answers, decoded; with a body, it is asked by POST. Raises ServerSays with what it refuses."""
    parts = list[bytes]()
    answer_long(path, parts.append, body)
    return json.loads(b"".join(parts))


def answer_long(path: str, take: Take, body: Any = None) -> None:
    """The same for an answer of any length, as it comes."""
    address = read_address(place.data) if is_held(place.data) else None
    if address is None:
        asyncio.run(answer_by_folder(path, take, body))
        return
    for part in ask_long(address, path, body):
        take(part)


async def answer_by_folder(path: str, take: Take, body: Any) -> None:
    """Put a question to the routes in this process. Raises ServerSays, DataFolderBusy."""
    async with opened_folder() as (parts, collector):
        refused = await put(App(parts, collector), parts.local_token, path, take, body)
    if refused:
        raise ServerSays(json.loads(refused)["error"]["message"])


async def put(app: Any, token: str, path: str, take: Take, body: Any) -> bytes:
    """One request to an ASGI application; what it says when it refuses."""
    asked = [{"type": "http.request", "body": b"" if body is None else json.dumps(body).encode(), "more_body": False}]
    status, refused, ended = 0, bytearray(), asyncio.Event()

    async def receive() -> Mapping[str, Any]:
        if asked:
            return asked.pop()
        await ended.wait()  # who asks stays until the end, and then leaves
        return {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        elif status < 400:
            take(message.get("body", b""))
        else:
            refused.extend(message.get("body", b""))
        if message["type"] == "http.response.body" and not message.get("more_body"):
            ended.set()

    await app(scope_of(token, path, "GET" if body is None else "POST"), receive, send)
    return bytes(refused)


def scope_of(token: str, path: str, method: str) -> dict[str, Any]:
    """A request as ASGI tells it, of the folder's owner."""
    raw, _, query = path.partition("?")
    headers = [
        (b"host", b"localhost"),
        (b"authorization", f"Bearer {token}".encode()),
        (b"content-type", b"application/json"),
    ]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": headers,
        "client": HERE,
        "server": HERE,
        "state": {},
    }
