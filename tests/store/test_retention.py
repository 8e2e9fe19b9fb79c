"""Events leave the store when their time is up: in every order of them, and no others."""

import time
import uuid

from tests.store.test_writer import make_row
from trackway.store.pool import Pool
from trackway.store.writer import Writer

DAY_MS = 86_400_000


def test_events_past_their_retention_are_removed_in_every_order(store: Pool) -> None:
    site, now, person = f"site-{uuid.uuid4().hex[:12]}", int(time.time() * 1000), str(uuid.uuid4())
    kept = {"uuid": person, "received": now}
    rows = [
        make_row(site, 1, time=now - 40 * DAY_MS, retention_days=30, **kept),
        make_row(site, 2, time=-62_135_596_800_000, retention_days=30, **kept),
        make_row(site, 3, time=now - 20 * DAY_MS, retention_days=30, **kept),
        make_row(site, 4, time=now - 4000 * DAY_MS, retention_days=0, **kept),
        make_row(site, 5, time=253_402_300_799_999, retention_days=30, **kept),
    ]
    connection = store.connect()
    Writer(connection).write(rows)

    connection.command("OPTIMIZE TABLE events FINAL")

    by_action = connection.rows(f"SELECT position FROM events WHERE site = '{site}' ORDER BY position")
    by_uuid = connection.rows(f"SELECT position FROM events WHERE site = '{site}' AND uuid = '{person}' ORDER BY time")
    by_id = Writer(connection).write([make_row(site, 9, id=rows[0].id), make_row(site, 10, id=rows[2].id)])
    assert [row["position"] for row in by_action] == [3, 4, 5]
    assert [row["position"] for row in by_uuid] == [4, 3, 5]
    assert ([row.position for row in by_id.stored], [row.position for row in by_id.duplicates]) == ([9], [10])
    connection.close()
