"""Customers: found by uuid and identifier, their profile, and their activity feed."""

import random
import uuid
from typing import Any

import pytest

from tests.running import Running, SiteOf, make_event

NOON = 1_700_000_000_000
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)


def visit(running: Running, site: SiteOf, customer: str, events: list[dict[str, Any]], total: int) -> None:
    """One customer's events, stored when this returns; `total` counts all that the site has received."""
    body = {"key": site.key, "uuid": customer, "events": [{**make_event(), "uuid": None, **event} for event in events]}
    answer = running.collect(body, headers={"user-agent": CHROME})
    assert answer.json()["accepted"] == len(events), answer.text
    running.settled(site.id, total)


def customers(running: Running, site: SiteOf, **query: Any) -> list[str]:
    """The uuids of all customers that a search finds, page after page."""
    found, cursor = list[str](), {}
    while True:
        page = running.get(f"/sites/{site.id}/customers", **query, **cursor)
        found += [one["customer"] for one in page["items"]]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


def test_feed_is_one_customers_events_newest_first(shared: Running) -> None:
    site, ann, bob = shared.add_site(), str(uuid.uuid4()), str(uuid.uuid4())
    visit(shared, site, bob, [{"time": NOON}], 1)
    visit(shared, site, ann, [{"time": NOON + at, "label": f"{at}"} for at in (1, 3, 2)], 4)

    feed = shared.get(f"/sites/{site.id}/customers/{ann}/activity")

    assert [event["label"] for event in feed["items"]] == ["3", "2", "1"]
    assert {event["uuid"] for event in feed["items"]} == {ann}
    assert feed["next"] is None


def test_feed_has_pages_and_filters(shared: Running) -> None:
    site, ann = shared.add_site(), str(uuid.uuid4())
    visit(shared, site, ann, [{"time": NOON + at // 2, "action": f"a.{at % 3}"} for at in range(12)], 12)
    path = f"/sites/{site.id}/customers/{ann}/activity"

    times: list[int] = []
    ids: set[str] = set()
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        page = shared.get(path, limit=5, **({"cursor": page["next"]} if page["next"] else {}))
        times += [event["time"] for event in page["items"]]
        ids |= {event["id"] for event in page["items"]}

    assert times == sorted(times, reverse=True)
    assert (len(times), len(ids)) == (12, 12)
    assert len(shared.get(path, action="a.1")["items"]) == 4
    between: dict[str, Any] = {"from": NOON + 1, "to": NOON + 3}
    assert len(shared.get(path, **between)["items"]) == 4


def test_feed_of_nobody(shared: Running) -> None:
    site = shared.add_site()
    with shared.client() as client:
        unknown = client.get(f"/api/v1/sites/{site.id}/customers/nobody/activity")

    assert shared.get(f"/sites/{site.id}/customers/{uuid.uuid4()}/activity")["items"] == []
    assert (unknown.status_code, unknown.json()["error"]["field"]) == (404, "customer")


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_list_is_complete_and_the_last_seen_come_first(shared: Running, limit: int) -> None:
    site = shared.add_site()
    seen = {str(uuid.uuid4()): NOON + at // 2 for at in range(7)}
    for number, (customer, time) in enumerate(seen.items(), 1):
        visit(shared, site, customer, [{"time": time}], number)

    found = customers(shared, site, limit=limit)

    assert sorted(found) == sorted(seen)
    assert [seen[customer] for customer in found] == sorted(seen.values(), reverse=True)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("C-17", True),
        ("c-1", True),
        ("ann@shop", True),
        ("ANN@SHOP.example", True),
        ("  C-17 ", True),
        ("C_17", False),
        ("C%", False),
        ("bob", False),
    ],
)
def test_search_by_part_of_an_identifier(shared: Running, words: str, found: bool) -> None:
    site, ann, other = shared.add_site(), str(uuid.uuid4()), str(uuid.uuid4())
    identify = {"action": "client.identify", "params": {"customId": "C-17", "email": "Ann@shop.example"}}
    visit(shared, site, ann, [identify], 1)
    visit(shared, site, other, [{}], 2)

    assert customers(shared, site, q=words) == ([ann] if found else [])
    assert customers(shared, site, q=ann.upper()) == [ann]


def test_profile_sums_up_a_customer(shared: Running) -> None:
    site, ann = shared.add_site(), str(uuid.uuid4())
    sessions = [str(uuid.uuid4()), str(uuid.uuid4())]
    first = {"url": "https://shop.example/", "title": "x", "referrer": "https://www.google.com/"}
    later = {"url": "https://shop.example/", "title": "x", "referrer": "https://blog.example/"}
    visit(
        shared,
        site,
        ann,
        [
            {"action": "page.visit", "time": NOON, "session": sessions[0], "params": first},
            {"action": "page.visit", "time": NOON + 5, "session": sessions[1], "params": later},
            {"action": "client.identify", "time": NOON + 9, "params": {"customId": 17}},
        ],
        3,
    )

    by_uuid = shared.get(f"/sites/{site.id}/customers/{ann.upper()}")
    by_number = shared.get(f"/sites/{site.id}/customers/17")

    assert by_uuid == by_number
    assert (by_uuid["customer"], by_uuid["uuids"], by_uuid["identifiers"]) == (ann, [ann], {"customId": "17"})
    assert (by_uuid["first_seen"], by_uuid["last_seen"]) == (NOON, NOON + 9)
    assert by_uuid["sessions"] == 2
    assert by_uuid["devices"] == [{"device": "desktop", "browser": "Chrome", "os": "Windows"}]
    assert by_uuid["first_source"] == {"channel": "search", "referrer_host": "google.com"}


def test_profile_of_nobody_and_of_another_sites_customer(shared: Running) -> None:
    site, other, ann = shared.add_site(), shared.add_site(), str(uuid.uuid4())
    visit(shared, site, ann, [{"action": "client.identify", "params": {"customId": "17"}}], 1)

    with shared.client() as client:
        statuses = [client.get(f"/api/v1/sites/{other.id}/customers/{who}").status_code for who in (ann, "17")]

    assert statuses == [404, 404]
    assert customers(shared, other, q="17") == customers(shared, other) == []


def test_neighbours_are_those_of_the_list_whichever_it_is(shared: Running) -> None:
    site, total = shared.add_site(), 0
    rng = random.Random(5)
    for _ in range(30):
        # Few times for many people, so that ties are in it.
        times = [NOON + rng.randrange(6) for _ in range(rng.randrange(1, 4))]
        total += len(times)
        action = rng.choice(["a.one", "a.two"])
        visit(shared, site, str(uuid.uuid4()), [{"time": time, "action": action} for time in times], total)

    lists: tuple[dict[str, Any], ...] = ({}, {"action": "a.one"}, {"to": NOON + 4})
    for query in lists:
        listed = customers(shared, site, **query)
        for place, customer in enumerate(listed):
            told = shared.get(f"/sites/{site.id}/customers/{customer}/beside", **query)
            beside = [told[name] and told[name]["customer"] for name in ("previous", "next")]
            expected = [None if place == 0 else listed[place - 1], (listed[place + 1 :] or [None])[0]]
            assert (beside, told["place"], told["total"]) == (expected, place + 1, len(listed)), query


def test_who_was_seen_again_stays_where_they_stood_for_the_reader(shared: Running) -> None:
    site, people = shared.add_site(), [str(uuid.uuid4()) for _ in range(4)]
    for at, who in enumerate(people, 1):
        visit(shared, site, who, [{"time": NOON - at}], at)
    path = f"/sites/{site.id}/customers/{people[1]}/beside"
    visit(shared, site, people[1], [{"time": NOON + 1}], 5)

    stood, stands = shared.get(path, at=NOON - 2), shared.get(path)

    assert [stood[one]["customer"] for one in ("previous", "next")] == [people[0], people[2]]
    assert stood["next"]["last_seen"] == NOON - 3
    assert (stood["place"], stands["place"], stands["previous"]) == (2, 1, None)


def test_who_is_not_in_the_list_has_nobody_beside(shared: Running) -> None:
    site, who = shared.add_site(), str(uuid.uuid4())
    visit(shared, site, who, [{"time": NOON}], 1)
    path = f"/sites/{site.id}/customers"

    assert shared.get(f"{path}/{uuid.uuid4()}/beside")["place"] is None
    told = shared.get(f"{path}/{who}/beside", q="nobody-is-called-so")
    assert (told["place"], told["previous"], told["next"], told["total"]) == (None, None, None, 0)
