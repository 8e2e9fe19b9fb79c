"""Sessions against a slow, plain computation over made-up histories, on the real store."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.insight.asked import asked_about, place_of, scopes
from tests.insight.told import action_row, actions, decoys, histories, page_of, put, screens, visits
from trackway.insight.sessions import SessionsQuestion, read_sessions
from trackway.insight.stretches import PASSIVE
from trackway.store.pool import Pool

looking = st.sampled_from(["scroll.depth", "element.view"]).map(action_row)
questions = st.builds(
    SessionsQuestion,
    scope=scopes,
    breakdown=st.sampled_from(["", "source", "action", "param.name"]),
    zone=st.sampled_from(["UTC", "Asia/Kathmandu"]),
)


def slow_sessions(events: list[dict[str, Any]], asked: SessionsQuestion) -> list[dict[str, Any]]:
    by_id: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in asked_about(events, asked.scope, "session"):
        if event["session"]:
            by_id[event["session"]].append(event)
    return [one_session(sorted(told, key=place_of), asked) for told in by_id.values()]


def one_session(told: list[dict[str, Any]], asked: SessionsQuestion) -> dict[str, Any]:
    pages = [page for event in told if (page := page_of(event))]
    first, properties = told[0], {"": "", "source": told[0]["source"], "action": told[0]["action"]}
    began = datetime.fromtimestamp(first["time"] / 1000, UTC).astimezone(ZoneInfo(asked.zone))
    return {
        "customer": first["uuid"],
        "day": began.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000,
        "length": told[-1]["time"] - first["time"],
        "pages": len(pages),
        "bounced": len(pages) <= 1 and all(event["action"] in PASSIVE for event in told),
        "entry": pages[0] if pages else "",
        "exit": pages[-1] if pages else "",
        "property": properties.get(asked.breakdown, first["params"].get("name", "")),
    }


def counted(sessions: Iterable[dict[str, Any]]) -> dict[str, Any]:
    found = list(sessions)
    lengths = sorted(one["length"] for one in found)
    n = len(found)
    return {
        "sessions": n,
        "customers": len({one["customer"] for one in found}),
        "bounces": sum(one["bounced"] for one in found),
        "bounce_rate": sum(one["bounced"] for one in found) / n if n else None,
        "pages_mean": sum(one["pages"] for one in found) / n if n else None,
        "length_mean": sum(lengths) / n if n else None,
        "length_p50": lengths[int(n * 0.5)] if n else None,
        "length_p90": lengths[int(n * 0.9)] if n else None,
    }


def by(sessions: list[dict[str, Any]], key: Callable[[dict[str, Any]], Any]) -> list[dict[str, Any]]:
    groups = {key(one) for one in sessions}
    return [{"value": value} | counted(one for one in sessions if key(one) == value) for value in groups]


def same(answer: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> bool:
    return Counter(map(repr, map(sort, answer))) == Counter(map(repr, map(sort, wanted)))


def sort(one: dict[str, Any]) -> list[tuple[str, Any]]:
    return sorted((name, float(value) if isinstance(value, (int, float)) else value) for name, value in one.items())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(st.one_of(visits, screens, looking, actions), 24), questions)
def test_sessions_agree_with_a_plain_computation(
    store: Pool, events: list[dict[str, Any]], asked: SessionsQuestion
) -> None:
    site, stored = put(store, events)
    decoys(store, events)
    asked = msgspec.structs.replace(asked, scope=msgspec.structs.replace(asked.scope, site=site))
    wanted = slow_sessions(stored, asked)

    answer = asyncio.run(read_sessions(store, asked))

    assert same([answer["total"]], [{"value": ""} | counted(wanted)])
    assert same(answer["days"], by(wanted, lambda one: one["day"]))
    assert same(answer["entries"], by([one for one in wanted if one["entry"]], lambda one: one["entry"]))
    assert same(answer["exits"], by([one for one in wanted if one["exit"]], lambda one: one["exit"]))
    if asked.breakdown:
        assert same(answer["breakdown"], by(wanted, lambda one: one["property"]))
    assert [one["value"] for one in answer["days"]] == sorted(one["value"] for one in answer["days"])
