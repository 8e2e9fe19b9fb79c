"""Sources against a slow, plain computation over made-up histories, on the real store."""

import asyncio
from typing import Any, get_args

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.asked import asked_about, in_scope, scopes
from tests.insight.told import actions, decoys, histories, in_order, page_of, page_row, put, unit_of
from trackway.insight.sources import By, SourceQuestion, Which, read_sources
from trackway.store.pool import Pool

CAME: list[tuple[str, str, dict[str, str]]] = [
    ("direct", "", {}),
    ("search", "google.com", {}),
    ("referral", "pay.example", {}),
    ("referral", "login.pay.example", {}),
    ("referral", "notpay.example", {}),
    ("email", "pay.example", {"source": "news", "campaign": "may"}),
    ("internal", "shop.example", {}),
]


def visit_row(page: str, came: tuple[str, str, dict[str, str]]) -> dict[str, Any]:
    """A visit that came from somewhere, as fields of a row."""
    return page_row(page, channel=came[0], referrer_host=came[1], utm=came[2])


visits = st.builds(visit_row, st.sampled_from(["/", "/a"]), st.sampled_from(CAME))
questions = st.builds(
    SourceQuestion,
    scope=scopes,
    by=st.sampled_from(get_args(By)),
    which=st.sampled_from(get_args(Which)),
    excluded=st.sampled_from([(), ("pay.example",), ("google.com", "pay.example")]),
)


def source_of(told: list[dict[str, Any]], asked: SourceQuestion) -> str:
    """What brought whoever did this, in order."""
    ordered = in_order(told)
    if asked.by == "landing":
        return next((page for event in ordered if (page := page_of(event))), "")
    visited = [event for event in ordered if event.get("channel")]
    brought = [event for event in visited if event["channel"] != "internal" and not excluded(event, asked)]
    if asked.by == "channel":
        return brought[0]["channel"] if brought else "internal" if visited else "unknown"
    if not brought:
        return ""
    return brought[0]["referrer_host"] if asked.by == "referrer" else brought[0]["utm"].get(asked.by, "")


def excluded(event: dict[str, Any], asked: SourceQuestion) -> bool:
    host = event["referrer_host"]
    return not event["utm"] and any(host == one or host.endswith(f".{one}") for one in asked.excluded)


def slow_sources(events: list[dict[str, Any]], asked: SourceQuestion) -> dict[str, tuple[int, int]]:
    """Sessions and customers of each source."""
    scope = asked.scope
    ever = [one for one in events if in_scope(one, msgspec.structs.replace(scope, since=None, until=None))]
    sessions: dict[Any, list[dict[str, Any]]] = {}
    for event in asked_about(events, scope, "session"):
        sessions.setdefault(unit_of(event, "session"), []).append(event)
    found: dict[str, list[str]] = {}
    for told in sessions.values():
        customer = in_order(told)[-1]["uuid"]
        of = told if asked.which == "session" else [event for event in ever if event["uuid"] == customer]
        found.setdefault(source_of(of, asked), []).append(customer)
    return {name: (len(customers), len(set(customers))) for name, customers in found.items()}


@settings(max_examples=40, deadline=None)
@given(histories(st.one_of(visits, visits, actions)), questions, st.integers(1, 9))
def test_sources_agree_with_a_plain_computation(
    store: Pool, events: list[dict[str, Any]], asked: SourceQuestion, limit: int
) -> None:
    site, stored = put(store, events)
    decoys(store, events)
    scope = msgspec.structs.replace(asked.scope, site=site)
    asked = SourceQuestion(scope, asked.by, asked.which, asked.excluded)

    answer = asyncio.run(read_sources(store, asked, limit))

    expected = slow_sources(stored, asked)
    ranked = sorted(expected.items(), key=lambda one: (-one[1][0], one[0]))[:limit]
    assert [(item["name"], item["sessions"], item["customers"]) for item in answer["items"]] == [
        (name, *counts) for name, counts in ranked
    ]
    assert answer["total"] == sum(sessions for sessions, _ in expected.values())
    assert answer["other"] + sum(item["sessions"] for item in answer["items"]) == answer["total"]
