"""What a spool hands out. Values only."""

from typing import NamedTuple


class Group(NamedTuple):
    """What one commit wrote: its place (ever growing, never handed out twice) and its records' bytes."""

    seq: int
    payload: bytes


class Backlog(NamedTuple):
    """What lies in the spool now."""

    groups: int
    bytes: int
    newest: int = 0
    """The number of the group last written; 0 before the first."""
    trouble: str = ""
    """Why nothing can be kept now; empty when all is well."""
