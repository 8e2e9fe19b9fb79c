"""Live readers that never read: they cost the others nothing, and the server's memory stays bounded."""

import contextlib
import socket
import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.conftest import Start
from tests.faults.reckoning import ALL_TIMES
from tests.running import Running, SiteOf, live_events, make_event

READERS = 10
EVENTS = 20_000
BATCH_EVENTS = 500
PADDING = "x" * 600
GROWTH_MB_MAX = 150
"""Ten queues of one burst's events would take ten times over 20 MB; what the store itself needs stays well below."""


@contextlib.contextmanager
def paused_readers(running: Running, site: SiteOf, count: int) -> Generator[None]:
    """Connections that ask for the live stream and read nothing, with as small a window as the system allows."""
    with contextlib.ExitStack() as opened:
        for _ in range(count):
            reader = opened.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(("127.0.0.1", running.port))
            request = (
                f"GET /api/v1/sites/{site.id}/live HTTP/1.1\r\nHost: live\r\nAuthorization: Bearer {site.read}\r\n\r\n"
            )
            reader.sendall(request.encode())
        yield


def burst(running: Running, site: SiteOf) -> list[str]:
    """Send a burst, and wait until it is stored; its ids in order."""
    before = running.get(f"/sites/{site.id}/ledger", **ALL_TIMES)["received"]
    ids: list[str] = []
    with running.client(site.write) as client:
        for _ in range(EVENTS // BATCH_EVENTS):
            events = [make_event(params={"padding": PADDING}) for _ in range(BATCH_EVENTS)]
            answer = client.post("/api/v1/events", json=events)
            assert answer.status_code == 200, answer.text
            ids += [event["id"] for event in events]
    running.settled(site.id, before + EVENTS)
    return ids


def resident_mb(running: Running) -> float:
    """The server's resident memory."""
    status = Path(f"/proc/{running.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_paused_readers_cost_the_others_nothing(start: Start) -> None:
    running = start()
    site = running.add_site()
    burst(running, site)  # memory that is taken once and kept
    seen: list[str] = []

    with paused_readers(running, site, READERS), live_events(running, site.id) as stream:
        reader = threading.Thread(target=lambda: seen.extend(next(stream)[1]["id"] for _ in range(2 * EVENTS)))
        reader.start()
        before = resident_mb(running)
        sent = burst(running, site) + burst(running, site)
        after = resident_mb(running)
        reader.join(60)
    ledger = running.get(f"/sites/{site.id}/ledger", **ALL_TIMES)

    assert seen == sent
    assert after - before < GROWTH_MB_MAX, f"{before:.0f} → {after:.0f} MB"
    assert (ledger["stored"], ledger["balanced"]) == (3 * EVENTS, True)
