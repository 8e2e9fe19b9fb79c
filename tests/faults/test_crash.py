"""`kill -9` under load, again and again: every event answered 200 is there exactly once afterwards.

Kills are aimed at the stages of an event's way by watching the data folder from outside for the file that the stage
writes: the spool's log (commit and trim), a new part in the store (insert), the books' log (settle). Others fall at
a random moment, some while the server is still starting and taking up what the last one left.
"""

import contextlib
import os
import random
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.reckoning import check_books, read_store, reckon
from tests.faults.sender import Note, Senders
from tests.running import Running, SiteOf

CYCLES = int(os.environ.get("TRACKWAY_CRASH_CYCLES", "6"))
SEED = int(os.environ.get("TRACKWAY_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
MOMENTS = ("insert", "settle", "spool", "any", "insert", "start")
WATCHED_AT_MOST_S = 2.0
LOADED_S = (0.2, 1.2)
INTERVALS_MS = (0, 20, 150)
DELAYS_S = (0.0, 0.003, 0.02)
"""At most so long after the stage was seen to begin."""


class Cycles:
    """One folder, one site, and servers that die on it."""

    def __init__(self, data: Path, chance: random.Random) -> None:
        self.data = data
        self.chance = chance
        self.note = Note()
        self.found: Counter[str] = Counter()
        self.slowest_start_s = 0.0
        self._starts_s = 0.0
        running = self._begin()
        self.site: SiteOf = running.add_site()
        running.kill()

    def run(self, number: int) -> None:
        """Start, send, kill."""
        moment = MOMENTS[number % len(MOMENTS)]
        if moment == "start":
            self._die_starting()
        running = self._begin()
        senders = Senders(running, self.site.key, self.note, self.chance.randrange(2**31))
        time.sleep(self.chance.uniform(*LOADED_S))
        if self._watch(moment):
            time.sleep(self.chance.choice(DELAYS_S) * self.chance.random())
        running.kill()
        senders.stop()
        self._look(moment)

    def last(self) -> Running:
        """The server that nobody kills."""
        return self._begin()

    @property
    def start_s(self) -> float:
        """How long a start takes on average."""
        return self._starts_s / max(1, self.found["starts"])

    def _begin(self) -> Running:
        running = Running(self.data, load_interval_ms=self.chance.choice(INTERVALS_MS))
        began = time.monotonic()
        running.start()
        took = time.monotonic() - began
        self._starts_s += took
        self.found["starts"] += 1
        self.slowest_start_s = max(self.slowest_start_s, took)
        return running

    def _die_starting(self) -> None:
        running = Running(self.data)
        running.launch()
        time.sleep(self.chance.uniform(0.3, max(0.6, self.start_s)))
        running.kill()

    def _watch(self, moment: str) -> bool:
        """Wait until the stage's file changes; whether it did."""
        watched = {
            "insert": lambda: newest_part(self.data),
            "settle": lambda: stamp(self.data / "books.sqlite-wal"),
            "spool": lambda: stamp(self.data / "spool.sqlite-wal"),
        }.get(moment)
        if watched is None:
            return False
        before, deadline = watched(), time.monotonic() + WATCHED_AT_MOST_S
        while time.monotonic() < deadline:
            if watched() != before:
                self.found[f"hit {moment}"] += 1
                return True
        return False

    def _look(self, moment: str) -> None:
        """What the dead server left behind tells where it died."""
        self.found[f"at {moment}"] += 1
        ((watermark,),) = ask_copy(self.data / "books.sqlite", "SELECT seq FROM watermark")
        ((low, high),) = ask_copy(
            self.data / "spool.sqlite", "SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM spool"
        )
        self.found["left unsettled"] += high > watermark
        self.found["left untrimmed"] += 0 < low <= watermark
        self.found["left part unfinished"] += any(part.startswith("tmp_") for part in newest_part(self.data))


def ask_copy(path: Path, question: str) -> list[tuple[int, ...]]:
    """Ask a copy of a SQLite file: opening the file itself would do part of the next server's recovery for it."""
    with tempfile.TemporaryDirectory() as folder:
        for name in (path.name, f"{path.name}-wal"):
            if (path.parent / name).exists():
                shutil.copy(path.parent / name, folder)
        with contextlib.closing(sqlite3.connect(Path(folder) / path.name)) as copy:
            return copy.execute(question).fetchall()


def newest_part(data: Path) -> tuple[str, ...]:
    """The names in the folder of the events table, which is the one with most parts."""
    folders = [entry for entry in (data / "store" / "store").glob("*/*") if entry.is_dir()]
    try:
        return max((tuple(sorted(entry.name for entry in folder.iterdir())) for folder in folders), key=len)
    except (FileNotFoundError, ValueError):
        return ()


def stamp(path: Path) -> tuple[int, int]:
    """When a file last changed, and its size."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@pytest.mark.crash
@pytest.mark.timeout(120 + 40 * CYCLES)
def test_acknowledged_events_survive_kills_exactly_once(tmp_path: Path) -> None:
    print(f"\nseed {SEED}")  # noqa: T201 - a run must be repeatable
    cycles = Cycles(tmp_path / "data", random.Random(SEED))
    began = time.monotonic()

    for number in range(CYCLES):
        cycles.run(number)
    took_s = time.monotonic() - began
    last = cycles.last()
    note, site = cycles.note, cycles.site
    try:
        ledger = check_books(last, site, note)
        listed = Counter(event["id"] for event in last.events(site.id))
    finally:
        last.stop()
    stored = read_store(cycles.data, site.id)
    result = reckon(note, stored)

    print(  # noqa: T201 - the figures are what is asked for
        f"{result}, cycles {CYCLES}, acknowledged {len(note.acknowledged)} "
        f"(and {result.unknown} stored unanswered, {len(note.refused)} refused), "
        f"duplicates {ledger['duplicates']}, {took_s / CYCLES:.1f} s a cycle, of it {cycles.start_s:.1f} s starting "
        f"(slowest {cycles.slowest_start_s:.1f}), answers {dict(note.statuses)}\n{dict(sorted(cycles.found.items()))}"
    )
    assert (result.lost, result.doubled, result.strangers) == (set(), set(), set()), f"{result}, seed {SEED}"
    assert listed == stored
    assert ledger["stored"] == len(stored)
    assert set(note.statuses) == {200}
    assert len(note.acknowledged) >= CYCLES
