"""For any input: bytes give a batch or a refusal, values give an event or a rejection, and what is kept reads back."""

import json
from typing import Any, cast

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trackway.collect.decode import Batch, decode_body
from trackway.collect.verdicts import Sender, make_record
from trackway.errors import RequestRefused
from trackway.event import ACTION, UUID_TEXT, Event, Rejection, judge
from trackway.event import Defaults as EventDefaults
from trackway.record import Record, decode_record, encode_record, split_group
from trackway.site import Site

UUID = "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f7081"
SITE = Site("s", "s", "k")
RECEIVED = 1_700_000_000_000
EVENTS_MAX = 50

NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
ANY_TEXT = st.text(st.sampled_from("a.\x00\ud800\udc00") | st.characters(), max_size=10)  # halves of pairs too
NAMES = st.sampled_from(["id", "uuid", "action", "label", "time", "params", "seq", "session", "customer", "x"])
LIKELY: st.SearchStrategy[Any] = st.sampled_from(
    [UUID, UUID.upper(), "page.visit", "a.b", "session.end", "client.identify", 5, "", None, {}, []]
)
EVENTS = st.dictionaries(NAMES, LIKELY | VALUES)
ENVELOPE_NAMES = st.sampled_from(["key", "sent", "uuid", "context", "events", "token", "source", "action"])
BODIES = VALUES | st.lists(EVENTS, max_size=4) | EVENTS | st.dictionaries(ENVELOPE_NAMES, VALUES | st.lists(EVENTS))


def collect(body: bytes, lines: bool) -> Record | None:
    """What the collector keeps of a body, None where it refuses the whole. Anything else is a failure."""
    try:
        batch = decode_body(body, EVENTS_MAX, lines)
    except RequestRefused as refused:
        assert refused.status in (400, 413)
        return None
    assert isinstance(batch, Batch)
    return make_record(Sender(SITE, "k", lines, "", ""), batch, RECEIVED)


def spool_and_back(record: Record) -> Record:
    (payload,) = split_group(encode_record(record))
    return decode_record(payload)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        named = cast("dict[str, Any]", value)
        return {name: without_nulls(item) for name, item in named.items() if item is not None}
    if isinstance(value, list):
        listed = cast("list[Any]", value)
        return [without_nulls(item) for item in listed if item is not None]
    return value


def check_whole(record: Record) -> None:
    """The record says the same after the spool, and has a verdict for each event received."""
    again = spool_and_back(record)

    assert msgspec.to_builtins(again.events, builtin_types=(msgspec.Raw,)) == msgspec.to_builtins(
        record.events, builtin_types=(msgspec.Raw,)
    )
    assert again.n == len(again.events) + len(again.refused)
    assert all(json.loads(bytes(refusal.event)) is not ... for refusal in again.refused)
    for event in again.events:
        assert ACTION.match(event.action)
        assert event.customer or UUID_TEXT.match(event.uuid)


@settings(max_examples=500)
@given(st.binary(max_size=300), st.booleans())
@example(b'{"events":[{}]}', False)
@example(b"\xff\n{}\n", True)
def test_any_bytes_give_a_batch_or_a_refusal(body: bytes, lines: bool) -> None:
    record = collect(body, lines)

    if record is not None:
        check_whole(record)


@settings(max_examples=500)
@given(BODIES, st.booleans(), st.booleans())
def test_any_json_gives_a_verdict_for_each_event(value: Any, lines: bool, escaped: bool) -> None:
    record = collect(json.dumps(value, ensure_ascii=escaped).encode(), lines)

    if record is not None:
        check_whole(record)


@settings(max_examples=300)
@given(st.dictionaries(NAMES, LIKELY | ANY_TEXT), st.integers(0, 3))
@example({"label": "\ud800"}, 1)
def test_half_pairs_anywhere_leave_the_record_readable(event: dict[str, Any], good: int) -> None:
    events = [{"action": "a.b", "uuid": UUID}] * good + [event]

    record = collect(json.dumps(events).encode(), lines=False)

    assert record is not None
    check_whole(record)


@settings(max_examples=500)
@given(VALUES, st.booleans(), st.booleans())
def test_any_value_among_events_is_judged(raw: Any, from_server: bool, clean_text: bool) -> None:
    verdict = judge(raw, 0, EventDefaults(from_server=from_server, clean_text=clean_text), UUID)

    assert isinstance(verdict, Event | Rejection)


@settings(max_examples=500)
@given(
    st.dictionaries(st.text(max_size=8), VALUES, max_size=5), st.dictionaries(st.text(max_size=8), VALUES, max_size=3)
)
def test_params_kept_are_params_given(params: dict[str, Any], context: dict[str, Any]) -> None:
    body = {"context": context, "events": [{"action": "a.b", "uuid": UUID, "params": params}]}
    record = collect(json.dumps(body, ensure_ascii=False).encode(), lines=False)
    assert record is not None

    for event in spool_and_back(record).events:
        expected = without_nulls(context) | without_nulls(params)
        expected.pop("time", None)
        kept = json.loads(bytes(event.params))
        assert json.dumps(kept, sort_keys=True) == json.dumps(expected, sort_keys=True)
