"""Who is there? Customers, the last seen first, found by uuid, identifier or attribute; one customer's profile."""

import asyncio
from collections.abc import Sequence
from typing import Any

from trackway.books.register import Register
from trackway.errors import RequestRefused
from trackway.event import UUID_TEXT
from trackway.insight.attributes import find_by_attributes, find_by_words, read_attributes
from trackway.insight.filters import encode_cursor
from trackway.insight.kinds import KIND_SQL, KINDS
from trackway.insight.person import CUSTOMER, Whom, find_customer, newest_identifiers, whom_of
from trackway.insight.question import Scope
from trackway.store.pool import Pool

UUIDS_SHOWN_MAX = 1_000

LIST = f"""
SELECT {CUSTOMER} AS whole, min(time) AS first_seen, max(time) AS last_seen, count() AS events
FROM events
WHERE site = {{site:String}} %s
GROUP BY whole
HAVING (last_seen, whole) < ({{before:Int64}}, {{before_customer:UUID}})
ORDER BY last_seen DESC, whole DESC
LIMIT {{limit:UInt32}}
"""  # noqa: S608 - our own words

OF = "AND uuid IN {uuids:Array(UUID)} AND customer IN {customers:Array(UUID)}"
OF_CUSTOMERS = "AND customer IN {customers:Array(UUID)}"

UUIDS = f"""
SELECT {CUSTOMER} AS whole, groupUniqArray({UUIDS_SHOWN_MAX})(uuid) AS uuids FROM events
WHERE site = {{site:String}} %s
GROUP BY whole
"""  # noqa: S608 - our own words

PROFILE = f"""
SELECT min(time) AS first_seen, max(time) AS last_seen, count() AS events,
       groupUniqArray({UUIDS_SHOWN_MAX})(uuid) AS uuids,
       uniqExactIf(session, session IS NOT NULL) AS sessions,
       groupUniqArrayIf(20)((device, browser, os), device != '') AS devices,
       argMinIf((channel, referrer_host), (time, position), channel NOT IN ('', 'internal')) AS first_source,
       argMaxIf(country, time, country != '') AS country,
       {", ".join(f"countIf({condition}) AS {kind}" for kind, condition in KIND_SQL.items())}
FROM events
WHERE site = {{site:String}} %s
"""  # noqa: S608 - our own words


SOURCES = """
SELECT channel, referrer_host, count() AS visits, min(time) AS first_seen, max(time) AS last_seen
FROM events
WHERE site = {site:String} %s AND channel NOT IN ('', 'internal')
GROUP BY channel, referrer_host
ORDER BY visits DESC, channel, referrer_host
LIMIT 20
"""


def of(whom: Whom) -> tuple[str, dict[str, Any]]:
    """The condition for somebody's events, and its parameters."""
    customers = {"customers": list(whom.customers)}
    return (OF, customers | {"uuids": list(whom.uuids)}) if whom.uuids is not None else (OF_CUSTOMERS, customers)


async def list_customers(  # noqa: PLR0913 - whose, and which page
    pool: Pool,
    register: Register,
    site: str,
    words: str,
    attributes: Sequence[tuple[str, str]],
    limit: int,
    before: tuple[int, str] | None,
    within: Scope | None = None,
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of customers, the last seen first, and the next cursor; only those with an event `within` that scope.

    `words`: a uuid, or part of an identifier or of an attribute's value; `attributes`: what attributes are now.
    """
    listed = await condition_of(pool, register, site, words, attributes, within)
    if listed is None:
        return [], None
    condition, values, heavy = listed
    before_time, before_customer = before or (2**62, "ffffffff-ffff-ffff-ffff-ffffffffffff")
    values |= {"site": site, "limit": limit + 1, "before": before_time, "before_customer": before_customer}
    rows = await pool.rows(LIST % condition, values, heavy=heavy)
    page = [{"customer": row.pop("whole"), **row} for row in rows[:limit]]
    await put_known(pool, register, site, page)
    more = len(rows) > limit
    return page, encode_cursor(page[-1]["last_seen"], page[-1]["customer"]) if more else None


async def condition_of(  # noqa: PLR0913 - whose, asked of whom
    pool: Pool,
    register: Register,
    site: str,
    words: str,
    attributes: Sequence[tuple[str, str]],
    within: Scope | None,
) -> tuple[str, dict[str, Any], bool] | None:
    """The condition on events of the customers in a list, its parameters, and whether every event of the site may have
    to be read; None: nobody is in it.
    """
    found = await narrow(pool, register, site, words.strip(), attributes)
    if found is not None and not found.customers:
        return None
    condition, values = of(found) if found is not None else ("", dict[str, Any]())
    if within is not None and not within.is_whole:
        where, such = within.where()
        condition += f" AND {CUSTOMER} IN (SELECT {CUSTOMER} FROM events WHERE {where})"  # noqa: S608 - our own words
        values |= such
    return condition, values, found is None


async def narrow(
    pool: Pool, register: Register, site: str, words: str, attributes: Sequence[tuple[str, str]]
) -> Whom | None:
    """Whose events are to be looked at; None: everybody's."""
    found: set[str] | None = None
    if words:
        if UUID_TEXT.match(words):
            named = register.customers_of(site, words.lower())
        else:
            named = await asyncio.to_thread(register.search, site, words) + await find_by_words(pool, site, words)
        found = {register.whole(site, one) for one in named}
    if attributes:
        having = {register.whole(site, one) for one in await find_by_attributes(pool, site, attributes)}
        found = having if found is None else found & having
    return None if found is None else whom_of(register, site, found)


async def put_known(pool: Pool, register: Register, site: str, page: list[dict[str, Any]]) -> None:
    """Add uuids and identifiers to listed customers."""
    if not page:
        return
    wholes = [customer["customer"] for customer in page]
    condition, values = of(whom_of(register, site, wholes))
    uuids = {row["whole"]: row["uuids"] for row in await pool.rows(UUIDS % condition, values | {"site": site})}
    known = newest_identifiers(register, site, wholes)
    for customer in page:
        customer["uuids"] = sorted(uuids.get(customer["customer"], [customer["customer"]]))
        customer["identifiers"] = known[customer["customer"]]


async def read_profile(pool: Pool, register: Register, site: str, named: str) -> dict[str, Any]:
    """One customer, with what they are known by and their attributes. Raises RequestRefused(not_found)."""
    customer = find_customer(register, site, named)
    whom = whom_of(register, site, [customer])
    condition, values = of(whom)
    (profile,) = await pool.rows(PROFILE % condition, values | {"site": site})
    if not profile["events"]:
        raise RequestRefused("not_found", f"Site {site} has no events of customer {named!r}.", "customer")
    profile["kinds"] = {kind: profile.pop(kind) for kind in KINDS}
    profile["sources"] = await pool.rows(SOURCES % condition, values | {"site": site})
    profile["customer"], profile["uuids"] = customer, sorted(profile["uuids"])
    profile["identities"] = register.identifiers(site, whom.customers)
    profile["identifiers"] = {row["kind"]: row["value"] for row in profile["identities"]}
    held = {row["value"] for row in profile["identities"]}
    profile["attributes"] = await read_attributes(pool, site, condition, values, held)
    profile["devices"] = [
        {"device": device, "browser": browser, "os": system}
        for device, browser, system in map(parts, profile["devices"])
    ]
    channel, referrer_host = parts(profile["first_source"])
    profile["first_source"] = {"channel": channel, "referrer_host": referrer_host} if channel else None
    return profile


def parts(value: Any) -> list[Any]:
    """A ClickHouse tuple as it comes in JSON: an array, or an object by number."""
    return list(value.values()) if isinstance(value, dict) else list(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType, reportUnknownMemberType]
