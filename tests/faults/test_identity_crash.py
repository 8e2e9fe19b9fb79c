"""Killed again and again between noting and storing: the same events are the same people's as without."""

import random
import uuid
from typing import Any

from tests.conftest import Start
from tests.running import Running, SiteOf, make_event

DEVICES = [str(uuid.UUID(int=number)) for number in range(1, 7)]
REQUESTS = 60
KILLS = 5


def plan(chance: random.Random) -> list[dict[str, Any]]:
    """Events of devices that many people share."""
    events: list[dict[str, Any]] = []
    for _ in range(REQUESTS):
        who = {"customId": chance.choice("XYZ")} if chance.random() < 0.5 else {}
        action = "client.identify" if who else "test.event"
        events.append(make_event(uuid=chance.choice(DEVICES), action=action, params=who))
    return events


def people(running: Running, site: SiteOf) -> set[frozenset[str]]:
    """The ids of events, put together by whose they are."""
    found: dict[str, set[str]] = {}
    for event in running.events(site.id):
        found.setdefault(event["customer"], set()).add(event["id"])
    return {frozenset(ids) for ids in found.values()}


def send(running: Running, site: SiteOf, event: dict[str, Any]) -> bool:
    """Whether it was taken."""
    with running.client() as client:
        return client.post("/e", json={"key": site.key, "events": [event]}).status_code == 200


def noted(running: Running, site: SiteOf, who: str) -> list[str]:
    """The events that merges of a customer are noted for."""
    return [merge["event"] for merge in running.get(f"/sites/{site.id}/customers/{who}/merges")["items"]]


def test_a_load_done_again_decides_the_same(start: Start, shared: Running) -> None:
    chance = random.Random(7)
    events = plan(chance)
    undisturbed, running = shared.add_site(), start(load_interval_ms=1)
    site = running.add_site()
    kills = set(chance.sample(range(5, REQUESTS), KILLS))
    for at, event in enumerate(events):
        assert send(shared, undisturbed, event)
        sent = send(running, site, event)
        if at in kills:
            running.kill()
            running.start()
            send(running, site, event)  # its client cannot know, and sends it again
        assert sent
    running.settled(site.id, 1)
    shared.settled(undisturbed.id, REQUESTS)

    assert people(running, site) == people(shared, undisturbed)
    assert len(people(running, site)) > 2
    merges, again = ([noted(*where, who) for who in "XYZ"] for where in ((running, site), (shared, undisturbed)))
    assert merges == again
