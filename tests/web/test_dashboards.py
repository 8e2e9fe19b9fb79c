"""Dashboards through the front door: saved, changed, ordered anew, deleted; what is none is refused."""

import uuid
from typing import Any

import pytest

from tests.running import Running, SiteOf

TREND = {"title": "Orders", "question": "trends", "query": "action=transaction.charge&range=7d"}
PATHS = {"title": "After the cart", "question": "paths", "query": "start=%2Fcart"}


@pytest.fixture(scope="module")
def shop(shared: Running) -> SiteOf:
    """A site without events: a dashboard needs none."""
    return shared.add_site()


def save(shared: Running, site: SiteOf, **dashboard: Any) -> Any:
    """A new dashboard of the site."""
    with shared.client() as client:
        body = {"name": f"dashboard {uuid.uuid4().hex}", **dashboard}
        return client.post(f"/api/v1/sites/{site.id}/dashboards", json=body).raise_for_status().json()


def test_a_dashboard_keeps_its_tiles_in_their_order(shared: Running, shop: SiteOf) -> None:
    made = save(shared, shop, name=" Monday ", tiles=[TREND, PATHS])
    path = f"/sites/{shop.id}/dashboards/{made['id']}"

    assert (made["name"], made["tiles"]) == ("Monday", [TREND, PATHS])
    assert shared.get(path, token=shop.read) == made
    assert made in shared.get(f"/sites/{shop.id}/dashboards", token=shop.read)["items"]

    with shared.client() as client:
        body = {"name": "Tuesday", "tiles": [PATHS, {**TREND, "title": "Sales"}]}
        changed = client.put(f"/api/v1{path}", json=body).raise_for_status().json()
    assert [tile["title"] for tile in changed["tiles"]] == ["After the cart", "Sales"]
    assert shared.get(path) == changed


def test_a_tile_keeps_what_was_asked_and_not_the_site_it_was_asked_of(shared: Running, shop: SiteOf) -> None:
    query = "?site=another&measure=customers&param.size=M+L&breakdown="
    made = save(shared, shop, tiles=[{"title": " Who ", "question": "trends", "query": query}])

    (tile,) = made["tiles"]
    assert tile == {"title": "Who", "question": "trends", "query": "measure=customers&param.size=M+L&breakdown="}


def test_changes_are_in_the_audit_log(shared: Running, shop: SiteOf) -> None:
    made = save(shared, shop, tiles=[TREND])
    path = f"/api/v1/sites/{shop.id}/dashboards/{made['id']}"
    with shared.client() as client:
        client.put(path, json={"name": made["name"], "tiles": []}).raise_for_status()
        assert client.delete(path).status_code == 204
        assert client.get(path).status_code == 404
        lines = client.get("/api/v1/audit", params={"site": shop.id}).json()["items"]

    assert [line["what"] for line in lines[:3]] == ["dashboard.remove", "dashboard.change", "dashboard.add"]
    assert lines[1]["before"]["content"]["tiles"] == [TREND]


def test_the_last_of_two_editors_does_not_win_silently(shared: Running, shop: SiteOf) -> None:
    made = save(shared, shop, tiles=[TREND])
    path = f"/api/v1/sites/{shop.id}/dashboards/{made['id']}"
    with shared.client() as client:
        first = client.put(path, json=made | {"tiles": [TREND, PATHS]}).raise_for_status().json()
        second = client.put(path, json=made | {"name": f"{made['name']} mine"})
        kept = client.get(path).json()
        again = client.put(path, json=kept | {"name": f"{made['name']} mine"}).raise_for_status().json()
        without: dict[str, Any] = {"name": made["name"], "tiles": []}
        over = client.put(path, json=without).raise_for_status().json()

    told = second.json()["error"]
    assert (second.status_code, told["code"], told["field"]) == (409, "conflict", "changed")
    assert "Read it again" in told["message"]
    assert kept == first
    assert (again["name"], again["tiles"]) == (f"{made['name']} mine", [TREND, PATHS])
    assert over["tiles"] == []
    assert made["changed"] < first["changed"] < again["changed"] < over["changed"]


def test_two_dashboards_do_not_share_a_name_on_a_site(shared: Running, shop: SiteOf) -> None:
    made = save(shared, shop)
    with shared.client() as client:
        again = client.post(f"/api/v1/sites/{shop.id}/dashboards", json={"name": made["name"].upper()})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")
    save(shared, shared.add_site(), name=made["name"])


def test_a_site_has_only_so_many(shared: Running) -> None:
    site = shared.add_site()
    for _ in range(50):
        save(shared, site)
    with shared.client() as client:
        more = client.post(f"/api/v1/sites/{site.id}/dashboards", json={"name": "one more"})
    assert (more.status_code, more.json()["error"]["code"]) == (409, "conflict")


def test_another_sites_dashboard_is_not_found(shared: Running, shop: SiteOf) -> None:
    made, other = save(shared, shop), shared.add_site()
    with shared.client() as client:
        path = f"/api/v1/sites/{other.id}/dashboards/{made['id']}"
        answers = [client.get(path), client.put(path, json={"name": "mine"}), client.delete(path)]

    assert {(one.status_code, one.json()["error"]["code"]) for one in answers} == {(404, "not_found")}
    assert shared.get(f"/sites/{shop.id}/dashboards/{made['id']}") == made


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "  "},
        {"name": "n" * 101},
        {"tiles": [TREND] * 25},
        {"tiles": [{**TREND, "title": "   "}]},
        {"tiles": [{**TREND, "title": "t" * 101}]},
        {"tiles": [{**TREND, "question": "sql"}]},
        {"tiles": [{**TREND, "query": "q" * 4_001}]},
        {"tiles": [{**TREND, "query": "q=" + "é" * 1_000}]},
        {"tiles": [{**TREND, "colour": "red"}]},
        {"tiles": [{"title": "Nothing asked"}]},
    ],
)
def test_what_is_no_dashboard_is_refused(shared: Running, shop: SiteOf, wrong: dict[str, Any]) -> None:
    with shared.client() as client:
        answer = client.post(f"/api/v1/sites/{shop.id}/dashboards", json={"name": "never", **wrong})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter"), answer.text
