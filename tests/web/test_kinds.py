"""What a customer did, by kind: the feed of each kind, and the counts of the profile, are one table."""

import uuid
from typing import Any

import pytest

from tests.running import Running, SiteOf, make_event
from trackway.insight.kinds import KINDS

WHO, SESSION = str(uuid.uuid4()), str(uuid.uuid4())
TOLD = {
    "visits": ["page.visit", "screen.view"],
    "clicks": ["element.click", "screen.click", "link.outbound", "file.download", "element.rage", "element.dead"],
    "hovers": ["element.hover", "element.view"],
    "forms": ["form.submit", "form.abandon", "form.of-our-own"],
    "logins": ["client.login", "client.logout"],
    "other": ["product.buy", "forms.other", "session.start", "app.start"],
}
PARAMS: dict[str, Any] = {"url": "https://a.example/x", "referrer": "https://t.co/", "name": "X"} | {
    "element": "e",
    "duration": 900,
    "form": "f",
}


@pytest.fixture(scope="module")
def site(shared: Running) -> SiteOf:
    """A customer with an event of every action above, in a session, by an app."""
    site = shared.add_site()
    actions = [action for kind in TOLD.values() for action in kind]
    common = {"uuid": WHO, "session": SESSION, "params": PARAMS}
    events = [make_event(action=action, **common) for action in actions]
    body = {"key": site.key, "source": "mobile", "events": [*events, make_event(action="a.web", uuid=WHO)]}
    assert shared.collect(body).json()["rejected"] == []
    shared.settled(site.id, len(events) + 1)
    return site


@pytest.mark.parametrize("kind", KINDS)
def test_a_feed_has_the_events_of_one_kind(shared: Running, site: SiteOf, kind: str) -> None:
    found = shared.get(f"/sites/{site.id}/customers/{WHO}/activity", kind=kind, session=SESSION, source="mobile")
    counted = shared.get(f"/sites/{site.id}/customers/{WHO}")["kinds"][kind]

    assert sorted(event["action"] for event in found["items"]) == sorted(TOLD[kind])
    assert counted == len(TOLD[kind]) + (kind == "other")


def test_a_profile_says_all_that_brought_them(shared: Running, site: SiteOf) -> None:
    (source,) = shared.get(f"/sites/{site.id}/customers/{WHO}")["sources"]

    assert (source["channel"], source["referrer_host"], source["visits"]) == ("social", "t.co", 2)


@pytest.mark.parametrize("query", [{"kind": "sneezes"}, {"session": "none"}, {"source": "moon"}])
def test_what_cannot_be_asked_of_a_feed_is_told(shared: Running, site: SiteOf, query: dict[str, str]) -> None:
    with shared.client() as client:
        answer = client.get(f"/api/v1/sites/{site.id}/customers/{WHO}/activity", params=query)

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, next(iter(query)))
