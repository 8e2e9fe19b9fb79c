"""Incidents of alerts and the messages about them: the outbox.

That an incident opens (or closes), the messages that tell of it, and how far its alert has been judged are one
transaction. So a crash leaves either none of them, and the window is judged again, or all, and the messages are sent by
the next process. A message keeps its id over all tries: a receiver that got it twice can tell.
"""

import sqlite3
import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

BUSY_TIMEOUT_S = 10
RETRIES_S = (2, 10, 60, 300, 1_800, 7_200, 21_600)
"""How long is waited before each further try; after the last one the message is given up."""
ANSWER_LENGTH_MAX = 500
INCIDENTS_KEPT = 10_000
"""Closed incidents of one site; the oldest go first, with their messages."""
LAST = 2**63 - 1

Done = TypeVar("Done")


class Judged(msgspec.Struct, frozen=True):
    """How far an alert has been judged, and how it stands."""

    until: int
    changed: int
    calm: int
    finding: Any
    incident: int | None = None
    """The open incident."""


class Mark(msgspec.Struct, frozen=True):
    """What one judged window comes to, all of it entered at once."""

    site: str
    alert: str
    until: int
    changed: int
    calm: int
    step: str
    finding: Any
    worst: bool = True
    """Whether this finding is the worst of its incident."""
    picture: Any = None
    about: Any = None
    muted: bool = False


class Message(msgspec.Struct, frozen=True):
    """A message to one channel. `body` is made when the incident's number is known."""

    id: str
    channel: str
    event: str
    body: Callable[[int], Any]


class Delivery(msgspec.Struct, frozen=True):
    """A message that is due."""

    id: int
    message: str
    site: str
    channel: str
    event: str
    body: str
    tries: int


class Try(msgspec.Struct, frozen=True):
    """What came of one try: an HTTP or SMTP status (None: no answer), what was answered, and whether it was taken."""

    ok: bool
    status: int | None
    answer: str
    took_ms: int
    final: bool = False
    """There is no use in trying again."""


class Incidents:
    """Incidents in the books' file `path`, which has been migrated. For any thread."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA synchronous = FULL")
        self._held = threading.Lock()

    def close(self) -> None:
        """Let go of the file."""
        with self._held:
            self._connection.close()

    def judged(self) -> dict[str, Judged]:
        """How far each alert has been judged."""
        rows = self._rows(
            "SELECT w.alert, until, changed, calm, finding, i.id FROM watched w "
            "LEFT JOIN incidents i ON i.alert = w.alert AND i.closed IS NULL"
        )
        return {
            alert: Judged(until, changed, calm, read(finding), i) for alert, until, changed, calm, finding, i in rows
        }

    def enter(self, mark: Mark, messages: Sequence[Message], now_ms: int) -> int | None:
        """Enter a judged window with its messages; the number of its incident, None where there is none.

        Raises sqlite3.Error, and then has entered nothing.
        """
        return self._write(lambda: enter_mark(self._connection, mark, messages, now_ms))

    def end(self, alert: str, why: str, now_ms: int) -> None:
        """Close an alert's incident because the alert was changed or taken away, and forget how far it was judged."""

        def step() -> None:
            self._connection.execute(
                "UPDATE incidents SET closed = ?, why_closed = ? WHERE alert = ? AND closed IS NULL",
                (now_ms, why, alert),
            )
            self._connection.execute("DELETE FROM watched WHERE alert = ?", (alert,))

        self._write(step)

    def due(self, now_ms: int, limit: int) -> list[Delivery]:
        """Messages whose time has come, the oldest first, at most one for each channel."""
        rows = self._rows(
            "SELECT id, message, site, channel, event, body, "
            "(SELECT count(*) FROM delivery_tries WHERE delivery = deliveries.id) FROM deliveries WHERE id IN "
            "(SELECT min(id) FROM deliveries WHERE due <= ? GROUP BY channel) ORDER BY id LIMIT ?",
            (now_ms, limit),
        )
        return [Delivery(*row) for row in rows]

    def next_due(self) -> int | None:
        """When the next message is due (ms)."""
        return self._rows("SELECT min(due) FROM deliveries WHERE due IS NOT NULL")[0][0]

    def note_try(self, delivery: Delivery, came: Try, now_ms: int) -> None:
        """Write down what came of a try, and when the next one is due."""
        number = delivery.tries + 1
        gives_up = came.ok or came.final or number > len(RETRIES_S)
        due = None if gives_up else now_ms + RETRIES_S[number - 1] * 1000

        def step() -> None:
            told = (delivery.id, number, now_ms, came.status, came.answer[:ANSWER_LENGTH_MAX], came.took_ms)
            self._connection.execute("INSERT OR REPLACE INTO delivery_tries VALUES (?, ?, ?, ?, ?, ?)", told)
            sent = now_ms if came.ok else None
            self._connection.execute("UPDATE deliveries SET due = ?, sent = ? WHERE id = ?", (due, sent, delivery.id))

        self._write(step)

    def page(
        self, site: str, limit: int, upto: int = LAST, is_open: bool | None = None, alert: str | None = None
    ) -> list[dict[str, Any]]:
        """A site's incidents with their messages, the newest first, with numbers up to `upto`."""
        state = "" if is_open is None else f" AND closed IS {'' if is_open else 'NOT '}NULL"
        with self._held:
            rows = self._connection.execute(
                "SELECT id, alert, about, opened, closed, why_closed, first, worst, latest, picture, muted "  # noqa: S608
                "FROM incidents WHERE site = ?1 AND id <= ?2 AND (?3 IS NULL OR alert = ?3)"
                f"{state} ORDER BY id DESC LIMIT ?4",
                (site, upto, alert, limit),
            ).fetchall()
            return [show(row) | {"deliveries": read_deliveries(self._connection, row[0])} for row in rows]

    def count_open(self, site: str) -> int:
        """How many incidents of a site are open."""
        return int(self._rows("SELECT count(*) FROM incidents WHERE site = ? AND closed IS NULL", (site,))[0][0])

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._held:
            return self._connection.execute(sql, values).fetchall()

    def _write(self, step: Callable[[], Done]) -> Done:
        with self._held:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                done = step()
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            return done


def enter_mark(connection: sqlite3.Connection, mark: Mark, messages: Collection[Message], now_ms: int) -> int | None:
    """The steps of `Incidents.enter`, within a transaction."""
    finding = write(mark.finding)
    connection.execute(
        "INSERT OR REPLACE INTO watched VALUES (?, ?, ?, ?, ?)",
        (mark.alert, mark.until, mark.changed, mark.calm, finding),
    )
    if mark.step == "open":
        number = connection.execute(
            "INSERT INTO incidents (site, alert, about, opened, first, worst, latest, picture, muted) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                mark.site,
                mark.alert,
                write(mark.about),
                now_ms,
                finding,
                finding,
                finding,
                write(mark.picture),
                mark.muted,
            ),
        ).lastrowid
        forget_old(connection, mark.site)
    else:
        found = connection.execute(
            "SELECT id FROM incidents WHERE alert = ? AND closed IS NULL", (mark.alert,)
        ).fetchone()
        number = found[0] if found else None
    if number is None:
        return None
    if mark.step != "open":
        connection.execute(
            "UPDATE incidents SET latest = ?1, worst = iif(?2, ?1, worst), picture = ?3, closed = ?4, why_closed = ?5 "
            "WHERE id = ?6",
            (finding, mark.worst, write(mark.picture), *closing(mark, now_ms), number),
        )
    for one in messages:
        connection.execute(
            "INSERT INTO deliveries (message, incident, site, channel, event, body, made, due) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (one.id, number, mark.site, one.channel, one.event, write(one.body(number)), now_ms, now_ms),
        )
    return int(number)


def closing(mark: Mark, now_ms: int) -> tuple[int | None, str]:
    """When and why an incident is closed by a mark."""
    return (now_ms, "back in range") if mark.step == "close" else (None, "")


def forget_old(connection: sqlite3.Connection, site: str) -> None:
    """Delete the oldest closed incidents of a site beyond what is kept, with their messages."""
    old = "SELECT id FROM incidents WHERE site = ? AND closed IS NOT NULL ORDER BY id DESC LIMIT -1 OFFSET ?"
    for (number,) in connection.execute(old, (site, INCIDENTS_KEPT)).fetchall():
        mine = "(SELECT id FROM deliveries WHERE incident = ?)"
        connection.execute(f"DELETE FROM delivery_tries WHERE delivery IN {mine}", (number,))  # noqa: S608 - our words
        connection.execute("DELETE FROM deliveries WHERE incident = ?", (number,))
        connection.execute("DELETE FROM incidents WHERE id = ?", (number,))


def read_deliveries(connection: sqlite3.Connection, incident: int) -> list[dict[str, Any]]:
    """The messages of an incident with all their tries."""
    found: list[dict[str, Any]] = []
    rows = connection.execute(
        "SELECT id, message, channel, event, made, due, sent FROM deliveries WHERE incident = ? ORDER BY id",
        (incident,),
    )
    for number, *told in rows:
        tries = connection.execute(
            "SELECT time, status, answer, took_ms FROM delivery_tries WHERE delivery = ? ORDER BY number", (number,)
        )
        names = ("message", "channel", "event", "made", "due", "sent")
        one: dict[str, Any] = dict(zip(names, told, strict=True))
        one["tries"] = [dict(zip(("time", "status", "answer", "took_ms"), row, strict=True)) for row in tries]
        found.append(one)
    return found


def show(row: Sequence[Any]) -> dict[str, Any]:
    """An incident from its table row."""
    number, alert, about, opened, closed, why, first, worst, latest, picture, muted = row
    told = {"first": first, "worst": worst, "latest": latest, "picture": picture, "about": about}
    shown = {"id": number, "alert": alert, "opened": opened, "closed": closed, "why_closed": why, "muted": bool(muted)}
    return shown | {name: read(text) for name, text in told.items()}


def read(text: str) -> Any:
    """JSON from a column."""
    return msgspec.json.decode(text)


def write(value: Any) -> str:
    """JSON for a column."""
    return msgspec.json.encode(value).decode()
