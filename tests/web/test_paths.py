"""Paths through the front door: sent like a browser does, asked for over HTTP."""

import time
import uuid
from typing import Any

import pytest

from tests.running import Running, SiteOf

MINUTE = 60_000
WALKS = [["/", "/a", "/b"], ["/", "/a", "/c"], ["/", "/a"], ["/x", "/", "/b"], ["/x"]]


@pytest.fixture(scope="module")
def walked(shared: Running) -> SiteOf:
    site = shared.add_site()
    began = int(time.time() * 1000) - 60 * MINUTE
    events = [
        {
            "action": "page.visit",
            "time": began + number * MINUTE,
            "uuid": f"0192f0c4-7d7a-7cc3-a1b2-00000000000{walk}",
            "session": f"0192f0c4-7d7a-7cc3-a1b2-0000000000f{walk}",
            "params": {"url": f"https://shop.example{page}?n={number}"},
        }
        for walk, pages in enumerate(WALKS)
        for number, page in enumerate(pages)
    ]
    sent = [one | {"id": str(uuid.uuid4())} for one in events]
    shared.collect({"key": site.key, "sent": int(time.time() * 1000), "events": sent + sent[:3]})
    shared.settled(site.id, len(sent) + 3)
    return site


def ask(shared: Running, site: SiteOf, **query: Any) -> Any:
    return shared.get(f"/sites/{site.id}/insights/paths", token=site.read, **query)


def test_paths_have_the_shape_of_the_contract(shared: Running, walked: SiteOf) -> None:
    answer = ask(shared, walked, start="/", steps=2)

    assert answer == {
        "total": 4,
        "steps": [
            {"nodes": [{"name": "/a", "count": 3}, {"name": "/b", "count": 1}], "other": 0, "left": 0},
            {"nodes": [{"name": "/b", "count": 1}, {"name": "/c", "count": 1}], "other": 0, "left": 2},
        ],
        "links": [
            {"step": 1, "source": "start", "target": "/a", "count": 3},
            {"step": 1, "source": "start", "target": "/b", "count": 1},
            {"step": 2, "source": "/a", "target": "/b", "count": 1},
            {"step": 2, "source": "/a", "target": "/c", "count": 1},
        ],
    }


def test_previous_goes_back_from_the_start(shared: Running, walked: SiteOf) -> None:
    answer = ask(shared, walked, start="/b", direction="previous", steps=1, by="customer")

    assert answer["total"] == 2
    assert {node["name"]: node["count"] for node in answer["steps"][0]["nodes"]} == {"/a": 1, "/": 1}


def test_customers_behind_a_flow_come_in_pages(shared: Running, walked: SiteOf) -> None:
    query = {"start": "/", "step": 1, "target": "/a", "came_from": "start", "limit": 2}
    path = f"/sites/{walked.id}/insights/paths/customers"

    first = shared.get(path, token=walked.read, **query)
    second = shared.get(path, token=walked.read, cursor=first["next"], **query)

    found = [item["customer"][-1] for item in first["items"] + second["items"]]
    assert sorted(found) == ["0", "1", "2"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"steps": 0}, "steps"),
        ({"steps": 11}, "steps"),
        ({"direction": "sideways"}, "direction"),
        ({"by": "planet"}, "by"),
        ({"pattern": ["/*"] * 21}, "pattern"),
    ],
)
def test_what_cannot_be_asked_is_said(shared: Running, walked: SiteOf, query: dict[str, Any], field: str) -> None:
    with shared.client(walked.read) as client:
        answer = client.get(f"/api/v1/sites/{walked.id}/insights/paths", params=query)

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


@pytest.mark.parametrize(("step", "came_from"), [(1, "/a"), (1, ""), (2, "start")])
def test_only_the_first_step_comes_from_the_start(shared: Running, walked: SiteOf, step: int, came_from: str) -> None:
    with shared.client(walked.read) as client:
        query: dict[str, Any] = {"step": step, "target": "/a", "came_from": came_from}
        answer = client.get(f"/api/v1/sites/{walked.id}/insights/paths/customers", params=query)

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "came_from")


def test_a_step_beyond_the_paths_is_refused(shared: Running, walked: SiteOf) -> None:
    with shared.client(walked.read) as client:
        query: dict[str, Any] = {"steps": 2, "step": 3, "target": "/a"}
        answer = client.get(f"/api/v1/sites/{walked.id}/insights/paths/customers", params=query)

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "step")
