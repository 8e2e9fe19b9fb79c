"""What did they see next? Paths forward from, or backward to, any page or action, with counts that add up.

A path is told in names: pages (by path, or grouped by patterns) or actions. `start`, `other` and `left` are no such
names: a page begins with `/` or `screen:`, an action has a dot. It must never count a unit twice at a step.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from trackway.errors import RequestRefused
from trackway.insight.behind import Behind
from trackway.insight.filters import like
from trackway.insight.question import UNITS, VISITS, Scope, is_page, write_sql
from trackway.store.pool import Pool

STEPS_MAX = 10
NODES_MAX = 50
PATTERNS_MAX = 20
PATTERN_LENGTH_MAX = 256

START, OTHER, LEFT = "start", "other", "left"
Of = Literal["pages", "actions", "all"]

NAMES = {"pages": "$PAGE", "actions": "toString(action)", "all": "if(page != '', $PAGE, toString(action))"}
KINDS = {"pages": "page != ''", "actions": "1", "all": "1"}
BEHIND = {"next": "arraySlice(told, at + 1)", "previous": "arrayReverse(arraySlice(told, 1, at - 1))"}
WHOLE = {"next": "told", "previous": "arrayReverse(told)"}
"""Without a start nothing is left out: the first step is what a unit began (or ended) with."""


class PathQuestion(msgspec.Struct, frozen=True):
    """Which paths: from `start` (a page, an action, a pattern of either; empty: the whole of each)."""

    scope: Scope
    start: str = ""
    direction: Literal["next", "previous"] = "next"
    steps: int = 5
    by: Literal["session", "customer"] = "session"
    of: Of | None = None
    patterns: tuple[str, ...] = ()
    """Pages that fit a pattern are one node; the first that fits counts."""
    nodes: int = 8
    """Names shown at each step; the others are counted together."""

    @property
    def kind(self) -> Of:
        """What the path is told in: as asked, else in what the start is."""
        return self.of or ("pages" if not self.start or is_page(self.start) else "actions")


class Place(msgspec.Struct, frozen=True):
    """A node (`target`) or a flow (`source` → `target`) at a step, counted from 1."""

    step: int
    target: str
    source: str | None = None


def ask_units(asked: PathQuestion) -> tuple[str, dict[str, Any]]:
    """The SQL of the units and their paths, with its parameters."""
    where, values = asked.scope.where(asked.by)
    values["steps"] = asked.steps
    page = group_pages(asked.patterns, values)
    begins = "1"
    if asked.start:
        begins = f"{'page' if is_page(asked.start) else 'action'} LIKE {{start:String}}"
        values["start"] = like(asked.start)
    kind = KINDS[asked.kind]
    if asked.kind == "pages":
        where += f" AND ({kind} OR {begins})" if asked.start else f" AND {kind}"
        # By the primary key, which the condition on `page` does not help with.
        if not asked.start or is_page(asked.start):
            where += f" AND {VISITS}"
    sql = write_sql(
        "paths_units",
        BEHIND=(BEHIND if asked.start else WHOLE)[asked.direction],
        UNIT=UNITS[asked.by],
        NAME=NAMES[asked.kind].replace("$PAGE", page),
        BEGINS=begins,
        WHERE=where,
    )
    return sql, values


def group_pages(patterns: Sequence[str], values: dict[str, Any]) -> str:
    """The expression that names a page; patterns are bound into `values`."""
    if not patterns:
        return "page"
    cases: list[str] = []
    for number, pattern in enumerate(patterns):
        values |= {f"like{number}": like(pattern), f"pattern{number}": pattern}
        cases.append(f"page LIKE {{like{number}:String}}, {{pattern{number}:String}}")
    return f"multiIf({', '.join(cases)}, page)"


async def read_paths(pool: Pool, asked: PathQuestion) -> dict[str, Any]:
    """The paths: at every step the nodes, `other` and `left` add up to `total`. `links` lead to names or `other`."""
    units, values = ask_units(asked)
    flows = await pool.rows(write_sql("paths", UNITS=units), values | {"nodes": asked.nodes}, heavy=True)
    return tell_paths(flows, asked.steps)


def tell_paths(flows: Sequence[dict[str, Any]], steps: int) -> dict[str, Any]:
    """Flows as columns and links."""
    total = sum(flow["count"] for flow in flows if flow["step"] == 1)
    gone = 0
    told: list[dict[str, Any]] = []
    for step in range(1, steps + 1):
        counts: dict[str, int] = defaultdict(int)
        for flow in flows:
            if flow["step"] == step:
                counts[flow["to_name"]] += flow["count"]
        gone += counts.pop(LEFT, 0)
        other = counts.pop(OTHER, 0)
        ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        told.append({"nodes": [{"name": name, "count": count} for name, count in ranked], "other": other, "left": gone})
    links = [
        {"step": flow["step"], "source": flow["from_name"], "target": flow["to_name"], "count": flow["count"]}
        for flow in flows
        if flow["to_name"] != LEFT
    ]
    return {"total": total, "steps": told, "links": links}


async def ask_path_behind(pool: Pool, asked: PathQuestion, place: Place) -> Behind:
    """The customers at a place of the paths. Raises RequestRefused(invalid_parameter)."""
    if place.step > asked.steps:
        raise RequestRefused("invalid_parameter", f"These paths have {asked.steps} steps.", "step")
    if place.source is not None and (place.source == START) != (place.step == 1):
        raise RequestRefused("invalid_parameter", "Step 1, and no other, comes from `start`.", "came_from")
    units, values = ask_units(asked)
    shown: list[dict[str, Any]] = []
    if OTHER in (place.source, place.target):
        shown = (await read_paths(pool, asked))["steps"]
    takes = takes_name(values, shown, place.step, place.target, "target")
    if place.source not in (None, START):
        takes += " AND " + takes_name(values, shown, place.step - 1, place.source or "", "origin")
    return Behind(units, takes, values)


def takes_name(values: dict[str, Any], shown: Sequence[dict[str, Any]], step: int, name: str, key: str) -> str:
    """The condition that a path has a name at a step; `shown`: the steps that `other` is told apart from."""
    values[f"{key}_step"] = step
    at = f"{{{key}_step:UInt8}}"
    if name == LEFT:
        # At this step, or before it for a node; a flow's source says that it was there until the step before.
        return f"length(path) < {at}"
    if name == OTHER:
        values[f"{key}_names"] = [node["name"] for node in shown[step - 1]["nodes"]]
        return f"length(path) >= {at} AND NOT has({{{key}_names:Array(String)}}, path[{at}])"
    values[key] = name
    return f"path[{at}] = {{{key}:String}}"
