"""Did a device send what never came? Missing numbers between a device's own lowest and highest `seq`.

Numbers that came and were refused are in the quarantine, and so are not missing.
"""

import asyncio
from typing import Any

import msgspec

from trackway.books import Ledger, QuarantineFilter
from trackway.store.pool import Pool

DEVICES_MAX = 100
MISSING_LISTED_MAX = 100
REFUSED_LOOKED_AT_MAX = 10_000


class Numbered(msgspec.Struct):
    """The part of a refused event that a gap is filled by."""

    seq: int


GAPS = """
SELECT uuid, min(seq) AS lowest, max(seq) AS highest, uniqExact(seq) AS stored,
       arraySlice(arrayFilter(
           n -> NOT has(groupUniqArray(assumeNotNull(seq)) AS seen, n),
           range(lowest, least(highest, lowest + 100000))), 1, {most:UInt32}) AS missing
FROM events
WHERE site = {site:String} AND received >= {since:Int64} AND received < {until:Int64} AND seq IS NOT NULL
GROUP BY uuid
HAVING stored < highest - lowest + 1
ORDER BY highest - lowest + 1 - stored DESC
LIMIT {devices:UInt32}
"""


async def find_gaps(  # noqa: PLR0913 - whose, when and how many
    pool: Pool, ledger: Ledger, site: str, since: int, until: int, devices: int = DEVICES_MAX
) -> list[dict[str, Any]]:
    """At most `devices` devices with gaps in what was received in [since, until), the widest first."""
    asked = {"site": site, "since": since, "until": until, "most": MISSING_LISTED_MAX, "devices": devices}
    found = await pool.rows(GAPS, asked, heavy=True)
    if not found:
        return []
    wanted = QuarantineFilter(site, since=since, until=until, limit=REFUSED_LOOKED_AT_MAX, replayed=False)
    refused = refused_numbers(await asyncio.to_thread(ledger.quarantine, wanted))
    gaps: list[dict[str, Any]] = []
    for row in found:
        mine = refused.get(row["uuid"], set())
        came = {number for number in mine if row["lowest"] <= number <= row["highest"]}
        missing = [number for number in row["missing"] if number not in came]
        sent = row["highest"] - row["lowest"] + 1
        if sent > row["stored"] + len(came):
            gaps.append({"uuid": row["uuid"], "sent": sent, "stored": row["stored"], "missing": missing})
    return gaps


def refused_numbers(quarantined: list[dict[str, Any]]) -> dict[str, set[int]]:
    """The `seq` of refused events, by device."""
    found: dict[str, set[int]] = {}
    for row in quarantined:
        try:
            event = msgspec.json.decode(row["event"], type=Numbered)
        except msgspec.ValidationError:
            continue  # it has no number, so it fills no gap
        found.setdefault(row["uuid"], set()).add(event.seq)
    return found
