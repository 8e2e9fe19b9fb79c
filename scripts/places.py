"""Writes src/trackway/demo/places.mmdb, the City database of the demo, from the table in src/trackway/demo/places.py.

    python scripts/places.py           write it
    python scripts/places.py FILE      write it there

The file is in the repository, so that nobody needs the writer (a library for development) to run the demo;
tests/demo/test_places.py fails when it is not what this script makes of the table.
"""

import sys
from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet

from trackway.demo.places import DATABASE, TOWNS, Town, networks_of


def write(path: Path) -> None:
    """Write the database."""
    writer = MMDBWriter(
        ip_version=6,
        ipv4_compatible=True,
        database_type="Trackway-Demo-City",
        languages=["en"],
        description={"en": "Addresses kept for documentation, made to stand for towns of the Trackway demo"},
    )
    for town in TOWNS:
        writer.insert_network(IPSet([str(network) for network in networks_of(town)]), record_of(town))
    writer.to_db_file(str(path))


def record_of(town: Town) -> dict[str, Any]:
    """A town in the shape of a GeoIP2 City record, as far as Trackway reads one."""
    return {
        "country": {"iso_code": town.country, "names": {"en": town.country_name}},
        "subdivisions": [{"iso_code": town.region, "names": {"en": town.region_name}}],
        "city": {"names": {"en": town.name}},
    }


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else DATABASE)
