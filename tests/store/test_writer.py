"""Exactly once by (site, id): replays are told from duplicates by position, and bad rows block nobody."""

import uuid
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from trackway.store.disk import StoreTrouble
from trackway.store.pool import Connection, Pool
from trackway.store.row import COLUMNS, Row, decode_rows
from trackway.store.writer import Writer

RECEIVED = 1_795_000_000_000


@pytest.fixture
def connection(store: Pool) -> Iterator[Connection]:
    connection = store.connect()
    yield connection
    connection.close()


@pytest.fixture
def writer(connection: Connection) -> Writer:
    return Writer(connection)


@pytest.fixture
def site() -> str:
    return f"site-{uuid.uuid4().hex[:12]}"


def make_row(site: str, position: int, **fields: Any) -> Row:
    whole: dict[str, Any] = {
        "id": str(uuid.uuid4()), "action": "test.event", "label": "x", "time": RECEIVED, "received": RECEIVED,
        "uuid": str(uuid.uuid4()), "source": "web", "params": "{}",
    }  # fmt: skip
    whole |= fields
    return Row(site=site, position=position, **({"customer": whole["uuid"]} | whole))


def stored(connection: Connection, site: str) -> list[Row]:
    sql = f"SELECT {COLUMNS} FROM events WHERE site = {{site:String}} ORDER BY position"
    return decode_rows(connection.lines(sql, {"site": site}))


def test_rows_are_stored_as_they_are(writer: Writer, connection: Connection, site: str) -> None:
    row = make_row(
        site, 2**62, action="page.visit",
        label="ünï 😀 'q' \\ \t\n", time=-62_135_596_800_000, client_time=5, seq=2**63,
        session=str(uuid.uuid4()), authenticated=True, bot=True,
        params='{"a":"\\u0001\\\\","b":1.0,"c":18446744073709551615}',
        ip="2001:db8::", country="PL", region="r", city="c", browser="b", os="o", device="d", channel="ch",
        referrer_host="h", utm={"source": "s'"}, retention_days=65535, key="k",
    )  # fmt: skip

    written = writer.write([row, make_row(site, 1)])

    assert [found.position for found in written.stored] == [2**62, 1]
    assert stored(connection, site)[1] == row


def test_same_rows_again_are_a_replay_and_stored_once(writer: Writer, connection: Connection, site: str) -> None:
    rows = [make_row(site, position) for position in range(1, 6)]

    first, second = writer.write(rows), writer.write(rows)

    assert (len(first.stored), len(second.stored)) == (5, 5)
    assert first.duplicates == second.duplicates == []
    assert [row.position for row in stored(connection, site)] == [1, 2, 3, 4, 5]


def test_batch_cut_off_half_way_is_completed(writer: Writer, connection: Connection, site: str) -> None:
    rows = [make_row(site, position) for position in range(1, 6)]
    writer.write(rows[:2])

    written = writer.write(rows)

    assert sorted(row.position for row in written.stored) == [1, 2, 3, 4, 5]
    assert written.duplicates == []
    assert len(stored(connection, site)) == 5


def test_id_sent_again_is_a_duplicate(writer: Writer, connection: Connection, site: str) -> None:
    row = make_row(site, 1)
    writer.write([row])
    again = msgspec.structs.replace(row, position=2, time=5, label="another", uuid=str(uuid.uuid4()))

    written = writer.write([again])

    assert (written.stored, written.duplicates) == ([], [again])
    assert stored(connection, site) == [row]


def test_first_of_an_id_in_a_batch_wins(writer: Writer, connection: Connection, site: str) -> None:
    row = make_row(site, 1)
    second, third = (msgspec.structs.replace(row, position=position) for position in (2, 3))

    written, again = writer.write([row, second, third]), writer.write([row, second, third])

    for one in (written, again):
        assert (one.stored, one.duplicates) == ([row], [second, third])
    assert stored(connection, site) == [row]


def test_id_belongs_to_its_site(writer: Writer, connection: Connection, site: str) -> None:
    row, other = make_row(site, 1), f"{site}-2"

    written = writer.write([row, msgspec.structs.replace(row, site=other, position=2)])

    assert len(written.stored) == 2
    assert [len(stored(connection, one)) for one in (site, other)] == [1, 1]


def test_nothing_to_write_is_no_error(writer: Writer) -> None:
    assert writer.write([]) == ([], [], [])


def test_highest_position_is_that_of_any_site(writer: Writer, site: str) -> None:
    before = writer.highest_position()

    writer.write([make_row(site, before + 10), make_row(site, before + 5)])

    assert writer.highest_position() == before + 10


def test_batch_beyond_one_question_is_told_apart_whole(writer: Writer, connection: Connection, site: str) -> None:
    rows = [make_row(site, position) for position in range(1, 20_102)]
    writer.write(rows[:20_050])

    written = writer.write(rows)

    assert (len(written.stored), len(written.duplicates)) == (20_101, 0)
    count = connection.rows("SELECT count() AS n FROM events WHERE site = {site:String}", {"site": site})
    assert count == [{"n": 20_101}]


BAD: list[dict[str, Any]] = [{"seq": -1}, {"session": "no session"}, {"utm": ["x"]}, {"uuid": "no uuid"}]


@pytest.mark.parametrize("fields", BAD)
def test_row_the_store_refuses_is_set_aside_alone(
    writer: Writer, connection: Connection, site: str, fields: dict[str, Any]
) -> None:
    rows = [make_row(site, position) for position in range(1, 10)]
    rows[4] = msgspec.structs.replace(rows[4], **fields)

    written = writer.write(rows)

    assert [row.position for row, _ in written.poisoned] == [5]
    assert written.poisoned[0][1]
    assert [row.position for row in written.stored] == [1, 2, 3, 4, 6, 7, 8, 9]
    assert [row.position for row in stored(connection, site)] == [1, 2, 3, 4, 6, 7, 8, 9]


def test_row_whose_id_is_no_uuid_is_set_aside_alone(writer: Writer, connection: Connection, site: str) -> None:
    rows = [make_row(site, 1), make_row(site, 2, id=""), make_row(site, 3)]

    written = writer.write(rows)

    assert [row.position for row, _ in written.poisoned] == [2]
    assert [row.position for row in stored(connection, site)] == [1, 3]


def test_store_that_cannot_answer_decides_nothing(store: Pool, site: str) -> None:
    connection = store.connect()
    connection.command("USE system")
    writer = Writer(connection)

    with pytest.raises(StoreTrouble):
        writer.write([make_row(site, 1)])
    connection.close()
