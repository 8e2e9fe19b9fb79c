"""Soak: 20 minutes at 5,000 events/s, with live readers that never read. Memory must stay flat, the spool small.

    python benchmarks/soak.py [--minutes 20] [--rate 5000]

It stops by itself, sends to this machine only, and ends with exit code 1 when a verdict is bad. It must never judge
by what the generator hoped to send: the ledger's count is compared with the answers of 200 that were read.
"""

# pyright: basic

import argparse
import contextlib
import multiprocessing
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

from server import Server, started

from trackway.bench.load import Outcome, envelopes, run_load

EVENTS_EACH = 10
CONNECTIONS = 50
PAUSED_READERS = 3
LOOK_EVERY_S = 30
SETTLES_WITHIN_S = 120
GROWTH_SHARE_MAX = 0.15
GROWTH_MB_MAX = 100
SPOOL_MB_MAX = 256
LAG_MS_MAX = 5_000
RATE_SHARE_MIN = 0.95


class Look(NamedTuple):
    """One line of the table."""

    at_s: float
    resident_mb: float
    spool_mb: float
    lag_ms: int
    stored: int
    ready: bool


def main() -> None:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--rate", type=int, default=5_000, help="events a second")
    asked = parser.parse_args()
    with started() as server, paused_readers(server):
        outcome, looks = soak(server, asked.minutes * 60, asked.rate)
        ledger = server.settled(SETTLES_WITHIN_S)
    sys.exit(0 if judge(outcome, looks, ledger, asked.rate) else 1)


def soak(server: Server, seconds: float, rate: int) -> tuple[Outcome, list[Look]]:
    """Load for so long, looking now and then."""
    pace_s = EVENTS_EACH * CONNECTIONS / rate
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        loading = pool.apply_async(send_for, (server.port, server.key, seconds, pace_s))
        began, looks = time.monotonic(), list[Look]()
        print(f"{'time':>8} {'memory':>10} {'spool':>9} {'lag':>8} {'stored':>12} ready", flush=True)
        while not loading.ready():
            loading.wait(LOOK_EVERY_S)
            look = look_at(server, time.monotonic() - began)
            looks.append(look)
            print(
                f"{look.at_s:6.0f} s {look.resident_mb:7.0f} MB {look.spool_mb:6.1f} MB {look.lag_ms:5} ms "
                f"{look.stored:12,} {'yes' if look.ready else 'NO'}",
                flush=True,
            )
        return loading.get(), looks


def send_for(port: int, key: str, seconds: float, pace_s: float) -> Outcome:
    """The generator's process."""
    return run_load(port, envelopes(key, EVENTS_EACH, seed=1), seconds, CONNECTIONS, pace_s)


def look_at(server: Server, at_s: float) -> Look:
    """The server as it is now, from outside."""
    ready, parts = server.ready()
    stored = int(server.metric('trackway_load_events_total{verdict="stored"}'))
    return Look(at_s, server.resident_mb(), server.spool_mb(), parts["lag_ms"], stored, ready)


@contextlib.contextmanager
def paused_readers(server: Server) -> Iterator[None]:
    """Live readers whose connections stay open and are never read."""
    with contextlib.ExitStack() as opened:
        for _ in range(PAUSED_READERS):
            reader = opened.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(("127.0.0.1", server.port))
            reader.sendall(
                f"GET /api/v1/sites/{server.site}/live HTTP/1.1\r\nHost: soak\r\n"
                f"Authorization: Bearer {server.token}\r\n\r\n".encode()
            )
        yield


def judge(outcome: Outcome, looks: list[Look], ledger: dict[str, int], rate: int) -> bool:
    """Print the verdicts; whether all are good."""
    middle = [look.resident_mb for look in looks[len(looks) // 4 : len(looks) // 2]] or [looks[0].resident_mb]
    last = [look.resident_mb for look in looks[-max(1, len(looks) // 4) :]]
    early, late = statistics.median(middle), statistics.median(last)
    sent = (outcome.requests - outcome.failures) * EVENTS_EACH
    reached = sent / outcome.seconds
    spool_mb, lag_ms = max(look.spool_mb for look in looks), max(look.lag_ms for look in looks)
    verdicts = [
        (reached >= rate * RATE_SHARE_MIN, f"{reached:,.0f} events/s answered of {rate:,} asked for"),
        (not outcome.failures, f"{outcome.failures} requests failed of {outcome.requests:,}"),
        (
            ledger["stored"] == sent and bool(ledger["balanced"]) and not ledger["in_flight"],
            f"{ledger['stored']:,} stored of {sent:,} answered, balanced: {ledger['balanced']}, "
            f"in flight: {ledger['in_flight']}",
        ),
        (
            late - early <= max(GROWTH_MB_MAX, early * GROWTH_SHARE_MAX),
            f"memory {early:.0f} MB in the second quarter, {late:.0f} MB in the last",
        ),
        (spool_mb <= SPOOL_MB_MAX, f"spool at most {spool_mb:.1f} MB"),
        (lag_ms <= LAG_MS_MAX, f"lag at most {lag_ms} ms"),
        (all(look.ready for look in looks), "ready at every look"),
    ]
    p50, p99 = outcome.percentile_ms(0.5), outcome.percentile_ms(0.99)
    print(f"p50 {p50:.1f} ms, p99 {p99:.1f} ms a request of {EVENTS_EACH} events")
    for good, told in verdicts:
        print(f"{'good' if good else 'BAD ':4}  {told}")
    return all(good for good, _ in verdicts)


if __name__ == "__main__":
    main()
