"""Who stands before and after a customer in a list of customers, however long the list is?

The list is not read: the store says in one pass who is next in its order, and how many are before. Where the customer
stood when somebody came to them is told (`at`), so that one who is seen again meanwhile does not move under the reader.
"""

from collections.abc import Sequence
from typing import Any

from trackway.books.register import Register
from trackway.insight.customers import condition_of
from trackway.insight.person import CUSTOMER, find_customer
from trackway.insight.question import Scope
from trackway.store.pool import Pool

STOOD = "{at:Int64}"
STANDS = "(SELECT maxIf(last_seen, whole = {self:UUID}) FROM listed)"

BESIDE = f"""
WITH
    listed AS (SELECT {CUSTOMER} AS whole, max(time) AS last_seen FROM events WHERE site = {{site:String}} %s GROUP BY whole),
    (%s, {{self:UUID}}) AS here
SELECT countIf(whole = {{self:UUID}}) AS listed_self, countIf(above) AS before, countIf(below) AS after,
       minIf((last_seen, whole), above) AS earlier, maxIf((last_seen, whole), below) AS later
FROM (SELECT whole, last_seen, whole != {{self:UUID}} AND (last_seen, whole) > here AS above,
             whole != {{self:UUID}} AND (last_seen, whole) < here AS below FROM listed)
"""  # noqa: S608, E501 - our own words


async def find_beside(  # noqa: PLR0913 - beside whom, in which list
    pool: Pool,
    register: Register,
    named: str,
    words: str,
    attributes: Sequence[tuple[str, str]],
    within: Scope,
    at: int | None,
) -> dict[str, Any]:
    """`previous` and `next` of a customer in a list, each with `last_seen`; its `place` from 1, and the list's length.

    `words`, `attributes`, `within`: the list, as `list_customers` takes it; `at`: the time the customer was last seen
    when they were come to, None: as it is now. Who is not in the list has no place, and without `at` nobody beside.
    Raises RequestRefused(not_found).
    """
    customer = find_customer(register, within.site, named)
    condition = await condition_of(pool, register, within.site, words, attributes, within)
    told: dict[str, Any] = {"customer": customer, "previous": None, "next": None, "place": None, "total": 0}
    if condition is None:
        return told
    such, values, _ = condition
    values |= {"site": within.site, "self": customer} | ({} if at is None else {"at": at})
    (row,) = await pool.rows(BESIDE % (such, STANDS if at is None else STOOD), values, heavy=True)
    told["total"] = row["before"] + row["after"] + row["listed_self"]
    if not row["listed_self"] and at is None:
        return told
    for name, place, n in (("previous", "earlier", row["before"]), ("next", "later", row["after"])):
        told[name] = beside(row[place]) if n else None
    return told | {"place": row["before"] + 1 if row["listed_self"] else None}


def beside(value: Any) -> dict[str, Any]:
    """A neighbour, from ClickHouse's tuple: an array, or an object by number."""
    last_seen, customer = value.values() if isinstance(value, dict) else value  # pyright: ignore[reportUnknownVariableType]
    return {"customer": customer, "last_seen": int(last_seen)}  # pyright: ignore[reportUnknownArgumentType]
