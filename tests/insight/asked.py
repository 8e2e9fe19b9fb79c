"""Scopes of questions, and what a plain computation takes for in them."""

import fnmatch
from typing import Any

from hypothesis import strategies as st

from tests.insight.told import HOUR, NOW, page_of
from trackway.insight.paths import is_page
from trackway.insight.question import Scope

scopes = st.builds(
    Scope,
    site=st.just(""),
    since=st.sampled_from([None, NOW - 6 * HOUR]),
    until=st.sampled_from([None, NOW - 2 * HOUR]),
    source=st.sampled_from([None, "web"]),
    bots=st.booleans(),
)


def in_scope(event: dict[str, Any], scope: Scope) -> bool:
    """Whether an event is one of those asked about."""
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
