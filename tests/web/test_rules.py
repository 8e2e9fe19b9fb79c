"""Rules through the front door: put, enforced, reported, tried beforehand, told to browsers; and lists of API keys."""

import json
import re
import time
from typing import Any

import httpx
import pytest

from tests.running import APPEARS_WITHIN_S, Running, SiteOf, make_event, wait_for


def put(running: Running, site: str, **rules: Any) -> dict[str, Any]:
    """Put rules; what the server then says they are."""
    with running.client() as client:
        return client.put(f"/api/v1/sites/{site}/rules", json=rules).raise_for_status().json()


def preview(running: Running, site: str, **rules: Any) -> dict[str, Any]:
    """What rules would have done."""
    with running.client() as client:
        return client.post(f"/api/v1/sites/{site}/rules/preview", json=rules).raise_for_status().json()


def send(running: Running, site: SiteOf, *actions: str) -> list[tuple[str, str]]:
    """Send an event of each action; what was rejected: (action, code)."""
    events = [make_event(action=action) for action in actions]
    answer = running.collect({"key": site.key, "events": events}).raise_for_status().json()
    return [(actions[why["index"]], why["code"]) for why in answer["rejected"]]


def test_rules_are_empty_until_they_are_put(shared: Running) -> None:
    site = shared.add_site()
    rules = {"mode": "report", "allow": ["product.*"], "deny": ["product.secret"]}

    assert shared.get(f"/sites/{site.id}/rules") == {"mode": "enforce", "allow": [], "deny": []}
    assert put(shared, site.id, **rules) == rules
    assert shared.get(f"/sites/{site.id}/rules") == rules


def test_denied_events_are_refused_kept_and_counted(shared: Running) -> None:
    site = shared.add_site()
    put(shared, site.id, allow=["product.*", "page.*"], deny=["*.secret"])

    rejected = send(shared, site, "product.view", "product.secret", "other.one")
    ledger = shared.settled(site.id, 3)
    quarantine = shared.get(f"/sites/{site.id}/quarantine")["items"]

    assert rejected == [("product.secret", "denied"), ("other.one", "not_allowed")]
    assert [event["action"] for event in shared.events(site.id)] == ["product.view"]
    assert (ledger["stored"], ledger["rejected"], ledger["balanced"]) == (1, {"denied": 1, "not_allowed": 1}, True)
    told = {row["code"]: (row["message"], row["field"]) for row in quarantine}
    assert told == {
        "denied": ("The denylist of this site has the rule *.secret.", "events[1].action"),
        "not_allowed": ("The allowlist of this site has no rule for other.one.", "events[2].action"),
    }


def test_rules_hold_on_the_server_route_too(shared: Running) -> None:
    site = shared.add_site()
    put(shared, site.id, deny=["test.*"])

    with shared.client(site.write) as client:
        answer = client.post("/api/v1/events", json=[make_event()]).json()

    assert [why["code"] for why in answer["rejected"]] == ["denied"]


def test_report_keeps_all_and_marks_what_would_have_gone(shared: Running) -> None:
    site = shared.add_site()
    put(shared, site.id, mode="report", allow=["product.*"], deny=["product.secret"])

    assert send(shared, site, "product.view", "product.secret", "other.one", "other.one") == []
    shared.settled(site.id, 4)
    marks = {event["action"]: event.get("would_reject") for event in shared.events(site.id)}
    counted = shared.get(f"/sites/{site.id}/rules/marked")["items"]

    assert marks == {"product.view": None, "product.secret": "denied", "other.one": "not_allowed"}
    assert [(one["action"], one["code"], one["count"]) for one in counted] == [
        ("other.one", "not_allowed", 2),
        ("product.secret", "denied", 1),
    ]
    assert all(one["first"] <= one["last"] for one in counted)


def test_marks_are_counted_in_the_time_asked_for(shared: Running) -> None:
    site = shared.add_site()
    put(shared, site.id, mode="report", deny=["test.*"])
    send(shared, site, "test.event")
    shared.settled(site.id, 1)
    (event,) = shared.events(site.id)

    def count(since: int, until: int) -> int:
        query: dict[str, Any] = {"from": since, "to": until}
        return len(shared.get(f"/sites/{site.id}/rules/marked", **query)["items"])

    assert count(event["received"], event["received"] + 1) == 1
    assert count(event["received"] + 1, event["received"] + 2) == 0


def test_preview_tells_before_and_enforcing_does_the_same(shared: Running) -> None:
    site = shared.add_site()
    sent = ["product.view"] * 3 + ["product.secret"] * 2 + ["other.one", "nodot", "nodot"]
    rules = {"mode": "enforce", "allow": ["product.*"], "deny": ["product.secret"]}
    send(shared, site, *sent)
    shared.settled(site.id, len(sent))

    told = preview(shared, site.id, **rules)
    put(shared, site.id, **rules)
    rejected = send(shared, site, *sent)

    done: dict[str, int] = {}
    for _, code in rejected:
        done[code] = done.get(code, 0) + 1
    assert (told["received"], told["accepted"], told["rejected"]) == (8, 8 - len(rejected), done)
    assert [(one["action"], one["code"], one["count"], one["rule"]) for one in told["actions"]] == [
        ("product.secret", "denied", 2, "product.secret"),
        ("other.one", "not_allowed", 1, ""),
    ]
    ids = {event["id"] for event in shared.events(site.id)}
    assert {example["id"] for one in told["actions"] for example in one["examples"]} <= ids


def test_preview_tells_what_lifting_a_rule_would_let_pass(shared: Running) -> None:
    site = shared.add_site()
    put(shared, site.id, deny=["product.*"])
    send(shared, site, "product.view", "page.other")
    shared.settled(site.id, 2)

    told = preview(shared, site.id)

    assert (told["accepted"], told["rejected"]) == (2, {})
    assert [(one["action"], one["code"], one["was"]) for one in told["actions"]] == [
        ("product.view", None, {"denied": 1})
    ]


def test_preview_looks_at_the_last_events_only(shared: Running) -> None:
    site = shared.add_site()
    for action in ("old.one", "new.one", "nodot", "new.two"):
        send(shared, site, action)
    shared.settled(site.id, 4)

    told = preview(shared, site.id, deny=["*"], last=3)

    assert (told["received"], told["rejected"]) == (3, {"denied": 2, "action_invalid": 1})
    assert {one["action"] for one in told["actions"]} == {"new.one", "new.two"}


def test_preview_of_a_site_without_events(shared: Running) -> None:
    told = preview(shared, shared.add_site().id, deny=["*"])

    assert told == {"received": 0, "since": None, "accepted": 0, "rejected": {}, "actions": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"allow": ["product"]}, "allow[0]"),
        ({"deny": ["a.b", "c d"]}, "deny[1]"),
        ({"deny": [f"a.b{at}" for at in range(501)]}, "deny"),
    ],
)
@pytest.mark.parametrize("route", ["PUT rules", "POST rules/preview"])
def test_bad_rules_are_refused_and_change_nothing(
    shared: Running, route: str, body: dict[str, Any], field: str
) -> None:
    site, (method, path) = shared.add_site(), route.split()

    with shared.client() as client:
        answer = client.request(method, f"/api/v1/sites/{site.id}/{path}", json=body)

    assert answer.status_code == 400
    assert (answer.json()["error"]["code"], answer.json()["error"]["field"]) == ("invalid_parameter", field)
    assert shared.get(f"/sites/{site.id}/rules")["deny"] == []


def test_browsers_have_enforced_rules_in_their_file(shared: Running) -> None:
    site = shared.add_site()

    def in_file() -> Any:
        text = httpx.get(f"{shared.url}/s/{site.key}.js").text
        found = re.search(r"TrackwaySDK\.start\((\{.*\})(?:,TrackwayMore)?\);", text)
        assert found is not None
        return json.loads(found[1])["rules"]

    rules = {"allow": ["product.*"], "deny": ["product.secret"]}
    put(shared, site.id, mode="enforce", **rules)
    enforced = in_file()
    put(shared, site.id, mode="report", **rules)

    assert enforced == {"mode": "enforce", **rules}
    assert in_file() == {"mode": "report", "allow": [], "deny": []}


def test_change_of_rules_is_in_the_audit_log(shared: Running) -> None:
    site = shared.add_site()
    put(shared, site.id, deny=["a.b"])

    newest = shared.get("/audit", site=site.id)["items"][0]

    assert newest["what"] == "rules.put"
    assert (newest["before"], newest["after"]) == ({"rules": {"deny": []}}, {"rules": {"deny": ["a.b"]}})


def test_change_under_load_drops_no_request(shared: Running) -> None:
    """Rules are put by the command line and by the API while events come: each request is answered and counted."""
    site, codes = shared.add_site(), set[tuple[str, str]]()
    put(shared, site.id, deny=["never.sent"])
    process_seen = False
    shared.command("rules", "set", site.id, "--deny", "test.event")
    deadline, sent = time.monotonic() + APPEARS_WITHIN_S, 0
    while not process_seen and time.monotonic() < deadline:
        codes |= set(send(shared, site, "test.event"))
        sent += 1
        process_seen = ("test.event", "denied") in codes
    put(shared, site.id, deny=[])
    after = send(shared, site, "test.event")

    assert process_seen
    assert after == []
    ledger = shared.settled(site.id, sent + 1)
    assert (ledger["received"], ledger["balanced"]) == (sent + 1, True)


def test_lists_of_a_key_hold_beside_those_of_the_site(shared: Running) -> None:
    site = shared.add_site()
    put(shared, site.id, deny=["order.secret"])
    with shared.client() as client:
        body = {"scope": "events:write", "site": site.id, "allow": ["order.*"], "deny": ["order.cancel"]}
        key = client.post("/api/v1/keys", json=body).raise_for_status().json()
    actions = ["order.paid", "order.secret", "order.cancel", "stock.counted"]
    with shared.client(key["secret"]) as client:
        answer = client.post("/api/v1/events", json=[make_event(action=action) for action in actions]).json()
    shared.settled(site.id, 4)

    assert [(actions[why["index"]], why["code"]) for why in answer["rejected"]] == [
        ("order.secret", "denied"),
        ("order.cancel", "denied"),
        ("stock.counted", "not_allowed"),
    ]
    assert "this API key" in answer["rejected"][1]["message"]
    told = preview(shared, site.id)  # the key's own lists still hold
    assert (told["accepted"], told["rejected"]) == (2, {"denied": 1, "not_allowed": 1})
    with shared.client(site.write) as client:
        assert client.post("/api/v1/events", json=[make_event(action="stock.counted")]).json()["accepted"] == 1


def test_command_sets_shows_and_tries(shared: Running) -> None:
    site = shared.add_site()
    send(shared, site, "test.event", "other.one")
    shared.settled(site.id, 2)

    tried = json.loads(shared.command("rules", "preview", site.id, "--deny", "test.*", "--json").stdout)
    shared.command("rules", "set", site.id, "--deny", "test.*", "--mode", "report")
    shown = json.loads(shared.command("rules", "show", site.id, "--json").stdout)
    shared.command("rules", "set", site.id, "--no-deny", "--mode", "enforce")

    assert (tried["accepted"], tried["rejected"]) == (1, {"denied": 1})
    assert shown == {"mode": "report", "allow": [], "deny": ["test.*"]}
    wait_for(
        lambda: shared.get(f"/sites/{site.id}/rules") == {"mode": "enforce", "allow": [], "deny": []},
        APPEARS_WITHIN_S,
    )
