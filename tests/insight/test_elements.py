"""Elements against a slow, plain computation over made-up histories, on the real store."""

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.insight.told import HOUR, NOW, decoys, histories, put, visits
from trackway.insight.elements import read_elements
from trackway.insight.question import Scope
from trackway.store.pool import Pool


def element_row(action: str, element: str, duration: float, unusual: int) -> dict[str, Any]:
    """An event of an element, as fields of a row."""
    if action != "element.hover":
        return {"action": action, "params": {"element": element}}
    return {"action": action, "params": {"element": element, "duration": duration}, "unusual": unusual}


elements = st.builds(
    element_row,
    st.sampled_from(["element.view", "element.hover", "element.hover", "element.click"]),
    st.sampled_from(["banner", "it's", "ü"]),
    st.one_of(st.integers(0, 5_000), st.floats(0, 5_000).map(lambda value: round(value, 3))),
    st.sampled_from([0, 0, 3_000]),
)


def quantile(values: list[float], p: float) -> float | None:
    """Between the two nearest, in proportion."""
    if not values:
        return None
    ordered, at = sorted(values), p * (len(values) - 1)
    low = int(at)
    return ordered[low] + (at - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def slow_elements(events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name in {event["params"]["element"] for event in events if event["action"].startswith("element.")}:
        by = {
            kind: [one for one in events if one["action"] == f"element.{kind}" and one["params"]["element"] == name]
            for kind in ("view", "hover", "click")
        }
        dwells = [float(one["params"]["duration"]) for one in by["hover"]]
        hovered, clicked = ({one["uuid"] for one in by[kind]} for kind in ("hover", "click"))
        found[name] = {
            "element": name,
            "views": len(by["view"]),
            "hovers": len(by["hover"]),
            "clicks": len(by["click"]),
            "ctr": len(by["click"]) / len(by["view"]) if by["view"] else None,
            "dwell_p50": quantile(dwells, 0.5),
            "dwell_p95": quantile(dwells, 0.95),
            "hovered_without_click": len(hovered - clicked),
            "unusual": sum(bool(one["unusual"]) for one in by["hover"]),
        }
    return found


@settings(max_examples=40, deadline=None)
@given(histories(st.one_of(elements, elements, elements, visits)), st.booleans())
def test_elements_agree_with_a_plain_computation(store: Pool, events: list[dict[str, Any]], narrow: bool) -> None:
    site, stored = put(store, events)
    decoys(store, events)
    scope = Scope(site, NOW - 6 * HOUR, NOW - HOUR, "web", False) if narrow else Scope(site)

    found = asyncio.run(read_elements(store, scope, 100))

    chosen = [one for one in stored if one["source"] != "system"]
    if narrow:
        chosen = [
            one
            for one in chosen
            if NOW - 6 * HOUR <= one["time"] < NOW - HOUR and one["source"] == "web" and not one["bot"]
        ]
    expected = slow_elements(chosen)
    assert {row["element"] for row in found} == set(expected)
    for row in found:
        for name, value in expected[row["element"]].items():
            if name.startswith("dwell") and value is not None:
                assert abs(row[name] - value) < 1e-6, name
            else:
                assert row[name] == value, name
    weights = [row["views"] + row["hovers"] + row["clicks"] for row in found]
    assert weights == sorted(weights, reverse=True)
