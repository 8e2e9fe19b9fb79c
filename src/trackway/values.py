"""Who may see what people put into forms: the rest see that there are values, and of which fields. Pure.

`form.submit` carries them beside the form's name. For those who may not see them every reader of events goes through
`withhold`, of refused events through `withhold_refused`; and a question or search by a param or by words leaves such
events out: its answer would tell the values.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec

from trackway.event import action_fault

SUBMIT = "form.submit"
TOLD = ("form", "url", "title")
"""The params of a submission that are no field's: they are told to everybody who reads."""
TOLD_OF_REFUSED = ("id", "action", "time", "uuid", "session", "seq")
"""What is told of a refused submission beside those params, where it is text or a number."""
NOT_SUBMIT = f"action != '{SUBMIT}'"
"""ClickHouse SQL: what a question by params keeps to, asked by somebody who may not see values."""
UNTOLD = "It cannot be stored. Why is told to editors and admins: it may repeat what was put into the form."


def fields_of(params: dict[str, Any]) -> dict[str, Any]:
    """The fields of a submission by their names, with what was put in."""
    return {name: value for name, value in params.items() if name not in TOLD}


def is_submission(action: str) -> bool:
    """Whether an event of this action may be a submission: also where it was sent with something that is no action, or
    with none, since nobody can tell then what it was meant to be.
    """
    return action == SUBMIT or action_fault(action) is not None


def told_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """The params of a submission that everybody may see. They are text; anything else was put in."""
    return {name: value for name, value in params.items() if name in TOLD and isinstance(value, str)}


def withhold(event: dict[str, Any]) -> dict[str, Any]:
    """An event, as readers are shown one, without what was put into a form; `withheld` names the fields instead."""
    if event["action"] != SUBMIT:
        return event
    params: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(event["params"]))
    kept = told_of(params)
    words = f"Submitted form {kept.get('form', '')}".rstrip()
    return event | {"label": words, "params": kept, "withheld": [name for name in params if name not in kept]}


def withhold_refused(item: dict[str, Any]) -> dict[str, Any]:
    """An item of the quarantine, its `event` JSON text, without what may have been put into a form.

    What was refused can have any shape: only what is known to be no value is told. Names of fields are, in `withheld`.
    """
    if not is_submission(item["action"]):
        return item
    event: Any = msgspec.json.decode(item["event"])
    told, params = dict[str, Any](), dict[str, Any]()
    if isinstance(event, dict):
        raw = cast("dict[str, Any]", event)
        told = {name: raw[name] for name in TOLD_OF_REFUSED if isinstance(raw.get(name), str | int | float)}
        params = raw["params"] if isinstance(raw.get("params"), dict) else params
    kept = told_of(params)
    shown = told | {"params": kept, "withheld": [name for name in params if name not in kept]}
    return item | {"event": shown} | ({"message": UNTOLD} if item["code"] == "event_invalid" else {})


def asks_by_param(query: Iterable[tuple[str, str]]) -> bool:
    """Whether a question's parameters make its answer depend on params: by a filter, a measure or a breakdown."""
    return any(
        name.startswith("param.") or (name == "param" and value) or (name == "breakdown" and value.startswith("param."))
        for name, value in query
    )
