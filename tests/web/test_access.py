"""Who may do what: every route of the API, asked by everybody. A new route fails here until it has a line."""

import contextlib
import json
import uuid
from collections.abc import Generator
from typing import Any, NamedTuple

import httpx
import pytest

from tests.running import PASSWORD, Running, make_event

ASKERS = ("nobody", "read", "read foreign", "write", "admin", "cookie")
"""Keys but the foreign one are for the site asked about; `cookie` is the first admin's login with its CSRF token."""

Line = tuple[int, int, int, int, int, int]
OPEN: Line = (200, 200, 200, 200, 200, 200)
READ: Line = (401, 200, 404, 403, 200, 200)
CHANGE: Line = (401, 403, 404, 403, 200, 200)
SEND: Line = (401, 403, 403, 200, 200, 401)

# The statuses that each asker is answered with, in the order of ASKERS.
EXPECTED: dict[str, Line] = {
    "GET /health/live": OPEN,
    "GET /health/ready": OPEN,
    "GET /metrics": OPEN,
    "POST /e": OPEN,
    "POST /api/v1/login": OPEN,
    "POST /api/v1/events": SEND,
    "GET /api/v1/me": (401, 401, 401, 401, 401, 200),
    "POST /api/v1/logout": (401, 204, 204, 204, 204, 204),
    "GET /api/v1/sites": (401, 200, 200, 403, 200, 200),
    "POST /api/v1/sites": (401, 403, 403, 403, 403, 201),
    "GET /api/v1/keys": (401, 403, 403, 403, 200, 200),
    "POST /api/v1/keys": (401, 403, 403, 403, 201, 201),
    "DELETE /api/v1/keys/{key}": (401, 404, 404, 404, 204, 204),
    "GET /api/v1/sites/{site}": READ,
    "PATCH /api/v1/sites/{site}": CHANGE,
    "POST /api/v1/sites/{site}/rotate-key": CHANGE,
    "GET /api/v1/sites/{site}/events": READ,
    "GET /api/v1/sites/{site}/events/{event}": READ,
    "GET /api/v1/sites/{site}/live": READ,
    "GET /api/v1/sites/{site}/customers": READ,
    "GET /api/v1/sites/{site}/customers/{customer}": READ,
    "GET /api/v1/sites/{site}/customers/{customer}/activity": READ,
    "GET /api/v1/sites/{site}/insights/pulse": READ,
    "GET /api/v1/sites/{site}/ledger": READ,
    "GET /api/v1/sites/{site}/customers/{customer}/export": READ,
    "POST /api/v1/sites/{site}/erasures": CHANGE,
    "GET /api/v1/sites/{site}/erasures": CHANGE,
    "GET /api/v1/sites/{site}/erasures/{erasure}": CHANGE,
    "GET /api/v1/sites/{site}/gaps": READ,
    "GET /api/v1/sites/{site}/quarantine": READ,
    "GET /api/v1/sites/{site}/quarantine/{item}": READ,
    "POST /api/v1/sites/{site}/quarantine/replay": CHANGE,
    "GET /api/v1/sites/{site}/replays": READ,
    "GET /api/v1/sites/{site}/replays/{replay}": READ,
    "GET /api/v1/sites/{site}/events/{event}/verdict": READ,
}
CODES = {401: ("not_logged_in", "unknown_key"), 403: ("scope_missing",), 404: ("not_found",)}


class Asked(NamedTuple):
    """A site with an event in it, and a key of each kind."""

    running: Running
    site: str
    event: dict[str, Any]
    item: str
    replay: int
    erasure: int
    secrets: dict[str, str]


@pytest.fixture(scope="module")
def asked(shared: Running) -> Asked:
    site, foreign, event = shared.add_site(), shared.add_site(), make_event()
    refused = make_event(action="refused")
    shared.collect({"key": site.key, "events": [event, refused]})
    shared.settled(site.id, 2)
    with shared.client() as client:
        replay = client.post(f"/api/v1/sites/{site.id}/quarantine/replay", json={"filter": {}}).raise_for_status()
        admin = client.post("/api/v1/keys", json={"scope": "admin", "site": site.id}).raise_for_status().json()
    with shared.client() as client:
        body = {"customer": str(uuid.uuid4())}
        erasure = client.post(f"/api/v1/sites/{site.id}/erasures", json=body).raise_for_status()
    secrets = {"read": site.read, "read foreign": foreign.read, "write": site.write, "admin": admin["secret"]}
    return Asked(shared, site.id, event, refused["id"], replay.json()["id"], erasure.json()["id"], secrets)


@contextlib.contextmanager
def enter(asked: Asked, asker: str) -> Generator[httpx.Client]:
    """A client of this asker."""
    with httpx.Client(base_url=asked.running.url, timeout=30) as client:
        if asker == "cookie":
            login = client.post("/api/v1/login", json={"name": "admin", "password": PASSWORD}).raise_for_status()
            client.headers["x-csrf-token"] = login.json()["csrf"]
        elif asker in asked.secrets:
            client.headers["authorization"] = f"Bearer {asked.secrets[asker]}"
        yield client


def add_key(asked: Asked) -> str:
    """The id of a new key of the site, to be revoked."""
    with asked.running.client() as owner:
        return str(owner.post("/api/v1/keys", json={"scope": "read", "site": asked.site}).json()["id"])


def body_of(asked: Asked, route: str) -> Any:
    """What a route is sent."""
    bodies: dict[str, Any] = {
        "POST /e": {"key": asked.running.get(f"/sites/{asked.site}")["tracker_key"], "events": []},
        "POST /api/v1/events": [],
        "POST /api/v1/login": {"name": "admin", "password": PASSWORD},
        "POST /api/v1/sites": {"name": f"by cookie {uuid.uuid4().hex[:8]}"},
        "POST /api/v1/keys": {"scope": "read", "site": asked.site},
        "POST /api/v1/sites/{site}/quarantine/replay": {"ids": [asked.item]},
        "POST /api/v1/sites/{site}/erasures": {"customer": str(uuid.uuid4())},
        "PATCH /api/v1/sites/{site}": {"settings": {"sdk_spa": False}},
    }
    return bodies.get(route)


@pytest.mark.parametrize("asker", ASKERS)
@pytest.mark.parametrize("route", EXPECTED)
def test_each_asker_gets_what_is_theirs(asked: Asked, route: str, asker: str) -> None:
    method, path = route.split()
    key = add_key(asked) if "{key}" in path else ""
    path = path.format(
        site=asked.site,
        event=asked.event["id"],
        customer=asked.event["uuid"],
        key=key,
        item=asked.item,
        replay=asked.replay,
        erasure=asked.erasure,
    )

    with enter(asked, asker) as client, client.stream(method, path, json=body_of(asked, route)) as answer:
        status = answer.status_code
        error: Any = json.loads(answer.read()) if status >= 400 else None

    assert status == EXPECTED[route][ASKERS.index(asker)]
    if error is not None:
        assert error["error"]["code"] in CODES[status]


def test_every_route_of_the_description_has_a_line(shared: Running) -> None:
    paths = httpx.get(f"{shared.url}/api/v1/openapi.json").json()["paths"]

    described = {f"{method.upper()} {path}" for path, item in paths.items() for method in item}

    assert described == set(EXPECTED)


@pytest.mark.parametrize("header", ["Bearer", "Bearer tw_nobody", "Basic YTpi", "tw_nobody", "Bearer ünï"])
def test_key_that_is_none_is_unknown(asked: Asked, header: str) -> None:
    headers = [(b"authorization", header.encode())]

    answer = httpx.get(f"{asked.running.url}/api/v1/sites", headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unknown_key")


def test_key_of_a_site_sees_that_site_and_its_keys_only(asked: Asked) -> None:
    with enter(asked, "admin") as client:
        sites = client.get("/api/v1/sites").json()["items"]
        keys = client.get("/api/v1/keys").json()["items"]

    assert [site["id"] for site in sites] == [asked.site]
    assert {key["site"] for key in keys} == {asked.site}
    assert all("secret" not in key for key in keys)


@pytest.mark.parametrize("site", [None, "default"])
def test_admin_of_a_site_makes_no_keys_for_others(asked: Asked, site: str | None) -> None:
    with enter(asked, "admin") as client:
        answer = client.post("/api/v1/keys", json={"scope": "read", "site": site})

    assert answer.status_code == 403


def test_admin_of_a_site_revokes_no_keys_of_others(asked: Asked) -> None:
    other = asked.running.add_site()
    with asked.running.client() as owner:
        keys = owner.get("/api/v1/keys").json()["items"]
    theirs = next(key["id"] for key in keys if key["site"] == other.id)

    with enter(asked, "admin") as client:
        answer = client.delete(f"/api/v1/keys/{theirs}")

    assert answer.status_code == 404
    assert asked.running.get(f"/sites/{other.id}", token=other.read)["id"] == other.id


def test_key_runs_out(asked: Asked) -> None:
    with asked.running.client() as owner:
        past = owner.post("/api/v1/keys", json={"scope": "read", "site": asked.site, "expires": 5})
        future = owner.post("/api/v1/keys", json={"scope": "read", "site": asked.site, "expires": 2**53})

    assert (past.status_code, past.json()["error"]["field"]) == (400, "expires")
    assert asked.running.get(f"/sites/{asked.site}", token=future.json()["secret"])["id"] == asked.site


def test_key_that_expires_beyond_all_time_is_refused(asked: Asked) -> None:
    with asked.running.client() as owner:
        answer = owner.post("/api/v1/keys", json={"scope": "read", "expires": 10**30})

    assert answer.status_code == 400
