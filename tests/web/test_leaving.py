"""Whoever asks and leaves: the question ends in the store, others have its room, and nobody else's ends with it."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.running import Running, SiteOf, make_event, wait_for
from tests.web.test_health import metrics

PARAMS = {f"param{number}": "x" * 3_000 for number in range(10)}
EVENTS = 6_000
BATCH = 30
CONDITIONS = 20
ENDS_WITHIN_S = 10
"""A question left alone takes far longer: it reads 180 MB of params 1,200 times."""
READERS, HEAVY = 4, 2


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, SiteOf, str]]:
    """A server, a site whose events say much, and a segment that reads all of that over and over."""
    running = Running(tmp_path_factory.mktemp("leaving"), store_readers=READERS, store_heavy=HEAVY, query_timeout_s=600)
    running.start()
    site = running.add_site()
    for _ in range(0, EVENTS, BATCH):
        body = {"key": site.key, "events": [make_event(params=PARAMS) for _ in range(BATCH)]}
        running.collect(body).raise_for_status()
    running.settled(site.id, EVENTS)
    conditions = [{"kind": "did", "action": "*", "params": PARAMS, "times": n + 2} for n in range(CONDITIONS)]
    with running.client() as client:
        body = {"name": "slow", "match": "any", "conditions": conditions}
        segment = client.post(f"/api/v1/sites/{site.id}/segments", json=body).raise_for_status().json()
    yield running, site, segment["id"]
    running.stop()


def ask(running: Running, path: str, method: str = "GET", body: Any = None) -> socket.socket:
    """Send a request, and do not wait for its answer."""
    asking = socket.create_connection(("127.0.0.1", running.port), timeout=60)
    content = b"" if body is None else json.dumps(body).encode()
    head = (
        f"{method} /api/v1{path} HTTP/1.1\r\nHost: {running.url.removeprefix('http://')}\r\n"
        f"Authorization: Bearer {running.token()}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    asking.sendall(head.encode() + content)
    return asking


def under_way(running: Running) -> float:
    """How many questions the engine is working on."""
    return metrics(running)["trackway_questions"]


def is_answered(asking: socket.socket) -> bool:
    """Whether anything of an answer is there."""
    asking.setblocking(False)
    try:
        return bool(asking.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False
    finally:
        asking.setblocking(True)


def test_a_question_ends_with_its_connection(slow: tuple[Running, SiteOf, str]) -> None:
    running, site, segment = slow
    path = f"/sites/{site.id}/insights/sessions?segment={segment}&action=test.*"
    left, stays = ask(running, path), ask(running, path)
    wait_for(lambda: under_way(running) == HEAVY, ENDS_WITHIN_S)
    waits = ask(running, f"/sites/{site.id}/insights/trend?from=0&to=1")
    gone = [ask(running, path) for _ in range(3)]
    for one in (*gone, left):
        one.close()

    wait_for(lambda: is_answered(waits), ENDS_WITHIN_S)
    assert waits.recv(100).startswith(b"HTTP/1.1 200")
    wait_for(lambda: under_way(running) == 1, ENDS_WITHIN_S)
    assert not is_answered(stays)

    stays.close()
    wait_for(lambda: under_way(running) == 0, ENDS_WITHIN_S)
    waits.close()
    assert "Traceback" not in running.log.read_text()


@pytest.mark.parametrize("kind", ["a file", "asked by POST"])
def test_so_do_other_ways_to_ask(slow: tuple[Running, SiteOf, str], kind: str) -> None:
    running, site, segment = slow
    saved = running.get(f"/sites/{site.id}/segments/{segment}")
    path, body = {
        "a file": (f"/sites/{site.id}/insights/sessions?segment={segment}&format=csv", None),
        "asked by POST": (
            f"/sites/{site.id}/segments/preview",
            {name: saved[name] for name in ("match", "conditions")},
        ),
    }[kind]
    asking = ask(running, path, "POST" if body else "GET", body)
    wait_for(lambda: under_way(running) == 1, ENDS_WITHIN_S)
    asking.close()

    wait_for(lambda: under_way(running) == 0, ENDS_WITHIN_S)


def test_a_query_of_the_console_too(slow: tuple[Running, SiteOf, str]) -> None:
    running, site, _ = slow
    path, query = f"/sites/{site.id}/sql", "SELECT count() FROM numbers(1000000000000)"
    asking = ask(running, path, "POST", {"query": query, "run": "mine"})
    with running.client() as client:

        def name_is_taken() -> bool:
            again = client.post(f"/api/v1{path}", json={"query": "SELECT 1", "run": "mine"})
            return again.status_code == 409

        wait_for(name_is_taken, ENDS_WITHIN_S)
        asking.close()
        wait_for(lambda: not name_is_taken(), ENDS_WITHIN_S)
