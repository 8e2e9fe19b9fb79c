"""Rate limits of a site over HTTP: whom they hold back, whom they leave alone, and that all answered 200 is stored."""

import json
from typing import Any

import httpx
import pytest

from tests.conftest import Start
from tests.running import Running, SiteOf, make_event, wait_for

SLOW = 0.001
"""Requests a second: one may come at once, and the next is far away."""
HERE, THERE = "127.0.0.1", "127.0.0.2"


def send(running: Running, site: SiteOf, at: str = HERE, forwarded: str = "", **event: Any) -> httpx.Response:
    """One event, from an address of this machine."""
    with httpx.Client(transport=httpx.HTTPTransport(local_address=at), timeout=30) as client:
        headers = {"content-type": "text/plain"} | ({"x-forwarded-for": forwarded} if forwarded else {})
        body = json.dumps({"key": site.key, "events": [make_event(**event)]})
        return client.post(f"{running.url}/e", content=body, headers=headers)


def check_limited(answer: httpx.Response) -> None:
    """429 as the contract has it."""
    assert answer.status_code == 429, answer.text
    assert answer.json()["error"]["code"] == "rate_limited"
    assert answer.json()["error"]["message"]
    assert int(answer.headers["retry-after"]) >= 1


@pytest.fixture
def unproxied(start: Start) -> Running:
    """A server that believes no proxy."""
    return start(trusted_proxies="")


def test_one_address_is_held_back_and_another_is_not(unproxied: Running) -> None:
    site = unproxied.add_site(rate_limit_ip_per_s=SLOW)
    other = unproxied.add_site()

    taken, limited, elsewhere = send(unproxied, site), send(unproxied, site), send(unproxied, site, at=THERE)

    assert (taken.status_code, elsewhere.status_code) == (200, 200)
    check_limited(limited)
    check_limited(send(unproxied, site, at=THERE))
    assert send(unproxied, other).status_code == 200, "another site has limits of its own"


def test_whom_no_proxy_vouches_for_cannot_choose_an_address(unproxied: Running) -> None:
    site = unproxied.add_site(rate_limit_ip_per_s=SLOW)

    assert send(unproxied, site, forwarded="203.0.113.1").status_code == 200
    check_limited(send(unproxied, site, forwarded="203.0.113.2"))


def test_behind_a_trusted_proxy_the_forwarded_address_counts(shared: Running) -> None:
    site = shared.add_site(rate_limit_ip_per_s=SLOW)

    assert send(shared, site, forwarded="203.0.113.1").status_code == 200
    assert send(shared, site, forwarded="203.0.113.2").status_code == 200
    check_limited(send(shared, site, forwarded="203.0.113.1"))
    check_limited(send(shared, site, forwarded="198.51.100.9, 203.0.113.1"))


def test_what_was_held_back_was_never_received(shared: Running) -> None:
    """It is sent again, so it must not be counted twice; what was answered 200 is stored, each once."""
    site = shared.add_site(rate_limit_ip_per_s=SLOW)
    events = [make_event() for _ in range(12)]

    answers = [
        shared.collect(
            {"key": site.key, "events": [event, {**event, "id": None, "action": "oops"}]},
            headers={"x-forwarded-for": f"203.0.113.{at // 3}"},
        )
        for at, event in enumerate(events)
    ]
    taken = {event["id"] for event, answer in zip(events, answers, strict=True) if answer.status_code == 200}
    ledger = shared.settled(site.id, 2 * len(taken))

    assert len(taken) == 4
    for answer in answers:
        if answer.status_code != 200:
            check_limited(answer)
    assert {event["id"] for event in shared.events(site.id)} == taken
    assert (ledger["received"], ledger["stored"], ledger["balanced"]) == (8, 4, True)
    assert ledger["rejected"] == {"action_invalid": 4}, "a request that is held back is no rejected event"
    assert len(shared.get(f"/sites/{site.id}/quarantine")["items"]) == 4


def test_who_waits_as_told_is_taken_again(shared: Running) -> None:
    """Ten seconds' worth at once, then as fast as the limit says."""
    site, device = shared.add_site(rate_limit_ip_per_s=2), make_event()["uuid"]
    first = [send(shared, site, uuid=device).status_code for _ in range(40)]

    wait_for(lambda: send(shared, site, uuid=device).status_code == 200, 10)

    assert first[:20] == [200] * 20
    assert 429 in first


def test_an_address_over_its_limit_takes_nothing_from_the_others(shared: Running) -> None:
    """Both limits: who goes on and on at 429 must not use up what the whole site may send."""
    site = shared.add_site(rate_limit_ip_per_s=SLOW, rate_limit_key_per_s=0.2)

    flood = [send(shared, site, forwarded="203.0.113.1").status_code for _ in range(20)]
    other = send(shared, site, forwarded="203.0.113.2")

    assert flood == [200] + [429] * 19
    assert other.status_code == 200


def test_a_site_over_its_limit_takes_nothing_from_an_address(shared: Running) -> None:
    site = shared.add_site(rate_limit_ip_per_s=SLOW, rate_limit_key_per_s=SLOW)
    assert send(shared, site, forwarded="203.0.113.1").status_code == 200
    check_limited(send(shared, site, forwarded="203.0.113.2"))

    shared.command("site", "set", site.id, "rate_limit_key_per_s=0")

    wait_for(lambda: send(shared, site, forwarded="203.0.113.3").status_code == 200, 5)
    assert send(shared, site, forwarded="203.0.113.2").status_code == 200


def test_servers_are_held_back_by_address_too(shared: Running) -> None:
    site = shared.add_site(rate_limit_ip_per_s=SLOW)
    answers: list[httpx.Response] = []
    for address in ("203.0.113.1", "203.0.113.1", "203.0.113.2"):
        headers = {"authorization": f"Bearer {site.write}", "x-forwarded-for": address}
        answers.append(httpx.post(f"{shared.url}/api/v1/events", json=[make_event()], headers=headers, timeout=30))

    check_limited(answers[1])
    assert [answer.status_code for answer in answers] == [200, 429, 200]
    assert shared.settled(site.id, 2)["received"] == 2


def test_pages_may_read_when_to_come_back(shared: Running) -> None:
    """Else a browser hides the header from the SDK, which would then come back too early."""
    site, origin = shared.add_site(rate_limit_ip_per_s=SLOW), {"origin": "https://shop.example"}
    body = {"key": site.key, "events": [make_event()]}

    shared.collect(body, headers=origin)
    limited = shared.collect(body, headers=origin)

    check_limited(limited)
    assert limited.headers["access-control-allow-origin"] == "https://shop.example"
    assert "retry-after" in limited.headers["access-control-expose-headers"]


def test_a_limit_that_is_changed_holds_on_the_running_server(shared: Running) -> None:
    site = shared.add_site()
    assert [send(shared, site).status_code for _ in range(3)] == [200] * 3

    shared.command("site", "set", site.id, f"rate_limit_ip_per_s={SLOW}")

    wait_for(lambda: send(shared, site).status_code == 429, 5)
