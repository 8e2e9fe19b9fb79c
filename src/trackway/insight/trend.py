"""How does it go? Any action by time and breakdown: events, customers, sessions, or the sum and spread of a param.

Intervals begin by a zone's own clock; Python says where, the store only counts. It must never add up what does not
add up: totals of customers, sessions and percentiles are asked for the whole range.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from trackway.errors import RequestRefused
from trackway.insight.behind import Behind
from trackway.insight.question import UNITS, Scope, write_sql
from trackway.insight.stretches import QUARTER_MS, ask_stretches
from trackway.store.pool import Pool

INTERVALS_MAX = 1_000
SERIES_MAX = 50

Measure = Literal["events", "customers", "sessions", "sum", "mean", "p50", "p95", "min", "max"]
Interval = Literal["hour", "day", "week", "month"]

MEASURES: Mapping[str, str] = {
    "events": "sum(events)",
    "customers": "uniqExact(person)",
    "sessions": "uniqExact(unit)",
    "sum": "sum(number)",
    "mean": "avg(number)",
    "p50": "quantileExactInclusive(0.5)(number)",
    "p95": "quantileExactInclusive(0.95)(number)",
    "min": "min(number)",
    "max": "max(number)",
}
COUNTS = ("events", "customers", "sessions")
"""Measures that are 0 where nothing was; of the others nothing is known there."""
NUMBER = "JSONExtractFloat(params, {param:String})"
IS_NUMBER = "JSONType(params, {param:String}) IN ('Int64', 'UInt64', 'Double')"
BREAKDOWNS: Mapping[str, str] = {
    "": "''",
    "action": "toString(action)",
    "source": "toString(source)",
    "channel": "toString(channel)",
    "country": "toString(country)",
    "device": "toString(device)",
    "browser": "toString(browser)",
    "os": "toString(os)",
    "page": "page",
    "param": "if(JSONType(params, {by_param:String}) = 'String', JSONExtractString(params, {by_param:String}),"
    " JSONExtractRaw(params, {by_param:String}))",
}


class TrendQuestion(msgspec.Struct, frozen=True):
    """What by what: `param` for sums and percentiles; `breakdown` a property or `param.NAME`."""

    scope: Scope
    edges: tuple[int, ...]
    """Where the intervals begin (ms), in order; the first is not after the scope's begin."""
    measure: Measure = "events"
    param: str = ""
    breakdown: str = ""
    series: int = 8
    interval: Interval = "day"
    partial: tuple[int, ...] = ()
    """Those intervals that the scope holds only a part of, see `cut_short`."""


def interval_edges(since: int, until: int, interval: Interval, zone: str) -> tuple[int, ...]:
    """Where the intervals that cover [since, until) begin, ms, by the zone's clock; weeks on Mondays.

    Raises RequestRefused(invalid_parameter) for an unknown zone and for more than INTERVALS_MAX.
    """
    try:
        place = ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise RequestRefused("invalid_parameter", f"{zone!r} is no time zone such as Europe/Berlin.", "zone") from error
    try:
        return cut(dt.datetime.fromtimestamp(since / 1000, place), until, interval)
    except (ValueError, OSError, OverflowError) as error:
        raise RequestRefused("invalid_parameter", "The range leaves the years 1 to 9999.", "from") from error


def cut(at: dt.datetime, until: int, interval: Interval) -> tuple[int, ...]:
    """The edges from a moment on."""
    at = at.replace(minute=0, second=0, microsecond=0)
    if interval != "hour":
        at = at.replace(hour=0, day=1 if interval == "month" else at.day)
    if interval == "week":
        at -= dt.timedelta(days=at.weekday())
    edges = [epoch_ms(at)]
    while len(edges) <= INTERVALS_MAX:
        at = next_edge(at, interval)
        if epoch_ms(at) >= until:
            return tuple(edges)
        edges.append(epoch_ms(at))
    raise RequestRefused(
        "invalid_parameter", f"That is more than {INTERVALS_MAX} intervals; take longer ones.", "interval"
    )


def cut_short(edges: Sequence[int], since: int, until: int, interval: Interval, zone: str) -> tuple[int, ...]:
    """Which of the intervals of [since, until) lie only partly in it: none, the first, the last or both."""
    end = epoch_ms(next_edge(dt.datetime.fromtimestamp(edges[-1] / 1000, ZoneInfo(zone)), interval))
    begun = {edges[0]} if edges[0] < since else set[int]()
    unfinished = {edges[-1]} if until < end else set[int]()
    return tuple(sorted(begun | unfinished))


def epoch_ms(at: dt.datetime) -> int:
    """A moment in ms."""
    return int(at.timestamp() * 1000)


def next_edge(at: dt.datetime, interval: Interval) -> dt.datetime:
    """The begin of the next interval. Hours go on when the clock is turned back; days follow the clock."""
    if interval == "hour":
        return (at.astimezone(dt.UTC) + dt.timedelta(hours=1)).astimezone(at.tzinfo)
    if interval == "month":
        return at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)
    return at + dt.timedelta(days=7 if interval == "week" else 1)


def ask_trend(asked: TrendQuestion) -> tuple[str, str, dict[str, Any]]:
    """The question for the names, that for the series, and the parameters of both but `names`."""
    names, events, values = ask_events(asked)
    if asked.measure == "events":
        events = write_sql("trend_counts", EVENTS=events)
    return names, write_sql("trend", MEASURE=MEASURES[asked.measure], EVENTS=events), values


async def ask_trend_behind(pool: Pool, asked: TrendQuestion, at: int | None, name: str, other: bool) -> Behind:
    """The customers of an interval (None: of the whole range) of a series. `other`: of the one of all other names.

    Raises RequestRefused(invalid_parameter) where no interval begins there.
    """
    if at is not None and at not in asked.edges:
        raise RequestRefused("invalid_parameter", "No interval of this trend begins there; see its `times`.", "at")
    names_sql, events, values = ask_one_by_one(asked)
    takes = "told = {name:String}"
    if other:
        values["names"] = await read_names(pool, names_sql, values)
        takes = "NOT has({names:Array(String)}, told)"
    if at is not None:
        takes += " AND bucket = {at:Int64}"
    return Behind(write_sql("trend_behind", EVENTS=events), takes, values | {"name": name, "at": at or 0})


def ask_events(asked: TrendQuestion) -> tuple[str, str, dict[str, Any]]:
    """The question for the names (empty: there are none), that for what is measured, and the parameters of both."""
    if not is_of_all(asked):
        return ask_one_by_one(asked)
    stretches, values = ask_stretches(asked.scope, "events")
    values |= {"edges": list(asked.edges), "series": asked.series}
    return "", write_sql("trend_stretches", UNIT=UNITS["session"], STRETCHES=stretches), values


def ask_one_by_one(asked: TrendQuestion) -> tuple[str, str, dict[str, Any]]:
    """The same of each event that is measured."""
    where, values = asked.scope.where()
    values |= {"edges": list(asked.edges), "series": asked.series}
    if asked.measure not in COUNTS:
        where += f" AND {IS_NUMBER}"
        values["param"] = asked.param
    kind, _, by_param = asked.breakdown.partition(".")
    if by_param:
        values["by_param"] = by_param
    name, unit = BREAKDOWNS[kind], UNITS["session"]
    number = "0" if asked.measure in COUNTS else NUMBER
    events = write_sql("trend_events", NAME=name, UNIT=unit, NUMBER=number, WHERE=where)
    names = write_sql("trend_names", NAME=name, WHERE=where) if asked.breakdown else ""
    return names, events, values


def is_of_all(asked: TrendQuestion) -> bool:
    """Whether it counts all that was done, told apart by nothing but time: stretches are enough for that."""
    on_quarters = all(edge % QUARTER_MS == 0 for edge in asked.edges)
    return asked.measure in COUNTS and not asked.breakdown and on_quarters


async def read_trend(pool: Pool, asked: TrendQuestion) -> list[dict[str, Any]]:
    """A series for each name, those with the most events first, then one for all others where there are any."""
    names_sql, series_sql, values = ask_trend(asked)
    names = await read_names(pool, names_sql, values)
    rows = await pool.rows(series_sql, values | {"names": names}, heavy=True)
    return [*tell_series(rows, names, asked)]


async def read_names(pool: Pool, names_sql: str, values: dict[str, Any]) -> list[str]:
    """The names of the series that are told apart; one without a name where nothing is."""
    return [row["name"] for row in await pool.rows(names_sql, values, heavy=True)] if names_sql else [""]


def tell_series(rows: Sequence[dict[str, Any]], names: Sequence[str], asked: TrendQuestion) -> list[dict[str, Any]]:
    """Rows as series, with a value for each interval."""
    nothing = 0 if asked.measure in COUNTS else None
    places = {edge: number for number, edge in enumerate(asked.edges)}
    series: dict[tuple[bool, str], dict[str, Any]] = {}
    for row in rows:
        key = (bool(row["other"]), row["name"])
        empty = {"name": row["name"], "other": key[0], "total": nothing, "values": [nothing] * len(asked.edges)}
        told = series.setdefault(key, empty)
        if row["whole"]:
            told["total"] = row["value"]
        else:
            told["values"][places[row["bucket"]]] = row["value"]
    return sorted(series.values(), key=lambda one: (one["other"], 0 if one["other"] else names.index(one["name"])))
