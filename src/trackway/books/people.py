"""Who is who, as the books keep it: identifiers, switches of devices, merges. Written in the transaction of the load
that decided it, so that a load done again after a crash decides from the same state.

Every function works inside the caller's transaction.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec

from trackway.errors import RequestRefused

Why = Literal["identify", "form", "token", "server", "manual"]
"""What said that two customers are one: an event of one of these kinds, or a person."""
SWITCHES_MAX = 1_000
"""Of one device; the oldest are forgotten, so that late events from before them count as the device's own."""
PARTS_MAX = 1_000
"""Customers that can be merged into one."""

ADD_IDENTIFIER = "INSERT OR IGNORE INTO identifiers VALUES (?, ?, ?, ?, ?, ?, ?)"
UNDER = """
WITH RECURSIVE under(customer) AS (
    SELECT ? UNION SELECT merges.customer FROM merges JOIN under ON merges.into_customer = under.customer
    WHERE merges.site = ? AND merges.undone IS NULL
)
SELECT customer FROM under
"""
SET_WHOLE = """
INSERT INTO merged VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET whole = excluded.whole, version = excluded.version
"""
PARTS = """
SELECT ?2 UNION SELECT customer FROM merged WHERE site = ?1 AND whole = ?2
"""
FORGET_SWITCHES = """
DELETE FROM switches WHERE site = ?1 AND uuid = ?2 AND (since, position) IN (
    SELECT since, position FROM switches WHERE site = ?1 AND uuid = ?2 ORDER BY since DESC, position DESC
    LIMIT -1 OFFSET ?3
)
"""
MERGE_FIELDS = ("id", "site", "customer", "into", "time", "why", "event", "who", "undone", "undone_by")
MERGE_COLUMNS = "id, site, customer, into_customer, time, why, event, who, undone, undone_by"
MERGES_OF = f"""
SELECT {MERGE_COLUMNS} FROM merges WHERE site = ?1 AND id <= ?3 AND (customer IN (SELECT value FROM json_each(?2))
    OR into_customer IN (SELECT value FROM json_each(?2)))
ORDER BY id DESC LIMIT ?4
"""  # noqa: S608 - our own words


class Identified(msgspec.Struct, frozen=True):
    """An identifier is this customer's from now on."""

    site: str
    kind: str
    value: str
    customer: str
    since: int
    event: str


class Switched(msgspec.Struct, frozen=True):
    """A device is another customer's from (since, position) on."""

    site: str
    uuid: str
    since: int
    position: int
    customer: str
    event: str


class Merged(msgspec.Struct, frozen=True):
    """A customer, with all that was merged into it, is part of another. Both are whole until then."""

    site: str
    customer: str
    into: str
    time: int
    why: Why
    event: str = ""
    who: str = ""


Change = Identified | Switched | Merged


def enter(connection: sqlite3.Connection, changes: Iterable[Change]) -> None:
    """Write changes, in the order they were decided."""
    for change in changes:
        if type(change) is Identified:
            site, kind, value, *rest = msgspec.structs.astuple(change)
            connection.execute(ADD_IDENTIFIER, (site, kind, value, value.casefold(), *rest))
        elif type(change) is Switched:
            enter_switch(connection, change)
        elif type(change) is Merged:
            enter_merge(connection, change)


def enter_switch(connection: sqlite3.Connection, change: Switched) -> None:
    """Note a switch, and forget the oldest of a device that has too many."""
    one = msgspec.structs.astuple(change)
    connection.execute("INSERT OR REPLACE INTO switches VALUES (?, ?, ?, ?, ?, ?)", one)
    connection.execute(
        "INSERT OR IGNORE INTO devices VALUES (?, ?, ?, ?, ?)",
        (change.site, change.customer, change.uuid, change.since, change.event),
    )
    connection.execute(FORGET_SWITCHES, (change.site, change.uuid, SWITCHES_MAX))


def enter_merge(connection: sqlite3.Connection, change: Merged) -> int:
    """Note a merge; its number."""
    parts = [row[0] for row in connection.execute(PARTS, (change.site, change.customer))]
    cursor = connection.execute(
        "INSERT INTO merges (site, customer, into_customer, time, why, event, who) VALUES (?, ?, ?, ?, ?, ?, ?)",
        msgspec.structs.astuple(change),
    )
    set_whole(connection, change.site, parts, change.into)
    return int(cursor.lastrowid or 0)


def undo_merge(connection: sqlite3.Connection, site: str, number: int, who: str, now_ms: int) -> dict[str, Any]:
    """Take a merge back: what it brought in is a customer of its own again. The merge as it was.

    Raises RequestRefused(not_found), and (conflict) where it was undone before.
    """
    merge = read_merge(connection, site, number)
    if merge["undone"] is not None:
        raise RequestRefused("conflict", f"Merge {number} was undone before.")
    connection.execute("UPDATE merges SET undone = ?, undone_by = ? WHERE id = ?", (now_ms, who, number))
    under = [row[0] for row in connection.execute(UNDER, (merge["customer"], site))]
    set_whole(connection, site, under, merge["customer"])
    return merge


def set_whole(connection: sqlite3.Connection, site: str, parts: Sequence[str], whole: str) -> None:
    """Say which whole some customers are part of now."""
    (version,) = connection.execute("UPDATE merged_version SET version = version + 1 RETURNING version").fetchone()
    connection.executemany(SET_WHOLE, [(site, part, whole, version) for part in parts])


def read_merge(connection: sqlite3.Connection, site: str, number: int) -> dict[str, Any]:
    """One merge. Raises RequestRefused(not_found)."""
    asked = (site, max(0, min(number, 2**63 - 1)))
    found = connection.execute(f"SELECT {MERGE_COLUMNS} FROM merges WHERE site = ? AND id = ?", asked).fetchone()  # noqa: S608
    if found is None:
        raise RequestRefused("not_found", f"Site {site} has no merge {number}.")
    return show_merge(found)


def read_merges(
    connection: sqlite3.Connection, site: str, customers: Iterable[str], upto: int, limit: int
) -> list[dict[str, Any]]:
    """Merges that some customers were in, undone ones too, the newest first."""
    asked = (site, msgspec.json.encode(list(customers)).decode(), upto, limit)
    return [show_merge(row) for row in connection.execute(MERGES_OF, asked)]


def show_merge(row: Sequence[Any]) -> dict[str, Any]:
    """A merge as the API shows it."""
    return dict(zip(MERGE_FIELDS, row, strict=True))


def erase_customers(connection: sqlite3.Connection, site: str, customers: Sequence[str]) -> dict[str, int]:
    """Forget all that is known of some customers; how many rows of each kind.

    Where a device was theirs for a time and is somebody else's, that time is marked as nobody's.
    """
    listed = msgspec.json.encode(list(customers)).decode()
    these = "(SELECT value FROM json_each(?2))"
    gone = {
        table: connection.execute(f"DELETE FROM {table} WHERE site = ?1 AND {which}", (site, listed)).rowcount  # noqa: S608
        for table, which in {
            "identifiers": f"customer IN {these}",
            "merges": f"(customer IN {these} OR into_customer IN {these})",
            "merged": f"(customer IN {these} OR whole IN {these})",
            "devices": f"customer IN {these}",
        }.items()
    }
    connection.execute(
        f"UPDATE switches SET customer = '', event = '' WHERE site = ?1 AND customer IN {these}",  # noqa: S608
        (site, listed),
    )
    connection.execute(
        f"DELETE FROM switches WHERE site = ?1 AND uuid IN {these} AND NOT EXISTS (SELECT 1 FROM switches AS one "  # noqa: S608
        "WHERE one.site = switches.site AND one.uuid = switches.uuid AND one.customer != '')",
        (site, listed),
    )
    return {"identifiers": gone["identifiers"], "merges": gone["merges"], "devices": gone["devices"]}
