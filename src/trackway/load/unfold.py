"""Groups from the spool → records, rows and the events refused on the way. Deterministic: the same groups give the
same positions, so that a load done again after a crash is recognised as the same.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import cast

import msgspec
import structlog

from trackway.books import Account, Accounts, Outcome, Quarantined
from trackway.books.balance import MINUTE_MS, Entry, account_of
from trackway.books.erasures import digest_of
from trackway.books.people import Change
from trackway.books.quarantine import quarantined
from trackway.event import Reason, Rejection
from trackway.load.claims import claim_of
from trackway.load.enrich import CatalogueOf, Requests, enrich, no_catalogue
from trackway.load.identify import Claim
from trackway.load.place import Places, keep_ip
from trackway.record import Record, decode_record, encode_facts, split_group
from trackway.site import SiteSettings
from trackway.spool import Group
from trackway.store.row import Row
from trackway.store.writer import Written

POSITION_BITS = 20
"""Bits of a position for the place inside a group; a group of 8 MiB holds far fewer than 2^20 events."""

NOBODY: frozenset[str] = frozenset()
UNREADABLE_SITE = "?"

log = structlog.get_logger()


class Load(msgspec.Struct):
    """Everything that one load has to decide about."""

    upto: int
    records: list[tuple[Record, int]]
    bytes: int = 0
    """Of spool, the records took."""
    rows: list[Row] = []
    claims: dict[int, Claim] = {}
    """Position → what the event there says about whose it is."""
    is_decided: bool = False
    """Whether it is decided whose the rows are."""
    changes: list[Change] = []
    """What they say about who is who."""
    set_aside: list[Quarantined] = []
    accounts: Accounts = {}
    replays: dict[int, int] = {}
    """Position → position in the quarantine, of events that come from there."""
    outcomes: list[Outcome] = []
    repeats: list[Row] = []

    def entry(self, account: Account) -> Entry:
        """The account's counts in this load."""
        return self.accounts.setdefault(account, Entry())


def read_groups(groups: Sequence[Group]) -> Load:
    """Decode groups. Each record comes with the position of its first event."""
    load = Load(upto=groups[-1].seq, records=[])
    for group in groups:
        position = group.seq << POSITION_BITS
        for payload in split_group(group.payload):
            try:
                record = decode_record(payload)
            except msgspec.MsgspecError as error:
                set_aside_record(load, bytes(payload), position, str(error))
                position += 1
                continue
            load.records.append((record, position))
            position += record.n
    return load


def set_aside_record(load: Load, payload: bytes, position: int, why: str) -> None:
    """A record that cannot be read is kept whole where a person can find it, and never blocks the rest."""
    log.error("a record in the spool cannot be read; it is in quarantine", position=position, why=why)
    text = msgspec.json.encode(payload.decode("utf-8", "replace")).decode()
    load.set_aside.append(
        Quarantined(position, UNREADABLE_SITE, 0, "system", "", "", None, "event_invalid", why, None, text)
    )


def make_rows(
    load: Load,
    settings_of: Callable[[str], SiteSettings],
    places: Places,
    catalogue_of: CatalogueOf = no_catalogue,
    erased_on: Callable[[str], frozenset[str]] = lambda site: NOBODY,
) -> None:
    """Fill in the load's rows, refused events and accounts. `erased_on`: digests of a site's erased uuids."""
    requests = Requests(settings_of, places, catalogue_of)
    for record, first in load.records:
        if record.replays:
            load.replays |= dict(zip(range(first, first + record.n), record.replays, strict=True))
        else:
            entry = load.entry(account_of(record))
            entry.received += 0 if record.source == "system" else record.n
            entry.dropped += record.dropped
        erased = erased_on(record.site)
        request = requests.read(record)
        for position, event in enumerate(record.events, first):
            try:
                row = enrich(event, request, position)
                claim = claim_of(event, record, request.settings, row)
            except Exception as error:  # noqa: BLE001 - one bad event must not hold up the rest
                log.warning("an event cannot be enriched; it is in quarantine", id=event.id, why=repr(error))
                raw = msgspec.json.encode(event)
                refuse(load, aside(record, record.origin, event.uuid, event.id, raw, repr(error), position))
                continue
            load.rows.append(row)
            if claim is not None:
                load.claims[position] = claim
        facts = encode_facts(record, keep_ip(record.ip, request.settings.ip)) if record.refused else ""
        for position, refusal in enumerate(record.refused, first + len(record.events)):
            if erased and digest_of(record.site, refusal.uuid) in erased:
                if not record.replays:
                    turn_away(load, record, refusal.why.code)
            else:
                refuse(load, quarantined(record, refusal, position, first, facts))


def turn_away(load: Load, source: Record | Row, code: str) -> None:
    """Count an event of a customer who was erased; nothing of it is kept. One from the quarantine was counted before,
    and one made by the server was not received.
    """
    is_replayed = type(source) is Row and source.position in load.replays
    if not is_replayed and source.source != "system":
        entry = load.entry(account_of(source))
        entry.rejected[code] += 1
        entry.not_kept[code] += 1


def refuse(load: Load, row: Quarantined) -> None:
    """Enter a refused event; one that comes from the quarantine is there already, and keeps its place."""
    item = load.replays.get(row.position)
    if item is not None:
        why = Rejection(0, row.id, cast("Reason", row.code), row.message, row.field)
        load.outcomes.append(Outcome(item, "rejected", why))
        return
    minute = row.received // MINUTE_MS * MINUTE_MS
    load.entry(Account(row.site, minute, row.source, row.key)).rejected[row.code] += 1
    load.set_aside.append(row)


def aside(  # noqa: PLR0913 - whose, which, why and where
    source: Record | Row, origin: str, uuid: str, event_id: str, event: bytes, why: str, position: int
) -> Quarantined:
    """The quarantine row of an accepted event that turns out to be impossible to store."""
    return Quarantined(
        position,
        source.site,
        source.received,
        source.source,
        source.key,
        origin,
        event_id,
        "event_invalid",
        why[:500],
        None,
        event.decode(),
        uuid,
    )


def count_rows(load: Load, written: Written) -> None:
    """Enter what the store did with the rows; those it will never take are set aside."""
    for account, n in count_accounts(received_now(load, written.stored, "stored")):
        entry = load.entry(account)
        if account.source == "system":
            entry.made += n
        else:
            entry.stored += n
    repeated = [row for row in received_now(load, written.duplicates, "duplicate") if row.source != "system"]
    load.repeats += repeated
    for account, n in count_accounts(repeated):
        load.entry(account).duplicates += n
    for row, why in written.poisoned:
        log.warning("the store refuses an event; it is in quarantine", id=row.id, why=why)
        refuse(load, aside(row, "", row.uuid, row.id, as_sent(row), why, row.position))


def received_now(load: Load, rows: list[Row], verdict: str) -> list[Row]:
    """The rows but those from the quarantine, which were counted when they came: what became of them is noted."""
    if not load.replays:
        return rows
    load.outcomes += [Outcome(load.replays[row.position], verdict) for row in rows if row.position in load.replays]
    return [row for row in rows if row.position not in load.replays]


def as_sent(row: Row) -> bytes:
    """A row as the event that it was made from, so that it can be judged again."""
    names = ("id", "action", "label", "time", "uuid", "session", "seq")
    event = {name: getattr(row, name) for name in names if getattr(row, name) not in (None, "")}
    return msgspec.json.encode(event | {"params": msgspec.Raw(row.params.encode())})


def count_accounts(rows: list[Row]) -> Iterator[tuple[Account, int]]:
    """How many rows each account has; rows of one request share theirs, so few accounts are made."""
    counted = Counter([(row.site, row.received, row.source, row.key) for row in rows])
    for (site, received, source, key), n in counted.items():
        yield Account(site, received // MINUTE_MS * MINUTE_MS, source, key), n
