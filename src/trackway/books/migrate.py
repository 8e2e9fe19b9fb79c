"""Bring the books up to date: numbered SQL files, each run once and whole, in order.

SQLite's own `user_version` says how far a file is. Books from before there were numbers are at 0, and the first
migration changes nothing in them.
"""

import re
import sqlite3
from importlib.resources import files

from trackway.errors import ConfigInvalid

NUMBERED = re.compile(r"(\d{4})_\w+\.sql\Z")


def migrations() -> list[tuple[int, str]]:
    """Number and SQL of each migration, in order."""
    found: list[tuple[int, str]] = []
    for entry in files("trackway.books.migrations").iterdir():
        matched = NUMBERED.match(entry.name)
        if matched:
            found.append((int(matched[1]), entry.read_text(encoding="utf-8")))
    return sorted(found)


def migrate(connection: sqlite3.Connection) -> int:
    """Run what has not been run yet; the number of migrations run. One that is cut off has changed nothing.

    Raises ConfigInvalid for books of a newer Trackway.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    known = migrations()
    if version > known[-1][0]:
        raise ConfigInvalid(f"The books are of a newer Trackway (version {version}); start that one.")
    todo = [(number, sql) for number, sql in known if number > version]
    for number, sql in todo:
        try:
            connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    return len(todo)
