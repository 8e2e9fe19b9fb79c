"""Bring the store's schema up to date: numbered SQL files, each run once, in order."""

import re
from importlib.resources import files

from trackway.store.pool import Connection

NUMBERED = re.compile(r"(\d{4})_\w+\.sql\Z")


def migrations() -> list[tuple[int, str]]:
    """Number and SQL of each migration, in order."""
    found: list[tuple[int, str]] = []
    for entry in files("trackway.store.migrations").iterdir():
        matched = NUMBERED.match(entry.name)
        if matched:
            found.append((int(matched[1]), entry.read_text(encoding="utf-8")))
    return sorted(found)


def statements(sql: str) -> list[str]:
    """The statements of a file. None of ours has a semicolon inside a text or a comment."""
    without_comments = re.sub(r"--[^\n]*", "", sql)
    return [statement.strip() for statement in without_comments.split(";") if statement.strip()]


def pending(connection: Connection) -> list[tuple[int, str]]:
    """The migrations that this store has not seen yet, in order."""
    begun = connection.rows("SELECT name FROM system.tables WHERE database = currentDatabase() AND name = 'migrations'")
    rows = connection.rows("SELECT number FROM migrations") if begun else []
    done = {int(row["number"]) for row in rows}
    return [(number, sql) for number, sql in migrations() if number not in done]


def migrate(connection: Connection) -> int:
    """Run what has not been run yet; the number of migrations run. A statement cut off half-way runs again: all can."""
    todo = pending(connection)
    if todo:
        connection.command(
            "CREATE TABLE IF NOT EXISTS migrations (number UInt32, applied DateTime DEFAULT now()) "
            "ENGINE = MergeTree ORDER BY number"
        )
    for number, sql in todo:
        for statement in statements(sql):
            connection.command(statement)
        connection.insert("migrations", b'{"number":%d}' % number)
    return len(todo)
