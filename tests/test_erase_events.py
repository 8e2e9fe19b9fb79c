"""Events deleted by action, time and params: counted first, gone everywhere, the others untouched, with a receipt."""

import json
import time
import uuid
from typing import Any

import httpx
import pytest

from tests.conftest import Start
from tests.running import Running, SiteOf, live_events, make_event, wait_for
from tests.test_erase import check_signature, found_in
from trackway.selection import Selection, digest_of_value

NOW_MS = int(time.time() * 1000)
HOUR_MS = 3_600_000
GONE_WITHIN_S = 60
SECRET = f"zoë.{uuid.uuid4().hex}@shop.example"


def send(running: Running, site: SiteOf) -> list[dict[str, Any]]:
    """Events of two actions, old and new, with and without the secret; refused ones too. Those that were accepted."""
    events = [
        make_event(action=action, time=NOW_MS - age * HOUR_MS, params={"n": 10, "ok": True, **extra})
        for action in ("cart.open", "cart.close")
        for age in (0, 48)
        for extra in ({}, {"email": SECRET})
    ]
    refused = [
        make_event(action="oops", params={"email": SECRET}),
        make_event(action="oops", time=NOW_MS - 48 * HOUR_MS),
    ]
    running.collect({"key": site.key, "events": events + refused})
    running.settled(site.id, len(events) + len(refused))
    return events


def delete(running: Running, site: SiteOf, **selection: Any) -> dict[str, Any]:
    """Delete events, and wait for the receipt."""
    path = f"/api/v1/sites/{site.id}/erasures"
    with running.client() as owner:
        done = owner.post(path, json={"events": selection}).raise_for_status().json()
    wait_for(lambda: running.get(f"/sites/{site.id}/erasures/{done['id']}")["done"], GONE_WITHIN_S)
    return running.get(f"/sites/{site.id}/erasures/{done['id']}")["receipt"]


def count(running: Running, site: SiteOf, **selection: Any) -> dict[str, Any]:
    with running.client() as owner:
        return owner.post(f"/api/v1/sites/{site.id}/erasures/count", json=selection).raise_for_status().json()


@pytest.fixture(scope="module")
def counted(shared: Running) -> SiteOf:
    """A site whose events are counted, and stay."""
    site = shared.add_site()
    send(shared, site)
    return site


@pytest.mark.parametrize(
    ("selection", "events", "refused"),
    [
        ({"action": "cart.open"}, 4, 0),
        ({"action": "oops"}, 0, 2),
        ({"to": NOW_MS - HOUR_MS}, 4, 1),
        ({"from": NOW_MS - HOUR_MS}, 4, 1),
        ({"action": "cart.open", "to": NOW_MS - HOUR_MS}, 2, 0),
        ({"params": {"email": SECRET}}, 4, 1),
        ({"params": {"email": SECRET, "n": "10", "ok": "true"}, "action": "cart.close"}, 2, 0),
        ({"params": {"email": "nobody"}}, 0, 0),
        ({"params": {"e'mail": "') OR 1 = 1 --"}}, 0, 0),
        ({"action": "cart.open' OR '1' = '1"}, 0, 0),
    ],
)
def test_what_would_go_is_counted(
    shared: Running, counted: SiteOf, selection: dict[str, Any], events: int, refused: int
) -> None:
    found = count(shared, counted, **selection)

    assert (found["events"], found["quarantine"]) == (events, refused)


@pytest.mark.parametrize(
    ("selection", "events", "refused"),
    [({"action": "cart.open", "to": NOW_MS - HOUR_MS}, 2, 0), ({"params": {"email": SECRET}}, 4, 1)],
)
def test_what_was_counted_goes_and_nothing_else(
    shared: Running, selection: dict[str, Any], events: int, refused: int
) -> None:
    site, other = shared.add_site(), shared.add_site()
    sent, elsewhere = send(shared, site), send(shared, other)

    receipt = delete(shared, site, **selection)

    assert receipt["erased"] == {"events": events, "quarantine": refused}
    assert len(shared.events(site.id)) == len(sent) - events
    assert len(shared.get(f"/sites/{site.id}/quarantine")["items"]) == 2 - refused
    left = count(shared, site, **selection)
    assert (left["events"], left["quarantine"]) == (0, 0)
    assert len(shared.events(other.id)) == len(elsewhere)
    assert shared.settled(site.id, 10)["balanced"]


def test_no_byte_of_a_deleted_value_is_left_and_the_receipt_does_not_tell_it(start: Start) -> None:
    running = start(load_interval_ms=1)
    site = running.add_site()
    send(running, site)
    traces = [SECRET.encode(), SECRET.split("@", maxsplit=1)[0].split(".")[1].encode()]
    assert found_in(running.data, traces)

    receipt = delete(running, site, params={"email": SECRET})

    assert found_in(running.data, traces) == {}
    assert receipt["selection"]["params"] == {"email": digest_of_value(site.id, SECRET)}
    check_signature(receipt)
    (line,) = [one for one in running.get("/audit", site=site.id)["items"] if one["what"] == "erasure.begin"]
    assert line["after"]["params"] == receipt["selection"]["params"]
    with live_events(running, site.id, tail=100) as stream:
        shown = [next(stream)[1] for _ in range(4)]
    assert not [event for event in shown if "email" in event["params"]]


def test_what_came_after_the_count_stays(shared: Running) -> None:
    site, first, late = shared.add_site(), make_event(), make_event()
    shared.collect({"key": site.key, "events": [first]})
    shared.settled(site.id, 1)
    counted = count(shared, site, action="test.event")
    time.sleep(0.01)
    shared.collect({"key": site.key, "events": [late]})
    shared.settled(site.id, 2)

    receipt = delete(shared, site, action="test.event", received_until=counted["received_until"])

    assert receipt["erased"]["events"] == 1
    assert [event["id"] for event in shared.events(site.id)] == [late["id"]]


def test_a_deleted_event_sent_again_is_stored_again(shared: Running) -> None:
    site, event = shared.add_site(), make_event()
    shared.collect({"key": site.key, "events": [event]})
    shared.settled(site.id, 1)
    delete(shared, site, action="test.event")

    shared.collect({"key": site.key, "events": [event]})
    after = shared.settled(site.id, 2)

    assert (after["stored"], after["duplicates"]) == (2, 0)
    assert len(shared.events(site.id)) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"events": {}}, "events"),
        ({}, "customer"),
        ({"customer": "a", "events": {"action": "a.b"}}, "customer"),
        ({"events": {"params": {f"p{n}": "1" for n in range(11)}}}, "params"),
    ],
)
def test_a_deletion_that_says_nothing_is_refused(shared: Running, body: dict[str, Any], field: str) -> None:
    site = shared.add_site()
    with shared.client() as owner:
        answer = owner.post(f"/api/v1/sites/{site.id}/erasures", json=body)

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


def test_deletion_by_command_asks_first_and_works_with_and_without_a_server(start: Start) -> None:
    running = start()
    site = running.add_site()
    sent = send(running, site)
    chosen = ("erase", "--site", site.id, "--action", "cart.open", "--param", f"email={SECRET}")

    counted = json.loads(running.command(*chosen, "--dry-run", "--json").stdout)
    unsure = running.command(*chosen, check=False)
    assert len(running.events(site.id)) == len(sent)
    words = running.command(*chosen, "--yes").stdout
    running.stop()
    old = json.loads(
        running.command("erase", "--site", site.id, "--to", str(NOW_MS - HOUR_MS), "--yes", "--json").stdout
    )
    wrong = running.command("erase", "--site", site.id, "--customer", "x", "--action", "a.b", check=False)
    when = running.command("erase", "--site", site.id, "--from", "yesterday", check=False)

    assert (counted["events"], counted["quarantine"]) == (2, 0)
    assert (unsure.returncode, "2 stored and 0 refused events fit. Nothing was deleted" in unsure.stderr) == (1, True)
    assert words.startswith("erased 2 from events, 0 from quarantine\n")
    assert old["erased"] == {"events": 3, "quarantine": 1}
    assert (wrong.returncode, when.returncode) == (2, 2)


def test_a_deletion_cut_off_by_a_kill_is_finished_by_the_next_server(start: Start) -> None:
    running = start()
    site = running.add_site()
    send(running, site)
    with running.client() as owner, pytest.raises(httpx.ReadTimeout):
        owner.post(f"/api/v1/sites/{site.id}/erasures", json={"events": {"action": "cart.open"}}, timeout=0.2)
    running.kill()
    running.start()

    (begun,) = running.get(f"/sites/{site.id}/erasures")["items"]
    wait_for(lambda: running.get(f"/sites/{site.id}/erasures/{begun['id']}")["done"], GONE_WITHIN_S)

    assert {event["action"] for event in running.events(site.id)} == {"cart.close"}


def test_events_of_others_that_name_an_erased_customer_are_counted_in_the_receipt(shared: Running) -> None:
    site, email = shared.add_site(), f"ann.{uuid.uuid4().hex}@shop.example"
    events = [
        make_event(action="client.identify", params={"email": email}),
        make_event(params={"invited": email.upper()}),
        make_event(params={"people": [email]}),
        make_event(params={"text": f"write to {email}, please"}),
    ]
    shared.collect({"key": site.key, "events": events})
    shared.settled(site.id, len(events))

    with shared.client() as owner:
        done = owner.post(f"/api/v1/sites/{site.id}/erasures", json={"customer": email}).raise_for_status().json()

    assert done["receipt"]["mentions"] == 2
    check_signature(done["receipt"])


@pytest.mark.parametrize(
    ("params", "taken"),
    [({"n": 10.0}, True), ({"n": "10"}, True), ({"n": 10.5}, False), ({}, False), ({"n": [10]}, False)],
)
def test_params_are_compared_as_text(params: dict[str, Any], taken: bool) -> None:
    assert Selection("site", 5, params=(("n", "10"),)).takes("a.b", 1, 5, params) is taken


def test_a_selection_takes_from_its_start_to_before_its_end() -> None:
    selection = Selection("site", upto=100, since=10, until=20)

    assert [time for time in (9, 10, 19, 20) if selection.takes("a.b", time, 100, {})] == [10, 19]
    assert not selection.takes("a.b", 15, 101, {})
