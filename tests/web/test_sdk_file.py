"""The browser SDK's file: one site's configuration inside, packed, cached, and changed with the site."""

import gzip
import json
import re
from typing import Any

import brotli
import httpx
import pytest

from tests.conftest import Start
from tests.running import Running, SiteOf
from trackway.site import SiteSettings
from trackway.web.sdk import LAZY, PARTS, PRIVACY, asset, pack, pick_encoding


@pytest.fixture(scope="module")
def site(shared: Running) -> SiteOf:
    return shared.add_site()


def fetch(running: Running, key: str, **headers: str) -> httpx.Response:
    named = {"accept-encoding": "identity"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.get(f"{running.url}/s/{key}.js", headers=named)


def config_in(text: str) -> dict[str, Any]:
    """The configuration that the SDK is started with."""
    found = re.search(r"TrackwaySDK\.start\((\{.*\})(?:,TrackwayMore)?\);", text)
    assert found is not None, text[-500:]
    return json.loads(found[1])


def test_configuration_is_inside(shared: Running) -> None:
    site = shared.add_site(sdk_name="TW", session_timeout_s=60, sdk_spa=False, sdk_cookie_days=7)

    config = config_in(fetch(shared, site.key).text)

    assert config["key"] == site.key
    assert (config["name"], config["endpoint"], config["path"]) == ("TW", "", "/e")
    assert (config["session_timeout_ms"], config["cookie_days"]) == (60_000, 7)
    assert config["features"].items() >= {"page_visit": True, "spa": False, "elements": True, "errors": False}.items()
    assert config["rules"] == {"mode": "enforce", "allow": [], "deny": []}


ALL_OFF = dict.fromkeys((f"sdk_{part}" for part in PARTS), False)


@pytest.mark.parametrize(
    ("settings", "built", "ahead"),
    [
        (ALL_OFF | {"sdk_scrub": False}, "core.js", False),
        (ALL_OFF, "trackway.js", False),
        (ALL_OFF | {"sdk_scroll": True}, "trackway.js", False),
        ({}, "trackway.js", False),
        ({"consent": "required", "gpc": "deny", "sdk_stop": True}, "trackway.js", False),
        ({"sdk_autocapture": True}, "trackway.js", False),
        (ALL_OFF | {"sdk_scrub": False, "sdk_frustration": True}, "trackway.js", False),
        (ALL_OFF | {"sdk_scrub": False, "cookieless": True}, "trackway.js", True),
        ({"sdk_bots": "ignore"}, "trackway.js", True),
        ({"sdk_drop_params": ["price"]}, "trackway.js", True),
        ({"sdk_scrub_names": ["member"]}, "trackway.js", True),
    ],
)
def test_a_site_is_served_no_more_than_it_uses(
    shared: Running, settings: dict[str, Any], built: str, ahead: bool
) -> None:
    site = shared.add_site(**settings)

    text = fetch(shared, site.key).text

    assert f"!function(){{{asset(built)}\n" in text
    assert config_in(text).get("ahead", False) is ahead


@pytest.mark.parametrize(
    ("settings", "more"),
    [({}, False), ({"sdk_errors": True}, True), ({"sdk_vitals": True}, True), ({"cookieless": True}, True)],
)
def test_what_loads_the_rest_is_served_where_there_is_a_rest(
    shared: Running, settings: dict[str, Any], more: bool
) -> None:
    text = fetch(shared, shared.add_site(**settings).key).text

    assert ("TrackwayMore" in text) is more


def test_what_is_served_first_keeps_to_its_budget() -> None:
    """10 KB for any site, 6 KB for one that has switched all off; packed by the server's library, not the build's."""
    sizes = {name: len(pack((asset(name) or "").encode()).by_encoding["br"]) for name in ("core.js", "trackway.js")}

    assert sizes["core.js"] <= 6 * 1024
    assert sizes["trackway.js"] <= 10 * 1024


def test_nothing_of_the_file_leaks_into_the_page(shared: Running, site: SiteOf) -> None:
    text = fetch(shared, site.key).text

    assert text.startswith("!function(){")
    assert text.endswith("}();")


def test_browsers_keep_it_for_five_minutes(shared: Running, site: SiteOf) -> None:
    answer = fetch(shared, site.key)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("BR", "br"),
        ("br;q=0, gzip", "gzip"),
        pytest.param("gzip;q=0.5, br;q=0.1", "br"),
        ("identity", ""),
        ("", ""),
        ("zstd", ""),
        ("gzip; q=0", ""),
        pytest.param("br;q=0.5", "br"),
    ],
)
def test_best_encoding_a_browser_takes(accepted: str, encoding: str) -> None:
    assert pick_encoding(accepted) == encoding


def test_file_is_the_same_in_every_encoding(shared: Running, site: SiteOf) -> None:
    plain = fetch(shared, site.key).content
    packed: dict[str, bytes] = {}
    for encoding in ("br", "gzip"):
        url = f"{shared.url}/s/{site.key}.js"
        with httpx.stream("GET", url, headers={"accept-encoding": encoding}) as answer:
            assert answer.headers["content-encoding"] == encoding
            packed[encoding] = b"".join(answer.iter_raw())

    assert brotli.decompress(packed["br"]) == gzip.decompress(packed["gzip"]) == plain
    assert len(packed["br"]) < len(packed["gzip"]) < len(plain)


def test_unchanged_file_is_not_sent_again(shared: Running, site: SiteOf) -> None:
    etag = fetch(shared, site.key).headers["etag"]

    same = fetch(shared, site.key, if_none_match=etag)
    weak = fetch(shared, site.key, if_none_match=f'"x", W/{etag}')
    other = fetch(shared, site.key, if_none_match='"x"')

    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    assert weak.status_code == 304
    assert other.status_code == 200


def test_changed_setting_is_in_the_next_file(shared: Running) -> None:
    site = shared.add_site()
    before = fetch(shared, site.key)
    with shared.client() as client:
        client.patch(f"/api/v1/sites/{site.id}", json={"settings": {"sdk_name": "Later"}}).raise_for_status()

    after = fetch(shared, site.key, if_none_match=before.headers["etag"])

    assert after.status_code == 200
    assert config_in(after.text)["name"] == "Later"
    assert after.headers["etag"] != before.headers["etag"]


def parts_in(text: str) -> set[str]:
    """Which of the parts a file has, by a text that only the part says."""
    signs = {"refine": "beforeSend", "consent": "consent_pending", "ahead": '"ahead":true', "tokens": "token_expired"}
    return {part for part, sign in signs.items() if sign in text}


def test_a_site_is_served_the_parts_that_it_needs(shared: Running) -> None:
    off: dict[str, Any] = {
        name: False for name in SiteSettings.__struct_fields__ if getattr(SiteSettings(), name) is True
    }
    bare, plain = shared.add_site(**off), shared.add_site()
    linked, kept = shared.add_site(sdk_link_domains=["shop.example"]), shared.add_site(**off, consent="required")
    declared = shared.add_site()
    with shared.client() as client:
        client.put(f"/api/v1/sites/{declared.id}/definitions/order.paid", json={"needs": "token"}).raise_for_status()

    texts = {site.key: fetch(shared, site.key).text for site in (bare, plain, linked, kept, declared)}

    assert parts_in(texts[bare.key]) == set()
    assert parts_in(texts[plain.key]) == {"refine", "consent"}
    assert parts_in(texts[linked.key]) == {"refine", "consent", "ahead"}
    assert parts_in(texts[kept.key]) == {"refine", "consent"}
    assert parts_in(texts[declared.key]) == {"refine", "consent", "ahead"}
    assert config_in(texts[declared.key])["token_actions"] == ["order.paid"]
    assert config_in(texts[kept.key])["consent"] == "required"


def test_only_settings_that_were_changed_are_in_the_file(shared: Running) -> None:
    changed: dict[str, Any] = {
        "consent": "required", "gpc": "deny", "cookieless": True, "sdk_stop": True, "sdk_scrub": False,
        "sdk_scrub_names": ["member"], "sdk_drop_params": ["price"], "sdk_bots": "ignore", "sdk_server_cookie": True,
        "sdk_link_domains": ["shop.example"],
    }  # fmt: skip
    plain, other = shared.add_site(), shared.add_site(**changed)

    said, told = (config_in(fetch(shared, site.key).text) for site in (plain, other))

    assert not said.keys() & PRIVACY.keys()
    assert {PRIVACY[name]: told[name] for name in PRIVACY} == changed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("consent", "perhaps"),
        ("gpc", True),
        ("cookieless", "yes"),
        ("sdk_bots", ""),
        ("sdk_drop_params", "price"),
        ("sdk_drop_params", [""]),
        ("sdk_drop_params", [1]),
        ("sdk_scrub_names", ["x"] * 101),
        ("sdk_link_domains", ["https://shop.example"]),
        ("sdk_link_domains", ["Shop.example"]),
        ("sdk_link_domains", ["shop.example/path"]),
    ],
)
def test_settings_that_would_not_work_are_refused(shared: Running, site: SiteOf, name: str, value: Any) -> None:
    with shared.client() as client:
        answer = client.patch(f"/api/v1/sites/{site.id}", json={"settings": {name: value}})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")
    assert name in json.dumps(answer.json()) or "settings" in answer.json()["error"]["field"]


def test_sites_have_files_of_their_own(shared: Running, site: SiteOf) -> None:
    other = shared.add_site()

    assert fetch(shared, site.key).headers["etag"] != fetch(shared, other.key).headers["etag"]


@pytest.mark.parametrize("name", ["nobody.js", ".js", "", "../etc/passwd", "{key}", "{key}.js.map", "{key}.js/"])
def test_unknown_name_is_not_found(shared: Running, site: SiteOf, name: str) -> None:
    answer = httpx.get(f"{shared.url}/s/{name.replace('{key}', site.key)}")

    assert answer.status_code in (404, 200)
    assert "TrackwaySDK" not in answer.text
    if answer.status_code == 200:
        assert name.startswith("..")  # the client has resolved it: another path, the web page's


def test_rotated_key_ends_the_old_file(shared: Running) -> None:
    site = shared.add_site()
    with shared.client() as client:
        new = client.post(f"/api/v1/sites/{site.id}/rotate-key").raise_for_status().json()["tracker_key"]

    assert fetch(shared, site.key).status_code == 404
    assert fetch(shared, new).status_code == 200


def test_snippet_loads_the_sites_own_file_and_is_small(shared: Running, site: SiteOf) -> None:
    snippet = shared.get(f"/sites/{site.id}")["snippet"]

    assert f"{shared.url}/s/{site.key}.js" in snippet
    assert "__" not in snippet
    assert len(snippet.removeprefix("<script>").removesuffix("</script>").encode()) < 600


def test_public_paths_can_be_renamed(start: Start) -> None:
    running = start(collect_path="/shop/data", sdk_path="/shop/files/", public_url="https://shop.example")
    site = running.add_site()

    file = httpx.get(f"{running.url}/shop/files/{site.key}.js")
    collected = httpx.post(f"{running.url}/shop/data", json={"key": site.key, "events": []})
    snippet = running.get(f"/sites/{site.id}")["snippet"]

    assert config_in(file.text)["path"] == "/shop/data"
    assert collected.json()["accepted"] == 0
    assert f"https://shop.example/shop/files/{site.key}.js" in snippet
    assert "accepted" not in httpx.post(f"{running.url}/e", json={"key": site.key, "events": []}).text


@pytest.mark.parametrize("name", LAZY)
def test_lazy_file_is_served_for_ever_under_the_name_that_the_sdk_knows(shared: Running, name: str) -> None:
    site = shared.add_site(sdk_errors=True)
    known = re.search(r"-[0-9a-f]{10}\.js", fetch(shared, site.key).text)
    assert known is not None
    url = f"{shared.url}/s/{name}{known[0]}"

    answer = httpx.get(url, headers={"origin": "https://shop.example"})

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "export{" in answer.text
    same = httpx.get(url, headers={"if-none-match": answer.headers["etag"]})
    assert same.status_code == 304


@pytest.mark.parametrize("name", ["errors.js", "errors-0123456789.js", "core.js", "SIZES.json"])
def test_lazy_file_of_another_build_is_not_found(shared: Running, name: str) -> None:
    """An old SDK must not get a file that it does not fit."""
    assert httpx.get(f"{shared.url}/s/{name}").status_code == 404
