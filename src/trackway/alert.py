"""What an alert is: what of a site is watched, when that is told, and to whom. Checked whole; pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from trackway.errors import RequestRefused

ALERTS_MAX = 50
"""Alerts of one site."""
CHANNELS_MAX = 20
"""Channels of one site."""
CHANNELS_PER_ALERT_MAX = 5
ADDRESSES_MAX = 10
"""E-mail addresses of one channel."""
CONDITIONS_MAX = 5
NAME_LENGTH_MAX = 80
URL_LENGTH_MAX = 1_000
ADDRESS_LENGTH_MAX = 254
PATTERN_LENGTH_MAX = 64
PARAM_LENGTH_MAX = 128
VALUE_LENGTH_MAX = 200

Kind = Literal["count", "share", "rejected", "dwell", "stopped"]
Measure = Literal["median", "unusual"]
Mode = Literal["usual", "fixed"]
Direction = Literal["both", "above", "below"]
Sensitivity = Literal["low", "normal", "high"]
WindowMin = Literal[5, 10, 15, 30, 60, 120, 180, 360, 720, 1440]
ChannelKind = Literal["webhook", "email"]

PATTERN = re.compile(r"[a-zA-Z0-9.\-_*]+\Z")
# The part before the @ without quotes and comments; the host as names or an address in brackets.
MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}\Z")


class ParamIs(msgspec.Struct, frozen=True):
    """A condition: the event's param has this value, told as text."""

    name: str
    value: str


class Watched(msgspec.Struct, frozen=True):
    """What is looked at in each window. Which fields matter, `kind` says.

    count: events of `action` (with `params`) · share: those for each event of `of_action` · rejected: rejected events
    for each received · dwell: hovers over `element`, by their median or the share of unusual ones · stopped: how long
    `action` has not come.
    """

    kind: Kind
    action: str = ""
    params: tuple[ParamIs, ...] = ()
    of_action: str = ""
    element: str = ""
    measure: Measure = "median"
    window_min: WindowMin = 60


class Limits(msgspec.Struct, frozen=True):
    """When it is told: outside the usual range, or beyond fixed limits (in the unit of what is watched; dwell: ms;
    stopped: minutes).
    """

    mode: Mode = "usual"
    direction: Direction = "both"
    sensitivity: Sensitivity = "normal"
    above: float | None = None
    below: float | None = None


class Alert(msgspec.Struct, frozen=True):
    """One alert of a site. A muted one is judged and shown, and nobody is told."""

    id: str
    site: str
    name: str
    watched: Watched
    limits: Limits = Limits()
    muted: bool = False
    channels: tuple[str, ...] = ()
    created: int = 0
    changed: int = 0
    """When what is watched or its limits last changed (ms): what was judged before speaks of something else."""


class Channel(msgspec.Struct, frozen=True):
    """Where messages go: a URL, signed with `secret`, or e-mail addresses. `old_secret` signs too until `old_until`."""

    id: str
    site: str
    name: str
    kind: ChannelKind
    url: str = ""
    addresses: tuple[str, ...] = ()
    secret: str = ""
    old_secret: str = ""
    old_until: int = 0
    created: int = 0


NEEDS: Mapping[Kind, tuple[str, ...]] = {
    "count": ("action",),
    "share": ("action", "of_action"),
    "rejected": (),
    "dwell": ("element",),
    "stopped": ("action",),
}


def refuse(message: str, field: str) -> RequestRefused:
    """A refusal that names the field at fault."""
    return RequestRefused("invalid_parameter", message, field)


def check_alert(name: str, watched: Watched, limits: Limits, channels: Sequence[str]) -> None:
    """Raise RequestRefused(invalid_parameter) for an alert that says nothing, or too much."""
    check_label(name, "An alert")
    check_watched(watched)
    check_limits(watched, limits)
    if len(set(channels)) != len(channels) or len(channels) > CHANNELS_PER_ALERT_MAX:
        raise refuse(f"An alert goes to at most {CHANNELS_PER_ALERT_MAX} channels, each once.", "channels")


def check_label(name: str, what: str) -> None:
    """A name that a person gave. Raises RequestRefused."""
    if not name.strip() or len(name) > NAME_LENGTH_MAX or not name.isprintable():
        raise refuse(f"{what} needs a name of at most {NAME_LENGTH_MAX} characters, on one line.", "name")


def check_watched(watched: Watched) -> None:
    """Raise RequestRefused(invalid_parameter) where a part that the kind needs is missing or is no pattern."""
    for field in NEEDS[watched.kind]:
        if not getattr(watched, field):
            raise refuse(f"To watch {watched.kind}, name the {field}.", f"watched.{field}")
    for field in ("action", "of_action"):
        text = getattr(watched, field)
        if text and (len(text) > PATTERN_LENGTH_MAX or not PATTERN.match(text)):
            raise refuse(f"{text!r} is no action such as form.submit, or pattern such as form.*.", f"watched.{field}")
    if len(watched.element) > VALUE_LENGTH_MAX:
        raise refuse(f"An element's name has at most {VALUE_LENGTH_MAX} characters.", "watched.element")
    if len(watched.params) > CONDITIONS_MAX:
        raise refuse(f"At most {CONDITIONS_MAX} conditions on params.", "watched.params")
    for one in watched.params:
        if not one.name or len(one.name) > PARAM_LENGTH_MAX or len(one.value) > VALUE_LENGTH_MAX:
            raise refuse("A condition names a param and a value of at most 200 characters.", "watched.params")


def check_limits(watched: Watched, limits: Limits) -> None:
    """Raise RequestRefused(invalid_parameter) for fixed limits that are missing or contradict each other."""
    if limits.mode == "usual":
        return
    if limits.above is None and limits.below is None:
        raise refuse("Fixed limits need `above`, `below` or both.", "limits.above")
    if watched.kind == "stopped" and (limits.above is None or limits.above <= 0 or limits.below is not None):
        raise refuse("For stopped, `above` is the minutes without an event; it has no `below`.", "limits.above")
    if limits.above is not None and limits.below is not None and limits.below >= limits.above:
        raise refuse("`below` must be less than `above`.", "limits.below")


def check_channel(name: str, kind: ChannelKind, url: str, addresses: Sequence[str], insecure: bool) -> None:
    """Raise RequestRefused(invalid_parameter). `insecure`: plain http and private addresses are allowed."""
    check_label(name, "A channel")
    if kind == "webhook":
        check_url(url, insecure)
        return
    if not 0 < len(addresses) <= ADDRESSES_MAX:
        raise refuse(f"An e-mail channel has 1 to {ADDRESSES_MAX} addresses.", "addresses")
    for address in addresses:
        if len(address) > ADDRESS_LENGTH_MAX or not MAIL_ADDRESS.match(address):
            raise refuse(f"{address!r} is no e-mail address.", "addresses")


def check_url(url: str, insecure: bool) -> None:
    """A webhook's address. Where its host may not be asked, that is found when it is looked up, at each try."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise refuse(f"{url!r} is no address: {error}.", "url") from error
    schemes = ("https", "http") if insecure else ("https",)
    if parts.scheme not in schemes or not parts.hostname or len(url) > URL_LENGTH_MAX or not is_plain(url):
        wanted = "https:// or http://" if insecure else "https:// (http only with the setting alert_private_addresses)"
        raise refuse(f"A webhook's address begins with {wanted} and has a host.", "url")
    if parts.username is not None or parts.password is not None:
        raise refuse("Put no user or password into the address; the request is signed.", "url")


def is_plain(text: str) -> bool:
    """Whether a text is visible ASCII only."""
    return all("!" <= one <= "~" for one in text)
