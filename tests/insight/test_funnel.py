"""Funnels against a slow, plain computation that tries every way through the events, on the real store."""

import asyncio
import itertools
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.insight.asked import asked_about, fits, scopes
from tests.insight.told import HOUR, actions, decoys, histories, in_order, page_of, put, screens, unit_of, visits
from trackway.errors import RequestRefused
from trackway.insight.behind import list_behind
from trackway.insight.funnel import SHOWN, FunnelQuestion, ask_funnel_behind, ask_units, read_funnel, tell_funnel
from trackway.insight.question import Scope
from trackway.store.pool import Pool

STEPS = ["/", "/a", "/shop/*", "a.one", "a.*", "page.visit", "screen:*"]
questions = st.builds(
    FunnelQuestion,
    scope=scopes,
    steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=4).map(tuple),
    window_s=st.sampled_from([1, 2 * HOUR // 1000, 4 * HOUR // 1000, 86_400]),
    by=st.sampled_from(["session", "customer"]),
    breakdown=st.sampled_from(["", "source", "action", "page", "param.name"]),
)


def furthest(told: list[dict[str, Any]], asked: FunnelQuestion) -> int:
    """The longest run of steps that any choice of events in order makes within the window; every choice is tried."""
    for most in range(len(asked.steps), 0, -1):
        candidates = [[at for at, event in enumerate(told) if fits(event, step)] for step in asked.steps[:most]]
        for chosen in itertools.product(*candidates):
            rising = all(before < after for before, after in itertools.pairwise(chosen))
            if rising and told[chosen[-1]]["time"] - told[chosen[0]]["time"] <= asked.window_s * 1000:
                return most
    return 0


def property_of(event: dict[str, Any], name: str) -> str:
    said = {"": "", "source": event["source"], "action": event["action"], "page": page_of(event)}
    return str(said.get(name, event["params"].get("name", "")))


def slow_units(events: list[dict[str, Any]], asked: FunnelQuestion) -> list[tuple[str, str, int]]:
    """Each unit that began: its customer, its property, how far it got."""
    units: dict[Any, list[dict[str, Any]]] = {}
    for event in in_order(asked_about(events, asked.scope, asked.by)):
        if any(fits(event, step) for step in asked.steps):
            units.setdefault(unit_of(event, asked.by), []).append(event)
    found: list[tuple[str, str, int]] = []
    for told in units.values():
        first = next((event for event in told if fits(event, asked.steps[0])), None)
        if first is not None:
            last = in_order(told)[-1]
            found.append((last["uuid"], property_of(first, asked.breakdown), furthest(told, asked)))
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(st.one_of(visits, screens, actions), 24), questions)
def test_funnels_agree_with_every_way_through(store: Pool, events: list[dict[str, Any]], asked: FunnelQuestion) -> None:
    site, stored = put(store, events)
    decoys(store, events)
    asked = msgspec.structs.replace(asked, scope=msgspec.structs.replace(asked.scope, site=site))
    units = slow_units(stored, asked)

    answer = asyncio.run(read_funnel(store, asked))

    counts = [sum(reached > step for _, _, reached in units) for step in range(len(asked.steps))]
    assert answer["total"] == len(units)
    assert [step["count"] for step in answer["steps"]] == counts
    assert [step["dropped"] for step in answer["steps"]] == [0, *(a - b for a, b in itertools.pairwise(counts))]
    if asked.breakdown:
        told = {part["value"]: part["counts"] for part in answer["breakdown"]}
        for value in {prop for _, prop, _ in units}:
            of = [reached for _, prop, reached in units if prop == value]
            assert told.pop(value) == [sum(reached > step for reached in of) for step in range(len(asked.steps))]
        assert told == {}
    for step in range(1, len(asked.steps) + 1):
        for dropped in (False, True):
            wanted = [who for who, _, reached in units if (reached == step - 1 if dropped else reached >= step)]
            items, following = asyncio.run(list_behind(store, ask_funnel_behind(asked, step, dropped), 100, None))
            assert {item["customer"]: item["units"] for item in items} == Counter(wanted)
            assert following is None


def test_values_beyond_those_shown_are_counted_together() -> None:
    rows = [{"property": f"v{number:02}", "reached": 1 + number % 2, "n": 1} for number in range(SHOWN + 3)]

    answer = tell_funnel(rows, ["a.b", "b.c"], apart=True)

    assert len(answer["breakdown"]) == SHOWN + 1
    assert answer["breakdown"][-1]["value"] is None
    for step in range(2):
        assert sum(part["counts"][step] for part in answer["breakdown"]) == answer["steps"][step]["count"]


def test_an_unknown_breakdown_is_refused() -> None:
    with pytest.raises(RequestRefused, match="A breakdown is one of"):
        ask_units(FunnelQuestion(Scope("shop"), ("a.b",), breakdown="params; DROP"))
