"""What sessions were there: how many, how long, where they began and ended, and how many left at once?"""

from typing import Any

import msgspec

from trackway.insight.properties import property_sql
from trackway.insight.question import Scope, write_sql
from trackway.insight.retention import check_zone
from trackway.store.pool import Pool

PASSIVE = (
    "page.visit", "screen.view", "session.start", "session.end", "app.start", "element.view", "element.hover",
    "scroll.depth", "web.vital", "error.javascript",
)  # fmt: skip
"""Actions that are no sign of having done anything. A session of these and at most one page has bounced."""
SHOWN = 20
"""Most pages, and values of a breakdown, that are listed."""
DAYS_MAX = 400


class SessionsQuestion(msgspec.Struct, frozen=True):
    """Which sessions: those with an event in the scope. `breakdown`: a property of the session's first event."""

    scope: Scope
    breakdown: str = ""
    zone: str = "UTC"


def ask_sessions(asked: SessionsQuestion, key: str = "''", order: str = "value") -> tuple[str, dict[str, Any]]:
    """The SQL that counts sessions by a key, with its parameters. Raises RequestRefused(invalid_parameter)."""
    check_zone(asked.zone)
    where, values = asked.scope.where()
    values |= {"passive": list(PASSIVE), "zone": asked.zone}
    prop = property_sql(asked.breakdown, values) if asked.breakdown else "''"
    sessions = write_sql("sessions", WHERE=where, PROPERTY=prop)
    shown = "value != ''" if key in ("entry", "exit") else "true"
    values["most"] = DAYS_MAX if order == "value" else SHOWN
    return write_sql("sessions_counts", KEY=key, SESSIONS=sessions, SHOWN=shown, ORDER=order), values


MOMENT = "toDateTime(intDiv(least(greatest(began, 0), 4102444800000), 1000), {zone:String})"
DAY = f"toUnixTimestamp(toStartOfDay({MOMENT})) * 1000"
MOST_FIRST = "sessions DESC, value"


async def read_sessions(pool: Pool, asked: SessionsQuestion) -> dict[str, Any]:
    """All sessions together, by day, by the page they began and ended with, and by the breakdown."""

    async def count(key: str = "''", order: str = "value") -> list[dict[str, Any]]:
        sql, values = ask_sessions(asked, key, order)
        return [told(row) for row in await pool.rows(sql, values, heavy=True)]

    empty = told(dict.fromkeys(("sessions", "customers", "bounces", "pages", "length_sum"), 0) | {"value": ""})
    return {
        "total": next(iter(await count()), empty),
        "days": await count(DAY),
        "entries": await count("entry", MOST_FIRST),
        "exits": await count("exit", MOST_FIRST),
        "breakdown": await count("property", MOST_FIRST) if asked.breakdown else None,
    }


def told(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its shares; means are None where there is nothing to take them of."""
    n = row["sessions"]
    return {
        "value": row["value"],
        "sessions": n,
        "customers": row["customers"],
        "bounces": row["bounces"],
        "bounce_rate": row["bounces"] / n if n else None,
        "pages_mean": row["pages"] / n if n else None,
        "length_mean": row["length_sum"] / n if n else None,
        "length_p50": row.get("length_p50"),
        "length_p90": row.get("length_p90"),
    }
