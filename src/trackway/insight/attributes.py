"""What is told of a customer, and since when? Attributes are what `client.identify` says beside the identifiers, and
the e-mail address of a form. They are read from the events, so they follow merges, erasure and retention by themselves.
"""

import json
from collections.abc import Sequence
from typing import Any

from trackway.insight.person import CUSTOMER
from trackway.store.pool import Pool

ATTRIBUTES_MAX = 100
HISTORY_MAX = 20
"""Values shown of an attribute, the newest first."""
FOUND_MAX = 1_000

TELLING = "(action = 'client.identify' OR (action = 'form.submit' AND name = 'email')) AND name != 'customId'"
TOLD = "action IN ('client.identify', 'form.submit')"

HISTORY = f"""
SELECT name, value, time, toString(id) AS event
FROM (
    SELECT pair.1 AS name, pair.2 AS value, time, position, id,
           lagInFrame(pair.2) OVER (
               PARTITION BY pair.1 ORDER BY time, position ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS old
    FROM (
        SELECT action, time, position, id, params FROM events WHERE site = {{site:String}} %s AND {TOLD}
    ) ARRAY JOIN JSONExtractKeysAndValuesRaw(params) AS pair
    WHERE {TELLING.replace("name", "pair.1")}
)
WHERE value != old
ORDER BY time DESC, position DESC
LIMIT {{history:UInt32}} BY name
LIMIT {{most:UInt32}}
"""  # noqa: S608 - our own words

# The first condition is quick and rules out nearly all; the second looks at values only.
BY_WORDS = f"""
SELECT DISTINCT toString({CUSTOMER}) AS whole FROM events
WHERE site = {{site:String}} AND {TOLD} AND positionCaseInsensitiveUTF8(params, {{words:String}}) > 0
  AND arrayExists(
      pair -> {TELLING.replace("name", "pair.1")} AND positionCaseInsensitiveUTF8(pair.2, {{words:String}}) > 0,
      JSONExtractKeysAndValuesRaw(params))
LIMIT {{most:UInt32}}
"""  # noqa: S608 - our own words

BY_VALUE = f"""
SELECT toString({CUSTOMER}) AS whole FROM events
WHERE site = {{site:String}} AND action = 'client.identify' AND JSONHas(params, {{name:String}})
GROUP BY whole
HAVING argMax(if(JSONType(params, {{name:String}}) = 'String', JSONExtractString(params, {{name:String}}),
                 JSONExtractRaw(params, {{name:String}})), (time, position)) = {{value:String}}
LIMIT {{most:UInt32}}
"""  # noqa: S608 - our own words


async def read_attributes(
    pool: Pool, site: str, condition: str, values: dict[str, Any], held: set[str]
) -> list[dict[str, Any]]:
    """A customer's attributes: name, value, since when, and the values before. `condition`, `values`: whose events.

    Addresses that are `held` as identifiers are left out: they are told there.
    """
    asked = values | {"site": site, "history": HISTORY_MAX, "most": ATTRIBUTES_MAX * HISTORY_MAX}
    found: dict[str, list[dict[str, Any]]] = {}
    for row in await pool.rows(HISTORY % condition, asked):
        value = json.loads(row["value"])
        if row["name"] == "email" and isinstance(value, str) and value.lower() in held:
            continue
        found.setdefault(row["name"], []).append({"value": value, "since": row["time"], "event": row["event"]})
    return [{"name": name, **history[0], "history": history[1:]} for name, history in sorted(found.items())]


async def find_by_words(pool: Pool, site: str, words: str) -> list[str]:
    """Customers with these words in an attribute, now or before; at most FOUND_MAX."""
    rows = await pool.rows(BY_WORDS, {"site": site, "words": words, "most": FOUND_MAX}, heavy=True)
    return [row["whole"] for row in rows]


async def find_by_attributes(pool: Pool, site: str, attributes: Sequence[tuple[str, str]]) -> set[str]:
    """Customers of whom all of these attributes are so now; at most FOUND_MAX for each."""
    found: set[str] | None = None
    for name, value in attributes:
        asked = {"site": site, "name": name, "value": value, "most": FOUND_MAX}
        these = {row["whole"] for row in await pool.rows(BY_VALUE, asked, heavy=True)}
        found = these if found is None else found & these
    return found or set()
