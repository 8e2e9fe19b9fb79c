"""The quality routes: the ledger, gaps, the quarantine and its replays, and what became of one event."""

import asyncio
from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.params import QueryParameter
from litestar.response import Response

from trackway.books import BalanceFilter, QuarantineFilter
from trackway.books.quarantine import SAMPLED_SHARE
from trackway.control.directory import now_ms
from trackway.errors import RequestRefused
from trackway.event import Source
from trackway.folder import SPOOL_NAME
from trackway.insight.filters import check_uuid_parameter, decode_cursor, encode_cursor
from trackway.insight.gaps import DEVICES_MAX, find_gaps
from trackway.insight.verdict import explain
from trackway.web.access import Access
from trackway.web.routes_read import MS_MAX, Cursor, CursorPosition, Limit, Since, Until, encoded, is_sealed
from trackway.web.shapes_quality import (
    GapPage,
    LedgerShape,
    NewReplay,
    QuarantinedShape,
    QuarantinePage,
    ReplayFilter,
    ReplayPage,
    ReplayShape,
    VerdictShape,
)

HOUR_MS = 3_600_000
STEPS_MS = {"minute": 60_000, "hour": HOUR_MS, "day": 24 * HOUR_MS}
LAST = 2**63 - 1
ANSWER_WAITS_S = 2.0
"""A small replay is done within this time, and its answer says so."""
LOOK_S = 0.05

Step = Annotated[Literal["minute", "hour", "day"], QueryParameter(description="Length of an interval, in UTC.")]
Key = Annotated[str | None, QueryParameter(max_length=128, description="Sent with this key.")]
Code = Annotated[str | None, QueryParameter(max_length=40, description="Only this reason.")]
GapLimit = Annotated[int, QueryParameter(ge=1, le=DEVICES_MAX, description="Most devices.")]


@get("/sites/{site:str}/ledger", tags=["quality"], summary="The balance of what was received")
async def read_ledger(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    site: str,
    since: Since = None,
    until: Until = None,
    step: Step = "minute",
    key: Key = None,
    source: Annotated[Source | None, QueryParameter(description="From this source.")] = None,
    gaps: Annotated[
        bool, QueryParameter(description="false: leave out the gaps, which are a question of their own.")
    ] = True,
) -> LedgerShape:
    """By time of receipt, whole minutes; the last 24 hours unless told otherwise. Gaps come from the devices' `seq`."""
    since, until = last_day(since, until)
    wanted = BalanceFilter(access.site(site).id, since, until, STEPS_MS[step], key or None, source)
    balance = await asyncio.to_thread(access.parts.ledger.balance, wanted)
    found = await find_gaps(access.parts.pool, access.parts.ledger, site, since, until) if gaps else []
    return msgspec.convert(balance | {"gaps": found}, LedgerShape)


@get("/sites/{site:str}/gaps", tags=["quality"], summary="Devices whose own counting shows events that never came")
async def read_gaps(
    access: Access, site: str, since: Since = None, until: Until = None, limit: GapLimit = 20
) -> GapPage:
    """The widest gaps first, of what was received in the last 24 hours unless told otherwise."""
    since, until = last_day(since, until)
    found = await find_gaps(access.parts.pool, access.parts.ledger, access.site(site).id, since, until, limit)
    return msgspec.convert({"items": found}, GapPage)


@get("/sites/{site:str}/quarantine", tags=["quality"], summary="Rejected events, newest first")
async def read_quarantine(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    site: str,
    code: Code = None,
    action: Annotated[str | None, QueryParameter(max_length=64, description="Exactly this action.")] = None,
    uuid: Annotated[str | None, QueryParameter(description="Exactly this uuid.")] = None,
    key: Key = None,
    since: Since = None,
    until: Until = None,
    words: Annotated[
        str | None, QueryParameter(name="q", max_length=200, description="Part of the event, its message or origin.")
    ] = None,
    replayed: Annotated[bool | None, QueryParameter(description="Only those that were replayed, or were not.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[QuarantinePage]:
    """Each with its reason and as it was received. All filters hold at once."""
    asked = ReplayFilter(code, action, uuid, key, since, until, words)
    before = decode_cursor(cursor, tuple[CursorPosition])[0] if cursor else LAST
    wanted = quarantine_filter(access, site, asked, before, limit + 1, replayed)
    found = await asyncio.to_thread(access.parts.ledger.quarantine, wanted)
    page = found[:limit]
    following = None if len(found) <= limit else encode_cursor(page[-1]["position"])
    held, most = await asyncio.to_thread(access.parts.ledger.held, site)
    state = {"bytes": held, "limit_bytes": most, "full": held >= most * (1 - 2 * SAMPLED_SHARE)}
    return encoded({"items": page, "next": following, **state}, QuarantinePage)


@get("/sites/{site:str}/quarantine/{item:str}", tags=["quality"], summary="One rejected event")
async def read_quarantined(access: Access, site: str, item: str) -> Response[QuarantinedShape]:
    """By its position, or by the event's id: then the newest that had it."""
    name: int | str = int(item) if item.isascii() and item.isdigit() and int(item) <= LAST else item
    wanted = QuarantineFilter(access.site(site).id, limit=1, ids=(name,), sealed=is_sealed(access, site))
    found = await asyncio.to_thread(access.parts.ledger.quarantine, wanted)
    if not found:
        raise RequestRefused("not_found", f"The quarantine of site {site} has no event {item!r}.")
    return encoded(found[0], QuarantinedShape)


@post("/sites/{site:str}/quarantine/replay", tags=["quality"], summary="Judge rejected events again", status_code=200)
async def start_replay(access: Access, site: str, data: NewReplay) -> ReplayShape:
    """By today's settings of the site. Each is stored at most once, however often this is asked; those refused again
    stay, with their new reason. Large replays go on after the answer: ask for them by their id.
    """
    mine = access.site(site, "edit").id
    if (data.ids is None) == (data.filter is None):
        raise RequestRefused("invalid_parameter", 'Give either ids or a filter; {"filter": {}} is all of them.', "ids")
    wanted = quarantine_filter(access, mine, data.filter or ReplayFilter())
    if data.ids is not None:
        wanted = msgspec.structs.replace(wanted, ids=tuple(data.ids))
    ledger = access.parts.ledger
    replay = await asyncio.to_thread(ledger.start_replay, wanted, now_ms())
    access.parts.replays.wake()
    for _ in range(int(ANSWER_WAITS_S / LOOK_S)):
        if (await one_replay(access, mine, replay)).done:
            break
        await asyncio.sleep(LOOK_S)
    return await one_replay(access, mine, replay)


@get("/sites/{site:str}/replays", tags=["quality"], summary="Replays, the newest first")
async def read_replays(access: Access, site: str, limit: Limit = 20, cursor: Cursor = None) -> ReplayPage:
    """What was replayed, and what became of it."""
    upto = decode_cursor(cursor, tuple[CursorPosition])[0] if cursor else LAST
    found = await asyncio.to_thread(access.parts.ledger.replays, access.site(site).id, upto, limit + 1)
    following = encode_cursor(found[limit]["id"]) if len(found) > limit else None
    return msgspec.convert({"items": found[:limit], "next": following}, ReplayPage)


@get("/sites/{site:str}/replays/{replay:int}", tags=["quality"], summary="One replay")
async def read_replay(access: Access, site: str, replay: int) -> ReplayShape:
    """How far it is."""
    return await one_replay(access, access.site(site).id, replay)


@get("/sites/{site:str}/events/{event:str}/verdict", tags=["quality"], summary="What became of one event")
async def read_verdict(access: Access, site: str, event: str) -> Response[VerdictShape]:
    """Stored, come again, refused, replayed, on its way, or never seen: why an event is or is not there."""
    mine = frozenset({access.site(site).id})
    event_id = check_uuid_parameter(event, "event")
    parts, sealed = access.parts, is_sealed(access, site)
    told = await parts.pool.use(
        lambda connection: explain(connection, parts.ledger, parts.config.data / SPOOL_NAME, event_id, mine, sealed)
    )
    return encoded(told, VerdictShape)


async def one_replay(access: Access, site: str, replay: int) -> ReplayShape:
    """A replay by its number. Raises RequestRefused(not_found)."""
    found = await asyncio.to_thread(access.parts.ledger.replays, site, min(replay, LAST), 1) if replay > 0 else []
    if not found or found[0]["id"] != replay:
        raise RequestRefused("not_found", f"Site {site} has no replay {replay}.")
    return msgspec.convert(found[0], ReplayShape)


def quarantine_filter(  # noqa: PLR0913 - what is asked, by whom, and which page of it
    access: Access, site: str, asked: ReplayFilter, before: int = LAST, limit: int = 1, replayed: bool | None = None
) -> QuarantineFilter:
    """The rows that a filter of the API wants, of a site that this asker may read.

    Raises RequestRefused(not_found), and invalid_parameter for a uuid that is none.
    """
    return QuarantineFilter(
        access.site(site).id,
        before,
        asked.code or None,
        -MS_MAX if asked.from_ is None else within(asked.from_),
        MS_MAX if asked.to is None else within(asked.to),
        limit,
        asked.action or None,
        check_uuid_parameter(asked.uuid, "uuid") if asked.uuid else None,
        asked.key or None,
        asked.q or None,
        replayed,
        sealed=is_sealed(access, site),
    )


def within(ms: int) -> int:
    """A time that the books can compare."""
    return max(-MS_MAX, min(ms, MS_MAX))


def last_day(since: int | None, until: int | None) -> tuple[int, int]:
    """A time range, by default the last 24 hours and the minute that has begun."""
    until = now_ms() + 60_000 if until is None else until
    return until - 24 * HOUR_MS if since is None else since, until
