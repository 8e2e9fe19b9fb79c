"""Trends against a slow, plain computation over made-up histories, on the real store; intervals by the clock."""

import asyncio
import datetime as dt
import itertools
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.test_elements import quantile
from tests.insight.told import HOUR, NOW, decoys, histories, page_of, put, unit_of, visits
from trackway.errors import RequestRefused
from trackway.insight.question import Scope
from trackway.insight.trend import COUNTS, Interval, Measure, TrendQuestion, cut_short, interval_edges, read_trend
from trackway.store.pool import Pool


def priced(price: Any, colour: Any) -> dict[str, Any]:
    """A purchase, as fields of a row."""
    return {"action": "shop.buy", "params": {"price": price, "colour": colour}, "device": "phone"}


purchases = st.builds(
    priced,
    st.one_of(st.integers(-5, 50), st.sampled_from([0.5, 2.25]), st.sampled_from(["10", None, True])),
    st.sampled_from(["red", "blue", "green", 7, None]),
)
questions = st.tuples(
    st.sampled_from(["", "shop.buy", "shop.*", "page.visit"]),
    st.sampled_from(get_args(Measure)),
    st.sampled_from(["", "action", "device", "page", "param.colour"]),
    st.integers(1, 3),
    st.sampled_from(["hour", "day"]),
)


def name_of(event: dict[str, Any], by: str) -> str:
    if by == "param.colour":
        value = event["params"].get("colour")
        return value if isinstance(value, str) else "" if "colour" not in event["params"] else str(value or "null")
    return {"": "", "action": event["action"], "device": event.get("device", ""), "page": page_of(event)}[by]


def measured(events: list[dict[str, Any]], measure: str) -> Any:
    if measure == "events":
        return len(events)
    if measure == "customers":
        return len({event["uuid"] for event in events})
    if measure == "sessions":
        return len({unit_of(event, "session") for event in events})
    numbers = [float(event["params"]["price"]) for event in events]
    if not numbers:
        return None
    plain = {"sum": sum(numbers), "mean": sum(numbers) / len(numbers), "min": min(numbers), "max": max(numbers)}
    return plain[measure] if measure in plain else quantile(numbers, {"p50": 0.5, "p95": 0.95}[measure])


def same(found: Any, expected: Any) -> bool:
    return found == expected or (None not in (found, expected) and abs(found - expected) < 1e-9)


@settings(max_examples=40, deadline=None)
@given(histories(st.one_of(purchases, purchases, visits)), questions)
def test_trends_agree_with_a_plain_computation(
    store: Pool, events: list[dict[str, Any]], wanted: tuple[str, Measure, str, int, Interval]
) -> None:
    site, stored = put(store, events)
    decoys(store, events)
    action, measure, by, series, interval = wanted
    since, until = NOW - 7 * HOUR, NOW - HOUR
    edges = interval_edges(since, until, interval, "Asia/Kolkata")
    asked = TrendQuestion(Scope(site, since, until, action=action), edges, measure, "price", by, series)

    found = asyncio.run(read_trend(store, asked))

    chosen = [one for one in stored if since <= one["time"] < until and one["source"] != "system"]
    chosen = [one for one in chosen if not action or one["action"].startswith(action.rstrip("*"))]
    if measure not in COUNTS:
        chosen = [one for one in chosen if type(one["params"].get("price")) in (int, float)]
    names: dict[str, int] = {}
    for event in chosen:
        names[name_of(event, by)] = names.get(name_of(event, by), 0) + 1
    top = [name for name, _ in sorted(names.items(), key=lambda one: (-one[1], one[0]))][: series if by else 1]
    groups = [(name, False, [one for one in chosen if name_of(one, by) == name]) for name in top]
    rest = [one for one in chosen if name_of(one, by) not in top]
    groups += [("", True, rest)] if rest else []
    assert [(one["name"], one["other"]) for one in found] == [(name, other) for name, other, _ in groups]
    for told, (_, _, mine) in zip(found, groups, strict=True):
        assert same(told["total"], measured(mine, measure))
        for start, end, value in zip(edges, [*edges[1:], until], told["values"], strict=True):
            within = [one for one in mine if start <= one["time"] < end]
            assert same(value, measured(within, measure))


def moment(text: str, zone: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("zone", "interval", "since", "until", "expected"),
    [
        ("UTC", "day", "2026-02-27T13:00", "2026-03-01T00:00", ["2026-02-27", "2026-02-28"]),
        ("UTC", "week", "2026-01-01T00:00", "2026-01-12T00:01", ["2025-12-29", "2026-01-05", "2026-01-12"]),
        ("UTC", "month", "2025-12-31T00:00", "2026-02-02T00:00", ["2025-12-01", "2026-01-01", "2026-02-01"]),
        # The clock is put forward on 29 March: that day has 23 hours.
        ("Europe/Berlin", "day", "2026-03-28T12:00", "2026-03-30T12:00", ["2026-03-28", "2026-03-29", "2026-03-30"]),
    ],
)
def test_intervals_begin_by_the_zones_clock(
    zone: str, interval: Interval, since: str, until: str, expected: list[str]
) -> None:
    edges = interval_edges(moment(since, zone), moment(until, zone), interval, zone)

    assert edges == tuple(moment(one, zone) for one in expected)


@pytest.mark.parametrize(
    ("interval", "since", "until", "expected"),
    [
        ("day", "2026-03-27T00:00", "2026-03-29T00:00", []),
        ("day", "2026-03-27T00:01", "2026-03-29T00:00", ["2026-03-27"]),
        ("day", "2026-03-27T00:00", "2026-03-29T23:59", ["2026-03-29"]),
        ("day", "2026-03-27T00:01", "2026-03-29T23:59", ["2026-03-27", "2026-03-29"]),
        ("day", "2026-03-29T00:01", "2026-03-29T23:59", ["2026-03-29"]),
        ("month", "2026-02-01T00:00", "2026-03-01T00:00", []),
        ("month", "2026-02-01T00:00", "2026-03-31T00:00", ["2026-03-01"]),
    ],
)
def test_intervals_that_the_range_holds_only_a_part_of_are_told(
    interval: Interval, since: str, until: str, expected: list[str]
) -> None:
    zone = "Europe/Berlin"
    within = (moment(since, zone), moment(until, zone), interval, zone)

    assert cut_short(interval_edges(*within), *within) == tuple(moment(one, zone) for one in expected)


def test_a_range_beyond_the_calendar_is_refused() -> None:
    for since, until in ((-(2**53), 0), (253_402_214_400_000, 2**53), (2**52, 2**53)):
        with pytest.raises(RequestRefused) as refused:
            interval_edges(since, until, "month", "UTC")

        assert refused.value.field in ("from", "interval")


def test_a_day_on_which_the_clock_is_put_back_has_25_hours() -> None:
    zone = "Europe/Berlin"
    edges = interval_edges(moment("2026-10-25", zone), moment("2026-10-26", zone), "hour", zone)

    assert len(edges) == 25
    assert {after - before for before, after in itertools.pairwise(edges)} == {HOUR}


@pytest.mark.parametrize(
    ("interval", "zone", "field"),
    [("hour", "UTC", "interval"), ("day", "Mars/Olympus", "zone"), ("day", "../x", "zone")],
)
def test_what_cannot_be_cut_is_refused(interval: Interval, zone: str, field: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        interval_edges(0, NOW, interval, zone)

    assert refused.value.field == field
