"""Fills a store with the demo shop's events many times over, for measuring how it reads when there are many.

A month of the shop's visitors comes in by the front door once. Then the store copies it: each copy with people,
sessions and ids of its own, and each of its people at another time of day, so that a copy has the shape of the whole.
"""

import math
import time
from pathlib import Path
from typing import NamedTuple

from trackway.bench.server import Target
from trackway.demo.places import DATABASE
from trackway.demo.visitors import backfill
from trackway.store.pool import Connection, Pool
from trackway.store.row import COLUMNS

SEED = 5
DAYS = 30
DAY_MS = 86_400_000
STEP_MS = DAY_MS // 2
SOME = 2_000

OWN = "reinterpret(bitXor(reinterpret({0}, 'UInt128'), bitShiftLeft(toUInt128(copy_key), 64)), 'UUID')"
"""ClickHouse SQL: a UUID with its last 12 digits changed, in the same way for all of a copy."""
CHANGED = {name: OWN.format(name) for name in ("id", "uuid", "customer")} | {
    "session": f"if(isNull(session), NULL, {OWN.format('assumeNotNull(session)')})",
    "time": "at",
    "received": "at + 40",
    "position": "{first:UInt64} + rowNumberInAllBlocks()",
}
COPY = """
INSERT INTO events ({columns}) SELECT {values} FROM (
    SELECT *, arrayJoin(range(1, {{copies:UInt32}})) AS copy, bitAnd(sipHash64(copy), 0xFFFFFFFFFFFF) AS copy_key,
           time - toInt64(sipHash64(copy, customer) % {day}) AS at
    FROM events
    WHERE position <= {{base:UInt64}} AND time >= {{since:Int64}} AND time < {{until:Int64}}
    ORDER BY at
)"""
SHAPE = "SELECT count() AS events, max(position) AS base, min(time) AS begin, max(time) AS end FROM events"
BYTES = "SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND table = 'events'"
PEOPLE = "SELECT DISTINCT uuid FROM events ORDER BY cityHash64(uuid) LIMIT {some:UInt32}"


class Filled(NamedTuple):
    """Some of the people in a store, how many events it holds, and the bytes that its live parts take."""

    people: list[str]
    events: int
    bytes: int


def fill(data: Path, events: int) -> Filled:
    """Fill a new folder with at least `events` events of the last 30 days, merged as they would be after those days."""
    with Target("serve", data, geoip_path=str(DATABASE)) as target:
        report = backfill(target.url, target.key(), SEED, int(time.time() * 1000), days=DAYS)
        target.wait_until_loaded()
    pool = Pool(data)
    try:
        connection = pool.connect()
        copy_all(connection, math.ceil(events / report.accepted))
        connection.command("OPTIMIZE TABLE events FINAL")
        people = [row["uuid"] for row in connection.rows(PEOPLE, {"some": SOME})]
        found = Filled(people, connection.rows(SHAPE)[0]["events"], int(connection.rows(BYTES)[0]["bytes"]))
        connection.close()
    finally:
        pool.close()
    return found


def copy_all(connection: Connection, times: int) -> None:
    """Have a store hold `times` times what it holds."""
    shape = connection.rows(SHAPE)[0]
    columns = [name.strip() for name in COLUMNS.split(",")]
    copy = COPY.format(
        columns=", ".join(columns), values=", ".join(CHANGED.get(name, name) for name in columns), day=DAY_MS
    )
    first = shape["base"] + 1
    for since in range(shape["begin"], shape["end"] + 1, STEP_MS):
        bounds = {"since": since, "until": since + STEP_MS, "base": shape["base"]}
        connection.command(copy, bounds | {"first": first, "copies": times})
        first = connection.rows(SHAPE)[0]["base"] + 1
