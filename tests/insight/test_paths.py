"""Paths against a slow, plain computation over made-up histories, on the real store."""

import asyncio
import fnmatch
from collections import Counter
from typing import Any, get_args

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.insight.asked import asked_about, scopes
from tests.insight.told import actions, decoys, histories, in_order, page_of, put, screens, unit_of, visits
from trackway.insight.behind import list_behind
from trackway.insight.paths import Of, PathQuestion, Place, ask_path_behind, read_paths
from trackway.store.pool import Pool

STARTS = ["", "/", "/a", "/shop/*", "a.one", "a.*", "page.visit", "/nowhere"]
questions = st.builds(
    PathQuestion,
    scope=scopes,
    start=st.sampled_from(STARTS),
    direction=st.sampled_from(["next", "previous"]),
    steps=st.integers(1, 4),
    by=st.sampled_from(["session", "customer"]),
    of=st.sampled_from([None, *get_args(Of)]),
    patterns=st.sampled_from([(), ("/shop/*",), ("/shop/1", "/shop/*", "/_")]),
    nodes=st.integers(1, 4),
)


def name_of(event: dict[str, Any], asked: PathQuestion) -> str:
    page = page_of(event)
    if asked.kind == "actions" or (asked.kind == "all" and not page):
        return str(event["action"])
    return next((one for one in asked.patterns if page and fnmatch.fnmatchcase(page, one)), page)


def is_start(event: dict[str, Any], start: str) -> bool:
    if not start:
        return True
    name = page_of(event) if start.startswith("/") else event["action"]
    return fnmatch.fnmatchcase(name, start)


def slow_paths(events: list[dict[str, Any]], asked: PathQuestion) -> list[tuple[dict[str, Any], list[str]]]:
    """Each unit's last event and path."""
    units: dict[Any, list[dict[str, Any]]] = {}
    for event in in_order(asked_about(events, asked.scope, asked.by)):
        if name_of(event, asked) or (asked.start and is_start(event, asked.start)):
            units.setdefault(unit_of(event, asked.by), []).append(event)
    found: list[tuple[dict[str, Any], list[str]]] = []
    for told in units.values():
        at = next((number for number, event in enumerate(told) if is_start(event, asked.start)), None)
        if at is None:
            continue
        behind = told[at + 1 :] if asked.direction == "next" else told[:at][::-1]
        if not asked.start:
            behind = told if asked.direction == "next" else told[::-1]
        names = [name for event in behind if (name := name_of(event, asked))]
        last = in_order(told)[-1]
        found.append((last, names[: asked.steps]))
    return found


def slow_answer(paths: list[list[str]], asked: PathQuestion) -> dict[str, Any]:
    shown: list[set[str]] = [{"start"}]
    steps: list[dict[str, Any]] = []
    links: Counter[tuple[int, str, str]] = Counter()
    for step in range(asked.steps):
        counts = Counter(path[step] for path in paths if len(path) > step)
        ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        top = ranked[: asked.nodes]
        shown.append({name for name, _ in top})
        steps.append(
            {
                "nodes": [{"name": name, "count": count} for name, count in top],
                "other": sum(count for _, count in ranked[asked.nodes :]),
                "left": sum(len(path) <= step for path in paths),
            }
        )
        for path in paths:
            if len(path) > step:
                names = [path[step - 1] if step else "start", path[step]]
                said = [name if name in shown[step + at] else "other" for at, name in enumerate(names)]
                links[step + 1, said[0], said[1]] += 1
    told = [{"step": key[0], "source": key[1], "target": key[2], "count": n} for key, n in links.items()]
    return {"total": len(paths), "steps": steps, "links": told}


def in_any_order(answer: dict[str, Any]) -> dict[str, Any]:
    return answer | {"links": sorted(answer["links"], key=lambda one: (one["step"], one["source"], one["target"]))}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(st.one_of(visits, visits, screens, actions)), questions)
def test_paths_agree_with_a_plain_computation(store: Pool, events: list[dict[str, Any]], asked: PathQuestion) -> None:
    site, stored = put(store, events)
    decoys(store, events)
    asked = msgspec.structs.replace(asked, scope=msgspec.structs.replace(asked.scope, site=site))

    answer = asyncio.run(read_paths(store, asked))

    units = slow_paths(stored, asked)
    assert in_any_order(answer) == in_any_order(slow_answer([path for _, path in units], asked))
    for step in answer["steps"]:
        assert sum(node["count"] for node in step["nodes"]) + step["other"] + step["left"] == answer["total"]
    listed_as_counted(store, asked, answer, units)


def listed_as_counted(
    store: Pool, asked: PathQuestion, answer: dict[str, Any], units: list[tuple[dict[str, Any], list[str]]]
) -> None:
    """Behind every node and every link stand as many units as it counts, and the customers they are of."""
    for link in answer["links"][:3]:
        place = Place(link["step"], link["target"], link["source"])
        items, following = behind_place(store, asked, place)
        assert sum(item["units"] for item in items) == link["count"]
        assert following is None
        if "other" not in (link["source"], link["target"]):
            step = link["step"]
            behind = [last["uuid"] for last, path in units if goes(path, step, link["source"], link["target"])]
            assert Counter({item["customer"]: item["units"] for item in items}) == Counter(behind)
    for number, step in enumerate(answer["steps"], 1):
        for name, count in (("other", step["other"]), ("left", step["left"])):
            items, _ = behind_place(store, asked, Place(number, name))
            assert sum(item["units"] for item in items) == count


def behind_place(store: Pool, asked: PathQuestion, place: Place) -> tuple[list[dict[str, Any]], str | None]:
    """The customers at a place."""
    return asyncio.run(list_behind(store, asyncio.run(ask_path_behind(store, asked, place)), 100, None))


def goes(path: list[str], step: int, source: str, target: str) -> bool:
    return len(path) >= step and path[step - 1] == target and (step == 1 or path[step - 2] == source)
