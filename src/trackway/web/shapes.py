"""The shapes that the API takes and gives (contract, section 8). The OpenAPI description is made from them."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from trackway.event import Source

Ms = Annotated[int, Meta(description="epoch milliseconds")]
Seen = Annotated[
    int | None,
    Meta(description="In a change: `changed` of what it was made on. When that is no longer so, it is refused."),
]
"""What of something saved somebody had before them when they changed it (`control/saved.py`)."""


class OldKeyShape(msgspec.Struct):
    """A tracker key that was rotated away, and until when it is still taken."""

    tracker_key: str
    until: Ms


class SiteShape(msgspec.Struct, omit_defaults=True):
    """A site. `settings` has every setting, also those left at their defaults."""

    id: str
    name: str
    tracker_key: str
    origins: list[str]
    snippet: str
    settings: dict[str, Any]
    archived: int | None = None
    """Since when nothing is collected for it (epoch ms); absent: it is in use."""
    old_keys: list[OldKeyShape] = []
    """Tracker keys rotated away that are still taken; absent: none."""


class SitePage(msgspec.Struct):
    """Sites, the oldest first."""

    items: list[SiteShape]
    next: str | None = None


class NewSite(msgspec.Struct):
    """A site to add; its id is made of the name."""

    name: str
    origins: list[str] = []
    settings: dict[str, Any] = {}


class SiteChanges(msgspec.Struct):
    """What to change of a site; what is left out stays."""

    name: str | None = None
    origins: list[str] | None = None
    settings: dict[str, Any] = {}
    archived: bool | None = None
    """False restores an archived site, true archives one."""


class EventContext(msgspec.Struct):
    """What the server worked out about an event; empty texts where nothing is known."""

    browser: str
    os: str
    device: str
    country: str
    region: str
    city: str
    referrer_host: str
    channel: str
    utm: dict[str, str]


class Unusual(msgspec.Struct):
    """A hover longer than usual, as it was judged when it arrived."""

    threshold: Annotated[int, Meta(description="From how many ms on a hover over this element was unusual then.")]
    p: Annotated[float, Meta(description="The share of earlier hovers that were shorter than the threshold.")]


class EventShape(msgspec.Struct, omit_defaults=True):
    """An event, wherever one is read."""

    id: str
    site: str
    action: str
    label: str
    time: Ms
    received: Ms
    uuid: str
    customer: str
    source: Source
    authenticated: bool
    bot: bool
    params: dict[str, Any]
    context: EventContext
    client_time: int | msgspec.UnsetType = msgspec.UNSET
    session: str | msgspec.UnsetType = msgspec.UNSET
    seq: int | msgspec.UnsetType = msgspec.UNSET
    ip: str | msgspec.UnsetType = msgspec.UNSET
    would_reject: str | msgspec.UnsetType = msgspec.UNSET
    withheld: Annotated[
        list[str] | msgspec.UnsetType,
        Meta(description="Of `form.submit`, for those who may not see values: the fields that have one."),
    ] = msgspec.UNSET
    unusual: Unusual | msgspec.UnsetType = msgspec.UNSET


class EventPage(msgspec.Struct):
    """Events, newest first."""

    items: list[EventShape]
    next: str | None = None


class CustomerShape(msgspec.Struct):
    """A customer in a list."""

    customer: str
    uuids: list[str]
    identifiers: dict[str, str]
    first_seen: Ms
    last_seen: Ms
    events: int


class CustomerPage(msgspec.Struct):
    """Customers, the last seen first."""

    items: list[CustomerShape]
    next: str | None = None


class Minute(msgspec.Struct):
    """Events of one minute, and the people they came from; robots and the server's own left out."""

    time: Ms
    events: int
    visitors: int


class Pulse(msgspec.Struct):
    """`visitors_now`: people with an event in the last 5 minutes; `minutes`: the last 30."""

    visitors_now: int
    minutes: list[Minute]


class NewKeyRequest(msgspec.Struct):
    """A key to add. `site` null: every site (admin only). `expires` in epoch ms, null: never.

    `allow`, `deny`: actions it may send, as rules. `ip_ranges`: addresses and networks it may be used from; none: any.
    """

    scope: Literal["events:write", "read", "admin"]
    site: str | None = None
    name: str = ""
    expires: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    allow: list[str] = []
    deny: list[str] = []
    ip_ranges: list[str] = []


class KeyShape(msgspec.Struct):
    """An API key without its secret."""

    id: str
    site: str | None
    scope: str
    name: str
    created: Ms
    expires: int | None
    allow: list[str]
    deny: list[str]
    ip_ranges: list[str]
    last_used: int | None


class NewKeyShape(msgspec.Struct):
    """A new key; `secret` is shown this once."""

    id: str
    secret: str
    site: str | None
    scope: str
    expires: int | None


class KeyPage(msgspec.Struct):
    """API keys, the oldest first."""

    items: list[KeyShape]
    next: str | None = None


class PartStates(msgspec.Struct):
    """`ok`, or what is wrong; `lag_ms`: how long the oldest collected event waits to be stored."""

    spool: str
    store: str
    loader: str
    lag_ms: int


class Readiness(msgspec.Struct):
    """Whether events can be kept and questions answered."""

    ready: bool
    parts: PartStates
