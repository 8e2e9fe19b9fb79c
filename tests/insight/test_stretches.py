"""Stretches say what the events say: in many parts and in one, behind deletions, and past their retention."""

import asyncio
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.insight.test_sql import QUESTIONS
from tests.store.test_writer import make_row
from trackway.insight.question import Scope
from trackway.insight.stretches import PASSIVE, QUARTER_MS, ask_stretches
from trackway.store.pool import Connection, Pool
from trackway.store.row import Row
from trackway.store.writer import Writer

DAY_MS = 86_400_000
SESSIONS = [None, str(uuid.UUID(int=1)), str(uuid.UUID(int=2))]
PEOPLE = [str(uuid.UUID(int=8)), str(uuid.UUID(int=9))]
OUTSIDE = {"channel": "search", "referrer_host": "s.example"}
MAIL = {"channel": "email", "utm": {"campaign": "May", "source": "news"}}
KINDS: list[dict[str, Any]] = [
    {"action": "page.visit", "params": '{"url": "https://shop.example/a"}', **OUTSIDE},
    {"action": "page.visit", "params": '{"url": "https://shop.example/b"}', "channel": "internal"},
    {"action": "page.visit", "params": '{"url": "https://shop.example/c"}', **MAIL},
    {"action": "a.one", "params": "{}"},
    {"action": PASSIVE[-1], "params": "{}"},
]


def history(site: str, number: int, now: int) -> list[Row]:
    """60 events of two people within two hours, of which some are past their retention, in no order."""
    return [
        make_row(
            site,
            number * 100 + place,
            time=now - ((place * 7919 + number * 104_729) % 120) * 60_000 - (40 * DAY_MS if place % 7 == 0 else 0),
            received=now,
            session=SESSIONS[place % 3],
            seq=None if place % 4 == 0 else place % 5,
            uuid=PEOPLE[place % 2],
            customer=PEOPLE[place % 2],
            source="mobile" if place % 11 == 0 else "web",
            bot=place % 13 == 0,
            retention_days=0,
            **KINDS[(place + number) % len(KINDS)],
        )
        for place in range(60)
    ]


def told(store: Pool, scope: Scope, by_event: bool) -> list[tuple[Any, ...]]:
    """The stretches of a scope, or its events, put together by customer, session and quarter."""
    sql, values = ask_stretches(scope, "session", by_event=by_event)
    together: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in asyncio.run(store.rows(f"SELECT * FROM ({sql})", values)):
        together.setdefault((str(row["session"]), row["person"], row["at"] // QUARTER_MS), []).append(row)
    return sorted((*key, *combined(rows)) for key, rows in together.items())


def combined(rows: list[dict[str, Any]]) -> tuple[Any, ...]:
    """What all rows of a customer, session and quarter come to."""

    def of(place: str, name: str, pick: Callable[..., Any]) -> tuple[int, str]:
        such = [(int(row[place]), str(row[name])) for row in rows if int(row[place])]
        return pick(such, default=(0, ""))

    return (
        *(sum(int(row[name]) for row in rows) for name in ("events", "pages", "active")),
        min(int(row["first_place"]) for row in rows),
        max(int(row["last_place"]) for row in rows),
        max(bool(row["visited"]) for row in rows),
        of("brought", "came", min),
        of("entered", "entry", min),
        of("left", "exit", max),
    )


@pytest.fixture
def connection(store: Pool) -> Any:
    opened = store.connect()
    yield opened
    opened.close()


def test_stretches_say_what_the_events_say(store: Pool, connection: Connection) -> None:
    site, now = f"s{uuid.uuid4().hex}", int(time.time() * 1000)
    begin = now // QUARTER_MS * QUARTER_MS
    scopes = [
        Scope(site),
        Scope(site, since=now - 70 * 60_000, until=now - 20 * 60_000),
        Scope(site, since=begin - 4 * QUARTER_MS, until=begin, source="web", bots=False),
        Scope(site, since=now - 60_000),
    ]

    def agree() -> int:
        for scope in scopes:
            assert told(store, scope, by_event=False) == told(store, scope, by_event=True), scope
        return sum(row[3] for row in told(store, scopes[0], by_event=False))

    for number in range(3):
        Writer(connection).write(history(site, number, now))
    assert agree() == 180

    connection.command(
        "ALTER TABLE events DELETE WHERE site = {site:String} AND action = 'a.one' SETTINGS mutations_sync = 2",
        {"site": site},
    )
    left = agree()
    assert left == 144

    forgotten = [one for number in (3, 4) for one in history(site, number, now)]
    for row in forgotten:
        row.retention_days = 30
    Writer(connection).write(forgotten)
    connection.command("OPTIMIZE TABLE events FINAL")
    assert agree() == left + 120 - sum(row.time < now - 30 * DAY_MS for row in forgotten)


@pytest.mark.parametrize("name", [name for name in QUESTIONS if "mergeTreeProjection" in QUESTIONS[name]()])
def test_events_are_met_before_their_projection(name: str) -> None:
    """Else ClickHouse 26.9 takes every later `events` of the query for the projection."""
    sql = QUESTIONS[name]()

    assert sql.index("FROM events") < sql.index("mergeTreeProjection")
    assert sql.count("mergeTreeProjection") >= 1


def test_what_stretches_do_not_hold_is_asked_of_the_events() -> None:
    for asked in (Scope("a", action="b"), Scope("a", params=(("b", "c"),)), Scope("a", since=1, until=QUARTER_MS)):
        assert "mergeTreeProjection" not in ask_stretches(asked, "session")[0]
    assert "mergeTreeProjection" not in ask_stretches(Scope("a"), "session", property_sql="page")[0]
    assert "mergeTreeProjection" in ask_stretches(Scope("a"), "session")[0]
