"""The spool: where collected records lie safely from the answer of 200 until the store has them.

The protocol below is all that the rest knows of it. `spool/sqlite.py` keeps it in the data folder; a log broker can
stand in its place by passing `tests/test_spool.py`.
"""

from typing import Protocol

from trackway.spool.group import Backlog, Group
from trackway.spool.sqlite import SqliteSpool, find_groups


class Spool(Protocol):
    """Five promises. Every method but `append` may block and is for threads."""

    async def append(self, record: bytes) -> None:
        """Keep one encoded record; returns once it is on disk. Raises StorageUnavailable, and then kept nothing."""
        ...

    def read(self, after: int, most_bytes: int, wait_s: float) -> list[Group]:
        """Groups behind `after` in order, at least one if there is any; waits up to `wait_s` for the first."""
        ...

    def trim(self, upto: int, scrub: bool = False) -> None:
        """Forget the groups up to and including `upto`. Doing it again changes nothing.

        `scrub`: leave no byte on the disk of any group that was ever forgotten.
        """
        ...

    def backlog(self) -> Backlog:
        """How much waits to be loaded."""
        ...

    def close(self) -> None:
        """Finish what was begun and let go. Later calls raise StorageUnavailable."""
        ...


__all__ = ["Backlog", "Group", "Spool", "SqliteSpool", "find_groups"]
