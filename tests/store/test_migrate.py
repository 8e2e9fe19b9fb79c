"""Migrations of the store: numbered without gaps, cut into statements, each run once."""

from trackway.store.migrate import migrate, migrations, statements
from trackway.store.pool import Pool
from trackway.store.row import COLUMNS, Row


def test_numbers_run_from_one_without_gaps() -> None:
    numbers = [number for number, _ in migrations()]

    assert numbers == list(range(1, len(numbers) + 1))


def test_every_statement_can_run_again() -> None:
    """A crash between a statement and its note makes it run twice."""
    for _, sql in migrations():
        for statement in statements(sql):
            again = ("IF NOT EXISTS", "IF EXISTS", "MODIFY SETTING", "MATERIALIZE PROJECTION")
            assert any(words in statement for words in again), statement


def test_comments_are_no_part_of_a_statement() -> None:
    sql = "-- one; two\nCREATE a; -- three;\n\n  CREATE b\n;\n-- the end"

    assert statements(sql) == ["CREATE a", "CREATE b"]


def test_second_run_does_nothing(store: Pool) -> None:
    connection = store.connect()

    again = migrate(connection)
    noted = connection.rows("SELECT number FROM migrations ORDER BY number")
    connection.close()

    assert again == 0
    assert [row["number"] for row in noted] == [number for number, _ in migrations()]


def test_every_column_of_a_row_is_in_the_table(store: Pool) -> None:
    connection = store.connect()
    found = connection.rows(  # those that the store works out by itself are no row's
        "SELECT name FROM system.columns WHERE table = 'events' AND database = 'trackway' "
        "AND default_kind != 'MATERIALIZED'"
    )
    connection.close()

    assert {row["name"] for row in found} == set(COLUMNS.split(", ")) == set(Row.__struct_fields__)
