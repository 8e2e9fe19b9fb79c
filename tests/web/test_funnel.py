"""Funnels, retention and sessions through the front door: sent like a browser does, asked for over HTTP."""

import time
import uuid
from typing import Any

import pytest

from tests.running import Running, SiteOf

MINUTE = 60_000
DAY = 86_400_000
# Who, how many days ago, and what they did a minute apart.
DONE = [
    (0, 9, ["/", "/cart", "order.paid"]),
    (0, 2, ["/"]),
    (1, 9, ["/", "/cart"]),
    (2, 8, ["/cart", "/"]),
    (3, 1, ["/"]),
]


@pytest.fixture(scope="module")
def shop(shared: Running) -> SiteOf:
    site = shared.add_site()
    now = int(time.time() * 1000)
    events = [
        {
            "id": str(uuid.uuid4()),
            "time": now - days * DAY - (10 - number) * MINUTE,
            "uuid": f"0192f0c4-7d7a-7cc3-a1b2-00000000000{who}",
            "session": f"0192f0c4-7d7a-7cc3-a1b2-0000000000{who}{days}",
            "params": {"url": f"https://shop.example{name}"},
            "action": "page.visit" if name.startswith("/") else name,
        }
        for who, days, names in DONE
        for number, name in enumerate(names)
    ]
    shared.collect({"key": site.key, "sent": now, "events": events + events[:2]})
    shared.settled(site.id, len(events) + 2)
    return site


def ask(shared: Running, site: SiteOf, question: str, **query: Any) -> Any:
    return shared.get(f"/sites/{site.id}/insights/{question}", token=site.read, **query)


FUNNEL = {"step": ["/", "/cart", "order.*"]}


def test_funnel(shared: Running, shop: SiteOf) -> None:
    answer = ask(shared, shop, "funnel", **FUNNEL)

    assert answer == {
        "total": 4,
        "steps": [
            {"name": "/", "count": 4, "dropped": 0},
            {"name": "/cart", "count": 2, "dropped": 2},
            {"name": "order.*", "count": 1, "dropped": 1},
        ],
        "breakdown": None,
    }


def test_funnel_of_sessions_told_apart(shared: Running, shop: SiteOf) -> None:
    answer = ask(shared, shop, "funnel", **FUNNEL, by="session", breakdown="source")

    assert [step["count"] for step in answer["steps"]] == [5, 2, 1]
    assert answer["breakdown"] == [{"value": "web", "counts": [5, 2, 1]}]


def test_who_dropped_out_comes_in_pages(shared: Running, shop: SiteOf) -> None:
    query = {**FUNNEL, "at": 2, "dropped": True, "limit": 1}

    first = ask(shared, shop, "funnel/customers", **query)
    second = ask(shared, shop, "funnel/customers", cursor=first["next"], **query)

    assert [item["customer"][-1] for item in first["items"] + second["items"]] == ["3", "2"]
    assert second["next"] is None


def test_retention(shared: Running, shop: SiteOf) -> None:
    answer = ask(shared, shop, "retention", period="day", periods=10)

    assert [(cohort["size"], len(cohort["returned"])) for cohort in answer["cohorts"]] == [(2, 10), (1, 9), (1, 2)]
    assert answer["cohorts"][0]["returned"] == [2, 0, 0, 0, 0, 0, 0, 1, 0, 0]


def test_sessions(shared: Running, shop: SiteOf) -> None:
    answer = ask(shared, shop, "sessions", breakdown="page")

    total = answer["total"]
    assert (total["sessions"], total["customers"], total["bounces"]) == (5, 4, 2)
    assert total["length_p50"] == MINUTE
    assert {one["value"]: one["sessions"] for one in answer["entries"]} == {"/": 4, "/cart": 1}
    assert {one["value"]: one["sessions"] for one in answer["exits"]} == {"/": 3, "/cart": 2}
    assert sum(day["sessions"] for day in answer["days"]) == 5
    assert answer["breakdown"] == answer["entries"]


@pytest.mark.parametrize(
    ("question", "query", "field"),
    [
        ("funnel", {}, "step"),
        ("funnel", {"step": ["a.b"] * 11}, "step"),
        ("funnel", {"step": [""]}, "step"),
        ("funnel", {"step": ["/"], "window_s": 0}, "window_s"),
        ("funnel", {"step": ["/"], "breakdown": "params) --"}, "breakdown"),
        ("funnel/customers", {"step": ["/"], "at": 2}, "at"),
        ("retention", {"zone": "Mars/Olympus"}, "zone"),
        ("retention", {"period": "century"}, "period"),
        ("sessions", {"breakdown": "nothing"}, "breakdown"),
    ],
)
def test_what_cannot_be_asked_is_said(
    shared: Running, shop: SiteOf, question: str, query: dict[str, Any], field: str
) -> None:
    with shared.client(shop.read) as client:
        answer = client.get(f"/api/v1/sites/{shop.id}/insights/{question}", params=query)

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
