"""Where an address lies, from a database that the test writes itself."""

from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter  # pyright: ignore[reportMissingTypeStubs]
from netaddr import IPSet

from tests.conftest import Start
from tests.running import make_event
from trackway.errors import ConfigInvalid
from trackway.load.place import Place, Places

POZNAN = {
    "country": {"iso_code": "PL", "names": {"en": "Poland"}},
    "subdivisions": [{"iso_code": "30", "names": {"en": "Greater Poland", "pl": "Wielkopolskie"}}],
    "city": {"names": {"en": "Poznań", "de": "Posen"}},
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("places") / "cities.mmdb"
    writer = MMDBWriter(ip_version=6, database_type="Test-City", ipv4_compatible=True)
    writer.insert_network(IPSet(["203.0.113.0/24", "2001:db8:1::/48"]), POZNAN)
    writer.insert_network(IPSet(["198.51.100.0/24"]), {"country": {"iso_code": "DE"}})
    writer.insert_network(IPSet(["192.0.2.0/24"]), {"continent": {"code": "EU"}})
    writer.to_db_file(str(path))
    return path


@pytest.mark.parametrize(
    ("ip", "expected"),
    [
        ("203.0.113.7", Place("PL", "Greater Poland", "Poznań")),
        ("2001:db8:1::7", Place("PL", "Greater Poland", "Poznań")),
        ("198.51.100.1", Place("DE", "", "")),
        ("192.0.2.1", Place()),
        ("127.0.0.1", Place()),
        ("", Place()),
        ("unknown", Place()),
        ("203.0.113.7:99", Place()),
    ],
)
def test_place_of_an_address(database: Path, ip: str, expected: Place) -> None:
    assert Places(str(database)).find(ip) == expected


def test_without_a_database_nothing_is_known() -> None:
    assert Places().find("203.0.113.7") == Place()


@pytest.mark.parametrize("content", [None, b"", b"no database"])
def test_database_that_cannot_be_read_is_a_wrong_setting(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "broken.mmdb"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigInvalid) as refused:
        Places(str(path))

    assert str(path) in str(refused.value)


def test_place_is_found_before_the_address_is_cut(start: Start, database: Path) -> None:
    running = start(geoip_path=str(database))
    site = running.add_site(ip="none")

    running.collect({"key": site.key, "events": [make_event()]}, headers={"x-forwarded-for": "203.0.113.7"})
    running.settled(site.id, 1)
    (event,) = running.events(site.id)

    assert (event["context"]["country"], event["context"]["city"]) == ("PL", "Poznań")
    assert "ip" not in event
