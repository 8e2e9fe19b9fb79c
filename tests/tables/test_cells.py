"""Cells and events, by tables: what a line of a file means, and that what is written is read back the same."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackway.tables.cells import COLUMNS, Cell, cells_of, disarm, event_of, rearm

UUID = "0d7e8a52-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("19.90", 19.9),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("007", "007"),
        ("+48600700800", "+48600700800"),
        ("1234567890123456", "1234567890123456"),
        ("1e5", "1e5"),
        ("true", True),
        ("True", "True"),
        ("NaN", "NaN"),
        ("'=1+1", "=1+1"),
        ("'quoted'", "'quoted'"),
        ("", None),
    ],
)
def test_a_cell_of_a_csv(cell: str, value: Any) -> None:
    event = event_of({"action": Cell("a.b"), "price": Cell(cell)}, ours=False)

    assert event.get("params", {}).get("price") == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 11, 23, 10, tzinfo=UTC), 1_795_428_000_000),
        (datetime(2026, 11, 23, 10), 1_795_428_000_000),
        (date(2026, 11, 23), "2026-11-23"),
        (bytes(range(16)), "00010203-0405-0607-0809-0a0b0c0d0e0f"),
        (b"ab", "YWI="),
        ({"a": [1, datetime(1970, 1, 1, tzinfo=UTC)]}, {"a": [1, 0]}),
        ("12", "12"),
        ("'=1", "'=1"),
        (1.5, 1.5),
        (False, False),
    ],
)
def test_a_value_of_a_parquet_file(value: Any, expected: Any) -> None:
    assert event_of({"action": "a.b", "x": value}, ours=False)["params"]["x"] == expected


def test_columns_named_like_fields_are_the_fields() -> None:
    cells = {
        "id": UUID, "action": "order.paid", "label": "Paid", "time": "1700000000000", "uuid": UUID.upper(), "seq": "7",
        "params": '{"total":19.90,"sku":"1"}', "params.total": "5", "shop": "north",
    }  # fmt: skip

    event = event_of({name: Cell(cell) for name, cell in cells.items()}, ours=False)

    assert event == {
        "id": UUID,
        "action": "order.paid",
        "label": "Paid",
        "time": 1_700_000_000_000,
        "uuid": UUID.upper(),
        "seq": 7,
        "params": {"total": 19.9, "sku": "1", "shop": "north"},
    }


def test_a_customer_stands_in_for_a_uuid() -> None:
    event = event_of({"action": Cell("order.paid"), "customId": Cell("0042"), "email": Cell("")}, ours=False)

    assert event == {"action": "order.paid", "customer": {"customId": "0042"}}


def test_what_is_wrong_stays_for_the_collector_to_refuse() -> None:
    event = event_of({"action": Cell("a.b"), "time": Cell("yesterday"), "params": Cell("{")}, ours=False)

    assert event == {"action": "a.b", "time": "yesterday", "params": "{"}


@given(st.text())
def test_disarmed_text_comes_back(text: str) -> None:
    assert rearm(disarm(text)) == text
    assert not disarm(text).startswith(("=", "+", "-", "@", "\t", "\r"))


shown_events = st.fixed_dictionaries(
    {
        "id": st.uuids().map(str),
        "site": st.just("shop"),
        "action": st.just("a.b"),
        "label": st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"), max_size=20),
        "time": st.integers(0, 10**13),
        "received": st.integers(0, 10**13),
        "uuid": st.uuids().map(str),
        "customer": st.uuids().map(str),
        "source": st.sampled_from(["web", "server"]),
        "authenticated": st.booleans(),
        "bot": st.booleans(),
        "params": st.dictionaries(
            st.sampled_from("abc"), st.one_of(st.integers(-5, 5), st.floats(0, 1), st.text("=-x"))
        ),
        "context": st.just({"browser": "Firefox", "utm": {"source": "x"}, "country": ""}),
    }
)


@given(shown_events)
def test_an_exported_line_is_the_same_event(event: dict[str, Any]) -> None:
    """By way of the text of a CSV, in which all is text."""
    cells = cells_of(msgspec.json.encode(event))
    assert set(cells) == set(COLUMNS)
    texts = {name: Cell("" if cell is None else disarm(str(cell))) for name, cell in cells.items()}

    back = event_of(texts, ours=True)

    wanted = {name: event[name] for name in ("id", "action", "time", "uuid", "params")}
    assert back == wanted | ({"label": event["label"]} if event["label"] else {})
