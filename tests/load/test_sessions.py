"""session.end: once per session, at its last activity, whatever is started again in between."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.running import Running, SiteOf, make_event, wait_for

SETTINGS: dict[str, Any] = {"session_check_s": 0.2, "session_grace_s": 0.2}
ENDS_WITHIN_S = 20


def ends(running: Running, site: SiteOf) -> list[dict[str, Any]]:
    return running.events(site.id, action="session.end")


def wait_for_ends(running: Running, site: SiteOf, count: int) -> None:
    wait_for(lambda: len(ends(running, site)) >= count, ENDS_WITHIN_S)


def visit(running: Running, site: SiteOf, session: str, times: list[int], customer: str = "") -> None:
    """Events of one session, at these times."""
    who = customer or str(uuid.uuid4())
    running.collect({"key": site.key, "uuid": who, "events": [in_session(session, time_ms) for time_ms in times]})


def in_session(session: str, time_ms: int) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "action": "test.event", "session": session, "time": time_ms}


def now_ms() -> int:
    return int(time.time() * 1000)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that looks for quiet sessions often."""
    running = Running(tmp_path_factory.mktemp("sessions") / "data", **SETTINGS)
    running.start()
    yield running
    running.stop()


def test_each_session_ends_once_at_its_last_activity(running: Running) -> None:
    site, now = running.add_site(session_timeout_s=1), now_ms()
    sessions = {str(uuid.uuid4()): [now - 9000, now - 3000, now - 5000], str(uuid.uuid4()): [now - 60_000]}
    customer = str(uuid.uuid4())

    for session, times in sessions.items():
        visit(running, site, session, times, customer)
    wait_for_ends(running, site, 2)
    running.stop()
    running.start()
    pass_a_check(running)

    found = {event["session"]: event for event in ends(running, site)}
    assert len(ends(running, site)) == 2
    assert {session: event["time"] for session, event in found.items()} == {
        session: max(times) for session, times in sessions.items()
    }
    for event in found.values():
        assert (event["uuid"], event["source"], event["label"]) == (customer, "system", "Session end")
    first = found[next(iter(sessions))]
    assert first["params"] == {"duration": 6000, "events": 3}


def pass_a_check(running: Running) -> None:
    """A session at a site of its own comes and ends: every end that was due before is there by then."""
    site = running.add_site(session_timeout_s=1)
    visit(running, site, str(uuid.uuid4()), [now_ms() - 2000])
    wait_for_ends(running, site, 1)


def test_site_with_a_longer_timeout_waits_longer(running: Running) -> None:
    short, long = running.add_site(session_timeout_s=1), running.add_site(session_timeout_s=3600)
    now = now_ms()
    for site in (long, short):
        visit(running, site, str(uuid.uuid4()), [now - 1_800_000])

    wait_for_ends(running, short, 1)
    running_on = ends(running, long)
    visit(running, long, str(uuid.uuid4()), [now - 3_600_001])
    wait_for_ends(running, long, 1)

    assert running_on == []
    assert [event["time"] for event in ends(running, long)] == [now - 3_600_001]


def test_same_session_id_at_two_sites_ends_at_both(running: Running) -> None:
    first, second = running.add_site(session_timeout_s=1), running.add_site(session_timeout_s=1)
    session = str(uuid.uuid4())
    for site in (first, second):
        visit(running, site, session, [now_ms() - 5000])

    for site in (first, second):
        wait_for_ends(running, site, 1)

    assert [len(ends(running, site)) for site in (first, second)] == [1, 1]


def test_session_that_stirs_again_has_one_end_still(running: Running) -> None:
    site, session = running.add_site(session_timeout_s=1), str(uuid.uuid4())
    visit(running, site, session, [now_ms() - 5000])
    wait_for_ends(running, site, 1)

    visit(running, site, session, [now_ms() - 4000])
    pass_a_check(running)

    assert len(ends(running, site)) == 1


def test_events_without_a_session_have_no_end(running: Running) -> None:
    site = running.add_site(session_timeout_s=1)
    running.collect({"key": site.key, "events": [make_event(), make_event()]})
    running.settled(site.id, 2)
    time.sleep(2)

    pass_a_check(running)
    pass_a_check(running)

    assert running.get(f"/sites/{site.id}/ledger")["made"] == 0


def test_ends_are_made_and_not_received(running: Running) -> None:
    site = running.add_site(session_timeout_s=1)
    visit(running, site, str(uuid.uuid4()), [now_ms() - 5000])
    wait_for_ends(running, site, 1)

    ledger = running.settled(site.id, 1)

    assert (ledger["received"], ledger["stored"], ledger["made"], ledger["balanced"]) == (1, 1, 1, True)
