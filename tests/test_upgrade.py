"""A data folder of the version before is taken over as it is: what it has keeps its meaning."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from trackway.control.database import CONTROL_NAME, open_database
from trackway.control.keys import list_keys
from trackway.control.sites import list_sites
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
