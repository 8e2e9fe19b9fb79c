"""The register, read: whom an identifier or a device stands for, and which customers are one person.

For any thread. Readers never wait for who writes the books. What it remembers is forgotten when it changes.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Collection, Generator, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from trackway.books.people import PARTS, read_merge, read_merges

BUSY_TIMEOUT_S = 10
REMEMBERED_MAX = 50_000
"""Customers whose whole is remembered, each about 300 bytes."""
FOUND_MAX = 1_000
"""Identifiers that a search by words looks at."""

OWNER = "SELECT customer FROM identifiers WHERE site = ? AND kind = ? AND value = ?"
BY_VALUE = "SELECT customer FROM identifiers WHERE site = ?1 AND value IN (?2, lower(?2)) ORDER BY kind, since LIMIT 1"
BY_WORDS = """
SELECT DISTINCT customer FROM identifiers WHERE site = ? AND instr(folded, ?) > 0 LIMIT ?
"""
WHOLES = """
SELECT customer, whole FROM merged WHERE site = ? AND customer IN (SELECT value FROM json_each(?))
"""
IDENTIFIERS = """
SELECT kind, value, customer, since, event FROM identifiers
WHERE site = ? AND customer IN (SELECT value FROM json_each(?)) ORDER BY since, kind, value
"""
LINE = "SELECT since, position, customer FROM switches WHERE site = ? AND uuid = ? ORDER BY since, position"
DEVICES = """
SELECT uuid, customer, since, event FROM devices
WHERE site = ? AND customer IN (SELECT value FROM json_each(?)) ORDER BY since
"""
OF_DEVICE = "SELECT customer FROM devices WHERE site = ? AND uuid = ?"
KEPT_APART = """
SELECT 1 FROM merges WHERE site = ?1 AND undone IS NOT NULL AND (
    customer IN (SELECT value FROM json_each(?2)) AND into_customer IN (SELECT value FROM json_each(?3))
    OR customer IN (SELECT value FROM json_each(?3)) AND into_customer IN (SELECT value FROM json_each(?2))) LIMIT 1
"""
NEWER = "SELECT site, customer, whole, version FROM merged WHERE version > ? ORDER BY version LIMIT ?"

Key = tuple[str, str, str]
"""Site, kind and value of an identifier."""


class Register:
    """The register in the books' file `path`, which has been migrated."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path)
        self._searches = connect(path)
        self._reading, self._searching = threading.Lock(), threading.Lock()
        self._wholes: dict[tuple[str, str], str] = {}
        self._switching = {site for (site,) in self._rows("SELECT DISTINCT site FROM switches")}
        self._undone = bool(self._rows("SELECT 1 FROM merges WHERE undone IS NOT NULL LIMIT 1"))

    def note_change(self, switching: Iterable[str] = (), undone: bool = False) -> None:
        """Forget what is remembered: the books have changed. `switching`: sites of which devices were switched."""
        self._switching |= set(switching)
        self._undone |= undone
        self._wholes = {}  # a new one: what was read before and comes late goes into the old

    def has_switches(self, site: str) -> bool:
        """Whether any device of a site was ever switched; on most sites few are, on many none."""
        return site in self._switching

    def owner(self, key: Key) -> str | None:
        """The customer that an identifier is known of, None where it is nobody's."""
        found = self._rows(OWNER, key)
        return str(found[0][0]) if found else None

    def find(self, site: str, named: str) -> str | None:
        """The customer with exactly this identifier; e-mail addresses in any case."""
        found = self._rows(BY_VALUE, (site, named))
        return str(found[0][0]) if found else None

    def search(self, site: str, words: str) -> list[str]:
        """Customers with a part of an identifier, in any case; at most FOUND_MAX."""
        with self._searching:
            found = self._searches.execute(BY_WORDS, (site, words.casefold(), FOUND_MAX)).fetchall()
        return [customer for (customer,) in found]

    def whole(self, site: str, customer: str) -> str:
        """The customer that this one is part of; most are part of none but themselves."""
        return self._wholes.get((site, customer)) or self.wholes(site, (customer,))[customer]

    def wholes(self, site: str, customers: Collection[str]) -> dict[str, str]:
        """The same for several at once."""
        if len(self._wholes) > REMEMBERED_MAX:
            self._wholes = {}
        remembered, found, missing = self._wholes, dict[str, str](), list[str]()
        for one in customers:
            whole = remembered.get((site, one))
            if whole is None:
                missing.append(one)
            else:
                found[one] = whole
        if missing:
            read = dict(self._rows(WHOLES, (site, listed(missing))))
            for one in missing:
                found[one] = remembered[site, one] = read.get(one, one)
        return found

    def parts(self, site: str, whole: str) -> list[str]:
        """All customers that a whole is made of, itself included."""
        return [customer for (customer,) in self._rows(PARTS, (site, whole))]

    def identifiers(self, site: str, customers: Iterable[str]) -> list[dict[str, Any]]:
        """What customers are known by: `kind`, `value`, `customer`, `since`, `event`, the oldest first."""
        names = ("kind", "value", "customer", "since", "event")
        return [dict(zip(names, row, strict=True)) for row in self._rows(IDENTIFIERS, (site, listed(customers)))]

    def devices(self, site: str, customers: Iterable[str]) -> list[dict[str, Any]]:
        """Devices that were switched to customers: `uuid`, `customer`, `since`, `event`."""
        names = ("uuid", "customer", "since", "event")
        return [dict(zip(names, row, strict=True)) for row in self._rows(DEVICES, (site, listed(customers)))]

    def customers_of(self, site: str, uuid: str) -> list[str]:
        """Every customer that a device was ever of: itself first, then those it was switched to."""
        return [uuid, *(customer for (customer,) in self._rows(OF_DEVICE, (site, uuid)) if customer != uuid)]

    def line(self, site: str, uuid: str) -> list[tuple[int, int, str]]:
        """From when on a device is whose, the oldest first; before the first it is its own."""
        return self._rows(LINE, (site, uuid)) if site in self._switching else []

    def are_apart(self, site: str, some: Iterable[str], others: Iterable[str]) -> bool:
        """Whether a merge between these customers was undone: it is not made again unless a person does."""
        return self._undone and bool(self._rows(KEPT_APART, (site, listed(some), listed(others))))

    def merge(self, site: str, number: int) -> dict[str, Any]:
        """One merge. Raises RequestRefused(not_found)."""
        with self._reading:
            return read_merge(self._connection, site, number)

    def merges(self, site: str, customers: Iterable[str], upto: int, limit: int) -> list[dict[str, Any]]:
        """Merges of customers, undone ones too, with numbers up to `upto`, the newest first."""
        with self._reading:
            return read_merges(self._connection, site, customers, upto, limit)

    def version(self) -> int:
        """How often wholes have changed."""
        return int(self._rows("SELECT version FROM merged_version")[0][0])

    def newer(self, version: int, limit: int) -> list[dict[str, Any]]:
        """What changed in the wholes above a version, in order."""
        names = ("site", "customer", "whole", "version")
        return [dict(zip(names, row, strict=True)) for row in self._rows(NEWER, (version, limit))]

    @contextlib.contextmanager
    def held_back(self) -> Generator[None]:
        """While every reader waits: for the file to be written anew."""
        with self._reading, self._searching:
            yield

    def close(self) -> None:
        """Let go of the file."""
        with self._reading, self._searching:
            self._connection.close()
            self._searches.close()

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._reading:
            return self._connection.execute(sql, values).fetchall()


def listed(values: Iterable[str]) -> str:
    """Values as one parameter, for json_each."""
    return msgspec.json.encode(list(values)).decode()


def connect(path: Path) -> sqlite3.Connection:
    """A connection that only reads, usable from any one thread at a time."""
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only = 1")
    return connection
