"""A batch → the record of its verdicts. Pure but for the ids of events that came without one."""

import contextlib
import json
import secrets
from typing import Any, NamedTuple, cast
from uuid import UUID

import msgspec

from trackway.collect.decode import Batch, Unreadable, decode_body
from trackway.collect.usual import UsualBatch, are_usual
from trackway.definition import Catalogue, Sent
from trackway.event import UUID_TEXT, Defaults, Event, Rejection, Source, judge
from trackway.identifier import Bearer
from trackway.record import NO_CONTEXT, Record, Refusal
from trackway.rules import Gate
from trackway.site import Site

DAY_MS = 86_400_000
NESTING_KEPT_MAX = 200  # far below any decoder's limit, wherever on the stack it is called
BODY_KEPT_BYTES_MAX = 64 * 1024
"""Of an event that is no strict JSON."""


class Sender(NamedTuple):
    """Who sends, as found before the events are looked at."""

    site: Site
    key: str
    server: bool
    origin: str
    ip: str
    key_gate: Gate | None = None
    """The lists of the API key that `key` names, on the server route."""
    catalogue: Catalogue | None = None
    bearer: Bearer | None = None


def make_record(sender: Sender, batch: Batch | UsualBatch, received: int, body: bytes = b"") -> Record:
    """Every event of the batch, decoded from `body`, with its verdict. Pure but for the ids made for events without."""
    gates = gates_of(sender)
    if type(batch) is UsualBatch:
        if is_taken_whole(sender, batch, gates, len(body)):
            # Read back by the loader, a usual event is an Event: both are written as the same JSON.
            return new_record(sender, batch, received, cast("list[Event]", batch.events), [])
        batch = decode_body(body, len(batch.events))
    return judge_all(sender, cast("Batch", batch), received, body, gates)


def is_taken_whole(sender: Sender, batch: UsualBatch, gates: tuple[Gate, ...], body_bytes: int) -> bool:
    """Whether all events of a usual request are valid, by themselves and by what the site says of them."""
    if sender.site.settings.past_limit_days or not are_usual(batch, sender.server, body_bytes):
        return False
    if any(gate.rule_on(event.action) is not None for gate in gates for event in batch.events):
        return False
    catalogue = sender.catalogue
    if catalogue is None:
        return True
    sent = Sent(sender.server, False)
    return not any(catalogue.fault(event.action, event.params, sent) for event in batch.events)


def judge_all(sender: Sender, batch: Batch, received: int, body: bytes, gates: tuple[Gate, ...]) -> Record:
    """The whole way: each event judged by itself, what is refused kept beside the rest."""
    defaults = Defaults(
        uuid=batch.uuid,
        context=batch.context,
        from_server=sender.server,
        clean_text=batch.clean,
        plain=batch.clean and not batch.context,
        catalogue=sender.catalogue,
        bearer=sender.bearer,
    )
    oldest = oldest_time(sender.site, received)
    events: list[Event] = []
    refused: list[Refusal] = []
    for index, raw in enumerate(batch.events):
        made = new_id(received) if has_no_id(raw) else ""
        verdict = judge(raw, index, defaults, made)
        if type(verdict) is Event and oldest is not None and (verdict.time or received) < oldest:
            verdict = too_old(verdict, index, sender.site)
        if gates and type(verdict) is Event:  # last, so that lifting a rule is all that an event it refused needs
            verdict = pass_gates(verdict, index, gates)
        if type(verdict) is Event:
            events.append(verdict)
        elif type(verdict) is Rejection:
            verdict.id = verdict.id or made or None  # judged again later, it is still the same event
            refused.append(Refusal(verdict, as_received(raw, body), claimed_uuid(raw, batch.uuid)))
    return new_record(sender, batch, received, events, refused, body)


def new_record(  # noqa: PLR0913 - what a record is made of
    sender: Sender,
    batch: Batch | UsualBatch,
    received: int,
    events: list[Event],
    refused: list[Refusal],
    body: bytes = b"",
) -> Record:
    """A request's record, from who sent it and what became of its events."""
    return Record(
        site=sender.site.id,
        received=received,
        source=pick_source(sender, batch),
        key=sender.key,
        n=len(batch.events),
        events=events,
        refused=refused,
        origin=sender.origin,
        ip=sender.ip,
        sent=batch.sent,
        authenticated=sender.bearer is not None,
        bearer=sender.bearer if refused else None,
        context=as_received(batch.context, body) if refused and batch.context else NO_CONTEXT,
        dropped=batch.dropped,
    )


def gates_of(sender: Sender) -> tuple[Gate, ...]:
    """The rules that events of this sender must pass: the site's, then the API key's own. Most often none."""
    return tuple(gate for gate in (sender.site.gate, sender.key_gate) if gate is not None)


def pass_gates(event: Event, index: int, gates: tuple[Gate, ...]) -> Event | Rejection:
    """The event when the rules let it pass, marked where they only report; else its refusal."""
    for gate in gates:
        ruling = gate.rule_on(event.action)
        if ruling is None:
            continue
        if gate.mode == "enforce":
            return Rejection(index, event.id, ruling.code, ruling.message, f"events[{index}].action")
        event.would_reject = ruling.code
    return event


def oldest_time(site: Site, received: int) -> int | None:
    """The oldest time the site takes; None: any."""
    days = site.settings.past_limit_days
    return received - days * DAY_MS if days else None


def too_old(event: Event, index: int, site: Site) -> Rejection:
    """The refusal of an event from before the site's limit."""
    days = site.settings.past_limit_days
    return Rejection(
        index,
        event.id,
        "time_too_old",
        f"This site takes events of the last {days} days.",
        f"events[{index}].time",
    )


def pick_source(sender: Sender, batch: Batch | UsualBatch) -> Source:
    """Where events come from: a file, a server, an app (its envelope says so, or its actions do), else the web."""
    if sender.server:
        return "import" if batch.source == "import" else "server"
    if batch.source is not None:
        return "mobile" if batch.source == "mobile" else "web"
    first: Any = batch.events[0] if batch.events else None
    action: Any = first.get("action") if type(first) is dict else getattr(first, "action", None)  # pyright: ignore
    if isinstance(action, str) and not sender.origin and action.startswith(("screen.", "app.")):
        return "mobile"
    return "web"


def has_no_id(raw: Any) -> bool:
    """Whether the server must make the event's id."""
    return type(raw) is dict and cast("dict[str, Any]", raw).get("id") is None


def claimed_uuid(raw: Any, default: Any) -> str:
    """The uuid that a refused event would have had, empty when that is none either."""
    own = cast("dict[str, Any]", raw).get("uuid") if type(raw) is dict else None
    given = default if own is None else own
    return given.lower() if isinstance(given, str) and UUID_TEXT.match(given) else ""


def as_received(raw: Any, body: bytes) -> msgspec.Raw:
    """A refused event as JSON text.

    What strict JSON has no words for (half a surrogate pair, infinity, endless nesting, a line that was no JSON at all)
    becomes a JSON string of its own text, so that the record around it can always be read back. Never more than a few
    times what was sent: a request of many such events would else fill the disk.
    """
    if isinstance(raw, Unreadable):
        return msgspec.Raw(json.dumps(str(raw)).encode())
    try:
        text = json.dumps(raw, separators=(",", ":"))
    except RecursionError:
        text = body[:BODY_KEPT_BYTES_MAX].decode("utf-8", "replace")
    else:
        with contextlib.suppress(RecursionError, msgspec.MsgspecError):
            if text.count("[") + text.count("{") <= NESTING_KEPT_MAX:
                msgspec.json.decode(text)
                return msgspec.Raw(text.encode())
    return msgspec.Raw(json.dumps(text[:BODY_KEPT_BYTES_MAX]).encode())


def new_id(now_ms: int) -> str:
    """A UUIDv7 (RFC 9562, 5.7) for an event that came without an id."""
    chance = secrets.randbits(74)
    value = now_ms << 80 | 0x7 << 76 | (chance >> 62) << 64 | 0b10 << 62 | chance & (1 << 62) - 1
    return str(UUID(int=value))
