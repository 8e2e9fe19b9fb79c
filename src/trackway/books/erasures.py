"""Erasures as the books know them: who is being erased, who must not come back, and the receipts.

Once an erasure is done, nothing of the person is left here but digests: SHA-256 of site and uuid.

Every function works inside the caller's transaction.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from typing import Any, cast

import msgspec

from trackway.actions import BUILT_IN
from trackway.books.people import erase_customers
from trackway.event import Refused, pick_time
from trackway.selection import Selection

PERSON_UUIDS_MAX = 1_000
SELECTED_AT_ONCE = 500
SELECTION_BEGINS = '{"kind":"events"'
SELECTED = """
SELECT quarantine.position, action, received, event, facts
FROM quarantine LEFT JOIN requests ON requests.position = request
WHERE site = ?1 AND quarantine.position > ?2 AND received <= ?3 AND (?4 IS NULL OR action = ?4)
ORDER BY quarantine.position LIMIT ?5
"""


class Person(msgspec.Struct, frozen=True):
    """One customer of a site: the uuids of their devices, the identifiers they were known by, and the customers that
    were merged into them, which is what events are kept under.
    """

    site: str
    uuids: tuple[str, ...]
    values: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    known: dict[str, int] = {}
    """How many rows the register had of them: they are gone from the moment on that the erasure is noted."""

    @property
    def all_customers(self) -> tuple[str, ...]:
        """The customers; of an erasure begun before there were any, the uuids."""
        return self.customers or self.uuids


class Erasure(msgspec.Struct, frozen=True):
    """An erasure that is not done. Without a person only the books' own file is left to be scrubbed."""

    id: int
    asked: int
    person: Person | None
    selection: Selection | None = None
    """In place of a person: which events go."""


def digest_of(site: str, uuid: str) -> str:
    """What is kept of an erased uuid (lower case): enough to know it again, not to find it out."""
    return hashlib.sha256(f"{site}\n{uuid}".encode()).hexdigest()


def digests_of(person: Person) -> frozenset[str]:
    """The digests of a person's customers."""
    return frozenset(digest_of(person.site, customer) for customer in person.all_customers)


def begin(connection: sqlite3.Connection, person: Person, now_ms: int) -> int:
    """Note who is being erased, that they must not come back, and forget who they were; the erasure's number."""
    person = msgspec.structs.replace(person, known=erase_customers(connection, person.site, person.all_customers))
    connection.executemany(
        "INSERT OR IGNORE INTO erased VALUES (?, ?)",
        [(person.site, digest) for digest in digests_of(person)],
    )
    return note_pending(connection, person, now_ms)


def note_pending(connection: sqlite3.Connection, subject: Person | Selection, now_ms: int) -> int:
    """Note what is to be erased until it is done; the erasure's number."""
    cursor = connection.execute(
        "INSERT INTO erasures (site, asked, pending) VALUES (?, ?, ?)",
        (subject.site, now_ms, msgspec.json.encode(subject).decode()),
    )
    return int(cursor.lastrowid or 0)


def read_erased(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """The digests of erased uuids, by site."""
    found: dict[str, set[str]] = {}
    for site, digest in connection.execute("SELECT site, digest FROM erased"):
        found.setdefault(site, set()).add(digest)
    return found


def read_pending(connection: sqlite3.Connection) -> list[Erasure]:
    """Erasures that are not done, the oldest first."""
    rows = connection.execute("SELECT id, asked, pending FROM erasures WHERE pending IS NOT NULL ORDER BY id")
    return [read_subject(number, asked, pending) for number, asked, pending in rows]


def read_subject(number: int, asked: int, pending: str) -> Erasure:
    """An erasure with what it is about."""
    if pending.startswith(SELECTION_BEGINS):
        return Erasure(number, asked, None, msgspec.json.decode(pending, type=Selection))
    return Erasure(number, asked, msgspec.json.decode(pending, type=Person) if pending else None)


def erase_quarantined(connection: sqlite3.Connection, person: Person) -> int:
    """Delete every refused event of a person, or that names one of their identifiers; how many."""
    needles = [*person.uuids, *person.values]
    gone = 0
    for uuid in person.uuids:
        gone += connection.execute("DELETE FROM quarantine WHERE site = ? AND uuid = ?", (person.site, uuid)).rowcount
    for needle in needles:
        # As JSON has it: with and without escapes for what is no ASCII.
        for form in {needle, msgspec.json.encode(needle).decode()[1:-1], ascii_form(needle)}:
            gone += connection.execute(
                "DELETE FROM quarantine WHERE site = ? AND (instr(lower(event), lower(?)) > 0 OR request IN "
                "(SELECT position FROM requests WHERE instr(lower(facts), lower(?)) > 0))",
                (person.site, form, form),
            ).rowcount
    return gone


def read_selected(connection: sqlite3.Connection, selection: Selection, after: int) -> tuple[list[int], int | None]:
    """Positions of refused events that a selection takes, among the next ones behind `after`; where to go on."""
    asked = (selection.site, after, selection.upto, selection.action, SELECTED_AT_ONCE)
    rows = connection.execute(SELECTED, asked).fetchall()
    found = [position for position, *told in rows if is_selected(selection, *told)]
    return found, rows[-1][0] if len(rows) == SELECTED_AT_ONCE else None


def is_selected(selection: Selection, action: str, received: int, event: str, facts: str | None) -> bool:
    """Whether a refused event goes: by its own time where it tells a valid one, by its params and its request's."""
    raw: Any = msgspec.json.decode(event)
    told = as_object(raw)
    shared: Any = msgspec.json.decode(facts).get("context") if facts else None
    params = as_object(shared) | as_object(told.get("params"))
    try:
        time, _ = pick_time(told.get("time"), params, action not in BUILT_IN)
    except Refused:
        time = None
    return selection.takes(action, received if time is None else time, received, params)


def as_object(value: Any) -> dict[str, Any]:
    """A JSON object; an empty one for anything else."""
    return cast("dict[str, Any]", value) if type(value) is dict else {}


def erase_positions(connection: sqlite3.Connection, positions: Sequence[int]) -> int:
    """Delete refused events; how many."""
    return sum(connection.execute("DELETE FROM quarantine WHERE position = ?", (one,)).rowcount for one in positions)


def ascii_form(text: str) -> str:
    """A text as JSON has it when only ASCII may be used."""
    return "".join(one if one.isascii() else f"\\u{ord(one):04x}" for one in text)


def finish(connection: sqlite3.Connection, number: int, receipt: bytes) -> None:
    """Keep the receipt, and forget who it was."""
    connection.execute("UPDATE erasures SET pending = '', receipt = ? WHERE id = ?", (receipt.decode(), number))


def read_receipts(connection: sqlite3.Connection, site: str, upto: int, limit: int) -> list[dict[str, Any]]:
    """A site's erasures with numbers up to `upto`, the newest first; those that are not done have no receipt."""
    rows = connection.execute(
        "SELECT id, asked, iif(pending IS NULL, receipt, NULL) FROM erasures WHERE site = ? AND id <= ? "
        "ORDER BY id DESC LIMIT ?",
        (site, upto, limit),
    )
    return [
        {"id": number, "asked": asked, "done": receipt is not None, "receipt": receipt and msgspec.json.decode(receipt)}
        for number, asked, receipt in rows
    ]
