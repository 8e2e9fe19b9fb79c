"""Logging in at an OpenID Connect provider: a real one over HTTP, a small one of the tests' own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.conftest import Start
from tests.people import add_user
from tests.provider import CLIENT, SECRET, Change, Provider, another_key, shared_secret
from tests.running import PASSWORD, Running
from trackway.config import load_config
from trackway.errors import ConfigInvalid


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    running = Provider()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Running]:
    """A server that knows the provider, and lets nobody in who is not a user."""
    running = Running(tmp_path_factory.mktemp("oidc") / "data", **settings_of(provider))
    running.start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def honest(provider: Provider) -> Iterator[None]:
    """Each test begins with a provider that does nothing wicked."""
    before = dict(vars(provider))
    yield
    vars(provider).update(before)


def settings_of(provider: Provider, **more: str) -> dict[str, Any]:
    return {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "login_attempts_per_minute": 1000,
        **more,
    }


@pytest.fixture
def browser(joined: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=joined.url, timeout=30, verify=False) as client:
        yield client


def person(email: str, sub: str = "") -> dict[str, Any]:
    return {"sub": sub or f"sub of {email}", "email": email, "email_verified": True}


def leave(browser: httpx.Client) -> httpx.Response:
    """To the provider, who agrees at once; the answer that leads back."""
    return httpx.get(browser.get("/api/v1/login/oidc").headers["location"])


def come_back(browser: httpx.Client) -> httpx.Response:
    return browser.get(leave(browser).headers["location"])


def test_user_of_that_name_is_logged_in(joined: Running, provider: Provider, browser: httpx.Client) -> None:
    site = joined.add_site()
    name = add_user(joined, sites={site.id: "editor"}, name="ann@people.example")
    provider.person = person(name.upper())

    answer = come_back(browser)
    me = browser.get("/api/v1/me").json()
    sites = browser.get("/api/v1/sites").json()["items"]

    assert (answer.status_code, answer.headers["location"]) == (302, "/")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("trackway_login="))
    assert {"httponly", "samesite=strict"} <= {part.strip().lower() for part in cookie.split(";")}
    assert me["name"] == name
    assert [one["id"] for one in sites] == [site.id]
    assert browser.post("/api/v1/logout", headers={"x-csrf-token": me["csrf"]}).status_code == 204


def test_user_is_known_by_what_the_provider_tells_beside_its_token(
    joined: Running, provider: Provider, browser: httpx.Client
) -> None:
    name = add_user(joined, role="viewer")
    provider.person = provider.told = person(name)

    answer = come_back(browser)

    assert answer.headers["location"] == "/"
    assert browser.get("/api/v1/me").json()["name"] == name


@pytest.mark.parametrize(
    "wrong", [{"sub": "another"}, {"sub": None}, {"email": None}, {"email_verified": False}, {"email_verified": "true"}]
)
def test_what_is_told_beside_the_token_is_judged_as_strictly(
    joined: Running, provider: Provider, browser: httpx.Client, wrong: dict[str, Any]
) -> None:
    provider.person = person(add_user(joined, role="viewer"))
    provider.told = provider.person | wrong

    answer = come_back(browser)

    assert answer.headers["location"] == "/login?problem=provider"
    assert browser.get("/api/v1/me").status_code == 401


def test_login_screen_is_told_of_the_provider(browser: httpx.Client, shared: Running) -> None:
    here = browser.get("/api/v1/login/ways").json()
    elsewhere = httpx.get(f"{shared.url}/api/v1/login/ways").json()

    assert here == {"oidc": {"label": "single sign-on", "url": "/api/v1/login/oidc"}, "password": True}
    assert elsewhere == {"oidc": None, "password": True}


def test_question_has_state_nonce_and_challenge_of_its_own(browser: httpx.Client) -> None:
    questions = [parse_qs(urlsplit(browser.get("/api/v1/login/oidc").headers["location"]).query) for _ in range(2)]

    for name in ("state", "nonce", "code_challenge"):
        assert len({question[name][0] for question in questions}) == 2
        assert all(len(question[name][0]) >= 43 for question in questions)


def test_who_is_no_user_stays_outside(provider: Provider, browser: httpx.Client) -> None:
    provider.person = person("stranger@people.example")

    answer = come_back(browser)

    assert answer.headers["location"] == "/login?problem=user"
    assert browser.get("/api/v1/me").status_code == 401


def test_disabled_user_stays_outside(joined: Running, provider: Provider, browser: httpx.Client) -> None:
    name = add_user(joined, role="viewer")
    provider.person = person(name)
    assert come_back(browser).headers["location"] == "/"
    with joined.client() as owner:
        owner.patch(f"/api/v1/users/{name}", json={"disabled": True}).raise_for_status()

    assert browser.get("/api/v1/me").status_code == 401
    assert come_back(browser).headers["location"] == "/login?problem=user"


def test_name_that_was_passed_on_at_the_provider_opens_nothing(
    joined: Running, provider: Provider, browser: httpx.Client
) -> None:
    """The first identity that came with a name keeps it, also when the provider gives the name to another person."""
    name = add_user(joined, role="viewer")
    provider.person = person(name, "first")
    assert come_back(browser).headers["location"] == "/"

    provider.person = person(name, "second")
    assert come_back(browser).headers["location"] == "/login?problem=user"


def saying(**claims: Any) -> Change:
    """A token with other claims."""
    return lambda found: found.update(claims)


def silent_on(claim: str) -> Change:
    """A token without a claim."""
    return lambda found: found.pop(claim)


def shifted(claim: str, by_s: int) -> Change:
    """A token with another time."""
    return lambda found: found.update({claim: found["iat"] + by_s})


WICKED: dict[str, dict[str, Any]] = {
    "signed by another": {"signs_with": another_key()},
    "signed with our secret": {"signs_with": shared_secret(), "header": {"alg": "HS256", "kid": "one"}},
    "not signed": {"header": {"alg": "none"}},
    "another issuer": {"change": saying(iss="https://other.example")},
    "another program's": {"change": saying(aud="another")},
    "another program's, by azp": {"change": saying(azp="another")},
    "another login's": {"change": saying(nonce="another")},
    "no nonce": {"change": silent_on("nonce")},
    "over": {"change": shifted("exp", -600)},
    "no end": {"change": silent_on("exp")},
    "of the future": {"change": shifted("iat", 3600)},
    "no subject": {"change": silent_on("sub")},
    "address not verified": {"change": saying(email_verified=False)},
    "address not said to be verified": {"change": silent_on("email_verified")},
    "no address": {"change": silent_on("email")},
}


@pytest.mark.parametrize("case", WICKED)
def test_token_that_is_not_for_this_login_opens_nothing(
    joined: Running, provider: Provider, browser: httpx.Client, case: str
) -> None:
    provider.person = person(add_user(joined, role="viewer"))
    vars(provider).update(WICKED[case])

    answer = come_back(browser)

    assert answer.headers["location"] == "/login?problem=provider"
    assert browser.get("/api/v1/me").status_code == 401


def test_answer_counts_once_and_in_the_browser_that_asked(
    joined: Running, provider: Provider, browser: httpx.Client
) -> None:
    provider.person = person(add_user(joined, role="viewer"))
    back = leave(browser).headers["location"]

    elsewhere = httpx.get(back)
    here, again = browser.get(back), browser.get(back)

    assert elsewhere.headers["location"] == "/login?problem=provider"
    assert "trackway_login" not in elsewhere.headers.get("set-cookie", "")
    assert here.headers["location"] == "/"
    assert again.headers["location"] == "/login?problem=provider"


@pytest.mark.parametrize("query", ["", "?error=access_denied", "?code=x", "?code=x&state=y", "?state=y"])
def test_coming_back_without_having_left_opens_nothing(browser: httpx.Client, query: str) -> None:
    answer = browser.get(f"/api/v1/login/oidc/callback{query}")

    assert (answer.status_code, answer.headers["location"]) == (302, "/login?problem=provider")


def test_users_are_made_with_the_default_role_and_no_secret_is_logged(
    tmp_path_factory: pytest.TempPathFactory, provider: Provider
) -> None:
    data = tmp_path_factory.mktemp("made") / "data"
    running = Running(data, **settings_of(provider, oidc_role="viewer", oidc_claim="email"))
    running.start()
    provider.person = person("new@people.example")
    with httpx.Client(base_url=running.url, timeout=30, verify=False) as browser:
        come_back(browser)
        me = browser.get("/api/v1/me").json()
        provider.change = saying(aud="another")
        come_back(browser)
        cookies = [str(value) for value in browser.cookies.values()]
    running.stop()
    log = running.log.read_text()

    assert (me["name"], me["role"]) == ("new@people.example", "viewer")
    assert "aud" in log, "what was wrong is told to the operator"
    assert [secret for secret in (SECRET, me["csrf"], *provider.given, *cookies) if secret in log] == []


def test_provider_that_is_not_there_leads_back_to_the_login_screen(tmp_path_factory: pytest.TempPathFactory) -> None:
    running = Running(tmp_path_factory.mktemp("gone") / "data", oidc_issuer="http://127.0.0.1:9", oidc_client_id="x")
    running.start()

    answer = httpx.get(f"{running.url}/api/v1/login/oidc")
    running.stop()

    assert answer.headers["location"] == "/login?problem=provider"
    assert "127.0.0.1:9" in running.log.read_text()


def test_logins_at_the_provider_are_in_the_audit_log(
    joined: Running, provider: Provider, browser: httpx.Client
) -> None:
    name = add_user(joined, name="eve@people.example")
    provider.person = person(name)
    come_back(browser)
    provider.person = person("stranger@people.example")
    come_back(browser)
    browser.get("/api/v1/login/oidc/callback", params={"error": "access_denied", "state": "x"})

    lines = [one for one in joined.get("/audit", limit=50)["items"] if one["what"].startswith("login.")][:3]

    assert [(one["what"], one["after"]["by"]) for one in lines] == [
        ("login.fail", "provider"),
        ("login.fail", "provider"),
        ("login.begin", "provider"),
    ]
    assert (lines[2]["who"], lines[2]["after"]["address"]) == ({"kind": "user", "name": name}, "127.0.0.1")
    assert "access_denied" in lines[0]["after"]["why"]


def test_password_login_can_be_closed_and_the_machine_keeps_a_way_in(start: Start, provider: Provider) -> None:
    running = start(**settings_of(provider, password_login="false"))
    with httpx.Client(base_url=f"{running.url}/api/v1", timeout=30, verify=False) as browser:
        ways = browser.get("/login/ways").json()
        closed = browser.post("/login", json={"name": "admin", "password": PASSWORD})
        link = json.loads(running.command("user", "login-link", "admin", "--json").stdout)["link"]
        token = {"token": link.partition("#")[2]}
        as_password = browser.post("/invitations/accept", json=token | {"name": "x", "password": PASSWORD})
        entered = browser.post("/invitations/enter", json=token)
        me = browser.get("/me").json()
        again = browser.post("/invitations/enter", json=token)

    assert (ways["password"], closed.status_code, closed.json()["error"]["code"]) == (False, 403, "password_login_off")
    assert (as_password.status_code, entered.status_code, me["name"], again.status_code) == (409, 200, "admin", 404)
    lines = [one["what"] for one in running.get("/audit", limit=10)["items"]]
    assert lines[:2] == ["login.begin", "user.login-link"]


def test_nobody_is_locked_out_by_a_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="nobody could log in"):
        load_config(tmp_path, {"password_login": "false"}, {})
