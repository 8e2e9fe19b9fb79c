"""The store of this process. chDB opens one data path per process and no other, so every test that needs a store in its
own process shares this one, and tells its rows apart by a site of its own."""

import tempfile
from functools import cache
from pathlib import Path

from trackway.store.migrate import migrate
from trackway.store.pool import Pool


@cache
def open_store() -> Pool:
    """The migrated store, in a folder that goes with the process. It stays open: chDB ends with its process."""
    folder = tempfile.TemporaryDirectory(prefix="trackway-test-store-", ignore_cleanup_errors=True)
    pool = Pool(Path(folder.name))
    kept.append(folder)
    connection = pool.connect()
    migrate(connection)
    connection.command("DROP TABLE identifiers SYNC")  # as the server does, once it has taken over what is in it
    connection.close()
    return pool


kept: list[tempfile.TemporaryDirectory[str]] = []
"""Folders to throw away at the very end, not before."""
