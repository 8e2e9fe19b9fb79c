"""A stage stops for a while: collecting goes on, and everything arrives exactly once when the stage is back.

The store is chDB, inside the server's own process, so it cannot be stopped like a service. What can really happen to
it is that its files cannot be written. Here its folder is a disk of its own, which is filled to the last byte while
the spool's disk has room: every insert then fails in chDB itself with its own error. In the same way the books, and
the spool, are each given a disk of their own through a symbolic link, as an operator might.
"""

import time
from pathlib import Path

import httpx
import pytest

from tests.faults.conftest import MakeDisk, fill
from tests.faults.reckoning import check_books, read_store, reckon
from tests.faults.sender import Note, Senders
from tests.running import Running, wait_for

STORE_DISK_MB = 200
SQLITE_DISK_MB = 64
RESERVE_MB = 48
STAYS_DOWN_S = 5.0
COMES_BACK_WITHIN_S = 25


def part_states(running: Running) -> tuple[int, dict[str, str]]:
    """Status and parts of /health/ready."""
    answer = httpx.get(f"{running.url}/health/ready", timeout=30)
    return answer.status_code, answer.json()["parts"]


def suffer(running: Running, disk: Path, part: str, collects: bool) -> None:
    """Fill `disk` under load for some seconds; ready must be red at `part`; afterwards all must be there once."""
    site, note = running.add_site(), Note()
    senders = Senders(running, site.key, note, seed=2, connections=2, pause_s=0.01)
    wait_for(lambda: len(note.acknowledged) > 100, 20)

    fill(disk / "filler")
    wait_for(lambda: part_states(running)[1][part] != "ok", 20)
    while_down, states = part_states(running)
    before = len(note.acknowledged)
    time.sleep(STAYS_DOWN_S)
    meanwhile = len(note.acknowledged) - before
    (disk / "filler").unlink()
    wait_for(lambda: part_states(running)[0] == 200, COMES_BACK_WITHIN_S, lambda: str(part_states(running)))
    senders.stop()
    check_books(running, site, note)
    running.stop()
    result = reckon(note, read_store(running.data, site.id))

    assert while_down == 503, states
    assert (meanwhile > 0) == collects
    assert set(note.statuses) <= ({200} if collects else {200, 503})
    assert (result.lost, result.doubled, result.strangers) == (set(), set(), set()), str(result)


def test_store_out_of_room_costs_nothing_but_time(mount_disk: MakeDisk, tmp_path: Path) -> None:
    running = Running(tmp_path / "data")
    mount_disk(running.data / "store", STORE_DISK_MB)
    running.start()
    try:
        suffer(running, running.data / "store", "loader", collects=True)
    finally:
        running.stop()


@pytest.mark.parametrize(("name", "part", "collects"), [("books", "loader", True), ("spool", "spool", False)])
def test_sqlite_file_out_of_room_costs_nothing_but_time(
    mount_disk: MakeDisk, tmp_path: Path, name: str, part: str, collects: bool
) -> None:
    disk = tmp_path / "disk"
    mount_disk(disk, SQLITE_DISK_MB)
    running = Running(tmp_path / "data", disk_reserve_mb=RESERVE_MB)
    running.data.mkdir()
    (running.data / f"{name}.sqlite").symlink_to(disk / f"{name}.sqlite")
    running.start()
    try:
        suffer(running, disk, part, collects)
    finally:
        running.stop()
