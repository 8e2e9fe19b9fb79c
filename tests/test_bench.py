"""What the load test reads: a store filled with the demo's events many times over.

Run as a program (`python -m tests.test_bench FOLDER`) this file fills a folder and tells what is in it: a process can
have one chDB store open, and the one that runs the tests may have another.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from trackway.bench.fill import DAY_MS, DAYS, fill
from trackway.store.pool import Pool

ROOT = Path(__file__).parent.parent
WHOLE = (
    "SELECT count() AS n, uniqExact(id) AS ids, uniqExact(position) AS places, max(time) - min(time) AS ms FROM events"
)
SESSIONS = """
SELECT arraySort(groupArray((action, time - began, ifNull(seq, 0)))) AS shape
FROM (
    SELECT *, min(time) OVER (PARTITION BY session) AS began FROM events WHERE isNotNull(session) AND source != 'system'
)
GROUP BY session
"""
SHAPES = (
    f"SELECT count() AS shapes, min(n) AS fewest FROM (SELECT shape, count() AS n FROM ({SESSIONS}) GROUP BY shape)"
)
UNUSUAL = "SELECT countIf(unusual > 0) AS unusual FROM events WHERE action = 'element.hover'"
STORED = 40_000


def tell(folder: Path) -> dict[str, Any]:
    """Fill a folder, and what is in it then."""
    filled = fill(folder, STORED)
    pool = Pool(folder)
    connection = pool.connect()
    told: dict[str, Any] = {"events": filled.events, "people": len(filled.people)}
    for sql in (WHOLE, SHAPES, f"SELECT count() AS sessions FROM ({SESSIONS})", UNUSUAL):
        told |= connection.rows(sql)[0]
    known = {row["uuid"] for row in connection.rows("SELECT DISTINCT uuid FROM events")}
    told["strangers"] = len(set(filled.people) - known)
    connection.close()
    pool.close()
    return told


def test_a_filled_store_has_the_demos_shape_many_times_over(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.test_bench", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)

    assert told["events"] == told["n"] == told["ids"] == told["places"] >= STORED
    assert (DAYS - 2) * DAY_MS < told["ms"] < (DAYS + 2) * DAY_MS
    # Each session of the demo is there as often as it was copied, each time with the same events as far apart.
    assert told["fewest"] >= 2
    assert told["sessions"] >= told["shapes"] * told["fewest"]
    assert told["unusual"] > 0
    assert (told["people"] > 0, told["strangers"]) == (True, 0)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(tell(Path(sys.argv[1]))))
