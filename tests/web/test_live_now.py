"""The panels beside the stream: what they count is what their filters find."""

import uuid

import pytest

from tests.running import Running, SiteOf, make_event, wait_for

FILTER_OF = {
    "pages": "page", "actions": "action", "channels": "channel", "countries": "country", "sources": "source",
}  # fmt: skip
PERSON = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture(scope="module")
def busy(shared: Running) -> SiteOf:
    """A site with visits of pages and screens by two people, one of them identified on two devices."""
    site, device, phone = shared.add_site(), str(uuid.uuid4()), str(uuid.uuid4())
    visit = {"action": "page.visit", "params": {"url": "https://a.example/cart?x=1", "referrer": "https://t.co/"}}
    who = {"action": "client.identify", "params": {"customId": "C-1"}}
    web = [visit | {"uuid": device}, who | {"uuid": device}, visit | {"uuid": str(uuid.uuid4())}]
    web += [{"action": "a.late", "uuid": device, "time": 1}]
    app = [who | {"uuid": phone}, {"action": "screen.view", "uuid": phone, "params": {"name": "Home"}}]
    app += [{"action": "screen.click", "uuid": phone, "params": {"element": "pay", "screen": "Home"}}]
    for source, told in (("web", web), ("mobile", app)):
        sent = {"key": site.key, "source": source, "events": [make_event(**event) for event in told]}
        shared.collect(sent, headers=PERSON).raise_for_status()
    shared.settled(site.id, 7)
    # The store's copy of who is who follows the books within seconds.
    wait_for(lambda: shared.get(f"/sites/{site.id}/live/now", site.read)["customers"] == 2, 20)
    return site


def test_panels_say_who_is_here_and_what_they_do(shared: Running, busy: SiteOf) -> None:
    now = shared.get(f"/sites/{busy.id}/live/now", busy.read)

    assert (now["visitors_now"], now["customers"], now["events"]) == (2, 2, 6)
    assert now["events_per_second"] == 0.1
    assert now["pages"]["items"][0] == {"name": "/cart", "events": 2, "customers": 2}
    assert now["channels"] == {"names": 1, "items": [{"name": "social", "events": 2, "customers": 2}]}
    assert [row["name"] for row in now["sources"]["items"]] == ["mobile", "web"]
    assert shared.get(f"/sites/{busy.id}/live/now", busy.read, source="mobile")["events"] == 3


def test_each_name_is_a_filter_that_finds_as_many(shared: Running, busy: SiteOf) -> None:
    now = shared.get(f"/sites/{busy.id}/live/now", busy.read, limit=20)

    for panel, name in FILTER_OF.items():
        for row in now[panel]["items"]:
            found = shared.events(busy.id, **{name: row["name"], "from": now["since"]})
            assert len(found) == row["events"], (panel, row)


@pytest.mark.parametrize("query", [{"minutes": 4}, {"minutes": 61}, {"limit": 0}, {"limit": 21}, {"source": "moon"}])
def test_what_cannot_be_asked_is_told(shared: Running, busy: SiteOf, query: dict[str, object]) -> None:
    with shared.client(busy.read) as client:
        answer = client.get(f"/api/v1/sites/{busy.id}/live/now", params={**query})  # pyright: ignore[reportArgumentType]

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, next(iter(query)))
