"""Fills a stopped server's store with made-up events, for measuring how it reads when there are many.

It writes rows the way the loader's writer does, without the HTTP in front: 10 million events in a minute or two.
"""

import random
import time
from pathlib import Path
from typing import NamedTuple

from trackway.store.migrate import migrate
from trackway.store.pool import Pool
from trackway.store.row import Row, encode_rows

BATCH = 50_000
PEOPLE = 200_000
DAYS_MS = 30 * 86_400_000
ACTIONS = ("page.visit", "page.visit", "page.visit", "element.view", "element.click", "product.view", "session.start")


ACTIVE_BYTES = "SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND table = 'events'"


class Filled(NamedTuple):
    """Some of the people in the store, and the bytes that its live parts take, all orders of the events together."""

    people: list[str]
    bytes: int


def fill(data: Path, events: int) -> Filled:
    """Write `events` events spread over 30 days and 200,000 people, merged as they would be after those days."""
    chance = random.Random(5)  # noqa: S311 - made-up people
    people = [f"{chance.getrandbits(32):08x}-1111-7000-8000-{chance.getrandbits(48):012x}" for _ in range(PEOPLE)]
    pool = Pool(data)
    try:
        connection = pool.connect()
        migrate(connection)
        now = int(time.time() * 1000)
        for first in range(0, events, BATCH):
            batch = [
                make_row(chance, people, number, events, now) for number in range(first, min(events, first + BATCH))
            ]
            connection.insert("events", encode_rows(batch))
        connection.command("OPTIMIZE TABLE events FINAL")
        taken = int(connection.rows(ACTIVE_BYTES)[0]["bytes"])
        connection.close()
    finally:
        pool.close()
    return Filled(people[:2_000], taken)


def make_row(chance: random.Random, people: list[str], number: int, events: int, now: int) -> Row:
    """One made-up event; time goes on from one to the next."""
    at = now - DAYS_MS + number * DAYS_MS // events
    person, page = people[int(chance.random() ** 2 * PEOPLE)], number % 997
    low = chance.getrandbits(62)
    return Row(
        site="default",
        id=f"{at >> 16:08x}-{at & 0xFFFF:04x}-7{number & 0xFFF:03x}-{0x8000 | low >> 48:04x}-{low % 2**48:012x}",
        position=number + 1,
        action=ACTIONS[number % len(ACTIONS)],
        label=f"Visited page Product {page}",
        time=at,
        received=at + 40,
        uuid=person,
        customer=person,
        source="web",
        params=f'{{"url":"https://shop.example/products/{page}?ref=list","title":"Product {page} in the shop",'
        f'"referrer":"https://search.example/","width":{1200 + low % 700},"language":"en"}}',
        session=f"{at // 1_800_000:08x}{person[8:]}",
        seq=number,
        browser="Chrome",
        os="Windows",
        device="desktop",
        channel="search",
        referrer_host="search.example",
        key="bench",
    )
