"""Events of a test's own, sent to the demo as somebody's browser or app sends them."""

from typing import Any

import httpx
from playwright.sync_api import Page

from tests.running import make_event, wait_for

PERSON = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
STORED_WITHIN_S = 15


def send(analyst: Page, demo: str, source: str = "web", **fields: Any) -> dict[str, Any]:
    """One event, taken in by the demo."""
    key = analyst.request.get(f"{demo}/api/v1/sites/default").json()["tracker_key"]
    event = make_event(**fields)
    httpx.post(f"{demo}/e", json={"key": key, "source": source, "events": [event]}, headers=PERSON).raise_for_status()
    return event


def send_stored(analyst: Page, demo: str, **fields: Any) -> None:
    """The same, and a question asked from now on finds it."""
    event = send(analyst, demo, **fields)
    wait_for(lambda: analyst.request.get(f"{demo}/api/v1/sites/default/events/{event['id']}").ok, STORED_WITHIN_S)
