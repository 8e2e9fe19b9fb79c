"""What a role opens: the one table of it. Pure.

What people put into forms (`values`) is opened by editors and admins, not by viewers: a viewer's role is given to many,
who need numbers and what somebody did, and names, addresses and messages of customers are more than that.
"""

from collections.abc import Mapping
from typing import Literal, get_args

from trackway.errors import RequestRefused
from trackway.site import Level

SiteRole = Literal["viewer", "editor", "admin"]
Role = Literal["member", "viewer", "editor", "admin"]
"""A user's role on every site; `member`: none but those named for single sites."""

LEVELS: Mapping[str, frozenset[Level]] = {
    "member": frozenset(),
    "viewer": frozenset({"read"}),
    "editor": frozenset({"read", "values", "edit", "sql"}),
    "admin": frozenset({"read", "values", "edit", "sql", "admin", "events:write"}),
}
SITE_ROLES: tuple[SiteRole, ...] = get_args(SiteRole)
ROLES: tuple[Role, ...] = get_args(Role)


def opens(role: str, level: Level) -> bool:
    """Whether a role opens a level. An unknown role opens nothing."""
    return level in LEVELS.get(role, frozenset())


def check_role(role: str) -> Role:
    """A role on every site. Raises RequestRefused(invalid_parameter)."""
    if role not in ROLES:
        raise RequestRefused("invalid_parameter", f"role must be one of {', '.join(ROLES)}.", "role")
    return role


def check_site_role(role: str) -> SiteRole:
    """A role on one site. Raises RequestRefused(invalid_parameter)."""
    if role not in SITE_ROLES:
        raise RequestRefused("invalid_parameter", f"A role on a site is one of {', '.join(SITE_ROLES)}.", "role")
    return role
