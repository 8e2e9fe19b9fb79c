"""Segments through the front door: saved, shown who is in them, asked with, changed and deleted."""

import uuid
from typing import Any

import pytest

from tests.running import Running, SiteOf, make_event

NOON = 1_790_000_000_000
ANN, BEN, CAT = (f"0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f830{number}" for number in (1, 2, 3))
BOUGHT = {"kind": "did", "action": "shop.buy", "params": {"colour": "red"}}


@pytest.fixture(scope="module")
def shop(shared: Running) -> SiteOf:
    """Ann bought something red, on her telephone; Ben something blue; Cat is Ann on another device."""
    site = shared.add_site()
    page = {"url": "https://shop.example/"}
    events = [
        make_event(action="client.identify", uuid=ANN, time=NOON, params={"customId": "C-1", "plan": "pro"}),
        make_event(action="shop.buy", uuid=ANN, session=ANN, time=NOON + 1, params={"colour": "red"}),
        make_event(action="shop.buy", uuid=BEN, session=BEN, time=NOON + 2, params={"colour": "blue"}),
        make_event(action="page.visit", uuid=CAT, session=CAT, time=NOON + 3, params=page),
        make_event(action="client.identify", uuid=CAT, time=NOON + 4, params={"customId": "C-1"}),
    ]
    shared.collect({"key": site.key, "events": events})
    shared.settled(site.id, len(events))
    return site


def save(shared: Running, site: SiteOf, **segment: Any) -> Any:
    """A new segment of the site."""
    with shared.client() as client:
        body = {"name": f"segment {uuid.uuid4().hex}", **segment}
        return client.post(f"/api/v1/sites/{site.id}/segments", json=body).raise_for_status().json()


def test_every_question_is_narrowed_to_a_segment(shared: Running, shop: SiteOf) -> None:
    """What Cat did is Ann's, so it is in."""
    segment = save(shared, shop, conditions=[BOUGHT])

    def ask(path: str, **query: Any) -> Any:
        return shared.get(f"/sites/{shop.id}/{path}", token=shop.read, segment=segment["id"], **query)

    everything: dict[str, Any] = {"from": NOON - 1_000, "to": NOON + 1_000}
    (series,) = ask("insights/trend", **everything)["series"]
    assert series["total"] == 4
    assert ask("insights/sessions", **everything)["total"]["sessions"] == 2
    assert ask("insights/funnel", step="shop.buy")["total"] == 1
    assert ask("insights/paths", of="actions", by="customer")["total"] == 1
    assert sum(one["size"] for one in ask("insights/retention", **everything)["cohorts"]) == 1
    assert ask("insights/sources")["total"] == 3
    assert ask("insights/elements")["items"] == []
    assert ask("insights/forms")["items"] == []
    assert len(ask("events")["items"]) == 4
    (customer,) = ask("customers")["items"]
    assert (customer["identifiers"], customer["events"]) == ({"customId": "C-1"}, 4)


def test_customers_are_listed_by_what_they_did(shared: Running, shop: SiteOf) -> None:
    def listed(**query: Any) -> list[str]:
        return [one["customer"] for one in shared.get(f"/sites/{shop.id}/customers", **query)["items"]]

    assert len(listed()) == 2
    assert listed(**{"action": "shop.*", "param.colour": "blue"}) == [BEN]
    assert listed(**{"from": NOON + 2, "to": NOON + 3}) == [BEN]


@pytest.mark.parametrize(
    ("conditions", "customers"),
    [
        ([BOUGHT], 1),
        ([{"kind": "did", "action": "shop.buy"}], 2),
        ([{"kind": "did", "action": "shop.buy", "not": True}], 0),
        ([{"kind": "identified", "not": True}], 1),
        ([{"kind": "attribute", "name": "plan", "how": "contains", "value": "PR"}], 1),
        ([{"kind": "listed", "customers": [CAT]}], 1),
    ],
)
def test_a_preview_says_who_would_be_in_it(
    shared: Running, shop: SiteOf, conditions: list[dict[str, Any]], customers: int
) -> None:
    with shared.client(shop.read) as client:
        path = f"/api/v1/sites/{shop.id}/segments/preview"
        answer = client.post(path, json={"conditions": conditions}).raise_for_status().json()

    assert (answer["customers"], answer["total"], len(answer["examples"])) == (customers, 2, customers)


def test_a_segment_is_changed_and_deleted_and_the_log_says_so(shared: Running, shop: SiteOf) -> None:
    segment = save(shared, shop, name=f"Buyers {shop.id}", conditions=[BOUGHT])
    path = f"/api/v1/sites/{shop.id}/segments/{segment['id']}"
    with shared.client() as client:
        changed = client.put(path, json={"name": "Buyers of blue", "match": "any", "conditions": [BOUGHT]}).json()
        assert (changed["name"], changed["match"], changed["created"]) == ("Buyers of blue", "any", segment["created"])
        assert client.get(path).json() == changed
        assert changed in client.get(f"/api/v1/sites/{shop.id}/segments").json()["items"]
        again = client.post(f"/api/v1/sites/{shop.id}/segments", json={**changed, "name": " buyers OF blue "})
        assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")
        assert client.delete(path).status_code == 204
        assert client.get(path).status_code == 404
        lines = client.get("/api/v1/audit", params={"site": shop.id}).json()["items"]
        asked = client.get(f"/api/v1/sites/{shop.id}/insights/trend", params={"segment": segment["id"]})

    assert [line["what"] for line in lines[:2]] == ["segment.remove", "segment.change"]
    assert (asked.status_code, asked.json()["error"]["code"]) == (404, "not_found")


def test_the_last_of_two_editors_does_not_win_silently(shared: Running, shop: SiteOf) -> None:
    made = save(shared, shop, conditions=[{"kind": "identified"}])
    path = f"/api/v1/sites/{shop.id}/segments/{made['id']}"
    with shared.client() as client:
        first = client.put(path, json=made | {"match": "any"}).raise_for_status().json()
        second = client.put(path, json=made | {"name": f"{made['name']} mine"})
        kept = client.get(path).json()
        again = client.put(path, json={name: made[name] for name in ("name", "conditions")}).raise_for_status().json()

    assert (second.status_code, second.json()["error"]["field"]) == (409, "changed")
    assert kept == first
    assert again["match"] == "all"


def test_another_sites_segment_is_not_found(shared: Running, shop: SiteOf) -> None:
    segment, other = save(shared, shop, conditions=[BOUGHT]), shared.add_site()
    with shared.client(other.read) as client:
        for path in ("insights/trend", "insights/paths", "customers", "events", f"segments/{segment['id']}"):
            answer = client.get(f"/api/v1/sites/{other.id}/{path}", params={"segment": segment["id"]})

            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), path


@pytest.mark.parametrize(
    "wrong",
    [
        {"conditions": []},
        {"conditions": [BOUGHT] * 21},
        {"conditions": [{"kind": "did"}]},
        {"conditions": [{"kind": "danced", "action": "a.b"}]},
        {"conditions": [{"kind": "did", "action": "a.b", "times": 0}]},
        {"conditions": [{"kind": "did", "action": "a.b", "days": 3, "since": 1}]},
        {"conditions": [{"kind": "did", "action": "a.b", "colour": "red"}]},
        {"conditions": [{"kind": "listed", "customers": ["nobody"]}]},
        {"conditions": [BOUGHT], "name": "  "},
        {"conditions": [BOUGHT], "match": "some"},
    ],
)
def test_what_is_no_segment_is_refused(shared: Running, shop: SiteOf, wrong: dict[str, Any]) -> None:
    with shared.client() as client:
        answer = client.post(f"/api/v1/sites/{shop.id}/segments", json={"name": "never", **wrong})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter"), answer.text
