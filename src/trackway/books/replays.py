"""Replays as the books know them: which refused events wait to be judged again, and what became of them.

A replay claims its events in one transaction; the claim is what is carried out, also by the next process when this one
is killed. An outcome counts only while its event is claimed: judged and sent twice, it is still entered once.

Every function works inside the caller's transaction.
"""

import sqlite3
from typing import Any, NamedTuple

import msgspec

from trackway.books.pages import QuarantineFilter, where
from trackway.event import Rejection
from trackway.record import Record

NAMES = ("id", "site", "asked", "matched", "stored", "duplicates", "rejected", "waiting")
READ = """
SELECT id, site, asked, matched, stored, duplicates, rejected,
       (SELECT count(*) FROM quarantine WHERE replay = replays.id) AS waiting
FROM replays WHERE site = ? AND id <= ? ORDER BY id DESC LIMIT ?
"""
WAITING = """
SELECT replay, quarantine.position, site, received, source, key, origin, id, code, message, field, event, uuid,
       request, facts
FROM quarantine LEFT JOIN requests ON requests.position = quarantine.request
WHERE replay IS NOT NULL AND (replay, quarantine.position) > (?, ?)
ORDER BY replay, quarantine.position LIMIT ?
"""
CLAIMED = """
SELECT site, received / 60000 * 60000, source, key, code, replay FROM quarantine
WHERE position = ? AND replayed IS NULL AND replay IS NOT NULL
"""
END = "UPDATE quarantine SET replayed = ?, verdict = ?, replay = NULL WHERE position = ?"
REFUSE_AGAIN = "UPDATE quarantine SET code = ?, message = ?, field = ?, replay = NULL WHERE position = ?"
TAKE_REJECTION = """
UPDATE rejections SET n = n - 1 WHERE site = ? AND minute = ? AND source = ? AND key = ? AND code = ?
"""
ADD_REJECTION = """
INSERT INTO rejections (site, minute, source, key, code, n) VALUES (?, ?, ?, ?, ?, 1)
ON CONFLICT DO UPDATE SET n = n + 1
"""
ADD_OUTCOME = """
UPDATE ledger SET stored = stored + ?, duplicates = duplicates + ?, replayed = replayed + 1
WHERE site = ? AND minute = ? AND source = ? AND key = ?
"""


class Outcome(NamedTuple):
    """What became of a quarantined event that was judged again: `why` when it was refused again."""

    position: int
    verdict: str
    why: Rejection | None = None


class Waiting(NamedTuple):
    """A quarantined event that waits to be judged again. `facts`: what its request said, when that is known."""

    replay: int
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
    uuid: str
    request: int | None
    facts: str | None

    def record(self) -> Record:
        """The request that it came in, without events."""
        if self.facts:
            return msgspec.json.decode(self.facts, type=Record)
        return msgspec.convert(
            {
                "site": self.site,
                "received": self.received,
                "source": self.source,
                "key": self.key,
                "origin": self.origin,
                "n": 0,
                "events": [],
            },
            Record,
        )


def claim(connection: sqlite3.Connection, wanted: QuarantineFilter, now_ms: int) -> int:
    """Begin a replay of the rows wanted that were not replayed yet and wait in no other; its number."""
    cursor = connection.execute("INSERT INTO replays (site, asked, matched) VALUES (?, ?, 0)", (wanted.site, now_ms))
    number = int(cursor.lastrowid or 0)
    condition, values = where(wanted)
    matched = connection.execute(
        f"UPDATE quarantine SET replay = ? WHERE replayed IS NULL AND replay IS NULL AND {condition}",  # noqa: S608 - our own words
        [number, *values],
    ).rowcount
    connection.execute("UPDATE replays SET matched = ? WHERE id = ?", (matched, number))
    return number


def read_replays(connection: sqlite3.Connection, site: str, upto: int, limit: int) -> list[dict[str, Any]]:
    """A site's replays with numbers up to `upto`, the newest first."""
    found = [dict(zip(NAMES, row, strict=True)) for row in connection.execute(READ, (site, upto, limit))]
    return [row | {"done": row["waiting"] == 0} for row in found]


def read_waiting(connection: sqlite3.Connection, after: tuple[int, int], limit: int) -> list[Waiting]:
    """The next events that wait, in order of (replay, position), behind `after`."""
    return [Waiting(*row) for row in connection.execute(WAITING, (*after, limit))]


def enter_outcome(connection: sqlite3.Connection, outcome: Outcome, now_ms: int) -> None:
    """Enter what became of one event. The ledger's rejection turns into the new verdict: received stays as it is."""
    found = connection.execute(CLAIMED, (outcome.position,)).fetchone()
    if found is None:
        return
    *account, code, replay = found
    if outcome.why is None:
        connection.execute(END, (now_ms, outcome.verdict, outcome.position))
        connection.execute(TAKE_REJECTION, (*account, code))
        stored = outcome.verdict == "stored"
        connection.execute(ADD_OUTCOME, (int(stored), int(not stored), *account))
        counter = "stored" if stored else "duplicates"
    else:
        why = outcome.why
        connection.execute(REFUSE_AGAIN, (why.code, why.message, why.field, outcome.position))
        if why.code != code:
            connection.execute(TAKE_REJECTION, (*account, code))
            connection.execute(ADD_REJECTION, (*account, why.code))
        counter = "rejected"
    connection.execute(f"UPDATE replays SET {counter} = {counter} + 1 WHERE id = ?", (replay,))  # noqa: S608 - our own words
