"""The routes behind `trackway import` and `trackway export`: lines of a file in, all events in order of arrival out."""

import re
from typing import Annotated, cast

import msgspec
from litestar import MediaType, get, post
from litestar.params import QueryParameter
from litestar.response import Response

from trackway.collect.app import SERVER_BYTES_MAX
from trackway.collect.imports import take_import
from trackway.errors import RequestRefused
from trackway.insight.export import ExportPage, export_page
from trackway.web.access import Access
from trackway.web.routes_read import AnyRequest, Since, Until, is_sealed
from trackway.web.shapes import EventShape

IMPORT_NAME = re.compile(r"[a-z0-9-]{1,40}\Z")
EXPORT_EVENTS_MAX = 10_000

ExportLimit = Annotated[int, QueryParameter(ge=1, le=EXPORT_EVENTS_MAX, description="Most events in this answer.")]
ExportCursor = Annotated[str | None, QueryParameter(description="`next` or `cursor` of an answer before.")]


class ImportRefusal(msgspec.Struct):
    """An event that was refused: its place among the lines sent (from 0), and why."""

    index: int
    id: str | None
    code: str
    message: str
    field: str | None


class ImportAnswer(msgspec.Struct):
    """What became of the lines, once they are on disk."""

    accepted: int
    rejected: list[ImportRefusal]
    now: int


class ExportShape(msgspec.Struct):
    """Events in order of arrival. `next` is there while there are more; `cursor` goes on from here at any time."""

    items: list[EventShape]
    next: str | None = None
    cursor: str | None = None


@post(
    "/sites/{site:str}/imports/{name:str}",
    tags=["files"],
    summary="Some lines of a file of events",
    status_code=200,
    request_max_body_size=SERVER_BYTES_MAX,
)
async def import_events(request: AnyRequest, access: Access, site: str, name: str) -> Response[ImportAnswer]:
    """The body is NDJSON, at most 10,000 events. `name` is what the caller calls the import: the ledger and the
    quarantine have it as key. The events' source is `import`; give them ids, so that none counts twice.
    """
    into, parts = access.site(site, "events:write"), access.parts
    if not IMPORT_NAME.match(name):
        raise RequestRefused("invalid_parameter", "An import's name is 1-40 of a-z 0-9 and hyphens.", "name")
    body = await request.body()
    answer = await take_import(parts.spool, parts.ledger, into, parts.directory.catalogue(into.id), name, body)
    return cast("Response[ImportAnswer]", Response(answer, media_type=MediaType.JSON))


@get("/sites/{site:str}/export", tags=["files"], summary="All events, in the order they arrived")
async def export_events(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    site: str,
    since: Since = None,
    until: Until = None,
    limit: ExportLimit = 1_000,
    cursor: ExportCursor = None,
) -> Response[ExportShape]:
    """Page by page by `next`. The last answer's `cursor` begins the next export: it has what arrived since then."""
    mine, parts = access.site(site).id, access.parts
    page: ExportPage = await export_page(
        parts.pool, parts.ledger.register, mine, since, until, limit, cursor, is_sealed(access, mine)
    )
    return cast("Response[ExportShape]", Response(msgspec.json.encode(page), media_type=MediaType.JSON))
