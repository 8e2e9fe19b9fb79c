"""What a valid event is: each rule of the contract on both sides of its line, as tables."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from trackway.collect.decode import Batch
from trackway.collect.verdicts import Sender, make_record
from trackway.event import EVENT_BYTES_MAX, REASONS, Defaults, Event, Rejection, judge
from trackway.site import Site, SiteSettings

UUID = "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f7081"
RECEIVED = 1_700_000_000_000
DAY_MS = 86_400_000


def decide(raw: Any, **defaults: Any) -> Event | Rejection:
    return judge(raw, 3, Defaults(**defaults), UUID)


def accept(raw: Mapping[str, Any], **defaults: Any) -> Event:
    verdict = decide({"action": "test.event", "uuid": UUID, **raw}, **defaults)
    assert isinstance(verdict, Event), verdict
    return verdict


def params_of(event: Event) -> Any:
    return json.loads(bytes(event.params))


def nested(depth: int) -> dict[str, Any]:
    """An object of `depth` levels, counted as the contract counts params: the outermost is the first."""
    return {"a": nested(depth - 1)} if depth > 1 else {}


REFUSED: list[tuple[Any, str, str | None]] = [
    ({"action": None}, "action_missing", "action"),
    ({"action": ""}, "action_missing", "action"),
    ({"action": 7}, "action_invalid", "action"),
    ({"action": ["a.b"]}, "action_invalid", "action"),
    ({"action": "product"}, "action_invalid", "action"),
    ({"action": "product."}, "action_invalid", "action"),
    ({"action": ".view"}, "action_invalid", "action"),
    ({"action": "..."}, "action_invalid", "action"),
    ({"action": "product view.x"}, "action_invalid", "action"),
    ({"action": "product.view\n"}, "action_invalid", "action"),
    ({"action": "próduct.view"}, "action_invalid", "action"),
    ({"action": "a.b/c"}, "action_invalid", "action"),
    ({"action": "a." + "b" * 31}, "action_too_long", "action"),
    ({"label": 5}, "label_invalid", "label"),
    ({"label": ["x"]}, "label_invalid", "label"),
    ({"label": "x" * 257}, "label_invalid", "label"),
    ({"label": "a\x00b"}, "label_invalid", "label"),
    ({"label": "a\ud800b"}, "label_invalid", "label"),
    ({"time": "yesterday"}, "time_invalid", "time"),
    ({"time": "2024-05-01T10:20:30"}, "time_invalid", "time"),
    ({"time": 1.5}, "time_invalid", "time"),
    ({"time": True}, "time_invalid", "time"),
    ({"time": ""}, "time_invalid", "time"),
    ({"time": {}}, "time_invalid", "time"),
    ({"time": 253_402_300_800_000}, "time_invalid", "time"),
    ({"time": -62_135_596_800_001}, "time_invalid", "time"),
    ({"params": {"time": "soon"}}, "time_invalid", "params.time"),
    ({"uuid": None}, "uuid_missing", "uuid"),
    ({"uuid": ""}, "uuid_invalid", "uuid"),
    ({"uuid": 5}, "uuid_invalid", "uuid"),
    ({"uuid": UUID.replace("-", "")}, "uuid_invalid", "uuid"),
    ({"uuid": UUID + "\n"}, "uuid_invalid", "uuid"),
    ({"uuid": "{" + UUID + "}"}, "uuid_invalid", "uuid"),
    ({"id": "42"}, "id_invalid", "id"),
    ({"id": 42}, "id_invalid", "id"),
    ({"id": ""}, "id_invalid", "id"),
    ({"params": []}, "params_invalid", "params"),
    ({"params": "x"}, "params_invalid", "params"),
    ({"params": 0}, "params_invalid", "params"),
    ({"params": {"x": "a\x00b"}}, "params_invalid", "params"),
    ({"params": {"x\x00": 1}}, "params_invalid", "params"),
    ({"params": {"x": ["a", {"y": "\udfff"}]}}, "params_invalid", "params"),
    ({"params": {"\ud800": 1}}, "params_invalid", "params"),
    ({"params": {"x": float("inf")}}, "params_invalid", "params"),
    ({"params": {f"k{n}": 1 for n in range(257)}}, "params_too_large", "params"),
    ({"params": {"x": {f"k{n}": 1 for n in range(257)}}}, "params_too_large", "params"),
    ({"params": {"k" * 129: 1}}, "params_too_large", "params"),
    ({"params": nested(6)}, "params_too_large", "params"),
    ({"params": {"a": [[[[[]]]]]}}, "params_too_large", "params"),
    ({"params": {"x": "y" * EVENT_BYTES_MAX}}, "params_too_large", "params"),
    ({"action": "session.end"}, "server_only", "action"),
    ({"session": "x"}, "event_invalid", "session"),
    ({"seq": -1}, "event_invalid", "seq"),
    ({"seq": 1.5}, "event_invalid", "seq"),
    ({"seq": True}, "event_invalid", "seq"),
    ({"seq": 2**63}, "event_invalid", "seq"),
]


@pytest.mark.parametrize(("fields", "code", "field"), REFUSED)
def test_refused_with_its_code_and_field(fields: Mapping[str, Any], code: str, field: str) -> None:
    verdict = decide({"action": "test.event", "uuid": UUID, **fields})

    assert isinstance(verdict, Rejection)
    assert (verdict.code, verdict.field, verdict.index) == (code, f"events[3].{field}", 3)
    assert verdict.code in REASONS
    assert verdict.message.endswith((".", "uuid"))


@pytest.mark.parametrize("raw", [None, 5, "a.b", [], [{}], True, 1.5])
def test_what_is_no_object_is_event_invalid(raw: Any) -> None:
    verdict = decide(raw)

    assert isinstance(verdict, Rejection)
    assert (verdict.code, verdict.field, verdict.id) == ("event_invalid", "events[3]", None)


@pytest.mark.parametrize("given", [UUID, UUID.upper()])
def test_refused_event_is_answered_with_the_id_it_gave_itself(given: str) -> None:
    verdict = decide({"id": given, "action": "bad"})

    assert isinstance(verdict, Rejection)
    assert verdict.id == UUID


TAKEN: list[Mapping[str, Any]] = [
    {"action": "a.b"},
    {"action": "a." + "b" * 30},
    {"action": "A-1_x.y.z"},
    {"action": "a..b"},
    {"label": "x" * 256},
    {"label": "😀" * 256},
    {"label": ""},
    {"label": None},
    {"time": None},
    {"time": 0},
    {"time": -1},
    {"time": 253_402_300_799_999},
    {"time": -62_135_596_800_000},
    {"params": None},
    {"params": {}},
    {"params": {f"k{n}": 1 for n in range(256)}},
    {"params": {"k" * 128: 1}},
    {"params": nested(5)},
    {"params": {"a": [[[[]]]]}},
    {"params": {"x": "y" * (EVENT_BYTES_MAX - 300)}},
    {"seq": 0},
    {"seq": 2**63 - 1},
    {"session": UUID.upper()},
    {"unknown": {"anything": [1]}, "customer": "not looked at here"},
]


@pytest.mark.parametrize("fields", TAKEN)
def test_taken_up_to_the_limit(fields: Mapping[str, Any]) -> None:
    verdict = decide({"action": "test.event", "uuid": UUID, **fields})

    assert isinstance(verdict, Event), verdict


def test_whole_event_is_held_to_32_kib_as_it_is_kept() -> None:
    sizes = range(EVENT_BYTES_MAX - 400, EVENT_BYTES_MAX)
    verdicts = [decide({"action": "a.b", "uuid": UUID, "params": {"x": "y" * n}}) for n in sizes]

    kept = [len(msgspec.json.encode(verdict)) for verdict in verdicts if isinstance(verdict, Event)]
    refused = [verdict.code for verdict in verdicts if isinstance(verdict, Rejection)]

    assert max(kept) <= EVENT_BYTES_MAX
    assert set(refused) == {"params_too_large"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1_556_474_400_000, 1_556_474_400_000),
        (1_556_474_400_000.0, 1_556_474_400_000),
        ("2024-05-01T10:20:30Z", 1_714_558_830_000),
        ("2024-05-01T12:20:30+02:00", 1_714_558_830_000),
        ("2024-05-01T10:20:30.001Z", 1_714_558_830_001),
        ("2024-05-01T10:20:30.999Z", 1_714_558_830_999),
        ("2024-05-01T10:20:30.9999Z", 1_714_558_830_999),
        ("1969-12-31T23:59:59.999Z", -1),
        ("20240501T102030Z", 1_714_558_830_000),
    ],
)
def test_time_is_read_to_the_millisecond(given: Any, expected: int) -> None:
    assert accept({"time": given}).time == expected


def test_each_millisecond_of_iso_8601_is_kept() -> None:
    read = [accept({"time": f"2026-11-23T07:48:42.{ms:03d}Z"}).time for ms in range(1000)]

    assert read[0] is not None
    assert read == list(range(read[0], read[0] + 1000))


REQUIRED = [
    ("page.visit", {"url": "u"}),
    ("element.click", {"element": "e"}),
    ("element.view", {"element": "e"}),
    ("element.hover", {"element": "e", "duration": 5}),
    ("form.submit", {"form": "f"}),
    ("form.abandon", {"form": "f"}),
    ("screen.view", {"name": "n"}),
    ("screen.click", {"element": "e"}),
]


@pytest.mark.parametrize(
    ("action", "name", "good"), [(action, name, good) for action, good in REQUIRED for name in good]
)
def test_built_in_needs_its_params(action: str, name: str, good: dict[str, Any]) -> None:
    missing = decide({"action": action, "uuid": UUID, "params": {**good, name: None}})
    wrong = decide({"action": action, "uuid": UUID, "params": {**good, name: True}})

    assert isinstance(missing, Rejection)
    assert isinstance(wrong, Rejection)
    assert (missing.code, missing.field) == ("param_missing", f"events[3].params.{name}")
    assert (wrong.code, wrong.field) == ("param_type", f"events[3].params.{name}")


@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("page.visit", {"url": "https://shop.example/"}),
        ("element.hover", {"element": "banner", "duration": 1}),
        ("element.hover", {"element": "banner", "duration": 1.5}),
        ("client.identify", {"customId": "7"}),
        ("client.identify", {"customId": 7}),
        ("client.identify", {"email": "a@b.example"}),
        ("session.start", {}),
    ],
)
def test_built_in_with_its_params_is_taken(action: str, params: dict[str, Any]) -> None:
    assert params_of(accept({"action": action, "params": params})) == params


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"name": "x"},
        {"customId": ""},
        {"customId": None, "email": None},
        pytest.param(
            {"customId": True},
        ),
        pytest.param(
            {"customId": {"a": 1}},
        ),
    ],
)
def test_identify_needs_one_identifier(params: dict[str, Any]) -> None:
    verdict = decide({"action": "client.identify", "uuid": UUID, "params": params})

    assert isinstance(verdict, Rejection)
    assert verdict.code in ("param_missing", "param_type")


def test_session_end_is_taken_from_a_server() -> None:
    assert accept({"action": "session.end"}, from_server=True).action == "session.end"


PASSED: list[Any] = [
    1, 1.0, -0.0, 2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1, 0.1, 1e300, "", "ünï 😀", "\x01\t\n\\\"</script>",
    True, False, [], {}, [1, "a", True, {"b": [2.0]}],
]  # fmt: skip


@pytest.mark.parametrize("value", PASSED)
def test_params_pass_through_unchanged(value: Any) -> None:
    kept = params_of(accept({"params": {"x": value}}))

    assert json.dumps(kept) == json.dumps({"x": value})


def test_nulls_are_dropped_at_every_level() -> None:
    event = accept({"params": {"a": None, "b": {"c": None, "d": [None, 1, {"e": None}]}}})

    assert params_of(event) == {"b": {"d": [1, {}]}}


@pytest.mark.parametrize("reserved", ["ip", "received", "site", "customer", "authenticated", "source"])
def test_reserved_params_are_kept_as_params(reserved: str) -> None:
    assert params_of(accept({"params": {reserved: "mine"}})) == {reserved: "mine"}


def test_params_time_of_a_custom_event_is_its_time() -> None:
    event = accept({"action": "entries.count", "time": 5, "params": {"time": 1_556_474_400_000, "entries": 27}})

    assert (event.time, event.told, params_of(event)) == (1_556_474_400_000, True, {"entries": 27})


def test_params_time_of_a_built_in_stays_a_param() -> None:
    event = accept({"action": "page.visit", "time": 5, "params": {"time": 7, "url": "u"}})

    assert (event.time, params_of(event)) == (5, {"time": 7, "url": "u"})


def test_context_lies_under_params() -> None:
    event = accept({"params": {"b": 2, "c": None}}, context={"a": 1, "b": 1, "c": 1, "d": None})

    assert params_of(event) == {"a": 1, "b": 2, "c": 1}


@pytest.mark.parametrize(
    ("context", "code"),
    [
        ({"x": "\x00"}, "params_invalid"),
        (nested(6), "params_too_large"),
        ({f"c{n}": 1 for n in range(200)}, "params_too_large"),
    ],
)
def test_context_is_held_to_the_rules_of_params(context: dict[str, Any], code: str) -> None:
    params = {f"p{n}": 1 for n in range(57)}

    verdict = decide({"action": "a.b", "uuid": UUID, "params": params}, context=context)

    assert isinstance(verdict, Rejection)
    assert verdict.code == code


def test_envelope_uuid_is_the_default_and_the_events_own_wins() -> None:
    other = UUID.replace("0", "f").upper()

    assert accept({"uuid": None}, uuid=other).uuid == other.lower()
    assert accept({"uuid": UUID.upper()}, uuid=other).uuid == UUID


@pytest.mark.parametrize("given", [{}, {"customId": 5}, {"customId": ""}, {"email": "x" * 257}, [], "x", {"name": "x"}])
def test_customer_without_an_identifier_is_refused(given: Any) -> None:
    verdict = decide({"action": "a.b", "customer": given}, from_server=True)

    assert isinstance(verdict, Rejection)
    assert (verdict.code, verdict.field) == ("uuid_missing", "events[3].customer")


def test_customer_stands_in_for_a_uuid_on_the_server_route_only() -> None:
    raw = {"action": "a.b", "customer": {"customId": "7", "email": "A@b.example"}}

    by_server, by_browser = decide(raw, from_server=True), decide(raw)

    assert isinstance(by_server, Event)
    assert (by_server.uuid, by_server.customer) == ("", {"customId": "7", "email": "A@b.example"})
    assert isinstance(by_browser, Rejection)
    assert by_browser.code == "uuid_missing"


@pytest.mark.parametrize(("age_ms", "refused"), [(DAY_MS, False), (DAY_MS + 1, True), (-1000, False)])
def test_past_limit_of_a_site_holds_to_the_millisecond(age_ms: int, refused: bool) -> None:
    site = Site("s", "s", "k", settings=SiteSettings(past_limit_days=1))
    event = {"action": "a.b", "uuid": UUID, "time": RECEIVED - age_ms}

    record = make_record(Sender(site, "k", False, "", ""), Batch([event], True), RECEIVED)

    assert [refusal.why.code for refusal in record.refused] == (["time_too_old"] if refused else [])


@pytest.mark.parametrize(
    "fields",
    [
        {},
        pytest.param(
            {"id": None},
        ),
    ],
)
def test_event_without_an_id_is_given_one(fields: Mapping[str, Any]) -> None:
    site = Site("s", "s", "k")
    raw = {"action": "a.b", "uuid": UUID, **fields}

    record = make_record(Sender(site, "k", False, "", ""), Batch([raw, raw], True), RECEIVED)

    assert len({event.id for event in record.events}) == 2
    assert all(len(event.id) == 36 and event.id[14] == "7" for event in record.events)
