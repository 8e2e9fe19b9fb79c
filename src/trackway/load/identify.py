"""Which uuid an identifier stands for: what the server route's `customer` is turned into before events are stored.

Known identifiers give the uuid they were first seen with; a new one gives a uuid made from itself, so that a load done
again decides the same.
"""

from collections.abc import Iterable

import msgspec

from trackway.event import IDENTIFIER_KINDS, customer_uuid, identifiers_in
from trackway.record import Record
from trackway.store.pool import Connection

FIND = """
SELECT site, kind, value, argMin(uuid, first_seen) AS uuid FROM identifiers
WHERE (site, kind, value) IN (
    SELECT arrayJoin(arrayZip({sites:Array(String)}, {kinds:Array(String)}, {values:Array(String)}))
)
GROUP BY site, kind, value
"""

IDENTIFY = "client.identify"

Key = tuple[str, str, str]


class Identifiers:
    """The table of identifiers, through the loader's connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._encoder = msgspec.json.Encoder()

    def resolve(self, records: Iterable[Record]) -> None:
        """Give every event that names a `customer` its uuid, and note new identifiers. Changes the events."""
        naming = [(record, event) for record in records for event in record.events if event.customer]
        identifying = [(record, event) for record in records for event in record.events if event.action == IDENTIFY]
        if not naming and not identifying:
            return
        known = self._find([key for record, event in naming for key in keys_of(record.site, event.customer or {})])
        noted: dict[tuple[Key, str], int] = {}
        for record, event in naming:
            keys = keys_of(record.site, event.customer or {})
            event.uuid = next((known[key] for key in keys if key in known), "") or customer_uuid(
                record.site, event.customer or {}
            )
            for key in keys:
                known.setdefault(key, event.uuid)
                noted.setdefault((key, event.uuid), record.received)
        for record, event in identifying:
            for key in keys_of(record.site, identifiers_in(msgspec.json.decode(event.params))):
                noted.setdefault((key, event.uuid), record.received)
        self._note(noted)

    def _find(self, keys: list[Key]) -> dict[Key, str]:
        if not keys:
            return {}
        sites, kinds, values = (list(part) for part in zip(*keys, strict=True))
        rows = self._connection.rows(FIND, {"sites": sites, "kinds": kinds, "values": values})
        return {(row["site"], row["kind"], row["value"]): row["uuid"] for row in rows}

    def _note(self, noted: dict[tuple[Key, str], int]) -> None:
        rows = [
            {"site": site, "kind": kind, "value": value, "uuid": uuid, "first_seen": first_seen}
            for ((site, kind, value), uuid), first_seen in noted.items()
        ]
        if rows:
            self._connection.insert("identifiers", self._encoder.encode_lines(rows))


def names_somebody(record: Record) -> bool:
    """Whether an event of the record has to wait for its uuid, or says who a uuid is."""
    return any(event.customer or event.action == IDENTIFY for event in record.events)


def keys_of(site: str, identifiers: dict[str, str]) -> list[Key]:
    """An event's identifiers, the strongest first. E-mail addresses are compared without regard to case."""
    return [
        (site, kind, identifiers[kind].lower() if kind == "email" else identifiers[kind])
        for kind in IDENTIFIER_KINDS
        if identifiers.get(kind)
    ]
