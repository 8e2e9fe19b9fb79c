"""The reckoning after a fault: what was promised against what is there, through the API and in the store itself."""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.faults.sender import Note
from tests.running import Running, SiteOf, wait_for

READ_STORE = """
import sys
from pathlib import Path
from trackway.store.pool import Pool
pool = Pool(Path(sys.argv[1]))
connection = pool.connect()
sql = "SELECT toString(id) AS id, count() AS n FROM events WHERE site = {site:String} GROUP BY id"
sys.stdout.buffer.write(connection.lines(sql, {"site": sys.argv[2]}))
sys.stdout.buffer.write(connection.lines("SELECT 'positions' AS id, count() - uniqExact(position) AS n FROM events"))
connection.close()
pool.close()
"""
"""Run in a process of its own once the server has ended: chDB opens one folder in one process."""


ALL_TIMES: dict[str, Any] = {"from": 0, "to": 2**52}
"""Of the ledger: also what was received by a clock that was ahead of today's."""


class Reckoning(NamedTuple):
    """What a fault has cost. All but `unknown` must be empty."""

    lost: set[str]
    doubled: set[str]
    strangers: set[str]
    """Stored events that nobody sent."""
    unknown: int
    """Events stored although their answer was never read: allowed, once."""

    def __str__(self) -> str:
        return f"lost {len(self.lost)}, doubled {len(self.doubled)}, strangers {len(self.strangers)}"


def reckon(note: Note, stored: Counter[str]) -> Reckoning:
    """Promised against stored."""
    return Reckoning(
        lost=note.acknowledged - stored.keys(),
        doubled={event for event, n in stored.items() if n > 1},
        strangers=stored.keys() - note.sent,
        unknown=len(stored.keys() - note.acknowledged),
    )


def check_books(running: Running, site: SiteOf, note: Note, within_s: float = 60) -> dict[str, Any]:
    """The ledger balances and the quarantine holds each refusal once. The server must be running; the ledger."""
    ledger = settle(running, site, within_s)
    quarantined = Counter(read_quarantine(running, site))
    rejected = sum(ledger["rejected"].values())
    assert ledger["balanced"], ledger
    assert ledger["received"] == ledger["stored"] + ledger["duplicates"] + rejected, ledger
    assert note.acknowledged_n <= ledger["received"] <= note.tried_n, (note.acknowledged_n, note.tried_n, ledger)
    assert note.refused <= quarantined.keys(), f"{len(note.refused - quarantined.keys())} refusals lost"
    assert quarantined.keys() <= note.refused_sent
    assert set(quarantined.values()) <= {1}, quarantined.most_common(5)
    assert quarantined.total() == rejected, (quarantined.total(), ledger["rejected"])
    return ledger


def settle(running: Running, site: SiteOf, within_s: float = 60) -> dict[str, Any]:
    """The ledger of all times once nothing is in flight."""
    found: dict[str, Any] = {}

    def is_settled() -> bool:
        found.update(running.get(f"/sites/{site.id}/ledger", **ALL_TIMES))
        return not found["in_flight"]

    wait_for(is_settled, within_s, lambda: str({**found, "intervals": "…", "gaps": "…"}))
    return found


def read_quarantine(running: Running, site: SiteOf) -> list[str]:
    """The ids of all quarantined events, page after page."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        asked: dict[str, Any] = {"limit": 1000} | ({"cursor": cursor} if cursor else {})
        page = running.get(f"/sites/{site.id}/quarantine", **asked)
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return found


def read_store(data: Path, site: str) -> Counter[str]:
    """How often each event of a site stands in the store's files. The server must have ended."""
    ran = subprocess.run(
        [sys.executable, "-c", READ_STORE, str(data), site], capture_output=True, check=True, timeout=120
    )
    rows = msgspec.json.Decoder(dict[str, Any]).decode_lines(ran.stdout)
    counted = Counter({str(row["id"]): int(row["n"]) for row in rows})
    assert counted.pop("positions") == 0, "two events share one position"
    return counted
