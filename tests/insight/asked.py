"""Scopes of questions, and what a plain computation takes for in them."""

import fnmatch
import json
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from tests.insight.told import HOUR, NOW, page_of, unit_of
from trackway.insight.question import Scope, is_page

scopes = st.builds(
    Scope,
    site=st.just(""),
    since=st.sampled_from([None, NOW - 6 * HOUR, NOW - 6 * HOUR + 100_000]),
    until=st.sampled_from([None, NOW - 2 * HOUR, NOW - 2 * HOUR + 500_000]),
    source=st.sampled_from([None, "web"]),
    bots=st.booleans(),
    action=st.sampled_from(["", "", "", "a.*", "page.visit", "*.one"]),
    params=st.sampled_from([(), (), (), (("url", "https://shop.example/a?x=1"),), (("name", "Home"), ("n", "7"))]),
)


def asked_about(events: Iterable[dict[str, Any]], scope: Scope, of: str = "events") -> list[dict[str, Any]]:
    """The events that a question is about: such events, or all within the scope of the units that have such a one."""
    within = [event for event in events if in_scope(event, scope)]
    such = [event for event in within if is_such(event, scope)]
    if of == "events" or not (scope.action or scope.params):
        return such
    units = {unit_of(event, of) for event in such}
    return [event for event in within if unit_of(event, of) in units]


def is_such(event: dict[str, Any], scope: Scope) -> bool:
    """Whether an event has the action and the params asked for."""
    params = event["params"]
    return (not scope.action or fnmatch.fnmatchcase(event["action"], scope.action)) and all(
        name in params and (value == params[name] or value == json.dumps(params[name])) for name, value in scope.params
    )


def in_scope(event: dict[str, Any], scope: Scope) -> bool:
    """Whether an event is in the range, from the source, and no robot's where those are left out."""
    return (
        (scope.since is None or event["time"] >= scope.since)
        and (scope.until is None or event["time"] < scope.until)
        and (event["source"] != "system" if scope.source is None else event["source"] == scope.source)
        and (scope.bots or not event["bot"])
    )


def fits(event: dict[str, Any], pattern: str) -> bool:
    """Whether an event is a page or an action of a pattern; an empty pattern takes everything."""
    if not pattern:
        return True
    return fnmatch.fnmatchcase(page_of(event) if is_page(pattern) else event["action"], pattern)


def place_of(event: dict[str, Any]) -> tuple[int, int, int]:
    """Where an event stands among the others of its customer."""
    return (event["time"], event["seq"] or 0, event["position"])
