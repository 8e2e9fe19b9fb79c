"""What goes in and out of the routes of alerts: alerts, channels, incidents and their messages."""

from typing import Annotated

import msgspec
from msgspec import Meta

from trackway.alert import (
    ADDRESSES_MAX,
    CHANNELS_PER_ALERT_MAX,
    NAME_LENGTH_MAX,
    URL_LENGTH_MAX,
    ChannelKind,
    Limits,
    Watched,
)
from trackway.watch.usual import Basis, State
from trackway.web.shapes import Ms

Name = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH_MAX)]


class NewAlert(msgspec.Struct):
    """An alert to make, or what an alert is to be. `channels`: ids; a muted alert tells nobody."""

    name: Name
    watched: Watched
    limits: Limits = Limits()
    muted: bool = False
    channels: Annotated[list[str], Meta(max_length=CHANNELS_PER_ALERT_MAX)] = []


class FindingShape(msgspec.Struct):
    """A window judged. `value`, `low`, `high`: a count, a share, or ms; null: not known, or no limit on that side.

    `state`: `learning` while the past is too short for a usual range, `few` when there were fewer than 10 events to
    tell a share or a median by. `basis`: the windows it was compared with, at the same time of the `week` or `day`, or
    the `last` ones; `fixed` limits. `n` of `of`: what the value is made of.
    """

    start: Ms
    until: Ms
    value: float | None
    low: float | None
    high: float | None
    state: State
    basis: Basis
    references: int
    n: float
    of: float


class AlertShape(msgspec.Struct):
    """An alert and how it stands: `finding` of the last window judged (null: none yet), `incident` open or null."""

    id: str
    name: str
    watched: Watched
    limits: Limits
    muted: bool
    channels: list[str]
    created: Ms
    changed: Ms
    finding: FindingShape | None
    incident: int | None


class AlertPage(msgspec.Struct):
    """Alerts, the oldest first."""

    items: list[AlertShape]
    next: str | None = None


Point = tuple[int, float | None, float | None, float | None]


class PreviewIncident(msgspec.Struct):
    """An incident that there would have been. `closed` null: it would still be open."""

    opened: Ms
    closed: int | None
    finding: FindingShape


class AlertPreview(msgspec.Struct):
    """What an alert would have done in the last `days`: windows judged, and those in which it was still learning."""

    days: int
    judged: int
    learning: int
    fired: int
    incidents: list[PreviewIncident]
    """The newest 50, the oldest of them first."""
    now: FindingShape | None
    picture: list[Point]
    """The last windows: start, value, low, high."""


class About(msgspec.Struct):
    """The alert as it was when the incident opened."""

    name: str
    watched: Watched
    limits: Limits


class TryShape(msgspec.Struct):
    """One try to send a message. `status` null: there was no answer, `answer` says why."""

    time: Ms
    status: int | None
    answer: str
    took_ms: int


class DeliveryShape(msgspec.Struct):
    """A message to one channel. `due`: when it is tried next; both `due` and `sent` null: it was given up."""

    message: str
    channel: str
    event: str
    made: Ms
    due: int | None
    sent: int | None
    tries: list[TryShape]


class IncidentShape(msgspec.Struct):
    """What an alert found: opened once, closed after two windows in a row back in range. `muted`: nobody was told."""

    id: int
    alert: str
    about: About
    opened: Ms
    closed: int | None
    why_closed: str
    first: FindingShape
    worst: FindingShape
    latest: FindingShape
    picture: list[Point]
    muted: bool
    deliveries: list[DeliveryShape]


class IncidentPage(msgspec.Struct):
    """Incidents, the newest first. `open`: how many of the site's incidents are open."""

    items: list[IncidentShape]
    open: int
    next: str | None = None


class NewChannel(msgspec.Struct):
    """A channel to make: a webhook with `url`, or e-mail with `addresses`."""

    name: Name
    kind: ChannelKind
    url: Annotated[str, Meta(max_length=URL_LENGTH_MAX)] = ""
    addresses: Annotated[list[str], Meta(max_length=ADDRESSES_MAX)] = []


class ChannelShape(msgspec.Struct, omit_defaults=True):
    """A channel. `to`: who may edit sees all of it, others only a webhook's host. `secret` is shown once, when made."""

    id: str
    name: str
    kind: ChannelKind
    to: list[str]
    created: Ms
    secret: str | None = None
    old_until: int | None = None
    """Until when the secret before the last rotation signs too (ms)."""


class ChannelPage(msgspec.Struct):
    """Channels, the oldest first. `email`: whether the server has a mail server to send by."""

    items: list[ChannelShape]
    email: bool
    next: str | None = None


class TestAnswer(msgspec.Struct):
    """What came of a test message."""

    ok: bool
    status: int | None
    answer: str
    took_ms: int
