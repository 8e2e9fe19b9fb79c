"""What the fuzzer found, each kept as a test of its own."""

import json
import time

import httpx
import pytest

from tests.conftest import Start
from tests.faults.reckoning import settle
from tests.running import Running, make_event

STORED_WITHIN_S = 8
HALF_PAIR = {"a": "\ud800"}


def test_event_with_a_null_id_is_given_one_and_blocks_nobody(start: Start) -> None:
    running = start()
    site = running.add_site()

    answers = [
        running.collect({"key": site.key, "events": [make_event(id=given), make_event()]}) for given in (None, "")
    ]
    ledger = settle(running, site, STORED_WITHIN_S)

    assert [answer.json()["accepted"] for answer in answers] == [2, 1]
    assert (ledger["stored"], ledger["rejected"]) == (3, {"id_invalid": 1})


ODD_PARAMS = {
    "half pair": '{"a":"\\ud800"}',
    "infinite": '{"a":1e400}',
    "infinite beside an escape": '{"a":1e400,"b":"\\u0041"}',
    "endless digits": '{"a":[' + "9" * 5_000 + "]}",
}


@pytest.mark.parametrize("odd", ODD_PARAMS.values(), ids=ODD_PARAMS)
def test_refused_event_never_takes_its_neighbour_down(shared: Running, odd: str) -> None:
    site, good = shared.add_site(), make_event()
    body = json.dumps({"key": site.key, "events": [good, make_event(params="ODD")]}).replace('"ODD"', odd)

    answer = shared.collect(body.encode())
    ledger = settle(shared, site, STORED_WITHIN_S)
    kept = shared.get(f"/sites/{site.id}/quarantine")["items"]

    assert (answer.json()["accepted"], len(answer.json()["rejected"])) == (1, 1)
    assert [event["id"] for event in shared.events(site.id)] == [good["id"]]
    assert (ledger["received"], ledger["stored"], ledger["rejected"]) == (2, 1, {"params_invalid": 1})
    assert [item["code"] for item in kept] == ["params_invalid"]


def test_server_starts_with_an_odd_record_in_its_spool(start: Start) -> None:
    running = start(load_interval_ms=5_000)
    site = running.add_site()
    running.collect({"key": site.key, "events": [make_event()]})
    time.sleep(1)  # the first load is through, the next one seconds away
    kept = make_event()
    running.collect({"key": site.key, "events": [kept, make_event(params=HALF_PAIR)]})
    running.kill()

    running.start()
    settle(running, site)

    assert kept["id"] in {event["id"] for event in running.events(site.id)}


@pytest.mark.parametrize(("method", "path"), [("POST", "/e2"), ("POST", "/e/"), ("POST", "/"), ("DELETE", "/events")])
def test_events_sent_to_a_wrong_path_are_not_answered_200(shared: Running, method: str, path: str) -> None:
    answer = httpx.request(method, f"{shared.url}{path}", json={"events": [make_event()]})

    assert answer.status_code in (404, 405)
    assert set(answer.json()["error"]) == {"code", "message", "field"}
