"""What held them longer than usual? Elements by what was done with them, and who lingers over one now.

Whether a hover was unusual was decided when it arrived (`load/usual.py`); it must never be judged anew here.
"""

from typing import Any

from trackway.insight.question import Scope, write_sql
from trackway.store.pool import Pool

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


def ask_lingering(site: str) -> tuple[str, dict[str, Any]]:
    """The question who lingers now, with its parameters."""
    where, values = Scope(site).where()
    return write_sql("lingering", WHERE=where), values


async def read_lingering(pool: Pool, site: str, limit: int, now_ms: int) -> list[dict[str, Any]]:
    """The unusual hovers of the last 10 minutes, the newest first, each with its customer."""
    sql, values = ask_lingering(site)
    return await pool.rows(sql, values | {"limit": limit, "arrived": now_ms - LINGERING_MS})
