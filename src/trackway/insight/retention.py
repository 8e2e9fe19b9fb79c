"""Who came back? Customers by when they began, and how many of them returned in each period since."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from trackway.errors import RequestRefused
from trackway.insight.behind import Behind
from trackway.insight.question import Scope, fits, write_sql
from trackway.insight.stretches import ask_stretches
from trackway.store.pool import Pool

PERIODS_MAX = 60
COHORTS_MAX = 400
Period = Literal["day", "week", "month"]
BEGIN = {"day": "toDate", "week": "toMonday", "month": "toStartOfMonth"}
NUMBER = {"day": "toRelativeDayNum", "week": "toRelativeWeekNum", "month": "toRelativeMonthNum"}
NEVER = "bitShiftLeft(toInt256(1), 250)"
ALWAYS = "-bitShiftLeft(toInt256(1), 250)"


class RetentionQuestion(msgspec.Struct, frozen=True):
    """Whose return: `start` begins, `back` is coming back (pages, actions or patterns; empty: anything)."""

    scope: Scope
    start: str = ""
    back: str = ""
    period: Period = "week"
    periods: int = 8
    zone: str = "UTC"
    """An IANA time zone, in which days, weeks (from Monday) and months begin."""


def ask_retention(asked: RetentionQuestion) -> tuple[str, dict[str, Any]]:
    """The SQL with its parameters. Raises RequestRefused(invalid_parameter) for an unknown zone."""
    people, values = ask_people(asked)
    return write_sql("retention", PEOPLE=people), values


def ask_retention_behind(asked: RetentionQuestion, cohort: int, period: int | None) -> Behind:
    """The customers of a cohort (where its period begins, ms), or those of them who came back in a period since."""
    people, values = ask_people(asked)
    values |= {"cohort": cohort, "period": -1 if period is None else period}
    return Behind(people, "cohort = {cohort:Int64} AND has(periods, {period:Int64})", values)


def ask_people(asked: RetentionQuestion) -> tuple[str, dict[str, Any]]:
    """The SQL of who began when, and who of them came back when, with its parameters."""
    check_zone(asked.zone)
    deeds, values = ask_deeds(asked)
    values |= {"zone": asked.zone, "periods": asked.periods}
    begin, number = BEGIN[asked.period], NUMBER[asked.period]
    return write_sql("retention_people", BEGIN=begin, NUMBER=number, NEVER=NEVER, DEEDS=deeds), values


def ask_deeds(asked: RetentionQuestion) -> tuple[str, dict[str, Any]]:
    """The SQL of what begins and what is coming back, with its parameters."""
    if not asked.start and not asked.back:
        stretches, values = ask_stretches(asked.scope, "customer")
        return write_sql("retention_any", STRETCHES=stretches), values
    where, values = asked.scope.where("customer")
    begins, returns = fits("start", asked.start, values), fits("back", asked.back, values)
    told = {"BEGINS": begins, "RETURNS": returns, "NEVER": NEVER, "ALWAYS": ALWAYS}
    return write_sql("retention_deeds", WHERE=where, **told), values


def check_zone(zone: str) -> None:
    """Raise RequestRefused(invalid_parameter) for what is no time zone."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise RequestRefused(
            "invalid_parameter", f"There is no time zone {zone!r}; write Europe/Warsaw, or UTC.", "zone"
        ) from error


async def read_retention(pool: Pool, asked: RetentionQuestion, now_ms: int) -> dict[str, Any]:
    """The cohorts, the oldest first. `returned` has one number for each period that has begun by `until` or now."""
    sql, values = ask_retention(asked)
    rows = await pool.rows(sql, values, heavy=True)
    end = min(now_ms, now_ms if asked.scope.until is None else asked.scope.until - 1)
    return {"period": asked.period, "zone": asked.zone, "cohorts": tell_cohorts(rows, asked, end)}


def tell_cohorts(rows: Sequence[dict[str, Any]], asked: RetentionQuestion, end: int) -> list[dict[str, Any]]:
    """Rows (cohort, period, n) as cohorts."""
    sizes = {row["cohort"]: row["n"] for row in rows if row["period"] == -1}
    if len(sizes) > COHORTS_MAX:
        wanted = f"That makes {len(sizes)} cohorts, at most {COHORTS_MAX} are shown; ask for a shorter range."
        raise RequestRefused("invalid_parameter", wanted, "from")
    counts = {(row["cohort"], row["period"]): row["n"] for row in rows}
    return [
        {
            "start": cohort,
            "size": size,
            "returned": [counts.get((cohort, number), 0) for number in range(begun(cohort, end, asked))],
        }
        for cohort, size in sorted(sizes.items())
    ]


def begun(cohort: int, end: int, asked: RetentionQuestion) -> int:
    """How many periods from a cohort's own have begun by `end`, at most as many as were asked for."""
    start, number = local_day(cohort, asked.zone), 0
    last = local_day(end, asked.zone)
    while number < asked.periods and add_periods(start, number, asked.period) <= last:
        number += 1
    return number


def local_day(moment: int, zone: str) -> datetime:
    """The day of a moment (epoch ms) in a zone, as a plain date and time."""
    there = datetime.fromtimestamp(moment / 1000, UTC).astimezone(ZoneInfo(zone))
    return datetime(there.year, there.month, there.day, tzinfo=UTC)


def add_periods(day: datetime, number: int, period: Period) -> datetime:
    """The first day of the `number`-th period behind the one that begins with `day`."""
    if period == "month":
        months = day.year * 12 + day.month - 1 + number
        return day.replace(year=months // 12, month=months % 12 + 1, day=1)
    return day + timedelta(days=number * (7 if period == "week" else 1))
