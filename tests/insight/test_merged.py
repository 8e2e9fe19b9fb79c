"""Questions by customer follow merges, also of what was stored before: made-up histories of people, two of them one."""

import asyncio
import random
from collections import Counter
from typing import Any

import msgspec
import pytest

from tests.insight.test_funnel import slow_units
from tests.insight.test_paths import in_any_order, slow_answer, slow_paths
from tests.insight.test_retention import slow_cohorts
from tests.insight.test_sessions import counted, slow_sessions
from tests.insight.told import DAY, HOUR, NOW, PEOPLE, SESSIONS, action_row, page_row, put
from trackway.insight.behind import list_behind
from trackway.insight.funnel import FunnelQuestion, ask_funnel_behind, read_funnel
from trackway.insight.paths import PathQuestion, read_paths
from trackway.insight.question import Scope
from trackway.insight.retention import RetentionQuestion, read_retention
from trackway.insight.sessions import SessionsQuestion, read_sessions
from trackway.store.pool import Pool

WHOLE = PEOPLE[0]
"""Who the first two people turn out to be."""


def history(seed: int) -> list[dict[str, Any]]:
    """Thirty events of three people, with ties."""
    chance = random.Random(seed)
    kinds = [page_row("/"), page_row("/a"), page_row("/b"), action_row("a.one"), action_row("b.one")]
    return [
        {
            "id": f"{seed:08x}-0000-4000-8000-{number:012x}",
            "time": NOW - chance.randrange(6) * chance.choice([HOUR, DAY]),
            "uuid": chance.choice(PEOPLE),
            "session": chance.choice(SESSIONS),
            "seq": chance.choice([None, 0, 1, 2]),
            "source": "web",
            "bot": False,
        }
        | chance.choice(kinds)
        for number in range(30)
    ]


def merge(store: Pool, site: str) -> None:
    """The first two people of a site are one from now on."""
    connection = store.connect()
    row = {"site": site, "customer": PEOPLE[1], "whole": WHOLE, "version": 1}
    connection.insert("merged", msgspec.json.encode(row))
    connection.command("SYSTEM RELOAD DICTIONARY merged_customers")
    connection.close()


@pytest.mark.parametrize("seed", range(1, 9))
def test_questions_count_merged_customers_once(store: Pool, seed: int) -> None:
    site, stored = put(store, history(seed))
    merge(store, site)
    events = [event | {"uuid": WHOLE if event["uuid"] == PEOPLE[1] else event["uuid"]} for event in stored]
    scope = Scope(site)

    funnel = FunnelQuestion(scope, ("/", "/a", "a.*"), window_s=3 * DAY // 1000)
    units = slow_units(events, funnel)
    answer = asyncio.run(read_funnel(store, funnel))
    assert [step["count"] for step in answer["steps"]] == [sum(n > at for _, _, n in units) for at in range(3)]
    listed, _ = asyncio.run(list_behind(store, ask_funnel_behind(funnel, 1, False), 10, None))
    assert {item["customer"]: item["units"] for item in listed} == Counter(who for who, _, _ in units)

    paths = PathQuestion(scope, "/", by="customer", steps=3)
    walked = [path for _, path in slow_paths(events, paths)]
    assert in_any_order(asyncio.run(read_paths(store, paths))) == in_any_order(slow_answer(walked, paths))

    returning = RetentionQuestion(scope, "/", "", "day", 7)
    cohorts = asyncio.run(read_retention(store, returning, NOW + 9 * DAY))["cohorts"]
    wanted = slow_cohorts(events, returning)
    assert [(one["size"], one["returned"]) for one in cohorts] == [
        (size, [returned[number] for number in range(7)]) for _, (size, returned) in sorted(wanted.items())
    ]

    sessions = SessionsQuestion(scope)
    total = asyncio.run(read_sessions(store, sessions))["total"]
    assert total["customers"] == counted(slow_sessions(events, sessions))["customers"]
