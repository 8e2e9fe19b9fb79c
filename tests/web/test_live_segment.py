"""Live, narrowed to a segment: who is in it is asked as events arrive, and nothing of theirs is left out."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.running import Running, SiteOf, live_events, make_event, wait_for
from tests.web.test_live import send, take
from tests.web.test_segments import save

ANN, BEN, CAT, DAN = (str(uuid.uuid4()) for _ in range(4))
BOUGHT = {"kind": "did", "action": "shop.buy", "params": {"colour": "red"}}
MERGES_SHOW_WITHIN_S = 15


def buys(who: str, colour: str = "red") -> dict[str, Any]:
    """Somebody buys something."""
    return make_event(action="shop.buy", uuid=who, session=who, params={"colour": colour})


def looks(who: str) -> dict[str, Any]:
    """Somebody does anything."""
    return make_event(action="shop.look", uuid=who, session=who)


@pytest.fixture
def shop(shared: Running) -> tuple[SiteOf, str]:
    """A site where Ann bought something red and Ben something blue, and the segment of those who bought red."""
    site = shared.add_site()
    send(shared, site, [buys(ANN), buys(BEN, "blue"), looks(ANN), looks(BEN)], 4)
    return site, save(shared, site, conditions=[BOUGHT])["id"]


def ids(events: list[dict[str, Any]]) -> list[str]:
    return [event["id"] for event in events]


def test_only_who_is_in_it_is_seen_in_the_tail_and_live(shared: Running, shop: tuple[SiteOf, str]) -> None:
    site, segment = shop
    more = [looks(BEN), looks(ANN), looks(CAT), looks(ANN), looks(BEN)]

    with live_events(shared, site.id, segment=segment, tail=100) as stream:
        tail = take(stream, 2)
        send(shared, site, more, 9)
        live = take(stream, 2)
    searched = ids(shared.events(site.id, segment=segment))

    assert live == [more[1]["id"], more[3]["id"]]
    assert searched == [*tail, *live][::-1]


def test_who_joins_it_is_seen_from_that_event_on(shared: Running, shop: tuple[SiteOf, str]) -> None:
    site, segment = shop

    with live_events(shared, site.id, segment=segment) as stream:
        send(shared, site, [looks(BEN)], 5)
        joins = [buys(BEN), looks(BEN), looks(CAT), looks(ANN)]
        send(shared, site, joins, 9)
        live = take(stream, 3)

    assert live == [joins[0]["id"], joins[1]["id"], joins[3]["id"]]


def test_those_who_are_not_something_leave_it(shared: Running, shop: tuple[SiteOf, str]) -> None:
    site, _ = shop
    segment = save(shared, site, conditions=[{**BOUGHT, "not": True}])["id"]

    with live_events(shared, site.id, segment=segment) as stream:
        sent = [looks(ANN), looks(BEN), buys(CAT), looks(DAN)]
        send(shared, site, sent, 8)
        live = take(stream, 2)

    assert live == [sent[1]["id"], sent[3]["id"]]


def test_it_is_followed_from_the_very_beginning_without_loss(shared: Running, shop: tuple[SiteOf, str]) -> None:
    """More than a page of the store's, in which somebody joins half way: they are in it by now, so all is theirs."""
    site, segment = shop
    many = [looks((ANN, BEN, CAT)[at % 3]) for at in range(1_300)]
    many[700] = buys(CAT)
    send(shared, site, many[:1_000], 1_004)
    send(shared, site, many[1_000:], 1_304)
    expected = [event["id"] for event in many if event["uuid"] in (ANN, CAT)]

    with live_events(shared, site.id, segment=segment, resume="0") as stream:
        seen = take(stream, 2 + len(expected))

    assert seen[2:] == expected


def test_who_turns_out_to_be_somebody_in_it_is_seen(shared: Running, shop: tuple[SiteOf, str]) -> None:
    site, segment = shop
    named = [make_event(action="client.identify", uuid=who, params={"customId": "C-1"}) for who in (ANN, DAN)]
    old = looks(DAN)
    send(shared, site, [old, *named], 7)
    wait_for(lambda: old["id"] in ids(shared.events(site.id, segment=segment)), MERGES_SHOW_WITHIN_S)

    with live_events(shared, site.id, segment=segment) as stream:
        new = [looks(BEN), looks(DAN)]
        send(shared, site, new, 9)
        assert take(stream, 1) == [new[1]["id"]]


def test_what_is_going_on_now_is_theirs(shared: Running, shop: tuple[SiteOf, str]) -> None:
    site, segment = shop
    now = shared.get(f"/sites/{site.id}/live/now", segment=segment, bots="true")

    assert (now["events"], now["customers"], now["visitors_now"]) == (2, 1, 1)
    assert [row["name"] for row in now["actions"]["items"]] == ["shop.buy", "shop.look"]


def test_a_segment_that_is_not_there_is_not_found(shared: Running, shop: tuple[SiteOf, str]) -> None:
    site, segment = shop
    other = shared.add_site()
    with shared.client() as client:
        for where, asked in ((site, "nothing"), (other, segment)):
            for path in ("live", "live/now", "events"):
                answer = client.get(f"/api/v1/sites/{where.id}/{path}", params={"segment": asked})
                assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_a_stream_ends_with_its_segment(shared: Running, shop: tuple[SiteOf, str]) -> None:
    site, segment = shop
    path = f"/api/v1/sites/{site.id}/segments/{segment}"

    with live_events(shared, site.id, segment=segment) as stream, shared.client() as client:
        changed = {"name": f"changed {segment}", "conditions": [{**BOUGHT, "params": {"colour": "blue"}}]}
        client.put(path, json=changed).raise_for_status()
        sent = [looks(ANN), looks(BEN)]
        send(shared, site, sent, 6)
        assert take(stream, 1) == [sent[1]["id"]]
        client.delete(path).raise_for_status()
        send(shared, site, [looks(BEN)], 7)
        assert rest_of(stream) == []


def rest_of(stream: Iterator[tuple[str, Any]]) -> list[Any]:
    """What comes until the server ends the stream."""
    return list(stream)
