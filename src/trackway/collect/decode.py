"""Bytes → the events of a request. Pure.

Whatever the bytes are, `decode_body` returns a Batch or raises RequestRefused; nothing else may leave it.
"""

import json
from typing import Any

import msgspec

from trackway.errors import RequestRefused

DROPPED_MAX = 1_000_000
"""More than any queue of a client holds."""
WHOLE_DIGITS_MAX = 4_300
"""As many as Python and msgspec read; more take time that grows with their square."""
MALFORMED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)


class Batch(msgspec.Struct):
    """A request's events as sent, and what its envelope says for all of them."""

    events: list[Any]
    clean: bool
    """False where a text may hold what cannot be stored, or a number may be infinite."""
    key: str | None = None
    uuid: Any = None
    context: dict[str, Any] = {}
    sent: int | None = None
    source: str | None = None
    token: str | None = None
    dropped: int = 0


class Unreadable(str):
    """A line that is no JSON: it stands among the events so that it is refused by itself, at its place."""

    __slots__ = ()


def decode_body(body: bytes, events_max: int, lines: bool = False) -> Batch:
    """The batch in a body: an envelope, an array of events, one event, or (`lines`) one JSON object a line."""
    if lines:
        read = [decode_line(line) for line in body.split(b"\n") if line.strip()]
        batch = Batch(events=[found for found, _ in read], clean=all(clean for _, clean in read))
    else:
        batch = shape(*decode_json(body))
    if len(batch.events) > events_max:
        raise RequestRefused(
            "too_many_events", f"The request has {len(batch.events)} events; at most {events_max}.", "events"
        )
    return batch


def decode_json(body: bytes) -> tuple[Any, bool]:
    """The JSON value in `body`, and whether it is clean: all texts and numbers in it can be kept.

    Half surrogate pairs and numbers of any size are let through, the largest as infinity: only the event that has
    them is refused, by `event.judge`.
    """
    try:
        return msgspec.json.decode(body), b"\\u" not in body
    except MALFORMED as error:
        if b"\\u" in body or "out of range" in str(error):
            try:
                return json.loads(body.decode(), parse_constant=no_constant, parse_int=any_whole), False
            except MALFORMED:
                pass  # the first decoder's message is the clearer one
        raise RequestRefused("malformed_json", f"The body is not valid JSON: {error}.") from error


def decode_line(line: bytes) -> tuple[Any, bool]:
    """One line of NDJSON, as above; a line that is no JSON is refused as an event, not with the whole request."""
    try:
        return decode_json(line)
    except RequestRefused:
        return Unreadable(line.decode("utf-8", "replace")), True


def any_whole(digits: str) -> int | float:
    """A whole number; one of more digits than JSON numbers are read with is too large, as 1e999 is."""
    return int(digits) if len(digits) < WHOLE_DIGITS_MAX else float("inf")


def no_constant(name: str) -> Any:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise ValueError(f"{name} is not JSON")


def shape(value: Any, clean: bool) -> Batch:
    """The batch in a decoded body. Raises RequestRefused(malformed_body)."""
    if isinstance(value, list):
        return Batch(events=value, clean=clean)  # pyright: ignore[reportUnknownArgumentType]
    if not isinstance(value, dict) or not value:
        raise RequestRefused(
            "malformed_body", "The body must be an envelope with events, an array of events, or one event."
        )
    envelope: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
    if "events" not in envelope:
        return shape_single(envelope, clean)
    events = envelope["events"]
    if not isinstance(events, list):
        raise RequestRefused("malformed_body", "events must be an array.", "events")
    context = envelope.get("context")
    if context is not None and not isinstance(context, dict):
        raise RequestRefused("malformed_body", "context must be an object.", "context")
    return Batch(
        events=events,  # pyright: ignore[reportUnknownArgumentType]
        clean=clean,
        key=text_or_none(envelope.get("key")),
        uuid=envelope.get("uuid"),
        context=context or {},  # pyright: ignore[reportUnknownArgumentType]
        sent=clock_or_none(envelope.get("sent")),
        source=text_or_none(envelope.get("source")),
        token=text_or_none(envelope.get("token")),
        dropped=count_or_zero(envelope.get("dropped")),
    )


def shape_single(event: dict[str, Any], clean: bool) -> Batch:
    """One bare event; `key` may stand in it, since there is no envelope around it."""
    if "action" not in event and ("key" in event or "sent" in event):
        raise RequestRefused("malformed_body", "The envelope has no events.", "events")
    return Batch(
        events=[event],
        clean=clean,
        key=text_or_none(event.get("key")),
        sent=clock_or_none(event.get("sent")),
    )


def count_or_zero(value: Any) -> int:
    """How many events a sender says it gave up; what is no sensible count is passed over."""
    return value if type(value) is int and 0 < value <= DROPPED_MAX else 0


def text_or_none(value: Any) -> str | None:
    """A text, or None for anything else."""
    return value if isinstance(value, str) else None


def clock_or_none(value: Any) -> int | None:
    """A client clock in milliseconds; anything that is none is passed over, not refused: it only mends times."""
    return int(value) if type(value) in (int, float) and 0 < value < 2**53 else None
