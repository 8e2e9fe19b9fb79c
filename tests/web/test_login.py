"""Logging in by password: what the cookie may do, and that guessing is slow and tells nothing."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pyotp.totp import TOTP

from tests.conftest import Start
from tests.running import PASSWORD, Running
from trackway.control.audit import COMMAND_LINE, DAY_MS, list_changes, note_deed
from trackway.control.database import open_database
from trackway.control.directory import now_ms
from trackway.control.logins import From, begin_login
from trackway.control.users import add_user


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that lets the tests of this file try as often as they like."""
    running = Running(tmp_path_factory.mktemp("login") / "data", login_attempts_per_minute=1000)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def browser(patient: Running) -> Iterator[httpx.Client]:
    """Nobody yet, with a cookie jar."""
    with httpx.Client(base_url=f"{patient.url}/api/v1", timeout=30) as client:
        yield client


def log_in(browser: httpx.Client, name: str = "admin", password: str = PASSWORD) -> httpx.Response:
    return browser.post("/login", json={"name": name, "password": password})


def code(answer: httpx.Response) -> str:
    return answer.json()["error"]["code"]


def test_login_is_asked_for(browser: httpx.Client) -> None:
    for path in ("/me", "/sites"):
        answer = browser.get(path)

        assert (answer.status_code, code(answer)) == (401, "not_logged_in")


def test_cookie_opens_and_says_who_is_there(browser: httpx.Client) -> None:
    answer = log_in(browser)
    me = browser.get("/me")

    assert answer.status_code == 200
    assert set(answer.json()) == {"name", "role", "csrf"}
    assert (answer.json()["name"], answer.json()["role"]) == ("admin", "admin")
    assert me.json() == answer.json()
    assert browser.get("/sites").status_code == 200


@pytest.mark.parametrize(("proto", "secure"), [(None, False), ("http", False), ("https", True)])
def test_cookie_is_out_of_reach_of_scripts_and_of_other_sites(
    browser: httpx.Client, proto: str | None, secure: bool
) -> None:
    headers = {"x-forwarded-proto": proto} if proto else {}

    answer = browser.post("/login", json={"name": "admin", "password": PASSWORD}, headers=headers)
    flags = [part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]]

    assert {"httponly", "samesite=strict", "path=/", f"max-age={30 * 86400}"} <= set(flags)
    assert ("secure" in flags) is secure


def test_wrong_password_and_unknown_name_look_the_same(browser: httpx.Client) -> None:
    wrong, unknown = log_in(browser, password="wrong"), log_in(browser, name="nobody")

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert code(wrong) == "login_failed"
    assert "set-cookie" not in wrong.headers


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"name":1,"password":"x"}', '{"name":"admin"}'])
def test_login_that_is_no_login_is_refused(browser: httpx.Client, body: str) -> None:
    answer = browser.post("/login", content=body, headers={"content-type": "application/json"})

    assert (answer.status_code, code(answer)) == (400, "invalid_parameter")


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_change_by_cookie_needs_the_csrf_token(browser: httpx.Client, token: str | None) -> None:
    csrf = log_in(browser).json()["csrf"]
    headers = {} if token is None else {"x-csrf-token": token}

    refused = browser.post("/sites", json={"name": f"by page {token}"}, headers=headers)
    logout = browser.post("/logout", headers=headers)
    allowed = browser.post("/sites", json={"name": f"by page {token}"}, headers={"x-csrf-token": csrf})

    assert (refused.status_code, code(refused)) == (403, "csrf_missing")
    assert logout.status_code == 403
    assert allowed.status_code == 201


def test_csrf_token_of_another_login_does_not_do(browser: httpx.Client) -> None:
    other = log_in(browser).json()["csrf"]
    log_in(browser)

    assert browser.post("/logout", headers={"x-csrf-token": other}).status_code == 403


def test_logout_ends_this_login_and_no_other(browser: httpx.Client, patient: Running) -> None:
    csrf = log_in(browser).json()["csrf"]
    kept = dict(browser.cookies)
    with httpx.Client(base_url=f"{patient.url}/api/v1") as other:
        log_in(other)

        answer = browser.post("/logout", headers={"x-csrf-token": csrf})

        assert other.get("/me").status_code == 200
    assert answer.status_code == 204
    assert browser.get("/me").status_code == 401
    assert httpx.get(f"{patient.url}/api/v1/me", cookies=kept).status_code == 401


@pytest.mark.parametrize("cookie", ["wrong", "", "ünï".encode().decode("latin-1")])
def test_cookie_that_is_none_of_ours_is_nobody(patient: Running, cookie: str) -> None:
    headers = [(b"cookie", f"trackway_login={cookie}".encode("latin-1"))]

    assert httpx.get(f"{patient.url}/api/v1/me", headers=headers).status_code == 401


def test_only_hashes_are_on_disk(browser: httpx.Client, patient: Running) -> None:
    log_in(browser)
    connection = sqlite3.connect(patient.data / "control.sqlite")
    (password,) = connection.execute("SELECT password_hash FROM users").fetchone()
    tokens = [bytes(row[0]) for row in connection.execute("SELECT token_hash FROM logins")]
    connection.close()

    assert password.startswith("$argon2id$")
    assert all(len(token) == 32 for token in tokens)
    assert browser.cookies["trackway_login"].encode() not in b"".join(tokens)


def test_api_key_is_not_a_person(patient: Running) -> None:
    with patient.client() as client:
        answer = client.get("/api/v1/me")

    assert (answer.status_code, code(answer)) == (401, "not_logged_in")


def test_guessing_is_slowed_down_by_address(start: Start) -> None:
    running = start(login_attempts_per_minute=3)
    wrong, right = {"name": "admin", "password": "wrong"}, {"name": "admin", "password": PASSWORD}
    with httpx.Client(base_url=f"{running.url}/api/v1", timeout=30) as client:
        successes = [client.post("/login", json=right).status_code for _ in range(5)]
        failures = [client.post("/login", json=wrong).status_code for _ in range(3)]
        over = client.post("/login", json=right)
        elsewhere = client.post("/login", json=right, headers={"x-forwarded-for": "203.0.113.9"})

    assert successes == [200] * 5
    assert failures == [401] * 3
    assert (over.status_code, code(over)) == (429, "rate_limited")
    assert 1 <= int(over.headers["retry-after"]) <= 21
    assert elsewhere.status_code == 200


def test_login_lasts_over_a_restart_and_the_password_stays_the_first(start: Start) -> None:
    running = start()
    with httpx.Client(base_url=f"{running.url}/api/v1", timeout=30) as client:
        log_in(client)
        running.stop()
        running.start()

        assert client.get("/me").status_code == 200


def noted(running: Running) -> list[tuple[str, str, dict[str, str]]]:
    """What the audit log says of logins, the newest first: what, who, and the rest."""
    lines = running.get("/audit", limit=100)["items"]
    return [(one["what"], one["who"]["name"], one["after"]) for one in lines if one["what"].startswith("login.")]


def test_logins_are_in_the_audit_log_and_what_was_typed_by_slip_is_not(start: Start) -> None:
    running = start()
    with httpx.Client(base_url=f"{running.url}/api/v1", timeout=30) as client:
        log_in(client, password="wrong")
        log_in(client, name="my-password-typed-as-name")
        csrf = log_in(client).json()["csrf"]
        client.post("/logout", headers={"x-csrf-token": csrf})
    here = {"address": "127.0.0.1"}

    assert noted(running)[:4] == [
        ("login.end", "admin", {"by": "logging out"}),
        ("login.begin", "admin", {"by": "password", **here}),
        ("login.fail", "", {"name": "", "by": "password", **here}),
        ("login.fail", "", {"name": "admin", "by": "password", **here}),
    ]
    assert "my-password-typed-as-name" not in str(running.get("/audit", limit=100))


def test_a_flood_of_logins_leaves_one_line_a_minute(start: Start) -> None:
    running = start(login_attempts_per_minute=2)
    with httpx.Client(base_url=f"{running.url}/api/v1", timeout=30) as client:
        codes = [log_in(client, password="wrong").status_code for _ in range(8)]

    assert codes == [401, 401, 429, 429, 429, 429, 429, 429]
    assert [what for what, _, _ in noted(running)] == ["login.throttle", "login.fail", "login.fail"]


def test_a_second_factor_is_told_in_the_audit_log(start: Start) -> None:
    running = start()
    with httpx.Client(base_url=f"{running.url}/api/v1", timeout=30) as client:
        client.headers["x-csrf-token"] = log_in(client).json()["csrf"]
        secret = client.post("/account/totp", json={"password": PASSWORD}).json()["secret"]
        recovery = client.post("/account/totp/confirm", json={"code": TOTP(secret).now()}).json()["recovery_codes"][0]
        client.post("/login", json={"name": "admin", "password": PASSWORD, "code": "000000"})
        answer = client.post("/login", json={"name": "admin", "password": PASSWORD, "code": recovery})

    assert answer.status_code == 200
    assert [(what, told["by"]) for what, _, told in noted(running)[:2]] == [
        ("login.begin", "password and code"),
        ("login.fail", "password and code"),
    ]


def test_old_lines_about_logins_are_forgotten_and_changes_stay(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    now = now_ms()
    add_user(engine, COMMAND_LINE, "ann", PASSWORD, "viewer", now - 500 * DAY_MS)
    note_deed(engine, COMMAND_LINE, now - 401 * DAY_MS, "login.fail", None, {"name": "old"})
    note_deed(engine, COMMAND_LINE, now - 399 * DAY_MS, "login.fail", None, {"name": "young"})

    begin_login(engine, "ann", From("192.0.2.1", "a browser"), now, 30, "password")

    assert [one.what for one in list_changes(engine, None, 10)] == ["login.begin", "login.fail", "user.add"]
