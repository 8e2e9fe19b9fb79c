"""The ledger: received = stored + duplicates + rejected + in flight, per site, source, key and minute.

Invariants:
- `received` is what the collector counted in a request; stored, duplicates and rejected are what the loader did
  with it. They meet only here, so an event that went astray shows as a balance that is off.
- A record is in flight from before its append until its load is settled. Settling, the quarantine rows and the
  watermark are one transaction: a group at or below the watermark is never counted again.
"""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec

from trackway.books.quarantine import SCHEMA as QUARANTINE_SCHEMA
from trackway.books.quarantine import Quarantined, QuarantineFilter, insert_quarantined, read_page
from trackway.event import Source
from trackway.record import Record, RecordHead

MINUTE_MS = 60_000
BUSY_TIMEOUT_S = 10

SCHEMA = (
    """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS ledger (
    site TEXT NOT NULL, minute INTEGER NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
    received INTEGER NOT NULL, stored INTEGER NOT NULL, duplicates INTEGER NOT NULL, made INTEGER NOT NULL,
    PRIMARY KEY (site, minute, source, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rejections (
    site TEXT NOT NULL, minute INTEGER NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL, code TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (site, minute, source, key, code)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS watermark (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL);
INSERT OR IGNORE INTO watermark VALUES (1, 0);
"""
    + QUARANTINE_SCHEMA
)

ADD_ACCOUNT = """
INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET received = received + excluded.received, stored = stored + excluded.stored,
    duplicates = duplicates + excluded.duplicates, made = made + excluded.made
"""
ADD_REJECTION = "INSERT INTO rejections VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n"


class Account(NamedTuple):
    """Whose events a count is about. `minute` is the epoch ms at which the minute of receipt began."""

    site: str
    minute: int
    source: str
    key: str


class Entry(msgspec.Struct):
    """What became of the events of one account in one load."""

    received: int = 0
    stored: int = 0
    duplicates: int = 0
    made: int = 0
    rejected: Counter[str] = msgspec.field(default_factory=Counter[str])


Accounts = dict[Account, Entry]


class Counted(Protocol):
    """Anything that says whose it is and when it came: a record, or a stored row."""

    site: str
    received: int
    source: Source
    key: str


def account_of(record: Counted) -> Account:
    """The account that a record or a row is counted under."""
    return Account(record.site, record.received // MINUTE_MS * MINUTE_MS, record.source, record.key)


class Ledger:
    """The books in the file `path`. Safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        self._connection.executescript(SCHEMA)
        self._lock = threading.Lock()
        self._counting = threading.Lock()  # of its own: the collector must not wait for a settlement to be synced
        self._in_flight: Counter[Account] = Counter()
        self._landed = 0  # the last group of this process whose records are no longer in flight

    def receive(self, record: Record | RecordHead) -> None:
        """A record is on its way to the disk, or was found there at the start."""
        if record.source != "system":
            with self._counting:
                self._in_flight[account_of(record)] += record.n

    def take_back(self, record: Record) -> None:
        """A record could not be kept, and its client has been told so."""
        self._take_off({account_of(record): Entry(received=record.n)})

    def watermark(self) -> int:
        """The last group that has been settled."""
        with self._lock:
            return int(self._connection.execute("SELECT seq FROM watermark").fetchone()[0])

    def settle(self, upto: int, accounts: Accounts, set_aside: Iterable[Quarantined]) -> bool:
        """Enter a load that ends with the group `upto`; False when it had been entered already: nothing changes then.

        Raises sqlite3.Error, and then has entered nothing.
        """
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                moved = self._connection.execute("UPDATE watermark SET seq = ? WHERE seq < ?", (upto, upto)).rowcount
                if moved:
                    self._enter(accounts)
                    insert_quarantined(self._connection, set_aside)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk has rolled it back already
                    self._connection.execute("ROLLBACK")
                raise
            if upto > self._landed:
                self._landed = upto
                self._take_off(accounts)
            return bool(moved)

    def balance(self, site: str, since: int, until: int, step_ms: int = MINUTE_MS) -> dict[str, Any]:
        """The site's counts for what was received in [since, until), whole minutes, in the contract's shape.

        `step_ms`: the length of an interval, a multiple of a minute.
        """
        since = since // MINUTE_MS * MINUTE_MS
        with self._lock:
            minutes = self._minutes(site, since, until)
        return {"from": since, "to": until, **total(minutes), "intervals": fold(minutes, step_ms)}

    def quarantine(self, wanted: QuarantineFilter) -> list[dict[str, Any]]:
        """A page of the quarantine, newest first."""
        with self._lock:
            return read_page(self._connection, wanted)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _enter(self, accounts: Accounts) -> None:
        self._connection.executemany(
            ADD_ACCOUNT,
            [(*account, one.received, one.stored, one.duplicates, one.made) for account, one in accounts.items()],
        )
        self._connection.executemany(
            ADD_REJECTION,
            [(*account, code, n) for account, one in accounts.items() for code, n in one.rejected.items()],
        )

    def _take_off(self, accounts: Accounts) -> None:
        with self._counting:
            for account, entry in accounts.items():
                self._in_flight[account] -= entry.received
                if not self._in_flight[account]:
                    del self._in_flight[account]

    def _minutes(self, site: str, since: int, until: int) -> list[dict[str, Any]]:
        found: dict[int, dict[str, Any]] = {}
        where = (site, since, until)
        for minute, *counts in self._connection.execute(
            "SELECT minute, sum(received), sum(stored), sum(duplicates), sum(made) FROM ledger "
            "WHERE site = ? AND minute >= ? AND minute < ? GROUP BY minute",
            where,
        ):
            found[minute] = blank(minute)
            found[minute].update(zip(("received", "stored", "duplicates", "made"), counts, strict=True))
        for minute, code, n in self._connection.execute(
            "SELECT minute, code, sum(n) FROM rejections WHERE site = ? AND minute >= ? AND minute < ? "
            "GROUP BY minute, code",
            where,
        ):
            found.setdefault(minute, blank(minute))["rejected"][code] = n
        with self._counting:
            in_flight = [*self._in_flight.items()]
        for account, n in in_flight:
            if account.site == site and since <= account.minute < until:
                interval = found.setdefault(account.minute, blank(account.minute))
                interval["received"] += n
                interval["in_flight"] += n
        return [found[minute] for minute in sorted(found)]


def blank(minute: int) -> dict[str, Any]:
    """An interval of one minute with nothing in it."""
    counts: dict[str, Any] = {"received": 0, "stored": 0, "duplicates": 0, "rejected": {}, "in_flight": 0, "made": 0}
    return {"from": minute, "to": minute + MINUTE_MS, **counts}


def fold(minutes: list[dict[str, Any]], step_ms: int) -> list[dict[str, Any]]:
    """Minutes added up to longer intervals."""
    if step_ms == MINUTE_MS:
        return minutes
    steps: dict[int, list[dict[str, Any]]] = {}
    for minute in minutes:
        steps.setdefault(minute["from"] // step_ms * step_ms, []).append(minute)
    folded: list[dict[str, Any]] = []
    for start, members in steps.items():
        counts = total(members)
        del counts["balanced"]
        folded.append({"from": start, "to": start + step_ms, **counts})
    return folded


def total(intervals: list[dict[str, Any]]) -> dict[str, Any]:
    """The sum of intervals, and whether received = stored + duplicates + rejected + in flight."""
    counts: dict[str, Any] = {
        name: sum(interval[name] for interval in intervals)
        for name in ("received", "stored", "duplicates", "in_flight", "made")
    }
    rejected: Counter[str] = Counter()
    for interval in intervals:
        rejected.update(interval["rejected"])
    ended = counts["stored"] + counts["duplicates"] + counts["in_flight"] + rejected.total()
    return counts | {"rejected": dict(rejected), "balanced": counts["received"] == ended}
