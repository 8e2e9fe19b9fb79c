"""Who may do what: every route of the API, asked by everybody. A new route fails here until it has a line."""

import contextlib
import json
import uuid
from collections.abc import Callable, Generator, Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from tests.people import add_user, browser_of, invite, login_link, token_of
from tests.running import PASSWORD, Running, make_event
from tests.web.rights import ASKERS, EXPECTED

NAMED_IN_PATHS = (
    "event", "customer", "user", "key", "invitation", "session", "action", "item", "replay", "erasure", "merge",
    "name", "run", "segment", "dashboard", "alert", "channel",
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
        "merge": lambda: merge(asked),
        "segment": lambda: save_segment(asked),
        "dashboard": lambda: make_one(asked, "dashboards", new_dashboard()),
        "name": lambda: "import-of-test",
        "run": lambda: "no-run",
        "alert": lambda: make_alert(asked),
        "channel": lambda: make_channel(asked),
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


def merge(asked: Asked) -> str:
    """The number of a merge that stands, to be undone."""
    with asked.running.client() as owner:
        body = body_of(asked, "POST /api/v1/sites/{site}/merges")
        return str(owner.post(f"/api/v1/sites/{asked.site}/merges", json=body).raise_for_status().json()["id"])


def save_segment(asked: Asked) -> str:
    """The id of a new segment."""
    with asked.running.client() as owner:
        body = body_of(asked, "POST /api/v1/sites/{site}/segments")
        return str(owner.post(f"/api/v1/sites/{asked.site}/segments", json=body).raise_for_status().json()["id"])


ALERT = {"name": "Errors", "watched": {"kind": "count", "action": "test.event"}}
CHANNEL = {"name": "Hook", "kind": "webhook", "url": "https://127.0.0.1/"}


def make_alert(asked: Asked) -> str:
    """The id of an alert of the site; those before it are taken away, since there may be only so many."""
    return make_one(asked, "alerts", ALERT)


def make_channel(asked: Asked) -> str:
    """The id of a channel of the site, which leads to where none may: no message goes out."""
    return make_one(asked, "alert-channels", CHANNEL)


def new_dashboard() -> Any:
    """One with a tile, under a name of its own."""
    return {"name": f"made {uuid.uuid4().hex}", "tiles": [{"title": "Visits", "question": "trends"}]}


def make_one(asked: Asked, what: str, body: Any) -> str:
    """The id of a new one, in place of all others of its kind."""
    with asked.running.client() as owner:
        path = f"/api/v1/sites/{asked.site}/{what}"
        for one in owner.get(path).json()["items"]:
            owner.delete(f"{path}/{one['id']}").raise_for_status()
        return str(owner.post(path, json=body).raise_for_status().json()["id"])


def declare(asked: Asked) -> str:
    """An action declared on the site, to be undeclared."""
    with asked.running.client() as owner:
        path = f"/api/v1/sites/{asked.site}/definitions/page.visit"
        owner.put(path, json={}).raise_for_status()
    return "page.visit"


QUERIES: dict[str, dict[str, Any]] = {
    "GET /api/v1/sites/{site}/insights/paths/customers": {"step": 1, "target": "left"},
    "GET /api/v1/sites/{site}/insights/elements/customers": {"element": "banner"},
    "GET /api/v1/sites/{site}/insights/forms/customers": {"form": "news"},
    "GET /api/v1/sites/{site}/insights/retention/customers": {"cohort": 0},
    "GET /api/v1/sites/{site}/insights/funnel": {"step": "/"},
    "GET /api/v1/sites/{site}/insights/forms/submissions": {"form": "newsletter"},
    "GET /api/v1/sites/{site}/insights/funnel/customers": {"step": "/", "at": 1},
}
"""What a route must be asked with."""


def body_of(asked: Asked, route: str) -> Any:
    """What a route is sent."""

    def link() -> str:
        return token_of(invite(asked.running, sites={asked.site: "viewer"})["link"])

    def segment() -> Any:
        return {"name": f"made {uuid.uuid4().hex}", "conditions": [{"kind": "did", "action": "test.*"}]}

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
        "POST /api/v1/invitations/enter": lambda: {"token": login_link(asked.running)},
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
        "PUT /api/v1/sites/{site}/plan": lambda: {"text": "definitions: {a.b: {}}", "dry_run": True},
        "PUT /api/v1/sites/{site}/rules": lambda: {"mode": "enforce", "allow": [], "deny": []},
        "POST /api/v1/sites/{site}/rules/preview": lambda: {"allow": ["test.*"], "last": 10},
        "POST /api/v1/sites/{site}/quarantine/replay": lambda: {"ids": [asked.item]},
        "POST /api/v1/sites/{site}/imports/{name}": make_event,
        "POST /api/v1/sites/{site}/erasures": lambda: {"customer": str(uuid.uuid4())},
        "POST /api/v1/sites/{site}/merges": lambda: {"customer": str(uuid.uuid4()), "into": str(uuid.uuid4())},
        "POST /api/v1/sites/{site}/dashboards": new_dashboard,
        "PUT /api/v1/sites/{site}/dashboards/{dashboard}": new_dashboard,
        "POST /api/v1/sites/{site}/segments": segment,
        "PUT /api/v1/sites/{site}/segments/{segment}": segment,
        "POST /api/v1/sites/{site}/segments/preview": segment,
        "POST /api/v1/sites/{site}/alerts": lambda: ALERT,
        "PUT /api/v1/sites/{site}/alerts/{alert}": lambda: ALERT,
        "POST /api/v1/sites/{site}/alerts/preview": lambda: ALERT,
        "POST /api/v1/sites/{site}/alert-channels": lambda: CHANNEL,
        "POST /api/v1/sites/{site}/try": lambda: {"text": json.dumps(make_event())},
        "POST /api/v1/sites/{site}/erasures/count": lambda: {"action": "test.event"},
        "POST /api/v1/sites/{site}/sql": lambda: {"query": "SELECT 1"},
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
        changes_cookie = path.endswith(("/login", "/logout", "/enter"))
        client = closing.enter_context(enter(asked, asker)) if changes_cookie else asked.clients[asker]
        with client.stream(method, path.format(**names), json=body, params=QUERIES.get(route)) as answer:
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
                query = QUERIES.get(route)
                foreign = client.request(method, path.format(site=there, **names), json=body, params=query)
                missing = client.request(method, path.format(site="nowhere", **names), json=body, params=query)

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
