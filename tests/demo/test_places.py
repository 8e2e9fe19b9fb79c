"""Where the demo's people come from: the table, the database made of it, and the story that the month tells."""

import runpy
import time
from collections import Counter
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from random import Random
from typing import Any, cast

import maxminddb
import pytest

from tests.conftest import Start
from trackway.demo.journeys import Journey, history
from trackway.demo.places import DATABASE, RANGES, RANGES_V6, TOWNS, Town, address_of, networks_of
from trackway.demo.visitors import backfill
from trackway.load.place import Place, Places

NOW_MS = 1_795_000_000_000
SCRIPT = Path(__file__).parent.parent.parent / "scripts/places.py"


@cache
def month() -> list[Journey]:
    return history(Random(7), NOW_MS, 30, "http://127.0.0.1:8000/demo/").journeys


def country_of(address: str) -> str:
    return next(town.country for town in TOWNS if any(ip_address(address) in one for one in networks_of(town)))


def test_database_in_the_package_is_what_the_script_makes(tmp_path: Path) -> None:
    made = tmp_path / "made.mmdb"
    runpy.run_path(str(SCRIPT))["write"](made)

    def told(path: Path) -> Any:
        with maxminddb.open_database(path) as reader:
            known = reader.metadata()
            return (
                known.database_type,
                known.description,
                known.node_count,
                list(cast("Any", reader)),
            )

    assert told(made) == told(DATABASE)
    assert DATABASE.stat().st_size < 8_000


@pytest.mark.parametrize("town", TOWNS, ids=lambda town: town.name)
def test_server_finds_each_town(town: Town) -> None:
    places = Places(str(DATABASE))

    for network in networks_of(town):
        for address in (network[0], network[-1]):
            assert places.find(str(address)) == Place(town.country, town.region_name, town.name)


def test_addresses_are_of_the_documentation_ranges_and_each_towns_own() -> None:
    networks = [network for town in TOWNS for network in networks_of(town)]
    ranges = [ip_network(one) for one in (*RANGES, RANGES_V6)]

    for network in networks:
        assert any(one.version == network.version and network.subnet_of(one) for one in ranges)  # type: ignore[arg-type]
    assert not any(a.overlaps(b) for at, a in enumerate(networks) for b in networks[:at])


def test_somebody_always_comes_from_the_same_address() -> None:
    first: dict[str, str] = {}

    for visit in month():
        assert first.setdefault(visit.visitor.person.email, visit.address) == visit.address
    assert {ip_address(one).version for one in first.values()} == {4, 6}


def test_most_come_from_one_country_and_the_newsletter_brings_another() -> None:
    everybody = Counter(country_of(visit.address) for visit in month() if visit.visitor.device.kind != "bot")
    newsletter = Counter(
        country_of(visit.address)
        for visit in month()
        if any("utm_campaign=summer-sill" in str(event.wire()) for event in visit.events)
    )

    assert everybody.most_common(1)[0][0] == "DE"
    assert 0.3 < everybody["DE"] / everybody.total() < 0.5
    assert newsletter.most_common(1)[0][0] == "PL"
    assert newsletter["PL"] / newsletter.total() > 2 * everybody["PL"] / everybody.total()
    assert len(everybody) >= 8


def test_the_month_comes_in_with_its_countries(start: Start) -> None:
    running = start(geoip_path=str(DATABASE))
    site = running.add_site()
    report = backfill(running.url, site.key, 7, int(time.time() * 1000), days=1)
    running.settled(site.id, report.sent)
    told = running.get(f"/sites/{site.id}/insights/trend", breakdown="country", measure="events")
    seen = {one["name"]: one["total"] for one in told["series"] if not one["other"]}
    (event,) = running.events(site.id, country="DE")[:1]

    assert max(seen, key=lambda name: seen[name]) == "DE"
    assert "" not in seen
    assert event["context"]["city"] in {town.name for town in TOWNS if town.country == "DE"}


def test_robots_run_in_a_data_centre() -> None:
    assert {country_of(visit.address) for visit in month() if visit.visitor.device.kind == "bot"} == {"US"}
    assert "US" not in {country_of(address_of(f"somebody {number}", None, False)) for number in range(500)}
