"""Users, roles, invitations, second factors and logins, as their people use them."""

import contextlib
import time
from collections.abc import Generator, Iterator
from typing import Any

import httpx
import pytest
from pyotp.totp import TOTP

from tests.people import add_user, browser_of, invite, token_of
from tests.running import PASSWORD, Running

NEW = "another long password"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of this file's own: here everybody may fail as often as they like."""
    running = Running(tmp_path_factory.mktemp("people") / "data", login_attempts_per_minute=10_000)
    running.start()
    yield running
    running.stop()


@contextlib.contextmanager
def entered(house: Running, name: str, password: str = PASSWORD, code: str = "") -> Generator[httpx.Client]:
    with contextlib.closing(browser_of(house, name, password, code)) as browser:
        yield browser


def log_in(house: Running, name: str, password: str = PASSWORD, code: str = "") -> httpx.Response:
    body = {"name": name, "password": password, "code": code}
    return httpx.post(f"{house.url}/api/v1/login", json=body, timeout=30)


def accept(house: Running, link: str, name: str = "", password: str = PASSWORD) -> httpx.Response:
    body = {"token": token_of(link), "name": name, "password": password}
    return httpx.post(f"{house.url}/api/v1/invitations/accept", json=body, timeout=30)


def code_of(answer: httpx.Response) -> str:
    return answer.json()["error"]["code"]


def send(house: Running, method: str, path: str, body: Any = None) -> httpx.Response:
    """As the folder's owner."""
    with house.client() as owner:
        return owner.request(method, f"/api/v1{path}", json=body)


def test_invitation_makes_a_user_with_its_roles_and_opens_once(house: Running) -> None:
    site = house.add_site()
    made = invite(house, sites={site.id: "editor"})

    first, second = accept(house, made["link"], "ann@one.example"), accept(house, made["link"], "eve@one.example")
    with entered(house, "ann@one.example") as browser:
        account = browser.get("/account").json()

    assert made["link"].startswith(f"{house.url}/invitation#")
    assert (first.status_code, first.json()) == (200, {"name": "ann@one.example"})
    assert (second.status_code, code_of(second)) == (404, "not_found")
    assert (account["role"], account["sites"]) == ("member", {site.id: "editor"})


def test_invitation_may_choose_the_name(house: Running) -> None:
    made = invite(house, "viewer", name="given@one.example")

    assert accept(house, made["link"], "mallory").json() == {"name": "given@one.example"}


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [
        ("", PASSWORD, "invalid_parameter"),
        ("a/b", PASSWORD, "invalid_parameter"),
        ("a\nb", PASSWORD, "invalid_parameter"),
        ("adm\u200bin", PASSWORD, "invalid_parameter"),
        ("\uff46ull", PASSWORD, "invalid_parameter"),
        ("x" * 201, PASSWORD, "invalid_parameter"),
        ("short@one.example", "7 chars", "invalid_parameter"),
        ("long@one.example", "x" * 1001, "invalid_parameter"),
        ("ADMIN", PASSWORD, "conflict"),
    ],
)
def test_acceptance_that_fails_leaves_the_link_as_it_was(house: Running, name: str, password: str, code: str) -> None:
    link = invite(house, "viewer")["link"]

    answer = accept(house, link, name, password)
    looked = httpx.post(f"{house.url}/api/v1/invitations/look", json={"token": token_of(link)})

    assert code_of(answer) == code
    assert looked.status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"role": "king"}, 400),
        ({"sites": {"default": "member"}}, 400),
        ({"sites": {"nowhere": "viewer"}}, 404),
        ({"role": "viewer", "days": 0}, 400),
        ({"role": "viewer", "days": 91}, 400),
        ({"role": "viewer", "name": "a/b"}, 400),
        ({"role": "viewer", "name": "admin"}, 409),
    ],
)
def test_invitation_that_makes_no_sense_is_refused(house: Running, body: dict[str, Any], status: int) -> None:
    assert send(house, "POST", "/invitations", body).status_code == status


def test_link_is_kept_as_a_hash_listed_without_it_and_can_be_taken_back(house: Running) -> None:
    made = invite(house, "viewer")
    listed = next(one for one in house.get("/invitations")["items"] if one["id"] == made["id"])

    send(house, "DELETE", f"/invitations/{made['id']}").raise_for_status()

    assert set(made) - set(listed) == {"link"}
    assert token_of(made["link"]).encode() not in (house.data / "control.sqlite").read_bytes()
    assert accept(house, made["link"], "late@one.example").status_code == 404


def test_who_is_there_already_joins_with_the_higher_role(house: Running) -> None:
    site, other = house.add_site(), house.add_site()
    name = add_user(house, sites={site.id: "admin"})
    link = invite(house, sites={site.id: "viewer", other.id: "viewer"})["link"]

    with entered(house, name) as browser:
        answer = browser.post("/invitations/join", json={"token": token_of(link)})
        account = browser.get("/account").json()

    assert answer.status_code == 204
    assert account["sites"] == {site.id: "admin", other.id: "viewer"}


def test_admin_of_a_site_gives_roles_there_and_nowhere_else(house: Running) -> None:
    site, other = house.add_site(), house.add_site()
    name, colleague = add_user(house, sites={site.id: "admin"}), add_user(house, sites={site.id: "viewer"})
    stranger = add_user(house, sites={other.id: "viewer"})

    with entered(house, name) as browser:
        people = {one["name"]: one for one in browser.get(f"/sites/{site.id}/people").json()["items"]}
        raised = browser.put(f"/sites/{site.id}/people/{colleague}", json={"role": "editor"})
        foreign = browser.put(f"/sites/{site.id}/people/{stranger}", json={"role": "viewer"})
        nobody = browser.put(f"/sites/{site.id}/people/nobody", json={"role": "viewer"})
        everywhere = browser.post("/invitations", json={"role": "viewer", "sites": {site.id: "viewer"}})
        elsewhere = browser.post("/invitations", json={"sites": {site.id: "viewer", other.id: "viewer"}})

    assert {name, colleague, "admin"} <= set(people)
    assert stranger not in people
    assert people["admin"]["everywhere"]
    assert raised.json()["role"] == "editor"
    assert foreign.status_code == nobody.status_code == 404
    assert foreign.text.replace(stranger, "nobody") == nobody.text
    assert (everywhere.status_code, elsewhere.status_code) == (403, 404)


def test_a_role_taken_away_holds_at_once(house: Running) -> None:
    site = house.add_site()
    name = add_user(house, sites={site.id: "admin"})

    with entered(house, name) as browser:
        before = [browser.get(f"/sites/{site.id}").status_code, len(browser.get("/sites").json()["items"])]
        send(house, "DELETE", f"/sites/{site.id}/people/{name}").raise_for_status()
        after = [browser.get(f"/sites/{site.id}").status_code, len(browser.get("/sites").json()["items"])]

    assert (before, after) == ([200, 1], [404, 0])


@pytest.mark.parametrize("by", ["user", "key"])
def test_live_stream_ends_when_the_right_to_it_does(house: Running, by: str) -> None:
    site = house.add_site()
    name = add_user(house, sites={site.id: "viewer"})
    made = send(house, "POST", "/keys", {"scope": "read", "site": site.id}).json()
    gone = f"/keys/{made['id']}" if by == "key" else f"/sites/{site.id}/people/{name}"
    with entered(house, name) as browser, house.client(made["secret"]) as program:
        client, path = (
            (program, f"/api/v1/sites/{site.id}/live") if by == "key" else (browser, f"/sites/{site.id}/live")
        )
        with client.stream("GET", path) as answer:
            send(house, "DELETE", gone).raise_for_status()

            told = list(answer.iter_lines())

    assert told[:2] == ["retry: 1000", ": connected"]


def test_disabled_user_is_out_at_once_and_comes_back_when_enabled(house: Running) -> None:
    name = add_user(house, role="admin")
    with entered(house, name) as browser:
        link = browser.post("/invitations", json={"role": "admin"}).json()["link"]
        send(house, "PATCH", f"/users/{name}", {"disabled": True}).raise_for_status()

        assert browser.get("/me").status_code == 401
    refused = log_in(house, name)
    send(house, "PATCH", f"/users/{name}", {"disabled": False}).raise_for_status()

    assert (refused.status_code, code_of(refused)) == (401, "login_failed")
    assert log_in(house, name).status_code == 200
    assert accept(house, link, "by-a-leaver").status_code == 404, "the links they made went with them"


@pytest.mark.parametrize("change", [{"role": "editor"}, {"disabled": True}, None])
def test_last_admin_of_everything_stays(house: Running, change: dict[str, Any] | None) -> None:
    for user in house.get("/users")["items"]:
        if user["role"] == "admin" and user["name"] != "admin":
            send(house, "DELETE", f"/users/{user['name']}").raise_for_status()

    answer = send(house, "PATCH" if change else "DELETE", "/users/admin", change)

    assert (answer.status_code, code_of(answer)) == (409, "conflict")
    assert log_in(house, "admin").json()["role"] == "admin"


def test_removed_user_is_gone_with_their_logins(house: Running) -> None:
    name = add_user(house, role="viewer")
    with entered(house, name) as browser:
        send(house, "DELETE", f"/users/{name}").raise_for_status()

        assert browser.get("/me").status_code == 401
    assert name not in [user["name"] for user in house.get("/users")["items"]]
    assert send(house, "DELETE", f"/users/{name}").status_code == 404


def test_password_change_asks_for_the_old_one_and_ends_other_logins(house: Running) -> None:
    name = add_user(house, role="viewer")
    with entered(house, name) as here, entered(house, name) as there:
        wrong = here.post("/account/password", json={"old": "wrong", "new": NEW})
        short = here.post("/account/password", json={"old": PASSWORD, "new": "short"})
        done = here.post("/account/password", json={"old": PASSWORD, "new": NEW})

        assert (code_of(wrong), code_of(short), done.status_code) == ("login_failed", "invalid_parameter", 204)
        assert (here.get("/me").status_code, there.get("/me").status_code) == (200, 401)
    assert [log_in(house, name, one).status_code for one in (PASSWORD, NEW)] == [401, 200]


def test_reset_link_sets_a_password_once_and_ends_all_logins(house: Running) -> None:
    name = add_user(house, role="viewer")
    with entered(house, name) as browser:
        older = send(house, "POST", f"/users/{name}/reset").json()["link"]
        link = send(house, "POST", f"/users/{name}/reset").json()["link"]
        assert browser.get("/me").status_code == 200, "nothing changes before the link is used"

        assert [accept(house, one, "mallory", NEW).status_code for one in (older, link, link)] == [404, 200, 404]
        assert browser.get("/me").status_code == 401
    assert [log_in(house, name, one).status_code for one in (PASSWORD, NEW)] == [401, 200]


def test_logins_are_listed_and_ended_one_by_one(house: Running) -> None:
    name, other = add_user(house, role="viewer"), add_user(house, role="viewer")
    with entered(house, name) as here, entered(house, name) as there, entered(house, other) as stranger:
        sessions = here.get("/account/sessions").json()["items"]
        far = next(one for one in sessions if not one["current"])

        assert len(sessions) == 2
        assert far["agent"].startswith("python-httpx")
        assert far["address"] == "127.0.0.1"
        assert stranger.delete(f"/account/sessions/{far['id']}").status_code == 404
        assert here.delete(f"/account/sessions/{far['id']}").status_code == 204
        assert (here.get("/me").status_code, there.get("/me").status_code) == (200, 401)


def set_up(browser: httpx.Client) -> tuple[TOTP, list[str]]:
    """The authenticator app and the recovery codes of a second factor, switched on."""
    offered = browser.post("/account/totp", json={"password": PASSWORD}).raise_for_status().json()
    app = TOTP(offered["secret"])
    assert offered["svg"].startswith("<svg")
    assert offered["uri"].startswith("otpauth://totp/")
    answer = browser.post("/account/totp/confirm", json={"code": app.now()}).raise_for_status()
    return app, answer.json()["recovery_codes"]


def test_second_factor_is_asked_for_and_each_code_opens_once(house: Running) -> None:
    name = add_user(house, role="viewer")
    with entered(house, name) as browser:
        app, recovery = set_up(browser)
        used = app.now()
        following = app.at(time.time() + 30)

        none, replayed = log_in(house, name), log_in(house, name, code=used)
        blind = log_in(house, name, "wrong password")
        next_one, again = log_in(house, name, code=following), log_in(house, name, code=following)
        spare, spare_again = (log_in(house, name, code=recovery[0].upper()) for _ in range(2))
        left = browser.get("/account").json()["recovery_codes"]

    assert (none.status_code, code_of(none)) == (401, "code_required")
    assert code_of(blind) == "login_failed", "who does not know the password learns nothing of the second factor"
    assert (code_of(replayed), code_of(again), code_of(spare_again)) == ("login_failed",) * 3
    assert (next_one.status_code, spare.status_code) == (200, 200)
    assert (len(set(recovery)), left) == (10, 9)
    stored = (house.data / "control.sqlite").read_bytes() + (house.data / "control.sqlite-wal").read_bytes()
    assert not any(code.encode() in stored or code.replace("-", "").encode() in stored for code in recovery)


def test_guessing_codes_is_slowed_down_whatever_the_address(house: Running) -> None:
    name = add_user(house, role="viewer")
    with entered(house, name) as browser:
        _, recovery = set_up(browser)

    def guess(code: str, at: int) -> httpx.Response:
        body = {"name": name, "password": PASSWORD, "code": code}
        headers = {"x-forwarded-for": f"203.0.113.{at}"}
        return httpx.post(f"{house.url}/api/v1/login", json=body, headers=headers, timeout=30)

    wrong = [guess("000000", at).status_code for at in range(6)]
    over = guess(recovery[0], 7)

    assert wrong == [401] * 5 + [429]
    assert (over.status_code, 1 <= int(over.headers["retry-after"]) <= 61) == (429, True)


def test_second_factor_is_switched_off_by_its_owner_or_for_a_lost_phone(house: Running) -> None:
    name = add_user(house, role="viewer")
    with entered(house, name) as browser:
        set_up(browser)
        wrong = browser.post("/account/totp/off", json={"password": "wrong"})
        off = browser.post("/account/totp/off", json={"password": PASSWORD})
        opened = log_in(house, name)
        set_up(browser)
        lost = send(house, "PATCH", f"/users/{name}", {"totp": False})

    assert (code_of(wrong), off.status_code, opened.status_code) == ("login_failed", 204, 200)
    assert lost.json()["totp"] is False
    assert log_in(house, name).status_code == 200


def test_second_factor_counts_only_once_confirmed(house: Running) -> None:
    name = add_user(house, role="viewer")
    with entered(house, name) as browser:
        browser.post("/account/totp", json={"password": PASSWORD}).raise_for_status()
        wrong = browser.post("/account/totp/confirm", json={"code": "000000"})

    assert code_of(wrong) == "invalid_parameter"
    assert log_in(house, name).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/openapi.json", "/health/live", "/api/docs", "/", "/x"])
def test_every_answer_carries_security_headers(house: Running, path: str) -> None:
    headers = httpx.get(f"{house.url}{path}").headers

    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    if path.startswith("/api/v1"):
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_secret_is_in_the_log_or_in_an_error(tmp_path_factory: pytest.TempPathFactory, log_format: str) -> None:
    """Everything secret that can be sent is, in good requests and in bad ones, at the most talkative level."""
    running = Running(tmp_path_factory.mktemp("log") / "data", log_level="debug", log_format=log_format)
    running.start()
    planted = {name: f"planted-{name}-1f3c9" for name in ("password", "old", "new", "code", "token", "key", "cookie")}
    with running.client() as owner:
        link = owner.post("/api/v1/invitations", json={"role": "viewer"}).json()["link"]
        secret = owner.post("/api/v1/keys", json={"scope": "read"}).json()["secret"]
    accept(running, link, "ann", planted["password"])
    answers: list[httpx.Response] = []
    with entered(running, "ann", planted["password"]) as browser:
        cookie, csrf = browser.cookies["trackway_login"], browser.headers["x-csrf-token"]
        factor = browser.post("/account/totp", json={"password": planted["password"]}).json()["secret"]
        bodies = {
            "/login": {"name": "ann", "password": planted["old"], "code": planted["code"]},
            "/account/password": {"old": planted["old"], "new": planted["new"]},
            "/account/totp/confirm": {"code": planted["code"]},
            "/invitations/accept": {"token": planted["token"], "name": "x", "password": planted["new"]},
            "/invitations/look": {"token": planted["token"]},
        }
        for path, body in bodies.items():
            answers += [browser.post(path, json=body), browser.post(path, json=body | dict.fromkeys(body, 5))]
            answers.append(browser.post(path, content=str(body)))
    headers = {"authorization": f"Bearer {planted['key']}", "cookie": f"trackway_login={planted['cookie']}"}
    answers.append(httpx.get(f"{running.url}/api/v1/me", headers=headers))
    answers.append(
        httpx.get(f"{running.url}/api/v1/login/oidc/callback?code={planted['code']}&state={planted['token']}")
    )
    running.stop()
    told = running.log.read_text() + "".join(answer.text for answer in answers)

    secrets = [*planted.values(), token_of(link), secret, cookie, csrf, factor, PASSWORD]
    assert [one for one in secrets if one in told] == []
    assert all(answer.status_code >= 300 for answer in answers)
