"""The shapes that the API takes and gives (contract, section 8). The OpenAPI description is made from them."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from trackway.definition import (
    DESCRIPTION_LENGTH_MAX,
    ICON_LENGTH_MAX,
    NAME_LENGTH_MAX,
    RETENTION_DAYS_MAX,
    TEMPLATE_LENGTH_MAX,
    Needs,
)
from trackway.event import Source
from trackway.insight.preview import PREVIEW_EVENTS, PREVIEW_EVENTS_MAX
from trackway.signing import KEY_TEXT_LENGTH_MAX, KID_LENGTH_MAX, Algorithm

Ms = Annotated[int, Meta(description="epoch milliseconds")]


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


class RulesShape(msgspec.Struct):
    """A site's rules: actions, or patterns with `*`. Deny wins over allow; an empty allowlist allows all."""

    mode: Literal["enforce", "report"] = "enforce"
    allow: list[str] = []
    deny: list[str] = []


class PreviewRequest(RulesShape):
    """Rules to try on the `last` events received. The mode makes no difference."""

    last: Annotated[int, Meta(ge=1, le=PREVIEW_EVENTS_MAX)] = PREVIEW_EVENTS


class PreviewExample(msgspec.Struct):
    """An event as proof: its id, when it was received, and what became of it."""

    id: str | None
    received: Ms
    was: str


class PreviewAction(msgspec.Struct):
    """What the rules would do with one action. `code` null: they let it pass; `rule`: the denylist's rule for it."""

    action: str
    code: Literal["denied", "not_allowed"] | None
    rule: str
    message: str
    count: int
    was: dict[str, int]
    """What became of these events: `stored`, `denied`, `not_allowed`."""
    examples: list[PreviewExample]


class PreviewShape(msgspec.Struct):
    """What proposed rules would have made of the last events received, had they been enforced."""

    received: int
    since: int | None
    """When the oldest of them was received; null where there are none."""
    accepted: int
    rejected: dict[str, int]
    """By reason, those refused for other reasons included."""
    actions: list[PreviewAction]
    """Actions the rules would refuse, and those they would let pass that were refused; the most frequent first."""


class MarkedAction(msgspec.Struct):
    """Stored events of one action that the rules would have refused."""

    action: str
    code: str
    count: int
    first: Ms
    last: Ms


class MarkedPage(msgspec.Struct):
    """Actions with events marked in report mode, the most frequent first."""

    items: list[MarkedAction]
    next: str | None = None


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


class EventPage(msgspec.Struct):
    """Events, newest first."""

    items: list[EventShape]
    next: str | None = None


class Device(msgspec.Struct):
    """A device a customer was seen on."""

    device: str
    browser: str
    os: str


class FirstSource(msgspec.Struct):
    """What brought a customer first."""

    channel: str
    referrer_host: str


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


class Profile(CustomerShape):
    """One customer."""

    sessions: int = 0
    devices: list[Device] = []
    first_source: FirstSource | None = None
    country: str = ""


class QuarantinedShape(msgspec.Struct):
    """A rejected event: why, and the event as received. `id` is the one it gave itself, `position` is ours."""

    position: int
    uuid: str
    id: str | None
    received: Ms
    code: str
    message: str
    field: str | None
    event: Any
    key: str
    origin: str
    source: str
    replayed: bool


class QuarantinePage(msgspec.Struct):
    """Rejected events, newest first."""

    items: list[QuarantinedShape]
    next: str | None = None


class Interval(msgspec.Struct):
    """The balance of one minute of receipt."""

    from_: Ms = msgspec.field(name="from")
    to: Ms
    received: int
    stored: int
    duplicates: int
    rejected: dict[str, int]
    in_flight: int
    made: int


class Gap(msgspec.Struct):
    """A device whose own counting shows events that never came. `missing` lists at most 100 numbers."""

    uuid: str
    sent: int
    stored: int
    missing: list[int]


class LedgerShape(msgspec.Struct):
    """received = stored + duplicates + rejected + in_flight. `made`: events the server made itself, not received."""

    from_: Ms = msgspec.field(name="from")
    to: Ms
    received: int
    stored: int
    duplicates: int
    rejected: dict[str, int]
    in_flight: int
    balanced: bool
    made: int
    intervals: list[Interval]
    gaps: list[Gap]


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


class NewDefinition(msgspec.Struct):
    """What to declare of an action. `label`: a template such as `Paid {{total}}`; `retention_days` null: the site's."""

    name: Annotated[str, Meta(max_length=NAME_LENGTH_MAX)] = ""
    description: Annotated[str, Meta(max_length=DESCRIPTION_LENGTH_MAX)] = ""
    icon: Annotated[str, Meta(max_length=ICON_LENGTH_MAX)] = ""
    label: Annotated[str, Meta(max_length=TEMPLATE_LENGTH_MAX)] = ""
    needs: Needs = "anonymous"
    schema: dict[str, Any] = {}
    retention_days: Annotated[int, Meta(ge=0, le=RETENTION_DAYS_MAX)] | None = None
    deprecated: bool = False


class ParamSeen(msgspec.Struct):
    """A param as the newest 1,000 events of its action show it; `share`: of those events that have it."""

    name: str
    types: list[str]
    share: float
    example: Any


class DefinitionShape(msgspec.Struct):
    """An action: what is declared of it, and what traffic shows. `similar`: the name that this one may be a slip of."""

    action: str
    name: str
    description: str
    icon: str
    label: str
    needs: Needs
    schema: dict[str, Any]
    retention_days: int | None
    deprecated: bool
    declared: bool
    built_in: bool
    volume: int
    first_seen: int | None
    last_seen: int | None
    similar: str | None
    params: list[ParamSeen]


class DefinitionPage(msgspec.Struct):
    """Actions, by name."""

    items: list[DefinitionShape]
    next: str | None = None


KeyText = Annotated[str, Meta(max_length=KEY_TEXT_LENGTH_MAX)]


class NewSigningKey(msgspec.Struct):
    """A key to add: one of `jwk`, `pem` (public keys) and `secret` (HS256). `kid` null: what the JWK names."""

    alg: Algorithm | None = None
    kid: Annotated[str, Meta(min_length=1, max_length=KID_LENGTH_MAX)] | None = None
    jwk: dict[str, Any] | None = None
    pem: KeyText | None = None
    secret: KeyText | None = None


class SigningKeyShape(msgspec.Struct):
    """A signing key; `jwk` is null for a shared secret, which is never shown."""

    id: str
    kid: str | None
    alg: Algorithm
    created: Ms
    active: bool
    jwk: dict[str, Any] | None


class SigningKeyPage(msgspec.Struct):
    """Signing keys, the oldest first."""

    items: list[SigningKeyShape]
    next: str | None = None


class AuthorShape(msgspec.Struct):
    """Who made a change. `name`: the user's name or the API key's id; empty for the command line and the server."""

    kind: Literal["user", "key", "command", "server"]
    name: str


class ChangeShape(msgspec.Struct):
    """A line of the audit log. `before` and `after`: what differs, never a secret; null: nothing was, or is, there."""

    number: int
    time: Ms
    who: AuthorShape
    site: str | None
    what: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class ChangePage(msgspec.Struct):
    """Changes, the newest first."""

    items: list[ChangeShape]
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
