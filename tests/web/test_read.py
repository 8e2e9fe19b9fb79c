"""Searching events and reading one: each filter, pages without gap or repeat, and clear refusals."""

import base64
import json
import uuid
from typing import Any, NamedTuple

import pytest

from tests.running import Running, SiteOf, make_event

NOON = 1_700_000_000_000
ANN, BOB = str(uuid.uuid4()), str(uuid.uuid4())


class Filled(NamedTuple):
    """A site with known events, by a name for each."""

    site: SiteOf
    events: dict[str, dict[str, Any]]


EVENTS: dict[str, dict[str, Any]] = {
    "visit": {"action": "page.visit", "uuid": ANN, "params": {"url": "https://a.example/Shoes", "title": "Shoes"}},
    "buy": {
        "action": "product.buy",
        "uuid": ANN,
        "params": {"price": 10, "gift": True, "size": "10", "x": "it's \\ \t\n"},
    },
    "float": {"action": "product.buy", "uuid": BOB, "params": {"price": 10.0, "gift": False, "name": "Źródło 😀"}},
    "nested": {
        "action": "product.view",
        "uuid": BOB,
        "label": "Looked at a SHOE",
        "params": {"a.b": "dot", "o": {"a": 1}},
    },
    "plain": {"action": "product.view", "uuid": BOB},
}


@pytest.fixture(scope="module")
def filled(shared: Running) -> Filled:
    site = shared.add_site()
    events = {name: make_event(time=NOON + at * 1000, **fields) for at, (name, fields) in enumerate(EVENTS.items())}
    shared.collect({"key": site.key, "events": list(events.values())})
    shared.settled(site.id, len(events))
    return Filled(site, events)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["plain", "nested", "float", "buy", "visit"]),
        ({"action": "product.buy"}, ["float", "buy"]),
        ({"action": "product"}, []),
        ({"action": "product.buy' OR 1=1 --"}, []),
        ({"uuid": ANN}, ["buy", "visit"]),
        ({"uuid": ANN.upper()}, ["buy", "visit"]),
        ({"uuid": str(uuid.uuid4())}, []),
        ({"customer": BOB}, ["plain", "nested", "float"]),
        ({"from": NOON + 1000}, ["plain", "nested", "float", "buy"]),
        ({"to": NOON + 1000}, ["visit"]),
        ({"from": NOON + 1000, "to": NOON + 3000}, ["float", "buy"]),
        ({"from": NOON + 3000, "to": NOON + 1000}, []),
        ({"q": "shoe"}, ["nested", "visit"]),
        ({"q": "BUY"}, ["float", "buy"]),
        ({"q": "źródło"}, ["float"]),
        ({"q": "😀"}, ["float"]),
        ({"q": "100%"}, []),
        ({"param.price": "10"}, ["float", "buy"]),
        ({"param.size": "10"}, ["buy"]),
        ({"param.gift": "true"}, ["buy"]),
        ({"param.gift": "false"}, ["float"]),
        ({"param.name": "Źródło 😀"}, ["float"]),
        ({"param.x": "it's \\ \t\n"}, ["buy"]),
        ({"param.a.b": "dot"}, ["nested"]),
        ({"param.o": '{"a":1}'}, ["nested"]),
        ({"param.price": "10", "param.gift": "true"}, ["buy"]),
        ({"param.price": "10", "param.gift": "false"}, ["float"]),
        ({"param.gift": "true", "param.size": "11"}, []),
        pytest.param({"param.none": ""}, []),
        ({"action": "product.buy", "uuid": ANN, "from": NOON, "q": "gift", "param.gift": "true"}, ["buy"]),
    ],
)
def test_search_finds_what_was_asked_newest_first(
    shared: Running, filled: Filled, query: dict[str, Any], expected: list[str]
) -> None:
    found = shared.events(filled.site.id, **query)

    assert [event["id"] for event in found] == [filled.events[name]["id"] for name in expected]


def test_event_is_shown_the_same_in_a_list_and_by_itself(shared: Running, filled: Filled) -> None:
    event_id = filled.events["buy"]["id"]
    (listed,) = shared.events(filled.site.id, **{"param.size": "10"})

    alone = shared.get(f"/sites/{filled.site.id}/events/{event_id.upper()}")

    assert alone == listed
    assert alone["params"] == EVENTS["buy"]["params"]
    assert (alone["customer"], alone["uuid"], alone["time"]) == (ANN, ANN, NOON + 1000)
    assert {"session", "seq", "client_time"}.isdisjoint(alone)
    assert set(alone["context"]) >= {"browser", "os", "device", "country", "referrer_host", "channel", "utm"}


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_pages_are_complete_and_without_repeat_even_at_one_time(shared: Running, limit: int) -> None:
    site, now = shared.add_site(), NOON
    events = [make_event(time=now - (at // 5)) for at in range(20)]
    for half in (events[:10], events[10:]):
        shared.collect({"key": site.key, "events": half})
    shared.settled(site.id, 20)

    paged = shared.events(site.id, limit=limit)

    assert len(paged) == 20
    assert {event["id"] for event in paged} == {event["id"] for event in events}
    assert [event["time"] for event in paged] == sorted((event["time"] for event in events), reverse=True)


def test_page_is_stable_while_new_events_arrive(shared: Running) -> None:
    site = shared.add_site()
    old = [make_event(time=NOON + at) for at in range(4)]
    shared.collect({"key": site.key, "events": old})
    shared.settled(site.id, 4)
    first = shared.get(f"/sites/{site.id}/events", limit=2)
    shared.collect({"key": site.key, "events": [make_event() for _ in range(3)]})
    shared.settled(site.id, 7)

    second = shared.get(f"/sites/{site.id}/events", limit=2, cursor=first["next"])

    assert [event["time"] for event in first["items"] + second["items"]] == [NOON + 3, NOON + 2, NOON + 1, NOON]
    assert second["next"] is None


def test_recent_events_and_old_ones_are_on_one_page(shared: Running) -> None:
    """The first page looks at the last hour first; that must never hide what is older."""
    site = shared.add_site()
    shared.collect({"key": site.key, "events": [make_event(time=NOON), make_event(), make_event()]})
    shared.settled(site.id, 3)

    assert [len(shared.get(f"/sites/{site.id}/events", limit=limit)["items"]) for limit in (1, 2, 3, 4)] == [1, 2, 3, 3]
    assert len(shared.events(site.id, limit=1)) == 3


def encode(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


BROKEN_CURSORS = [
    "x",
    "!!!",
    "ünï",
    encode("a"),
    encode(),
    encode(1, 2, 3),
    encode(1.5, 2),
    base64.b64encode(b"{").decode(),
]


@pytest.mark.parametrize("route", ["events", "customers", "quarantine"])
@pytest.mark.parametrize("cursor", BROKEN_CURSORS)
def test_cursor_that_is_none_of_ours_is_refused(shared: Running, filled: Filled, route: str, cursor: str) -> None:
    with shared.client() as client:
        answer = client.get(f"/api/v1/sites/{filled.site.id}/{route}", params={"cursor": cursor})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter"), answer.text
    assert answer.json()["error"]["field"] == "cursor"


@pytest.mark.parametrize(
    ("route", "cursor"), [("events", encode(1, -5)), ("quarantine", encode(10**30)), ("quarantine", encode(2**63))]
)
def test_cursor_out_of_range_is_refused(shared: Running, filled: Filled, route: str, cursor: str) -> None:
    with shared.client() as client:
        answer = client.get(f"/api/v1/sites/{filled.site.id}/{route}", params={"cursor": cursor})

    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"limit": "many"}, "limit"),
        pytest.param(*({"from": "yesterday"}, "from")),
        pytest.param(*({"to": 2**54}, "to")),
        ({"uuid": "x"}, "uuid"),
        pytest.param(*({"q": "x" * 201}, "q")),
        ({"action": "x" * 65}, "action"),
        ({f"param.p{n}": "1" for n in range(11)}, "param"),
    ],
)
def test_parameter_that_cannot_be_is_refused_by_name(
    shared: Running, filled: Filled, query: dict[str, Any], field: str
) -> None:
    with shared.client() as client:
        answer = client.get(f"/api/v1/sites/{filled.site.id}/events", params=query)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter"), answer.text
    assert answer.json()["error"]["field"] == field


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sites/nowhere/events", 404),
        ("/sites/nowhere/ledger", 404),
        ("/sites/nowhere/live", 404),
        ("/sites/{site}/events/0192f0c4-dead-7cc3-a1b2-000000000002", 404),
        ("/sites/{site}/events/42", 400),
        ("/sites/{site}/events?customer=nobody", 404),
        ("/nothing", 404),
    ],
)
def test_what_is_not_there(shared: Running, filled: Filled, path: str, status: int) -> None:
    with shared.client() as client:
        answer = client.get("/api/v1" + path.replace("{site}", filled.site.id))

    assert answer.status_code == status, answer.text
    assert set(answer.json()["error"]) == {"code", "message", "field"}


def test_event_of_another_site_is_not_there(shared: Running, filled: Filled) -> None:
    other = shared.add_site()

    with shared.client() as client:
        answer = client.get(f"/api/v1/sites/{other.id}/events/{filled.events['buy']['id']}")

    assert answer.status_code == 404


def test_quarantine_pages_and_filters(shared: Running) -> None:
    site = shared.add_site()
    shared.collect({"key": site.key, "events": [1, 2, make_event(label=5), 3, make_event(action="x")]})
    shared.settled(site.id, 5)

    first = shared.get(f"/sites/{site.id}/quarantine", limit=2)
    second = shared.get(f"/sites/{site.id}/quarantine", limit=2, cursor=first["next"])
    third = shared.get(f"/sites/{site.id}/quarantine", limit=2, cursor=second["next"])
    labels = shared.get(f"/sites/{site.id}/quarantine", code="label_invalid")["items"]
    early = shared.get(f"/sites/{site.id}/quarantine", to=first["items"][0]["received"])["items"]

    codes = [row["code"] for page in (first, second, third) for row in page["items"]]
    assert codes == ["action_invalid", "event_invalid", "label_invalid", "event_invalid", "event_invalid"]
    assert third["next"] is None
    assert [row["field"] for row in labels] == ["events[2].label"]
    assert early == []


def test_gaps_are_numbers_that_never_came(shared: Running) -> None:
    site, device, whole = shared.add_site(), str(uuid.uuid4()), str(uuid.uuid4())
    events = [make_event(uuid=device, seq=seq) for seq in (1, 2, 5, 7)]
    events += [make_event(uuid=device, seq=6, label=5)]
    events += [make_event(uuid=whole, seq=seq) for seq in (3, 4)]
    shared.collect({"key": site.key, "events": events})

    gaps = shared.settled(site.id, 7)["gaps"]

    assert gaps == [{"uuid": device, "sent": 7, "stored": 4, "missing": [3, 4]}]


def test_refused_event_of_an_envelope_is_no_gap(shared: Running) -> None:
    site, device = shared.add_site(), str(uuid.uuid4())
    events = [make_event(seq=seq, label="x" if seq != 2 else 5) for seq in (1, 2, 3)]
    for event in events:
        del event["uuid"]
    shared.collect({"key": site.key, "uuid": device, "events": events})

    assert shared.settled(site.id, 3)["gaps"] == []


def test_pulse_counts_the_last_half_hour(shared: Running) -> None:
    site = shared.add_site()
    people = [make_event(uuid=ANN), make_event(uuid=ANN), make_event(uuid=BOB)]
    for events, agent in ((people, "Firefox/126.0"), ([make_event()], "Googlebot/2.1")):
        shared.collect({"key": site.key, "events": events}, headers={"user-agent": agent})
    shared.settled(site.id, 4)

    pulse = shared.get(f"/sites/{site.id}/insights/pulse")

    assert pulse["visitors_now"] == 2
    assert len(pulse["minutes"]) == 30
    assert sum(minute["events"] for minute in pulse["minutes"]) == 3
    times = [minute["time"] for minute in pulse["minutes"]]
    assert times == list(range(times[0], times[0] + 30 * 60_000, 60_000))


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/api/v1/nothing", 404, "openapi.json"),
        ("PUT", "/api/v1/me", 405, "Allow"),
        ("POST", "/api/v1/keys", 400, "not valid JSON"),
    ],
)
def test_what_the_framework_refuses_is_a_sentence_too(
    shared: Running, method: str, path: str, status: int, said: str
) -> None:
    with shared.client() as client:
        answer = client.request(method, path, content=b"{", headers={"content-type": "application/json"})

    assert (answer.status_code, set(answer.json()["error"])) == (status, {"code", "message", "field"})
    assert said in answer.json()["error"]["message"]
