"""What is going on now, against a slow, plain computation on the real store; and pages told in Python."""

import asyncio
import json
import uuid
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.insight.told import NOW, actions, decoys, histories, page_of, put, screens, visits
from trackway.insight.live_now import HERE_MS, MINUTE_MS, PANELS, read_now
from trackway.insight.page import page_of as page_in_memory
from trackway.insight.question import Scope
from trackway.store.pool import Pool

NOW_MS = NOW + 20 * MINUTE_MS
"""The moment of asking, so that the made-up times lie on both sides of every bound."""
moments = st.integers(0, 40).map(lambda half: NOW_MS - half * MINUTE_MS // 2)


@st.composite
def lately(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Events that happened and arrived in the last 20 minutes, in no order, from several countries and channels."""
    events = draw(histories(st.one_of(visits, visits, screens, actions)))
    for event in events:
        event["time"], event["received"] = draw(moments), draw(moments)
        event["country"] = draw(st.sampled_from(["", "PL", "DE"]))
        if event["action"] == "page.visit":
            event["channel"] = draw(st.sampled_from(["internal", "search", "direct"]))
    return events


def slow_now(events: list[dict[str, Any]], minutes: int) -> dict[str, Any]:
    late = [event | {"at": min(event["time"], event["received"])} for event in events]
    within = [event for event in late if event["at"] >= NOW_MS - minutes * MINUTE_MS]
    people: dict[tuple[str, str], list[str]] = defaultdict(list)
    for event in within:
        channel = event.get("channel", "")
        names = (page_of(event), event["action"], "" if channel == "internal" else channel, event["country"])
        for panel, name in zip(PANELS, (*names, event["source"]), strict=True):
            if name:
                people[panel, name].append(event["uuid"])
    told: dict[str, Any] = {
        panel: {name: (len(who), len({*who})) for (of, name), who in people.items() if of == panel} for panel in PANELS
    }
    return told | {
        "visitors_now": len({event["uuid"] for event in within if event["at"] >= NOW_MS - HERE_MS}),
        "events_per_second": sum(event["received"] >= NOW_MS - MINUTE_MS for event in within) / 60,
        "events": len(within),
        "customers": len({event["uuid"] for event in within}),
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lately(), st.sampled_from([5, 10, 30]), st.sampled_from([None, "web"]), st.booleans(), st.integers(1, 4))
def test_panels_agree_with_a_plain_computation(
    store: Pool, events: list[dict[str, Any]], minutes: int, source: Any, bots: bool, most: int
) -> None:
    site, stored = put(store, events)
    decoys(store, events)

    found = asyncio.run(read_now(store, Scope(site, source=source, bots=bots), minutes, most, NOW_MS))

    wanted = [
        event
        for event in stored
        if (event["source"] != "system" if source is None else event["source"] == source) and (bots or not event["bot"])
    ]
    expected = slow_now(wanted, minutes)
    for panel in PANELS:
        rows = {row["name"]: (row["events"], row["customers"]) for row in found[panel]["items"]}
        first = sorted(expected[panel].items(), key=lambda one: (-one[1][0], one[0]))[:most]
        assert (found[panel]["names"], [*rows.items()]) == (len(expected[panel]), first)
    assert {name: found[name] for name in expected if name not in PANELS} == {
        name: value for name, value in expected.items() if name not in PANELS
    }


URLS = [
    "https://shop.example/cart?x=1#y",
    "https://shop.example",
    "https://shop.example?next=/a",
    "//shop.example/a/b",
    "///a",
    "/cart?x=/y",
    "cart",
    "app://home",
    "a/b://c/d",
    "",
    "https://shop.example/ü/%20?x",
]


def pages_of_store(store: Pool, told: list[tuple[str, Any]]) -> list[str]:
    events = [
        {"id": str(uuid.uuid4()), "action": action, "params": params, "time": NOW, "uuid": str(uuid.UUID(int=1))}
        | {"source": "web"}
        for action, params in told
    ]
    site, _ = put(store, events)
    asked = "SELECT toString(id) AS id, page FROM events WHERE site = {site:String}"
    pages = {row["id"]: row["page"] for row in asyncio.run(store.rows(asked, {"site": site}))}
    return [pages[str(event["id"])] for event in events]


def test_page_is_told_in_memory_as_in_the_store(store: Pool) -> None:
    told: list[tuple[str, Any]] = [("page.visit", {"url": url}) for url in URLS]
    told += [("page.visit", {}), ("page.visit", {"url": 7}), ("screen.view", {"name": "Home"})]
    told += [("screen.view", {"name": None}), ("a.b", {"url": "https://shop.example/x"})]

    assert [page_in_memory(action, json.dumps(params)) for action, params in told] == pages_of_store(store, told)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text("/:?#ab.", max_size=14), min_size=1, max_size=40))
def test_page_of_any_address_is_told_as_in_the_store(store: Pool, urls: list[str]) -> None:
    told: list[tuple[str, Any]] = [("page.visit", {"url": url}) for url in urls]

    assert [page_in_memory(action, json.dumps(params)) for action, params in told] == pages_of_store(store, told)


@pytest.mark.parametrize("minutes", [5, 30])
def test_nothing_at_all_is_told_as_nothing(store: Pool, minutes: int) -> None:
    found = asyncio.run(read_now(store, Scope(f"s{uuid.uuid4().hex}"), minutes, 5, NOW_MS))

    assert (found["events"], found["visitors_now"], found["pages"]) == (0, 0, {"names": 0, "items": []})
