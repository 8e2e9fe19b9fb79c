"""What became of one event? Stored, come again, refused, still on its way, or never seen here."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from trackway.books import Ledger
from trackway.insight.person import show_row
from trackway.record import decode_record, split_group
from trackway.spool import find_groups
from trackway.store.pool import Connection, Pool
from trackway.store.row import COLUMNS, decode_rows
from trackway.values import withhold_refused

GROUPS_MAX = 50
"""Groups of the spool looked into; an event sent over and over may lie in many."""

NEVER_CAME = (
    "{} has never come here, or was sent without that id, or is past its retention. Look at the sender: a blocked "
    "request, another server's address, or an answer other than 200, which asks to send again."
)
STORED = f"SELECT {COLUMNS} FROM events WHERE toUInt128(id) = toUInt128({{id:UUID}}) LIMIT 100"  # noqa: S608 - our own words

KNOWN = """
SELECT id FROM events
WHERE site = {site:String} AND toUInt128(id) IN (SELECT toUInt128(arrayJoin({ids:Array(UUID)})))
"""


async def known_ids(pool: Pool, site: str, ids: Sequence[str]) -> set[str]:
    """Which of some event ids a site has stored already."""
    rows = await pool.rows(KNOWN, {"site": site, "ids": list(ids)}) if ids else []
    return {row["id"] for row in rows}


def explain(  # noqa: PLR0913 - what it asks, and who asks
    ask: Connection, ledger: Ledger, spool: Path, event_id: str, sites: frozenset[str], sealed: bool = False
) -> dict[str, Any]:
    """What `sites` know of an event id (lower case), in the shape of the API. `ask`: a connection to the store;
    `sealed`: for somebody who may not see what was put into forms.

    An event on its way between two of the places that are asked is looked for in the order of its way, so that it is
    found in one of them.
    """
    waiting = [site for site in waiting_sites(spool, event_id) if site in sites]
    stored = [row for row in decode_rows(ask.lines(STORED, {"id": event_id})) if row.site in sites]
    refused = [row for row in ledger.quarantined(event_id) if row["site"] in sites]
    refused = [withhold_refused(row) for row in refused] if sealed else refused
    n, last = next((found for site, found in ledger.repeats(event_id).items() if site in sites), (0, None))
    told = {"id": event_id, "event": None, "quarantined": refused, "repeats": n, "repeated_at": last}
    if stored:
        event = show_row(ledger.register, stored[0], sealed)
        words = stored_words(event, n, last)
        return told | {"verdict": "stored", "event": event, "message": words + replay_words(refused)}
    if waiting:
        words = f"{event_id} is safe on disk for site {waiting[0]}, and not stored yet."
        return told | {"verdict": "in_flight", "message": words}
    if refused:
        return told | {"verdict": "rejected", "message": rejected_words(refused[0])}
    return told | {"verdict": "unknown", "message": NEVER_CAME.format(event_id)}


def waiting_sites(spool: Path, event_id: str) -> list[str]:
    """The sites for which an event waits in the spool."""
    found: list[str] = []
    for group in find_groups(spool, event_id, GROUPS_MAX) if spool.exists() else []:
        for payload in split_group(group.payload):
            try:
                record = decode_record(payload)
            except msgspec.MsgspecError:
                continue  # the loader sets it aside, where it is found by its text
            ids = [event.id for event in record.events] + [refusal.why.id for refusal in record.refused]
            if event_id in ids:
                found.append(record.site)
    return found


def stored_words(event: dict[str, Any], repeats: int, last: int | None) -> str:
    """An event that is there, told from how its reader is shown it."""
    received, time_ = event["received"], event["time"]
    words = (
        f"Stored in site {event['site']}: {event['action']} “{event['label']}”, received {clock(received)}, which is "
        f"{(received - time_) / 1000:.1f} s after its own time {clock(time_)}; look there if it is not where "
        "you expect it."
    )
    if last is not None:
        words += f" It came again {repeats} times, last {clock(last)}: a duplicate of the stored one each time."
    return words


def replay_words(refused: list[dict[str, Any]]) -> str:
    """Whether a stored event was refused first."""
    replayed = next((row for row in refused if row["replayed"] and row["verdict"] == "stored"), None)
    return (
        f" It was refused with {replayed['code']} first, and replayed {clock(replayed['replayed_at'])}."
        if replayed
        else ""
    )


def rejected_words(row: dict[str, Any]) -> str:
    """An event that was refused."""
    fate = "It is being replayed." if row["waiting"] else "It is kept in the quarantine and can be replayed."
    if row["replayed"]:
        fate = f"It was replayed {clock(row['replayed_at'])}, and is no longer stored."
    field = f" (field {row['field']})" if row["field"] else ""
    return (
        f"Refused in site {row['site']} with {row['code']} at {clock(row['received'])}: {row['message']}{field} {fate}"
    )


def clock(ms: int) -> str:
    """A time for people, in UTC."""
    seconds, rest = divmod(ms, 1000)
    try:
        return time.strftime(f"%Y-%m-%d %H:%M:%S.{rest:03d} UTC", time.gmtime(seconds))
    except (ValueError, OverflowError):
        return f"{ms} ms"
