"""What is tracked, and with which params? What a site has declared, what is built in, and what its traffic shows.

Bounded: the ACTIONS_MAX most frequent actions, and for params the newest LOOKED_AT events of each action on the page.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from trackway.actions import BUILT_IN, TEXT
from trackway.definition import Definition
from trackway.store.pool import Pool
from trackway.values import SUBMIT, TOLD

ACTIONS_MAX = 2_000
LOOKED_AT = 1_000
"""Newest events of an action that its params are read from."""
PARAMS_MAX = 100
EXAMPLE_LENGTH_MAX = 200
NEAR_LENGTH_MIN = 6
NEAR_TIMES_RARER = 5
"""A name is a near-duplicate of another that is at least this many times as frequent, or declared."""

VOLUMES = """
SELECT action, count() AS volume, min(time) AS first_seen, max(time) AS last_seen
FROM events WHERE site = {site:String} GROUP BY action ORDER BY volume DESC, action LIMIT {most:UInt32}
"""

NEWEST = """(
SELECT action, time, params FROM events WHERE site = {site:String} AND action = {actionNUMBER:String}
ORDER BY time DESC LIMIT {looked:UInt32}
)"""

PARAMS = """
SELECT action, name, groupUniqArray(8)(JSONType(raw)) AS kinds, count() AS seen,
       substringUTF8(argMax(raw, time), 1, {example:UInt32}) AS example
FROM (
    SELECT action, time, pair.1 AS name, pair.2 AS raw
    FROM (%s) ARRAY JOIN JSONExtractKeysAndValuesRaw(params) AS pair
)
GROUP BY action, name ORDER BY seen DESC, name LIMIT {params:UInt32} BY action
"""

TYPES = {
    "String": "string",
    "Int64": "integer",
    "UInt64": "integer",
    "Double": "number",
    "Bool": "boolean",
    "Array": "array",
    "Object": "object",
    "Null": "null",
}


class Wanted(msgspec.Struct, frozen=True):
    """A page of the catalogue: actions after `after`, with `words` in them; `exactly`: that one, known or not."""

    words: str = ""
    declared: bool | None = None
    after: str = ""
    limit: int = 50
    exactly: str = ""
    sealed: bool = False
    """Asked by somebody who may not see what was put into forms: fields have no example."""


async def read_catalogue(
    pool: Pool, site: str, declared: Mapping[str, Definition], wanted: Wanted
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of definitions by action, and the action the next page begins behind."""
    asked = {"site": site, "most": ACTIONS_MAX}
    seen = {row["action"]: row for row in await pool.rows(VOLUMES, asked, heavy=True)}
    near = near_duplicates({action: row["volume"] for action, row in seen.items()}, {*declared, *BUILT_IN})
    known = [wanted.exactly] if wanted.exactly else sorted({*declared, *BUILT_IN, *seen})
    fitting = [action for action in known if action > wanted.after and fits(action, declared, wanted)]
    page = fitting[: wanted.limit]
    params = await read_params(pool, site, [(one, seen[one]["volume"]) for one in page if one in seen])
    if wanted.sealed:
        params[SUBMIT] = [one if one["name"] in TOLD else one | {"example": None} for one in params.get(SUBMIT, [])]
    items = [
        entry(action, declared.get(action), seen.get(action), near.get(action)) | {"params": params.get(action, [])}
        for action in page
    ]
    return items, page[-1] if len(fitting) > len(page) else None


def fits(action: str, declared: Mapping[str, Definition], wanted: Wanted) -> bool:
    """Whether an action is one of those asked for."""
    definition = declared.get(action)
    text = f"{action}\n{definition.name if definition else ''}".lower()
    is_declared = definition is not None or action in BUILT_IN
    return wanted.words.lower() in text and wanted.declared in (None, is_declared)


def entry(action: str, declared: Definition | None, seen: Mapping[str, Any] | None, near: str | None) -> dict[str, Any]:
    """One definition as it is shown, but for its params."""
    built_in = built_in_definition(action)
    definition = declared or built_in or Definition(action)
    shown = msgspec.structs.asdict(definition)
    if not shown["label"] and built_in:
        shown["label"] = built_in.label
    return shown | {
        "declared": declared is not None,
        "built_in": built_in is not None,
        "volume": seen["volume"] if seen else 0,
        "first_seen": seen["first_seen"] if seen else None,
        "last_seen": seen["last_seen"] if seen else None,
        "similar": near,
    }


def built_in_definition(action: str) -> Definition | None:
    """What Trackway itself knows of an action, in the words of a definition."""
    known = BUILT_IN.get(action)
    if known is None:
        return None
    types = {name: "string" if kinds is TEXT else "number" for name, kinds in known.required}
    schema = {"required": list(types), "properties": {name: {"type": one} for name, one in types.items()}}
    return Definition(
        action,
        label=known.label,
        needs="server" if known.server_only else "anonymous",
        schema=schema if types else {},
    )


async def read_params(pool: Pool, site: str, actions: Sequence[tuple[str, int]]) -> dict[str, list[dict[str, Any]]]:
    """The params of some actions, given with their volumes: name, types, share of events that have it, an example."""
    if not actions:
        return {}
    newest = " UNION ALL ".join(NEWEST.replace("NUMBER", str(number)) for number in range(len(actions)))
    asked: dict[str, Any] = {f"action{number}": action for number, (action, _) in enumerate(actions)}
    asked |= {"site": site, "looked": LOOKED_AT, "params": PARAMS_MAX, "example": EXAMPLE_LENGTH_MAX}
    volumes, found = dict(actions), dict[str, list[dict[str, Any]]]()
    for row in await pool.rows(PARAMS % newest, asked, heavy=True):
        of = min(LOOKED_AT, max(volumes[row["action"]], row["seen"]))
        shown = {
            "name": row["name"],
            "types": types_of(row["kinds"]),
            "share": round(min(1.0, row["seen"] / of), 4),
            "example": decode_example(row["example"]),
        }
        found.setdefault(row["action"], []).append(shown)
    return found


def types_of(kinds: Iterable[str]) -> list[str]:
    """The store's names of types as JSON's. A whole number is a number too, so the two are not told as two."""
    found = {TYPES.get(kind, "string") for kind in kinds}
    return sorted(found - {"integer"} if {"integer", "number"} <= found else found)


def decode_example(text: str) -> Any:
    """An example's value; its beginning as text, where it was too long to be shown whole."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def near_duplicates(volumes: Mapping[str, int], declared: Iterable[str]) -> dict[str, str]:
    """Names that look like a slip of another: one letter wrong, missing, too many, or two swapped. Name → the other.

    Two names are that near when both become the same by leaving out at most one character. Only the rare one is named:
    the other must be declared, or far more frequent. Digits tell names apart on purpose (`step.1`, `step.2`).
    """
    known = set(declared)
    by_form: dict[str, list[str]] = {}
    for name in sorted({*volumes, *known}):
        for form in forms(name):
            by_form.setdefault(form, []).append(name)
    found: dict[str, str] = {}
    for name in set(volumes) - known:
        others = {other for form in forms(name) for other in by_form[form] if other != name}
        better = [one for one in others if is_slip(name, one) and outweighs(name, one, volumes, known)]
        if better:
            found[name] = max(better, key=lambda one: (one in known, volumes.get(one, 0), one))
    return found


def forms(name: str) -> set[str]:
    """A name without regard to case and to which separator it has, and that with each one character left out."""
    plain = name.lower().replace("-", ".").replace("_", ".")
    return {plain, *(plain[:at] + plain[at + 1 :] for at in range(len(plain)))}


def is_slip(name: str, other: str) -> bool:
    """Whether one may be a slip of the other: long enough to tell, and the same but for digits."""
    digits = [[one for one in text if one.isdigit()] for text in (name, other)]
    return min(len(name), len(other)) >= NEAR_LENGTH_MIN and digits[0] == digits[1]


def outweighs(name: str, other: str, volumes: Mapping[str, int], known: set[str]) -> bool:
    """Whether the other name is the one meant."""
    return other in known or volumes.get(other, 0) >= volumes[name] * NEAR_TIMES_RARER
