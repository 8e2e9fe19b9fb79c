"""Where an address lies, from a MaxMind-format City database the operator provides; and how much of it is kept."""

import ipaddress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, cast

import maxminddb

from trackway.errors import ConfigInvalid
from trackway.site import IpPolicy

IPV4_KEPT_BITS = 24
IPV6_KEPT_BITS = 48


class Place(NamedTuple):
    """Country (ISO 3166 code), region and city; empty where not known."""

    country: str = ""
    region: str = ""
    city: str = ""


class Places:
    """Looks addresses up in a database; without one, nothing is known of any."""

    def __init__(self, path: str = "") -> None:
        self._reader: maxminddb.Reader | None = None
        if path:
            try:
                self._reader = maxminddb.open_database(Path(path))
            except (OSError, maxminddb.InvalidDatabaseError) as error:
                raise ConfigInvalid(f"geoip_path {path!r} cannot be read: {error}") from error
        self._find = lru_cache(10_000)(self._look_up)

    def find(self, ip: str) -> Place:
        """The place of an address."""
        return self._find(ip) if self._reader is not None and ip else Place()

    def _look_up(self, ip: str) -> Place:
        if self._reader is None:
            return Place()
        try:
            record = cast("dict[str, Any] | None", self._reader.get(ip)) or {}
        except ValueError:
            return Place()  # not an address: a proxy's own word for "unknown"
        regions: list[Any] = record.get("subdivisions") or [{}]
        return Place(
            record.get("country", {}).get("iso_code", ""),
            english_name(regions[0]),
            english_name(record.get("city", {})),
        )


def english_name(part: dict[str, Any]) -> str:
    """A place's English name in a database record."""
    return str(part.get("names", {}).get("en", ""))


@lru_cache(10_000)
def keep_ip(ip: str, policy: IpPolicy) -> str:
    """What a site's policy keeps of an address."""
    if policy == "none" or not ip:
        return ""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ""
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # how a socket open to both families shows an IPv4 peer
    if policy == "full":
        return str(address)
    bits = IPV4_KEPT_BITS if address.version == 4 else IPV6_KEPT_BITS
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False).network_address)
