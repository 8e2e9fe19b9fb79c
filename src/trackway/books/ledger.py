"""The ledger: received = stored + duplicates + rejected + in flight, per site, source, key and minute.

Invariants:
- `received` is what the collector counted in a request; stored, duplicates and rejected are what the loader did
  with it. They meet only here, so an event that went astray shows as a balance that is off.
- A record is in flight from before its append until its load is settled. Settling, the quarantine rows and the
  watermark are one transaction: a group at or below the watermark is never counted again.
- Who counts what is in flight (the hot path) never waits for who writes or reads the file, but for one commit.
"""

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from trackway.books.balance import (
    MINUTE_MS,
    Account,
    Accounts,
    BalanceFilter,
    Entry,
    account_of,
    fold,
    read_minutes,
    read_rejected,
    total,
)
from trackway.books.erasures import (
    SELECTED_AT_ONCE,
    Erasure,
    Person,
    begin,
    digest_of,
    digests_of,
    erase_positions,
    erase_quarantined,
    finish,
    note_pending,
    read_erased,
    read_pending,
    read_receipts,
    read_selected,
)
from trackway.books.migrate import migrate
from trackway.books.pages import QuarantineFilter, read_by_id, read_page, teach
from trackway.books.people import Change, Merged, Switched, enter, enter_merge, undo_merge
from trackway.books.quarantine import Keeper, Limits, Quarantined, held_bytes, prune
from trackway.books.register import Register
from trackway.books.replays import Outcome, Waiting, claim, enter_outcome, read_replays, read_waiting
from trackway.errors import RequestRefused
from trackway.record import Record, RecordHead
from trackway.selection import Selection

BUSY_TIMEOUT_S = 10
PAGE_WITHIN_S = 10.0
PROGRESS_STEPS = 50_000
DAY_MS = 86_400_000
LAST = 2**63 - 1
NOBODY: frozenset[str] = frozenset()

ADD_ACCOUNT = """
INSERT INTO ledger (site, minute, source, key, received, stored, duplicates, made, dropped)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET received = received + excluded.received, stored = stored + excluded.stored,
    duplicates = duplicates + excluded.duplicates, made = made + excluded.made, dropped = dropped + excluded.dropped
"""
ADD_REJECTION = """
INSERT INTO rejections (site, minute, source, key, code, n, not_kept) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET n = n + excluded.n, not_kept = not_kept + excluded.not_kept
"""
ADD_REPEAT = """
INSERT INTO repeats VALUES (?, ?, 1, ?) ON CONFLICT DO UPDATE SET n = n + 1, last = max(last, excluded.last)
"""

Done = TypeVar("Done")


class Repeat(Protocol):
    """A stored event that came again."""

    site: str
    id: str
    received: int


class Ledger:
    """The books in the file `path`. Safe to use from any thread."""

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        self._connection = connect(path)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        migrate(self._connection)
        self._reads, self._pages = connect(path), connect(path)
        self._writing, self._reading, self._paging = threading.Lock(), threading.Lock(), threading.Lock()
        self._landing = threading.Lock()  # the file and what is in flight change together
        self._flying = threading.Lock()  # of its own: the collector must not wait for a settlement to be synced
        self._in_flight: Counter[Account] = Counter()
        self._landed = 0  # the last group of this process whose records are no longer in flight
        self._erased = {site: frozenset(marks) for site, marks in read_erased(self._connection).items()}
        self._keeper = Keeper(limits or Limits())
        self.register = Register(path)
        """Who is who, for readers."""

    @property
    def limits(self) -> Limits:
        """How much of the quarantine is kept, and how long."""
        return self._keeper.limits

    def receive(self, record: Record | RecordHead) -> None:
        """A record is on its way to the disk, or was found there at the start. One made here was not received."""
        if record.source != "system" and not record.replays:
            with self._flying:
                self._in_flight[account_of(record)] += record.n

    def take_back(self, record: Record) -> None:
        """A record could not be kept, and its client has been told so."""
        self._take_off({account_of(record): Entry(received=record.n)})

    def watermark(self) -> int:
        """The last group that has been settled."""
        with self._writing:
            return int(self._connection.execute("SELECT seq FROM watermark").fetchone()[0])

    def settle(  # noqa: PLR0913 - all that a load came to
        self,
        upto: int,
        accounts: Accounts,
        set_aside: Sequence[Quarantined],
        outcomes: Iterable[Outcome] = (),
        repeats: Iterable[Repeat] = (),
        changes: Collection[Change] = (),
    ) -> bool:
        """Enter a load that ends with the group `upto`; False when it had been entered already: nothing changes then.

        `outcomes`: of replayed events; `repeats`: events that came again; `changes`: of who is who. Raises
        sqlite3.Error, and then has entered nothing.
        """

        def enter_all() -> bool:
            moved = self._connection.execute("UPDATE watermark SET seq = ? WHERE seq < ?", (upto, upto)).rowcount
            if moved:
                now_ms = int(time.time() * 1000)
                self._enter(accounts, repeats)
                self._keeper.keep(self._connection, set_aside, now_ms)
                for outcome in outcomes:
                    enter_outcome(self._connection, outcome, now_ms)
                enter(self._connection, changes)
            return bool(moved)

        def land() -> None:
            if upto > self._landed:
                self._landed = upto
                self._take_off(accounts)
            if changes:
                self.register.note_change(one.site for one in changes if type(one) is Switched)

        return self._write(enter_all, land)

    def balance(self, wanted: BalanceFilter) -> dict[str, Any]:
        """The counts wanted, in the contract's shape."""
        wanted = wanted._replace(since=wanted.since // MINUTE_MS * MINUTE_MS)
        with self._reading:
            with self._landing:  # the file and what is in flight as they were at one moment
                self._reads.execute("BEGIN")
                self._reads.execute("SELECT seq FROM watermark").fetchone()
                with self._flying:
                    in_flight = dict(self._in_flight)
            try:
                minutes = read_minutes(self._reads, wanted, in_flight)
            finally:
                self._reads.execute("COMMIT")
        return {"from": wanted.since, "to": wanted.until, **total(minutes), "intervals": fold(minutes, wanted.step_ms)}

    def rejected_windows(self, site: str, since: int, until: int, step_ms: int) -> list[tuple[int, int, int]]:
        """Window, rejected and received, of the windows of `step_ms` in [since, until) that received anything."""
        return self._page(lambda: read_rejected(self._pages, site, since, until, step_ms))

    def quarantine(self, wanted: QuarantineFilter) -> list[dict[str, Any]]:
        """A page of the quarantine, newest first. Raises RequestRefused(query_stopped) when it takes too long."""
        return self._page(lambda: read_page(self._pages, wanted))

    def quarantined(self, event_id: str) -> list[dict[str, Any]]:
        """What the quarantines hold of an event id, each with its `site`, the newest first."""
        return self._page(lambda: read_by_id(self._pages, event_id))

    def repeats(self, event_id: str) -> dict[str, tuple[int, int]]:
        """How often a stored event came again and when last, by site."""
        found = self._page(
            lambda: self._pages.execute("SELECT site, n, last FROM repeats WHERE id = ?", (event_id,)).fetchall()
        )
        return {site: (n, last) for site, n, last in found}

    def held(self, site: str) -> tuple[int, int]:
        """The bytes that a site's quarantine takes, and the most that it may."""
        taken = self._page(lambda: sum(held_bytes(self._pages, site, sampled) for sampled in (0, 1)))
        return taken, self.limits.bytes

    def start_replay(self, wanted: QuarantineFilter, now_ms: int) -> int:
        """Have the events wanted judged again, but those replayed or waiting already; the replay's number."""
        return self._write(lambda: claim(self._connection, wanted, now_ms))

    def replays(self, site: str, upto: int = LAST, limit: int = 100) -> list[dict[str, Any]]:
        """A site's replays, the newest first, with what became of their events."""
        return self._page(lambda: read_replays(self._pages, site, upto, limit))

    def waiting(self, after: tuple[int, int], limit: int) -> list[Waiting]:
        """The next events to be judged again, behind (replay, position)."""
        return self._page(lambda: read_waiting(self._pages, after, limit))

    def prune(self, now_ms: int) -> int:
        """Forget some refused events that are past their days; how many."""
        before = now_ms - self.limits.days * DAY_MS
        return self._write(lambda: prune(self._connection, before)) if self.limits.days else 0

    def erased_on(self, site: str) -> frozenset[str]:
        """Digests of the uuids that were erased on a site; empty for most."""
        return self._erased.get(site, NOBODY)

    def is_erased(self, site: str, uuid: str) -> bool:
        """Whether a customer's uuid (lower case) was erased on a site."""
        erased = self.erased_on(site)
        return bool(erased) and digest_of(site, uuid) in erased

    def begin_erasure(self, person: Person, now_ms: int) -> int:
        """Note that a person is to be erased and must not come back; the erasure's number."""

        def refuse_from_now() -> None:
            self._erased = {**self._erased, person.site: self.erased_on(person.site) | digests_of(person)}
            self.register.note_change()

        return self._write(lambda: begin(self._connection, person, now_ms), refuse_from_now)

    def adopt(self, changes: Collection[Change]) -> None:
        """Enter what was known of who is who before the books knew it."""
        switching = [one.site for one in changes if type(one) is Switched]
        self._write(lambda: enter(self._connection, changes), lambda: self.register.note_change(switching))

    def merge(self, change: Merged) -> int:
        """Enter a merge that a person asked for; its number. Between two loads."""
        return self._write(lambda: enter_merge(self._connection, change), self.register.note_change)

    def undo_merge(self, site: str, number: int, who: str, now_ms: int) -> dict[str, Any]:
        """Take a merge back; the merge as it was. Between two loads. Raises RequestRefused(not_found, conflict)."""
        return self._write(
            lambda: undo_merge(self._connection, site, number, who, now_ms),
            lambda: self.register.note_change(undone=True),
        )

    def pending_erasures(self) -> list[Erasure]:
        """Erasures that are not done, the oldest first."""
        return self._page(lambda: read_pending(self._pages))

    def erase_quarantined(self, person: Person) -> int:
        """Delete a person's refused events; how many."""
        return self._write(lambda: erase_quarantined(self._connection, person))

    def begin_deletion(self, selection: Selection, now_ms: int) -> int:
        """Note that events are to be deleted; the erasure's number."""
        return self._write(lambda: note_pending(self._connection, selection, now_ms))

    def selected(self, selection: Selection) -> list[int]:
        """The positions of the refused events that a selection takes, read a part at a time."""
        found: list[int] = []
        after: int | None = -1
        while after is not None:
            since = after
            part, after = self._page(lambda: read_selected(self._pages, selection, since))  # noqa: B023 - called at once
            found += part
        return found

    def erase_selected(self, selection: Selection) -> int:
        """Delete the refused events that a selection takes; how many."""
        found = self.selected(selection)
        parts = [found[at : at + SELECTED_AT_ONCE] for at in range(0, len(found), SELECTED_AT_ONCE)]
        return sum(self._write(lambda: erase_positions(self._connection, part)) for part in parts)  # noqa: B023 - called at once

    def finish_erasure(self, number: int, receipt: bytes) -> None:
        """Keep the receipt, and forget who it was."""
        self._write(lambda: finish(self._connection, number, receipt))

    def close_erasure(self, number: int) -> None:
        """It is done: nothing of the person is left on the disk."""
        self._write(lambda: self._connection.execute("UPDATE erasures SET pending = NULL WHERE id = ?", (number,)))

    def erasures(self, site: str, upto: int = LAST, limit: int = 100) -> list[dict[str, Any]]:
        """A site's erasures, the newest first."""
        return self._page(lambda: read_receipts(self._pages, site, upto, limit))

    def scrub(self) -> None:
        """Leave no byte of what was deleted on the disk. Raises sqlite3.OperationalError while somebody else reads."""
        with self._writing, self._reading, self._paging, self.register.held_back():
            self._connection.execute("VACUUM")
            busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise sqlite3.OperationalError("the books' log cannot be emptied while it is read")

    def close(self) -> None:
        """Let go of the file."""
        self.register.close()
        with self._writing, self._reading, self._paging:
            for connection in (self._connection, self._reads, self._pages):
                connection.close()

    def _write(self, step: Callable[[], Done], committed: Callable[[], None] = lambda: None) -> Done:
        """Do a step in a transaction; what is told when it is committed is seen together with it."""
        with self._writing:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                done = step()
                with self._landing:
                    self._connection.execute("COMMIT")
                    committed()
            except BaseException:
                if self._connection.in_transaction:  # a full disk has rolled it back already
                    self._connection.execute("ROLLBACK")
                raise
            return done

    def _page(self, question: Callable[[], Done]) -> Done:
        deadline = time.monotonic() + PAGE_WITHIN_S
        with self._paging:
            self._pages.set_progress_handler(lambda: time.monotonic() > deadline, PROGRESS_STEPS)
            try:
                return question()
            except sqlite3.OperationalError as error:
                if time.monotonic() > deadline:
                    raise RequestRefused("query_stopped", "The question took too long; ask for less time.") from error
                raise

    def _enter(self, accounts: Accounts, repeats: Iterable[Repeat]) -> None:
        self._connection.executemany(
            ADD_ACCOUNT,
            [
                (*account, one.received, one.stored, one.duplicates, one.made, one.dropped)
                for account, one in accounts.items()
            ],
        )
        self._connection.executemany(
            ADD_REJECTION,
            [
                (*account, code, n, one.not_kept[code])
                for account, one in accounts.items()
                for code, n in one.rejected.items()
            ],
        )
        self._connection.executemany(ADD_REPEAT, [(row.site, row.id, row.received) for row in repeats])

    def _take_off(self, accounts: Accounts) -> None:
        with self._flying:
            for account, entry in accounts.items():
                self._in_flight[account] -= entry.received
                if not self._in_flight[account]:
                    del self._in_flight[account]


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode, usable from any one thread at a time."""
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    teach(connection)
    return connection
