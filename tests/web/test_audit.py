"""The audit log: every change has a line with who, when, before and after; none of them holds a secret."""

from typing import Any

import pytest

from tests.people import add_user
from tests.running import Running
from trackway.control.audit import difference, hide_secrets

SECRET = "a shared secret of thirty-two bytes, or more"


def log_of(running: Running, site: str, **query: Any) -> list[dict[str, Any]]:
    """The newest lines about a site."""
    return list(running.get("/audit", site=site, **query)["items"])


def test_change_of_a_site_says_who_when_before_and_after(shared: Running) -> None:
    site = shared.add_site()
    with shared.client() as client:
        admin = client.post("/api/v1/keys", json={"scope": "admin", "site": site.id}).json()
    with shared.client(admin["secret"]) as client:
        client.patch(f"/api/v1/sites/{site.id}", json={"settings": {"ip": "none"}}).raise_for_status()

    newest, added, *_ = log_of(shared, site.id)

    assert (newest["what"], newest["site"]) == ("site.change", site.id)
    assert newest["who"] == {"kind": "key", "name": admin["id"]}
    assert (newest["before"], newest["after"]) == ({"settings": {"ip": "truncated"}}, {"settings": {"ip": "none"}})
    assert newest["time"] >= added["time"] > 1_700_000_000_000
    assert (added["what"], added["before"], added["who"]["kind"]) == ("key.add", None, "command")


def test_change_that_changes_nothing_has_no_line(shared: Running) -> None:
    site = shared.add_site()
    before = log_of(shared, site.id)

    with shared.client() as client:
        client.patch(f"/api/v1/sites/{site.id}", json={"settings": {"ip": "truncated"}}).raise_for_status()

    assert log_of(shared, site.id) == before


def test_people_and_what_is_declared_are_told(shared: Running) -> None:
    site = shared.add_site()
    name = add_user(shared, sites={site.id: "viewer"})
    with shared.client() as client:
        client.put(f"/api/v1/sites/{site.id}/people/{name}", json={"role": "editor"}).raise_for_status()
        client.put(f"/api/v1/sites/{site.id}/definitions/a.b", json={"name": "B"}).raise_for_status()
        client.delete(f"/api/v1/sites/{site.id}/definitions/a.b").raise_for_status()
        key = client.post(f"/api/v1/sites/{site.id}/signing-keys", json={"secret": SECRET}).raise_for_status().json()
        client.delete(f"/api/v1/sites/{site.id}/signing-keys/{key['id']}").raise_for_status()

    lines = shared.get("/audit", limit=1000)["items"]
    mine = [line["what"] for line in lines if line["site"] == site.id][:4]
    changed = next(line for line in lines if line["what"] == "user.change" and site.id in line["after"]["sites"])

    assert mine == ["signing-key.remove", "signing-key.add", "definition.remove", "definition.put"]
    assert (changed["before"], changed["after"]) == ({"sites": {site.id: "viewer"}}, {"sites": {site.id: "editor"}})
    assert "invitation.accept" in {line["what"] for line in lines}
    assert SECRET not in str(lines)


def test_no_secret_is_in_the_log(shared: Running) -> None:
    site = shared.add_site()

    text = str(shared.get("/audit", limit=1000))

    assert site.write not in text
    assert site.write.rpartition("_")[2] not in text


def test_revoked_key_and_rotated_key_are_told(shared: Running) -> None:
    site = shared.add_site()
    with shared.client() as client:
        key = client.post("/api/v1/keys", json={"scope": "read", "site": site.id, "name": "till"}).json()
        client.delete(f"/api/v1/keys/{key['id']}").raise_for_status()
        new = client.post(f"/api/v1/sites/{site.id}/rotate-key").json()["tracker_key"]

    rotated, revoked = log_of(shared, site.id, limit=2)

    assert (rotated["what"], rotated["before"]["tracker_key"]) == ("site.rotate-key", site.key)
    assert rotated["after"]["tracker_key"] == new
    assert (revoked["what"], revoked["before"]["id"], revoked["after"]) == ("key.revoke", key["id"], None)


def test_command_line_is_told_too(shared: Running) -> None:
    site = shared.add_site()

    shared.command("site", "rotate-key", site.id)

    assert log_of(shared, site.id)[0]["who"] == {"kind": "command", "name": ""}


def test_pages_have_each_line_once(shared: Running) -> None:
    site = shared.add_site()
    whole = log_of(shared, site.id)

    first = shared.get("/audit", site=site.id, limit=2)
    second = shared.get("/audit", site=site.id, limit=2, cursor=first["next"])

    assert [*first["items"], *second["items"]] == whole
    assert len(whole) == 3
    assert second["next"] is None


def test_key_of_a_site_sees_that_site_only(shared: Running) -> None:
    site, foreign = shared.add_site(), shared.add_site()
    with shared.client() as client:
        secret = client.post("/api/v1/keys", json={"scope": "admin", "site": site.id}).json()["secret"]

    seen = {line["site"] for line in shared.get("/audit", secret, limit=1000)["items"]}
    with shared.client(secret) as client:
        refused = client.get("/api/v1/audit", params={"site": foreign.id})

    assert seen == {site.id}
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ({}, {}, {}, {}),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": 2}, {"b": 3}),
        ({"a": 1}, {"b": 1}, {"a": 1}, {"b": 1}),
        ({"in": {"a": 1, "b": 2}}, {"in": {"a": 1, "b": None}}, {"in": {"b": 2}}, {"in": {"b": None}}),
        ({"list": [1, 2]}, {"list": [1]}, {"list": [1, 2]}, {"list": [1]}),
    ],
)
def test_only_what_differs_is_kept(before: Any, after: Any, old: Any, new: Any) -> None:
    assert difference(before, after) == (old, new)


def test_what_is_named_like_a_secret_is_hidden() -> None:
    hidden = hide_secrets({"id": "k", "secret": "tw_x", "inside": [{"password": "p"}]})

    assert hidden == {"id": "k", "secret": "…", "inside": [{"password": "…"}]}
