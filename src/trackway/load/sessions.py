"""The ends of sessions, as a question to the store: which sessions have gone quiet and have no end yet?

The end goes through the spool like any event, with an id made from the session's, so that asking twice changes
nothing. The time of an end is the time of the session's last activity.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import structlog
from clickhouse_connect.driver.exceptions import ClickHouseError

from trackway.errors import StorageUnavailable
from trackway.event import FUTURE_MS_MAX, Event
from trackway.identifier import session_end_id
from trackway.record import Record, encode_record
from trackway.spool import Spool
from trackway.store.pool import Connection

ENDS_PER_CHECK = 5_000
EVENTS_PER_RECORD = 1_000
SESSION_MS_MAX = 86_400_000
"""A longer session has events that were told another time (params.time); its duration is then not known."""
REST_FACTOR = 10
"""A check that took long is followed by a rest that many times as long, so that it never takes over 9 % of a core."""

NEWEST_END = "SELECT max(received) AS at FROM events WHERE action = 'session.end'"

# `known`, not `session`: an alias of the column's own name would stand in its place in the WHERE, and be never null.
QUIET = """
SELECT site, known AS session, uuid, last, events,
       if(last - first <= {longest_ms:Int64}, last - first, NULL) AS duration
FROM (
    SELECT site, assumeNotNull(session) AS known, argMax(uuid, (time, position)) AS uuid,
           max(time) AS last, min(time) AS first, count() AS events,
           max(received) AS arrived, countIf(action = 'session.end') AS ends
    FROM events
    WHERE received >= {since:Int64} AND session IS NOT NULL
    GROUP BY site, session
)
WHERE ends = 0 AND arrived + {grace_ms:Int64} <= {now:Int64}
  AND last + transform(site, {sites:Array(String)}, {timeouts_ms:Array(Int64)}, {default_ms:Int64}) <= {now:Int64}
ORDER BY last
LIMIT {limit:UInt32}
"""

log = structlog.get_logger()


class SessionEnds:
    """Looks for sessions gone quiet every `check_s` seconds, in a thread of its own."""

    def __init__(
        self,
        spool: Spool,
        connection: Connection,
        timeouts_ms: Callable[[], Mapping[str, int]],
        check_s: float,
        grace_s: float,
    ) -> None:
        self._spool = spool
        self._connection = connection
        self._timeouts_ms = timeouts_ms
        self._check_s = check_s
        self._grace_ms = int(grace_s * 1000)
        self._checked_ms: int | None = None
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="session-ends", daemon=True)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin; `loop` is the event loop that the spool answers in."""
        self._loop = loop
        self._thread.start()

    def request_stop(self) -> None:
        """Make this check the last one."""
        self._stopping.set()

    def join(self) -> None:
        """Wait for the last check."""
        self._thread.join()

    def _run(self) -> None:
        rest_s = self._check_s
        while not self._stopping.wait(rest_s):
            began = time.monotonic()
            try:
                self._check(int(time.time() * 1000))
            except (ClickHouseError, StorageUnavailable) as error:
                log.warning("sessions gone quiet cannot be looked for now", why=str(error)[:300])
            rest_s = max(self._check_s, REST_FACTOR * (time.monotonic() - began))

    def _check(self, now: int) -> None:
        timeouts = self._timeouts_ms()
        found = self._connection.rows(QUIET, question(timeouts, self._since(timeouts), self._grace_ms, now))
        for start in range(0, len(found), EVENTS_PER_RECORD):
            for record in end_records(found[start : start + EVENTS_PER_RECORD], now):
                self._append(record)
        if len(found) < ENDS_PER_CHECK:
            self._checked_ms = now

    def _since(self, timeouts: Mapping[str, int]) -> int:
        """From when on events matter: whatever was quiet at the last check has its end already."""
        if self._checked_ms is None:
            self._checked_ms = int(self._connection.rows(NEWEST_END)[0]["at"])
        longest = max(timeouts.values(), default=0)
        return self._checked_ms - longest - self._grace_ms - FUTURE_MS_MAX

    def _append(self, record: Record) -> None:
        if self._loop is None or self._stopping.is_set():
            return
        asyncio.run_coroutine_threadsafe(self._spool.append(encode_record(record)), self._loop).result()


def question(timeouts: Mapping[str, int], since: int, grace_ms: int, now: int) -> dict[str, Any]:
    """The parameters of QUIET."""
    return {
        "since": since,
        "grace_ms": grace_ms,
        "now": now,
        "sites": list(timeouts) or [""],
        "timeouts_ms": list(timeouts.values()) or [0],
        "default_ms": max(timeouts.values(), default=1_800_000),
        "limit": ENDS_PER_CHECK,
        "longest_ms": SESSION_MS_MAX,
    }


def end_records(found: list[dict[str, Any]], now: int) -> list[Record]:
    """Records with the ends of quiet sessions, one for each site."""
    by_site: dict[str, list[Event]] = {}
    for row in found:
        by_site.setdefault(row["site"], []).append(end_event(row))
    return [
        Record(site=site, received=now, source="system", key="", n=len(events), events=events)
        for site, events in by_site.items()
    ]


def end_event(row: dict[str, Any]) -> Event:
    """The end of one session. `duration` in ms and `events` speak of what was received within the last timeout."""
    params = {name: row[name] for name in ("duration", "events") if row[name] is not None}
    return Event(
        id=session_end_id(row["session"]),
        action="session.end",
        uuid=row["uuid"],
        params=msgspec.Raw(msgspec.json.encode(params)),
        time=row["last"],
        session=row["session"],
    )
