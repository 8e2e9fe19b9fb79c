"""Writing events exactly once: ask which ids are there, insert the rest, set aside what the store refuses.

The events table is the only truth: a batch cut off half-way is simply asked about again when it comes back.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import NamedTuple

from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError

from trackway.event import UUID_TEXT
from trackway.store.disk import StoreDisk, StoreTrouble
from trackway.store.pool import Connection
from trackway.store.row import Row, encode_rows

IDS_PER_QUESTION = 20_000

# Errors that say "this row is bad", whoever sends it again. All others are the store's own trouble: wait and retry.
# From ClickHouse's src/Common/ErrorCodes.cpp: CANNOT_PARSE_* (6, 26, 27, 38, 41, 42, 72, 33, 29), TYPE_MISMATCH
# (53), INCORRECT_DATA (117), ILLEGAL_TYPE (43), VALUE_IS_OUT_OF_RANGE (321), CANNOT_PARSE_UUID (376),
# ARGUMENT_OUT_OF_BOUND (69).
BAD_ROW_CODES = frozenset({6, 26, 27, 29, 33, 38, 41, 42, 43, 53, 69, 72, 117, 321, 376})

KNOWN_IDS = """
SELECT site, id, position FROM events
WHERE toUInt128(id) IN (SELECT toUInt128(toUUID(arrayJoin(splitByChar(',', '%s')))))
"""


Positions = dict[tuple[str, str], int]
"""Site and id of stored events → position."""


class Written(NamedTuple):
    """What became of a batch of rows."""

    stored: list[Row]
    duplicates: list[Row]
    poisoned: list[tuple[Row, str]]
    """Rows the store will never take, each with its reason."""


def leave(rows: list[Row]) -> None:
    """Nothing to do before rows are written."""


class Writer:
    """Writes batches on a connection of its own; for one thread. `disk`: where the store is in this process."""

    def __init__(self, connection: Connection, disk: StoreDisk | None = None) -> None:
        self._connection = connection
        self.disk = disk

    def look(self) -> None:
        """See that the disk has room; to be called now and then. Raises StoreTrouble while it has not."""
        if self.disk:
            self.disk.look()

    def highest_position(self) -> int:
        """The position of the newest stored event, 0 when there is none."""
        return int(self._connection.rows("SELECT max(position) AS highest FROM events")[0]["highest"])

    def known(self, rows: list[Row]) -> Positions:
        """Which of these rows' ids are stored, and at which position. Raises StoreTrouble."""
        with self._told():
            return self._known([row.id for row in rows if UUID_TEXT.match(row.id)])

    def write(
        self, rows: list[Row], known: Positions | None = None, finish: Callable[[list[Row]], None] = leave
    ) -> Written:
        """Store each row whose id its site does not have yet. Raises StoreTrouble; then call again with the same.

        `known`: what `known` said of these rows, when it has just been asked. `finish` is given what is no duplicate,
        in order of position, and may fill in what depends on the rows before; of rows that an earlier try has stored,
        the store keeps what it has.
        """
        misnamed = [(row, f"{row.id!r} is no UUID") for row in rows if not UUID_TEXT.match(row.id)]
        if misnamed:
            rows = [row for row in rows if UUID_TEXT.match(row.id)]
        self.look()
        with self._told():
            fresh, here, duplicates = self._sort(rows, known)
            finish(sorted(here + fresh, key=lambda row: row.position))
            poisoned = misnamed + self._insert(fresh)
            if self.disk:
                self.disk.confirm()
        bad = {row.position for row, _ in poisoned}
        stored = here + [row for row in fresh if row.position not in bad]
        return Written(stored, duplicates, poisoned)

    @contextmanager
    def _told(self) -> Generator[None]:
        """The store's own errors become StoreTrouble, after a look whether the disk broke something."""
        try:
            yield
        except ClickHouseError as error:
            if self.disk:
                self.disk.suspect()
            raise StoreTrouble(str(error)) from error

    def _sort(self, rows: list[Row], known: Positions | None) -> tuple[list[Row], list[Row], list[Row]]:
        """Fresh rows, rows that an earlier try has stored already, and duplicates. The first of an id wins."""
        known = self._known([row.id for row in rows]) if known is None else dict(known)
        fresh: list[Row] = []
        here: list[Row] = []
        duplicates: list[Row] = []
        for row in rows:
            key = (row.site, row.id)
            position = known.setdefault(key, -1)
            if position == -1:
                known[key] = row.position
                fresh.append(row)
            else:
                (here if position == row.position else duplicates).append(row)
        return fresh, here, duplicates

    def _known(self, ids: list[str]) -> Positions:
        known: Positions = {}
        for start in range(0, len(ids), IDS_PER_QUESTION):
            # Not as a parameter: the client escapes those character by character. Every id has been matched as a UUID.
            asked = KNOWN_IDS % ",".join(ids[start : start + IDS_PER_QUESTION])
            for found in self._connection.rows(asked):
                known[found["site"], found["id"]] = found["position"]
        return known

    def _insert(self, rows: list[Row]) -> list[tuple[Row, str]]:
        """Insert; when the store refuses the data itself, halve until the bad rows stand alone."""
        if not rows:
            return []
        try:
            self._connection.insert("events", encode_rows(rows))
        except DatabaseError as error:
            if getattr(error, "code", None) not in BAD_ROW_CODES:
                raise
            if len(rows) == 1:
                return [(rows[0], str(error)[:500])]
            middle = len(rows) // 2
            return self._insert(rows[:middle]) + self._insert(rows[middle:])
        return []
