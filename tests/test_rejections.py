"""Every code of the contract through HTTP: each rejected event is in the quarantine and in the ledger under its code,
and a whole request that is refused leaves nothing behind.
"""

import gzip
import json
import time
import uuid
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, get_args

import httpx
import pytest

from tests.conftest import Start
from tests.running import Running, SiteOf, make_event
from trackway.demo.journeys import history
from trackway.errors import STATUS_BY_CODE
from trackway.event import Reason

DAY_MS = 86_400_000
BAD_EVENTS: Mapping[str, Callable[[], Any]] = {
    "action_missing": lambda: {"uuid": str(uuid.uuid4())},
    "action_invalid": lambda: make_event(action="no dot"),
    "action_too_long": lambda: make_event(action="a." + "b" * 31),
    "label_invalid": lambda: make_event(label="x" * 257),
    "time_invalid": lambda: make_event(time="yesterday"),
    "time_too_old": lambda: make_event(time=int(time.time() * 1000) - 40 * DAY_MS),
    "uuid_missing": lambda: {"action": "test.event"},
    "uuid_invalid": lambda: make_event(uuid="nobody"),
    "id_invalid": lambda: make_event(id="five"),
    "params_invalid": lambda: make_event(params=[]),
    "params_too_large": lambda: make_event(params={"x": "y" * 40_000}),
    "param_missing": lambda: make_event(action="page.visit"),
    "param_type": lambda: make_event(action="order.paid", params={"total": "much"}),
    "denied": lambda: make_event(action="secret.one"),
    "not_allowed": lambda: make_event(action="other.one"),
    "token_required": lambda: make_event(action="needs.token"),
    "server_only": lambda: make_event(action="needs.server"),
    "undeclared": lambda: make_event(action="test.unknown"),
    "event_invalid": lambda: 5,
}
DEFINITIONS = {
    "order.paid": {"schema": {"properties": {"total": {"type": "number"}}}},
    "needs.token": {"needs": "token"},
    "needs.server": {"needs": "server"},
    "test.event": {},
    "secret.one": {},
    "other.one": {},
}
RULES = {"mode": "enforce", "allow": ["test.*", "secret.*", "page.*", "order.*", "needs.*"], "deny": ["secret.*"]}


@pytest.fixture(scope="module")
def strict(shared: Running) -> SiteOf:
    """A site that refuses for every reason there is."""
    site = shared.add_site(past_limit_days=30, declared_only=True)
    with shared.client() as owner:
        for action, body in DEFINITIONS.items():
            owner.put(f"/api/v1/sites/{site.id}/definitions/{action}", json=body).raise_for_status()
        owner.put(f"/api/v1/sites/{site.id}/rules", json=RULES).raise_for_status()
    return site


def test_the_table_has_every_code() -> None:
    assert set(BAD_EVENTS) == set(get_args(Reason))
    assert set(BAD_REQUESTS) | OWN_TESTS == WHOLE_REQUEST_CODES
    assert set(STATUS_BY_CODE) >= WHOLE_REQUEST_CODES


def test_each_reason_is_answered_kept_and_counted(shared: Running, strict: SiteOf) -> None:
    events = {code: make() for code, make in BAD_EVENTS.items()}

    answer = shared.collect({"key": strict.key, "events": [*events.values(), make_event()]})
    ledger = shared.settled(strict.id, len(events) + 1)
    kept = {one["code"]: one for one in shared.get(f"/sites/{strict.id}/quarantine", limit=100)["items"]}

    assert [(one["index"], one["code"]) for one in answer.json()["rejected"]] == list(enumerate(events))
    assert answer.json()["accepted"] == 1
    assert ledger["rejected"] == dict.fromkeys(events, 1)
    assert (ledger["received"], ledger["stored"], ledger["balanced"]) == (len(events) + 1, 1, True)
    assert {code: one["event"] for code, one in kept.items()} == events
    assert all(one["key"] == strict.key and one["message"] for one in kept.values())


def with_key(running: Running, secret: str, body: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {secret}"}
    return httpx.post(f"{running.url}/api/v1/events", json=body, headers=headers, timeout=30)


BAD_REQUESTS: Mapping[str, Callable[[Running, SiteOf], httpx.Response]] = {
    "malformed_json": lambda running, site: running.collect(b"{", key=site.key),
    "malformed_body": lambda running, site: running.collect({"key": site.key, "events": 5}),
    "malformed_encoding": lambda running, site: running.collect(
        gzip.compress(b"[]")[:-3], key=site.key, headers={"content-encoding": "gzip"}
    ),
    "unknown_key": lambda running, _: running.collect({"key": "none", "events": [make_event()]}),
    "token_invalid": lambda running, site: running.collect(
        {"key": site.key, "token": "no.token.atall", "events": [make_event()]}
    ),
    "origin_not_allowed": lambda running, site: running.collect(
        {"key": site.key, "events": [make_event()]}, headers={"origin": "https://evil.example"}
    ),
    "scope_missing": lambda running, site: with_key(running, site.read, [make_event()]),
    "address_not_allowed": lambda running, site: with_key(running, elsewhere(running, site), [make_event()]),
    "body_too_large": lambda running, site: running.collect(b" " * (1024 * 1024 + 1), key=site.key),
    "too_many_events": lambda running, site: running.collect({"key": site.key, "events": [5] * 1001}),
}
OWN_TESTS = {"token_expired", "rate_limited", "storage_unavailable"}
"""tests/collect/test_tokens.py, below, and tests/faults/test_disk.py: they need a token, a limit and a full disk."""
WHOLE_REQUEST_CODES = {
    "malformed_json", "malformed_body", "malformed_encoding", "unknown_key", "token_invalid", "token_expired",
    "origin_not_allowed", "scope_missing", "address_not_allowed", "body_too_large", "too_many_events", "rate_limited",
    "storage_unavailable",
}  # fmt: skip


def elsewhere(running: Running, site: SiteOf) -> str:
    """A key that may be used from another address only."""
    with running.client() as owner:
        body = {"scope": "events:write", "site": site.id, "ip_ranges": ["192.0.2.0/24"]}
        return str(owner.post("/api/v1/keys", json=body).raise_for_status().json()["secret"])


@pytest.fixture(scope="module")
def closed(shared: Running) -> SiteOf:
    """A site that takes events from one origin."""
    return shared.add_site(origins=["https://shop.example"])


@pytest.mark.parametrize("code", BAD_REQUESTS)
def test_a_whole_request_is_refused_with_its_status_and_leaves_nothing(
    shared: Running, closed: SiteOf, code: str
) -> None:
    answer = BAD_REQUESTS[code](shared, closed)
    error = answer.json()["error"]

    assert (answer.status_code, error["code"]) == (STATUS_BY_CODE[code], code)
    assert set(error) == {"code", "message", "field"}
    assert shared.settled(closed.id, 0)["received"] == 0
    assert shared.get(f"/sites/{closed.id}/quarantine")["items"] == []


def test_a_rate_limit_says_when_to_come_back(shared: Running) -> None:
    site = shared.add_site(rate_limit_key_per_s=0.05)
    body = json.dumps({"key": site.key, "events": [make_event()]}).encode()

    answers = [shared.collect(body) for _ in range(3)]
    last = answers[-1]

    assert (last.status_code, last.json()["error"]["code"]) == (429, "rate_limited")
    assert int(last.headers["retry-after"]) > 0
    taken = sum(answer.status_code == 200 for answer in answers)
    assert shared.settled(site.id, taken)["received"] == taken


def test_preview_on_the_demos_traffic_is_what_enforcing_does(start: Start) -> None:
    """The demo's visitors on two sites: one previews, one enforces. Both say the same, action by action."""
    running = start()
    free, ruled = running.add_site(), running.add_site()
    rules = {"mode": "enforce", "allow": [], "deny": ["page.*", "cart.*", "*.hover"]}
    with running.client() as owner:
        owner.put(f"/api/v1/sites/{ruled.id}/rules", json=rules).raise_for_status()
    visits = history(Random(7), int(time.time() * 1000), 2, "http://shop.example/demo/").journeys
    events = [{**event.wire(), "uuid": visit.visitor.uuid} for visit in visits for event in visit.events]
    for at in range(0, len(events), 500):
        for site in (free, ruled):
            with running.client(site.write) as sender:
                sender.post("/api/v1/events", json=events[at : at + 500]).raise_for_status()
    before, after = running.settled(free.id, len(events)), running.settled(ruled.id, len(events))

    with running.client() as owner:
        asked = {"allow": [], "deny": rules["deny"], "last": 10_000}
        seen = owner.post(f"/api/v1/sites/{free.id}/rules/preview", json=asked).raise_for_status().json()

    assert (seen["accepted"], seen["rejected"]) == (after["stored"], after["rejected"])
    assert before["rejected"] == {}
    kept = running.get(f"/sites/{ruled.id}/quarantine", limit=1000)["items"]
    assert {one["action"]: one["count"] for one in seen["actions"]} == count_by_action(kept)


def count_by_action(items: list[dict[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in items:
        found[item["action"]] = found.get(item["action"], 0) + 1
    return found
