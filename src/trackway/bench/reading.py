"""How long reading takes: where a tenth of the events is stored and where all of them are, while more keep arriving."""

import http.client
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import msgspec
import uvloop

from trackway.bench.fill import DAY_MS, DAYS, Filled, fill
from trackway.bench.load import LOOPBACK
from trackway.bench.server import Target
from trackway.bench.visible import watch

GROWTH = 10
ARRIVING_PER_S = 2_000
FUNNEL = ("page.visit", "product.view", "product.addToCart", "transaction.charge")
TAIL = 50


class Figure(msgspec.Struct):
    """One line of the table."""

    name: str
    value: float
    shown: str
    aim: str
    how: str


class Read(NamedTuple):
    """Something that people look at: how it is asked for, how often a round, and how long it may take."""

    name: str
    ask: Callable[[Target, str], float]
    aim_ms: int
    times: int = 1
    part: float = 0.5
    """The share of answers that are to be faster than the aim."""


class Seen(NamedTuple):
    """What was measured of a store: ms of each read, sorted; of events that came meanwhile; and its size."""

    waits_ms: dict[str, list[float]]
    live_ms: list[float]
    search_ms: list[float]
    memory_mb: float
    filled: Filled


def question(name: str, aim_ms: int, kind: str, **asked: str | int | Sequence[str]) -> Read:
    """A question of Insight, about people in the last 30 days."""

    def ask(target: Target, _: str) -> float:
        since = int(time.time() * 1000) - DAYS * DAY_MS
        query = urlencode({"from": since, "bots": "false", **asked}, doseq=True)
        return timed(target, f"/sites/default/insights/{kind}?{query}")

    return Read(name, ask, aim_ms)


def timed(target: Target, path: str) -> float:
    """How long a read takes, in ms."""
    began = time.perf_counter()
    target.get(path)
    return (time.perf_counter() - began) * 1000


def read_feed(target: Target, person: str) -> float:
    """How long a page of a customer's feed takes, in ms."""
    return timed(target, f"/sites/default/customers/{person}/activity?limit=50")


def read_newest(target: Target, _: str) -> float:
    """How long the newest events of an action take, in ms."""
    return timed(target, "/sites/default/events?limit=50&action=page.visit")


def read_live(target: Target, _: str) -> float:
    """How long the live view's first page takes, in ms."""
    connection = http.client.HTTPConnection(LOOPBACK, target.port)
    began, seen = time.perf_counter(), 0
    headers = {"Authorization": f"Bearer {target.token()}"}
    connection.request("GET", f"/api/v1/sites/default/live?tail={TAIL}", headers=headers)
    answer = connection.getresponse()
    while seen < TAIL:
        line = answer.readline()
        if line.startswith(b"data: "):
            json.loads(line[6:])
            seen += 1
    took = (time.perf_counter() - began) * 1000
    connection.close()
    return took


READS = (
    Read("feed page", read_feed, 50, 60, 0.99),
    Read("live first page", read_live, 100, 60, 0.99),
    Read("newest of an action", read_newest, 50, 20, 0.99),
    question("elements", 300, "elements"),
    question("forms", 300, "forms"),
    question("trend of visits by channel", 300, "trend", action="page.visit", breakdown="channel"),
    question("trend of customers", 300, "trend", measure="customers"),
    question("sources", 300, "sources"),
    question("paths, 5 steps", 2000, "paths", start="/demo/", steps=5),
    question("funnel, 4 steps", 1000, "funnel", step=FUNNEL),
    question("retention", 2000, "retention"),
    question("sessions", 2000, "sessions"),
)


def measure_reading(stored: int, arriving_s: float, folder: Path) -> Iterator[Figure]:
    """Each read at `stored` events and how it grew from a tenth of them, with events arriving for `arriving_s`."""
    few = look(folder / "few", stored // GROWTH, arriving_s)
    many = look(folder / "many", stored, arriving_s)
    how = f"at {many.filled.events:,} stored events, {ARRIVING_PER_S:,}/s arriving"
    for read in READS:
        value, before = at(many.waits_ms[read.name], read.part), at(few.waits_ms[read.name], read.part)
        shown = f"{at(many.waits_ms[read.name], 0.5):,.0f} / {value:,.0f} ms, x{value / before:.1f}"
        aim = f"p{read.part * 100:.0f} < {read.aim_ms:,} ms"
        yield Figure(f"{read.name}, p50 / p{read.part * 100:.0f}, growth from a tenth", value, shown, aim, how)
    for name, waits in (("live", many.live_ms), ("search", many.search_ms)):
        shown = f"{at(waits, 0.5):.0f} / {at(waits, 0.99):.0f} ms of {len(waits):,}"
        yield Figure(f"from 200 to {name} meanwhile, p50 / p99", at(waits, 0.99), shown, "p99 < 1,000 ms", how)
    grew = f"{many.memory_mb:.0f} MB, x{many.memory_mb / few.memory_mb:.1f}"
    yield Figure("memory, growth from a tenth", many.memory_mb, grew, "", f"resident, {how}")
    each = many.filled.bytes / many.filled.events
    yield Figure("bytes per stored event", each, f"{each:.0f}", "", "live parts, all orders, made of the demo's events")


def look(folder: Path, stored: int, arriving_s: float) -> Seen:
    """Fill a store, and read it by turns until no more events arrive; each at least once."""
    filled = fill(folder, stored)
    waits: dict[str, list[float]] = defaultdict(list)
    with Target("serve", folder) as target:
        for read in READS:
            read.ask(target, filled.people[0])
        watched = list[tuple[list[float], list[float]]]()
        arriving = threading.Thread(
            target=lambda: watched.append(uvloop.run(watch(target, ARRIVING_PER_S, arriving_s))), daemon=True
        )
        arriving.start()
        turn = 0
        while arriving.is_alive():
            for read in READS:
                for _ in range(read.times):
                    turn += 1
                    waits[read.name].append(read.ask(target, filled.people[turn % len(filled.people)]))
        arriving.join()
        live_ms, search_ms = watched[0]
        memory_mb = target.memory_mb()
    return Seen({name: sorted(each) for name, each in waits.items()}, live_ms, search_ms, memory_mb, filled)


def at(waits: Sequence[float], part: float) -> float:
    """A percentile of sorted figures."""
    return waits[min(len(waits) - 1, int(len(waits) * part))] if waits else float("nan")
