"""Any answer of a question as a file: `format=csv` or `format=parquet` on every insight route and on the lists.

In one place, around the API: the route answers as ever, and its rows are written from what it said. So a file cannot
tell something else than the page, and who may ask is decided by the route. A list is followed page by page, to a limit.
"""

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec

from trackway.collect.app import Send, respond
from trackway.collect.body import Receive
from trackway.errors import RequestRefused
from trackway.tables.flat import MEDIA_TYPES, FileForm, as_csv, as_parquet
from trackway.web.sheets import events_sheet, sheet_of

LISTS = ("events", "customers", "quarantine", "ledger", "incidents", "live/now")
ASKED = re.compile(rf"/api/v1/sites/([^/]+)/(insights/[a-z/]+|{'|'.join(LISTS)})\Z")
DESCRIBED = re.compile(rf"/api/v1/sites/\{{site\}}/(insights/[a-z/]+|{'|'.join(LISTS)})\Z")
EXPORT_ROWS_MAX = 10_000
"""Rows of a list in a file; `trackway export` has no such limit."""
PAGE_ROWS = 1_000
CUT_HEADER = b"x-trackway-cut"
PARAMETER = {
    "name": "format",
    "in": "query",
    "schema": {"type": "string", "enum": ["json", "csv", "parquet"]},
    "description": f"`csv` and `parquet`: a file of the rows, of a list up to {EXPORT_ROWS_MAX:,} of them.",
}


class Following(msgspec.Struct):
    """The cursor of a page; what is no list has none."""

    next: str | None = None


class Captured:
    """An answer that is not sent yet."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def send(self, message: Mapping[str, Any]) -> None:
        """Take a part of it."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")

    def next(self) -> str | None:
        """The cursor of the page behind this one."""
        return msgspec.json.decode(self.body, type=Following).next


class Exports:
    """The API, with files of its answers."""

    def __init__(self, api: Any) -> None:
        self._api = api

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer as the API does, or with a file where one is asked for."""
        asked = ASKED.match(scope["path"]) if scope["method"] == "GET" and b"format=" in scope["query_string"] else None
        if asked is None:
            await self._api(scope, receive, send)
            return
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        form = next(value for name, value in reversed(query) if name == "format") if named(query) else "json"
        rest = [(name, value) for name, value in query if name != "format"]
        if form in MEDIA_TYPES:
            await self._file(scope, receive, send, asked[1], asked[2], rest, form)
        elif form == "json":
            await self._api(scope | {"query_string": urlencode(rest).encode()}, receive, send)
        else:
            await refuse(form, send)

    async def _file(  # noqa: PLR0913 - a request, and what was found in it
        self,
        scope: dict[str, Any],
        receive: Receive,
        send: Send,
        site: str,
        question: str,
        query: list[tuple[str, str]],
        form: FileForm,
    ) -> None:
        page = await self._ask(scope, receive, [*query, *page_of(question, query)])
        pages = [page]
        follows = bool(page_of(question, query))
        while page.status == 200 and follows and (cursor := page.next()) and len(pages) < EXPORT_ROWS_MAX // PAGE_ROWS:
            rest = [one for one in query if one[0] != "cursor"]
            page = await self._ask(scope, receive, [*rest, *page_of(question, query), ("cursor", cursor)])
            pages.append(page)
        if page.status != 200:
            await respond(send, page.status, page.body, without_length(page.headers))
            return
        zone = dict(query).get("zone") or "UTC"
        content = await asyncio.to_thread(write, question, [one.body for one in pages], zone, form)
        headers = [
            (b"content-type", MEDIA_TYPES[form].encode()),
            (b"content-disposition", f'attachment; filename="{file_name(site, question, query)}.{form}"'.encode()),
            (b"cache-control", b"no-store"),
        ]
        if page.next():
            headers.append((CUT_HEADER, str(EXPORT_ROWS_MAX).encode()))
        await respond(send, 200, content, headers)

    async def _ask(self, scope: dict[str, Any], receive: Receive, query: list[tuple[str, str]]) -> Captured:
        answer = Captured()
        await self._api(scope | {"query_string": urlencode(query).encode()}, receive, answer.send)
        return answer


def named(query: list[tuple[str, str]]) -> bool:
    """Whether a form is named."""
    return any(name == "format" for name, _ in query)


def page_of(question: str, query: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """How many rows a list is asked for at once, unless the asker says how many they want."""
    is_list = question in ("events", "customers", "quarantine", "incidents") or question.endswith("/customers")
    return [("limit", str(PAGE_ROWS))] if is_list and not any(name == "limit" for name, _ in query) else []


async def refuse(form: str, send: Send) -> None:
    """Answer that there is no such form."""
    refused = RequestRefused("invalid_parameter", f"format is json, csv or parquet, not {form[:40]!r}.", "format")
    await respond(send, refused.status, msgspec.json.encode(refused.body()), [(b"content-type", b"application/json")])


def without_length(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers of an answer that is sent anew."""
    return [one for one in headers if one[0].lower() != b"content-length"]


class RawPage(msgspec.Struct):
    """A page whose items stay as they came."""

    items: list[msgspec.Raw]


def write(question: str, bodies: list[bytes], zone: str, form: FileForm) -> bytes:
    """The file of an answer, which came in one body, or of a list in several."""
    if question == "events":
        pages = [msgspec.json.decode(body, type=RawPage).items for body in bodies]
        found = events_sheet(bytes(item) for page in pages for item in page)
    else:
        answers: list[dict[str, Any]] = [msgspec.json.decode(body) for body in bodies]
        joined = answers[0] | {"items": [item for answer in answers for item in answer.get("items", ())]}
        found = sheet_of(question, joined, zone)
    return as_csv(*found) if form == "csv" else as_parquet(*found)


def file_name(site: str, question: str, query: list[tuple[str, str]]) -> str:
    """What a file is called: question, site and range."""
    asked = dict(query)
    days = [day_of(asked.get(name, "")) for name in ("from", "to")]
    return "-".join(part for part in (question.removeprefix("insights/").replace("/", "-"), site, *days) if part)


def day_of(ms: str) -> str:
    """The day of a moment in UTC; nothing where none is told."""
    try:
        return datetime.fromtimestamp(int(ms) / 1000, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def with_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A description in which every route that can be had as a file says so."""
    paths = {path: dict(item) for path, item in schema["paths"].items()}
    for path, item in paths.items():
        if DESCRIBED.match(path) and "get" in item:
            asked = item["get"]
            done = asked["responses"]["200"]
            files = {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA_TYPES.values()}
            answers = asked["responses"] | {"200": done | {"content": done["content"] | files}}
            item["get"] = asked | {"parameters": [*asked.get("parameters", ()), PARAMETER], "responses": answers}
    return {**schema, "paths": paths}
