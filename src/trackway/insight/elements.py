"""What held them longer than usual? Elements by what was done with them, and who lingers over one now.

Whether a hover was unusual was decided when it arrived (`load/usual.py`); it must never be judged anew here.
"""

from collections.abc import Mapping
from typing import Any, Literal

from trackway.insight.behind import Behind
from trackway.insight.question import Scope, write_sql
from trackway.store.pool import Pool

Did = Literal["viewed", "hovered", "clicked", "left", "unusual"]
DID: Mapping[Did, str] = {
    "viewed": "action = 'element.view'",
    "hovered": "action = 'element.hover'",
    "clicked": "action = 'element.click'",
    "left": "action = 'element.hover'"
    " AND customer NOT IN (SELECT customer FROM ($UNITS) WHERE action = 'element.click')",
    "unusual": "is_unusual",
}
"""Hovered over it and left: it was never clicked by that customer, in the same scope."""
LINGERING_MS = 10 * 60_000
"""How long ago a hover may be for "now"."""


def ask_elements(scope: Scope) -> tuple[str, dict[str, Any]]:
    """The question about elements, with its parameters."""
    where, values = scope.where()
    return write_sql("elements", WHERE=where), values


async def read_elements(pool: Pool, scope: Scope, limit: int) -> list[dict[str, Any]]:
    """At most `limit` elements, those with the most events first. Dwells in ms; null where nothing was hovered over."""
    sql, values = ask_elements(scope)
    return await pool.rows(sql, values | {"limit": limit}, heavy=True)


def ask_elements_behind(scope: Scope, element: str, did: Did) -> Behind:
    """The customers who did that with an element; each event is a unit."""
    where, values = scope.where()
    events = (
        f"{where} AND element = {{element:String}} AND action IN ('element.view', 'element.hover', 'element.click')"
    )
    units = write_sql("elements_behind", WHERE=events)
    return Behind(units, DID[did].replace("$UNITS", units), values | {"element": element})


def ask_lingering(site: str) -> tuple[str, dict[str, Any]]:
    """The question who lingers now, with its parameters."""
    where, values = Scope(site).where()
    return write_sql("lingering", WHERE=where), values


async def read_lingering(pool: Pool, site: str, limit: int, now_ms: int) -> list[dict[str, Any]]:
    """The unusual hovers of the last 10 minutes, the newest first, each with its customer."""
    sql, values = ask_lingering(site)
    return await pool.rows(sql, values | {"limit": limit, "arrived": now_ms - LINGERING_MS})
