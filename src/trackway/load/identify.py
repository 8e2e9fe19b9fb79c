"""Which uuid an identifier stands for: what the server route's `customer` is turned into before events are stored.

Known identifiers give the uuid they were first seen with; a new one gives a uuid made from itself, so that a load done
again decides the same.
"""

from collections.abc import Callable, Iterable

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

Key = tuple[str, str, str]


class Identifiers:
    """The table of identifiers, through the loader's connection. Nothing is noted of erased uuids (site, uuid)."""

    def __init__(
        self, connection: Connection, is_erased: Callable[[str, str], bool] = lambda site, uuid: False
    ) -> None:
        self._connection = connection
        self._is_erased = is_erased
        self._encoder = msgspec.json.Encoder()

    def resolve(self, records: Iterable[Record]) -> None:
        """Give every event that names a `customer` its uuid, and note new identifiers. Changes the events."""
        naming = [(record, event) for record in records for event in record.events if event.customer]
        identifying = [
            (record, event) for record in records for event in record.events if event.action == "client.identify"
        ]
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
        self._note({key: first for key, first in noted.items() if not self._is_erased(key[0][0], key[1])})

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


def keys_of(site: str, identifiers: dict[str, str]) -> list[Key]:
    """An event's identifiers, the strongest first. E-mail addresses are compared without regard to case."""
    return [
        (site, kind, identifiers[kind].lower() if kind == "email" else identifiers[kind])
        for kind in IDENTIFIER_KINDS
        if identifiers.get(kind)
    ]
