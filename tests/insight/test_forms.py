"""Forms against a slow, plain computation over made-up histories, on the real store."""

import asyncio
from collections import Counter, defaultdict
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.insight.asked import asked_about, scopes
from tests.insight.test_elements import quantile
from tests.insight.told import decoys, histories, put, unit_of, visits
from trackway.insight.filters import decode_cursor
from trackway.insight.forms import list_submissions, read_forms
from trackway.insight.question import Scope
from trackway.store.pool import Pool

FIELDS = ["email", "it's", "ü"]
NAMES = ["newsletter", "checkout", ""]


def submit_row(form: str, fields: dict[str, Any]) -> dict[str, Any]:
    """A submitted form, as fields of a row."""
    page = {"url": "https://shop.example/a/b?x=1#y", "title": "A"}
    return {"action": "form.submit", "params": page | fields | {"form": form}}


def abandon_row(form: str, **said: Any) -> dict[str, Any]:
    """A form that was left, as fields of a row."""
    return {"action": "form.abandon", "params": {"form": form} | said}


names = st.sampled_from(NAMES)
submits = st.builds(submit_row, names, st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(["x", 7, [1]])))
abandons = st.builds(
    abandon_row,
    names,
    last_field=st.sampled_from([*FIELDS, ""]),
    touched=st.lists(st.sampled_from(FIELDS), unique=True),
    errors=st.lists(st.sampled_from(FIELDS), unique=True),
    times=st.dictionaries(st.sampled_from(FIELDS), st.integers(0, 9_000)),
    duration=st.one_of(st.integers(0, 60_000), st.just("soon")),
)


def slow_forms(events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    by_name: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        if event["action"].startswith("form.") and event["params"]["form"]:
            by_name[event["params"]["form"]].append(event)
    return {name: one_form(told) for name, told in by_name.items()}


def one_form(told: list[dict[str, Any]]) -> dict[str, Any]:
    left = [event["params"] for event in told if event["action"] == "form.abandon"]
    sent = [event for event in told if event["action"] == "form.submit"]
    return {
        "started": len(told),
        "submitted": len(sent),
        "abandoned": len(left),
        "completion": len(sent) / len(told),
        "customers": len({event["uuid"] for event in told}),
        "submitters": len({event["uuid"] for event in sent}),
        "left_after_p50": quantile([one["duration"] for one in left if one["duration"] != "soon"], 0.5),
        "fields": slow_fields(told),
    }


def slow_fields(told: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    left = [event["params"] for event in told if event["action"] == "form.abandon"]
    filled = Counter(name for event in told for name in put_in(event) if event["action"] == "form.submit")
    tries = Counter((unit_of(event, "session"), name) for event in told for name in put_in(event))
    refills = Counter[str]()
    for (_, name), n in tries.items():
        refills[name] += n - 1
    last = Counter(one["last_field"] for one in left if one["last_field"])
    touched, wrong = Counter(name for one in left for name in one["touched"]), Counter(
        name for one in left for name in one["errors"]
    )  # fmt: skip
    times: dict[str, list[float]] = defaultdict(list)
    for one in left:
        for name, spent in one["times"].items():
            times[name].append(spent)
    return {
        name: {
            "last": last[name],
            "touched": touched[name],
            "wrong": wrong[name],
            "focus_p50": quantile(times[name], 0.5) if name in times else None,
            "filled": filled[name],
            "refills": refills[name],
        }
        for name in {*last, *touched, *wrong, *times, *filled}
    }


def put_in(event: dict[str, Any]) -> set[str]:
    """The fields that something was put into, this time."""
    params = event["params"]
    return {*params["touched"]} if "touched" in params else {*params} - {"form", "url", "title"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(st.one_of(submits, abandons, abandons, visits)), scopes)
def test_forms_agree_with_a_plain_computation(store: Pool, events: list[dict[str, Any]], scope: Scope) -> None:
    site, stored = put(store, events)
    decoys(store, events)
    scope = msgspec.structs.replace(scope, site=site)

    found = asyncio.run(read_forms(store, scope, 100))

    expected = slow_forms(asked_about(stored, scope))
    told = {row.pop("form"): row | {"fields": {field.pop("field"): field for field in row["fields"]}} for row in found}
    assert told == expected
    weights = [row["submitted"] + row["abandoned"] for row in found]
    assert weights == sorted(weights, reverse=True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(st.one_of(submits, submits, abandons)), scopes, st.booleans())
def test_submissions_are_all_listed_page_after_page(
    store: Pool, events: list[dict[str, Any]], scope: Scope, values_too: bool
) -> None:
    site, stored = put(store, events)
    decoys(store, events)
    scope = msgspec.structs.replace(scope, site=site)

    found: list[dict[str, Any]] = []
    before: tuple[int, int] | None = None
    for _ in range(len(stored) + 1):
        page, following = asyncio.run(list_submissions(store, scope, "newsletter", values_too, 3, before))
        found += page
        if following is None:
            break
        before = decode_cursor(following, tuple[int, int])

    wanted = [
        event
        for event in asked_about(stored, scope)
        if event["action"] == "form.submit" and event["params"]["form"] == "newsletter"
    ]
    wanted.sort(key=lambda event: (event["time"], event["position"]), reverse=True)
    assert [(row["id"], row["customer"], row["url"]) for row in found] == [
        (event["id"], event["uuid"], "https://shop.example/a/b") for event in wanted
    ]
    fields = [{name: event["params"][name] for name in event["params"] if name in put_in(event)} for event in wanted]
    assert [row["fields"] for row in found] == [[*one] for one in fields]
    assert [row["values"] for row in found] == (fields if values_too else [None] * len(wanted))
