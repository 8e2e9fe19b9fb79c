"""The spool in one SQLite file: WAL, `synchronous=FULL`, one writer thread, group commit.

Invariants:
- `append` returns only after the commit that holds its record has been synced.
- A group is one row: one statement, one sync, however many requests waited meanwhile. Rows are never changed.
- `seq` is AUTOINCREMENT: SQLite would otherwise hand out old numbers again once the table has been emptied, and a
  loader that asks for `seq > last` would stop for good. `start_after` lifts it over what the store already holds.
- It never grows past `limit_bytes`; then, and when the disk is full, `append` refuses with StorageUnavailable.
- Deleting writes too, to the log first. The reserve is what is left for it when the spool itself fills its disk: twice
  the log at its longest (CHECKPOINT_PAGES and one group), once for the log and once to copy it into the file.
"""

import asyncio
import contextlib
import os
import sqlite3
import threading
import time
from collections import deque
from pathlib import Path

from trackway.errors import StorageUnavailable
from trackway.spool.group import Backlog, Group

GROUP_BYTES_MAX = 8 * 1024 * 1024
WAITING_BYTES_MAX = 64 * 1024 * 1024
DISK_LOOK_S = 0.1
REFUSED_RETRY_S = 5
BUSY_TIMEOUT_S = 10
CHECKPOINT_PAGES = 4_000
FREE_PAGES_MAX = 16_384  # of 4 KiB; more is given back to the disk
SEQ_MAX = 2**43 - 1  # a position in the store has 20 bits for the place inside a group

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS spool (seq INTEGER PRIMARY KEY AUTOINCREMENT, payload BLOB NOT NULL);
"""

Waiting = tuple[bytes, "asyncio.Future[None]"]


class SqliteSpool:
    """A spool in the file `path`. See `trackway.spool.Spool` for what each method promises."""

    def __init__(self, path: Path, limit_bytes: int, disk_reserve_bytes: int = 0, start_after: int = 0) -> None:
        self._folder = path.resolve().parent  # its own disk, when the file is linked from another
        self._limit_bytes = limit_bytes
        self._disk_reserve_bytes = disk_reserve_bytes
        self._writes = connect(path)
        self._writes.executescript(SCHEMA)
        self._writes.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        self._reads = connect(path)
        self._newest = self._raise_sequence(start_after)
        self._groups, self._bytes = self._measure()
        self._waiting: deque[Waiting] = deque()
        self._taken_bytes = 0  # counted by the event loop alone
        self._ended_bytes = 0  # counted by the writer alone
        self._wake_writer = threading.Event()
        self._writer_rests = False
        self._arrived = threading.Condition()
        self._using_writes = threading.Lock()
        self._closed = False
        self._failure = ""
        self._failed_at = 0.0
        self._disk_looked_at = 0.0
        self._disk_free = True
        self._gives_back = False
        self._writer = threading.Thread(target=self._write_forever, name="spool-writer", daemon=True)
        self._writer.start()

    async def append(self, record: bytes) -> None:
        """Keep one record; see the protocol."""
        refusal = self._refusal()
        if refusal:
            raise StorageUnavailable(refusal, REFUSED_RETRY_S)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._taken_bytes += len(record)
        self._waiting.append((record, future))
        if self._writer_rests:
            self._wake_writer.set()
        await future

    def read(self, after: int, most_bytes: int, wait_s: float) -> list[Group]:
        """Groups behind `after`; see the protocol."""
        deadline = time.monotonic() + wait_s
        while True:
            found = self._read_now(after, most_bytes)
            remaining = deadline - time.monotonic()
            if found or remaining <= 0 or self._closed:
                return found
            with self._arrived:
                self._arrived.wait(min(remaining, 0.25))

    def trim(self, upto: int, scrub: bool = False) -> None:
        """Forget loaded groups; see the protocol."""
        with self._using_writes:
            groups, size = self._measure(upto)
            self._writes.execute("PRAGMA synchronous = NORMAL")  # a trim that a crash undoes is done again
            try:
                self._writes.execute("DELETE FROM spool WHERE seq <= ?", (upto,))
            finally:
                self._writes.execute("PRAGMA synchronous = FULL")
            self._groups -= groups
            self._bytes -= size
            (free_pages,) = self._writes.execute("PRAGMA freelist_count").fetchone()
            if scrub:
                leave_nothing(self._writes)
            elif free_pages > FREE_PAGES_MAX and not self._groups:
                self._writes.execute("VACUUM")

    def backlog(self) -> Backlog:
        """What waits to be loaded."""
        return Backlog(self._groups, self._bytes, self._newest, self._refusal() or self._recent_failure())

    def close(self) -> None:
        """Commit what waits, then let go of the file."""
        self._closed = True
        self._wake_writer.set()
        self._writer.join()
        with self._using_writes:
            self._writes.close()
            self._reads.close()

    def _refusal(self) -> str:
        """Why a record cannot even be tried; empty when it can."""
        waiting = self._taken_bytes - self._ended_bytes
        if self._closed:
            return "The server is stopping; send this again in a moment."
        if self._bytes + waiting > self._limit_bytes or waiting > WAITING_BYTES_MAX:
            return "The backlog is at its limit; send this again later."
        if not self._disk_has_room():
            return "The disk is nearly full; send this again once there is room."
        return ""

    def _give_back_room(self) -> None:
        """Shrink the file and its log, which SQLite keeps as long as they ever were: the disk is short of room."""
        self._gives_back = False
        with self._using_writes, contextlib.suppress(sqlite3.Error):  # a full disk; tried again at the next look
            if not self._groups:
                self._writes.execute("VACUUM")  # copies what is there, so only when nothing is
            self._writes.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _recent_failure(self) -> str:
        """What the last commit failed of, for as long as clients were told to wait: then it is time to try again."""
        return self._failure if time.monotonic() - self._failed_at < REFUSED_RETRY_S else ""

    def _raise_sequence(self, start_after: int) -> int:
        (highest,) = self._writes.execute(
            "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'spool'), 0)"
        ).fetchone()
        if start_after > highest:
            self._writes.execute("DELETE FROM sqlite_sequence WHERE name = 'spool'")
            self._writes.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('spool', ?)", (start_after,))
        return max(highest, start_after)

    def _measure(self, upto: int = SEQ_MAX) -> tuple[int, int]:
        groups, size = self._writes.execute(
            "SELECT count(*), coalesce(sum(length(payload)), 0) FROM spool WHERE seq <= ?", (upto,)
        ).fetchone()
        return groups, size

    def _read_now(self, after: int, most_bytes: int) -> list[Group]:
        found: list[Group] = []
        size = 0
        rows = self._reads.execute("SELECT seq, payload FROM spool WHERE seq > ? ORDER BY seq", (after,))
        for seq, payload in rows:
            if found and size + len(payload) > most_bytes:
                break
            found.append(Group(seq, payload))
            size += len(payload)
        rows.close()
        return found

    def _disk_has_room(self) -> bool:
        now = time.monotonic()
        if now - self._disk_looked_at > DISK_LOOK_S:
            self._disk_looked_at = now
            disk = os.statvfs(self._folder)
            self._disk_free = disk.f_bavail * disk.f_frsize > self._disk_reserve_bytes
            if not self._disk_free:
                self._gives_back = True
                self._wake_writer.set()
        return self._disk_free

    def _write_forever(self) -> None:
        # No lock around the queue: a deque's ends are safe between threads. The writer says that it rests before it
        # looks at the queue for the last time, so whoever adds after that look sees it resting and wakes it.
        while True:
            if self._waiting:
                self._commit(self._take_batch())
            elif self._closed:
                return
            elif self._gives_back:
                self._give_back_room()
            else:
                self._wake_writer.clear()
                self._writer_rests = True
                if not self._waiting and not self._closed and not self._gives_back:
                    self._wake_writer.wait()
                self._writer_rests = False

    def _take_batch(self) -> list[Waiting]:
        batch: list[Waiting] = []
        size = 0
        while self._waiting and (not batch or size + len(self._waiting[0][0]) <= GROUP_BYTES_MAX):
            batch.append(self._waiting.popleft())
            size += len(batch[-1][0])
        return batch

    def _commit(self, batch: list[Waiting]) -> None:
        payload = b"".join([record for record, _ in batch])
        try:
            with self._using_writes:
                written = self._writes.execute("INSERT INTO spool (payload) VALUES (?)", (payload,))
                self._newest = written.lastrowid or 0
                self._groups += 1
                self._bytes += len(payload)
            failure, self._failure = None, ""
        except sqlite3.Error as error:
            self._failed_at = time.monotonic()
            self._failure = f"The spool cannot be written ({error}); send this again later."
            failure = StorageUnavailable(self._failure, REFUSED_RETRY_S)
        self._ended_bytes += len(payload)
        answer(batch, failure)
        with self._arrived:
            self._arrived.notify_all()


def find_groups(path: Path, text: str, limit: int) -> list[Group]:
    """Groups that hold a text, read straight from the file: also of a stopped server, and beside a running one."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S)
    with contextlib.closing(connection):
        found = connection.execute(
            "SELECT seq, payload FROM spool WHERE instr(payload, CAST(? AS BLOB)) > 0 ORDER BY seq LIMIT ?",
            (text, limit),
        )
        return [Group(*row) for row in found]


def answer(batch: list[Waiting], failure: StorageUnavailable | None) -> None:
    """Wake every request of a commit, in its own event loop: one call into each loop, not one a request."""
    by_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for _, future in batch:
        by_loop.setdefault(future.get_loop(), []).append(future)
    for loop, futures in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, futures, failure)


def settle(futures: list["asyncio.Future[None]"], failure: StorageUnavailable | None) -> None:
    """Give each waiting request its outcome; one that has gone away meanwhile is passed over."""
    for future in futures:
        if future.done():
            continue
        if failure is None:
            future.set_result(None)
        else:
            future.set_exception(failure)


def leave_nothing(connection: sqlite3.Connection) -> None:
    """Leave nothing that was deleted in the file or its log. Raises sqlite3.OperationalError while someone reads."""
    connection.execute("VACUUM")
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise sqlite3.OperationalError("the log cannot be emptied while it is read")


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode, usable from any one thread at a time."""
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
