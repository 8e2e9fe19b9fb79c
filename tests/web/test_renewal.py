"""`POST /e/id`: the uuid cookie set again, for the browser that sent it and for nobody else."""

import httpx
import pytest

from tests.running import Running, SiteOf
from trackway.web.renewal import cookie_again

UUID = "0190aaaa-0000-7000-8000-00000000abcd"
SET = f"tw_uuid={UUID}; Path=/; Max-Age=86400; SameSite=Lax"


@pytest.fixture(scope="module")
def site(shared: Running) -> SiteOf:
    return shared.add_site(sdk_server_cookie=True, sdk_cookie_days=100)


def ask(
    running: Running, key: str, domain: str = "shop.example", method: str = "POST", **headers: str
) -> httpx.Response:
    named = {"cookie": f"tw_uuid={UUID}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.request(method, f"{running.url}/e/id", params={"k": key, "d": domain}, headers=named)


def test_the_cookie_comes_back_to_last(shared: Running, site: SiteOf) -> None:
    answer = ask(shared, site.key, origin="https://www.shop.example", sec_fetch_site="same-origin")

    assert answer.status_code == 204
    assert answer.headers["set-cookie"] == (
        f"tw_uuid={UUID}; Path=/; Max-Age=8640000; SameSite=Lax; Domain=shop.example; Secure"
    )
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers


def test_who_sent_no_cookie_gets_none(shared: Running, site: SiteOf) -> None:
    answer = ask(shared, site.key, cookie="other=1")

    assert (answer.status_code, answer.headers.get("set-cookie")) == (204, None)


@pytest.mark.parametrize("sent", ["cross-site", "same-site", "none"])
def test_other_origins_are_refused(shared: Running, site: SiteOf, sent: str) -> None:
    answer = ask(shared, site.key, sec_fetch_site=sent)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin_not_allowed")
    assert "set-cookie" not in answer.headers


def test_a_site_without_the_setting_has_no_such_cookie(shared: Running) -> None:
    off, without = shared.add_site(), shared.add_site(sdk_server_cookie=True, cookieless=True)

    for key in (off.key, without.key, "nobody", ""):
        assert ask(shared, key).status_code == 404


def test_it_takes_post_only(shared: Running, site: SiteOf) -> None:
    assert ask(shared, site.key, method="GET").status_code == 405


@pytest.mark.parametrize(
    ("cookies", "domain", "origin", "made"),
    [
        (f"a=b; tw_uuid={UUID}; c", "shop.example", "", f"{SET}; Domain=shop.example"),
        (f"tw_uuid={UUID}", "", "https://x", f"{SET}; Secure"),
        (f"tw_uuid={UUID}", "localhost", "http://x", f"{SET}"),
        (f"tw_uuid={UUID}", "a.b; Path=/x", "", f"{SET}"),
        (f"tw_uuid={UUID}", "a.b\r\nSet-Cookie: x=y", "", f"{SET}"),
        ("tw_uuid=1; Domain=evil.example", "a.b", "", ""),
        ("tw_uuid", "a.b", "", ""),
        ("", "a.b", "", ""),
    ],
)  # fmt: skip
def test_what_is_set(cookies: str, domain: str, origin: str, made: str) -> None:
    assert cookie_again(cookies, domain, origin, 1) == made
