"""The shapes of customers: in a list, one by one with what they are known by, and the log of merges."""

from typing import Any, Literal

import msgspec

from trackway.insight.kinds import Kind
from trackway.web.shapes import CustomerShape, Ms


class Beside(msgspec.Struct):
    """A customer beside another in a list, and where they stand in it: `last_seen`."""

    customer: str
    last_seen: Ms


class Neighbours(msgspec.Struct):
    """Who is before and after a customer in a list of `total`; `place` counts from 1, null for who is not in it."""

    customer: str
    previous: Beside | None
    next: Beside | None
    place: int | None
    total: int


class Device(msgspec.Struct):
    """A device a customer was seen on."""

    device: str
    browser: str
    os: str


class FirstSource(msgspec.Struct):
    """What brought a customer first."""

    channel: str
    referrer_host: str


class SourceOf(msgspec.Struct):
    """Where visits of a customer came from; those within the site are none."""

    channel: str
    referrer_host: str
    visits: int
    first_seen: Ms
    last_seen: Ms


class IdentityShape(msgspec.Struct):
    """An identifier of a customer. `since`: the time of the `event` that said so, empty where it is not known."""

    kind: Literal["customId", "email"]
    value: str
    customer: str
    """The part of the customer that it was learned of; the customer itself unless merged."""
    since: Ms
    event: str


class AttributeValue(msgspec.Struct):
    """What an attribute was from `since` on, by the `event` that said so."""

    value: Any
    since: Ms
    event: str


class AttributeShape(msgspec.Struct):
    """What is told of a customer now, and the values before, the newest first."""

    name: str
    value: Any
    since: Ms
    event: str
    history: list[AttributeValue]


class Profile(CustomerShape):
    """One customer."""

    sessions: int
    devices: list[Device]
    first_source: FirstSource | None
    sources: list[SourceOf]
    """All that brought them, what did most often first; at most 20."""
    kinds: dict[Kind, int]
    """How many of the events are of each kind."""
    country: str
    identities: list[IdentityShape]
    attributes: list[AttributeShape]


class MergeShape(msgspec.Struct):
    """That `customer`, with all that was merged into it before, became part of `into`.

    `why`: the kind of event that said so, with its id in `event`; `manual`: a person did, named in `who`. `undone`:
    when it was taken back, by `undone_by`; null: it stands.
    """

    id: int
    site: str
    customer: str
    into: str
    time: Ms
    why: Literal["identify", "form", "token", "server", "manual"]
    event: str
    who: str
    undone: int | None
    undone_by: str | None


class MergePage(msgspec.Struct):
    """Merges, the newest first."""

    items: list[MergeShape]
    next: str | None = None


class NewMerge(msgspec.Struct):
    """Two customers that are one person, each by uuid, customId or e-mail address. `into` is the one that stays."""

    customer: str
    into: str
