"""Retention against a slow, plain computation over made-up histories, on the real store; calendars by a table."""

import asyncio
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.insight.asked import asked_about, fits, place_of, scopes
from tests.insight.told import DAY, HOUR, NOW, actions, decoys, histories, put, visits
from trackway.errors import RequestRefused
from trackway.insight.question import Scope
from trackway.insight.retention import RetentionQuestion, add_periods, ask_retention, begun, read_retention
from trackway.store.pool import Pool

questions = st.builds(
    RetentionQuestion,
    scope=scopes,
    start=st.sampled_from(["", "/", "a.one", "a.*", "page.visit"]),
    back=st.sampled_from(["", "/a", "b.one", "page.visit"]),
    period=st.sampled_from(["day", "week", "month"]),
    periods=st.integers(1, 8),
    zone=st.sampled_from(["UTC", "Europe/Warsaw", "America/New_York", "Asia/Kathmandu"]),
)
far_times = st.sampled_from([0, 1, 2 * HOUR, 20 * HOUR, DAY, 3 * DAY, 8 * DAY, 33 * DAY]).map(lambda ago: NOW - ago)


def there(event: dict[str, Any], zone: str) -> datetime:
    return datetime.fromtimestamp(event["time"] / 1000, UTC).astimezone(ZoneInfo(zone))


def start_of(moment: datetime, period: str) -> datetime:
    day = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day


def periods_between(first: datetime, later: datetime, period: str) -> int:
    if period == "month":
        return (later.year - first.year) * 12 + later.month - first.month
    return (later - first).days // (7 if period == "week" else 1)


def slow_cohorts(events: list[dict[str, Any]], asked: RetentionQuestion) -> dict[datetime, tuple[int, Counter[int]]]:
    """Cohorts by their first day: how many, and how many of them returned in each period."""
    people: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in asked_about(events, asked.scope, "customer"):
        people[event["uuid"]].append(event)
    sizes: Counter[datetime] = Counter()
    returned: dict[datetime, Counter[int]] = defaultdict(Counter)
    for told in people.values():
        begins = [event for event in told if fits(event, asked.start)]
        if not begins:
            continue
        first = min(begins, key=place_of)
        cohort = start_of(there(first, asked.zone), asked.period)
        sizes[cohort] += 1
        backs = [event for event in told if fits(event, asked.back) and place_of(event) > place_of(first)]
        days = [start_of(there(event, asked.zone), asked.period) for event in backs]
        returned[cohort].update({periods_between(cohort, day, asked.period) for day in days})
    return {cohort: (size, returned[cohort]) for cohort, size in sizes.items()}


def spread(events: list[dict[str, Any]], times: list[int]) -> list[dict[str, Any]]:
    """The events, over days and weeks; one that was sent again keeps its time."""
    at = {event["id"]: times[number % len(times)] for number, event in enumerate(events)}
    return [event | {"time": at[event["id"]]} for event in events]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(st.one_of(visits, actions)), st.lists(far_times, min_size=1, max_size=12), questions)
def test_retention_agrees_with_a_plain_computation(
    store: Pool, events: list[dict[str, Any]], times: list[int], asked: RetentionQuestion
) -> None:
    site, stored = put(store, spread(events, times))
    decoys(store, events)
    asked = msgspec.structs.replace(asked, scope=msgspec.structs.replace(asked.scope, site=site))

    answer = asyncio.run(read_retention(store, asked, NOW + 40 * DAY))

    wanted = slow_cohorts(stored, asked)
    assert len(answer["cohorts"]) == len(wanted)
    for cohort, (day, (size, returned)) in zip(answer["cohorts"], sorted(wanted.items()), strict=True):
        local = datetime.fromtimestamp(cohort["start"] / 1000, UTC).astimezone(ZoneInfo(asked.zone))
        assert (local.year, local.month, local.day) == (day.year, day.month, day.day)
        assert cohort["size"] == size
        assert cohort["returned"] == [returned[number] for number in range(len(cohort["returned"]))]
        assert 1 <= len(cohort["returned"]) <= asked.periods


@pytest.mark.parametrize(
    ("day", "number", "period", "expected"),
    [
        ("2026-12-31", 1, "day", "2027-01-01"),
        ("2026-11-23", 2, "week", "2026-12-07"),
        ("2026-11-01", 2, "month", "2027-01-01"),
        ("2026-01-01", 11, "month", "2026-12-01"),
        ("2026-01-01", 0, "month", "2026-01-01"),
    ],
)
def test_periods_follow_the_calendar(day: str, number: int, period: Any, expected: str) -> None:
    assert add_periods(datetime.fromisoformat(f"{day}T00:00:00Z"), number, period).date().isoformat() == expected


def test_a_period_that_has_not_begun_has_no_number() -> None:
    """Monday the 23rd in Warsaw: the cohort of the 9th has its third week, that of the 23rd its first."""
    now = int(datetime(2026, 11, 22, 23, 30, tzinfo=UTC).timestamp() * 1000)
    asked = RetentionQuestion(Scope("shop"), period="week", periods=8, zone="Europe/Warsaw")

    def weeks(day: int) -> int:
        return begun(int(datetime(2026, 11, day - 1, 23, tzinfo=UTC).timestamp() * 1000), now, asked)

    assert (weeks(9), weeks(16), weeks(23)) == (3, 2, 1)


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../etc/passwd", "", "UTC'", "\0"])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(RequestRefused, match="time zone"):
        ask_retention(RetentionQuestion(Scope("shop"), zone=zone))
