"""What did customers do, in stretches? All that one did in one session within a quarter of an hour is one row.

The store keeps them beside the events, in the same parts (`store/migrations/0006_stretches.sql`), and there are about
ten times fewer. A question about all sessions or all customers is asked of them; where it needs more than they hold,
the same columns are made of the events. It must never give another answer than the events would.
"""

from typing import Any, NamedTuple

import msgspec

from trackway.insight.question import Of, Scope, write_sql

QUARTER_MS = 900_000
"""Time zones and the edges of intervals lie on whole quarters; every zone's clock has since 1972."""
PASSIVE = (
    "page.visit", "screen.view", "session.start", "session.end", "app.start", "element.view", "element.hover",
    "scroll.depth", "web.vital", "error.javascript",
)  # fmt: skip
"""Actions that are no sign of having done anything, as the store counts them: `active` counts all others."""
BROUGHT = "channel NOT IN ('', 'internal')"
"""A visit that came from outside."""


class Telling(NamedTuple):
    """What `brought` is the place of, and what `came` says: of an event, and of a stretch (its columns)."""

    tells: str = BROUGHT
    what: str = "toString(channel)"
    brought: str = "brought"
    came: str = "channel"


def ask_stretches(
    scope: Scope, of: Of, telling: Telling | None = None, property_sql: str = "", by_event: bool = False
) -> tuple[str, dict[str, Any]]:
    """The SQL of the stretches of a scope, and its parameters. `of`: what the question counts.

    `property_sql`: a property of an event, the column `property`. `by_event`: what the stretches hold is not enough,
    as with a property, or when only such events are asked about.
    """
    telling = telling or Telling()
    asks_for_such = bool(scope.action or scope.params or scope.sealed)
    if by_event or property_sql or asks_for_such or not has_whole_quarter(scope):
        where, values = scope.where(of)
        return write_events(where, telling, property_sql or "''"), values | {"passive": list(PASSIVE)}
    return write_both(scope, telling)


def has_whole_quarter(scope: Scope) -> bool:
    """Whether its range holds a quarter of an hour from begin to end."""
    begin, end = quarters(scope)
    return begin is None or end is None or begin < end


def quarters(scope: Scope) -> tuple[int | None, int | None]:
    """The whole quarters of its range, [first, behind the last), numbered from 1970; None: open."""
    begin = None if scope.since is None else -(-scope.since // QUARTER_MS)
    return begin, None if scope.until is None else scope.until // QUARTER_MS


def write_both(scope: Scope, telling: Telling) -> tuple[str, dict[str, Any]]:
    """The events before and behind the whole quarters, and those as stretches.

    The events have to come first, also where there are none: ClickHouse 26.9 takes a later `events` for the
    projection, if that is what it met first.
    """
    where, values = msgspec.structs.replace(scope, since=None, until=None).within()
    begin, end = quarters(scope)
    whole, edges = [where], list[str]()
    values |= {"passive": list(PASSIVE), "quarter_ms": QUARTER_MS}
    if begin is not None:
        edges.append("time >= {since:Int64} AND time < {first_quarter:Int64} * {quarter_ms:Int64}")
        whole.append("quarter >= {first_quarter:Int64}")
        values |= {"since": scope.since, "first_quarter": begin}
    if end is not None:
        edges.append("time >= {end_quarter:Int64} * {quarter_ms:Int64} AND time < {until:Int64}")
        whole.append("quarter < {end_quarter:Int64}")
        values |= {"until": scope.until, "end_quarter": end}
    at_the_edges = [write_events(f"{where} AND {edge}", telling, "''") for edge in edges or ["false"]]
    places = {"BROUGHT": telling.brought, "CAME": telling.came}
    whole_quarters = write_sql("stretches_whole", WHERE=" AND ".join(whole), **places)
    return "\nUNION ALL\n".join([*at_the_edges, whole_quarters]), values


def write_events(where: str, telling: Telling, property_sql: str) -> str:
    """The events that a condition holds for, as stretches."""
    return write_sql("stretches_events", PROPERTY=property_sql, TELLS=telling.tells, WHAT=telling.what, WHERE=where)
