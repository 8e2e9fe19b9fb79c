"""Which events were there? Search, newest first; one event; the tail in order of arrival."""

from typing import Any

import msgspec

from trackway.books.register import Register
from trackway.errors import RequestRefused
from trackway.insight.filters import EventFilter, check_uuid_parameter, encode_cursor, where
from trackway.insight.person import show_row
from trackway.store.pool import Pool
from trackway.store.row import COLUMNS, Row, decode_rows

RECENT_MS = 3_600_000
"""A first page is looked for in the last hour before everything is asked: most often it is found there."""

PAGE = "SELECT %s FROM events WHERE %s ORDER BY time DESC, position DESC LIMIT {limit:UInt32}"
LATEST = "SELECT %s FROM events WHERE %s ORDER BY position DESC LIMIT {limit:UInt32}"
ONE = "toUInt128(id) = toUInt128({id:UUID}) AND site = {site:String}"
BEHIND = """
SELECT %s FROM events WHERE site = {site:String} AND position > {after:UInt64} ORDER BY position LIMIT {limit:UInt32}
"""


async def search(pool: Pool, wanted: EventFilter, limit: int, now_ms: int) -> tuple[list[Row], str | None]:
    """A page of events, newest first, and the cursor of the next page."""
    rows: list[Row] = []
    of_all = wanted.uuids is None and wanted.customers is None
    if of_all and wanted.since is None and wanted.until is None and wanted.before is None:
        rows = await find(pool, msgspec.structs.replace(wanted, since=now_ms - RECENT_MS), limit + 1)
    if len(rows) <= limit:
        rows = await find(pool, wanted, limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, encode_cursor(rows[-1].time, rows[-1].position) if more else None


async def find(pool: Pool, wanted: EventFilter, limit: int) -> list[Row]:
    """The newest events that a filter wants."""
    conditions, values = where(wanted)
    sql = PAGE % (COLUMNS, conditions)
    return decode_rows(await pool.lines(sql, values | {"limit": limit}, heavy=wanted.is_heavy))


async def read_event(pool: Pool, register: Register, site: str, event: str, sealed: bool = False) -> dict[str, Any]:
    """One event, whole; `sealed`: without what was put into a form. Raises RequestRefused(not_found)."""
    event = check_uuid_parameter(event, "id")
    rows = decode_rows(await pool.lines(PAGE % (COLUMNS, ONE), {"site": site, "id": event, "limit": 1}))
    if not rows:
        raise RequestRefused("not_found", f"Site {site} has no event {event}; `trackway doctor {event}` says why.")
    return show_row(register, rows[0], sealed)


async def read_behind(pool: Pool, site: str, after: int, limit: int) -> list[Row]:
    """Events of a site above a position, in order of arrival."""
    return decode_rows(await pool.lines(BEHIND % COLUMNS, {"site": site, "after": after, "limit": limit}))


async def read_latest(pool: Pool, wanted: EventFilter | None, limit: int) -> list[Row]:
    """The last events to arrive, the oldest of them first. None: of all sites."""
    conditions, values = where(wanted) if wanted is not None else ("1", {})
    heavy = wanted is not None and wanted.is_heavy
    return decode_rows(await pool.lines(LATEST % (COLUMNS, conditions), values | {"limit": limit}, heavy))[::-1]
