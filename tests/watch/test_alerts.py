"""Alerts through the front door: a real server, real receivers, weeks of events behind them."""

import csv
import io
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.conftest import Start
from tests.running import Running, free_port, wait_for
from tests.watch.receiver import Receiver, is_signed
from tests.watch.sites import SEEN_WITHIN_S, Watched, alert, ask, fill, incident, standing, webhook
from trackway.books.incidents import RETRIES_S

SENT_WITHIN_S = 25


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    running = Running(tmp_path_factory.mktemp("watched") / "data", alert_check_s=0.3, alert_private_addresses="true")
    running.start()
    yield Watched(running, fill(running))
    running.stop()


@pytest.mark.parametrize(
    ("kind", "more", "state", "basis"),
    [
        ("count", {}, "below", "week"),
        ("count", {"action": "form.*", "params": [{"name": "form", "value": "checkout"}]}, "below", "week"),
        ("count", {"params": [{"name": "form", "value": "another"}]}, "learning", "none"),
        ("count", {"action": "checkout.start"}, "usual", "week"),
        ("share", {"of_action": "checkout.start"}, "below", "day"),
        ("stopped", {"action": "checkout.start"}, "usual", "week"),
        ("dwell", {"element": "banner"}, "few", "none"),
    ],
)
def test_what_is_watched_is_judged_by_its_own_past(
    watched: Watched, kind: str, more: dict[str, Any], state: str, basis: str
) -> None:
    made = ask(watched.running, "POST", f"{watched.site.id}/alerts", 201, alert(kind, **more))
    finding = standing(watched, made["id"])["finding"]

    assert (finding["state"], finding["basis"]) == (state, basis)
    assert bool(standing(watched, made["id"])["incident"]) == (state == "below")


def test_an_action_that_stopped_is_found(watched: Watched) -> None:
    made = ask(watched.running, "POST", f"{watched.site.id}/alerts", 201, alert("stopped"))
    finding = standing(watched, made["id"])["finding"]

    assert (finding["state"], finding["value"], finding["high"]) == ("above", 2 * 3_600_000, 3_600_000)


def test_the_share_of_rejected_events_is_watched(watched: Watched) -> None:
    body = alert("rejected", action="") | {"limits": {"mode": "fixed", "above": 0.5}}
    made = ask(watched.running, "POST", f"{watched.site.id}/alerts", 201, body)

    assert standing(watched, made["id"])["finding"]["state"] == "few"  # all were received within this hour


def test_an_incident_opens_once_is_told_once_and_signed(watched: Watched) -> None:
    with Receiver() as receiver:
        channel = webhook(watched, receiver.url)
        made = ask(watched.running, "POST", f"{watched.site.id}/alerts", 201, alert(channels=[channel["id"]]))
        found = incident(watched, made["id"], sent=True)
        time.sleep(1.5)  # some rounds more

        assert len(watched.running.get(f"/sites/{watched.site.id}/incidents", alert=made["id"])["items"]) == 1
        assert len(receiver.got) == 1
        assert is_signed(receiver.got[0], channel["secret"])
        assert receiver.got[0].path == "/hook?a=b"
        told = receiver.got[0].told
        assert (told["type"], told["data"]["incident"]) == ("incident.opened", found["id"])
        assert told["data"]["finding"]["state"] == "below"
        assert receiver.got[0].headers["webhook-id"] == found["deliveries"][0]["message"]
        assert [one["status"] for one in found["deliveries"][0]["tries"]] == [200]
        assert found["about"]["name"] == "Watch count"
        assert len(found["picture"]) == 48


def test_a_muted_alert_tells_nobody(watched: Watched) -> None:
    with Receiver() as receiver:
        body = alert(channels=[webhook(watched, receiver.url)["id"]]) | {"muted": True}
        made = ask(watched.running, "POST", f"{watched.site.id}/alerts", 201, body)
        found = incident(watched, made["id"])

        assert (found["muted"], found["deliveries"], receiver.got) == (True, [], [])


def test_what_is_refused_is_tried_again_with_the_same_id(watched: Watched) -> None:
    with Receiver(500, 302, 204) as receiver:
        channel = webhook(watched, receiver.url)
        made = ask(watched.running, "POST", f"{watched.site.id}/alerts", 201, alert(channels=[channel["id"]]))
        found = incident(watched, made["id"], SENT_WITHIN_S, sent=True)

        assert [one["status"] for one in found["deliveries"][0]["tries"]] == [500, 302, 204]
        assert found["deliveries"][0]["tries"][0]["answer"] == "answer 500"
        assert {one.path for one in receiver.got} == {"/hook?a=b"}, "redirects are not followed"
        assert len({one.headers["webhook-id"] for one in receiver.got}) == 1
        waited = [one["time"] for one in found["deliveries"][0]["tries"]]
        assert waited[1] - waited[0] >= RETRIES_S[0] * 1000


def test_a_receiver_that_hangs_is_left_and_delays_no_other(watched: Watched) -> None:
    with Receiver("hang") as slow, Receiver() as quick:
        channels = [webhook(watched, one.url)["id"] for one in (slow, quick)]
        made = ask(watched.running, "POST", f"{watched.site.id}/alerts", 201, alert(channels=channels))
        found = incident(watched, made["id"], SENT_WITHIN_S, tries=1)

        assert found["deliveries"][0]["tries"][0]["status"] is None
        assert "no answer within" in found["deliveries"][0]["tries"][0]["answer"]
        assert len(quick.got) == 1
        assert found["deliveries"][1]["sent"] < found["deliveries"][0]["tries"][0]["time"] + 10_000


def test_gone_ends_the_tries(watched: Watched) -> None:
    with Receiver(410) as receiver:
        channel = webhook(watched, receiver.url)
        made = ask(watched.running, "POST", f"{watched.site.id}/alerts", 201, alert(channels=[channel["id"]]))
        found = incident(watched, made["id"], tries=1)

        assert (found["deliveries"][0]["due"], found["deliveries"][0]["sent"]) == (None, None)


def test_a_test_message_shows_the_answer(watched: Watched) -> None:
    with Receiver(200, 503) as receiver:
        channel = webhook(watched, receiver.url)
        path = f"{watched.site.id}/alert-channels/{channel['id']}/test"
        came = [ask(watched.running, "POST", path, 200) for _ in range(2)]

        assert [(one["ok"], one["status"], one["answer"]) for one in came] == [
            (True, 200, "answer 200"),
            (False, 503, "answer 503"),
        ]
        assert receiver.got[0].told["type"] == "test"


def test_both_secrets_sign_while_a_rotation_overlaps(watched: Watched) -> None:
    with Receiver() as receiver:
        channel = webhook(watched, receiver.url)
        path = f"{watched.site.id}/alert-channels/{channel['id']}"
        rotated = ask(watched.running, "POST", f"{path}/rotate", 200)
        ask(watched.running, "POST", f"{path}/test", 200)
        listed = watched.running.get(f"/sites/{watched.site.id}/alert-channels")["items"]

        assert rotated["secret"] != channel["secret"]
        assert is_signed(receiver.got[0], channel["secret"])
        assert is_signed(receiver.got[0], rotated["secret"])
        assert all("secret" not in one for one in listed)


def test_a_changed_alert_begins_anew_and_one_taken_away_leaves_its_incidents(watched: Watched) -> None:
    made = ask(watched.running, "POST", f"{watched.site.id}/alerts", 201, alert())
    first = incident(watched, made["id"])
    path = f"{watched.site.id}/alerts/{made['id']}"
    renamed = ask(watched.running, "PUT", path, 200, alert() | {"name": "Another name"})
    assert (renamed["incident"], renamed["changed"]) == (first["id"], made["changed"])
    ask(watched.running, "PUT", path, 200, alert() | {"limits": {"direction": "below"}})
    wait_for(lambda: incident(watched, made["id"])["id"] > first["id"], SEEN_WITHIN_S)
    ask(watched.running, "DELETE", path, 204)
    incidents = watched.running.get(f"/sites/{watched.site.id}/incidents", alert=made["id"])["items"]

    assert [one["why_closed"] for one in incidents] == ["the alert was taken away", "the alert was changed"]
    ask(watched.running, "DELETE", path, 404)


def test_incidents_are_had_as_a_file(watched: Watched) -> None:
    found = incident(watched, ask(watched.running, "POST", f"{watched.site.id}/alerts", 201, alert())["id"])
    with watched.running.client(watched.site.read) as client:
        answer = client.get(
            f"/api/v1/sites/{watched.site.id}/incidents", params={"format": "csv", "alert": found["alert"]}
        )
    (row,) = csv.DictReader(io.StringIO(answer.text))

    assert (row["id"], row["about.name"], row["closed"]) == (str(found["id"]), found["about"]["name"], "")
    opened = datetime.fromisoformat(row["opened"]).timestamp() * 1000
    assert (opened, datetime.fromisoformat(row["first.until"]).timestamp() * 1000) == (
        found["opened"],
        found["first"]["until"],
    )
    assert float(row["first.value"]) == found["first"]["value"]


def test_incidents_are_listed_by_pages(watched: Watched) -> None:
    for _ in range(3):
        incident(watched, ask(watched.running, "POST", f"{watched.site.id}/alerts", 201, alert())["id"])
    path = f"/sites/{watched.site.id}/incidents"
    first = watched.running.get(path, limit=2)
    second = watched.running.get(path, limit=2, cursor=first["next"])

    numbers = [one["id"] for one in [*first["items"], *second["items"]]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 4
    assert first["open"] == len(watched.running.get(path, open="true", limit=1000)["items"])


def test_a_preview_says_what_would_have_been(watched: Watched) -> None:
    told = ask(watched.running, "POST", f"{watched.site.id}/alerts/preview", 200, alert())

    assert told["fired"] == 1
    assert told["incidents"][0]["finding"]["state"] == "below"
    assert told["judged"] + told["learning"] == 28 * 24
    assert told["now"]["value"] == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "two\nlines"}, "name"),
        ({"watched": {"kind": "count"}}, "watched.action"),
        ({"watched": {"kind": "count", "action": "no action"}}, "watched.action"),
        ({"watched": {"kind": "share", "action": "a.b"}}, "watched.of_action"),
        ({"watched": {"kind": "dwell"}}, "watched.element"),
        ({"limits": {"mode": "fixed"}}, "limits.above"),
        ({"limits": {"mode": "fixed", "above": 1, "below": 2}}, "limits.below"),
        ({"channels": ["missing"]}, "channels"),
    ],
)
def test_an_alert_that_says_nothing_is_refused(watched: Watched, change: dict[str, Any], field: str) -> None:
    told = ask(watched.running, "POST", f"{watched.site.id}/alerts", 400, alert() | change)

    assert told["error"]["field"] == field


@pytest.mark.parametrize(
    ("channel", "field"),
    [
        ({"kind": "webhook", "url": "ftp://a.example/"}, "url"),
        ({"kind": "webhook", "url": "https://user:pass@a.example/"}, "url"),
        ({"kind": "webhook", "url": "https://a.example/\r\nx: y"}, "url"),
        ({"kind": "email"}, "addresses"),
        ({"kind": "email", "addresses": ["a@b.example\r\nBcc: c@d.example"]}, "addresses"),
        ({"kind": "email", "addresses": ["a@b.example, c@d.example"]}, "addresses"),
    ],
)
def test_a_channel_that_leads_nowhere_is_refused(watched: Watched, channel: dict[str, Any], field: str) -> None:
    told = ask(watched.running, "POST", f"{watched.site.id}/alert-channels", 400, {"name": "x", **channel})

    assert told["error"]["field"] == field


def test_a_crash_between_opening_and_sending_sends_once(start: Start) -> None:
    port = free_port()
    running = start(alert_check_s=0.3, alert_private_addresses="true")
    watched = Watched(running, fill(running))
    channel = webhook(watched, f"http://127.0.0.1:{port}/")
    made = ask(running, "POST", f"{watched.site.id}/alerts", 201, alert(channels=[channel["id"]]))
    before = incident(watched, made["id"], tries=1)  # nobody listens there yet
    running.kill()
    with Receiver(port=port) as receiver:
        running.start()
        after = incident(watched, made["id"], SENT_WITHIN_S, sent=True)
        time.sleep(1.5)  # some rounds more

        assert (after["id"], after["opened"]) == (before["id"], before["opened"])
        assert [one.headers["webhook-id"] for one in receiver.got] == [before["deliveries"][0]["message"]]


def test_a_fixed_limit_needs_no_past(start: Start) -> None:
    """Fixed limits on windows of 5 minutes cannot wait for the clock; so what came late fills the window that was
    empty.
    """
    running = start(alert_check_s=0.3, alert_private_addresses="true")
    watched = Watched(running, running.add_site())
    with Receiver() as receiver:
        channel = webhook(watched, receiver.url)
        body = alert(channels=[channel["id"]]) | {"limits": {"mode": "fixed", "below": 5}}
        made = ask(running, "POST", f"{watched.site.id}/alerts", 201, body)
        incident(watched, made["id"], sent=True)

        assert receiver.got[0].told["data"]["text"] == (
            "Watch count: The number of form.submit in 1 h is 0; the limit is at least 5."
        )
