"""Rounds from hour to hour: the real store, the real books, and a clock that is told. Nothing is sent."""

import random
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.opened import open_store
from trackway.alert import Alert, Channel, Watched
from trackway.books import Ledger
from trackway.books.incidents import RETRIES_S, Incidents, Try
from trackway.control.alerts import add_alert, add_channel, put_alert
from trackway.control.audit import SERVER
from trackway.control.database import open_database
from trackway.control.sites import add_site
from trackway.store.pool import Connection
from trackway.store.row import Row, encode_rows
from trackway.watch.deliver import Deliveries
from trackway.watch.mail import Smtp
from trackway.watch.rounds import ALERTS_PER_ROUND, Rounds

HOUR_MS = 3_600_000
NOON = 1_790_000_000_000 // HOUR_MS * HOUR_MS
WEEKS = 4
positions = iter(range(1, 10**9))


class Place:
    """A site with four weeks behind it, and everything that judges its alerts; `now_ms` is the clock."""

    def __init__(self, folder: Path, connection: Connection) -> None:
        self.now_ms = NOON + 10 * 60_000
        self.engine: Engine = open_database(folder)
        self.site = add_site(self.engine, SERVER, uuid.uuid4().hex, [], 0).id
        self.ledger = Ledger(folder / "books.sqlite")
        self.incidents = Incidents(folder / "books.sqlite")
        self.connection = connection
        self.used = True
        self.waiting: list[Row] = []
        deliveries = Deliveries(self.engine, self.incidents, Smtp("", 0, "", "", "", "none"), private=False)
        self.rounds = Rounds(
            self.engine, self.ledger, self.incidents, connection, deliveries, lambda _: self.used, "https://t.example",
            60, lambda: self.now_ms,
        )  # fmt: skip
        rng = random.Random(9)
        for hour in range(-WEEKS * 168, -1):
            self.fill(hour, max(0, round(rng.gauss(40, 6))))

    def fill(self, hour: int, count: int) -> None:
        """Store events in an hour, counted from noon."""
        start = NOON + hour * HOUR_MS
        who = str(uuid.uuid4())
        for at in range(count):
            made = Row(
                self.site, str(uuid.uuid4()), next(positions), "form.submit", "", start + at, start, who, "web", "{}"
            )
            made.customer = who
            self.waiting.append(made)

    def store(self) -> None:
        """Store what was filled in, as one part."""
        self.connection.insert("events", encode_rows(self.waiting))
        self.waiting = []

    def hour_later(self, count: int) -> None:
        """An hour with so many events goes by, and a round is made."""
        self.fill((self.now_ms - NOON) // HOUR_MS, count)
        self.store()
        self.now_ms += HOUR_MS
        self.rounds.judge_due()

    def add(self, **more: object) -> Alert:
        """An alert on the hourly count."""
        alert = Alert("", self.site, "Submits", Watched("count", action="form.submit"), **more)  # type: ignore[arg-type]  # pyright: ignore
        return add_alert(self.engine, SERVER, alert, self.now_ms)

    def close(self) -> None:
        """Let go of everything."""
        self.incidents.close()
        self.ledger.close()
        self.engine.dispose()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    connection = open_store().connect()
    made = Place(tmp_path, connection)
    made.fill(-1, 40)
    made.store()
    yield made
    made.close()
    connection.close()


def test_an_incident_opens_goes_on_and_closes_and_each_is_told_once(place: Place) -> None:
    channel = add_channel(place.engine, SERVER, Channel("", place.site, "x", "webhook", "https://a.example/"), 0)
    alert = place.add(channels=(channel.id,))
    steps: list[tuple[bool, int]] = []
    for count in (40, 0, 5, 41, 3, 38, 42, 40):
        place.hour_later(count)
        told = place.incidents.page(place.site, 10)
        steps.append((bool(told) and told[0]["closed"] is None, len(told)))
    found = place.incidents.page(place.site, 10)[0]

    assert steps == [(False, 0), *[(True, 1)] * 5, (False, 1), (False, 1)]
    assert (found["first"]["value"], found["worst"]["value"], found["latest"]["value"]) == (0, 0, 42)
    assert found["why_closed"] == "back in range"
    assert [one["event"] for one in found["deliveries"]] == ["incident.opened", "incident.closed"]
    assert found["alert"] == alert.id


def test_a_window_is_judged_once_and_only_after_its_lag(place: Place) -> None:
    alert = place.add()
    place.rounds.judge_due()
    judged = place.incidents.judged()[alert.id]
    place.now_ms = NOON + HOUR_MS + 4 * 60_000  # the hour is over, its lag of 5 minutes is not
    place.rounds.judge_due()
    assert place.incidents.judged()[alert.id] == judged
    place.now_ms += 60_000
    place.rounds.judge_due()

    assert place.incidents.judged()[alert.id].until == judged.until + HOUR_MS


def test_after_a_downtime_only_the_newest_window_is_judged(place: Place) -> None:
    place.add()
    place.rounds.judge_due()
    place.now_ms += 30 * HOUR_MS  # nothing came in any of them
    place.rounds.judge_due()

    assert len(place.incidents.page(place.site, 10)) == 1


def test_a_round_is_bounded_and_the_rest_is_the_next_ones(place: Place) -> None:
    for _ in range(ALERTS_PER_ROUND + 3):
        place.add()
    place.rounds.judge_due()
    assert len(place.incidents.judged()) == ALERTS_PER_ROUND
    place.rounds.judge_due()

    assert len(place.incidents.judged()) == ALERTS_PER_ROUND + 3


def test_an_archived_site_is_not_watched(place: Place) -> None:
    place.add()
    place.used = False
    place.rounds.judge_due()

    assert place.incidents.judged() == {}


def test_a_change_of_the_name_goes_on_with_the_incident(place: Place) -> None:
    alert = place.add()
    place.hour_later(0)
    put_alert(place.engine, SERVER, Alert(alert.id, place.site, "Other", alert.watched), place.now_ms)
    place.hour_later(0)
    found = place.incidents.page(place.site, 10)

    assert [(one["closed"], one["about"]["name"]) for one in found] == [(None, "Submits")]


def test_a_message_is_given_up_after_its_last_try(place: Place) -> None:
    channel = add_channel(place.engine, SERVER, Channel("", place.site, "x", "webhook", "https://a.example/"), 0)
    place.add(channels=(channel.id,))
    place.hour_later(0)
    now = place.now_ms
    waits: list[int] = []
    while due := place.incidents.due(now, 10):
        place.incidents.note_try(due[0], Try(False, 500, "no", 3), now)
        following = place.incidents.next_due()
        waits.append((following - now) // 1000 if following else 0)
        now = following or now
    told = place.incidents.page(place.site, 1)[0]["deliveries"][0]

    assert waits == [*RETRIES_S, 0]
    assert (len(told["tries"]), told["due"], told["sent"]) == (len(RETRIES_S) + 1, None, None)
