"""Where the demo's people come from: towns, the addresses that stand for them, and how often each is somebody's home.

The addresses are of the ranges that are kept for documentation (RFC 5737, RFC 3849), so they are nobody's. Which town
each stands for is in `places.mmdb` beside this file, a City database in MaxMind's format that `scripts/places.py`
writes from this table; the demo's server looks addresses up in it as any server does in its operator's. Pure.
"""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from random import Random
from typing import NamedTuple

DATABASE = Path(__file__).with_name("places.mmdb")
RANGES = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
RANGES_V6 = "2001:db8::/32"
TOWN_BITS, TOWN_BITS_V6 = 28, 48
"""A town's networks: 16 addresses, and as much as a site keeps of an IPv6 address by default."""
V6_SHARE = 0.3
AT_HOME = 0.7
"""How many of those whom a habit brings live where it is at home."""


class Town(NamedTuple):
    """A town; `weight`: how many of the shop's people live there, of 100. Codes are of ISO 3166."""

    weight: int
    country: str
    country_name: str
    region: str
    region_name: str
    name: str


TOWNS = (
    Town(17, "DE", "Germany", "BE", "State of Berlin", "Berlin"),
    Town(12, "DE", "Germany", "HH", "Free and Hanseatic City of Hamburg", "Hamburg"),
    Town(10, "DE", "Germany", "BY", "Bavaria", "Munich"),
    Town(8, "DE", "Germany", "SN", "Saxony", "Leipzig"),
    Town(8, "FR", "France", "IDF", "Île-de-France", "Paris"),
    Town(5, "FR", "France", "ARA", "Auvergne-Rhône-Alpes", "Lyon"),
    Town(7, "NL", "The Netherlands", "NH", "North Holland", "Amsterdam"),
    Town(4, "NL", "The Netherlands", "UT", "Utrecht", "Utrecht"),
    Town(3, "PL", "Poland", "22", "Pomerania", "Gdańsk"),
    Town(3, "PL", "Poland", "14", "Mazovia", "Warsaw"),
    Town(2, "PL", "Poland", "30", "Greater Poland", "Poznań"),
    Town(6, "GB", "United Kingdom", "ENG", "England", "Leeds"),
    Town(3, "GB", "United Kingdom", "SCT", "Scotland", "Edinburgh"),
    Town(5, "SE", "Sweden", "M", "Skåne County", "Malmö"),
    Town(3, "PT", "Portugal", "13", "Porto", "Porto"),
    Town(3, "IE", "Ireland", "L", "Leinster", "Dublin"),
    Town(1, "JP", "Japan", "26", "Kyoto", "Kyoto"),
    Town(0, "US", "United States", "VA", "Virginia", "Ashburn"),
)
HABIT_AT_HOME: Mapping[str, str] = {"newsletter": "PL", "instagram": "FR"}
"""What brings people, and the country in which it does: the newsletter goes out in Polish."""
DATA_CENTRE = next(town for town in TOWNS if town.name == "Ashburn")
"""Where robots run; nobody lives there."""


def networks_of(town: Town) -> tuple[IPv4Network, IPv6Network]:
    """The addresses that stand for a town: each has its place in the ranges by its place in the table."""
    at = TOWNS.index(town)
    small = [net for one in RANGES for net in IPv4Network(one).subnets(new_prefix=TOWN_BITS)]
    whole = IPv6Network(RANGES_V6)
    begin = int(whole.network_address) + (at << (whole.max_prefixlen - TOWN_BITS_V6))
    return small[at], IPv6Network((begin, TOWN_BITS_V6))


def address_of(who: str, habit: str | None, robot: bool) -> str:
    """The address that somebody comes from, always the same. `habit`: what most often brings them."""
    rng = Random(f"address of {who}")  # noqa: S311 - made-up people guard no secret
    network = rng.choices(networks_of(home_of(rng, habit, robot)), (1 - V6_SHARE, V6_SHARE))[0]
    return str(network[rng.randrange(1, min(network.num_addresses, 2**64) - 1)])


def home_of(rng: Random, habit: str | None, robot: bool) -> Town:
    """The town that somebody lives in."""
    if robot:
        return DATA_CENTRE
    at_home = HABIT_AT_HOME.get(habit or "") if rng.random() < AT_HOME else None
    towns = [town for town in TOWNS if at_home in (None, town.country)]
    return rng.choices(towns, [town.weight for town in towns])[0]
