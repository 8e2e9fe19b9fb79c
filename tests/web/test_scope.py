"""What every question is narrowed by, through the front door: one scope, the same for all of them."""

from typing import Any

import pytest

from tests.running import Running, SiteOf, make_event

NOON = 1_790_000_000_000
ANN, BEN = "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f8201", "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f8202"
QUESTIONS = ("elements", "forms", "sources", "trend", "paths", "funnel?step=/", "retention", "sessions")


@pytest.fixture(scope="module")
def shop(shared: Running) -> SiteOf:
    """Ann looks and buys a red shirt; Ben only looks, from an app."""
    site = shared.add_site()
    page = {"url": "https://shop.example/"}
    events = [
        make_event(action="page.visit", uuid=ANN, session=ANN, time=NOON, params=page),
        make_event(action="shop.buy", uuid=ANN, session=ANN, time=NOON + 1, params={"colour": "red", "size": 7}),
        make_event(action="page.visit", uuid=BEN, session=BEN, time=NOON, params=page),
    ]
    shared.collect({"key": site.key, "events": events})
    shared.settled(site.id, 3)
    return site


def ask(shared: Running, site: SiteOf, question: str, **query: Any) -> Any:
    query = {"from": NOON - 1_000, "to": NOON + 1_000} | query
    return shared.get(f"/sites/{site.id}/insights/{question}", token=site.read, **query)


def test_a_question_about_events_counts_such_events(shared: Running, shop: SiteOf) -> None:
    def total(**query: Any) -> float:
        series = ask(shared, shop, "trend", **query)["series"]
        return series[0]["total"] if series else 0

    assert total() == 3
    assert total(action="shop.*") == 1
    assert total(**{"param.colour": "red", "param.size": "7"}) == 1
    assert total(**{"param.colour": "red", "param.size": "8"}) == 0


@pytest.mark.parametrize("such", [{"action": "shop.*"}, {"param.colour": "red"}])
def test_one_about_sessions_or_customers_is_about_all_that_those_did(
    shared: Running, shop: SiteOf, such: dict[str, Any]
) -> None:
    assert ask(shared, shop, "sessions")["total"]["sessions"] == 2
    assert ask(shared, shop, "sessions", **such)["entries"][0]["sessions"] == 1
    assert ask(shared, shop, "paths", of="pages", **such)["steps"][0]["nodes"] == [{"name": "/", "count": 1}]
    assert ask(shared, shop, "funnel", step=["/", "shop.buy"], **such)["total"] == 1
    assert ask(shared, shop, "funnel/customers", step="/", at=1, **such)["items"][0]["customer"] == ANN
    assert [one["size"] for one in ask(shared, shop, "retention", **such)["cohorts"]] == [1]
    assert ask(shared, shop, "sources", **such)["total"] == 1


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    ("query", "field"),
    [({"from": "noon"}, "from"), ({"source": "planet"}, "source"), ({"action": "a" * 65}, "action"), ({}, "param")],
)
def test_every_question_refuses_what_is_no_scope(
    shared: Running, shop: SiteOf, question: str, query: dict[str, str], field: str
) -> None:
    path, _, step = question.partition("?step=")
    query = query or {f"param.p{number}": "1" for number in range(11)}
    with shared.client(shop.read) as client:
        answer = client.get(f"/api/v1/sites/{shop.id}/insights/{path}", params={"step": step, **query})

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
