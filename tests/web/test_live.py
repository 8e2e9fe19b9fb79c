"""The live stream: each event once, in order of arrival, resumable; and a slow reader harms only itself."""

import asyncio
import contextlib
import socket
import uuid
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from tests.running import Running, SiteOf, live_events, make_event, parse_stream
from trackway.insight.tail import Filter, Ring, follow
from trackway.store.row import Row

ANN, BOB = str(uuid.uuid4()), str(uuid.uuid4())


def send(running: Running, site: SiteOf, events: list[dict[str, Any]], total: int) -> list[str]:
    """Events, stored when this returns; their ids. `total` counts all that the site has received."""
    assert running.collect({"key": site.key, "events": events}).json()["accepted"] == len(events)
    running.settled(site.id, total)
    return [event["id"] for event in events]


def take(stream: Iterator[tuple[str, Any]], count: int) -> list[str]:
    return [next(stream)[1]["id"] for _ in range(count)]


def test_events_appear_as_they_are_stored(shared: Running) -> None:
    site = shared.add_site()
    events = [make_event(label=f"{at}") for at in range(3)]

    with live_events(shared, site.id) as stream:
        sent = send(shared, site, events[:2], 2) + send(shared, site, events[2:], 3)
        seen = [next(stream) for _ in range(3)]

    assert [event["id"] for _, event in seen] == sent
    positions = [int(position) for position, _ in seen]
    assert positions == sorted(set(positions))
    assert seen[0][1] == shared.get(f"/sites/{site.id}/events/{sent[0]}")


@pytest.mark.parametrize(("tail", "expected"), [(1, 1), (3, 3), (5, 5), (500, 5)])
def test_tail_comes_first_the_oldest_of_it_ahead(shared: Running, tail: int, expected: int) -> None:
    site = shared.add_site()
    sent = send(shared, site, [make_event() for _ in range(5)], 5)

    with live_events(shared, site.id, tail=tail) as stream:
        first = take(stream, expected)
        more = send(shared, site, [make_event()], 6)
        then = take(stream, 1)

    assert first == sent[-expected:]
    assert then == more


SESSION = str(uuid.uuid4())
FILTERED: dict[str, dict[str, Any]] = {
    "visit": {
        "action": "page.visit",
        "uuid": ANN,
        "params": {"url": "https://a.example/Shoes", "referrer": "https://www.google.com/"},
    },
    "text": {"action": "product.buy", "uuid": ANN, "session": SESSION, "params": {"price": "10", "x": "it's"}},
    "whole": {"action": "product.buy", "uuid": BOB, "params": {"price": 10, "gift": True}},
    "zero": {"action": "product.buy", "uuid": BOB, "params": {"price": 0.5, "gift": False}},
    "label": {"action": "product.view", "uuid": BOB, "label": "A shoe"},
    "screen": {"action": "screen.view", "uuid": BOB, "session": SESSION, "params": {"name": "Home"}},
}
FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"action": "product.buy"}, ["text", "whole", "zero"]),
    ({"uuid": ANN.upper()}, ["visit", "text"]),
    ({"customer": BOB}, ["whole", "zero", "label", "screen"]),
    ({"q": "SHOE"}, ["visit", "label"]),
    ({"param.price": "10"}, ["text", "whole"]),
    ({"param.price": "0.5"}, ["zero"]),
    ({"param.gift": "true"}, ["whole"]),
    ({"param.x": "it's", "uuid": ANN}, ["text"]),
    ({"page": "/Shoes"}, ["visit"]),
    ({"page": "screen:Home"}, ["screen"]),
    ({"channel": "search"}, ["visit"]),
    ({"source": "web", "q": "shoe"}, ["visit", "label"]),
    ({"session": SESSION.upper()}, ["text", "screen"]),
    ({"session": SESSION, "customer": BOB}, ["screen"]),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS)
def test_filters_hold_for_the_tail_for_what_comes_and_for_the_search(
    shared: Running, query: dict[str, Any], expected: list[str]
) -> None:
    site = shared.add_site()
    before = {name: make_event(**fields) for name, fields in FILTERED.items()}
    send(shared, site, list(before.values()), len(before))
    after = {name: make_event(**fields) for name, fields in FILTERED.items()}

    with live_events(shared, site.id, tail=100, **query) as stream:
        tail = take(stream, len(expected))
        send(shared, site, list(after.values()), 2 * len(after))
        live = take(stream, len(expected))
    searched = {event["id"] for event in shared.events(site.id, **query)}

    assert tail == [before[name]["id"] for name in expected]
    assert live == [after[name]["id"] for name in expected]
    assert searched == {*tail, *live}


def test_whole_float_is_the_same_number_in_live_as_in_the_search(shared: Running) -> None:
    site = shared.add_site()

    with live_events(shared, site.id, **{"param.price": "10"}) as stream:
        ids = send(shared, site, [make_event(params={"price": 10.0}), make_event(params={"price": 10})], 2)
        live = take(stream, 1)

    assert [event["id"] for event in shared.events(site.id, **{"param.price": "10"})] == ids[::-1]
    assert live == ids[:1]


def test_resume_goes_on_without_loss_or_repeat(shared: Running) -> None:
    site = shared.add_site()
    sent = send(shared, site, [make_event() for _ in range(30)], 30)
    with live_events(shared, site.id, tail=500) as stream:
        positions = [next(stream)[0] for _ in range(30)]

    for at in (0, 11, 28):
        with live_events(shared, site.id, resume=positions[at]) as stream:
            assert take(stream, 29 - at) == sent[at + 1 :]


def test_resume_from_before_everything_gives_everything(shared: Running) -> None:
    site = shared.add_site()
    sent = send(shared, site, [make_event() for _ in range(700)], 700)

    with live_events(shared, site.id, resume="0") as stream:
        assert take(stream, 700) == sent


def test_resume_after_a_restart(start: Any) -> None:
    running = start()
    site = running.add_site()
    sent = send(running, site, [make_event() for _ in range(3)], 3)
    with live_events(running, site.id, tail=3) as stream:
        first = next(stream)[0]
    running.stop()
    running.start()
    sent += send(running, site, [make_event()], 4)

    with live_events(running, site.id, resume=first) as stream:
        assert take(stream, 3) == sent[1:]


@pytest.mark.parametrize("position", ["x", "-1", "1.5", "²", str(2**63)])
def test_resume_from_nowhere_is_refused(shared: Running, position: str) -> None:
    site = shared.add_site()
    with shared.client() as client:
        answer = client.get(f"/api/v1/sites/{site.id}/live", headers=[(b"last-event-id", position.encode())])

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")


def test_stream_is_server_sent_events_and_nobody_keeps_a_copy(shared: Running) -> None:
    site = shared.add_site()
    (sent,) = send(shared, site, [make_event()], 1)

    with shared.client() as client, client.stream("GET", f"/api/v1/sites/{site.id}/live?tail=1") as answer:
        lines = answer.iter_lines()
        frame: list[str] = []
        while not any(line.startswith("data: ") for line in frame):
            frame.append(next(lines))

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert "event: event" in frame
    assert [event["id"] for _, event in parse_stream(iter(frame))] == [sent]


@contextlib.contextmanager
def reader_that_never_reads(running: Running, site: SiteOf) -> Generator[None]:
    """A live reader whose window is small and whose bytes are left lying."""
    with socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.connect(("127.0.0.1", running.port))
        head = f"GET /api/v1/sites/{site.id}/live?tail=500 HTTP/1.1\r\nHost: x"
        peer.sendall(f"{head}\r\nAuthorization: Bearer {running.token()}\r\n\r\n".encode())
        yield


def test_reader_that_never_reads_costs_the_others_nothing(shared: Running) -> None:
    site = shared.add_site()
    with contextlib.ExitStack() as stack, live_events(shared, site.id) as stream:
        for _ in range(5):
            stack.enter_context(reader_that_never_reads(shared, site))

        sent: list[str] = []
        for number in range(1, 6):
            sent += send(shared, site, [make_event(params={"x": "y" * 20_000}) for _ in range(40)], number * 40)

        assert take(stream, 200) == sent


def make_row(position: int, site: str = "s") -> Row:
    return Row(
        site=site, id=str(uuid.UUID(int=position)), position=position, action="a.b", label="", time=0, received=0,
        uuid=ANN, source="web", params="{}",
    )  # fmt: skip


def own(_: str, customer: str) -> str:
    """Nobody was merged."""
    return customer


def follow_until_idle(ring: Ring, stored: list[Row], after: int = 0) -> list[int]:
    """The positions a reader of site s is shown until nothing more is there."""

    async def read_page(site: str, behind: int, most: int) -> list[Row]:
        return [row for row in stored if row.site == site and row.position > behind][:most]

    async def run() -> list[int]:
        shown: list[int] = []
        async for position, event in follow(ring, read_page, own, Filter("s"), after, 0.02):
            if event is None:
                return shown
            shown.append(position)
        return shown

    return asyncio.run(run())


@pytest.mark.parametrize("after", [0, 700, 1450, 1500])
def test_reader_far_behind_is_given_pages_from_the_store(after: int) -> None:
    stored = [make_row(position) for position in range(1, 1501)]
    ring = Ring(100)
    for at in range(0, 1500, 50):
        ring.put(stored[at : at + 50])

    assert follow_until_idle(ring, stored, after) == list(range(after + 1, 1501))


def test_rows_of_other_sites_are_passed_over() -> None:
    stored = [make_row(position, "s" if position % 3 else "other") for position in range(1, 31)]
    ring = Ring(10)
    ring.put(stored)

    assert follow_until_idle(ring, stored) == [position for position in range(1, 31) if position % 3]


def test_reader_of_an_empty_store_is_kept_alive() -> None:
    assert follow_until_idle(Ring(10), []) == []


def test_rows_published_again_are_shown_once() -> None:
    """After a crash between storing and settling, the ring is filled from the store, and then the load comes again."""
    stored = [make_row(position) for position in range(1, 11)]
    ring = Ring(100)
    ring.put(stored)

    ring.put(stored[5:])
    ring.put([make_row(11)])

    assert follow_until_idle(ring, [*stored, make_row(11)]) == list(range(1, 12))


def test_keep_alive_is_not_put_off_by_other_sites() -> None:
    ring, idle_s = Ring(10), 0.4
    ring.put([make_row(1, "other")])

    async def read_page(site: str, behind: int, most: int) -> list[Row]:
        return []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.9 * idle_s, ring.put, [make_row(2, "other")])
        stream = follow(ring, read_page, own, Filter("s"), 1, idle_s)
        await asyncio.wait_for(anext(stream), 1.5 * idle_s)

    asyncio.run(run())
