"""A back office names a customer by its own number or e-mail address: one customer, whichever way they are named."""

import uuid
from typing import Any

from tests.conftest import Start
from tests.running import Running, SiteOf, make_event


def send(running: Running, site: SiteOf, *customers: dict[str, Any], **fields: Any) -> None:
    """One event for each customer, in one request of a server; refused ones fail."""
    events = [{**make_event(**fields), "uuid": None, "customer": customer} for customer in customers]
    with running.client(site.write) as client:
        answer = client.post("/api/v1/events", json=events)
    assert answer.json()["accepted"] == len(customers), answer.text


def uuids(running: Running, site: SiteOf) -> list[str]:
    """The uuid of every event, in order of arrival."""
    return [event["uuid"] for event in sorted(running.events(site.id), key=lambda event: event["received"])]


def test_new_customer_is_made_once(shared: Running) -> None:
    site = shared.add_site()
    send(shared, site, {"customId": "7"}, {"customId": "7"}, {"customId": "8"})
    send(shared, site, {"customId": "7"})
    shared.settled(site.id, 4)

    events = shared.get(f"/sites/{site.id}/customers/7/activity")["items"]
    listed = shared.get(f"/sites/{site.id}/customers")["items"]

    assert len(events) == 3
    assert sorted(one["identifiers"]["customId"] for one in listed) == ["7", "8"]


def test_second_identifier_joins_the_first(shared: Running) -> None:
    site = shared.add_site()
    for number, customer in enumerate([{"customId": "7", "email": "Ann@Shop.Example"}, {"email": "ann@shop.example"}]):
        send(shared, site, customer)
        shared.settled(site.id, number + 1)

    profile = shared.get(f"/sites/{site.id}/customers/ANN@shop.example")

    assert len(set(uuids(shared, site))) == 1
    assert (profile["events"], profile["identifiers"]) == (2, {"customId": "7", "email": "ann@shop.example"})


def test_email_addresses_are_the_same_in_any_case(shared: Running) -> None:
    site = shared.add_site()
    send(shared, site, {"email": "ANN@shop.example"}, {"email": "ann@SHOP.example"})
    shared.settled(site.id, 2)

    assert len(set(uuids(shared, site))) == 1


def test_server_finds_the_browser_that_identified_itself(shared: Running) -> None:
    site, browser = shared.add_site(), str(uuid.uuid4())
    identify = make_event(uuid=browser, action="client.identify", params={"customId": 7, "email": "ann@shop.example"})
    shared.collect({"key": site.key, "events": [identify]})
    shared.settled(site.id, 1)

    send(shared, site, {"customId": "7"}, {"email": "Ann@shop.example"})
    shared.settled(site.id, 3)

    assert set(uuids(shared, site)) == {browser}


def test_same_number_at_another_site_is_another_customer(shared: Running) -> None:
    first, second = shared.add_site(), shared.add_site()
    for site in (first, second):
        send(shared, site, {"customId": "7"})
        shared.settled(site.id, 1)

    assert uuids(shared, first) != uuids(shared, second)


def test_uuid_goes_before_customer(shared: Running) -> None:
    site, event = shared.add_site(), make_event(customer={"customId": "7"})
    with shared.client(site.write) as client:
        client.post("/api/v1/events", json=[event]).raise_for_status()
    shared.settled(site.id, 1)

    assert uuids(shared, site) == [event["uuid"]]


def test_customer_is_the_same_after_a_restart(start: Start) -> None:
    running = start()
    site = running.add_site()
    send(running, site, {"customId": "7", "email": "ann@shop.example"})
    running.settled(site.id, 1)
    running.stop()
    running.start()

    send(running, site, {"customId": "7"}, {"email": "ann@shop.example"})
    running.settled(site.id, 3)

    assert len(set(uuids(running, site))) == 1
