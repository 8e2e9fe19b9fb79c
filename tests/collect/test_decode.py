"""Bytes → batch: the shapes a body may have, and that what is wrong with one event stays with that event."""

import json
from typing import Any

import pytest

from trackway.collect.decode import Batch, decode_body
from trackway.collect.verdicts import Sender, make_record
from trackway.errors import RequestRefused
from trackway.record import Record, decode_record, encode_record, split_group
from trackway.site import Site

UUID = "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f7081"
GOOD = f'{{"action":"a.b","uuid":"{UUID}"}}'
MANY = 1000


def decode(text: str, lines: bool = False) -> Batch:
    return decode_body(text.encode(), MANY, lines)


def refusal(body: bytes) -> tuple[str, str | None]:
    with pytest.raises(RequestRefused) as refused:
        decode_body(body, MANY)
    return refused.value.code, refused.value.field


def spool_and_back(body: bytes, lines: bool = False) -> Record:
    """What the loader will read of a body that the collector has answered 200."""
    sender = Sender(Site("s", "s", "k"), "k", False, "", "")
    group = encode_record(make_record(sender, decode_body(body, MANY, lines), 1_700_000_000_000))
    (payload,) = split_group(group)
    return decode_record(payload)


def test_envelope() -> None:
    batch = decode(
        '{"key":"k","sent":5,"uuid":"u","token":"t","source":"mobile","context":{"a":1},"events":[{}],"x":[]}'
    )

    assert batch == Batch([{}], True, "k", "u", {"a": 1}, 5, "mobile", "t")


@pytest.mark.parametrize(
    ("body", "events"),
    [
        ("[]", []),
        ('{"events":[]}', []),
        (f"[{GOOD},{GOOD}]", [json.loads(GOOD)] * 2),
        ("[1,null]", [1, None]),
        (GOOD, [json.loads(GOOD)]),
        (f" \n\t{GOOD}\r\n ", [json.loads(GOOD)]),
        ('{"label":"no action"}', [{"label": "no action"}]),
    ],
)
def test_bare_arrays_and_bare_events(body: str, events: list[Any]) -> None:
    assert decode(body).events == events


def test_key_may_stand_in_a_bare_event() -> None:
    assert decode('{"key":"k","sent":7,"action":"a.b"}') == Batch(
        [{"key": "k", "sent": 7, "action": "a.b"}], True, key="k", sent=7
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{}", None),
        (b"null", None),
        (b"5", None),
        (b'"events"', None),
        (b'{"key":"k"}', "events"),
        (b'{"sent":5,"uuid":"u"}', "events"),
        (b'{"events":{}}', "events"),
        (b'{"events":null}', "events"),
        (b'{"events":[],"context":[]}', "context"),
        (b'{"events":[],"context":"x"}', "context"),
    ],
)
def test_body_of_another_shape_is_malformed_body(body: bytes, field: str | None) -> None:
    assert refusal(body) == ("malformed_body", field)


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"{", b"[1,]", b"{'a':1}", b"[NaN]", b"[Infinity]", b"[-Infinity]", b'["\\u0041",NaN]',
        b'["\\u0041",Infinity]', b"\xff", b'["\xed\xa0\x80"]', b'["a\x00b"]', b"[1] [2]", b"\xef\xbb\xbf[]",
        b"[01]", b"[" * 100_000, b'{"a":' * 100_000, b'["\\u0041",' + b"[" * 100_000, b"[" + b"9" * 5000 + b',"\\u"]',
    ],
)  # fmt: skip
def test_what_is_no_json_is_malformed_json(body: bytes) -> None:
    assert refusal(body) == ("malformed_json", None)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("sent", '"5"', None),
        ("sent", "-1", None),
        ("sent", "0", None),
        ("sent", "true", None),
        ("sent", "9007199254740992", None),
        ("sent", "9007199254740991", 2**53 - 1),
        ("sent", "5.9", 5),
        ("key", "5", None),
        ("source", "[]", None),
        ("token", "{}", None),
        ("context", "null", {}),
    ],
)
def test_envelope_field_of_the_wrong_kind_is_as_if_absent(name: str, value: str, kept: Any) -> None:
    assert getattr(decode(f'{{"events":[],"{name}":{value}}}'), name) == kept


def test_lines_are_events_and_blank_ones_are_none() -> None:
    batch = decode(f"{GOOD}\n\n{GOOD}\r\n   \n[]\n", lines=True)

    assert batch.events == [json.loads(GOOD), json.loads(GOOD), []]


def test_line_that_is_no_json_is_refused_alone_and_kept_as_it_came() -> None:
    record = spool_and_back(f"{GOOD}\n{{oops\n".encode() + b"\xff\n" + GOOD.encode(), lines=True)

    assert len(record.events) == 2
    assert [refusal.why.index for refusal in record.refused] == [1, 2]
    assert [json.loads(bytes(refusal.event)) for refusal in record.refused] == ["{oops", "\ufffd"]
    assert {refusal.why.code for refusal in record.refused} == {"event_invalid"}


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize(("count", "refused"), [(MANY, False), (MANY + 1, True)])
def test_number_of_events_is_limited(lines: bool, count: int, refused: bool) -> None:
    body = "\n".join([GOOD] * count) if lines else f"[{','.join([GOOD] * count)}]"

    try:
        found = len(decode(body, lines).events)
    except RequestRefused as error:
        found = -1
        assert (error.code, error.field) == ("too_many_events", "events")

    assert (found == -1) is refused


LONE_SURROGATES = [
    r'{"action":"a.b","uuid":"%s","label":"\ud800"}',
    r'{"action":"a.b","uuid":"%s","params":{"x":"\udc00\ud800"}}',
    r'{"action":"a.b","uuid":"%s","params":{"\ud800":1}}',
    r'{"action":"\ud800","uuid":"%s"}',
    r'{"action":"a.b","uuid":"%s","id":"\ud800"}',
    r'{"action":"a.b","uuid":"\ud800%s"}',
    r'"\ud800%s"',
]


@pytest.mark.parametrize("bad", LONE_SURROGATES)
def test_half_a_surrogate_pair_refuses_only_its_event(bad: str) -> None:
    record = spool_and_back(f"[{GOOD},{bad % UUID},{GOOD}]".encode())

    assert (len(record.events), [refusal.why.index for refusal in record.refused]) == (2, [1])


def test_number_beyond_json_beside_an_escape_refuses_only_its_event() -> None:
    bad = f'{{"action":"a.b","uuid":"{UUID}","params":{{"x":1e999,"y":"\\ud800"}}}}'

    record = spool_and_back(f"[{GOOD},{bad},{GOOD}]".encode())

    assert (len(record.events), [refusal.why.index for refusal in record.refused]) == (2, [1])


def test_escaped_nul_refuses_only_its_event_and_whole_pairs_pass() -> None:
    nul = f'{{"action":"a.b","uuid":"{UUID}","label":"\\u0000"}}'
    pair = f'{{"action":"a.b","uuid":"{UUID}","label":"\\ud83d\\ude00"}}'

    record = spool_and_back(f"[{nul},{pair}]".encode())

    assert [refusal.why.code for refusal in record.refused] == ["label_invalid"]
    assert [event.label for event in record.events] == ["😀"]


@pytest.mark.parametrize("depth", [6, 100, 500, 900])
def test_deep_event_is_refused_alone(depth: int) -> None:
    deep = '{"a":' * depth + "1" + "}" * depth

    record = spool_and_back(f'[{GOOD},{{"action":"a.b","uuid":"{UUID}","params":{deep}}}]'.encode())

    assert len(record.events) == 1
    assert [refusal.why.code for refusal in record.refused] == ["params_too_large"]


def test_depth_at_the_decoders_limit_is_refused_and_never_fails() -> None:
    for depth in range(850, 1050):
        deep = '{"a":' * depth + "1" + "}" * depth
        body = f'[{{"action":"a.b","uuid":"{UUID}","params":{deep}}}]'.encode()

        try:
            assert not spool_and_back(body).events
        except RequestRefused as refused:
            assert refused.code == "malformed_json"


@pytest.mark.parametrize("escape", ["", r',"t":"\u00e9"'])
@pytest.mark.parametrize("number", ["18446744073709551616", "-9223372036854775809", "1180591620717411303424"])
def test_numbers_beyond_64_bits_keep_their_type(number: str, escape: str) -> None:
    record = spool_and_back(f'[{{"action":"a.b","uuid":"{UUID}","params":{{"x":{number}{escape}}}}}]'.encode())

    assert [bytes(event.params).decode().split(":")[1].split(",")[0].rstrip("}") for event in record.events] == [number]
