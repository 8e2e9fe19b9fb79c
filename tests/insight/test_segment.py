"""Segments against a slow, plain computation over made-up histories with merged people, on the real store."""

import asyncio
import json
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.insight.asked import fits
from tests.insight.test_merged import WHOLE, merge
from tests.insight.told import DAY, HOUR, NOW, PEOPLE, actions, decoys, histories, in_order, put, visits
from trackway.errors import RequestRefused
from trackway.insight.person import CUSTOMER
from trackway.insight.question import Scope
from trackway.insight.segment import ask_segment, preview_segment
from trackway.insight.trend import TrendQuestion, read_trend
from trackway.segment import AnyCondition, Attribute, Came, Did, Identified, Listed, Segment, Used, check_segment
from trackway.store.pool import Pool

EXCLUDED = ("pay.example",)


def identify_row(plan: Any) -> dict[str, Any]:
    return {"action": "client.identify", "params": {"plan": plan}}


def form_row(field: str) -> dict[str, Any]:
    return {"action": "form.submit", "params": {field: "ann@example.com"}}


def bought_row(colour: str) -> dict[str, Any]:
    return {"action": "shop.buy", "params": {"colour": colour, "n": 7}}


def came_row(came: tuple[str, str, dict[str, str]]) -> dict[str, Any]:
    page = {"action": "page.visit", "params": {"url": "https://shop.example/"}}
    return page | {"channel": came[0], "referrer_host": came[1], "utm": came[2]}


CAME: list[tuple[str, str, dict[str, str]]] = [
    ("search", "google.com", {}),
    ("referral", "pay.example", {}),
    ("email", "pay.example", {"source": "news", "campaign": "may"}),
    ("internal", "shop.example", {}),
]
kinds = st.one_of(
    visits,
    actions,
    st.sampled_from(["pro", "Pro plus", "free", 7]).map(identify_row),
    st.sampled_from(["email", "name"]).map(form_row),
    st.sampled_from(["red", "blue"]).map(bought_row),
    st.sampled_from(CAME).map(came_row),
)
used = st.fixed_dictionaries(
    {"device": st.sampled_from(["phone", "desktop"]), "country": st.sampled_from(["PL", "DE", ""])}
)
negated = st.booleans()
dids = st.builds(
    Did,
    negated=negated,
    action=st.sampled_from(["/", "/shop/*", "a.one", "a.*", "shop.buy", "*"]),
    params=st.sampled_from([{}, {}, {"colour": "red"}, {"colour": "red", "n": "7"}]),
    times=st.integers(1, 4),
    days=st.sampled_from([None, None, 1, 2]),
) | st.builds(
    Did,
    negated=negated,
    action=st.just("*"),
    since=st.sampled_from([None, NOW - 5 * HOUR]),
    until=st.sampled_from([None, NOW - 3 * HOUR]),
)
conditions: st.SearchStrategy[AnyCondition] = st.one_of(
    dids,
    st.builds(
        Attribute,
        negated=negated,
        name=st.sampled_from(["plan", "nothing"]),
        value=st.sampled_from(["pro", "7", "PRO", "%"]),
        how=st.sampled_from(["is", "contains"]),
    ),
    st.builds(Identified, negated=negated),
    st.builds(
        Came,
        negated=negated,
        by=st.sampled_from(["channel", "referrer", "campaign"]),
        value=st.sampled_from(["search", "email", "referral", "google.com", "pay.example", "may"]),
    ),
    st.builds(Used, negated=negated, by=st.just("device"), value=st.sampled_from(["phone", "tv"])),
    st.builds(Used, negated=negated, by=st.just("country"), value=st.just("PL")),
    st.builds(Listed, negated=negated, customers=st.just([WHOLE])),
)
segments = st.builds(
    Segment, conditions=st.lists(conditions, min_size=1, max_size=3), match=st.sampled_from(["all", "any"])
)


def meets(one: AnyCondition, who: str, told: list[dict[str, Any]]) -> bool:
    """Whether a customer, with all they did, meets a condition; in plain Python."""
    match one:
        case Did():
            since, until = one.range(NOW)
            such = [
                event
                for event in told
                if fits(event, one.action)
                and all(str(event["params"].get(name)) == value for name, value in one.params.items())
                and (since is None or event["time"] >= since)
                and (until is None or event["time"] < until)
            ]
            return (len(such) >= one.times) != one.negated
        case Attribute():
            values = [
                event["params"][one.name]
                for event in sorted(told, key=lambda event: (event["time"], event["position"]))
                if event["action"] == "client.identify" and one.name in event["params"]
            ]
            text = values[-1] if values and isinstance(values[-1], str) else json.dumps(values[-1]) if values else None
            found = text is not None and (text == one.value if one.how == "is" else one.value.lower() in text.lower())
            return found != one.negated
        case Identified():
            says = any(
                event["action"] == "client.identify"
                or (event["action"] == "form.submit" and "email" in event["params"])
                for event in told
            )
            return says != one.negated
        case Came():
            brought = [event for event in in_order(told) if event.get("channel", "") not in ("", "internal")]
            brought = [event for event in brought if event["utm"] or event["referrer_host"] not in EXCLUDED]
            first = brought[0] if brought else None
            names = {"channel": "channel", "referrer": "referrer_host"}
            value = first and (first[names[one.by]] if one.by in names else first["utm"].get(one.by, ""))
            return (value == one.value) != one.negated
        case Used():
            return any(event[one.by] == one.value for event in told) != one.negated
        case Listed():
            return (who in one.customers) != one.negated


def slow_segment(events: list[dict[str, Any]], segment: Segment) -> set[str]:
    """The customers in a segment."""
    people: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        if event["source"] != "system":
            people[event["uuid"]].append(event)
    quantifier = all if segment.match == "all" else any
    return {who for who, told in people.items() if quantifier(meets(one, who, told) for one in segment.conditions)}


def fast_segment(store: Pool, scope: Scope) -> set[str]:
    """The customers of the events in a scope."""
    where, values = scope.where()
    rows = asyncio.run(store.rows(f"SELECT DISTINCT toString({CUSTOMER}) AS who FROM events WHERE {where}", values))
    return {row["who"] for row in rows}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(kinds), st.lists(used, min_size=3, max_size=9), segments, st.booleans())
def test_segments_agree_with_a_plain_computation(
    store: Pool, events: list[dict[str, Any]], places: list[dict[str, str]], segment: Segment, merged: bool
) -> None:
    where_from = {event["id"]: places[number % len(places)] for number, event in enumerate(events)}
    site, stored = put(store, [event | where_from[event["id"]] for event in events])
    decoys(store, [event | {"device": "phone", "country": "PL"} for event in events])
    if merged:
        merge(store, site)
        stored = [event | {"uuid": WHOLE if event["uuid"] == PEOPLE[1] else event["uuid"]} for event in stored]

    such = ask_segment(segment, EXCLUDED, NOW)

    expected = slow_segment(stored, segment)
    assert fast_segment(store, Scope(site, segment=such)) == expected
    preview = asyncio.run(preview_segment(store, site, such))
    assert preview["customers"] == len(expected)
    assert preview["total"] == len({event["uuid"] for event in stored if event["source"] != "system"})
    assert {one["customer"] for one in preview["examples"]} == expected
    counted = asyncio.run(read_trend(store, TrendQuestion(Scope(site, segment=such), (0,))))
    mine = [event for event in stored if event["uuid"] in expected and event["source"] != "system"]
    assert sum(one["total"] for one in counted) == len(mine)


def test_a_segment_is_of_its_own_site_only(store: Pool) -> None:
    """The same person on two sites: what they did on the one says nothing on the other."""
    event = {"time": NOW, "uuid": PEOPLE[0], "session": None, "seq": None, "source": "web", "bot": False}
    here, _ = put(store, [event | {"id": PEOPLE[1], "action": "shop.buy", "params": {}}])
    there, _ = put(store, [event | {"id": PEOPLE[2], "action": "page.visit", "params": {"url": "https://a.b/"}}])
    bought = ask_segment(Segment([Did(action="shop.buy")]), (), NOW)

    assert fast_segment(store, Scope(here, segment=bought)) == {PEOPLE[0]}
    assert fast_segment(store, Scope(there, segment=bought)) == set()


@pytest.mark.parametrize("text", ["'; DROP TABLE events --", "{x:String}", "%", "\\", "{times:UInt64}"])
def test_what_a_caller_says_is_never_in_the_sql(text: str) -> None:
    def ask(word: str) -> Any:
        of_all_kinds: list[AnyCondition] = [
            Did(action=word, params={word: word}, times=2),
            Attribute(name=word, value=word, how="contains"),
            Came(value=word),
            Used(value=word, by="country"),
        ]
        return ask_segment(Segment(of_all_kinds), (word,), NOW)

    assert ask(text).sql == ask("a.b").sql
    assert list(ask(text).values) == list(ask("a.b").values)


@pytest.mark.parametrize(
    "condition",
    [Did(action="a.b", days=1, since=1), Did(action="a.b", since=2, until=2), Did(action="*", until=DAY, days=2)],
)
def test_a_range_that_is_none_is_refused(condition: Did) -> None:
    with pytest.raises(RequestRefused):
        check_segment(Segment([condition]))
