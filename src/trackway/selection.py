"""A selection: which events of a site are to be deleted, by action, time and params. Pure.

It is one-time: what was received up to its moment goes, what comes later is taken as ever.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from trackway.errors import RequestRefused

PARAMS_MAX = 10


class Selection(msgspec.Struct, frozen=True, tag_field="kind", tag="events"):
    """Events of one site received at or before `upto` (epoch ms) that fit all of what is given.

    `since` and `until`: the event's own time, in [since, until); `params`: name and value, compared as text.
    """

    site: str
    upto: int
    action: str | None = None
    since: int | None = None
    until: int | None = None
    params: tuple[tuple[str, str], ...] = ()

    def takes(self, action: str, time: int, received: int, params: Mapping[str, Any]) -> bool:
        """Whether an event of the site goes."""
        return (
            received <= self.upto
            and self.action in (None, action)
            and (self.since is None or time >= self.since)
            and (self.until is None or time < self.until)
            and has_params(params, self.params)
        )

    def told(self) -> dict[str, Any]:
        """What a receipt and the audit log say of it: values of params as digests, since they may name somebody."""
        params = {name: digest_of_value(self.site, value) for name, value in self.params}
        told = {"action": self.action, "from": self.since, "to": self.until, "params": params}
        return {name: value for name, value in told.items() if value not in (None, {})} | {"received_until": self.upto}


def check_selection(selection: Selection) -> Selection:
    """The selection. Raises RequestRefused(invalid_parameter) for one that says nothing: it would empty the site."""
    if not (selection.action or selection.params or selection.since is not None or selection.until is not None):
        wanted = "Say which events: an action, a time range or a param; without any of them all would go."
        raise RequestRefused("invalid_parameter", wanted, "events")
    if len(selection.params) > PARAMS_MAX:
        raise RequestRefused("invalid_parameter", f"At most {PARAMS_MAX} params.", "params")
    return selection


def digest_of_value(site: str, value: str) -> str:
    """SHA-256 of a param's value at a site: enough to prove what was asked for, not to tell it."""
    return hashlib.sha256(f"{site}\n{value}".encode()).hexdigest()


def has_params(params: Mapping[str, Any], wanted: tuple[tuple[str, str], ...]) -> bool:
    """Whether an event's params have all the wanted values, compared as text."""
    return all(name in params and as_text(params[name]) == value for name, value in wanted)


def as_text(value: object) -> str:
    """A param's value as the store's search writes it: text without quotes, 10 for 10.0, all else as JSON."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
