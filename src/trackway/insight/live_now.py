"""What is going on now? Who is here, how fast events arrive, and which pages, actions and sources they tell of."""

from typing import Any, Literal, get_args

from trackway.insight.question import Scope, write_sql
from trackway.store.pool import Pool

MINUTE_MS = 60_000
HERE_MS = 5 * MINUTE_MS
"""Somebody with an event of this long ago is here."""
NAMES_MAX = 20
"""Most names of a panel in one answer."""

Panel = Literal["pages", "actions", "channels", "countries", "sources"]
PANELS: tuple[Panel, ...] = get_args(Panel)


def ask_now(scope: Scope) -> tuple[str, dict[str, Any]]:
    """The question about the events since `scope.since` (epoch ms), with its parameters."""
    where, values = scope.where()
    return write_sql("live_now", WHERE=where), values


async def read_now(pool: Pool, scope: Scope, minutes: int, names: int, now_ms: int) -> dict[str, Any]:
    """The last `minutes` (5 or more) of the scope's site, source, robots and segment; of each panel `names` with most
    events.

    An event counts that both happened and arrived since then: what a device kept back for hours is not now.
    """
    since = now_ms - minutes * MINUTE_MS
    sql, values = ask_now(Scope(scope.site, since, None, scope.source, scope.bots, segment=scope.segment))
    values |= {"names": names, "here_since": now_ms - HERE_MS, "minute_since": now_ms - MINUTE_MS}
    rows = await pool.rows(sql, values, heavy=scope.segment is not None)
    (all_of_it,) = [row for row in rows if row["panel"] == "all"] or [{"events": 0, "customers": 0, "here": 0}]
    return {
        "since": since,
        "minutes": minutes,
        "visitors_now": all_of_it["here"],
        "events_per_second": all_of_it.get("last_minute", 0) / 60,
        "events": all_of_it["events"],
        "customers": all_of_it["customers"],
    } | {panel: panel_of(rows, panel) for panel in PANELS}


def panel_of(rows: list[dict[str, Any]], panel: Panel) -> dict[str, Any]:
    """One panel of the answer, with how many names there are in all."""
    here = [row for row in rows if row["panel"] == panel]
    items = [{name: row[name] for name in ("name", "events", "customers")} for row in here]
    return {"names": here[0]["names"] if here else 0, "items": items}
