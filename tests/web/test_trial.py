"""A trial judges as the collector does, and leaves nothing behind."""

import json
import uuid
from typing import Any

import httpx

from tests.running import Running, SiteOf, make_event


def judge(running: Running, site: SiteOf, text: Any, sent_as: str = "anonymous") -> httpx.Response:
    """Try events, or a text, with the site's read key."""
    text = text if isinstance(text, str) else json.dumps(text)
    with running.client(site.read) as client:
        return client.post(f"/api/v1/sites/{site.id}/try", json={"text": text, "as": sent_as})


def test_a_trial_says_what_collecting_then_does(shared: Running) -> None:
    site = shared.add_site()
    with shared.client() as owner:
        path = f"/api/v1/sites/{site.id}"
        owner.put(f"{path}/rules", json={"mode": "enforce", "deny": ["secret.*"]}).raise_for_status()
        schema = {"required": ["total"], "properties": {"total": {"type": "number"}}}
        owner.put(f"{path}/definitions/order.paid", json={"label": "Paid {{total}}", "schema": schema})
    again = make_event()
    shared.collect({"key": site.key, "events": [again]})
    shared.settled(site.id, 1)
    events = [
        make_event(action="order.paid", params={"total": 5}),
        make_event(action="order.paid"),
        make_event(action="secret.one"),
        again,
        {"action": "no.uuid"},
        make_event(action="x" * 33),
        {"action": "test.event", "uuid": str(uuid.uuid4())},
    ]

    tried = judge(shared, site, {"events": events}).raise_for_status().json()
    before = shared.settled(site.id, 1)["received"]
    sent = shared.collect({"key": site.key, "events": events}).json()

    assert (before, tried["kept"]) == (1, False)
    assert [(one["index"], one["code"], one["message"], one["field"]) for one in tried["items"] if one["code"]] == [
        (one["index"], one["code"], one["message"], one["field"]) for one in sent["rejected"]
    ]
    assert [one["verdict"] for one in tried["items"]] == [
        "stored", "rejected", "rejected", "duplicate", "rejected", "rejected", "stored",
    ]  # fmt: skip
    assert (tried["items"][0]["label"], tried["items"][-1]["id"]) == ("Paid 5", None)
    assert shared.settled(site.id, 8)["stored"] == 3


def test_a_trial_asks_who_sends(shared: Running) -> None:
    site = shared.add_site()
    with shared.client() as owner:
        for action, needs in (("by.server", "server"), ("by.token", "token")):
            owner.put(f"/api/v1/sites/{site.id}/definitions/{action}", json={"needs": needs}).raise_for_status()
    events = [make_event(action="by.server"), make_event(action="by.token")]

    codes = {
        sent_as: [one["code"] for one in judge(shared, site, events, sent_as).json()["items"]]
        for sent_as in ("anonymous", "token", "server")
    }

    assert codes == {
        "anonymous": ["server_only", "token_required"],
        "token": ["server_only", None],
        "server": [None, None],
    }


def test_lines_are_read_as_lines_and_an_id_twice_is_a_duplicate(shared: Running) -> None:
    site, event = shared.add_site(), json.dumps(make_event())

    verdicts = [one["verdict"] for one in judge(shared, site, f"{event}\n{event}\n").json()["items"]]

    assert verdicts == ["stored", "duplicate"]


def test_what_report_mode_would_refuse_is_told(shared: Running) -> None:
    site = shared.add_site()
    with shared.client() as owner:
        owner.put(f"/api/v1/sites/{site.id}/rules", json={"mode": "report", "allow": ["shop.*"]}).raise_for_status()

    one = judge(shared, site, make_event()).json()["items"][0]

    assert (one["verdict"], one["would_reject"]) == ("stored", "not_allowed")


def test_an_erased_customer_stays_erased_in_a_trial(shared: Running) -> None:
    site, event = shared.add_site(), make_event()
    with shared.client() as owner:
        owner.post(f"/api/v1/sites/{site.id}/erasures", json={"customer": event["uuid"]}).raise_for_status()

    one = judge(shared, site, event).json()["items"][0]

    assert (one["code"], "erased" in one["message"]) == ("denied", True)


def test_a_wrong_request_is_answered_as_the_collector_does(shared: Running) -> None:
    site = shared.add_site()

    answers = [judge(shared, site, text) for text in ("{", "5", [make_event()] * 101)]

    assert [(one.status_code, one.json()["error"]["code"]) for one in answers] == [
        (400, "malformed_json"),
        (400, "malformed_body"),
        (413, "too_many_events"),
    ]
