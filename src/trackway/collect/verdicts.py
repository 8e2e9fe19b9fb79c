"""A batch → the record of its verdicts. Pure but for the ids of events that came without one."""

import contextlib
import json
import secrets
from typing import Any, NamedTuple, cast
from uuid import UUID

import msgspec

from trackway.collect.decode import Batch, Unreadable
from trackway.event import UUID_TEXT, Defaults, Event, Rejection, Source, judge
from trackway.record import NO_CONTEXT, Record, Refusal
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


def make_record(sender: Sender, batch: Batch, received: int, body: bytes = b"") -> Record:
    """Every event of the batch, decoded from `body`, with its verdict. Pure but for the ids made for events without."""
    defaults = Defaults(
        uuid=batch.uuid,
        context=batch.context,
        from_server=sender.server,
        clean_text=batch.clean_text,
        plain=batch.clean_text and not batch.context,
    )
    oldest = oldest_time(sender.site, received)
    events: list[Event] = []
    refused: list[Refusal] = []
    for index, raw in enumerate(batch.events):
        made = new_id(received) if has_no_id(raw) else ""
        verdict = judge(raw, index, defaults, made)
        if type(verdict) is Event and oldest is not None and (verdict.time or received) < oldest:
            verdict = too_old(verdict, index, sender.site)
        if type(verdict) is Event:
            events.append(verdict)
        elif type(verdict) is Rejection:
            verdict.id = verdict.id or made or None  # judged again later, it is still the same event
            refused.append(Refusal(verdict, as_received(raw, body), claimed_uuid(raw, batch.uuid)))
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
        context=as_received(batch.context, body) if refused and batch.context else NO_CONTEXT,
        dropped=batch.dropped,
    )


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


def pick_source(sender: Sender, batch: Batch) -> Source:
    """Where events come from: the server route, an app (its envelope says so, or its actions do), else the web."""
    if sender.server:
        return "server"
    if batch.source is not None:
        return "mobile" if batch.source == "mobile" else "web"
    first: Any = batch.events[0] if batch.events else None
    action: Any = first.get("action") if type(first) is dict else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
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
