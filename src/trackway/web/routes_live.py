"""The routes of what happens now: the stream, the panels beside it, and the pulse of the last half hour."""

import time
from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
import structlog
from litestar import get
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from trackway.control.directory import now_ms
from trackway.errors import RequestRefused
from trackway.insight.events import read_behind, read_latest
from trackway.insight.filters import EventFilter, check_uuid_parameter
from trackway.insight.live_now import NAMES_MAX, read_now
from trackway.insight.person import find_customer, show_row
from trackway.insight.pulse import HERE_MINUTES, pulse
from trackway.insight.question import Scope
from trackway.insight.tail import Filter, follow
from trackway.store.row import Row
from trackway.web.access import Access
from trackway.web.routes_read import (
    Action,
    AnyRequest,
    Channel,
    Country,
    Customer,
    Page,
    Session,
    Uuid,
    Words,
    is_sealed,
    param_filters,
    whom_asked,
)
from trackway.web.scope import FromSource, OfSegment
from trackway.web.segments import read_such, rows_of_members
from trackway.web.shapes import Pulse
from trackway.web.shapes_live import LiveNow

NOW_MINUTES_MAX = 60
TAIL_MAX = 500
KEEP_ALIVE_S = 10.0
RIGHT_CHECK_S = 2.0
"""How old the answer to "may they still read" may be in a live stream; looked at with each event and comment line."""

log = structlog.get_logger()


@get(
    "/sites/{site:str}/live",
    tags=["events"],
    summary="Each event as it is stored (Server-Sent Events)",
    media_type="text/event-stream",
)
async def live(  # noqa: PLR0913 - one argument a query parameter
    request: AnyRequest,
    access: Access,
    site: str,
    action: Action = None,
    uuid: Uuid = None,
    customer: Customer = None,
    words: Words = None,
    page: Page = None,
    channel: Channel = None,
    country: Country = None,
    source: FromSource = None,
    session: Session = None,
    segment: OfSegment = "",
    tail: Annotated[int, QueryParameter(ge=0, le=TAIL_MAX, description="First send the last N stored events.")] = 0,
    last_event_id: Annotated[str | None, HeaderParameter(name="last-event-id", required=False)] = None,
) -> Stream:
    """`id` is the resume position; `Last-Event-ID` goes on from there without loss or repeat. Nothing is sampled."""
    mine = access.site(site).id
    if segment:
        read_such(access.parts, access.site(site), segment)  # an unknown one is refused before the stream begins
    wanted = Filter(
        site=mine,
        action=action or "",
        uuid=check_uuid_parameter(uuid, "uuid") if uuid else "",
        customer=find_customer(access.parts.ledger.register, mine, customer) if customer else "",
        words=words or "",
        params=param_filters(request.query_params.multi_items()),
        page=page or "",
        channel=channel or "",
        country=country or "",
        source=source,
        session=check_uuid_parameter(session, "session") if session else "",
        sealed=is_sealed(access, mine),
    )
    resume = parse_resume(last_event_id) if last_event_id else None
    return Stream(
        stream_live(access, wanted, segment, resume, tail),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def stream_live(
    access: Access, wanted: Filter, segment: str, resume: int | None, tail: int
) -> AsyncIterator[bytes]:
    """The bytes of a live stream: the tail asked for, then everything that is stored from then on.

    It ends where the store cannot say who is in the segment, or there is none any more: its reader asks again, goes on
    from where it was, and is told why if that is of no use.
    """
    try:
        async for piece in pieces(access, wanted, segment, resume, tail):
            yield piece
    except RequestRefused as refused:
        log.info("a live stream ended", site=wanted.site, code=refused.code)


async def pieces(access: Access, wanted: Filter, segment: str, resume: int | None, tail: int) -> AsyncIterator[bytes]:
    """The same. Raises RequestRefused(not_found, query_stopped)."""
    parts = access.parts
    yield b"retry: 1000\n: connected\n\n"
    position = resume if resume is not None else parts.ring.newest
    if resume is None and tail:
        for row in await tail_rows(access, wanted, segment, tail):
            position = max(position, row.position)
            yield frame(row.position, msgspec.json.encode(show_row(parts.ledger.register, row, wanted.sealed)))

    async def read_page(site: str, after: int, most: int) -> list[Row]:
        return await read_behind(parts.pool, site, after, most)

    async def of_members(rows: list[Row]) -> list[Row]:
        return await rows_of_members(parts, access.site(wanted.site), segment, rows)

    admit, whole_of = of_members if segment else None, parts.ledger.register.whole
    checked_s = time.monotonic()
    async for at, event in follow(parts.ring, read_page, whole_of, wanted, position, KEEP_ALIVE_S, admit):
        if time.monotonic() - checked_s > RIGHT_CHECK_S:
            if not access.still_reads(wanted.site):
                return
            checked_s = time.monotonic()
        yield b": still here\n\n" if event is None else frame(at, event)


async def tail_rows(access: Access, wanted: Filter, segment: str, tail: int) -> list[Row]:
    """The last wanted events: from memory when enough of them are there, else from the store."""
    if not segment:
        recent = access.parts.ring.tail(wanted, access.parts.ledger.register.whole, tail)
        if len(recent) == tail:
            return recent
    whom = whom_asked(access, wanted.site, wanted.customer)
    question = EventFilter(
        wanted.site,
        wanted.action or None,
        (wanted.uuid,) if wanted.uuid else whom.uuids,
        words=wanted.words or None,
        params=wanted.params,
        customers=whom.customers or None,
        page=wanted.page or None,
        channel=wanted.channel or None,
        country=wanted.country or None,
        source=wanted.source,
        session=wanted.session or None,
        sealed=wanted.sealed,
        such=read_such(access.parts, access.site(wanted.site), segment) if segment else None,
    )
    return await read_latest(access.parts.pool, question, tail)


def frame(position: int, event: bytes) -> bytes:
    """One event of a live stream."""
    return b"event: event\nid: %d\ndata: %b\n\n" % (position, event)


def parse_resume(text: str) -> int:
    """A resume position. Raises RequestRefused(invalid_parameter)."""
    if not text.isascii() or not text.isdigit() or int(text) >= 2**63:
        raise RequestRefused("invalid_parameter", "Last-Event-ID must be an id of this stream.", "last-event-id")
    return int(text)


@get("/sites/{site:str}/insights/pulse", tags=["insights"], summary="Is it running, and how many are here?")
async def read_pulse(access: Access, site: str) -> Pulse:
    """The last half hour by minutes, and who is here now."""
    return msgspec.convert(await pulse(access.parts.pool, access.site(site).id, now_ms()), Pulse)


@get("/sites/{site:str}/live/now", tags=["insights"], summary="What is going on now?")
async def read_live_now(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    site: str,
    minutes: Annotated[int, QueryParameter(ge=HERE_MINUTES, le=NOW_MINUTES_MAX, description="The last N minutes.")] = 5,
    source: FromSource = None,
    segment: OfSegment = "",
    bots: Annotated[bool, QueryParameter(description="true: count events marked as a robot's too.")] = False,
    limit: Annotated[int, QueryParameter(ge=1, le=NAMES_MAX, description="Most names of each panel.")] = 5,
) -> LiveNow:
    """Who is here, how fast events arrive, and the pages, actions, channels, countries and sources they are about.

    Each name is a filter of the stream and of the search under the singular of its panel (`page=/cart`).
    """
    mine = access.site(site)
    such = read_such(access.parts, mine, segment) if segment else None
    scope = Scope(mine.id, source=source, bots=bots, segment=such)
    return msgspec.convert(await read_now(access.parts.pool, scope, minutes, limit, now_ms()), LiveNow)
