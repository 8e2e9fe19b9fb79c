"""Who may see what people put into forms: the rest see that there are values, and of which fields. Pure.

`form.submit` carries them beside the form's name. For those who may not see them every reader of events goes through
`withhold`, and a question or search by a param leaves such events out: its answer would tell the values.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

SUBMIT = "form.submit"
TOLD = ("form", "url", "title")
"""The params of a submission that are no field's: they are told to everybody who reads."""
NOT_SUBMIT = f"action != '{SUBMIT}'"
"""ClickHouse SQL: what a question by params keeps to, asked by somebody who may not see values."""


def fields_of(params: dict[str, Any]) -> dict[str, Any]:
    """The fields of a submission by their names, with what was put in."""
    return {name: value for name, value in params.items() if name not in TOLD}


def withhold(event: dict[str, Any]) -> dict[str, Any]:
    """An event, as readers are shown one, without what was put into a form; `withheld` names the fields instead."""
    if event["action"] != SUBMIT:
        return event
    params: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(event["params"]))
    kept = {name: value for name, value in params.items() if name in TOLD}
    words = f"Submitted form {kept.get('form', '')}".rstrip()
    return event | {"label": words, "params": kept, "withheld": [*fields_of(params)]}


def asks_by_param(query: Iterable[tuple[str, str]]) -> bool:
    """Whether a question's parameters make its answer depend on params: by a filter, a measure or a breakdown."""
    return any(
        name.startswith("param.") or (name == "param" and value) or (name == "breakdown" and value.startswith("param."))
        for name, value in query
    )
