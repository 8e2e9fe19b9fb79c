"""What simulated visitors do: believable, within the contract, the same for the same seed and clock.

Must never send anything; `test_visitors.py` does that.
"""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise
from random import Random
from statistics import median
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackway.demo import goods
from trackway.demo.crowd import PRESENT_MAX, Crowd
from trackway.demo.journeys import DAY_MS, FAULT_BEFORE_MS, REST_MS, History, history
from trackway.demo.pages import page
from trackway.demo.walk import Event, Json, uuid7

NOW_MS = 1_795_000_000_000
DAYS = 30
ROOT = "http://shop.example/demo/"
ACTION = re.compile(r"^[a-zA-Z0-9\.\-_]+$")
REQUIRED = {
    "page.visit": ["url"],
    "element.click": ["element"],
    "element.view": ["element"],
    "element.hover": ["element", "duration"],
    "form.submit": ["form"],
    "form.abandon": ["form"],
    "screen.view": ["name"],
    "screen.click": ["element"],
    "client.identify": ["customId", "email"],
}
BUILT_IN = {*REQUIRED, "error.javascript", "session.start", "app.start", "client.login", "client.logout"}


@cache
def month() -> History:
    return history(Random(7), NOW_MS, DAYS, ROOT)


@cache
def events() -> list[Event]:
    return [event for visit in month().journeys for event in visit.events]


def depth(value: Json) -> int:
    if isinstance(value, dict):
        return 1 + max((depth(each) for each in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((depth(each) for each in value), default=0)
    return 0


def values(action: str, param: str) -> list[Json]:
    return [event.params.get(param) for event in events() if event.action == action]


def test_same_seed_and_clock_give_the_same_events() -> None:
    again = history(Random(7), NOW_MS, DAYS, ROOT)
    other = history(Random(8), NOW_MS, DAYS, ROOT)

    assert again.journeys == month().journeys
    assert other.journeys[0].events[0].id != month().journeys[0].events[0].id


def test_the_fault_of_a_release_begins_with_it() -> None:
    errors = [event.time for event in events() if event.action == "error.javascript"]

    assert len(errors) >= 10
    assert min(errors) >= NOW_MS - FAULT_BEFORE_MS


def test_every_event_keeps_to_the_contract() -> None:
    for event in events():
        body = json.dumps(event.wire(), allow_nan=False)
        _, dot, activity = event.action.partition(".")
        assert ACTION.match(event.action) and len(event.action) <= 32 and dot and activity
        assert event.label is None or 0 < len(event.label) <= 256
        assert len(body.encode()) <= 32 * 1024
        assert len(event.params) <= 256 and all(len(name) <= 128 for name in event.params)
        assert depth(dict(event.params)) <= 5
        assert all(event.params.get(name) is not None for name in REQUIRED.get(event.action, []))
        # The server has a template for these; the shop's own events need a label.
        assert (event.label is None) == (event.action in BUILT_IN)


def test_ids_are_unique_and_carry_the_time() -> None:
    ids = [uuid.UUID(event.id) for event in events()]

    assert len(set(ids)) == len(ids)
    assert all(each.version == 7 and each.variant == uuid.RFC_4122 for each in ids)
    assert all(each.int >> 80 == event.time for each, event in zip(ids, events(), strict=True))


def test_times_are_in_order_and_within_the_range() -> None:
    for visit in month().journeys:
        times = [event.time for event in visit.events]
        assert times == sorted(times)
        assert times[0] >= NOW_MS - DAYS * DAY_MS and times[-1] <= NOW_MS
        assert times[-1] - times[0] < 30 * 60_000
    starts = [visit.events[0].time for visit in month().journeys]
    assert starts == sorted(starts)


def test_each_session_starts_once_and_first() -> None:
    sessions = [visit.session for visit in month().journeys]

    assert len(set(sessions)) == len(sessions)
    for visit in month().journeys:
        actions = [event.action for event in visit.events]
        assert actions[0] == "session.start" and actions.count("session.start") == 1
        assert {event.session for event in visit.events} == {visit.session}


def test_each_device_counts_without_a_gap_and_rests_between_visits() -> None:
    by_device: dict[str, list[Event]] = defaultdict(list)
    for visit in month().journeys:
        by_device[visit.visitor.uuid] += visit.events
    for own in by_device.values():
        assert [event.seq for event in own] == list(range(1, len(own) + 1))
        # A visit is never longer than 28 minutes, so 40 between two starts leave at least 12.
        apart = [b.time - a.time for a, b in pairwise(own) if a.session != b.session]
        assert all(gap >= REST_MS - 28 * 60_000 for gap in apart)
    left = {visitor.uuid: visitor.seq for visitor in month().visitors}
    assert all(left[device] == len(own) for device, own in by_device.items())


def test_pages_and_titles_are_those_of_the_shop() -> None:
    titles, visited = goods.titles(), set[str]()
    for event in events():
        if "url" not in event.params:
            continue
        url = str(event.params["url"])
        assert url.startswith(ROOT)
        path = urlsplit(url[len(ROOT) :]).path
        assert event.params["title"] == titles[path]
        visited.add(path)
    assert visited == set(titles), "a month of visitors opens every page"
    assert all(page(path, "") is not None for path in visited)


def test_elements_and_forms_are_tagged_in_the_shop() -> None:
    shown = b"".join(answer.content for path in goods.titles() if (answer := page(path, ""))).decode()

    for action in ("element.view", "element.hover", "element.click"):
        assert all(f'data-track="{name}"' in shown for name in set(values(action, "element")))
    for action in ("form.submit", "form.abandon"):
        assert all(f'data-track-form="{name}"' in shown for name in set(values(action, "form")))


def test_one_banner_holds_people_longer() -> None:
    held: dict[str, list[int]] = defaultdict(list)
    for event in events():
        duration = event.params.get("duration")
        if event.action == "element.hover" and isinstance(duration, int):
            held[str(event.params["element"])].append(duration)
    usual = max(median(each) for name, each in held.items() if name != "banner-summer")

    assert set(held) == {banner.name for banner in goods.BANNERS}
    assert median(held["banner-summer"]) > 2 * usual
    assert all(len(each) > 50 for each in held.values())


def test_touch_screens_do_not_hover() -> None:
    for visit in month().journeys:
        if visit.visitor.device.touch:
            assert not any(event.action == "element.hover" for event in visit.events)


def test_volume_variety_and_rhythm() -> None:
    actions = Counter(event.action for event in events())
    hours = Counter(event.time // 3_600_000 % 24 for event in events() if event.time < NOW_MS - DAY_MS)
    sources = {urlsplit(str(url)).netloc for url in values("page.visit", "referrer") if url}
    campaigns = {name for url in values("page.visit", "url") for name in parse_qs(urlsplit(str(url)).query)}

    assert 10_000 <= len(events()) <= 20_000
    assert set(actions) >= {
        *BUILT_IN,
        "product.view",
        "product.addToCart",
        "product.removeFromCart",
        "client.search",
    }
    assert actions["transaction.charge"] > 60 and actions["form.abandon"] > 30
    assert sum(hours[hour] for hour in range(18, 22)) > 4 * sum(hours[hour] for hour in range(1, 5))
    assert len(sources) == 4 and {"utm_source", "utm_medium", "utm_campaign"} <= campaigns


def test_people_come_back_and_some_come_on_two_devices() -> None:
    visits = Counter(visit.visitor.uuid for visit in month().journeys)
    devices: dict[Json, set[str]] = defaultdict(set)
    for visit in month().journeys:
        for event in visit.events:
            if event.action == "client.identify":
                devices[event.params["customId"]].add(visit.visitor.uuid)

    assert sum(count > 1 for count in visits.values()) > 150
    assert sum(len(own) == 2 for own in devices.values()) > 10
    assert {visit.visitor.device.kind for visit in month().journeys} == {"web", "app", "bot"}


@pytest.mark.parametrize("days", [1, 3])
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(), now_ms=st.integers(10**12, 4 * 10**12))
def test_any_seed_and_clock_stay_within_the_range(days: int, seed: int, now_ms: int) -> None:
    for visit in history(Random(seed), now_ms, days, ROOT).journeys:
        assert visit.events[0].action == "session.start"
        assert now_ms - days * DAY_MS <= visit.events[0].time
        assert visit.events[-1].time <= now_ms


@given(st.integers(), st.integers(0, 2**48 - 1))
def test_uuid7_carries_any_time(seed: int, time_ms: int) -> None:
    made = uuid.UUID(uuid7(Random(seed), time_ms))

    assert (made.version, made.variant, made.int >> 80) == (7, uuid.RFC_4122, time_ms)


def test_crowd_hands_out_each_event_once_when_it_is_due() -> None:
    """Ten minutes of a shop, on a clock of our own."""
    crowd = Crowd(Random(3), month().visitors, ROOT)
    handed: list[Event] = []
    for now_ms in range(NOW_MS, NOW_MS + 600_000, 200):
        due = crowd.due(now_ms)
        assert len({visit.session for visit, _ in due}) <= PRESENT_MAX
        assert all(now_ms - 200 < event.time <= now_ms or now_ms == NOW_MS for _, event in due)
        handed += [event for _, event in due]

    by_session: dict[str, list[int]] = defaultdict(list)
    for event in handed:
        by_session[event.session].append(event.seq)
    assert len({event.id for event in handed}) == len(handed)
    assert all(own == list(range(own[0], own[0] + len(own))) for own in by_session.values())
    assert 1 <= len(handed) / 600 <= 3
