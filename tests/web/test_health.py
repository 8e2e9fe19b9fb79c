"""Health and metrics: for load balancers and Prometheus, with no login."""

import httpx

from tests.running import Running, make_event, wait_for


def test_live_says_that_it_lives(shared: Running) -> None:
    answer = httpx.get(f"{shared.url}/health/live")

    assert (answer.status_code, answer.json()) == (200, {"live": True})


def test_ready_tells_each_part(shared: Running) -> None:
    answer = httpx.get(f"{shared.url}/health/ready")

    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    parts = answer.json()["parts"]
    assert {name: parts[name] for name in ("spool", "store", "loader")} == dict.fromkeys(
        ("spool", "store", "loader"), "ok"
    )
    assert isinstance(parts["lag_ms"], int)


def metrics(running: Running) -> dict[str, float]:
    """Every sample by name and labels."""
    answer = httpx.get(f"{running.url}/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = (line.rsplit(" ", 1) for line in answer.text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, value in samples}


def test_metrics_count_requests_and_events(shared: Running) -> None:
    site = shared.add_site()
    before = metrics(shared)

    shared.collect({"key": site.key, "events": [make_event(), make_event(), 5]})
    shared.collect({"key": "nobody", "events": []})
    shared.settled(site.id, 3)
    wait_for(lambda: metrics(shared)["trackway_spool_groups"] == 0, 5)
    after = metrics(shared)

    grown = {name: after[name] - before.get(name, 0) for name in after}
    assert grown['trackway_collect_requests_total{code="ok",route="public"}'] == 1
    assert grown['trackway_collect_requests_total{code="unknown_key",route="public"}'] == 1
    assert grown['trackway_collect_events_total{verdict="accepted"}'] == 2
    assert grown['trackway_collect_events_total{verdict="rejected"}'] == 1
    assert grown['trackway_load_events_total{verdict="stored"}'] == 2
