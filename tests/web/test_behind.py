"""The customers behind numbers, through the front door."""

from typing import Any

import pytest

from tests.running import Running, SiteOf, make_event

DAY = 86_400_000
NOON = 1_790_000_000_000 // DAY * DAY + DAY // 2
ANN, BEN = "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f8401", "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f8402"
RANGE: dict[str, Any] = {"from": NOON - DAY, "to": NOON + 2 * DAY}


@pytest.fixture(scope="module")
def shop(shared: Running) -> SiteOf:
    """Ann comes from a search, hovers over the banner and is back the next day; Ben clicks it and goes."""
    site = shared.add_site()
    page = {"url": "https://shop.example/", "referrer": "https://www.google.com/"}
    hover = {"element": "banner", "duration": 900}
    events = [
        make_event(action="page.visit", uuid=ANN, session=ANN, time=NOON, params=page),
        make_event(action="element.hover", uuid=ANN, session=ANN, time=NOON + 1, params=hover),
        make_event(action="page.visit", uuid=ANN, time=NOON + DAY, params={"url": "https://shop.example/"}),
        make_event(action="element.hover", uuid=BEN, session=BEN, time=NOON + 2, params=hover),
        make_event(action="element.click", uuid=BEN, session=BEN, time=NOON + 3, params={"element": "banner"}),
        make_event(action="form.submit", uuid=ANN, time=NOON, params={"form": "news"}),
        make_event(action="form.abandon", uuid=BEN, session=BEN, time=NOON + 1, params={"form": "news"}),
    ]
    shared.collect({"key": site.key, "events": events})
    shared.settled(site.id, len(events))
    return site


@pytest.mark.parametrize(
    ("question", "query", "customers"),
    [
        ("elements", {"element": "banner", "did": "hovered"}, [BEN, ANN]),
        ("elements", {"element": "banner", "did": "left"}, [ANN]),
        ("elements", {"element": "banner", "did": "clicked"}, [BEN]),
        ("elements", {"element": "none"}, []),
        ("forms", {"form": "news"}, [BEN, ANN]),
        ("forms", {"form": "news", "became": "submitted"}, [ANN]),
        ("forms", {"form": "news", "became": "left"}, [BEN]),
        ("forms", {"form": "none"}, []),
        ("sources", {"name": "search"}, [ANN]),
        ("sources", {"name": "google.com", "by": "referrer", "which": "first"}, [ANN]),
        ("sessions", {}, [BEN, ANN]),
        ("sessions", {"of": "entries", "value": "/"}, [ANN]),
        ("sessions", {"bounced": True}, [ANN]),
        ("trend", {"action": "page.visit", "at": NOON + DAY // 2}, [ANN]),
        ("trend", {"breakdown": "action", "name": "element.click"}, [BEN]),
        ("trend", {"breakdown": "action", "series": 1, "other": True, "action": "element.*"}, [BEN]),
        ("retention", {"cohort": NOON - DAY // 2, "period": "day"}, [ANN, BEN]),
        ("retention", {"cohort": NOON - DAY // 2, "period": "day", "later": 1}, [ANN]),
    ],
)
def test_who_is_behind_a_number(
    shared: Running, shop: SiteOf, question: str, query: dict[str, Any], customers: list[str]
) -> None:
    path = f"/sites/{shop.id}/insights/{question}/customers"

    answer = shared.get(path, token=shop.read, **RANGE, **query)

    assert [one["customer"] for one in answer["items"]] == customers
    if len(customers) > 1:
        first = shared.get(path, token=shop.read, limit=1, **RANGE, **query)
        second = shared.get(path, token=shop.read, limit=1, cursor=first["next"], **RANGE, **query)
        assert [one["customer"] for one in first["items"] + second["items"]] == customers


@pytest.mark.parametrize(
    ("question", "query", "field"),
    [
        ("elements", {"element": "banner", "did": "danced"}, "did"),
        ("forms", {"form": "news", "became": "lost"}, "became"),
        ("trend", {"at": NOON}, "at"),
        ("retention", {"cohort": 0, "later": 60}, "later"),
        ("sessions", {"of": "moods"}, "of"),
        ("sources", {"cursor": "none"}, "cursor"),
    ],
)
def test_what_cannot_be_asked_is_said(
    shared: Running, shop: SiteOf, question: str, query: dict[str, Any], field: str
) -> None:
    with shared.client(shop.read) as client:
        answer = client.get(f"/api/v1/sites/{shop.id}/insights/{question}/customers", params={**RANGE, **query})

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
