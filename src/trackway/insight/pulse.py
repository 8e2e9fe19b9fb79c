"""Is it running, and how many are here? Events and visitors of the last half hour, minute by minute."""

from typing import Any

from trackway.insight.person import CUSTOMER
from trackway.store.pool import Pool

MINUTE_MS = 60_000
MINUTES = 30
HERE_MINUTES = 5

BY_MINUTE = f"""
SELECT intDiv(time, 60000) * 60000 AS minute, count() AS events, uniqExact({CUSTOMER}) AS visitors
FROM events
WHERE site = {{site:String}} AND received >= {{since:Int64}} AND time >= {{since:Int64}}
  AND source != 'system' AND NOT bot
GROUP BY minute
"""  # noqa: S608 - our own words

HERE = f"""
SELECT uniqExact({CUSTOMER}) AS visitors FROM events
WHERE site = {{site:String}} AND received >= {{since:Int64}} AND time >= {{since:Int64}}
  AND source != 'system' AND NOT bot
"""  # noqa: S608 - our own words


async def pulse(pool: Pool, site: str, now_ms: int) -> dict[str, Any]:
    """`visitors_now`: people (robots left out) with an event in the last 5 minutes; `minutes`: the last 30."""
    this_minute = now_ms // MINUTE_MS * MINUTE_MS
    since = this_minute - (MINUTES - 1) * MINUTE_MS
    found = {row["minute"]: row for row in await pool.rows(BY_MINUTE, {"site": site, "since": since})}
    here = await pool.rows(HERE, {"site": site, "since": now_ms - HERE_MINUTES * MINUTE_MS})
    empty = {"events": 0, "visitors": 0}
    return {
        "visitors_now": here[0]["visitors"],
        "minutes": [
            {"time": minute} | {name: found.get(minute, empty)[name] for name in empty}
            for minute in range(since, this_minute + 1, MINUTE_MS)
        ],
    }
