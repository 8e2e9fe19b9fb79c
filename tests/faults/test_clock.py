"""The machine's clock is set back while the server runs: nothing is lost or doubled, live goes on, positions grow.

libfaketime stands between the server and the system's clock and follows a file, so that the clock jumps in a running
process as it would for any program on the machine. Durations (the monotonic clock) go on as they do in real life.
"""

import time
from pathlib import Path

import pytest

from tests.faults.reckoning import read_store, settle
from tests.running import Running, live_events, make_event, wait_for

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
BACK_S = 5_400
SESSION_TIMEOUT_S = 2

pytestmark = pytest.mark.skipif(not LIBRARIES, reason="libfaketime is not installed (Debian: faketime)")


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that says how far the server's clock is off."""
    path = tmp_path / "clock"
    path.write_text("+0\n")
    for name, value in {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(path),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }.items():
        monkeypatch.setenv(name, value)
    return path


def test_clock_set_back_loses_and_doubles_nothing(clock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running(tmp_path / "data", session_check_s=0.5, session_grace_s=0.5)
    for name in ("LD_PRELOAD", "FAKETIME_TIMESTAMP_FILE"):
        monkeypatch.delenv(name)
    running.start()
    try:
        site = running.add_site(session_timeout_s=SESSION_TIMEOUT_S)
        session = "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f7081"
        before = [make_event() for _ in range(20)]
        after = [make_event() for _ in range(20)] + [make_event(session=session)]

        first = running.collect({"key": site.key, "events": before}).json()["now"]
        settle(running, site)
        with live_events(running, site.id, tail=500) as stream:
            seen = [next(stream) for _ in before]
        clock.write_text(f"-{BACK_S}\n")
        second = running.collect({"key": site.key, "events": after + before}).json()["now"]
        settle(running, site)
        with live_events(running, site.id, resume=seen[-1][0]) as stream:
            resumed = [next(stream) for _ in after]
            end = next(stream)[1]
        ready = running.get("/sites")["items"]
        running.kill()
        running.start()
        third = running.collect({"key": site.key, "events": after + before}).json()["now"]
        ledger = settle(running, site)
        wait_for(lambda: bool(running.events(site.id, action="session.end")), 10)
        time.sleep(2 * SESSION_TIMEOUT_S)  # time for a second end of the session to be made, which must not be
        ends = running.events(site.id, action="session.end")

        assert ready
        assert first - second > (BACK_S - 60) * 1000
        assert third >= second
        assert [event["id"] for _, event in seen + resumed] == [event["id"] for event in before + after]
        positions = [int(position) for position, _ in seen + resumed]
        assert positions == sorted(set(positions))
        assert (end["action"], end["session"], len(ends)) == ("session.end", session, 1)
        assert ledger["balanced"]
        assert (ledger["stored"], ledger["duplicates"]) == (41, 20 + 41)
    finally:
        running.stop()
    stored = read_store(running.data, site.id)
    assert set(stored.values()) == {1}
    assert len(stored) == 42
