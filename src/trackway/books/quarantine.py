"""Refused events, kept with their reason: the rows of the quarantine, written with the ledger, read by pages."""

import sqlite3
from collections.abc import Iterable
from typing import Any

import msgspec

from trackway.record import Record, Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS quarantine (
    position INTEGER PRIMARY KEY,
    site TEXT NOT NULL, received INTEGER NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL, origin TEXT NOT NULL,
    id TEXT, code TEXT NOT NULL, message TEXT NOT NULL, field TEXT, event TEXT NOT NULL,
    uuid TEXT NOT NULL,
    replayed INTEGER
);
CREATE INDEX IF NOT EXISTS quarantine_by_site ON quarantine (site, position);
"""

INSERT = """
INSERT INTO quarantine
    (position, site, received, source, key, origin, id, code, message, field, event, uuid)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (position) DO NOTHING
"""

PAGE = """
SELECT position, uuid, id, received, code, message, field, event, key, origin, source, replayed
FROM quarantine
WHERE site = :site AND position < :before AND (:code IS NULL OR code = :code)
  AND received >= :since AND received < :until
ORDER BY position DESC LIMIT :limit
"""


class Quarantined(msgspec.Struct):
    """A refused event and where it came from. `event` is the JSON text received; `position` as in the store."""

    position: int
    site: str
    received: int
    source: str
    key: str
    origin: str
    id: str | None
    code: str
    message: str
    field: str | None
    event: str
    uuid: str = ""


class QuarantineFilter(msgspec.Struct, frozen=True):
    """A page asked for: of a site, behind the position `before`, received in [since, until), with `code` if given."""

    site: str
    before: int = 2**63 - 1
    code: str | None = None
    since: int = -(2**53)
    until: int = 2**53
    limit: int = 1_000


def quarantined(record: Record, refusal: Refusal, position: int) -> Quarantined:
    """The row for one refused event of a record."""
    why = refusal.why
    return Quarantined(
        position,
        record.site,
        record.received,
        record.source,
        record.key,
        record.origin,
        why.id,
        why.code,
        why.message,
        why.field,
        bytes(refusal.event).decode(),
        refusal.uuid,
    )


def insert_quarantined(connection: sqlite3.Connection, rows: Iterable[Quarantined]) -> None:
    """Write rows inside the caller's transaction. A position that is there already is left as it is."""
    connection.executemany(INSERT, [msgspec.structs.astuple(row) for row in rows])


def read_page(connection: sqlite3.Connection, wanted: QuarantineFilter) -> list[dict[str, Any]]:
    """One page, newest first, in the contract's shape."""
    names = (
        "position",
        "uuid",
        "id",
        "received",
        "code",
        "message",
        "field",
        "event",
        "key",
        "origin",
        "source",
        "replayed",
    )
    rows: list[dict[str, Any]] = [
        dict(zip(names, row, strict=True)) for row in connection.execute(PAGE, msgspec.structs.asdict(wanted))
    ]
    for row in rows:
        row["event"] = msgspec.Raw(row["event"].encode())
        row["replayed"] = bool(row["replayed"])
    return rows
