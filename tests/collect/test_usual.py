"""The usual request takes the short way, and comes to the same record as on the whole way; nothing else takes it."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import event as note
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trackway.collect.decode import decode_body
from trackway.collect.usual import UsualBatch, UsualEvent, are_usual, decode_usual
from trackway.collect.verdicts import Sender, make_record
from trackway.definition import Catalogue, Definition
from trackway.errors import RequestRefused
from trackway.event import PARAM_KEY_LENGTH_MAX, PARAM_KEYS_MAX, TIME_MS_MAX, TIME_MS_MIN
from trackway.record import Record, decode_record, encode_record, split_group
from trackway.rules import Mode, Rules, gate_of
from trackway.site import Site, SiteSettings

UUID = "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f7081"
OTHER = "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f7082"
RECEIVED = 1_700_000_000_000
MANY = 1_000
VISIT: dict[str, Any] = {"id": OTHER, "action": "page.visit", "params": {"url": "https://a.example/"}}
CUSTOM: dict[str, Any] = {"id": OTHER, "action": "product.view", "params": {}}


def sender(server: bool = False, **settings: Any) -> Sender:
    return Sender(Site("s", "s", "k", settings=SiteSettings(**settings)), "k", server, "", "")


def envelope(*events: Any, **fields: Any) -> bytes:
    return json.dumps({"key": "k", "uuid": UUID, "events": list(events)} | fields, ensure_ascii=False).encode()


def is_usual(body: bytes, server: bool = False) -> bool:
    batch = decode_usual(body, MANY)
    return batch is not None and are_usual(batch, server, len(body))


def kept(batch: Any, body: bytes, who: Sender) -> Record:
    """The record as the loader reads it."""
    (payload,) = split_group(encode_record(make_record(who, batch, RECEIVED, body)))
    return decode_record(payload)


def long_way(body: bytes, who: Sender) -> Record:
    return kept(decode_body(body, MANY), body, who)


def both_ways(body: bytes, who: Sender) -> tuple[Record, Record]:
    batch = decode_usual(body, MANY)
    assert batch is not None
    return kept(batch, body, who), long_way(body, who)


@pytest.mark.parametrize(
    "body",
    [
        envelope(),
        envelope(VISIT),
        envelope(CUSTOM, VISIT, sent=5, source="mobile", context={}, more=[1, {}]),
        envelope(VISIT | {"time": RECEIVED, "label": "ünï 😀", "session": UUID, "seq": 2**63 - 1, "extra": None}),
        envelope(VISIT | {"uuid": OTHER, "time": None, "seq": None}, uuid=None),
        envelope(CUSTOM | {"params": {"a": 1, "b": 1.5, "c": True, "d": "x", "e": 2**70, "f": -0.0}}),
        envelope(VISIT | {"time": TIME_MS_MIN}, VISIT | {"time": TIME_MS_MAX}),
        envelope(VISIT | {"params": {"url": "u", "time": "of the page's own"}}),
        envelope({"id": OTHER, "action": "element.hover", "params": {"element": "b", "duration": 1.5}}),
        envelope(CUSTOM | {"params": {"k" * PARAM_KEY_LENGTH_MAX: 1}}),
        envelope(CUSTOM | {"params": {f"k{number}": number for number in range(PARAM_KEYS_MAX)}}),
        envelope(*[CUSTOM | {"params": {"text": "x" * 20_000}}] * 5),
    ],
)
def test_usual_request_comes_to_the_same_record(body: bytes) -> None:
    short, whole = both_ways(body, sender())

    assert is_usual(body)
    assert short == whole
    assert not short.refused


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        json.dumps(VISIT).encode(),
        json.dumps([VISIT]).encode(),
        envelope(VISIT, context={"a": 1}),
        envelope(VISIT, context=5),
        envelope(VISIT, token="t"),
        envelope(VISIT, uuid=5),
        envelope(VISIT, sent="now"),
        envelope(VISIT, uuid=None),
        envelope(VISIT, uuid=UUID.upper()),
        envelope(VISIT | {"id": OTHER.upper()}),
        envelope(VISIT | {"id": "x"}),
        envelope(VISIT | {"id": f"{OTHER},{OTHER}"}),
        envelope(VISIT | {"session": "x"}),
        envelope({name: value for name, value in VISIT.items() if name != "id"}),
        envelope({name: value for name, value in CUSTOM.items() if name != "params"}),
        envelope(VISIT | {"action": "page"}),
        envelope(VISIT | {"action": "page.visit" * 4}),
        envelope(VISIT | {"action": "session.end"}),
        envelope(VISIT | {"action": "client.identify", "params": {"email": "a@b.example"}}),
        envelope(VISIT | {"params": {}}),
        envelope(VISIT | {"params": {"url": 5}}),
        envelope(CUSTOM | {"params": {"time": RECEIVED}}),
        envelope(CUSTOM | {"params": {"a": None}}),
        envelope(CUSTOM | {"params": {"a": []}}),
        envelope(CUSTOM | {"params": {"a": {}}}),
        envelope(CUSTOM | {"params": None}),
        envelope(CUSTOM | {"params": {"k" * (PARAM_KEY_LENGTH_MAX + 1): 1}}),
        envelope(CUSTOM | {"params": {f"k{number}": number for number in range(PARAM_KEYS_MAX + 1)}}),
        envelope(CUSTOM | {"params": {"text": "x" * 33_000}}),
        envelope(VISIT | {"time": TIME_MS_MAX + 1}),
        envelope(VISIT | {"time": "2026-01-01T00:00:00Z"}),
        envelope(VISIT | {"label": "x" * 257}),
        envelope(VISIT | {"label": None}),
        envelope(VISIT | {"seq": -1}),
        envelope(VISIT | {"seq": True}),
        envelope(CUSTOM | {"params": {"a": "\\u0000"}}),
        envelope(VISIT, 5),
    ],
)
def test_anything_else_takes_the_whole_way(body: bytes) -> None:
    assert not is_usual(body)


def test_too_many_events_are_refused_with_the_reason() -> None:
    body = envelope(*[VISIT] * 3)

    assert decode_usual(body, 2) is None
    with pytest.raises(RequestRefused, match="3 events"):
        decode_body(body, 2)


def test_server_may_name_a_customer_instead() -> None:
    assert not is_usual(envelope(VISIT), server=True)
    assert is_usual(envelope(VISIT | {"uuid": OTHER}), server=True)


def test_one_bad_event_sends_all_the_whole_way() -> None:
    body = envelope(VISIT, VISIT | {"params": {}}, CUSTOM)

    short, whole = both_ways(body, sender())

    assert short == whole
    assert [refusal.why.index for refusal in short.refused] == [1]


@pytest.mark.parametrize("mode", ["enforce", "report"])
@pytest.mark.parametrize("deny", [(), ("product.*",), ("*",), ("nothing.here",)])
def test_rules_are_held(mode: Mode, deny: tuple[str, ...]) -> None:
    rules = Rules(mode, (), deny)
    who = Sender(Site("s", "s", "k", rules=rules, gate=gate_of(rules, "this site")), "k", False, "", "")

    short, whole = both_ways(envelope(VISIT, CUSTOM), who)

    assert short == whole
    refused = sum(bool(fits) for fits in (deny == ("*",), deny in {("*",), ("product.*",)}))
    assert len(short.refused) == (refused if mode == "enforce" else 0)
    assert sum(bool(one.would_reject) for one in short.events) == (refused if mode == "report" else 0)


@pytest.mark.parametrize(
    ("params", "refused"), [({"n": 5}, []), ({"n": "five"}, ["param_type"]), ({}, ["param_missing"])]
)
def test_what_the_site_declares_is_held(params: dict[str, Any], refused: list[str]) -> None:
    schema = {"required": ["n"], "properties": {"n": {"type": "integer"}}}
    who = sender()._replace(catalogue=Catalogue([Definition("product.view", schema=schema)]))

    short, whole = both_ways(envelope(VISIT, CUSTOM | {"params": params}), who)

    assert short == whole
    assert [refusal.why.code for refusal in short.refused] == refused


def test_limit_of_the_past_is_held() -> None:
    body = envelope(VISIT | {"time": 1}, VISIT)

    short, whole = both_ways(body, sender(past_limit_days=1))

    assert short == whole
    assert [refusal.why.code for refusal in short.refused] == ["time_too_old"]


IDS = st.sampled_from([UUID, OTHER, UUID.upper(), f"{UUID}\n", f" {UUID}", "", None, 5])
TEXTS = st.text(max_size=8) | st.sampled_from(['"', "\\", "\x00", "\u2028", "é", "x" * 300])
SCALARS = TEXTS | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
PARAMS = st.dictionaries(
    st.sampled_from(["url", "element", "duration", "time", "email", "form"]) | TEXTS,
    SCALARS | st.none() | st.lists(SCALARS, max_size=2),
    max_size=4,
)
ACTIONS = st.sampled_from(["page.visit", "a.b", "element.hover", "client.identify", "session.end", "a..b", ".a", "ab"])
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "id": IDS, "action": ACTIONS | TEXTS, "params": PARAMS | SCALARS, "uuid": IDS, "time": SCALARS | st.none(),
        "label": TEXTS | st.none(), "session": IDS, "seq": SCALARS | st.none(), "told": st.booleans(),
        "customer": st.dictionaries(st.sampled_from(["email", "customId"]), TEXTS),
    },
)  # fmt: skip


def likely(change: dict[str, Any], action: str, params: dict[str, Any]) -> dict[str, Any]:
    return VISIT | {"action": action, "params": {"url": "u"} | params} | change


LIKELY_EVENTS = st.builds(
    likely,
    st.dictionaries(st.sampled_from(["uuid", "session"]), st.sampled_from([UUID, OTHER])),
    st.sampled_from(["page.visit", "a.b", "session.start"]),
    st.dictionaries(TEXTS, SCALARS, max_size=3),
)


@settings(max_examples=1_000)
@given(
    st.lists(LIKELY_EVENTS | EVENTS, max_size=3),
    st.dictionaries(st.sampled_from(["uuid", "sent", "source", "context", "token"]), SCALARS | IDS | PARAMS),
    st.booleans(),
)
@example([VISIT | {"told": True, "customer": {"email": "a@b"}}], {}, True)
@example([CUSTOM | {"params": {"a": 1e300, "b": 1e16, "c": 5e-324}}], {}, False)
def test_whatever_takes_the_short_way_comes_to_the_same_record(
    events: list[Any], fields: dict[str, Any], server: bool
) -> None:
    body = envelope(*events, **fields)
    batch = decode_usual(body, MANY)
    if batch is None or not are_usual(batch, server, len(body)):
        note("whole way")
        return
    note("short way")

    again = decode_usual(body, MANY)
    assert isinstance(again, UsualBatch)
    who = sender(server)
    assert kept(again, body, who) == long_way(body, who)


@given(
    st.lists(
        st.tuples(st.text(max_size=8), st.sampled_from(["1e1", "1e15", "-1e15", "1e16", "1E9", "1e300", "true", '""'])),
        max_size=PARAM_KEYS_MAX,
    )
)
def test_event_written_anew_grows_to_less_than_three_times_its_length(params: list[tuple[str, str]]) -> None:
    """What SMALL_BODY_BYTES_MAX rests on."""
    written = ",".join(f"{json.dumps(name, ensure_ascii=False)}:{value}" for name, value in params)
    event = f'{{"id":"{OTHER}","action":"a.b","params":{{{written}}}}}'.encode()

    assert len(msgspec.json.encode(msgspec.json.decode(event, type=UsualEvent))) < 3 * len(event)
