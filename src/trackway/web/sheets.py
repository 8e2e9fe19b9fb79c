"""A question's answer → the flat rows of a file: one small function a question. Pure.

Never: a number that the answer does not have. A list of any kind has a row for each item; what is no list has its
function in the table below, and a test fails for an insight route that has neither.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from trackway.insight.live_now import PANELS
from trackway.tables.cells import cells_of

Answer = Mapping[str, Any]
FLATTENED = frozenset({"identifiers", "rejected", "about", "first", "worst", "latest"})
"""Objects whose names become columns of their own; others are JSON text."""
FINDINGS = frozenset({"first", "worst", "latest"})
"""Those of them whose names are fields, and not somebody's own words; moments among them are moments."""
MOMENTS = frozenset(
    {"first_seen", "last_seen", "time", "received", "from", "to", "start", "until", "replayed_at", "opened", "closed"}
)
"""Fields of epoch ms, which a file has as moments."""


class Sheet(NamedTuple):
    """A table: the names of its columns, and rows of as many cells."""

    columns: list[str]
    rows: list[list[Any]]


def sheet_of(question: str, answer: Answer, zone: str = "UTC") -> Sheet:
    """The rows of an answer. `question` is the path behind the site; `zone` the clock that its periods begin by."""
    clock = ZoneInfo(zone)
    if flatten := SHEETS.get(question):
        return flatten(answer, clock)
    return items_sheet(cast("list[Answer]", answer["items"]), clock)


def items_sheet(items: Iterable[Answer], clock: tzinfo) -> Sheet:
    """A row for each item, columns in the order in which they are first met."""
    rows = [flat_item(item, clock) for item in items]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return Sheet(columns, [[row.get(name) for name in columns] for row in rows])


def flat_item(item: Answer, clock: tzinfo) -> dict[str, Any]:
    """An item's cells by their column."""
    cells: dict[str, Any] = {}
    for name, value in item.items():
        if name in FLATTENED and isinstance(value, dict):
            inside = flat_item(cast("Answer", value), clock) if name in FINDINGS else cast("dict[str, Any]", value)
            cells |= {f"{name}.{inner}": one for inner, one in inside.items()}
        else:
            cells[name] = moment(value, clock) if name in MOMENTS else value
    return cells


def moment(value: Any, clock: tzinfo) -> Any:
    """Epoch ms as a moment on a clock; anything else stays, and so does what no calendar has."""
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    try:
        return datetime.fromtimestamp(value / 1000, clock)
    except (OverflowError, ValueError, OSError):
        return value


def events_sheet(events: Iterable[bytes]) -> Sheet:
    """Events as `trackway export` writes them."""
    rows = [cells_of(event) for event in events]
    columns = list(rows[0]) if rows else []
    return Sheet(columns, [list(row.values()) for row in rows])


def trend_sheet(answer: Answer, clock: tzinfo) -> Sheet:
    """A row for each interval of each series."""
    rows = [
        [moment(time, clock), series["name"], series["other"], value]
        for series in answer["series"]
        for time, value in zip(answer["times"], series["values"], strict=True)
    ]
    return Sheet([answer["interval"], "series", "other", "value"], rows)


def paths_sheet(answer: Answer, clock: tzinfo) -> Sheet:
    """A row for each name of each step, for those left, and for each way from one name to the next."""
    rows: list[list[Any]] = []
    for number, step in enumerate(answer["steps"], 1):
        rows += [[number, "name", None, node["name"], node["count"]] for node in step["nodes"]]
        rows += [[number, kind, None, None, step[kind]] for kind in ("other", "left")]
        rows += [
            [number, "way", link["source"], link["target"], link["count"]]
            for link in answer["links"]
            if link["step"] == number
        ]
    return Sheet(["step", "kind", "came_from", "name", "count"], rows)


def forms_sheet(answer: Answer, clock: tzinfo) -> Sheet:
    """A row for each field of each form, with the form's own numbers; one for a form without fields."""
    rows: list[dict[str, Any]] = []
    for form in answer["items"]:
        own = {name: value for name, value in form.items() if name != "fields"}
        rows += [own | {f"field.{name}": value for name, value in field.items()} for field in form["fields"]] or [own]
    return items_sheet(rows, clock)


def sources_sheet(answer: Answer, clock: tzinfo) -> Sheet:
    """A row for each source, and one for the sessions of all others."""
    rows = [[item["name"], False, item["sessions"], item["customers"]] for item in answer["items"]]
    if answer["other"]:
        rows.append(["", True, answer["other"], None])
    return Sheet(["name", "other", "sessions", "customers"], rows)


def funnel_sheet(answer: Answer, clock: tzinfo) -> Sheet:
    """A row for each step; then one for each step of each value of the breakdown, None being all values not listed."""
    names = [step["name"] for step in answer["steps"]]
    rows = [["all", None, number, step["name"], step["count"], step["dropped"]]
            for number, step in enumerate(answer["steps"], 1)]  # fmt: skip
    for part in answer.get("breakdown") or ():
        kind = "other" if part["value"] is None else "value"
        before = part["counts"][:1] + part["counts"]
        rows += [
            [kind, part["value"], number, name, count, was - count]
            for number, (name, count, was) in enumerate(zip(names, part["counts"], before, strict=False), 1)
        ]
    return Sheet(["of", "breakdown", "step", "name", "count", "dropped"], rows)


def retention_sheet(answer: Answer, clock: tzinfo) -> Sheet:
    """A row for each period of each cohort; period 0 is the one in which they began."""
    rows = [
        [moment(cohort["start"], clock), cohort["size"], period, returned]
        for cohort in answer["cohorts"]
        for period, returned in enumerate(cohort["returned"])
    ]
    return Sheet(["start", "size", answer["period"], "returned"], rows)


def sessions_sheet(answer: Answer, clock: tzinfo) -> Sheet:
    """A row for all, for each day, first page, last page, and value of the breakdown."""
    parts: list[tuple[str, Answer]] = [("all", answer["total"])]
    parts += [("day", one | {"value": moment(one["value"], clock).date().isoformat()}) for one in answer["days"]]
    parts += [
        (name, one)
        for name, many in (("first page", "entries"), ("last page", "exits"), ("breakdown", "breakdown"))
        for one in answer.get(many) or ()
    ]
    return items_sheet([{"by": by, **one, "value": str(one["value"])} for by, one in parts], clock)


def pulse_sheet(answer: Answer, clock: tzinfo) -> Sheet:
    """A row for each minute."""
    return items_sheet(answer["minutes"], clock)


def live_now_sheet(answer: Answer, clock: tzinfo) -> Sheet:
    """A row for all of it, and one for each name of each panel."""
    rows = [["all", None, answer["events"], answer["customers"]]]
    for panel in PANELS:
        rows += [[panel, item["name"], item["events"], item["customers"]] for item in answer[panel]["items"]]
    return Sheet(["panel", "name", "events", "customers"], rows)


def ledger_sheet(answer: Answer, clock: tzinfo) -> Sheet:
    """A row for each interval."""
    return items_sheet(answer["intervals"], clock)


Flatten = Callable[[Answer, tzinfo], Sheet]
SHEETS: dict[str, Flatten] = {
    "insights/trend": trend_sheet,
    "insights/paths": paths_sheet,
    "insights/forms": forms_sheet,
    "insights/sources": sources_sheet,
    "insights/funnel": funnel_sheet,
    "insights/retention": retention_sheet,
    "insights/sessions": sessions_sheet,
    "insights/pulse": pulse_sheet,
    "live/now": live_now_sheet,
    "ledger": ledger_sheet,
}
