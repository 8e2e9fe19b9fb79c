"""Who is in a segment? Its conditions as SQL on events: each asks which customers meet it, merges followed. Pure.

Whoever meets a condition is looked for among all events of the site but the server's own, whatever the range, source
and robots that the question is about. It must never look at another site's.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trackway.insight.filters import Such, param_conditions
from trackway.insight.person import CUSTOMER, Whom
from trackway.insight.question import VISITS, fits, is_page, write_sql
from trackway.insight.sources import NOT_EXCLUDED, TELLING
from trackway.insight.stretches import BROUGHT
from trackway.segment import AnyCondition, Attribute, Came, Did, Identified, Listed, Segment, Used
from trackway.store.pool import Pool
from trackway.values import NOT_SUBMIT

EXAMPLES = 10
IDENTIFIES = """(authenticated OR action = 'client.identify'
    OR action = 'form.submit' AND JSONExtractString(params, 'email') != '')"""
TOLD = """argMax(if(JSONType(params, {name:String}) = 'String', JSONExtractString(params, {name:String}),
        JSONExtractRaw(params, {name:String})), (time, position))"""

Values = dict[str, Any]


def ask_segment(
    segment: Segment, excluded: Sequence[str], now_ms: int, sealed: bool = False, among: Whom | None = None
) -> Such:
    """The condition on an event that its customer is in the segment. `excluded`: the site's excluded referrers.

    `sealed`: for somebody who may not see what was put into forms, so that a condition on params finds no submission.
    `among`: it is only asked of these customers, whose events alone are then read.
    """
    parts: list[str] = []
    values: Values = {}
    of_those = ""
    if among is not None:
        of_those, values = "customer IN {among_customers:Array(UUID)} AND ", {"among_customers": list(among.customers)}
        if among.uuids is not None:  # by the order of a projection
            of_those += "uuid IN {among_uuids:Array(UUID)} AND "
            values["among_uuids"] = list(among.uuids)
    for number, one in enumerate(segment.conditions):
        where, having, own = write_condition(one, excluded, now_ms)
        if sealed and isinstance(one, Did) and one.params:
            where += f" AND {NOT_SUBMIT}"
        customers = write_sql("segment_condition", WHERE=of_those + where, HAVING=having)
        for name, value in own.items():
            customers = customers.replace(f"{{{name}:", f"{{segment{number}_{name}:")
            values[f"segment{number}_{name}"] = value
        parts.append(f"{CUSTOMER} {'NOT IN' if one.negated else 'IN'} ({customers})")
    together = " AND " if segment.match == "all" else " OR "
    return Such(f"({together.join(parts)})", values)


def write_condition(one: AnyCondition, excluded: Sequence[str], now_ms: int) -> tuple[str, str, Values]:
    """Which events, what all those of a customer must come to, and the parameters of both."""
    return WRITERS[type(one)](one, excluded, now_ms)


def write_did(one: Did, _: Sequence[str], now_ms: int) -> tuple[str, str, Values]:
    """Events of the action or page, counted."""
    values: Values = {"times": one.times}
    such, named = param_conditions(one.params.items())
    parts = [fits("action", one.action, values), *such]
    if is_page(one.action):
        # By the primary key, which the condition on `page` does not help with.
        parts.insert(0, VISITS)
    since, until = one.range(now_ms)
    if since is not None:
        parts.append("time >= {since:Int64}")
        values["since"] = since
    if until is not None:
        parts.append("time < {until:Int64}")
        values["until"] = until
    return " AND ".join(parts), "count() >= {times:UInt64}", values | named


def write_attribute(one: Attribute, _: Sequence[str], __: int) -> tuple[str, str, Values]:
    """What the last `client.identify` with the attribute says of it."""
    where = "action = 'client.identify' AND JSONHas(params, {name:String})"
    having = f"{TOLD} = {{value:String}}"
    if one.how == "contains":
        having = f"positionCaseInsensitiveUTF8({TOLD}, {{value:String}}) > 0"
    return where, having, {"name": one.name, "value": one.value}


def write_identified(_: Identified, __: Sequence[str], ___: int) -> tuple[str, str, Values]:
    """Any event that says who it is of."""
    return IDENTIFIES, "true", {}


def write_came(one: Came, excluded: Sequence[str], _: int) -> tuple[str, str, Values]:
    """The earliest visit from outside."""
    where = f"{BROUGHT} AND {NOT_EXCLUDED}" if excluded else BROUGHT
    having = f"argMin({TELLING[one.by].what}, (time, ifNull(seq, 0), position)) = {{value:String}}"
    return where, having, {"value": one.value} | ({"excluded": list(excluded)} if excluded else {})


def write_used(one: Used, _: Sequence[str], __: int) -> tuple[str, str, Values]:
    """Any event from there."""
    return f"{one.by} = {{value:String}}", "true", {"value": one.value}


def write_listed(one: Listed, _: Sequence[str], __: int) -> tuple[str, str, Values]:
    """Any event of theirs."""
    return f"{CUSTOMER} IN {{customers:Array(UUID)}}", "true", {"customers": list(one.customers)}


WRITERS: Mapping[type[Any], Callable[..., tuple[str, str, Values]]] = {
    Did: write_did,
    Attribute: write_attribute,
    Identified: write_identified,
    Came: write_came,
    Used: write_used,
    Listed: write_listed,
}


async def find_members(pool: Pool, site: str, such: Such) -> frozenset[str]:
    """Which of the customers that `such` was asked `among` are in it."""
    rows = await pool.rows(write_sql("segment_members", SEGMENT=such.sql), {"site": site, **such.values})
    return frozenset(row["customer"] for row in rows)


async def preview_segment(pool: Pool, site: str, such: Such) -> dict[str, Any]:
    """How many customers it has, of how many, and the last seen of them."""
    values = {"site": site, "examples": EXAMPLES, **such.values}
    (counts,) = await pool.rows(write_sql("segment_counts", SEGMENT=such.sql), values, heavy=True)
    examples = await pool.rows(write_sql("segment_examples", SEGMENT=such.sql), values, heavy=True)
    return {**counts, "examples": examples}
