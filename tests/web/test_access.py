"""Who may do what: every route of the API, asked by everybody. A new route fails here until it has a line."""

import contextlib
import json
import uuid
from collections.abc import Callable, Generator, Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from tests.people import add_user, browser_of, invite, token_of
from tests.running import PASSWORD, Running, make_event

KEYS = ("key read", "key read foreign", "key write", "key admin", "key everywhere")
USERS = ("viewer", "editor", "site admin", "admin foreign", "viewer everywhere", "nowhere", "admin")
ASKERS = ("nobody", *KEYS, *USERS)
"""Keys and users are of the site asked about, the foreign ones of another. `nowhere` has a role on no site, `admin` on
all. Users come with their login's cookie and its CSRF token."""

DONE = 0
"""Stands for the status that the route answers with when it did what was asked."""
Line = tuple[int, ...]
# In the order of ASKERS: nobody · the five keys · the seven users.
OPEN: Line = (DONE,) * len(ASKERS)
READ: Line = (401, DONE, 404, 403, DONE, DONE, DONE, DONE, DONE, 404, DONE, 404, DONE)
EDIT: Line = (401, 403, 404, 403, DONE, DONE, 403, DONE, DONE, 404, 403, 404, DONE)
CHANGE: Line = (401, 403, 404, 403, DONE, DONE, 403, 403, DONE, 404, 403, 404, DONE)
SERVER: Line = (401, 403, 403, 403, 403, DONE, 403, 403, 403, 403, 403, 403, DONE)
SEND: Line = (401, 403, 403, DONE, DONE, 401, 401, 401, 401, 401, 401, 401, 401)
ANYBODY: Line = (401, *(DONE,) * 12)
PERSON: Line = (401,) * 6 + (DONE,) * 7
WRITE: Line = (401, 403, 404, DONE, DONE, DONE, 403, 403, DONE, 404, 403, 404, DONE)
LIST: Line = (401, DONE, DONE, 403, *(DONE,) * 9)
OWN: Line = (401, 403, 403, 403, DONE, DONE, 403, 403, DONE, DONE, 403, 403, DONE)
"""Lists of what belongs to sites that the asker is an admin of: the foreign admin sees their own."""
AUDIT: Line = (401, 403, 403, 403, DONE, DONE, 403, 403, 403, 403, 403, 403, DONE)
MAKE_KEY: Line = (401, 403, 403, 403, DONE, DONE, 403, 403, DONE, 404, 403, 404, DONE)
DROP_KEY: Line = (401, 404, 404, 404, DONE, DONE, 404, 404, DONE, 404, 404, 404, DONE)
INVITE: Line = (401, 403, 403, 403, DONE, DONE, 403, 403, DONE, 404, 403, 403, DONE)

# What each route asks for, and the status with which it does what was asked. A route that is not here fails the test.
EXPECTED: dict[str, tuple[Line, int]] = {
    "GET /health/live": (OPEN, 200),
    "GET /health/ready": (OPEN, 200),
    "GET /metrics": (OPEN, 200),
    "POST /e": (OPEN, 200),
    "POST /api/v1/events": (SEND, 200),
    "POST /api/v1/login": (OPEN, 200),
    "GET /api/v1/login/ways": (OPEN, 200),
    "GET /api/v1/login/oidc": (OPEN, 404),
    "GET /api/v1/login/oidc/callback": (OPEN, 302),
    "POST /api/v1/logout": (ANYBODY, 204),
    "GET /api/v1/me": (PERSON, 200),
    "GET /api/v1/account": (PERSON, 200),
    "POST /api/v1/account/password": (PERSON, 204),
    "GET /api/v1/account/sessions": (PERSON, 200),
    "DELETE /api/v1/account/sessions/{session}": (PERSON, 204),
    "POST /api/v1/account/totp": (PERSON, 200),
    "POST /api/v1/account/totp/confirm": (PERSON, 400),
    "POST /api/v1/account/totp/off": (PERSON, 204),
    "GET /api/v1/users": (SERVER, 200),
    "PATCH /api/v1/users/{user}": (SERVER, 200),
    "DELETE /api/v1/users/{user}": (SERVER, 204),
    "POST /api/v1/users/{user}/reset": (SERVER, 201),
    "GET /api/v1/invitations": (OWN, 200),
    "POST /api/v1/invitations": (INVITE, 201),
    "DELETE /api/v1/invitations/{invitation}": (INVITE, 204),
    "POST /api/v1/invitations/look": (OPEN, 200),
    "POST /api/v1/invitations/accept": (OPEN, 200),
    "POST /api/v1/invitations/join": (PERSON, 204),
    "GET /api/v1/sites": (LIST, 200),
    "POST /api/v1/sites": (SERVER, 201),
    "GET /api/v1/keys": (OWN, 200),
    "POST /api/v1/keys": (MAKE_KEY, 201),
    "DELETE /api/v1/keys/{key}": (DROP_KEY, 204),
    "GET /api/v1/sites/{site}": (READ, 200),
    "PATCH /api/v1/sites/{site}": (CHANGE, 200),
    "POST /api/v1/sites/{site}/rotate-key": (CHANGE, 200),
    "DELETE /api/v1/sites/{site}": (CHANGE, 204),
    "GET /api/v1/audit": (AUDIT, 200),
    "GET /api/v1/sites/{site}/signing-keys": (CHANGE, 200),
    "POST /api/v1/sites/{site}/signing-keys": (CHANGE, 201),
    "DELETE /api/v1/sites/{site}/signing-keys/{key}": (CHANGE, 204),
    "GET /api/v1/sites/{site}/definitions": (READ, 200),
    "GET /api/v1/sites/{site}/definitions/{action}": (READ, 200),
    "PUT /api/v1/sites/{site}/definitions/{action}": (EDIT, 200),
    "DELETE /api/v1/sites/{site}/definitions/{action}": (EDIT, 204),
    "GET /api/v1/sites/{site}/rules": (READ, 200),
    "PUT /api/v1/sites/{site}/rules": (EDIT, 200),
    "POST /api/v1/sites/{site}/rules/preview": (READ, 200),
    "GET /api/v1/sites/{site}/rules/marked": (READ, 200),
    "GET /api/v1/sites/{site}/people": (CHANGE, 200),
    "PUT /api/v1/sites/{site}/people/{user}": (CHANGE, 200),
    "DELETE /api/v1/sites/{site}/people/{user}": (CHANGE, 204),
    "GET /api/v1/sites/{site}/events": (READ, 200),
    "GET /api/v1/sites/{site}/events/{event}": (READ, 200),
    "GET /api/v1/sites/{site}/live": (READ, 200),
    "GET /api/v1/sites/{site}/customers": (READ, 200),
    "GET /api/v1/sites/{site}/customers/{customer}": (READ, 200),
    "GET /api/v1/sites/{site}/customers/{customer}/activity": (READ, 200),
    "GET /api/v1/sites/{site}/insights/pulse": (READ, 200),
    "GET /api/v1/sites/{site}/ledger": (READ, 200),
    "GET /api/v1/sites/{site}/customers/{customer}/export": (READ, 200),
    "POST /api/v1/sites/{site}/imports/{name}": (WRITE, 200),
    "GET /api/v1/sites/{site}/export": (READ, 200),
    "POST /api/v1/sites/{site}/erasures": (CHANGE, 200),
    "GET /api/v1/sites/{site}/erasures": (CHANGE, 200),
    "GET /api/v1/sites/{site}/erasures/{erasure}": (CHANGE, 200),
    "GET /api/v1/sites/{site}/gaps": (READ, 200),
    "GET /api/v1/sites/{site}/quarantine": (READ, 200),
    "GET /api/v1/sites/{site}/quarantine/{item}": (READ, 200),
    "POST /api/v1/sites/{site}/quarantine/replay": (EDIT, 200),
    "GET /api/v1/sites/{site}/replays": (READ, 200),
    "GET /api/v1/sites/{site}/replays/{replay}": (READ, 200),
    "GET /api/v1/sites/{site}/events/{event}/verdict": (READ, 200),
}
NAMED_IN_PATHS = (
    "event", "customer", "user", "key", "invitation", "session", "action", "item", "replay", "erasure", "name",
)  # fmt: skip
SIGNING_SECRET = "long enough to be a secret of HS256"
CODES = {
    400: ("invalid_parameter",),
    401: ("not_logged_in", "unknown_key"),
    403: ("scope_missing",),
    404: ("not_found",),
}


class Asked(NamedTuple):
    """A site with an event in it, and everybody who may ask about it."""

    running: Running
    site: str
    event: dict[str, Any]
    item: str
    replay: int
    erasure: int
    secrets: dict[str, str]
    users: dict[str, str]
    clients: dict[str, httpx.Client]


@pytest.fixture(scope="module")
def asked(shared: Running) -> Iterator[Asked]:
    site, foreign, event = shared.add_site(), shared.add_site(), make_event()
    refused = make_event(action="refused")
    shared.collect({"key": site.key, "events": [event, refused]})
    shared.settled(site.id, 2)
    secrets = {"key read": site.read, "key read foreign": foreign.read, "key write": site.write}
    with shared.client() as client:
        for name, of in (("key admin", site.id), ("key everywhere", None)):
            key = client.post("/api/v1/keys", json={"scope": "admin", "site": of}).raise_for_status().json()
            secrets[name] = key["secret"]
        path = f"/api/v1/sites/{site.id}"
        replay = client.post(f"{path}/quarantine/replay", json={"filter": {}}).raise_for_status().json()["id"]
        erasure = client.post(f"{path}/erasures", json={"customer": str(uuid.uuid4())}).raise_for_status().json()["id"]
    users = {
        "viewer": add_user(shared, sites={site.id: "viewer"}),
        "editor": add_user(shared, sites={site.id: "editor"}),
        "site admin": add_user(shared, sites={site.id: "admin"}),
        "admin foreign": add_user(shared, sites={foreign.id: "admin"}),
        "viewer everywhere": add_user(shared, role="viewer"),
        "nowhere": add_user(shared),
        "admin": add_user(shared, role="admin"),
    }
    with contextlib.ExitStack() as closing:
        made = Asked(shared, site.id, event, refused["id"], replay, erasure, secrets, users, {})
        made.clients.update({asker: closing.enter_context(enter(made, asker)) for asker in ASKERS})
        yield made


@contextlib.contextmanager
def enter(asked: Asked, asker: str) -> Generator[httpx.Client]:
    """A client of this asker, whose cookies no other request of the tests changes."""
    with httpx.Client(base_url=asked.running.url, timeout=30, verify=False) as client:
        if asker in asked.users:
            with contextlib.closing(browser_of(asked.running, asked.users[asker])) as browser:
                client.headers["x-csrf-token"] = browser.headers["x-csrf-token"]
                client.cookies.update(browser.cookies)
        elif asker in asked.secrets:
            client.headers["authorization"] = f"Bearer {asked.secrets[asker]}"
        yield client


def fresh(asked: Asked, asker: str) -> dict[str, Callable[[], str]]:
    """What a path names, made for one request: it may be gone afterwards."""
    running = asked.running

    def key() -> str:
        with running.client() as owner:
            return str(owner.post("/api/v1/keys", json={"scope": "read", "site": asked.site}).json()["id"])

    def session() -> str:
        if asker not in asked.users:
            return "0000000000000000"
        with contextlib.closing(browser_of(running, asked.users[asker])) as browser:
            sessions = browser.get("/account/sessions").json()["items"]
            return str(next(one["id"] for one in sessions if one["current"]))

    return {
        "site": lambda: asked.site,
        "event": lambda: asked.event["id"],
        "customer": lambda: asked.event["uuid"],
        "key": key,
        "action": lambda: declare(asked),
        "session": session,
        "item": lambda: asked.item,
        "replay": lambda: str(asked.replay),
        "erasure": lambda: str(asked.erasure),
        "name": lambda: "import-of-test",
        "user": lambda: add_user(running, sites={asked.site: "viewer"}),
        "invitation": lambda: str(invite(running, sites={asked.site: "viewer"})["id"]),
    }


def restore(asked: Asked) -> None:
    """The site asked about, in use again when somebody has archived it."""
    with asked.running.client() as owner:
        owner.patch(f"/api/v1/sites/{asked.site}", json={"archived": False}).raise_for_status()


def add_signing_key(asked: Asked) -> str:
    """The id of a new signing key of the site, to be taken away."""
    with asked.running.client() as owner:
        path = f"/api/v1/sites/{asked.site}/signing-keys"
        for key in owner.get(path).json()["items"]:  # only so many may be active
            owner.delete(f"{path}/{key['id']}").raise_for_status()
        return str(owner.post(path, json={"secret": SIGNING_SECRET}).raise_for_status().json()["id"])


def declare(asked: Asked) -> str:
    """An action declared on the site, to be undeclared."""
    with asked.running.client() as owner:
        path = f"/api/v1/sites/{asked.site}/definitions/page.visit"
        owner.put(path, json={}).raise_for_status()
    return "page.visit"


def body_of(asked: Asked, route: str) -> Any:
    """What a route is sent."""

    def link() -> str:
        return token_of(invite(asked.running, sites={asked.site: "viewer"})["link"])

    bodies: dict[str, Callable[[], Any]] = {
        "POST /e": lambda: {"key": asked.running.get(f"/sites/{asked.site}")["tracker_key"], "events": []},
        "POST /api/v1/events": list,
        "POST /api/v1/login": lambda: {"name": "admin", "password": PASSWORD},
        "POST /api/v1/account/password": lambda: {"old": PASSWORD, "new": PASSWORD},
        "POST /api/v1/account/totp": lambda: {"password": PASSWORD},
        "POST /api/v1/account/totp/confirm": lambda: {"code": "no code"},
        "POST /api/v1/account/totp/off": lambda: {"password": PASSWORD},
        "PATCH /api/v1/users/{user}": lambda: {"sites": {asked.site: "editor"}},
        "POST /api/v1/invitations": lambda: {"sites": {asked.site: "viewer"}},
        "POST /api/v1/invitations/look": lambda: {"token": link()},
        "POST /api/v1/invitations/accept": lambda: {
            "token": link(),
            "name": f"by-link-{uuid.uuid4().hex[:8]}",
            "password": PASSWORD,
        },
        "POST /api/v1/sites": lambda: {"name": f"made {uuid.uuid4().hex[:8]}"},
        "POST /api/v1/keys": lambda: {"scope": "read", "site": asked.site},
        "PATCH /api/v1/sites/{site}": lambda: {"settings": {"sdk_spa": False}},
        "POST /api/v1/sites/{site}/signing-keys": lambda: {"secret": SIGNING_SECRET},
        "PUT /api/v1/sites/{site}/definitions/{action}": lambda: {"name": "Visit"},
        "PUT /api/v1/sites/{site}/rules": lambda: {"mode": "enforce", "allow": [], "deny": []},
        "POST /api/v1/sites/{site}/rules/preview": lambda: {"allow": ["test.*"], "last": 10},
        "POST /api/v1/sites/{site}/quarantine/replay": lambda: {"ids": [asked.item]},
        "POST /api/v1/sites/{site}/imports/{name}": make_event,
        "POST /api/v1/sites/{site}/erasures": lambda: {"customer": str(uuid.uuid4())},
        "PUT /api/v1/sites/{site}/people/{user}": lambda: {"role": "editor"},
    }
    return bodies[route]() if route in bodies else None


def foreign_link(asked: Asked) -> dict[str, str]:
    """An invitation that changes nobody's rights on the site asked about."""
    return {"token": token_of(invite(asked.running, sites={asked.running.add_site().id: "viewer"})["link"])}


@pytest.mark.parametrize("asker", ASKERS)
@pytest.mark.parametrize("route", EXPECTED)
def test_each_asker_gets_what_is_theirs(asked: Asked, route: str, asker: str) -> None:
    method, path = route.split()
    makers = fresh(asked, asker)
    if "signing-keys" in path:
        makers["key"] = lambda: add_signing_key(asked)
    names = {name: make() for name, make in makers.items() if f"{{{name}}}" in path}
    body = foreign_link(asked) if route.endswith("/join") else body_of(asked, route)
    line, done = EXPECTED[route]

    with contextlib.ExitStack() as closing:
        changes_cookie = path.endswith(("/login", "/logout"))
        client = closing.enter_context(enter(asked, asker)) if changes_cookie else asked.clients[asker]
        with client.stream(method, path.format(**names), json=body) as answer:
            status = answer.status_code
            error: Any = json.loads(answer.read()) if status >= 400 else None

    restore(asked)
    assert status == (line[ASKERS.index(asker)] or done), error
    if error is not None:
        assert error["error"]["code"] in CODES[status]


def test_every_route_of_the_description_has_a_line(shared: Running) -> None:
    paths = httpx.get(f"{shared.url}/api/v1/openapi.json").json()["paths"]

    described = {f"{method.upper()} {path}" for path, item in paths.items() for method in item}

    assert described == set(EXPECTED)


def test_foreign_site_and_missing_site_look_the_same(asked: Asked) -> None:
    """By every route of a site: nothing in the answer tells them apart but the name that was asked for."""
    there = asked.site
    for asker in ("key read foreign", "admin foreign", "nowhere"):
        with enter(asked, asker) as client:
            for route in EXPECTED:
                method, path = route.split()
                if "{site}" not in path:
                    continue
                names = dict.fromkeys(NAMED_IN_PATHS, "1")
                body = body_of(asked, route)
                foreign = client.request(method, path.format(site=there, **names), json=body)
                missing = client.request(method, path.format(site="nowhere", **names), json=body)

                assert foreign.status_code == missing.status_code == 404, route
                assert foreign.text.replace(there, "nowhere") == missing.text, route


@pytest.mark.parametrize("header", ["Bearer", "Bearer tw_nobody", "Basic YTpi", "tw_nobody", "Bearer ünï"])
def test_key_that_is_none_is_unknown(asked: Asked, header: str) -> None:
    headers = [(b"authorization", header.encode())]

    answer = httpx.get(f"{asked.running.url}/api/v1/sites", headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unknown_key")


def test_key_of_a_site_sees_that_site_and_its_keys_only(asked: Asked) -> None:
    with enter(asked, "key admin") as client:
        sites = client.get("/api/v1/sites").json()["items"]
        keys = client.get("/api/v1/keys").json()["items"]

    assert [site["id"] for site in sites] == [asked.site]
    assert {key["site"] for key in keys} == {asked.site}
    assert all("secret" not in key for key in keys)


@pytest.mark.parametrize("site", [None, "default"])
def test_admin_of_a_site_makes_no_keys_for_others(asked: Asked, site: str | None) -> None:
    with enter(asked, "key admin") as client:
        answer = client.post("/api/v1/keys", json={"scope": "read", "site": site})

    assert answer.status_code == 403


def test_admin_of_a_site_revokes_no_keys_of_others(asked: Asked) -> None:
    other = asked.running.add_site()
    with asked.running.client() as owner:
        keys = owner.get("/api/v1/keys").json()["items"]
    theirs = next(key["id"] for key in keys if key["site"] == other.id)

    with enter(asked, "key admin") as client:
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
