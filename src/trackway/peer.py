"""Whose address a request came from, when proxies stand in between. Pure."""

ADDRESS_LENGTH_MAX = 45


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
