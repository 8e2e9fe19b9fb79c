"""An event and a line of a table: which column holds what. Pure.

A table written here and read back gives the same events. In a table from elsewhere the columns named like an event's
fields are those fields, `params` is a JSON object, `params.NAME` and any column of another name is a param.
"""

import base64
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec

from trackway.identifier import IDENTIFIER_KINDS

FIELDS = ("id", "action", "label", "time", "uuid", "session", "seq", "params")
CONTEXT = ("browser", "os", "device", "country", "region", "city", "referrer_host", "channel", "utm")
COLUMNS = (
    "id", "action", "label", "time", "uuid", "params", "site", "received", "client_time", "customer", "session", "seq",
    "source", "authenticated", "bot", *CONTEXT, "ip", "unusual", "would_reject",
)  # fmt: skip
"""The columns of an exported table, in order."""
OURS = frozenset({"site", "received", "authenticated", "bot", "source"})
"""Where a table has all of these it was exported by Trackway, and what the server added is left out of its params."""
INTEGERS = frozenset({"time", "seq", "received", "client_time"})
PARAM = "params."
NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,15})?\Z")
"""A cell of text that becomes a number: as JSON writes it, and short enough to lose nothing."""
WORDS = {"true": True, "false": False}
FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet would run (OWASP, CSV injection). An apostrophe is written before it, and taken off."""


class Cell(str):
    """A cell of a CSV: text that may stand for a number, and whose formulas were disarmed."""

    __slots__ = ()


class Shown(msgspec.Struct):
    """An event as the API shows it, its params as text."""

    id: str
    action: str
    label: str
    time: int
    uuid: str
    params: msgspec.Raw
    site: str
    received: int
    customer: str
    source: str
    authenticated: bool
    bot: bool
    context: dict[str, Any]
    client_time: int | None = None
    session: str | None = None
    seq: int | None = None
    ip: str = ""
    unusual: msgspec.Raw = msgspec.Raw(b"")
    would_reject: str = ""


decode_shown = msgspec.json.Decoder(Shown).decode


def cells_of(event: bytes) -> dict[str, Any]:
    """An event's cells by COLUMNS, from its JSON as the API shows it. `utm`, `unusual` and `params` stay JSON text."""
    shown = decode_shown(event)
    cells: dict[str, Any] = {name: getattr(shown, name) for name in COLUMNS if name not in CONTEXT}
    cells |= {name: shown.context.get(name) or None for name in CONTEXT}
    utm = cells["utm"]
    cells["utm"] = msgspec.json.encode(utm).decode() if utm else None
    for name in ("params", "unusual"):
        cells[name] = bytes(cells[name]).decode() or None
    return {name: None if cell == "" else cell for name, cell in cells.items()}


def disarm(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return "'" + text if FORMULA.match(text) else text


def rearm(text: str) -> str:
    """The text that `disarm` was given."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else str(text)


def event_of(cells: Mapping[str, Any], ours: bool) -> dict[str, Any]:
    """The event in a line of a table. Cells are text (CSV) or values (Parquet); empty ones say nothing.

    What is wrong in a cell stays as it is, so that the collector refuses the event and says why.
    """
    event: dict[str, Any] = {}
    params: dict[str, Any] = {}
    for name, cell in cells.items():
        if cell is None or cell == "":
            continue
        if name == "params":
            event["params"] = parsed(cell)
        elif name in FIELDS:
            event[name] = whole(cell) if name in INTEGERS else plain(cell)
        elif name in IDENTIFIER_KINDS and "uuid" not in cells:
            event.setdefault("customer", {})[name] = str(plain(cell))
        elif not ours:
            params[name.removeprefix(PARAM)] = value_of(cell)
    if params and isinstance(event.get("params", {}), dict):
        event["params"] = params | event.get("params", {})
    return event


def parsed(cell: Any) -> Any:
    """A cell of JSON; what is none stays text."""
    try:
        return msgspec.json.decode(str(cell)) if isinstance(cell, str) else plain(cell)
    except msgspec.DecodeError:
        return plain(cell)


def whole(cell: Any) -> Any:
    """A cell with a whole number, a moment in epoch ms, or what it is."""
    if isinstance(cell, Cell) and re.fullmatch(r"-?\d{1,16}", cell):
        return int(cell)
    return plain(cell)


def value_of(cell: Any) -> Any:
    """A param's value: a cell of text that is a number or true or false becomes it; all other text stays as it is."""
    if not isinstance(cell, Cell):
        return plain(cell)
    if cell in WORDS:
        return WORDS[cell]
    return msgspec.json.decode(str(cell)) if NUMBER.match(cell) else rearm(cell)


def plain(cell: Any) -> Any:
    """A value as JSON has it. Moments become epoch ms, taken as UTC where they have no zone; days ISO 8601."""
    if isinstance(cell, Cell):
        return rearm(cell)
    for kind, turn in TURNS.items():
        if isinstance(cell, kind):
            return turn(cell)
    return cell if isinstance(cell, (str, bool, int, float)) or cell is None else str(cell)


def moment_ms(moment: datetime) -> int:
    """A moment in epoch ms; one without a zone is taken as UTC."""
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def text_of(value: bytes) -> str:
    """Bytes as text: a UUID when there are 16 of them, else base64."""
    return str(UUID(bytes=value)) if len(value) == 16 else base64.b64encode(value).decode()


TURNS: dict[type, Callable[[Any], Any]] = {
    datetime: moment_ms,
    date: date.isoformat,
    bytes: text_of,
    dict: lambda values: {str(name): plain(value) for name, value in values.items()},
    list: lambda values: [plain(value) for value in values],
}
"""How values that JSON has no words for are written; a datetime is a date too, and comes first."""
