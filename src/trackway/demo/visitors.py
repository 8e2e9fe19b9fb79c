"""Simulated visitors, sent to a running Trackway the way real ones would come.

Over HTTP, with their tracker key.

`backfill` sends a month of the past, `live` plays visitors as time goes by. Only this file of the demo reads
the clock. It must never write to the store or the spool itself: what is on the screen has come in by the
front door.
"""

from __future__ import annotations

import argparse
import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlsplit

from trackway.demo.crowd import Crowd
from trackway.demo.journeys import FAULT_BEFORE_MS, Journey, history
from trackway.demo.people import Visitor
from trackway.demo.post import Answer, Collector, Complaints, Envelope, RefusedError, UndeliveredError
from trackway.demo.walk import Event

THREADS = 4
TICK_S = 0.2
DAYS_MAX = 400
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """What a backfill came to; `visitors` are the devices as they are now, for `live` to go on with."""

    sent: int
    accepted: int
    rejected: Counter[str]
    visitors: list[Visitor] = field(default_factory=list[Visitor])


def backfill(  # noqa: PLR0913  (what, whose and when: each is a choice of the caller)
    base_url: str, key: str, seed: int, now_ms: int, *, days: int = 30, stop: threading.Event | None = None
) -> Report:
    """Sends the `days` before `now_ms` (0 to 400; about 500 events a day), one envelope per visit.

    Raises UndeliveredError when the server stays away, RefusedError when it says no (a wrong key). Sending
    the same seed, clock and days again changes nothing: the ids are the same.
    """
    past = history(_seeded(seed), now_ms, min(max(days, 0), DAYS_MAX), shop_address(base_url))
    # One person's visits keep to one connection, so that they arrive in the order in which they happened.
    shares: list[list[Journey]] = [[] for _ in range(THREADS)]
    for visit in past.journeys:
        shares[int(visit.visitor.person.customer_id[1:]) % THREADS].append(visit)
    stopped, complaints = stop or threading.Event(), Complaints()

    def send(share: Sequence[Journey]) -> list[Answer]:
        return _send_all(Collector(base_url, key, stopped, complaints), share)

    with ThreadPoolExecutor(THREADS, "backfill") as pool:
        answers = [answer for share in pool.map(send, shares) for answer in share]
    sent = sum(len(visit.events) for visit in past.journeys)
    rejected = sum((answer.rejected for answer in answers), Counter[str]())
    return Report(sent, sum(answer.accepted for answer in answers), rejected, past.visitors)


def live(base_url: str, key: str, seed: int, stop: threading.Event, visitors: Sequence[Visitor] = ()) -> None:
    """Plays 9 to 15 visitors at a time until `stop` is set.

    One to three events a second, each sent when it happens.

    `visitors` come back among the new ones. While the server is away, events wait, nobody new comes in, and
    trouble is logged once per kind. Raises RefusedError when the server says no for good.
    """
    now_ms = _now_ms()
    crowd = Crowd(_seeded(f"live {seed} {now_ms}"), visitors, shop_address(base_url), now_ms - FAULT_BEFORE_MS)
    rejections = Complaints()  # said once each for good: the next event that is kept does not mend them
    with Collector(base_url, key, stop, Complaints()) as collector:
        while not stop.wait(TICK_S):
            for visit, event in crowd.due(_now_ms()):
                answer = _insist(collector, visit, event, stop)
                for code in answer.rejected if answer else ():
                    rejections.say(f"rejected {code}", f"{event.action} was not kept")


def shop_address(base_url: str) -> str:
    """Where the demo shop is, with the slash that its pages' addresses are put behind."""
    return f"{base_url.rstrip('/')}/demo/"


def _send_all(collector: Collector, share: Sequence[Journey]) -> list[Answer]:
    with collector:
        return [collector.send(_envelope(visit, visit.events), visit.user_agent, visit.address) for visit in share]


def _insist(collector: Collector, visit: Journey, event: Event, stop: threading.Event) -> Answer | None:
    """Sends one event however long the server is away; None when told to stop first."""
    while not stop.is_set():
        try:
            return collector.send(_envelope(visit, (event,)), visit.user_agent, visit.address)
        except UndeliveredError as error:
            log.warning("%s; the event waits", error)
    return None


def _envelope(visit: Journey, events: Sequence[Event]) -> Envelope:
    wired = [event.wire() for event in events]
    source = "mobile" if visit.visitor.device.kind == "app" else "web"
    return {
        "sent": _now_ms(),
        "uuid": visit.visitor.uuid,
        "source": source,
        "context": visit.context,
        "events": wired,
    }


def _seeded(seed: int | str) -> Random:
    return Random(seed)  # noqa: S311  (made-up people guard no secret)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 done, 1 failed with one line on stderr, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m trackway.demo.visitors", description="Simulated visitors.")
    parser.add_argument("--url", required=True, help="where Trackway runs, such as http://127.0.0.1:8000")
    parser.add_argument("--key", required=True, help="the site's tracker key")
    parser.add_argument("--days", type=int, default=30, help="how many days of the past to send first (0: none)")
    parser.add_argument("--seed", type=int, default=7, help="the same seed makes the same people")
    parser.add_argument("--live", action="store_true", help="then go on with visitors of now, until interrupted")
    chosen = parser.parse_args(arguments)
    url: str = chosen.url
    if urlsplit(url).scheme not in {"http", "https"}:
        parser.error("--url must begin with http:// or https://")
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        _run(url, chosen.key, chosen.seed, chosen.days, chosen.live)
    except KeyboardInterrupt:
        return 0
    except (UndeliveredError, RefusedError) as error:
        log.error("%s", error)
        return 1
    return 0


def _run(url: str, key: str, seed: int, days: int, go_on: bool) -> None:
    visitors: list[Visitor] = []
    if days > 0:
        report = backfill(url, key, seed, _now_ms(), days=days)
        visitors = report.visitors
        log.info("sent %d events: %d accepted, rejected %s", report.sent, report.accepted, dict(report.rejected))
    if go_on:
        live(url, key, seed, threading.Event(), visitors)


if __name__ == "__main__":
    sys.exit(main())
