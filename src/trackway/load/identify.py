"""Which uuid an identifier stands for: what the server route's `customer`, or a token's sub, is turned into before
events are stored.

Known identifiers give the uuid they were first seen with. A new one gives the device's uuid, where the event has one
that belongs to nobody else: what was done before logging in stays the same person's. Else it gives a uuid made from
itself, so that a load done again decides the same.
"""

from collections.abc import Callable, Iterable

import msgspec

from trackway.identifier import IDENTIFIER_KINDS, customer_uuid, identifiers_in
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
OWNERS = """
SELECT site, uuid, groupUniqArray(2)(value) AS owners FROM identifiers
WHERE (site, uuid) IN (SELECT arrayJoin(arrayZip({sites:Array(String)}, {uuids:Array(UUID)}))) AND kind = 'customId'
GROUP BY site, uuid
"""

Key = tuple[str, str, str]
Device = tuple[str, str]


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
        identifying = [(record, event) for record in records for event in record.events if event.action == IDENTIFY]
        if not naming and not identifying:
            return
        known = self._find([key for record, event in naming for key in keys_of(record.site, event.customer or {})])
        owners = self._owners(
            {
                (record.site, event.uuid)
                for record, event in naming
                if event.uuid and not any(key in known for key in keys_of(record.site, event.customer or {}))
            }
        )
        noted: dict[tuple[Key, str], int] = {}
        for record, event in naming:
            named = event.customer or {}
            keys = keys_of(record.site, named)
            found = next((known[key] for key in keys if key in known), "")
            if not found:
                device = (record.site, event.uuid)
                own = event.uuid and owners.get(device, named.get("customId")) == named.get("customId")
                found = event.uuid if own else customer_uuid(record.site, named)
                owners[record.site, found] = named.get("customId")
            event.uuid = found
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

    def _owners(self, devices: set[Device]) -> dict[Device, str | None]:
        """Whose each device is by customId; None where it has been several people's. Absent: nobody's yet."""
        if not devices:
            return {}
        sites, uuids = (list(part) for part in zip(*sorted(devices), strict=True))
        rows = self._connection.rows(OWNERS, {"sites": sites, "uuids": uuids})
        return {(row["site"], row["uuid"]): row["owners"][0] if len(row["owners"]) == 1 else None for row in rows}

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
