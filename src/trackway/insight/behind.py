"""Who is behind a number? The customers of those units of a question that a condition takes.

Every question that has customers behind its numbers says which units those are; what is listed of them is asked here.
"""

from typing import Any, NamedTuple

from trackway.insight.filters import encode_cursor
from trackway.insight.question import write_sql
from trackway.store.pool import Pool

FIRST = (2**62, "\U0010ffff")
"""Before everybody: where the first page begins."""


class Behind(NamedTuple):
    """`units`: SQL of rows with `customer` and `last`; `takes`: the condition on them; `values`: what both bind."""

    units: str
    takes: str
    values: dict[str, Any]


async def list_behind(
    pool: Pool, behind: Behind, limit: int, before: tuple[int, str] | None
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the customers, the last seen first, each with how many units; and the next cursor."""
    last_seen, customer = before or FIRST
    asked = behind.values | {"limit": limit + 1, "before": last_seen, "before_customer": customer}
    found = await pool.rows(write_sql("behind", UNITS=behind.units, TAKES=behind.takes), asked, heavy=True)
    page = found[:limit]
    more = len(found) > limit
    return page, encode_cursor(page[-1]["last_seen"], str(page[-1]["customer"])) if more else None
