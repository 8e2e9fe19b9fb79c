"""The store's copy of which customers are one, for questions that count customers; it is copied from the books.

The copy is a table, and a dictionary of it in memory. Loading that takes time that grows with it (0.05 s for 100,000
customers), so it rests ten times as long as it took.
"""

import time
from typing import Any, Protocol

import msgspec
import structlog
from clickhouse_connect.driver.exceptions import ClickHouseError

from trackway.store.disk import StoreDisk
from trackway.store.pool import Connection

COPIED_AT_ONCE = 10_000
REST_FACTOR = 10
NEWEST = "SELECT max(version) AS version FROM merged"
RELOAD = "SYSTEM RELOAD DICTIONARY merged_customers"

UNREADABLE_REST_S = 60.0

log = structlog.get_logger()


class Wholes(Protocol):
    """What is copied: the register."""

    def version(self) -> int:
        """How often wholes have changed."""
        ...

    def newer(self, version: int, limit: int, /) -> list[dict[str, Any]]:
        """What changed above a version, in order."""
        ...


class WholesCopy:
    """Keeps the copy up to date; for one thread. `disk`: where the store is in this process."""

    def __init__(self, connection: Connection, disk: StoreDisk | None = None) -> None:
        self._connection = connection
        self._disk = disk
        self._version: int | None = None
        self._is_stale = True
        self._rested_at = 0.0
        self._encoder = msgspec.json.Encoder()

    def follow(self, wholes: Wholes, now_s: float) -> None:
        """Take over what is new. Raises ClickHouseError; then call again."""
        if self._disk and self._disk.copy_is_lost:
            self._version, self._is_stale = 0, True
            self._disk.copy_is_lost = False
        if self._version is None:
            self._version = self._begin(wholes)
        while rows := wholes.newer(self._version, COPIED_AT_ONCE):
            self._connection.insert("merged", self._encoder.encode_lines(rows))
            self._is_stale = True
            # The limit may have cut a version in two: its rows are copied again, which changes nothing.
            self._version = int(rows[-1]["version"]) - (len(rows) == COPIED_AT_ONCE)
        if self._is_stale and now_s >= self._rested_at:
            self._reload(now_s)

    def _begin(self, wholes: Wholes) -> int:
        """Up to where the copy is right; one of other books is thrown away."""
        copied = int(self._connection.rows(NEWEST)[0]["version"])
        if copied > wholes.version():
            self._connection.command("TRUNCATE TABLE merged")
            return 0
        return copied

    def _reload(self, now_s: float) -> None:
        began = time.monotonic()
        try:
            self._connection.command(RELOAD)
        except ClickHouseError as error:
            # Events go on being loaded; only questions that count customers see merges late.
            log.warning("merges cannot be taken over for insights now", why=str(error)[:300])
            self._rested_at = now_s + UNREADABLE_REST_S
            return
        self._is_stale = False
        self._rested_at = now_s + REST_FACTOR * (time.monotonic() - began)
