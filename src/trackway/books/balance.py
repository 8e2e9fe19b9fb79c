"""The counts of the ledger: whose they are, how they are read, and how they add up."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import msgspec

from trackway.event import Source

MINUTE_MS = 60_000
COUNTS = ("received", "stored", "duplicates", "made", "replayed", "dropped")
"""The columns of an account; in flight, rejected and not kept are counted elsewhere."""
NUMBERS = ("received", "stored", "duplicates", "in_flight", "made", "replayed", "dropped", "not_kept")


class Account(NamedTuple):
    """Whose events a count is about. `minute` is the epoch ms at which the minute of receipt began."""

    site: str
    minute: int
    source: str
    key: str


class Entry(msgspec.Struct):
    """What became of the events of one account in one load. `dropped`: what its senders say they gave up;
    `not_kept`: how many of the rejected are not to be kept.
    """

    received: int = 0
    stored: int = 0
    duplicates: int = 0
    made: int = 0
    rejected: Counter[str] = msgspec.field(default_factory=Counter[str])
    dropped: int = 0
    not_kept: Counter[str] = msgspec.field(default_factory=Counter[str])


Accounts = dict[Account, Entry]


class Counted(Protocol):
    """Anything that says whose it is and when it came: a record, or a stored row."""

    site: str
    received: int
    source: Source
    key: str


def account_of(record: Counted) -> Account:
    """The account that a record or a row is counted under."""
    return Account(record.site, record.received // MINUTE_MS * MINUTE_MS, record.source, record.key)


class BalanceFilter(NamedTuple):
    """The counts asked for: of a site, received in [since, until), whole minutes; of one key or source if given.

    `step_ms`: the length of an interval, a multiple of a minute.
    """

    site: str
    since: int
    until: int
    step_ms: int = MINUTE_MS
    key: str | None = None
    source: str | None = None

    def wants(self, account: Account) -> bool:
        """Whether an account is among them."""
        return (
            account.site == self.site
            and self.since <= account.minute < self.until
            and self.key in (None, account.key)
            and self.source in (None, account.source)
        )


WANTED = (
    "site = :site AND minute >= :since AND minute < :until AND (:key IS NULL OR key = :key) "
    "AND (:source IS NULL OR source = :source)"
)


def read_minutes(
    connection: sqlite3.Connection, wanted: BalanceFilter, in_flight: Mapping[Account, int]
) -> list[dict[str, Any]]:
    """The minutes in which anything was received, in order."""
    found: dict[int, dict[str, Any]] = {}
    values = wanted._asdict()
    sums = ", ".join(f"sum({name})" for name in COUNTS)
    for minute, *counts in connection.execute(
        f"SELECT minute, {sums} FROM ledger WHERE {WANTED} GROUP BY minute",  # noqa: S608 - our own words
        values,
    ):
        found[minute] = blank(minute)
        found[minute].update(zip(COUNTS, counts, strict=True))
    for minute, code, n, not_kept in connection.execute(
        f"SELECT minute, code, sum(n), sum(not_kept) FROM rejections WHERE {WANTED} GROUP BY minute, code",  # noqa: S608 - our own words
        values,
    ):
        interval = found.setdefault(minute, blank(minute))
        if n:  # 0: all of them were replayed
            interval["rejected"][code] = n
        interval["not_kept"] += not_kept
    for account, n in in_flight.items():
        if wanted.wants(account):
            interval = found.setdefault(account.minute, blank(account.minute))
            interval["received"] += n
            interval["in_flight"] += n
    return [found[minute] for minute in sorted(found)]


def read_rejected(
    connection: sqlite3.Connection, site: str, since: int, until: int, step_ms: int
) -> list[tuple[int, int, int]]:
    """Number of the window (since 1970), rejected and received events, of windows in which anything was received."""
    asked = (site, since, until, step_ms)
    wanted = "WHERE site = ?1 AND minute >= ?2 AND minute < ?3 GROUP BY minute / ?4"
    received = connection.execute(f"SELECT minute / ?4, sum(received) FROM ledger {wanted}", asked)  # noqa: S608 - our words
    rejected = connection.execute(f"SELECT minute / ?4, sum(n) FROM rejections {wanted}", asked)  # noqa: S608 - our words
    refused = dict(rejected.fetchall())
    return [(window, refused.get(window, 0), n) for window, n in received]


def blank(minute: int) -> dict[str, Any]:
    """An interval of one minute with nothing in it."""
    return {"from": minute, "to": minute + MINUTE_MS, **dict.fromkeys(NUMBERS, 0), "rejected": {}}


def fold(minutes: list[dict[str, Any]], step_ms: int) -> list[dict[str, Any]]:
    """Minutes added up to longer intervals."""
    if step_ms == MINUTE_MS:
        return minutes
    steps: dict[int, list[dict[str, Any]]] = {}
    for minute in minutes:
        steps.setdefault(minute["from"] // step_ms * step_ms, []).append(minute)
    folded: list[dict[str, Any]] = []
    for start, members in steps.items():
        counts = total(members)
        del counts["balanced"]
        folded.append({"from": start, "to": start + step_ms, **counts})
    return folded


def total(intervals: list[dict[str, Any]]) -> dict[str, Any]:
    """The sum of intervals, and whether received = stored + duplicates + rejected + in flight."""
    counts: dict[str, Any] = {name: sum(interval[name] for interval in intervals) for name in NUMBERS}
    rejected: Counter[str] = Counter()
    for interval in intervals:
        rejected.update(interval["rejected"])
    ended = counts["stored"] + counts["duplicates"] + counts["in_flight"] + rejected.total()
    return counts | {"rejected": dict(rejected), "balanced": counts["received"] == ended}
