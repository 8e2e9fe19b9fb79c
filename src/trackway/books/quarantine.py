"""Refused events, kept with their reason: how they are written, bounded in bytes, and forgotten.

A site's quarantine keeps everything until it is nearly full. From then on only the first few of each reason and minute
are kept, in a part of its own whose oldest make room for the newest: what came before a flood stays, what comes now can
still be seen, and the disk is never filled. The ledger counts all of them, and says how many were not kept.

Every function works inside the caller's transaction.
"""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from trackway.record import Record, Refusal

SAMPLED_PER_MINUTE = 10
"""Events of one site, reason and minute that are still kept when the quarantine is full."""
SAMPLED_SHARE = 0.1
"""The part of the limit that is left for them."""
ROW_BYTES = 400
"""About what a row takes beside its texts, with its lines in the indexes."""
ACTION_KEPT_MAX = 64
PRUNED_AT_ONCE = 5_000
REPEATS_KEPT_MAX = 200_000
REPLAYS_KEPT_MAX = 1_000
MIB = 1024 * 1024

INSERT = """
INSERT INTO quarantine (position, site, received, source, key, origin, id, code, message, field, event, uuid, action,
                        request, sampled, bytes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (position) DO NOTHING
"""
INSERT_REQUEST = "INSERT OR IGNORE INTO requests VALUES (?, ?)"
HELD = "SELECT coalesce(sum(bytes), 0) FROM held WHERE site = ? AND sampled = ?"
OLDEST_SAMPLED = """
SELECT position, site, received / 60000 * 60000, source, key, code FROM quarantine
WHERE site = ? AND sampled = 1 AND replay IS NULL ORDER BY position LIMIT 1
"""
NOT_KEPT = """
UPDATE rejections SET not_kept = not_kept + 1
WHERE site = ? AND minute = ? AND source = ? AND key = ? AND code = ?
"""
PRUNE = """
DELETE FROM quarantine WHERE position IN (
    SELECT position FROM quarantine WHERE received > 0 AND received < ? AND replay IS NULL ORDER BY received LIMIT ?
)
"""
PRUNE_REPEATS = """
DELETE FROM repeats WHERE (site, id) IN (
    SELECT site, id FROM repeats ORDER BY last LIMIT max(0, (SELECT count(*) FROM repeats) - ?)
)
"""
PRUNE_REPLAYS = "DELETE FROM replays WHERE id <= (SELECT max(id) FROM replays) - ?"


class Limits(NamedTuple):
    """How much of a site's refused events is kept, and how long."""

    bytes: int = 256 * MIB
    days: int = 30


class Quarantined(msgspec.Struct):
    """A refused event and where it came from. `event` is the JSON text received; `position` as in the store.

    `request` and `facts`: the position of its request's first event, and what that request said (a Record without
    events), so that the event can be judged again as it was sent.
    """

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
    request: int | None = None
    facts: str = ""


class Named(msgspec.Struct):
    """The part of a refused event that names its action."""

    action: str = ""


_named = msgspec.json.Decoder(Named)


def quarantined(record: Record, refusal: Refusal, position: int, request: int, facts: str) -> Quarantined:
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
        request,
        facts,
    )


def weight(row: Quarantined) -> int:
    """What a row counts for against the limit. What its request said is counted with each: rather too much."""
    texts = (row.event, row.message, row.origin, row.facts)
    return ROW_BYTES + sum(len(text.encode()) for text in texts)


def action_in(event: str) -> str:
    """The action that a refused event names, as far as it is text."""
    try:
        return _named.decode(event).action[:ACTION_KEPT_MAX]
    except msgspec.MsgspecError:
        return ""


class Keeper:
    """Decides which refused events are kept. For one thread; what it remembers is of the last minute."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._sampled: Counter[tuple[str, str]] = Counter()
        self._minute = 0

    def keep(self, connection: sqlite3.Connection, rows: Sequence[Quarantined], now_ms: int) -> None:
        """Write rows. A position that is there already is left as it is."""
        by_site: dict[str, list[Quarantined]] = {}
        for row in rows:
            by_site.setdefault(row.site, []).append(row)
        whole = int(self.limits.bytes * (1 - SAMPLED_SHARE))
        for site, mine in by_site.items():
            held = held_bytes(connection, site, sampled=0)
            for at, row in enumerate(mine):
                held += weight(row)
                if held > whole:
                    self._sample(connection, mine[at:], now_ms)
                    break
                insert(connection, row, sampled=0)

    def _sample(self, connection: sqlite3.Connection, rows: Sequence[Quarantined], now_ms: int) -> None:
        minute = now_ms // 60_000
        if minute != self._minute:
            self._minute = minute
            self._sampled.clear()
        room = self.limits.bytes - int(self.limits.bytes * (1 - SAMPLED_SHARE))
        for row in rows:
            self._sampled[row.site, row.code] += 1
            wanted = self._sampled[row.site, row.code] <= SAMPLED_PER_MINUTE
            if wanted and make_room(connection, row.site, room - weight(row)):
                insert(connection, row, sampled=1)
            else:
                count_as_not_kept(connection, account_values(row))


def insert(connection: sqlite3.Connection, row: Quarantined, sampled: int) -> None:
    """Write one row, and what its request said when that is not there yet."""
    if row.request is not None:
        connection.execute(INSERT_REQUEST, (row.request, row.facts))
    values = msgspec.structs.astuple(row)[:12]
    connection.execute(INSERT, (*values, action_in(row.event), row.request, sampled, weight(row)))


def make_room(connection: sqlite3.Connection, site: str, room: int) -> bool:
    """Forget a site's oldest sampled rows until they take at most `room` bytes; whether that could be done."""
    while held_bytes(connection, site, sampled=1) > room:
        found = connection.execute(OLDEST_SAMPLED, (site,)).fetchone()
        if found is None or room < 0:
            return False
        connection.execute("DELETE FROM quarantine WHERE position = ?", found[:1])
        count_as_not_kept(connection, found[1:])
    return True


def account_values(row: Quarantined) -> tuple[Any, ...]:
    """What a row's rejection is counted under."""
    return (row.site, row.received // 60_000 * 60_000, row.source, row.key, row.code)


def count_as_not_kept(connection: sqlite3.Connection, account: tuple[Any, ...]) -> None:
    """Say in the ledger that a rejected event is not in the quarantine."""
    connection.execute(NOT_KEPT, account)


def held_bytes(connection: sqlite3.Connection, site: str, sampled: int) -> int:
    """What a site's rows count for now."""
    return int(connection.execute(HELD, (site, sampled)).fetchone()[0])


def prune(connection: sqlite3.Connection, before_ms: int) -> int:
    """Forget some of what was received before `before_ms`, and the oldest notes beyond their limits; rows forgotten.

    At most PRUNED_AT_ONCE rows, so that nobody waits long; call again while it gives that many. A record that could not
    be read has no time of receipt, and stays.
    """
    gone = connection.execute(PRUNE, (before_ms, PRUNED_AT_ONCE)).rowcount
    connection.execute(PRUNE_REPEATS, (REPEATS_KEPT_MAX,))
    connection.execute(PRUNE_REPLAYS, (REPLAYS_KEPT_MAX,))
    return gone
