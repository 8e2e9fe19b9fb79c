"""Simulated visitors over real HTTP, against a collector that records what comes and can be unwell.

Must never need a running Trackway: what is tested is what the client does, above all when things go wrong.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

import pytest

from trackway.demo import post
from trackway.demo.journeys import history
from trackway.demo.post import RefusedError, UndeliveredError
from trackway.demo.visitors import backfill, live, main

NOW_MS = 1_795_000_000_000
DAYS = 2


class Recorder(ThreadingHTTPServer):
    """Takes every envelope; `moods` are (status, headers) to answer first, one for each request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.moods: deque[tuple[int, dict[str, str]]] = deque()
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self.connections = 0
        self.forwarded: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def events(self) -> list[dict[str, Any]]:
        return [event for _, envelope in self.taken for event in envelope["events"]]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Recorder  # pyright: ignore[reportIncompatibleVariableOverride]  (no other server uses this handler)

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_POST(self) -> None:
        envelope = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, headers = self.server.moods.popleft() if self.server.moods else (200, {})
        answer: dict[str, Any] = {"error": {"code": "unwell", "message": "not now", "field": None}}
        if self.path != "/e" or envelope["key"] != "KEY":
            status = 401
        if status == 200:
            self.server.forwarded[envelope["uuid"]] = self.headers["X-Forwarded-For"]
            self.server.taken.append((self.headers["User-Agent"], envelope))
            answer = {"accepted": len(envelope["events"]), "rejected": [], "now": NOW_MS}
        body = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def collector() -> Iterator[Recorder]:
    server = Recorder()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_backfill_sends_everything_once_on_few_connections(collector: Recorder) -> None:
    report = backfill(collector.url, "KEY", 7, NOW_MS, days=DAYS)

    events = collector.events()
    assert report.sent == report.accepted == len(events) == len({event["id"] for event in events}) > 300
    assert not report.rejected
    assert collector.connections <= 4
    assert {f"{collector.url}/demo/"} == {
        event["params"]["url"].partition("/demo/")[0] + "/demo/" for event in events if "url" in event["params"]
    }


def test_backfill_keeps_each_device_in_order_and_names_its_browser(collector: Recorder) -> None:
    report = backfill(collector.url, "KEY", 7, NOW_MS, days=DAYS)

    last: dict[str, int] = {}
    agents = {visitor.uuid: visitor.device.user_agent for visitor in report.visitors}
    for agent, envelope in collector.taken:
        assert agent == agents[envelope["uuid"]]
        assert abs(envelope["sent"] - time.time() * 1000) < 60_000
        for event in envelope["events"]:
            assert event["seq"] == last.get(envelope["uuid"], 0) + 1
            last[envelope["uuid"]] = event["seq"]


def test_each_visitor_comes_from_an_address_of_their_own(collector: Recorder) -> None:
    backfill(collector.url, "KEY", 7, NOW_MS, days=DAYS)
    sent = {visit.visitor.uuid: visit.address for visit in history(Random(7), NOW_MS, DAYS, "").journeys}

    assert collector.forwarded == sent
    assert len(set(sent.values())) > len(sent) / 2


def test_sending_again_sends_the_same_ids(collector: Recorder) -> None:
    backfill(collector.url, "KEY", 7, NOW_MS, days=1)
    first = {event["id"] for event in collector.events()}
    backfill(collector.url, "KEY", 7, NOW_MS, days=1)

    assert {event["id"] for event in collector.events()} == first


@pytest.mark.parametrize("status", [429, 503, 500])
def test_trouble_is_waited_out_and_said_once(
    collector: Recorder, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    collector.moods.extend([(status, {"Retry-After": "0"})] * 3)
    report = backfill(collector.url, "KEY", 7, NOW_MS, days=1)

    said = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert report.accepted == report.sent == len({event["id"] for event in collector.events()})
    assert 1 <= len(said) <= 3
    assert f"status {status}" in said[0].getMessage()


def test_retry_after_is_honoured_up_to_the_limit(collector: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "WAIT_MAX_S", 0.3)
    collector.moods.append((429, {"Retry-After": "9999"}))
    began = time.monotonic()
    backfill(collector.url, "KEY", 7, NOW_MS, days=1)

    assert 0.3 <= time.monotonic() - began < 5


def test_no_to_the_whole_request_is_not_tried_again(collector: Recorder) -> None:
    with pytest.raises(RefusedError, match="401"):
        backfill(collector.url, "WRONG", 7, NOW_MS, days=1)

    assert collector.taken == []


def test_a_server_that_stays_away_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "BACKOFF_FIRST_S", 0.001)
    with pytest.raises(UndeliveredError, match="8 tries"):
        backfill("http://127.0.0.1:9", "KEY", 7, NOW_MS, days=1)


def test_live_sends_each_event_when_it_happens(collector: Recorder) -> None:
    visitors = history(Random(7), NOW_MS, 1, "http://shop.example/demo/").visitors
    stop = threading.Event()
    thread = threading.Thread(target=live, args=(collector.url, "KEY", 7, stop, visitors))
    thread.start()
    deadline = time.monotonic() + 20
    while len(collector.taken) < 8 and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    thread.join(5)

    assert not thread.is_alive()
    assert len(collector.taken) >= 8
    for _, envelope in collector.taken:
        assert len(envelope["events"]) == 1
        assert 0 <= envelope["sent"] - envelope["events"][0]["time"] < 2_000


def test_live_keeps_an_event_until_the_server_is_back(collector: Recorder) -> None:
    collector.moods.extend([(503, {"Retry-After": "0"})] * 20)  # more than one event is ever tried in one go
    stop = threading.Event()
    thread = threading.Thread(target=live, args=(collector.url, "KEY", 7, stop))
    thread.start()
    deadline = time.monotonic() + 20
    while not collector.taken and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    thread.join(5)

    assert not collector.moods
    assert collector.events()[0]["action"] == "session.start"
    assert collector.events()[0]["seq"] == 1


def test_command_says_what_it_did_and_fails_with_one_line(
    collector: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    assert main(["--url", collector.url, "--key", "KEY", "--days", "1"]) == 0
    assert "accepted" in caplog.text
    caplog.clear()
    assert main(["--url", collector.url, "--key", "WRONG", "--days", "1"]) == 1
    assert len(caplog.records) == 1
