"""Whose address a request came from, when proxies stand in between; whether it lies in a range. Pure."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from trackway.errors import RequestRefused

ADDRESS_LENGTH_MAX = 45
IP_RANGES_MAX = 100
RANGES_REMEMBERED = 1_024


def client_ip(peer: str, forwarded: str, trusted: frozenset[str]) -> str:
    """The sender's address: the last hop in X-Forwarded-For that no trusted proxy wrote about itself.

    A peer that is not trusted is taken at its connection's address, whatever it claims.
    """
    if not forwarded or peer not in trusted:
        return peer
    for hop in reversed(forwarded.split(",")):
        if hop.strip() not in trusted:
            return hop.strip()[:ADDRESS_LENGTH_MAX]
    return peer


def check_ranges(ranges: Sequence[str]) -> tuple[str, ...]:
    """Addresses and networks (10.0.0.0/8, 2001:db8::/32) as they are kept. Raises RequestRefused(invalid_parameter)."""
    if len(ranges) > IP_RANGES_MAX:
        raise RequestRefused("invalid_parameter", f"At most {IP_RANGES_MAX} address ranges.", "ip_ranges")
    return tuple(dict.fromkeys(check_range(one, at) for at, one in enumerate(ranges)))


def check_range(given: str, at: int) -> str:
    """One address or network in its usual written form."""
    try:
        network = ip_network(given.strip())
    except ValueError as error:
        message = f"{given!r} is no address or range such as 192.0.2.7 or 192.0.2.0/24: {error}."
        raise RequestRefused("invalid_parameter", message, f"ip_ranges[{at}]") from error
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def check_address(ip: str, ranges: tuple[str, ...]) -> None:
    """Raise RequestRefused(address_not_allowed) where an API key with these ranges may not be used from `ip`."""
    if ranges and not in_ranges(ip, ranges):
        raise RequestRefused("address_not_allowed", f"This API key may not be used from the address {ip}.")


def in_ranges(ip: str, ranges: tuple[str, ...]) -> bool:
    """Whether an address lies in one of the ranges. What is no address lies in none."""
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)  # ::ffff:192.0.2.7 is how a dual-stack socket sees 192.0.2.7
    return any((mapped or address) in network for network in networks_of(ranges))


@lru_cache(RANGES_REMEMBERED)
def networks_of(ranges: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Ranges made ready to be asked."""
    return tuple(ip_network(one) for one in ranges)
