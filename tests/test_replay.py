"""Replay: refused events are judged again by today's settings, stored once, and entered once, whatever happens."""

import json
import time
import uuid
from typing import Any

import httpx

from tests.conftest import Start
from tests.running import Running, SiteOf, make_event, wait_for

OLD_MS = 40 * 86_400_000
DONE_WITHIN_S = 30


def old_event(**fields: Any) -> dict[str, Any]:
    """An event from before a site's limit of 30 days: refused until the limit is lifted."""
    return make_event(time=int(time.time() * 1000) - OLD_MS, **fields)


def refuse(running: Running, events: list[dict[str, Any]], **envelope: Any) -> SiteOf:
    """A site that has refused these events, all of them time_too_old."""
    site = running.add_site(past_limit_days=30)
    answer = running.collect(
        {"key": site.key, "events": events, **envelope}, headers={"user-agent": "Mozilla/5.0 Firefox/140.0"}
    )
    assert {why["code"] for why in answer.json()["rejected"]} == {"time_too_old"}
    running.settled(site.id, len(events))
    return site


def lift_limit(running: Running, site: SiteOf) -> None:
    with running.client() as client:
        client.patch(f"/api/v1/sites/{site.id}", json={"settings": {"past_limit_days": 0}}).raise_for_status()


def ask_replay(running: Running, site: SiteOf, **body: Any) -> httpx.Response:
    with running.client() as client:
        return client.post(f"/api/v1/sites/{site.id}/quarantine/replay", json=body)


def replay(running: Running, site: SiteOf, **body: Any) -> dict[str, Any]:
    """Replay, and wait until it is done."""
    found: dict[str, Any] = ask_replay(running, site, **body).raise_for_status().json()

    def is_done() -> bool:
        found.update(running.get(f"/sites/{site.id}/replays/{found['id']}"))
        return bool(found["done"])

    wait_for(is_done, DONE_WITHIN_S, lambda: str(found))
    return found


def outcome(done: dict[str, Any]) -> tuple[int, int, int, int]:
    return done["matched"], done["stored"], done["duplicates"], done["rejected"]


def kept(running: Running, site: SiteOf, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = running.get(f"/sites/{site.id}/quarantine", limit=1000, **query)["items"]
    return found


def ledger(running: Running, site: SiteOf, **query: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {"from": 0, **query}
    found: dict[str, Any] = running.get(f"/sites/{site.id}/ledger", **asked)
    return found


def counts(running: Running, site: SiteOf) -> tuple[int, int, int, dict[str, int], int, bool]:
    found = ledger(running, site)
    names = ("received", "stored", "duplicates", "rejected", "replayed", "balanced")
    return tuple(found[name] for name in names)  # type: ignore[return-value]


def test_event_mended_by_a_setting_is_stored_as_it_was_received(shared: Running) -> None:
    event = old_event(params={"n": 1.0, "text": "é"}, seq=7)
    site = refuse(shared, [event], context={"shop": "north"}, sent=int(time.time() * 1000))
    (before,) = kept(shared, site)

    lift_limit(shared, site)
    done = replay(shared, site, ids=[event["id"]])
    (stored,) = shared.events(site.id)
    (after,) = kept(shared, site)

    assert outcome(done) == (1, 1, 0, 0)
    assert stored["id"] == event["id"]
    assert (stored["received"], stored["time"], stored["seq"]) == (before["received"], event["time"], 7)
    assert stored["params"] == {"shop": "north", "n": 1.0, "text": "é"}
    assert (stored["source"], stored["context"]["browser"], stored["ip"]) == ("web", "Firefox", "127.0.0.0")
    assert (before["replayed"], after["replayed"], after["verdict"]) == (False, True, "stored")
    assert after["code"] == "time_too_old"
    assert counts(shared, site) == (1, 1, 0, {}, 1, True)


def test_second_replay_does_nothing(shared: Running) -> None:
    events = [old_event() for _ in range(20)]
    site = refuse(shared, events)
    lift_limit(shared, site)

    first = replay(shared, site, filter={})
    again = [replay(shared, site, filter={}), replay(shared, site, ids=[events[0]["id"]])]

    assert outcome(first) == (20, 20, 0, 0)
    assert [outcome(one) for one in again] == [(0, 0, 0, 0)] * 2
    assert sorted(one["id"] for one in shared.events(site.id)) == sorted(one["id"] for one in events)
    assert counts(shared, site) == (20, 20, 0, {}, 20, True)


def test_events_refused_again_stay_with_their_new_reason(shared: Running) -> None:
    site = shared.add_site(past_limit_days=30)
    long, fine = old_event(), old_event()
    shared.collect({"key": site.key, "events": [long, {**fine, "action": "oops"}]})
    shared.settled(site.id, 2)

    done = replay(shared, site, filter={})
    reasons = sorted(item["code"] for item in kept(shared, site, replayed=False))

    assert outcome(done) == (2, 0, 0, 2)
    assert reasons == ["action_invalid", "time_too_old"]
    assert counts(shared, site) == (2, 0, 0, {"time_too_old": 1, "action_invalid": 1}, 0, True)


def test_event_that_came_mended_meanwhile_is_a_duplicate(shared: Running) -> None:
    event = old_event()
    site = refuse(shared, [event])
    lift_limit(shared, site)
    shared.collect({"key": site.key, "events": [event]})
    shared.settled(site.id, 2)

    done = replay(shared, site, filter={"code": "time_too_old"})

    assert outcome(done) == (1, 0, 1, 0)
    assert [item["verdict"] for item in kept(shared, site)] == ["duplicate"]
    assert len(shared.events(site.id)) == 1
    assert counts(shared, site) == (2, 1, 1, {}, 1, True)


def test_event_without_an_id_is_stored_once(shared: Running) -> None:
    event = old_event()
    del event["id"]
    site = refuse(shared, [event])
    lift_limit(shared, site)
    (item,) = kept(shared, site)

    done = replay(shared, site, ids=[item["position"]])

    assert outcome(done) == (1, 1, 0, 0)
    assert [one["id"] for one in shared.events(site.id)] == [item["id"]]


def test_envelope_s_uuid_and_a_server_s_customer_hold_again(shared: Running) -> None:
    person = str(uuid.uuid4())
    event = old_event()
    del event["uuid"]
    site = refuse(shared, [event], uuid=person.upper())
    server_event = {"action": "order.paid", "customer": {"customId": "c-9"}, "time": event["time"]}
    httpx.post(
        f"{shared.url}/api/v1/events", json=[server_event], headers={"authorization": f"Bearer {site.write}"}
    ).raise_for_status()
    shared.settled(site.id, 2)
    lift_limit(shared, site)

    done = replay(shared, site, filter={})

    assert outcome(done) == (2, 2, 0, 0)
    assert person in {one["uuid"] for one in shared.events(site.id)}
    assert [one["source"] for one in shared.events(site.id, customer="c-9")] == ["server"]


def test_replay_by_filter_takes_only_what_it_wants(shared: Running) -> None:
    events = [old_event(action="cart.add", params={"sku": "a%_1"}), old_event(action="cart.drop"), old_event()]
    site = refuse(shared, events)
    lift_limit(shared, site)
    filters: list[dict[str, Any]] = [
        {"action": "cart.add", "q": "a%_1", "key": site.key, "code": "time_too_old"},
        {"uuid": events[1]["uuid"].upper(), "from": 0, "to": 2**53},
        {"q": "nowhere in it"},
        {"from": 0, "to": 1},
    ]

    matched = [replay(shared, site, filter=one)["matched"] for one in filters]

    assert matched == [1, 1, 0, 0]
    assert sorted(one["action"] for one in shared.events(site.id)) == ["cart.add", "cart.drop"]


def test_replay_of_another_site_s_events_touches_nothing(shared: Running) -> None:
    event = old_event()
    theirs = refuse(shared, [event])
    lift_limit(shared, theirs)
    (item,) = kept(shared, theirs)

    done = replay(shared, shared.add_site(), ids=[event["id"], item["position"]])

    assert outcome(done) == (0, 0, 0, 0)
    assert [one["replayed"] for one in kept(shared, theirs)] == [False]


def test_bodies_that_ask_for_nothing_are_refused(shared: Running) -> None:
    site = shared.add_site()
    bodies: list[dict[str, Any]] = [
        {},
        {"ids": []},
        {"ids": [1], "filter": {}},
        {"filter": {"uuid": "x"}},
        {"filter": {"colour": "red"}},
        {"ids": [1.5]},
    ]

    answers = [ask_replay(shared, site, **body) for body in bodies]

    assert [answer.status_code for answer in answers] == [400] * len(bodies)
    assert {answer.json()["error"]["code"] for answer in answers} == {"invalid_parameter"}


def test_one_item_by_position_and_by_id(shared: Running) -> None:
    event = old_event()
    site = refuse(shared, [event])
    (item,) = kept(shared, site)

    assert shared.get(f"/sites/{site.id}/quarantine/{item['position']}") == item
    assert shared.get(f"/sites/{site.id}/quarantine/{event['id'].upper()}") == item
    with shared.client() as client:
        assert client.get(f"/api/v1/sites/{site.id}/quarantine/0").status_code == 404


def test_killed_in_the_middle_each_event_is_stored_and_entered_once(start: Start) -> None:
    """The server is killed again and again while it replays; the last one finishes what the first was asked."""
    running = start(load_interval_ms=1)
    events = [old_event() for _ in range(4_000)]
    site = refuse(running, events[:1])
    for at in range(1, len(events), 500):
        running.collect({"key": site.key, "events": events[at : at + 500]})
    running.settled(site.id, len(events))
    lift_limit(running, site)
    asked = ask_replay(running, site, filter={}).json()["id"]
    waited: list[int] = []
    for pause_s in (0.0, 0.1, 0.3):
        time.sleep(pause_s)
        running.kill()
        running.start()
        waited.append(running.get(f"/sites/{site.id}/replays/{asked}")["waiting"])

    wait_for(lambda: running.get(f"/sites/{site.id}/replays/{asked}")["done"], DONE_WITHIN_S)
    again = replay(running, site, filter={})

    done = running.get(f"/sites/{site.id}/replays/{asked}")
    assert outcome(done) == (len(events), len(events), 0, 0), waited
    assert again["matched"] == 0
    assert sorted(one["id"] for one in running.events(site.id)) == sorted(one["id"] for one in events)
    assert counts(running, site) == (len(events), len(events), 0, {}, len(events), True)


def test_replay_by_command_with_and_without_a_server(start: Start) -> None:
    running = start()
    first, second = old_event(action="cart.add"), old_event()
    site = refuse(running, [first, second])
    lift_limit(running, site)

    listed = json.loads(running.command("quarantine", "list", "--site", site.id, "--json").stdout)
    said = running.command("quarantine", "replay", "--site", site.id, "--action", "cart.add").stdout
    running.stop()
    later = running.command("quarantine", "replay", "--site", site.id, "--json").stdout
    running.start()
    wait_for(lambda: len(running.events(site.id)) == 2, DONE_WITHIN_S)

    assert {item["id"] for item in listed["items"]} == {first["id"], second["id"]}
    assert "1 stored" in said
    assert json.loads(later)["matched"] == 1
    assert counts(running, site) == (2, 2, 0, {}, 2, True)
