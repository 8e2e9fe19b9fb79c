"""One customer on several devices, over HTTP: joined, switched, undone; followed at once by whatever reads events."""

import json
import uuid
from typing import Any

import pytest

from tests.running import Running, SiteOf, live_events, make_event, wait_for

PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


class Shop:
    """A site, and what is sent to it one after another."""

    def __init__(self, running: Running, **settings: Any) -> None:
        self.running = running
        self.site: SiteOf = running.add_site(**settings)
        self.sent = 0

    def send(self, device: str, *events: dict[str, Any]) -> list[str]:
        """A device's events, stored when this returns; their ids."""
        made = [make_event(uuid=device, **event) for event in events or ({},)]
        answer = self.running.collect({"key": self.site.key, "events": made}, headers={"user-agent": PERSON})
        assert answer.json()["accepted"] == len(made), answer.text
        self.sent += len(made)
        self.running.settled(self.site.id, self.sent)
        return [event["id"] for event in made]

    def identify(self, device: str, **who: Any) -> list[str]:
        return self.send(device, {"action": "client.identify", "params": who})

    def get(self, path: str, **query: Any) -> Any:
        return self.running.get(f"/sites/{self.site.id}{path}", **query)

    def post(self, path: str, body: Any = None, token: str | None = None) -> Any:
        with self.running.client(token) as client:
            return client.post(f"/api/v1/sites/{self.site.id}{path}", json=body)

    def of(self, event: str) -> str:
        """Whose an event is now."""
        return str(self.get(f"/events/{event}")["customer"])

    def feed(self, customer: str) -> set[str]:
        return {event["id"] for event in self.get(f"/customers/{customer}/activity", limit=1000)["items"]}


@pytest.fixture
def shop(shared: Running) -> Shop:
    return Shop(shared)


def devices(n: int) -> list[str]:
    return [str(uuid.uuid4()) for _ in range(n)]


def test_two_devices_of_one_customer_are_one_wherever_events_are_read(shop: Shop) -> None:
    phone, laptop = devices(2)
    before = shop.send(phone, {"label": "before"}) + shop.identify(
        phone, customId="7", email="Ann@x.example", plan="free"
    )
    past = shop.send(laptop, {"label": "past"}, {})
    assert shop.of(past[0]) == laptop

    named = shop.identify(laptop, customId=7)
    every = {*before, *past, *named}

    assert {shop.of(event) for event in every} == {phone}
    for who in (phone, laptop.upper(), "7", "ann@X.example"):
        assert shop.feed(who) == every
        assert {event["id"] for event in shop.get("/events", customer=who)["items"]} == every
        profile = shop.get(f"/customers/{who}")
        assert (profile["customer"], profile["uuids"], profile["events"]) == (phone, sorted([phone, laptop]), 5)
    (listed,) = shop.get("/customers")["items"]
    assert listed["identifiers"] == {"customId": "7", "email": "ann@x.example"}
    assert (listed["uuids"], listed["events"]) == (sorted([phone, laptop]), 5)
    assert len(shop.get("/events", uuid=laptop)["items"]) == 3, "a uuid is still the device alone"
    assert shop.get(f"/events/{past[0]}/verdict")["event"]["customer"] == phone
    wait_for(lambda: shop.get("/insights/pulse")["visitors_now"] == 1, 15)
    with shop.running.client(shop.site.read) as client:
        lines = [
            json.loads(line)
            for line in client.get(f"/api/v1/sites/{shop.site.id}/customers/7/export").text.splitlines()
        ]
    assert {line["event"]["id"] for line in lines if line["kind"] == "event"} == every
    assert {line["kind"] for line in lines} == {"customer", "identifier", "merge", "attribute", "event"}


def test_a_shared_device_welds_nobody_together(shop: Shop) -> None:
    kiosk, anns, bobs = devices(3)
    ann = shop.identify(anns, customId="ann")
    bob = shop.identify(bobs, customId="bob")
    for _ in range(2):
        ann += shop.identify(kiosk, customId="ann") + shop.send(kiosk)
        bob += shop.identify(kiosk, customId="bob") + shop.send(kiosk)

    assert shop.feed("ann") == set(ann)
    assert shop.feed("bob") == set(bob)
    assert {tuple(one["identifiers"].items()) for one in shop.get("/customers")["items"]} == {
        (("customId", "ann"),), (("customId", "bob"),),
    }  # fmt: skip
    assert shop.get("/customers/bob")["uuids"] == sorted([bobs, kiosk])
    assert len(shop.get("/customers", q=kiosk)["items"]) == 2


def test_a_merge_is_logged_and_undone_for_good(shop: Shop) -> None:
    phone, laptop = devices(2)
    mine = shop.identify(phone, customId="7")
    theirs = shop.send(laptop)
    (event,) = shop.identify(laptop, customId="7")

    (merge,) = shop.get("/customers/7/merges")["items"]
    undone = shop.post(f"/merges/{merge['id']}/undo")
    again = shop.post(f"/merges/{merge['id']}/undo")

    assert {name: merge[name] for name in ("customer", "into", "why", "event", "who", "undone")} == {
        "customer": laptop, "into": phone, "why": "identify", "event": event, "who": "", "undone": None,
    }  # fmt: skip
    assert (undone.status_code, undone.json()["undone"] is not None, again.status_code) == (200, True, 409)
    assert (shop.of(mine[0]), shop.of(theirs[0]), shop.of(event)) == (phone, laptop, laptop)
    later = shop.identify(laptop, customId="7") + shop.send(laptop)
    assert {shop.of(one) for one in later} == {phone}, "from then on it is theirs"
    assert shop.of(theirs[0]) == laptop, "but what was before stays apart"
    whats = [line["what"] for line in shop.running.get("/audit", site=shop.site.id)["items"]]
    assert "customer.undo-merge" in whats


def test_two_customers_are_merged_by_hand_and_parted_again(shop: Shop) -> None:
    one, other = devices(2)
    first, second = shop.identify(one, customId="1"), shop.identify(other, customId="2")

    merge = shop.post("/merges", {"customer": "2", "into": "1"})
    together = shop.feed("2")
    twice = shop.post("/merges", {"customer": "1", "into": other})
    nobody = shop.post("/merges", {"customer": "nobody", "into": "1"})
    reader = shop.post("/merges", {"customer": "2", "into": "1"}, token=shop.site.read)
    shop.post(f"/merges/{merge.json()['id']}/undo").raise_for_status()

    assert (merge.status_code, merge.json()["why"]) == (201, "manual")
    assert merge.json()["who"], "somebody did it"
    assert together == {*first, *second}
    assert (twice.status_code, nobody.status_code, reader.status_code) == (409, 404, 403)
    assert (shop.feed("1"), shop.feed("2")) == (set(first), set(second))


def test_live_follows_a_merge_that_happens_meanwhile(shop: Shop) -> None:
    phone, laptop, other = devices(3)
    shop.identify(phone, customId="7")
    with live_events(shop.running, shop.site.id, customer="7") as stream:
        shop.send(laptop, {"label": "not theirs yet"})
        shop.send(other)
        (named,) = shop.identify(laptop, customId="7")
        after = shop.send(laptop)
        found = [next(stream)[1] for _ in range(2)]
    with live_events(shop.running, shop.site.id, customer="7", tail=10) as stream:
        tail = [next(stream)[1] for _ in range(4)]

    assert [event["id"] for event in found] == [named, *after]
    assert {event["customer"] for event in found + tail} == {phone}
    assert "not theirs yet" in [event["label"] for event in tail]


@pytest.mark.parametrize(
    ("joins", "identify", "form"), [("verified", False, False), ("identify", True, False), ("forms", True, True)]
)
def test_which_addresses_join_is_a_setting(shared: Running, joins: str, identify: bool, form: bool) -> None:
    shop = Shop(shared, email_joins=joins)
    by_server, by_identify, by_form = devices(3)
    with shared.client(shop.site.write) as client:
        vouched = make_event(uuid=by_server, action="client.identify", params={"email": "ann@x.example"})
        client.post("/api/v1/events", json=[vouched]).raise_for_status()
    shop.sent += 1
    shared.settled(shop.site.id, 1)

    shop.identify(by_identify, email="ann@x.example")
    shop.send(by_form, {"action": "form.submit", "params": {"form": "news", "email": "ANN@x.example"}})

    found = shop.get("/customers/ann@x.example")["uuids"]
    assert (by_identify in found, by_form in found) == (identify, form)
    assert len(shop.get("/customers", q="ann@X")["items"]) == 3 - identify - form, (
        "an address not believed is found all the same"
    )


def test_a_form_with_a_customer_number_joins(shop: Shop) -> None:
    phone, laptop = devices(2)
    shop.identify(phone, customId="7")
    (sent,) = shop.send(laptop, {"action": "form.submit", "params": {"form": "account", "customId": "7"}})

    assert shop.of(sent) == phone
    assert shop.get("/customers/7/merges")["items"][0]["why"] == "form"


def test_attributes_have_a_history_and_are_found(shop: Shop) -> None:
    phone, laptop, other = devices(3)
    for at, (device, told) in enumerate(
        [(phone, {"plan": "free", "town": "Łódź"}), (laptop, {"plan": "gold", "n": 5})]
    ):
        shop.send(
            device, {"action": "client.identify", "time": 1_700_000_000_000 + at, "params": {"customId": "7", **told}}
        )
    shop.identify(other, customId="8", plan="free")

    attributes = {one["name"]: one for one in shop.get("/customers/7")["attributes"]}

    assert {name: one["value"] for name, one in attributes.items()} == {"plan": "gold", "n": 5, "town": "Łódź"}
    assert attributes["plan"]["since"] == 1_700_000_000_001
    assert [(one["value"], one["since"]) for one in attributes["plan"]["history"]] == [("free", 1_700_000_000_000)]

    def found(**query: Any) -> set[str]:
        return {one["customer"] for one in shop.get("/customers", **query)["items"]}

    assert found(q="łódź") == {phone}
    assert found(q="free") == {phone, other}
    assert found(**{"attribute.plan": "free"}) == {other}, "what it is now counts"
    assert found(**{"attribute.plan": "gold", "attribute.n": "5"}) == {phone}
    assert found(**{"attribute.plan": "gold", "q": "8"}) == set()
    assert found(q="plan") == set(), "names of attributes are not searched"


def test_two_devices_identified_in_one_request(shop: Shop) -> None:
    phone, laptop = devices(2)
    events = [
        make_event(uuid=device, action=action, params={"customId": "7"} if action == "client.identify" else {})
        for action in ("test.event", "client.identify", "test.event")
        for device in (phone, laptop)
    ]
    shop.running.collect({"key": shop.site.key, "events": events})
    shop.running.settled(shop.site.id, 6)

    assert shop.feed("7") == {event["id"] for event in events}


def test_end_of_a_session_is_of_whoever_had_the_device_then(start: Any) -> None:
    running: Running = start(session_check_s=0.2, session_grace_s=0.2)
    shop, kiosk, session = Shop(running, session_timeout_s=1), str(uuid.uuid4()), str(uuid.uuid4())
    shop.identify(kiosk, customId="ann")
    shop.send(kiosk, {"action": "client.identify", "params": {"customId": "bob"}, "session": session})

    wait_for(lambda: bool(running.events(shop.site.id, action="session.end")), 15)
    (ended,) = running.events(shop.site.id, action="session.end")

    assert ended["customer"] == shop.get("/customers/bob")["customer"]
    assert ended["uuid"] == kiosk
