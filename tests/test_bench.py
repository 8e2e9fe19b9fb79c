"""What the load test reads: a store filled with the demo's events many times over."""

from pathlib import Path
from typing import Any

from trackway.bench.fill import DAY_MS, DAYS, fill
from trackway.store.pool import Pool

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


def test_a_filled_store_has_the_demos_shape_many_times_over(tmp_path: Path) -> None:
    filled = fill(tmp_path, 40_000)
    pool = Pool(tmp_path)
    connection = pool.connect()

    def one(sql: str) -> dict[str, Any]:
        return connection.rows(sql)[0]

    try:
        found = one(WHOLE)
        assert filled.events == found["n"] == found["ids"] == found["places"] >= 40_000
        assert (DAYS - 2) * DAY_MS < found["ms"] < (DAYS + 2) * DAY_MS
        # Each session of the demo is there as often as it was copied, each time with the same events as far apart.
        told = one(SHAPES)
        assert told["fewest"] >= 2
        assert one(f"SELECT count() AS n FROM ({SESSIONS})")["n"] >= told["shapes"] * told["fewest"]
        assert one("SELECT countIf(unusual > 0) AS n FROM events WHERE action = 'element.hover'")["n"] > 0
        assert set(filled.people) <= {row["uuid"] for row in connection.rows("SELECT DISTINCT uuid FROM events")}
    finally:
        connection.close()
        pool.close()
