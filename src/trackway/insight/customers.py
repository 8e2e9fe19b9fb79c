"""Who is there? Customers by what they were last seen, found by uuid or identifier; one customer's profile."""

from typing import Any

from trackway.books.erasures import PERSON_UUIDS_MAX, Person
from trackway.errors import RequestRefused
from trackway.event import UUID_TEXT
from trackway.identifier import customer_uuid
from trackway.insight.filters import encode_cursor
from trackway.store.pool import Pool

FOUND_BY_IDENTIFIER_MAX = 1_000

LIST = """
SELECT uuid AS customer, min(time) AS first_seen, max(time) AS last_seen, count() AS events
FROM events
WHERE site = {site:String} %s
GROUP BY uuid
HAVING (last_seen, uuid) < ({before:Int64}, {before_uuid:UUID})
ORDER BY last_seen DESC, uuid DESC
LIMIT {limit:UInt32}
"""

IDENTIFIERS = """
SELECT uuid, kind, argMax(value, first_seen) AS value FROM identifiers
WHERE site = {site:String} AND uuid IN {uuids:Array(UUID)}
GROUP BY uuid, kind
"""

BY_IDENTIFIER = """
SELECT uuid FROM identifiers
WHERE site = {site:String} AND positionCaseInsensitiveUTF8(value, {words:String}) > 0
GROUP BY uuid LIMIT {limit:UInt32}
"""

BY_EXACT_IDENTIFIER = """
SELECT uuid FROM identifiers
WHERE site = {site:String} AND (value = {value:String} OR (kind = 'email' AND value = lower({value:String})))
ORDER BY first_seen LIMIT 1
"""

PROFILE = """
SELECT uuid AS customer, min(time) AS first_seen, max(time) AS last_seen, count() AS events,
       uniqExactIf(session, session IS NOT NULL) AS sessions,
       groupUniqArrayIf(20)((device, browser, os), device != '') AS devices,
       argMinIf((channel, referrer_host), (time, position), channel NOT IN ('', 'internal')) AS first_source,
       argMaxIf(country, time, country != '') AS country
FROM events
WHERE site = {site:String} AND uuid = {uuid:UUID}
GROUP BY uuid
"""


UUIDS_OF = "SELECT DISTINCT uuid FROM identifiers WHERE site = {site:String} AND value IN {values:Array(String)}"

ALL_IDENTIFIERS = """
SELECT kind, value, uuid, min(first_seen) AS since FROM identifiers
WHERE site = {site:String} AND uuid IN {uuids:Array(UUID)}
GROUP BY kind, value, uuid ORDER BY since
"""

SHARING = "SELECT DISTINCT uuid FROM identifiers WHERE site = {site:String} AND value IN {values:Array(String)}"


async def list_customers(
    pool: Pool, site: str, words: str, limit: int, before: tuple[int, str] | None
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of customers, the last seen first, and the next cursor. `words`: a uuid or part of an identifier."""
    narrowed, values = await narrow(pool, site, words.strip())
    before_time, before_uuid = before or (2**62, "ffffffff-ffff-ffff-ffff-ffffffffffff")
    values |= {"site": site, "limit": limit + 1, "before": before_time, "before_uuid": before_uuid}
    found = await pool.rows(LIST % narrowed, values, heavy=not words)
    page = found[:limit]
    await put_identifiers(pool, site, page)
    more = len(found) > limit
    return page, encode_cursor(page[-1]["last_seen"], page[-1]["customer"]) if more else None


async def narrow(pool: Pool, site: str, words: str) -> tuple[str, dict[str, Any]]:
    """The condition for what was typed: nothing, a uuid, or part of an identifier."""
    if not words:
        return "", {}
    if UUID_TEXT.match(words):
        uuids = [words.lower()]
    else:
        asked = {"site": site, "words": words, "limit": FOUND_BY_IDENTIFIER_MAX}
        uuids = [row["uuid"] for row in await pool.rows(BY_IDENTIFIER, asked)]
    return "AND uuid IN {uuids:Array(UUID)}", {"uuids": uuids}


async def put_identifiers(pool: Pool, site: str, customers: list[dict[str, Any]]) -> None:
    """Add uuids and identifiers to listed customers."""
    asked = {"site": site, "uuids": [customer["customer"] for customer in customers]}
    known: dict[str, dict[str, str]] = {}
    for row in await pool.rows(IDENTIFIERS, asked) if customers else []:
        known.setdefault(row["uuid"], {})[row["kind"]] = row["value"]
    for customer in customers:
        customer["uuids"] = [customer["customer"]]
        customer["identifiers"] = known.get(customer["customer"], {})


async def find_uuid(pool: Pool, site: str, customer: str) -> str:
    """The uuid of a customer named by uuid, customId or e-mail. Raises RequestRefused(not_found)."""
    if UUID_TEXT.match(customer):
        return customer.lower()
    rows = await pool.rows(BY_EXACT_IDENTIFIER, {"site": site, "value": customer})
    if not rows:
        raise RequestRefused("not_found", f"Site {site} knows no customer {customer!r}.", "customer")
    return str(rows[0]["uuid"])


async def find_person(pool: Pool, site: str, customer: str) -> Person:
    """All that a customer is known by: uuids that share an identifier with the one named, and those identifiers.

    A device on which several people (customIds) were known welds nobody together: then only what was named counts.
    Raises RequestRefused(not_found) for an identifier that the site does not know.
    """
    named = [customer.lower()] if UUID_TEXT.match(customer) else []
    own = await pool.rows(UUIDS_OF, {"site": site, "values": [customer, customer.lower()]})
    uuids = {row["uuid"] for row in own} | set(named)
    if not uuids:
        raise RequestRefused("not_found", f"Site {site} knows no customer {customer!r}.", "customer")
    known = await pool.rows(ALL_IDENTIFIERS, {"site": site, "uuids": sorted(uuids)})
    if len({row["value"] for row in known if row["kind"] == "customId"}) > 1:
        return Person(site, tuple(sorted(uuids))[:PERSON_UUIDS_MAX], () if named else (customer,))
    values = sorted({row["value"] for row in known})
    uuids |= {row["uuid"] for row in await pool.rows(UUIDS_OF, {"site": site, "values": values})}
    # A back office that names the customer once more would be given these.
    uuids |= {customer_uuid(site, {row["kind"]: row["value"]}) for row in known}
    return Person(site, tuple(sorted(uuids))[:PERSON_UUIDS_MAX], tuple(values))


async def read_identifiers(pool: Pool, site: str, uuids: tuple[str, ...]) -> list[dict[str, Any]]:
    """Every identifier that these uuids were known by, and since when."""
    return await pool.rows(ALL_IDENTIFIERS, {"site": site, "uuids": list(uuids)})


async def read_profile(pool: Pool, site: str, customer: str) -> dict[str, Any]:
    """One customer. Raises RequestRefused(not_found)."""
    uuid = await find_uuid(pool, site, customer)
    rows = await pool.rows(PROFILE, {"site": site, "uuid": uuid})
    if not rows:
        raise RequestRefused("not_found", f"Site {site} has no events of customer {customer!r}.", "customer")
    profile = rows[0]
    await put_identifiers(pool, site, [profile])
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
