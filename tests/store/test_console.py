"""What the engine itself holds a connection of the SQL console to, with no check of the query before it."""

import uuid
from collections.abc import Iterator

import msgspec
import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError

from trackway.store.console import TABLES, Confines, confined, limits_of, prepare_console
from trackway.store.pool import Connection, Pool
from trackway.store.row import Row, encode_rows

CONFINES = Confines(timeout_s=5, memory_mb=256, threads=1, rows=100)
MINE, OTHER = "mine-of-console", "other-of-console"
SECRET = "a secret of the other site"


@pytest.fixture(scope="module")
def confined_to_mine(store: Pool) -> Iterator[Connection]:
    """A connection of the console on a site with three events, beside one with fifty."""
    connection = store.connect()
    prepare_console(connection)
    made = [row(MINE, n, "mine") for n in range(3)] + [row(OTHER, n, SECRET) for n in range(50)]
    connection.insert("events", encode_rows(made))
    connection.close()
    found = confined(store, MINE, "a-run", CONFINES)
    yield found
    found.close()


def row(site: str, place: int, label: str) -> Row:
    """An event of a customer of its own."""
    who = str(uuid.uuid4())
    return Row(site, str(uuid.uuid4()), place, "test.event", label, place, place, who, "web", "{}", customer=who)


def one(connection: Connection, query: str) -> list[object]:
    """The first row of a query."""
    found: list[object] = msgspec.json.decode(connection.lines(query, form="JSONCompactEachRow").splitlines()[0])
    return found


def test_views_show_one_sites_rows(confined_to_mine: Connection) -> None:
    assert one(confined_to_mine, "SELECT count(), uniqExact(customer), max(label) FROM events") == [3, 3, "mine"]
    assert one(confined_to_mine, "SELECT count() FROM customers") == [3]


@pytest.mark.parametrize(
    "condition",
    [
        f"throwIf(label = '{SECRET}') = 0",
        "toUInt8(label = 'mine' ? '1' : 'x') = 1",
        "intDiv(1, label = 'mine') = 1",
        f"NOT ignore(throwIf(label = '{SECRET}'))",
        "action = 'test.event' AND intDiv(1, label = 'mine') = 1",
        "time < 100 AND intDiv(1, label = 'mine') = 1",
    ],
)
def test_conditions_see_no_other_row(confined_to_mine: Connection, condition: str) -> None:
    assert one(confined_to_mine, f"SELECT count() FROM events WHERE {condition}") == [3]


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("SELECT * FROM trackway.events", "ACCESS_DENIED"),
        ("SELECT count() FROM trackway.merged", "ACCESS_DENIED"),
        ("SELECT dictGet('trackway.merged_customers', 'whole', toUInt64(1))", "ACCESS_DENIED"),
        ("SELECT * FROM events SETTINGS log_comment = 'x'", "READONLY"),
        ("SELECT * FROM events SETTINGS readonly = 0", "READONLY"),
        ("SELECT * FROM events SETTINGS max_execution_time = 0", "READONLY"),
        ("SELECT * FROM events SETTINGS max_memory_usage = 0", "READONLY"),
        ("SELECT * FROM file('/etc/passwd', 'LineAsString')", "ACCESS_DENIED"),
        ("SELECT * FROM url('http://127.0.0.1/', 'LineAsString')", "ACCESS_DENIED"),
        ("SELECT * FROM remote('127.0.0.1', 'trackway', 'events')", "ACCESS_DENIED"),
        ("SELECT * FROM mergeTreeProjection('trackway', 'events', 'stretches')", "ACCESS_DENIED"),
        ("SELECT * FROM mergeTreeProjection('trackway', 'events', 'by_uuid')", "ACCESS_DENIED"),
        ("SELECT * FROM mergeTreeIndex('trackway', 'events')", "ACCESS_DENIED"),
        ("SELECT * FROM executable('id', 'LineAsString', 'x String')", "ACCESS_DENIED"),
    ],
)
def test_the_engine_refuses_what_is_not_granted(confined_to_mine: Connection, statement: str, says: str) -> None:
    with pytest.raises(ClickHouseError, match=says):
        confined_to_mine.lines(statement)


@pytest.mark.parametrize(
    "statement",
    [
        f"SET log_comment = '{OTHER} x'",
        "SET readonly = 0",
        "SET max_execution_time = 0",
        "INSERT INTO trackway.events (site) VALUES ('x')",
        "ALTER TABLE trackway.events DELETE WHERE 1",
        "CREATE TABLE console.x (a Int8) ENGINE = MergeTree ORDER BY a",
        "CREATE TEMPORARY TABLE x (a Int8)",
        "DROP VIEW console.events",
        "TRUNCATE TABLE trackway.events",
        "SYSTEM FLUSH LOGS",
        "CREATE USER eve",
        "USE trackway",
    ],
)
def test_the_engine_changes_nothing(confined_to_mine: Connection, statement: str) -> None:
    with pytest.raises(ClickHouseError):
        confined_to_mine.command(statement)
    assert one(confined_to_mine, "SELECT count() FROM events") == [3]


def test_others_queries_are_not_seen(confined_to_mine: Connection) -> None:
    assert one(confined_to_mine, "SELECT count() FROM system.processes") == [0]
    assert one(confined_to_mine, "SELECT count() FROM system.errors") == [0]
    assert one(confined_to_mine, "SELECT groupUniqArray(database) FROM system.tables") == [["console"]]


def test_limits_are_the_engines(confined_to_mine: Connection) -> None:
    """The limit of rows is told by no getSetting; a question over HTTP shows it."""
    limits = {name: value for name, value in limits_of(CONFINES).items() if isinstance(value, int) and name != "limit"}
    names = ", ".join(f"toFloat64(getSetting('{name}'))" for name in limits)

    assert one(confined_to_mine, f"SELECT {names}") == list(limits.values())


def test_views_are_made_anew_only_when_they_change(store: Pool) -> None:
    connection = store.connect()
    asked = "SELECT name, metadata_modification_time AS at, comment FROM system.tables WHERE database = 'console'"

    before = connection.rows(asked)
    prepare_console(connection)

    assert connection.rows(asked) == before
    assert {one["name"] for one in before} == {table.name for table in TABLES}
    connection.close()
