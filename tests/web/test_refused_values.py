"""What people put into forms, in events that were refused: the quarantine, and all that tells of it, by role."""

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from tests.people import add_user, browser_of
from tests.running import Running, SiteOf, make_event
from trackway.values import UNTOLD, withhold_refused

SECRET = "ann-kowalska@shop.example"
SUBMIT = "form.submit"
HOUR_MS = 3_600_000
PLAIN = {"note": "no form", "size": 7}
ROLES = ("viewer", "editor", "admin", "key")


class Refused(NamedTuple):
    """A site, one refused submission and all others by what is wrong with them, and somebody of each role."""

    site: SiteOf
    customer: str
    id: str
    clients: dict[str, httpx.Client]


def refused_events(customer: str) -> list[Any]:
    """Submissions in every shape that is refused, with SECRET in each; then one that is none."""
    put_in = {"form": "contact", "url": "https://shop.example/contact", "message": SECRET}
    return [
        make_event(action=SUBMIT, uuid=customer, label="x" * 300, params=put_in),
        make_event(action=SUBMIT, uuid=customer, params={"message": SECRET}),
        make_event(action=SUBMIT, uuid=customer, params={"form": {"message": SECRET}, "title": [SECRET]}),
        make_event(action=SUBMIT, uuid=customer, params=SECRET),
        make_event(action=SUBMIT, uuid="nobody", answers={"message": SECRET}, label=SECRET),
        make_event(action="", uuid=customer, params=put_in),
        make_event(action=["form", "submit"], uuid=customer, params=put_in),
        f"form.submit {SECRET}",
        make_event(action="order.paid", uuid=customer, label="x" * 300, params=PLAIN),
    ]


@pytest.fixture(scope="module")
def refused(shared: Running) -> Iterator[Refused]:
    site, customer = shared.add_site(), str(uuid.uuid4())
    stored = make_event(action=SUBMIT, uuid=customer, label=f"From {SECRET}", params={"form": "a", "message": SECRET})
    stored["time"] = int(time.time() * 1000) - 3 * HOUR_MS
    events = [stored, *refused_events(customer)]
    answer = shared.collect({"key": site.key, "events": events}).json()
    assert (answer["accepted"], len(answer["rejected"])) == (1, len(events) - 1)
    shared.settled(site.id, len(events))
    roles = ("viewer", "editor", "admin")
    clients = {role: browser_of(shared, add_user(shared, sites={site.id: role})) for role in roles}
    clients["key"] = shared.client(site.read)
    clients["key"].base_url = f"{shared.url}/api/v1"
    yield Refused(site, customer, events[1]["id"], clients)
    for client in clients.values():
        client.close()


def ask(refused: Refused, who: str, path: str, **query: Any) -> str:
    told = {"id": refused.id, "customer": refused.customer}
    answer = refused.clients[who].get(f"/sites/{refused.site.id}{path.format(**told)}", params=query or None)
    assert answer.status_code == 200, answer.text
    return answer.text


def items(refused: Refused, who: str, **query: Any) -> list[dict[str, Any]]:
    return json.loads(ask(refused, who, "/quarantine", **query))["items"]


TELLERS = [
    "/quarantine",
    "/quarantine?format=csv",
    "/quarantine/{id}",
    "/events/{id}/verdict",
    "/customers/{customer}/export",
    "/definitions",
    "/definitions/form.submit",
]


@pytest.mark.parametrize("path", TELLERS)
@pytest.mark.parametrize("who", ROLES)
def test_what_was_put_in_is_told_to_those_who_may_see_it(refused: Refused, path: str, who: str) -> None:
    assert (SECRET in ask(refused, who, path)) == (who != "viewer")


def test_viewer_sees_that_there_are_values(refused: Refused) -> None:
    told = {item["position"]: item["event"] for item in items(refused, "viewer")}
    whole = {item["position"]: item["event"] for item in items(refused, "editor")}
    (first,) = [event for event in told.values() if event.get("id") == refused.id]

    assert [*told] == [*whole]
    assert first["params"] == {"form": "contact", "url": "https://shop.example/contact"}
    assert first["withheld"] == ["message"]
    assert [event for event in told.values() if "withheld" not in event] == [
        event for event in whole.values() if type(event) is dict and event.get("params") == PLAIN
    ]


@pytest.mark.parametrize(
    ("words", "found"), [("ann-kowalska", {"viewer": 0, "editor": 8}), ("no form", {"viewer": 1, "editor": 1})]
)
def test_a_viewer_cannot_search_for_what_was_put_in(refused: Refused, words: str, found: dict[str, int]) -> None:
    assert {who: len(items(refused, who, q=words)) for who in found} == found


def test_a_viewer_finds_a_refused_submission_by_its_id(refused: Refused) -> None:
    assert [item["id"] for item in items(refused, "viewer", q=refused.id)] == [refused.id]


def test_what_became_of_a_stored_submission_does_not_repeat_its_label(refused: Refused) -> None:
    (stored,) = json.loads(ask(refused, "key", "/events"))["items"]
    told = {who: ask(refused, who, f"/events/{stored['id']}/verdict") for who in ("viewer", "editor")}

    assert {who: SECRET in text for who, text in told.items()} == {"viewer": False, "editor": True}
    assert "form.submit “Submitted form a”" in json.loads(told["viewer"])["message"]


def test_a_viewer_cannot_think_up_segments_and_alerts_that_tell(refused: Refused) -> None:
    params = {"message": SECRET}
    segment = {"conditions": [{"kind": "did", "action": SUBMIT, "params": params}]}
    watched = {"kind": "count", "action": SUBMIT, "params": [{"name": "message", "value": SECRET}], "window_min": 60}
    found: dict[str, tuple[int, float]] = {}
    for who in ("viewer", "editor"):
        client, site = refused.clients[who], f"/sites/{refused.site.id}"
        seen = client.post(f"{site}/segments/preview", json=segment).raise_for_status().json()
        alert = {"name": "a", "watched": watched, "limits": {"above": 1_000_000}}
        told = client.post(f"{site}/alerts/preview", json=alert).raise_for_status().json()
        found[who] = (seen["customers"], sum(value or 0 for _, value, *_ in told["picture"]))

    assert found == {"viewer": (0, 0), "editor": (1, 1)}


@pytest.mark.parametrize(
    ("action", "event", "told"),
    [
        (SUBMIT, {"action": SUBMIT, "params": {"form": "a", "b": SECRET}}, {"action": SUBMIT, "params": {"form": "a"}}),
        (SUBMIT, {"params": {"url": 1, "title": None}}, {"params": {}}),
        ("", SECRET, {"params": {}}),
        ("", [SECRET], {"params": {}}),
        ("form submit", {"uuid": {"a": SECRET}, "seq": 3}, {"seq": 3, "params": {}}),
    ],
)
def test_only_what_is_known_to_be_no_value_is_told(action: str, event: Any, told: dict[str, Any]) -> None:
    item = {
        "action": action,
        "code": "event_invalid",
        "message": f"about {SECRET}",
        "event": msgspec.json.encode(event),
    }
    shown = withhold_refused(item)

    assert {name: value for name, value in shown["event"].items() if name != "withheld"} == told
    assert shown["message"] == UNTOLD


def test_an_action_that_is_no_submission_is_told_whole() -> None:
    item = {"action": "order.paid", "code": "denied", "message": "m", "event": b"{}"}

    assert withhold_refused(item) is item
