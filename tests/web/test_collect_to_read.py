"""An event's whole way: sent, answered, stored, and read everywhere it can be read."""

from tests.running import Running, live_events, make_event


def test_event_is_read_back_as_it_was_sent(shared: Running) -> None:
    site = shared.add_site()
    event = make_event(action="page.visit", params={"url": "https://shop.example/a", "title": "Hello", "n": 1.0})

    answer = shared.collect({"key": site.key, "events": [event]})
    shared.settled(site.id, 1)
    read = shared.get(f"/sites/{site.id}/events/{event['id']}")

    assert answer.json()["accepted"] == 1
    assert read["label"] == "Visited page Hello"
    assert read["params"] == {"url": "https://shop.example/a", "title": "Hello", "n": 1.0}


def test_live_resumes_where_it_was_cut(shared: Running) -> None:
    site = shared.add_site()
    events = [make_event() for _ in range(5)]
    shared.collect({"key": site.key, "events": events[:2]})
    shared.settled(site.id, 2)
    with live_events(shared, site.id, tail=2) as stream:
        seen = [next(stream) for _ in range(2)]
    shared.collect({"key": site.key, "events": events[2:]})

    with live_events(shared, site.id, resume=seen[0][0]) as stream:
        rest = [next(stream)[1]["id"] for _ in range(4)]

    assert [seen[0][1]["id"], *rest] == [event["id"] for event in events]


def test_a_post_to_nowhere_is_never_answered_200(shared: Running) -> None:
    with shared.client() as client:
        answer = client.post("/e/", content=b"[]")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
