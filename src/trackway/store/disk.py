"""What is done when the store's disk is short of room, since chDB does not tell: a write that meets a full disk leaves
empty files, and the INSERT or the merge that made them says that all went well (seen with chDB 4.4 on tmpfs and ext4).

So nothing is begun below ROOM_LEAST_BYTES and merges rest meanwhile; each new part's files are compared in size with
what the store says it wrote, before anything is counted as stored: a disk may be full for a moment that nobody sees.
What was written while the disk was short is read again as well. A part found broken is taken out by loading the table
anew: an insert's rows are then not there and are loaded again, a merge's come back from the parts it was made of,
which lie there for some minutes. What is a copy is emptied, and copied again.
"""

import os
import time
from pathlib import Path
from typing import Any

import structlog
from clickhouse_connect.driver.exceptions import ClickHouseError

from trackway.store.pool import Connection

ROOM_LEAST_BYTES = 32 * 1024 * 1024
COPY = "merged"
"""The copy of what the books say; see `copy`."""
TABLES = ("events", COPY)
LOOKS_BACK_S = 2
"""Parts are dated in whole seconds."""
COMPARES_BACK_S = 60
"""A part is dated before it takes its place, and a large one takes a while in between."""
COMPARE_EVERY_S = 10
"""Where nothing is written: merges go on, and a broken one must be found before MERGED_STAY_S."""
UNCOUNTED = frozenset(
    {"checksums.txt", "columns.txt", "columns_substreams.txt", "default_compression_codec.txt", "metadata_version.txt"}
)
"""The files of a part that `bytes_on_disk` leaves out. None of them is ever empty, as those of columns may be."""
MERGED_STAY_S = 480
"""How long the parts that a merge was made of stay on disk: MergeTree's old_parts_lifetime."""
SUSPECT_EVERY_S = 60
"""The parts of those minutes may be large, and a store in trouble is asked again every few seconds."""
NO_SUCH_DATA_PART = 232
ASIDE_PREFIX = "full-disk_"

NEWEST_PARTS = """
SELECT table, name, path, bytes_on_disk FROM system.parts
WHERE database = currentDatabase() AND active AND toUnixTimestamp(modification_time) >= {since:UInt32}
"""

Part = dict[str, Any]
"""A row of NEWEST_PARTS."""

log = structlog.get_logger()


class StoreTrouble(Exception):
    """The store cannot take the batch now. Nothing is decided; ask again."""


class StoreDisk:
    """Watches the disk under `folder` and the parts last written there, through the loader's connection."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self._sound_until = time.time()
        self._rests = False
        self._suspected = 0.0
        self._compared = time.time()
        self._complete = set[str]()
        self.copy_is_lost = False
        """Whether the copy has been emptied. Whoever copies takes note, and sets it back."""
        self.shortage = f"The disk of {folder} has less than {ROOM_LEAST_BYTES >> 20} MiB left."

    def look(self) -> None:
        """To be called before a write and now and then. Raises StoreTrouble while there is too little room."""
        if self.is_short():
            self.confirm()
            raise StoreTrouble(self.shortage)
        if self._rests:
            self._each_table("SYSTEM START MERGES")
            self._rests = False
        self._sound_until = time.time()
        if time.time() - self._compared > COMPARE_EVERY_S:
            self._compare()

    def confirm(self) -> None:
        """To be called after a write. Raises StoreTrouble when what was written is not there."""
        self._compare()
        if self.is_short():
            self._each_table("SYSTEM STOP MERGES")
            self._rests = True
            self._mend(self._parts_since(self._sound_until))

    def suspect(self) -> None:
        """To be called when the store failed: the disk may have been full for a moment. Raises StoreTrouble if so."""
        self._connection.command("ATTACH TABLE IF NOT EXISTS events")  # where mending was cut off
        self._compare()
        if time.time() - self._suspected > SUSPECT_EVERY_S:
            self._suspected = time.time()
            self._mend(self._parts_since(self._suspected - MERGED_STAY_S))

    def is_short(self) -> bool:
        """Whether there is too little room to begin a write."""
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize < ROOM_LEAST_BYTES

    def _compare(self) -> None:
        """Look at the sizes of the parts that came since the last time, and mend if one seems cut short."""
        now = time.time()
        parts = self._parts_since(self._compared - COMPARES_BACK_S)
        new = [part for part in parts if part["path"] not in self._complete]
        self._mend([part for part in new if not is_complete(Path(part["path"]), part["bytes_on_disk"])])
        self._complete = {part["path"] for part in parts}
        self._compared = now

    def _parts_since(self, since: float) -> list[Part]:
        return self._connection.rows(NEWEST_PARTS, {"since": int(since) - LOOKS_BACK_S})

    def _mend(self, parts: list[Part]) -> None:
        """Take out those of these parts that are broken. Raises StoreTrouble if one was."""
        broken = [part for part in parts if not self._is_whole(part["table"], part["name"])]
        if not broken:
            return
        names = ", ".join(part["name"] for part in broken)
        log.warning("a full disk broke parts of the store; they are taken out", parts=names)
        for table in {part["table"] for part in broken}:
            self._take_out(table, [Path(part["path"]) for part in broken if part["table"] == table])
        self._rests = False
        raise StoreTrouble(f"The disk was full while parts were written: {names}.")

    def _take_out(self, table: str, broken: list[Path]) -> None:
        if table == COPY:
            self._connection.command(f"TRUNCATE TABLE {table}")
            self.copy_is_lost = True
            return
        self._connection.command(f"DETACH TABLE {table} SYNC")
        for path in broken:
            set_aside(path)
        self._connection.command(f"ATTACH TABLE {table}")

    def _is_whole(self, table: str, part: str) -> bool:
        try:
            found = self._connection.rows(
                f"CHECK TABLE {table} PART '{part}' SETTINGS check_query_single_value_result = 0"
            )
        except ClickHouseError as error:
            if getattr(error, "code", None) == NO_SUCH_DATA_PART:
                return True  # merged meanwhile
            raise
        return all(row["is_passed"] for row in found)

    def _each_table(self, statement: str) -> None:
        for table in TABLES:
            self._connection.command(f"{statement} {table}")


def is_complete(part: Path, bytes_on_disk: int) -> bool:
    """Whether a part's files are as long together as the store says. True where it has gone."""
    counted = 0
    for folder, _, names in os.walk(part):
        for name in names:
            try:
                size = (Path(folder) / name).stat().st_size
            except FileNotFoundError:
                return True
            if name not in UNCOUNTED:
                counted += size
            elif size == 0:
                return False
    return counted == bytes_on_disk or not part.exists()


def set_aside(part: Path) -> None:
    """Move a part's folder to where the store does not look, and where people can."""
    part.rename(part.parent / "detached" / f"{ASIDE_PREFIX}{part.name}_{time.time_ns()}")
