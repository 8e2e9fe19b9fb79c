"""What is done when the store's disk is short of room, since chDB does not tell: a write that meets a full disk leaves
empty files, and the INSERT or the merge that made them says that all went well (seen with chDB 4.4 on tmpfs and ext4).

So nothing is begun below ROOM_LEAST_BYTES, merges rest meanwhile, and what was written last is read again before
anything is counted as stored. A part found broken is taken out by loading the table anew: an insert's rows are then
not there and are loaded again, a merge's come back from the parts it was made of, which lie there for some minutes.
"""

import os
import time
from pathlib import Path

import structlog
from clickhouse_connect.driver.exceptions import ClickHouseError

from trackway.store.pool import Connection

ROOM_LEAST_BYTES = 32 * 1024 * 1024
TABLES = ("events", "identifiers")
LOOKS_BACK_S = 2
"""Parts are dated in whole seconds."""
MERGED_STAY_S = 480
"""How long the parts that a merge was made of stay on disk: MergeTree's old_parts_lifetime."""
SUSPECT_EVERY_S = 60
"""The parts of those minutes may be large, and a store in trouble is asked again every few seconds."""
NO_SUCH_DATA_PART = 232
ASIDE_PREFIX = "full-disk_"

NEWEST_PARTS = """
SELECT table, name, path FROM system.parts
WHERE database = currentDatabase() AND active AND toUnixTimestamp(modification_time) >= {since:UInt32}
"""

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

    def confirm(self) -> None:
        """To be called after a write. Raises StoreTrouble when the disk is short and what was written is not there."""
        if self.is_short():
            self._each_table("SYSTEM STOP MERGES")
            self._rests = True
            self._mend(self._sound_until)

    def suspect(self) -> None:
        """To be called when the store failed: the disk may have been full for a moment. Raises StoreTrouble if so."""
        for table in TABLES:
            self._connection.command(f"ATTACH TABLE IF NOT EXISTS {table}")  # where mending was cut off
        if time.time() - self._suspected > SUSPECT_EVERY_S:
            self._suspected = time.time()
            self._mend(self._suspected - MERGED_STAY_S)

    def is_short(self) -> bool:
        """Whether there is too little room to begin a write."""
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize < ROOM_LEAST_BYTES

    def _mend(self, since: float) -> None:
        parts = self._connection.rows(NEWEST_PARTS, {"since": int(since) - LOOKS_BACK_S})
        broken = [part for part in parts if not self._is_whole(part["table"], part["name"])]
        if not broken:
            return
        names = ", ".join(part["name"] for part in broken)
        log.warning("a full disk broke parts of the store; they are taken out", parts=names)
        for table in {part["table"] for part in broken}:
            self._connection.command(f"DETACH TABLE {table} SYNC")
            for part in broken:
                if part["table"] == table:
                    set_aside(Path(part["path"]))
            self._connection.command(f"ATTACH TABLE {table}")
        self._rests = False
        raise StoreTrouble(f"The disk was full while parts were written: {names}.")

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


def set_aside(part: Path) -> None:
    """Move a part's folder to where the store does not look, and where people can."""
    part.rename(part.parent / "detached" / f"{ASIDE_PREFIX}{part.name}_{time.time_ns()}")
