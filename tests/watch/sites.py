"""A site with weeks behind it: events of the past, sent by the front door as a backfill would be."""

import random
import uuid
from collections.abc import Callable
from typing import Any

import httpx

from tests.running import Running, SiteOf

HOUR_MS = 3_600_000
AT_ONCE = 5_000


def send_hours(
    running: Running, site: SiteOf, now_ms: int, hours: range, events_in: Callable[[int], list[dict[str, Any]]]
) -> int:
    """Send what happened in each of the `hours` (0: the hour of `now_ms`, -1: the one before); how many events.

    Hours begin on the clock (UTC), as windows do. Times within an hour are spread evenly.
    """
    hour = now_ms // HOUR_MS
    events: list[dict[str, Any]] = []
    for one in hours:
        told = events_in(one)
        for number, event in enumerate(told):
            at = (hour + one) * HOUR_MS + (number + 1) * HOUR_MS // (len(told) + 1)
            events.append({"id": str(uuid.uuid4()), "uuid": str(uuid.uuid4()), "time": at, **event})
    with httpx.Client(base_url=running.url, headers={"authorization": f"Bearer {site.write}"}, timeout=60) as client:
        for start in range(0, len(events), AT_ONCE):
            client.post("/api/v1/events", json=events[start : start + AT_ONCE]).raise_for_status()
    running.settled(site.id, len(events))
    return len(events)


def about(rng: random.Random, mean: int) -> int:
    """A count that strays around a mean as counts do."""
    return max(0, round(rng.gauss(mean, mean**0.5)))
