"""The measurements of `trackway bench`, in order. Each has a server of its own; none inherits another's state."""

import itertools
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import uvloop
from joserfc import jwt
from joserfc.jwk import ECKey

from trackway.bench.load import Outcome, envelopes, run_load
from trackway.bench.reading import Figure, at, measure_reading
from trackway.bench.server import PASSWORD, Target
from trackway.bench.visible import watch
from trackway.config import load_config
from trackway.control.audit import COMMAND_LINE
from trackway.control.database import open_database
from trackway.control.signing_keys import add_signing_key
from trackway.control.sites import list_sites
from trackway.folder import make_folder
from trackway.server import first_start
from trackway.signing import read_material

SINGLE_CONNECTIONS = 64
BATCH_CONNECTIONS = 16
BATCH = 50
WATCHED_PER_S = 2_000
TOKENS = 2_000
TURNS = 4
HOUR_S = 3600
WARM_UP_S = 1.0
ARRIVING_TIMES = 6
"""Reading takes longer than loading: so many times the seconds of a load."""


class Plan(NamedTuple):
    """How long each load lasts, and how many events are stored for the reading part (0: leave it out)."""

    seconds: float
    stored: int


def measure(plan: Plan) -> Iterator[Figure]:
    """Every figure, as it is known."""
    with tempfile.TemporaryDirectory(prefix="trackway-bench-") as folder:
        data = Path(folder)
        hello = run_hello(plan, data)
        yield count("hello, requests/s", hello, "", "the same HTTP server, reading the same POST and answering 200")
        yield from measure_collect(plan, data, hello)
        yield from measure_whole(plan, data, hello)
        yield from measure_visible(plan, data)
        if plan.stored:
            yield from measure_reading(plan.stored, plan.seconds * ARRIVING_TIMES, data)


def run_hello(plan: Plan, data: Path) -> Outcome:
    """The measure that others are compared with."""
    request = next(envelopes("0" * 24, 1, 1))
    with Target("hello", data / "hello") as target:
        run_load(target.port, itertools.repeat(request), WARM_UP_S, SINGLE_CONNECTIONS)
        return run_load(target.port, itertools.repeat(request), plan.seconds, SINGLE_CONNECTIONS)


def measure_collect(plan: Plan, data: Path, hello: Outcome) -> Iterator[Figure]:
    """Durable collecting with nobody loading."""
    with Target("collect", data / "collect") as target:
        run_load(target.port, envelopes(target.key(), 1, 1), WARM_UP_S, SINGLE_CONNECTIONS)
        single = run_load(target.port, envelopes(target.key(), 1, 2), plan.seconds, SINGLE_CONNECTIONS)
        yield count("collected, requests/s of 1 event", single, "", "synced before each 200, no loader")
        yield share("… of hello", single, hello, "≥ 50 %")
        yield latency("… p50 / p99", single)
        batch = run_load(target.port, envelopes(target.key(), BATCH, 3), plan.seconds, BATCH_CONNECTIONS)
        yield events("collected, events/s at 50 a request", batch, "≥ 150,000", "synced before each 200, no loader")
    yield from measure_tokens(plan, data)


def measure_tokens(plan: Plan, data: Path) -> Iterator[Figure]:
    """Collecting with a customer token in each request, beside the same without, by turns in one server."""
    folder = data / "tokens"
    signer = ECKey.generate_key("P-256")
    add_signer(folder, signer)
    with Target("collect", folder) as target:
        tokens = [sign_for(signer, number) for number in range(TOKENS)]
        run_load(target.port, envelopes(target.key(), 1, 4, tokens), WARM_UP_S, SINGLE_CONNECTIONS)
        rates = {True: 0.0, False: 0.0}
        for turn in range(TURNS):
            for signed in (True, False):
                sent = envelopes(target.key(), 1, 5 + turn, tokens if signed else ())
                rates[signed] += run_load(target.port, sent, plan.seconds / TURNS, SINGLE_CONNECTIONS).per_s / TURNS
    how = f"ES256, {TOKENS:,} customers; no loader"
    yield Figure("collect with a customer token, requests/s", rates[True], f"{rates[True]:,.0f}", "", how)
    part = rates[True] / rates[False]
    yield Figure("… of without", part, f"{part:.0%}", "≥ 80 %", "by turns, in one server")


def add_signer(folder: Path, signer: ECKey) -> None:
    """A data folder whose first site knows the public half of a key."""
    make_folder(folder)
    engine = open_database(folder)
    try:
        first_start(engine, load_config(folder, {"admin_password": PASSWORD}))
        material = read_material("ES256", jwk=dict(signer.as_dict(private=False)))
        add_signing_key(engine, COMMAND_LINE, list_sites(engine)[0].id, material, "bench", 0)
    finally:
        engine.dispose()


def sign_for(signer: ECKey, number: int) -> tuple[str, str]:
    """A person's uuid, and a token for it."""
    person = f"{number:08x}-0000-7000-8000-{number:012x}"
    claims = {"uuid": person, "exp": int(time.time()) + HOUR_S}
    return person, jwt.encode({"alg": "ES256", "kid": "bench"}, claims, signer)


def measure_whole(plan: Plan, data: Path, hello: Outcome) -> Iterator[Figure]:
    """The whole server: collecting while loading into the store."""
    with Target("serve", data / "whole") as target:
        yield Figure("start-up", target.start_s, f"{target.start_s:.2f} s", "", "empty folder, until it answers")
        idle_mb = target.memory_mb()
        yield Figure("memory, idle", idle_mb, f"{idle_mb:.0f} MB", "", "resident, after the start")
        run_load(target.port, envelopes(target.key(), 1, 10), WARM_UP_S, SINGLE_CONNECTIONS)
        single = run_load(target.port, envelopes(target.key(), 1, 11), plan.seconds, SINGLE_CONNECTIONS)
        yield count("whole server, requests/s of 1 event", single, "", "synced before each 200, loader running")
        yield share("… of hello", single, hello, "≥ 35 %")
        yield latency("… p50 / p99", single)
        target.wait_until_loaded()
        before = target.ledger()["stored"]
        began = time.perf_counter()
        batch = run_load(target.port, envelopes(target.key(), BATCH, 12), plan.seconds, BATCH_CONNECTIONS)
        stored = target.ledger()["stored"] - before
        took = time.perf_counter() - began
        yield events("whole server, events/s collected", batch, "", "50 a request, loader running")
        yield Figure("… stored meanwhile, events/s", stored / took, f"{stored / took:,.0f}", "≥ 50,000", "in the store")
        drained_s = target.wait_until_loaded()
        balance = target.ledger()
        shown = f"{drained_s:.1f} s; {'balanced' if balance['balanced'] else 'LEDGER OFF'}, {balance['received']:,}"
        yield Figure("… until all is stored", drained_s, shown, "", "after the load ended")


def measure_visible(plan: Plan, data: Path) -> Iterator[Figure]:
    """From the answer to being seen."""
    with Target("serve", data / "visible") as target:
        live_ms, search_ms = uvloop.run(watch(target, WATCHED_PER_S, plan.seconds))
    for name, waits in (("live", live_ms), ("search", search_ms)):
        p50, p99 = at(waits, 0.5), at(waits, 0.99)
        shown = f"{p50:.0f} / {p99:.0f} ms of {len(waits):,}"
        yield Figure(f"from 200 to {name}, p50 / p99", p99, shown, "p99 < 1,000 ms", f"at {WATCHED_PER_S:,} events/s")


def count(name: str, outcome: Outcome, aim: str, how: str) -> Figure:
    """Requests a second."""
    failed = f" ({outcome.failures} failed)" if outcome.failures else ""
    return Figure(name, outcome.per_s, f"{outcome.per_s:,.0f}{failed}", aim, how)


def events(name: str, outcome: Outcome, aim: str, how: str) -> Figure:
    """Events a second, at 50 a request."""
    return Figure(name, outcome.per_s * BATCH, f"{outcome.per_s * BATCH:,.0f}", aim, how)


def share(name: str, outcome: Outcome, hello: Outcome, aim: str) -> Figure:
    """A rate beside the hello's, of the same run."""
    part = outcome.per_s / hello.per_s
    return Figure(name, part, f"{part:.0%}", aim, "ratio within this run")


def latency(name: str, outcome: Outcome) -> Figure:
    """Median and 99th percentile of the answers."""
    p50, p99 = outcome.percentile_ms(0.5), outcome.percentile_ms(0.99)
    return Figure(name, p99, f"{p50:.1f} / {p99:.1f} ms", "", f"{SINGLE_CONNECTIONS} connections, each waiting")
