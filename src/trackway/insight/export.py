"""All events of a site in the order they arrived: a copy that can be gone on with later."""

from typing import Any

import msgspec

from trackway.books.register import Register
from trackway.insight.filters import decode_cursor, encode_cursor
from trackway.insight.person import show_rows
from trackway.store.pool import Pool
from trackway.store.row import COLUMNS, decode_rows

PAGE = """
SELECT %s FROM events
WHERE site = {site:String} AND position > {after:UInt64} AND time >= {since:Int64} AND time < {until:Int64}
ORDER BY position LIMIT {limit:UInt32}
"""
FIRST_MS, LAST_MS = -(2**62), 2**62


class ExportPage(msgspec.Struct):
    """Events as JSON, where the next page begins (None: there is no more now), and where a later export goes on."""

    items: list[msgspec.Raw]
    next: str | None
    cursor: str | None


async def export_page(  # noqa: PLR0913 - one argument a parameter of the question
    pool: Pool,
    register: Register,
    site: str,
    since: int | None,
    until: int | None,
    limit: int,
    cursor: str | None,
    sealed: bool = False,
) -> ExportPage:
    """Up to `limit` events that happened in [since, until) (epoch ms), in order of arrival, behind a cursor.

    Raises RequestRefused(invalid_parameter) for a cursor that is none.
    """
    after = decode_cursor(cursor, tuple[int])[0] if cursor else 0
    asked: dict[str, Any] = {
        "site": site,
        "after": max(after, 0),
        "since": FIRST_MS if since is None else since,
        "until": LAST_MS if until is None else until,
        "limit": limit + 1,
    }
    rows = decode_rows(await pool.lines(PAGE % COLUMNS, asked))
    page = rows[:limit]
    reached = encode_cursor(page[-1].position) if page else cursor
    items = [msgspec.Raw(msgspec.json.encode(event)) for event in show_rows(register, page, sealed)]
    return ExportPage(items, reached if len(rows) > limit else None, reached)
