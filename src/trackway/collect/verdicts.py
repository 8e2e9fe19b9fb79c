"""A batch → the record of its verdicts. Pure but for the ids of events that came without one."""

import json
import secrets
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from trackway.collect.decode import Batch, Unreadable
from trackway.event import Defaults, Event, Rejection, Source, judge
from trackway.record import Record, Refusal
from trackway.site import Site

DAY_MS = 86_400_000


class Sender(NamedTuple):
    """Who sends, as found before the events are looked at."""

    site: Site
    key: str
    server: bool
    origin: str
    ip: str


def make_record(sender: Sender, batch: Batch, received: int) -> Record:
    """Every event of the batch with its verdict. Pure but for the ids of events that came without one."""
    defaults = Defaults(
        uuid=batch.uuid,
        context=batch.context,
        from_server=sender.server,
        clean_text=batch.clean_text,
    )
    oldest = oldest_time(sender.site, received)
    events: list[Event] = []
    refused: list[Refusal] = []
    for index, raw in enumerate(batch.events):
        verdict = judge(raw, index, defaults, "" if type(raw) is dict and "id" in raw else new_id(received))  # pyright: ignore[reportUnknownArgumentType]
        if type(verdict) is Event and oldest is not None and (verdict.time or received) < oldest:
            verdict = too_old(verdict, index, sender.site)
        if type(verdict) is Event:
            events.append(verdict)
        elif type(verdict) is Rejection:
            refused.append(Refusal(verdict, as_received(raw)))
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


def as_received(raw: Any) -> msgspec.Raw:
    """A refused event as JSON text, whatever was wrong with it; a line that was no JSON becomes a JSON string."""
    text = str(raw) if isinstance(raw, Unreadable) else raw
    return msgspec.Raw(json.dumps(text, separators=(",", ":")).encode())


def new_id(now_ms: int) -> str:
    """A UUIDv7 (RFC 9562, 5.7) for an event that came without an id."""
    chance = secrets.randbits(74)
    value = now_ms << 80 | 0x7 << 76 | (chance >> 62) << 64 | 0b10 << 62 | chance & (1 << 62) - 1
    return str(UUID(int=value))
