"""No room, no right to write, no sense in the settings: refused clearly, and mended once the cause is gone."""

import asyncio
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.conftest import MakeDisk, fill
from tests.faults.reckoning import check_books, read_store, reckon
from tests.faults.sender import Note, Senders
from tests.running import Running, free_port, make_event, wait_for
from trackway.errors import StorageUnavailable
from trackway.spool import SqliteSpool
from trackway.store.disk import ROOM_LEAST_BYTES

DISK_MB = 300
MIB = 1024 * 1024
SPOOL_DISK_MB = 96
SPOOL_RESERVE_MB = 48
ROUNDS = int(os.environ.get("TRACKWAY_FULL_DISK_ROUNDS", "4"))
ROUNDS_DISK_MB = 256
RECORD_BYTES = 100_000
STAYS_FULL_S = 3.0
RECOVERS_WITHIN_S = 25


def readiness(running: Running) -> tuple[int, dict[str, Any]]:
    """What /health/ready says now. It must turn green without any traffic: a balancer sends none to a red server."""
    answer = httpx.get(f"{running.url}/health/ready", timeout=30)
    return answer.status_code, answer.json()


def is_refused(running: Running, key: str) -> bool:
    """Whether an event is refused for want of room, in the contract's shape, with a time to come again."""
    answer = running.collect({"key": key, "events": [make_event(action="disk.probe")]})
    if answer.status_code == 200:
        return False
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "storage_unavailable"
    assert int(answer.headers["retry-after"]) >= 1
    return True


@pytest.mark.parametrize(
    ("reserve_mb", "leave_mb"),
    [
        pytest.param(
            0,
            0,
            id="to the last byte",
        ),
        pytest.param(64, 40, id="into the reserve"),
    ],
)
def test_full_disk_refuses_then_recovers_by_itself(
    mount_disk: MakeDisk, tmp_path: Path, reserve_mb: int, leave_mb: int
) -> None:
    disk = tmp_path / "disk"
    mount_disk(disk, DISK_MB)
    running = Running(disk / "data", disk_reserve_mb=reserve_mb)
    running.log = tmp_path / "server.log"
    running.start()
    try:
        site, note = running.add_site(), Note()
        senders = Senders(running, site.key, note, seed=1)
        wait_for(lambda: len(note.acknowledged) > 200, 20)

        fill(disk / "filler", leave_mb * MIB)
        wait_for(lambda: is_refused(running, site.key), 10)
        wait_for(lambda: note.statuses[503] > 10, 10)
        while_full, parts = readiness(running)
        time.sleep(STAYS_FULL_S)  # long enough for the loader to meet the full disk at each of its steps
        senders.stop()
        (disk / "filler").unlink()
        wait_for(lambda: readiness(running)[0] == 200, RECOVERS_WITHIN_S, lambda: str(readiness(running)))
        senders = Senders(running, site.key, note, seed=2)
        acknowledged = len(note.acknowledged)
        wait_for(lambda: len(note.acknowledged) > acknowledged + 100, 20)
        senders.stop()

        assert (while_full, parts["ready"]) == (503, False)
        assert set(note.statuses) <= {200, 503}
        # The probes of this test that slipped in before the disk was full are the only events not in the note.
        probes = {event["id"] for event in running.events(site.id, action="disk.probe")}
        note.sent |= probes
        note.tried_n += len(probes)
        check_books(running, site, note)
    finally:
        running.stop()
    result = reckon(note, read_store(running.data, site.id))
    assert (result.lost, result.doubled, result.strangers) == (set(), set(), set()), str(result)


def test_disk_that_fills_while_the_store_writes_loses_nothing(mount_disk: MakeDisk, tmp_path: Path) -> None:
    """chDB calls a write done that met a full disk. Each round is a chance for that to happen."""
    mount_disk(tmp_path / "disk", ROUNDS_DISK_MB)
    running = Running(tmp_path / "data", load_interval_ms=10)
    running.data.mkdir()
    (running.data / "store").symlink_to(tmp_path / "disk")
    running.start()
    chance = random.Random(4)
    try:
        site, note = running.add_site(), Note()
        senders = Senders(running, site.key, note, seed=3, connections=2, pause_s=0.005)
        for _ in range(ROUNDS):
            acknowledged = len(note.acknowledged)
            wait_for(lambda most=acknowledged: len(note.acknowledged) > most + 100, 20)
            fill(tmp_path / "disk" / "filler", ROOM_LEAST_BYTES + MIB)  # so that the rest is filled in no time
            time.sleep(chance.uniform(0.05, 0.3))
            fill(tmp_path / "disk" / "filler")
            time.sleep(0.5)
            (tmp_path / "disk" / "filler").unlink()
            wait_for(lambda: readiness(running)[0] == 200, RECOVERS_WITHIN_S, lambda: str(readiness(running)))
        senders.stop()
        check_books(running, site, note)
    finally:
        running.stop()
    result = reckon(note, read_store(running.data, site.id))
    assert (result.lost, result.doubled, result.strangers) == (set(), set(), set()), str(result)


def test_spool_that_fills_its_disk_up_to_the_reserve_can_be_emptied(mount_disk: MakeDisk, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    mount_disk(disk, SPOOL_DISK_MB)
    (tmp_path / "spool.sqlite").symlink_to(disk / "spool.sqlite")
    spool = SqliteSpool(tmp_path / "spool.sqlite", 2**40, SPOOL_RESERVE_MB * MIB)

    async def append_until_refused() -> int:
        for number in range(SPOOL_DISK_MB * 1024):
            try:
                await spool.append(os.urandom(RECORD_BYTES))
            except StorageUnavailable:
                return number
        raise AssertionError("it was never full")

    kept = asyncio.run(append_until_refused())
    groups = spool.read(0, 2**40, 0)
    for group in groups:
        spool.trim(group.seq)
    wait_for(lambda: not spool.backlog().trouble, RECOVERS_WITHIN_S)
    again = asyncio.run(append_until_refused())
    spool.close()

    assert len(groups) == kept > SPOOL_RESERVE_MB
    assert again > kept / 2


def test_unwritable_folder_is_told_in_one_line(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o500)
    # Root may write anywhere, unless it gives up the capabilities that let it.
    meek = (
        ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--reuid=0"] if os.geteuid() == 0 else []
    )
    if meek and not shutil.which("setpriv"):
        pytest.skip("needs setpriv (util-linux), to start the server without root's right to write anywhere")

    ran = subprocess.run(
        [*meek, sys.executable, "-m", "trackway", "serve", "--data", str(data), "--port", str(free_port())],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 1
    assert ran.stderr == (
        f"trackway: The data folder {data} cannot be written (Permission denied); choose another with --data.\n"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"port = = 1", "trackway.toml is not valid TOML"),
        (b"\xff\xfe\x00", "trackway.toml is not valid TOML"),
        (b'port = "many"', "Setting port from trackway.toml is 'many'; it must be a whole number."),
        (b"prot = 8000", "names unknown settings: prot"),
    ],
)
def test_corrupt_settings_are_told_in_one_line(tmp_path: Path, text: bytes, told: str) -> None:
    (tmp_path / "trackway.toml").write_bytes(text)

    ran = Running(tmp_path).command("serve", check=False)

    assert ran.returncode == 1
    assert told in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.startswith("trackway: ")


@pytest.mark.parametrize("name", ["control.sqlite", "spool.sqlite", "books.sqlite"])
def test_damaged_file_is_named_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"this is no database" * 100)

    ran = Running(tmp_path).command("serve", "--port", str(free_port()), check=False)

    assert ran.returncode == 1
    assert name in ran.stderr
    assert ran.stderr.startswith("trackway: ")
    assert ran.stderr.count("\n") == 1
