"""How far did they get? Steps in order, within a window of time, and who dropped out where."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from trackway.insight.behind import Behind
from trackway.insight.filters import like
from trackway.insight.properties import property_sql
from trackway.insight.question import UNITS, VISITS, Scope, is_page, write_sql
from trackway.store.pool import Pool

STEPS_MAX = 10
WINDOW_S_MAX = 366 * 86_400
STAMPS_A_MS = 2_097_152
"""As in funnel.sql: an event's stamp has room for 2^20 events of its unit, and half as much again stays free."""
FIRST_TURN = 15
"""The turn of the first step; each later one has one less, so that of an event's steps the last is told first."""
SHOWN = 20
"""Values of a breakdown told apart; the others are counted together."""


class FunnelQuestion(msgspec.Struct, frozen=True):
    """Which funnel. A step is a page, a screen, an action, or a pattern of one; all within `window_s` of the first."""

    scope: Scope
    steps: tuple[str, ...]
    window_s: int = 86_400
    by: Literal["session", "customer"] = "customer"
    breakdown: str = ""
    """A property of the first event that fits the first step; empty: tell nobody apart."""


def ask_units(asked: FunnelQuestion) -> tuple[str, dict[str, Any]]:
    """The SQL of the units and how far each got, with its parameters. Raises RequestRefused(invalid_parameter)."""
    where, values = asked.scope.where(asked.by)
    values["funnel"] = f"windowFunnel({asked.window_s * 1000 * STAMPS_A_MS + STAMPS_A_MS // 2 - 1})"
    fits: list[str] = []
    for number, step in enumerate(asked.steps):
        values[f"step{number}"] = like(step)
        fits.append(f"({'page' if is_page(step) else 'action'} LIKE {{step{number}:String}})")
    if any(is_page(step) for step in asked.steps):
        # By the primary key, which a condition on `page` does not help with.
        ways = [f"action LIKE {{step{number}:String}}" for number, one in enumerate(asked.steps) if not is_page(one)]
        where += f" AND ({' OR '.join([*ways, VISITS])})"
    else:
        where += f" AND ({' OR '.join(fits)})"
    apart = property_sql(asked.breakdown, values) if asked.breakdown else "''"
    sql = write_sql(
        "funnel",
        UNIT=UNITS[asked.by],
        WHOSE="unit" if asked.by == "customer" else "argMax(person, place)",
        PROPERTY=apart,
        FIRST_PROPERTY=f"argMinIf(told_apart, place, turn = {FIRST_TURN})" if asked.breakdown else "''",
        STEPS=", ".join(f"arrayMap(turn -> turn = {FIRST_TURN - number}, turns)" for number in range(len(asked.steps))),
        TURNS=" + ".join(f"bitShiftLeft(toUInt16{fit}, {FIRST_TURN - number})" for number, fit in enumerate(fits)),
        WHERE=where,
    )
    return sql, values


async def read_funnel(pool: Pool, asked: FunnelQuestion) -> dict[str, Any]:
    """How many units reached each step, in all and by the breakdown's most frequent values."""
    units, values = ask_units(asked)
    rows = await pool.rows(write_sql("funnel_counts", UNITS=units), values, heavy=True)
    return tell_funnel(rows, asked.steps, bool(asked.breakdown))


def tell_funnel(rows: Sequence[dict[str, Any]], steps: Sequence[str], apart: bool) -> dict[str, Any]:
    """Rows (property, reached, n) as counts of those who got to each step or further."""
    ended: dict[str, Counter[int]] = defaultdict(Counter)
    for row in rows:
        ended[row["property"]][row["reached"]] += row["n"]
    everyone = sum(ended.values(), Counter[int]())
    counts = reached_by_step(everyone, len(steps))
    told: dict[str, Any] = {
        "total": counts[0],
        "steps": [
            {"name": name, "count": count, "dropped": before - count}
            for name, count, before in zip(steps, counts, [counts[0], *counts[:-1]], strict=True)
        ],
        "breakdown": None,
    }
    if apart:
        ranked = sorted(ended.items(), key=lambda one: (-sum(one[1].values()), one[0]))
        parts: list[dict[str, Any]] = [
            {"value": value, "counts": reached_by_step(each, len(steps))} for value, each in ranked[:SHOWN]
        ]
        rest = sum((each for _, each in ranked[SHOWN:]), Counter[int]())
        if rest:
            parts.append({"value": None, "counts": reached_by_step(rest, len(steps))})
        told["breakdown"] = parts
    return told


def reached_by_step(ended: Counter[int], steps: int) -> list[int]:
    """How many got to each step or further, from how many ended at each (counted from 1)."""
    return [sum(n for reached, n in ended.items() if reached > step) for step in range(steps)]


def ask_funnel_behind(asked: FunnelQuestion, step: int, dropped: bool) -> Behind:
    """The customers who got to a step (from 1), or who dropped out before it."""
    units, values = ask_units(asked)
    takes = "reached = {step:UInt8} - 1" if dropped else "reached >= {step:UInt8}"
    return Behind(units, takes, values | {"step": step})
