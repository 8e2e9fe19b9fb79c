"""Clients that hang up before their answer, and a server told to stop under load: the books still balance."""

import json
import os
import signal
import socket
import struct
import threading
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import Start
from tests.faults.reckoning import check_books, read_store, reckon, settle
from tests.faults.sender import Note, Senders
from tests.faults.test_live_readers import paused_readers
from tests.running import Running, live_events, make_event, wait_for

HANG_UPS = 400
CALLERS = 8
STOPS_WITHIN_S = 15
BURSTS = 20
PADDING = {"padding": "x" * 600}
"""Enough to fill every buffer on the way to a reader that never reads."""
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER for a close that resets the connection at once."""


def hang_up(port: int, body: bytes, whole: bool) -> None:
    """Send a request, all of it or half, and reset the connection without reading anything."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        head = f"POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        caller.sendall(head + (body if whole else body[: len(body) // 2]))


def test_hung_up_requests_leave_the_books_balanced(start: Start) -> None:
    running = start()
    site = running.add_site()
    events = [make_event() for _ in range(HANG_UPS)]

    def call(mine: list[dict[str, str]]) -> None:
        for number, event in enumerate(mine):
            hang_up(running.port, json.dumps({"key": site.key, "events": [event]}).encode(), number % 4 != 3)

    callers = [threading.Thread(target=call, args=(events[number::CALLERS],)) for number in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    answer = running.collect({"key": site.key, "events": [make_event()]})
    ledger = settle(running, site)
    stored = Counter(event["id"] for event in running.events(site.id, action="test.event"))

    assert answer.status_code == 200
    assert ledger["balanced"]
    assert ledger["received"] == ledger["stored"] == len(stored)
    assert set(stored.values()) == {1}
    assert all(interval["in_flight"] == 0 for interval in ledger["intervals"])


def test_stop_under_load_loses_nothing(tmp_path: Path) -> None:
    running, note = Running(tmp_path / "data"), Note()
    running.start()
    try:
        site = running.add_site()
        senders = Senders(running, site.key, note, seed=3)
        wait_for(lambda: len(note.acknowledged) > 300, 20)
        running.stop()
        code = running.wait(1)
        senders.stop()
        running.start()
        check_books(running, site, note)
    finally:
        running.stop()
    result = reckon(note, read_store(running.data, site.id))

    assert code == 0
    assert set(note.statuses) <= {200, 503}
    assert (result.lost, result.doubled, result.strangers) == (set(), set(), set()), str(result)


@pytest.mark.parametrize(
    "reads",
    [
        pytest.param(True, id="reading"),
        pytest.param(
            False,
            id="paused",
        ),
    ],
)
def test_stop_does_not_wait_for_live_readers(tmp_path: Path, reads: bool) -> None:
    running = Running(tmp_path / "data")
    running.start()
    try:
        site = running.add_site()
        with live_events(running, site.id) if reads else paused_readers(running, site, 1):
            for _ in range(0 if reads else BURSTS):
                running.collect({"key": site.key, "events": [make_event(params=PADDING) for _ in range(500)]})
            settle(running, site)

            os.kill(running.pid, signal.SIGTERM)
            code = running.wait(STOPS_WITHIN_S)
    finally:
        running.kill()

    assert code == 0
