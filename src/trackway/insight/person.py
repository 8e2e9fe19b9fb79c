"""Who is it? One person out of all they are known by: devices, identifiers, and the customers merged into them."""

from collections.abc import Iterable
from typing import Any

import msgspec

from trackway.books.erasures import PERSON_UUIDS_MAX, Person
from trackway.books.register import Register
from trackway.errors import RequestRefused
from trackway.event import UUID_TEXT
from trackway.identifier import customer_uuid
from trackway.store.row import Row, show
from trackway.values import withhold

CUSTOMER = "dictGetOrDefault('merged_customers', 'whole', cityHash64(site, customer), customer)"
"""ClickHouse SQL: the customer that a row of `events` is of now, merges followed. Every question that tells customers
apart has it where it would else have `uuid`."""


class Whom(msgspec.Struct, frozen=True):
    """Whose events: the devices they may come from, and the customers they are kept under.

    `uuids` is None where they are too many: then the customers alone find them, only slower.
    """

    uuids: tuple[str, ...] | None
    customers: tuple[str, ...]


def find_customer(register: Register, site: str, named: str) -> str:
    """The customer named by uuid, customId or e-mail address. Raises RequestRefused(not_found) for an unknown name."""
    known = named.lower() if UUID_TEXT.match(named) else register.find(site, named)
    if known is None:
        raise RequestRefused("not_found", f"Site {site} knows no customer {named!r}.", "customer")
    return register.whole(site, known)


def find_whom(register: Register, site: str, named: str) -> Whom:
    """The same, as events are asked for. Raises RequestRefused(not_found)."""
    return whom_of(register, site, [find_customer(register, site, named)])


def whom_of(register: Register, site: str, wholes: Iterable[str]) -> Whom:
    """Whose events those of some customers are."""
    parts = [part for whole in wholes for part in register.parts(site, whole)]
    uuids = {*parts, *(row["uuid"] for row in register.devices(site, parts))}
    return Whom(tuple(sorted(uuids)) if len(uuids) <= PERSON_UUIDS_MAX else None, tuple(parts))


def find_person(register: Register, site: str, named: str) -> Person:
    """All that a customer is known by, for export and erasure. Raises RequestRefused(not_found)."""
    parts = register.parts(site, find_customer(register, site, named))
    known = register.identifiers(site, parts)
    uuids = {*parts, *(row["uuid"] for row in register.devices(site, parts))}
    # A back office that names the customer once more would be given these.
    named_by = {customer_uuid(site, {row["kind"]: row["value"]}) for row in known}
    return Person(
        site,
        tuple(sorted(uuids))[:PERSON_UUIDS_MAX],
        tuple(sorted({row["value"] for row in known})),
        tuple(sorted({*parts, *named_by})),
    )


def show_rows(register: Register, rows: Iterable[Row], sealed: bool = False) -> list[dict[str, Any]]:
    """Events of one site as every reader sees them, each with the customer that it is of now.

    `sealed`: what was put into forms is withheld.
    """
    rows = list(rows)
    if not rows:
        return []
    wholes = register.wholes(rows[0].site, {row.customer for row in rows})
    shown = [show(row, wholes[row.customer]) for row in rows]
    return [withhold(event) for event in shown] if sealed else shown


def show_row(register: Register, row: Row, sealed: bool = False) -> dict[str, Any]:
    """One event as every reader sees it; `sealed`: without what was put into a form."""
    (event,) = show_rows(register, [row], sealed)
    return event


def newest_identifiers(register: Register, site: str, wholes: Iterable[str]) -> dict[str, dict[str, str]]:
    """What customers are known by, one of each kind: the one learned last."""
    found: dict[str, dict[str, str]] = {}
    for whole in wholes:
        rows = register.identifiers(site, register.parts(site, whole))
        found[whole] = {row["kind"]: row["value"] for row in rows}
    return found
