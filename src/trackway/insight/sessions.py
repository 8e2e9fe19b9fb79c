"""What sessions were there: how many, how long, where they began and ended, and how many left at once?"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from trackway.insight.behind import Behind
from trackway.insight.properties import property_sql
from trackway.insight.question import Scope, write_sql
from trackway.insight.retention import check_zone
from trackway.insight.stretches import ask_stretches
from trackway.store.pool import Pool

SHOWN = 20
"""Most pages, and values of a breakdown, that are listed."""
DAYS_MAX = 400
DAY = """toString(toUnixTimestamp(toStartOfDay(
        toDateTime(intDiv(least(greatest(began, 0), 4102444800000), 1000), {zone:String}))) * 1000)"""
Kind = Literal["total", "days", "entries", "exits", "breakdown"]
TAKES: Mapping[Kind, str] = {
    "total": "true",
    "days": "day = {value:String}",
    "entries": "entry = {value:String}",
    "exits": "exit = {value:String}",
    "breakdown": "property = {value:String}",
}


class SessionsQuestion(msgspec.Struct, frozen=True):
    """Which sessions: those with an event in the scope. `breakdown`: a property of the session's first event."""

    scope: Scope
    breakdown: str = ""
    zone: str = "UTC"


def ask_sessions(asked: SessionsQuestion) -> tuple[str, dict[str, Any]]:
    """The SQL that counts sessions, with its parameters. Raises RequestRefused(invalid_parameter)."""
    each, values = ask_each(asked)
    return write_sql("sessions_counts", SESSIONS=each, DAY=DAY), values


def ask_sessions_behind(asked: SessionsQuestion, kind: Kind, value: str, bounced: bool) -> Behind:
    """The customers of all sessions, or of those with something in common; `bounced`: only of those that have."""
    each, values = ask_each(asked)
    takes = TAKES[kind] + (" AND bounced" if bounced else "")
    return Behind(write_sql("sessions_behind", SESSIONS=each, DAY=DAY), takes, values | {"value": value})


def ask_each(asked: SessionsQuestion) -> tuple[str, dict[str, Any]]:
    """The SQL of each session, with its parameters."""
    check_zone(asked.zone)
    values: dict[str, Any] = {"zone": asked.zone, "most": DAYS_MAX}
    told_apart = property_sql(asked.breakdown, values) if asked.breakdown else ""
    stretches, more = ask_stretches(asked.scope, "session", property_sql=told_apart)
    return write_sql("sessions", STRETCHES=stretches), values | more


async def read_sessions(pool: Pool, asked: SessionsQuestion) -> dict[str, Any]:
    """All sessions together, by day, by the page they began and ended with, and by the breakdown."""
    sql, values = ask_sessions(asked)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in await pool.rows(sql, values, heavy=True):
        found.setdefault(row["kind"], []).append(told(row))
    empty = told(dict.fromkeys(("sessions", "customers", "bounces", "pages", "length_sum"), 0) | {"value": ""})
    days = [one | {"value": int(one["value"])} for one in found.get("days", [])]
    return {
        "total": found.get("total", [empty])[0],
        "days": sorted(days, key=lambda one: one["value"]),
        "entries": found.get("entries", [])[:SHOWN],
        "exits": found.get("exits", [])[:SHOWN],
        "breakdown": found.get("breakdown", [])[:SHOWN] if asked.breakdown else None,
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
