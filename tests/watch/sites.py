"""A site with weeks behind it, sent by the front door as a backfill would be, and what tests ask of its alerts."""

import random
import time
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx

from tests.running import Running, SiteOf, wait_for
from trackway.watch.ask import closed_until

HOUR_MS = 3_600_000
AT_ONCE = 5_000
SEEN_WITHIN_S = 15
HOURS = range(-24 * 24, 0)
SUBMIT = {"action": "form.submit", "params": {"form": "checkout"}}
START = {"action": "checkout.start"}


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


class Watched(NamedTuple):
    """A server, and a site on it whose last closed hour was not as usual."""

    running: Running
    site: SiteOf


def fill(running: Running) -> SiteOf:
    """A site with 24 days behind it: 30 submits and 60 starts an hour, and no submit in the last two closed hours."""
    site, rng = running.add_site(), random.Random(4)

    def events_in(hour: int) -> list[dict[str, Any]]:
        return [SUBMIT] * (0 if hour >= -2 else about(rng, 30)) + [START] * about(rng, 60)

    send_hours(running, site, closed_until(60, int(time.time() * 1000)), HOURS, events_in)
    return site


def ask(running: Running, method: str, path: str, status: int, body: Any = None) -> Any:
    """A request by the folder's owner, whose answer must have that status."""
    with running.client() as client:
        answer = client.request(method, f"/api/v1/sites/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def alert(kind: str = "count", channels: list[str] | None = None, **watched: Any) -> dict[str, Any]:
    """An alert to make; hours of form.submit unless told otherwise."""
    told = {"kind": kind, "action": "form.submit", "window_min": 60, **watched}
    return {"name": f"Watch {kind}", "watched": told, "channels": channels or []}


def webhook(watched: Watched, url: str) -> dict[str, Any]:
    """A channel with its secret."""
    body = {"name": "Hook", "kind": "webhook", "url": url}
    return dict(ask(watched.running, "POST", f"{watched.site.id}/alert-channels", 201, body))


def incident(watched: Watched, number: str, seconds: float = SEEN_WITHIN_S, **wanted: Any) -> dict[str, Any]:
    """The newest incident of an alert, once its first message is as wanted."""
    found: list[dict[str, Any]] = []

    def is_there() -> bool:
        found[:] = watched.running.get(f"/sites/{watched.site.id}/incidents", alert=number)["items"]
        sent: dict[str, Any] = found[0]["deliveries"][0] if found and found[0]["deliveries"] else {}
        return bool(found) and all(is_as(sent.get(name), value) for name, value in wanted.items())

    wait_for(is_there, seconds, lambda: str(found))
    return found[0]


def is_as(value: Any, wanted: Any) -> bool:
    """Whether a value is there (True), is not (None), or is so long."""
    return len(value or ()) >= wanted if type(wanted) is int else (value is not None) is bool(wanted)


def standing(watched: Watched, number: str) -> dict[str, Any]:
    """How an alert stands once it has been judged."""
    found: dict[str, Any] = {}

    def is_judged() -> bool:
        page = watched.running.get(f"/sites/{watched.site.id}/alerts")
        found.update(next(one for one in page["items"] if one["id"] == number))
        return found["finding"] is not None

    wait_for(is_judged, SEEN_WITHIN_S, lambda: str(found))
    return found
