"""Judges the alerts whose windows have closed, in a thread of its own.

Each alert is judged once a window, the newest closed one only: after a downtime there is no flood. A slow store makes
rounds rarer and nothing else slower. What a window comes to is entered with its messages in one transaction.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence

import structlog
from clickhouse_connect.driver.exceptions import ClickHouseError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from trackway.alert import Alert
from trackway.books import Ledger
from trackway.books.incidents import Incidents, Judged, Mark, Message
from trackway.control.alerts import list_alerts
from trackway.control.directory import now_ms
from trackway.store.pool import Connection
from trackway.watch.ask import closed_until, read_series
from trackway.watch.decide import Standing, decide, distance, picture
from trackway.watch.deliver import Deliveries, new_message_id
from trackway.watch.message import CLOSED, OPENED, body_of
from trackway.watch.usual import Finding, Past, judge

ALERTS_PER_ROUND = 20
"""The others wait for the next round, those judged longest ago first."""
FAILED_REST_S = 60.0
"""An alert whose question failed is not asked again for so long; the others go on."""
REST_FACTOR = 10
"""A round that took long is followed by a rest that many times as long."""
EVENT_OF = {"open": OPENED, "close": CLOSED}

log = structlog.get_logger()


class Rounds:
    """Looks every `check_s` seconds which alerts are due."""

    def __init__(  # noqa: PLR0913 - what a round needs
        self, engine: Engine, ledger: Ledger, incidents: Incidents, connection: Connection, deliveries: Deliveries,
        is_used: Callable[[str], bool], page: str, check_s: float, clock: Callable[[], int] = now_ms,
    ) -> None:  # fmt: skip
        self._engine = engine
        self._ledger = ledger
        self._incidents = incidents
        self._connection = connection
        self._deliveries = deliveries
        self._is_used = is_used
        self._page = page
        self._check_s = check_s
        self._clock = clock
        self._failed: dict[str, float] = {}
        self._looking = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look at once: an alert is new or changed."""
        self._looking.set()

    def request_stop(self) -> None:
        """Make the alert at hand the last one."""
        self._stopping.set()
        self._looking.set()

    def join(self) -> None:
        """Wait for the alert at hand."""
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self.judge_due()
            except (sqlite3.Error, SQLAlchemyError) as error:
                log.warning("alerts cannot be judged now; waiting", why=str(error)[:300])
            self._looking.wait(max(self._check_s, REST_FACTOR * (time.monotonic() - began)))
            self._looking.clear()

    def judge_due(self) -> None:
        """One round. Raises sqlite3.Error, SQLAlchemyError."""
        known = self._incidents.judged()
        due: list[tuple[int, Alert]] = []
        for alert in list_alerts(self._engine):
            was = known.get(alert.id)
            until = closed_until(alert.watched.window_min, self._clock())
            is_due = was is None or was.changed != alert.changed or was.until < until
            if is_due and self._is_used(alert.site) and self._failed.get(alert.id, 0) <= time.monotonic():
                due.append((was.until if was else 0, alert))
        due.sort(key=lambda one: one[0])
        for _, alert in due[:ALERTS_PER_ROUND]:
            if self._stopping.is_set():
                return
            try:
                self._judge(alert, known.get(alert.id))
                self._failed.pop(alert.id, None)
            except ClickHouseError as error:
                self._failed[alert.id] = time.monotonic() + FAILED_REST_S
                log.warning("an alert cannot be judged now", alert=alert.id, site=alert.site, why=str(error)[:300])

    def _judge(self, alert: Alert, was: Judged | None) -> None:
        if was is not None and was.changed != alert.changed:
            self._incidents.end(alert.id, "the alert was changed", self._clock())
            was = None
        until = closed_until(alert.watched.window_min, self._clock())
        past = Past(read_series(self._connection, self._ledger, alert, until), alert.watched.kind)
        at = len(past.series.n) - 1
        finding = judge(past, at, alert)
        standing = Standing(was is not None and was.incident is not None, was.calm if was else 0)
        step, after = decide(standing, finding)
        mark = Mark(
            alert.site, alert.id, until, alert.changed, after.calm, step, finding,
            worst=step == "open" or (step == "go on" and is_worst(self._incidents, alert, finding)),
            picture=picture(past, alert, at) if step != "nothing" else None,
            about={"name": alert.name, "watched": alert.watched, "limits": alert.limits}, muted=alert.muted,
        )  # fmt: skip
        number = self._incidents.enter(mark, self._messages(alert, step, finding), self._clock())
        if step in EVENT_OF:
            log.info("an alert's incident", alert=alert.id, site=alert.site, step=step, incident=number)
            self._deliveries.wake()

    def _messages(self, alert: Alert, step: str, finding: Finding) -> Sequence[Message]:
        if step not in EVENT_OF or alert.muted:
            return ()
        event, at = EVENT_OF[step], self._clock()
        return [
            Message(
                new_message_id(), channel, event, lambda number: body_of(event, alert, finding, number, self._page, at)
            )
            for channel in alert.channels
        ]


def is_worst(incidents: Incidents, alert: Alert, finding: Finding) -> bool:
    """Whether a finding is further off than any of its incident so far."""
    found = incidents.page(alert.site, 1, is_open=True, alert=alert.id)
    worst = found[0]["worst"] if found else None
    return worst is None or distance(finding) > distance(Finding(**worst))
