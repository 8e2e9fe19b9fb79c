"""What goes in and out of the routes about what became of events: ledger, gaps, quarantine, replays, erasures."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from trackway.web.shapes import EventShape, Ms

Bounded = Annotated[int, Meta(ge=-(2**53), le=2**53, description="epoch milliseconds")]
TRIAL_LENGTH_MAX = 256 * 1024
TRIAL_EVENTS_MAX = 100


class QuarantinedShape(msgspec.Struct):
    """A rejected event: why, and the event as received. `id` is the event's, `position` is ours.

    For those who may not see what people put into forms, the `event` of a submission, or of what may be one, has
    `withheld`, the names of its fields, in place of what was put in.
    `replayed`: a replay has stored it or found it stored, as `verdict` says; `waiting`: it is being replayed;
    `sampled`: kept as one of a few, since the quarantine was full.
    """

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
    action: str
    verdict: Literal["stored", "duplicate"] | None
    replayed_at: int | None
    waiting: bool
    sampled: bool


class QuarantinePage(msgspec.Struct):
    """Rejected events, newest first.

    `bytes` of `limit_bytes` are taken; while it is `full`, only few of the rejected events are kept. The ledger counts
    all of them, and in `not_kept` those that are not here.
    """

    items: list[QuarantinedShape]
    next: str | None
    bytes: int
    limit_bytes: int
    full: bool


class ReplayFilter(msgspec.Struct, forbid_unknown_fields=True):
    """Which rejected events to judge again: the same filters as the list has; all given ones hold at once."""

    code: str | None = None
    action: str | None = None
    uuid: str | None = None
    key: str | None = None
    from_: int | None = msgspec.field(name="from", default=None)
    to: int | None = None
    q: Annotated[str, Meta(max_length=200)] | None = None


class NewReplay(msgspec.Struct, forbid_unknown_fields=True):
    """What to judge again: `ids` (positions, or events' ids), or a `filter`; `{"filter": {}}` is all of them."""

    ids: Annotated[list[int | str], Meta(min_length=1, max_length=1_000)] | None = None
    filter: ReplayFilter | None = None


class ReplayShape(msgspec.Struct):
    """A replay: of `matched` events, how many were stored, were stored already, were refused again, or wait."""

    id: int
    site: str
    asked: Ms
    matched: int
    stored: int
    duplicates: int
    rejected: int
    waiting: int
    done: bool


class ReplayPage(msgspec.Struct):
    """Replays, the newest first."""

    items: list[ReplayShape]
    next: str | None = None


class VerdictShape(msgspec.Struct):
    """What became of one event. `repeats`: how often it came again after it was stored, each time a duplicate."""

    id: str
    verdict: Literal["stored", "rejected", "in_flight", "unknown"]
    message: str
    event: EventShape | None
    quarantined: list[QuarantinedShape]
    repeats: int
    repeated_at: int | None


class NewTrial(msgspec.Struct, forbid_unknown_fields=True):
    """Events to judge, as text: an envelope, an array, one event, or one a line. `sent_as`: who would send them."""

    text: Annotated[str, Meta(min_length=1, max_length=TRIAL_LENGTH_MAX)]
    sent_as: Literal["anonymous", "token", "server"] = msgspec.field(name="as", default="anonymous")


class Tried(msgspec.Struct):
    """What would become of one event: `code`, `message` and `field` of a rejected one, `action`, `label` and `time` of
    others. `would_reject`: what rules in report mode would refuse it for.
    """

    index: int
    id: str | None
    verdict: Literal["stored", "duplicate", "rejected"]
    action: str | None = None
    label: str | None = None
    time: int | None = None
    code: str | None = None
    message: str | None = None
    field: str | None = None
    would_reject: str | None = None


class TrialShape(msgspec.Struct):
    """Events judged, in their order. `kept` is never true: a trial leaves nothing behind."""

    items: list[Tried]
    kept: Literal[False] = False
    message: str = "Judged as the server would judge them now. Nothing was stored, counted or kept."


class SelectionShape(msgspec.Struct, forbid_unknown_fields=True):
    """Which events: all that is given holds at once. `from` and `to`: the event's own time; `params`: name and value,
    compared as text; `received_until` null: now.
    """

    action: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    from_: Bounded | None = msgspec.field(name="from", default=None)
    to: Bounded | None = None
    params: dict[Annotated[str, Meta(max_length=128)], Annotated[str, Meta(max_length=32_768)]] = {}
    received_until: Bounded | None = None


class SelectionCount(msgspec.Struct):
    """What a selection would take now. Sent along with it, `received_until` leaves out what came meanwhile."""

    events: int
    quarantine: int
    received_until: Ms


class NewErasure(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to erase: `customer`, a uuid, customId or e-mail address; or which `events` to delete."""

    customer: Annotated[str, Meta(min_length=1, max_length=256)] | None = None
    events: SelectionShape | None = None


class Receipt(msgspec.Struct):
    """What was erased where. `customers`: SHA-256 of site, line feed and uuid, in hex; `selection`: which events, with
    values of params as SHA-256 of site, line feed and value; `mentions`: stored events of others that name an
    identifier of the erased, which stay; `signature`: Ed25519, over the receipt's JSON without it, keys sorted and no
    spaces.
    """

    erasure: int
    site: str
    asked: Ms
    finished: Ms
    customers: list[str]
    erased: dict[str, int]
    public_key: str
    signature: str
    selection: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    mentions: int | msgspec.UnsetType = msgspec.UNSET


class ErasureShape(msgspec.Struct):
    """An erasure; `receipt` is there once it is done."""

    id: int
    asked: Ms
    done: bool
    receipt: Receipt | None


class ErasurePage(msgspec.Struct):
    """Erasures, the newest first."""

    items: list[ErasureShape]
    next: str | None = None


class GapPage(msgspec.Struct):
    """Devices with gaps, the widest first."""

    items: list["Gap"]
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
    replayed: int
    dropped: int
    not_kept: int


class Gap(msgspec.Struct):
    """A device whose own counting shows events that never came. `missing` lists at most 100 numbers."""

    uuid: str
    sent: int
    stored: int
    missing: list[int]


class LedgerShape(msgspec.Struct):
    """received = stored + duplicates + rejected + in_flight.

    Beside the balance: `made`, events the server made itself, not received; `replayed`, how many of stored and
    duplicates were rejected first; `not_kept`, how many of rejected are not in the quarantine, since it was full;
    `dropped`, how many events the senders say they gave up before they came here.
    """

    from_: Ms = msgspec.field(name="from")
    to: Ms
    received: int
    stored: int
    duplicates: int
    rejected: dict[str, int]
    in_flight: int
    balanced: bool
    made: int
    replayed: int
    dropped: int
    not_kept: int
    intervals: list[Interval]
    gaps: list[Gap]
