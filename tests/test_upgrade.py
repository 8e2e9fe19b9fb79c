"""A data folder of the version before is taken over as it is: what it has keeps its meaning."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from tests.opened import open_store
from trackway.books import Ledger
from trackway.control.database import CONTROL_NAME, open_database
from trackway.control.keys import list_keys
from trackway.control.sites import list_sites
from trackway.load.adopt import adopt_identifiers
from trackway.rules import Rules


def test_sites_and_keys_from_before_the_rules(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / CONTROL_NAME}")
    config = Config()
    config.set_main_option("script_location", "trackway.control:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text("INSERT INTO sites VALUES ('shop', 'Shop', 'tracker', '[\"https://a.example\"]', '{}', 1)")
        )
        connection.execute(text("INSERT INTO api_keys VALUES ('k', x'00', 'shop', 'read', 'till', 1, NULL)"))
    engine.dispose()

    opened = open_database(tmp_path)
    (site,), ((key, _),) = list_sites(opened), list_keys(opened)
    opened.dispose()

    assert (site.id, site.tracker_key, site.origins) == ("shop", "tracker", ("https://a.example",))
    assert (site.rules, site.gate, site.archived, site.old_keys) == (Rules(), None, None, ())
    assert (key.name, key.allow, key.deny, key.ip_ranges, key.last_used, key.gate) == ("till", (), (), (), None, None)


def test_identifiers_from_before_there_were_people(tmp_path: Path) -> None:
    """The store's own table of identifiers is taken into the books: what shared a number is one customer."""
    connection, ledger = open_store().connect(), Ledger(tmp_path / "books.sqlite")
    connection.command(
        "CREATE TABLE IF NOT EXISTS identifiers (site LowCardinality(String), kind LowCardinality(String), "
        "value String, uuid UUID, first_seen Int64) ENGINE = ReplacingMergeTree ORDER BY (site, kind, value, uuid)"
    )
    first, second, shared, other = (f"00000000-0000-0000-0000-00000000000{number}" for number in range(1, 5))
    lines = [("7", first, 1), ("7", second, 2), ("8", other, 3), ("7", shared, 4), ("8", shared, 5)]
    for value, uuid, at in lines:
        row = f'{{"site": "s", "kind": "customId", "value": "{value}", "uuid": "{uuid}", "first_seen": {at}}}'
        connection.insert("identifiers", row.encode())

    adopted, again = adopt_identifiers(connection, ledger), adopt_identifiers(connection, ledger)
    register = ledger.register

    assert (adopted, again) == (5, 0)
    assert [register.find("s", value) for value in "78"] == [first, other]
    assert [register.whole("s", one) for one in (second, shared, other)] == [first, first, other]
    assert register.line("s", shared) == [(5, 0, other)]
    assert register.identifiers("s", [first])[0]["since"] == 1
    ledger.close()
    connection.close()
