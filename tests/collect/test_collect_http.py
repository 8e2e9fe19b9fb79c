"""The two collect routes from outside: who may send, what is answered, and where refused events are found again."""

import gzip
import json
import uuid
from typing import Any

import httpx
import pytest

from tests.running import Running, SiteOf, make_event, wait_for

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def site(shared: Running) -> SiteOf:
    return shared.add_site()


def check_error(answer: httpx.Response, status: int, code: str, field: str | None = None) -> None:
    """An answer in the one shape of an error."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert answer.headers["content-type"] == "application/json"
    assert (set(error), error["code"], error["field"]) == ({"code", "message", "field"}, code, field)
    assert error["message"]


def post_server(running: Running, secret: str, body: Any, path: str = "", **headers: str) -> httpx.Response:
    """POST to the servers' route: bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    with running.client(secret) as client:
        return client.post(f"/api/v1/events{path}", content=content, headers=named)


def test_answer_says_what_was_accepted_and_what_was_not(shared: Running, site: SiteOf) -> None:
    refused_id = str(uuid.uuid4())
    events = [make_event(), make_event(id=refused_id.upper(), action="nodot"), 5, make_event()]

    answer = shared.collect({"key": site.key, "events": events})
    body = answer.json()

    assert (answer.status_code, body["accepted"]) == (200, 2)
    assert [(why["index"], why["id"], why["code"], why["field"]) for why in body["rejected"]] == [
        (1, refused_id, "action_invalid", "events[1].action"),
        (2, None, "event_invalid", "events[2]"),
    ]
    assert set(body) == {"accepted", "rejected", "now"}


def test_refused_events_are_in_quarantine_and_in_the_ledger(shared: Running) -> None:
    site = shared.add_site()
    bad = make_event(action="x.y", label=5)
    shared.collect(
        {"key": site.key, "events": [make_event(), bad, "no event"]}, headers={"origin": "https://a.example"}
    )

    ledger = shared.settled(site.id, 3)
    kept = shared.get(f"/sites/{site.id}/quarantine")["items"]

    assert (ledger["received"], ledger["stored"], ledger["balanced"]) == (3, 1, True)
    assert ledger["rejected"] == {"label_invalid": 1, "event_invalid": 1}
    assert [(row["code"], row["event"], row["id"]) for row in kept] == [
        ("event_invalid", "no event", None),
        ("label_invalid", bad, bad["id"]),
    ]
    assert {(row["key"], row["origin"], row["replayed"]) for row in kept} == {(site.key, "https://a.example", False)}


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        (b"{oops", 400, "malformed_json", None),
        (b"", 400, "malformed_json", None),
        (b"\xff\xfe", 400, "malformed_json", None),
        (b"[NaN]", 400, "malformed_json", None),
        (b"{}", 400, "malformed_body", None),
        (b'"text"', 400, "malformed_body", None),
        (b'{"events":7}', 400, "malformed_body", "events"),
        (b'{"events":[],"context":7}', 400, "malformed_body", "context"),
        (b"[" + b",".join([b"1"] * 1001) + b"]", 413, "too_many_events", "events"),
        (b"[" + b" " * MIB + b"]", 413, "body_too_large", None),
    ],
)
def test_whole_request_refused_on_the_public_route(
    shared: Running, site: SiteOf, body: bytes, status: int, code: str, field: str | None
) -> None:
    check_error(shared.collect(body, site.key), status, code, field)


@pytest.mark.parametrize(
    ("body", "encoding", "status", "code"),
    [
        (b"no gzip", "gzip", 400, "malformed_encoding"),
        (gzip.compress(b"[]")[:-3], "gzip", 400, "malformed_encoding"),
        (b"[]", "br", 400, "malformed_encoding"),
        (gzip.compress(b"[" + b" " * MIB + b"]"), "gzip", 413, "body_too_large"),
        (gzip.compress(b"[]"), "gzip", 200, None),
        (b"[]", "identity", 200, None),
    ],
    # Named, because gzip writes the time into what would else be the name.
    ids=["no gzip", "cut gzip", "unknown", "gzip too large", "gzip", "identity"],
)
def test_content_encodings(
    shared: Running, site: SiteOf, body: bytes, encoding: str, status: int, code: str | None
) -> None:
    public = shared.collect(body, site.key, {"content-encoding": encoding})
    server = post_server(shared, site.write, body, content_encoding=encoding)

    assert public.status_code == status
    if status == 200:
        assert public.json()["accepted"] == 0
    else:
        check_error(public, status, code or "")
    assert server.status_code == (200 if code == "body_too_large" else status)


def test_public_route_takes_its_limits_exactly(shared: Running, site: SiteOf) -> None:
    most = shared.collect([make_event() for _ in range(1000)], site.key)
    biggest = b'{"events":[]' + b" " * (MIB - 13) + b"}"

    assert most.json()["accepted"] == 1000
    assert len(biggest) == MIB
    assert shared.collect(biggest, site.key).status_code == 200
    check_error(shared.collect(b" " + biggest, site.key), 413, "body_too_large")


def test_server_route_takes_its_limits_exactly(shared: Running, site: SiteOf) -> None:
    most = [make_event() for _ in range(10_000)]
    biggest = b"[" + b" " * (10 * MIB - 2) + b"]"

    assert post_server(shared, site.write, most).json()["accepted"] == 10_000
    check_error(post_server(shared, site.write, [*most, 1]), 413, "too_many_events", "events")
    assert post_server(shared, site.write, biggest).status_code == 200
    check_error(post_server(shared, site.write, biggest + b" "), 413, "body_too_large")


@pytest.mark.parametrize("body", [{"events": []}, {"key": "nobody", "events": []}, {"key": 5, "events": []}, []])
def test_unknown_tracker_key(shared: Running, body: Any) -> None:
    check_error(shared.collect(body), 401, "unknown_key", "key")


def test_key_in_the_address_goes_before_the_one_in_the_body(shared: Running, site: SiteOf) -> None:
    assert shared.collect({"key": "nobody", "events": []}, site.key).status_code == 200
    check_error(shared.collect({"key": site.key, "events": []}, "nobody"), 401, "unknown_key", "key")


@pytest.mark.parametrize("kind", ["text/plain", "text/plain;charset=UTF-8", "application/json", "image/png"])
def test_any_content_type_is_taken_from_browsers(shared: Running, site: SiteOf, kind: str) -> None:
    answer = shared.collect({"key": site.key, "events": [make_event()]}, headers={"content-type": kind})

    assert answer.json()["accepted"] == 1


@pytest.mark.parametrize("route", ["/e", "/api/v1/events"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(shared: Running, route: str, method: str) -> None:
    check_error(httpx.request(method, shared.url + route), 405, "method_not_allowed")


@pytest.mark.parametrize("secret", ["", "tw_nobody", "nonsense"])
def test_server_route_needs_a_live_key(shared: Running, secret: str) -> None:
    headers = {"authorization": f"Bearer {secret}"} if secret else {}

    answer = httpx.post(f"{shared.url}/api/v1/events", content=b"[]", headers=headers)

    check_error(answer, 401, "unknown_key")


def test_server_route_needs_the_scope_to_write(shared: Running, site: SiteOf) -> None:
    check_error(post_server(shared, site.read, []), 403, "scope_missing")
    assert post_server(shared, site.write, []).status_code == 200


def test_key_of_a_site_writes_to_that_site_whatever_is_asked(shared: Running, site: SiteOf) -> None:
    other, event = shared.add_site(), make_event()

    post_server(shared, other.write, [event], f"?site={site.id}").raise_for_status()
    shared.settled(other.id, 1)

    assert [found["id"] for found in shared.events(other.id)] == [event["id"]]


def test_key_for_every_site_names_one(shared: Running, site: SiteOf) -> None:
    with shared.client() as client:
        secret = client.post("/api/v1/keys", json={"scope": "events:write"}).json()["secret"]

    check_error(post_server(shared, secret, []), 401, "unknown_key", "site")
    check_error(post_server(shared, secret, [], "?site=nowhere"), 401, "unknown_key", "site")
    assert post_server(shared, secret, [], f"?site={site.id}").status_code == 200


def test_revoked_key_is_refused_at_once(shared: Running, site: SiteOf) -> None:
    with shared.client() as client:
        made = client.post("/api/v1/keys", json={"scope": "events:write", "site": site.id}).json()
        assert post_server(shared, made["secret"], []).status_code == 200

        client.delete(f"/api/v1/keys/{made['id']}").raise_for_status()

    check_error(post_server(shared, made["secret"], []), 401, "unknown_key")


def test_ndjson_line_by_line(shared: Running, site: SiteOf) -> None:
    body = "\n".join([json.dumps(make_event()), "{oops", "", json.dumps(make_event())]).encode()

    answer = post_server(shared, site.write, body, content_type="application/x-ndjson; charset=utf-8").json()

    assert answer["accepted"] == 2
    assert [(why["index"], why["code"]) for why in answer["rejected"]] == [(1, "event_invalid")]


def test_source_says_where_events_came_from(shared: Running) -> None:
    site = shared.add_site()
    web, mobile, app = make_event(), make_event(), make_event(action="app.start")
    server, end = make_event(), make_event(action="session.end")
    shared.collect({"key": site.key, "events": [web]})
    shared.collect({"key": site.key, "source": "mobile", "events": [mobile]})
    shared.collect({"key": site.key, "events": [app]})
    post_server(shared, site.write, [server, end])
    shared.settled(site.id, 5)

    sources = {event["id"]: event["source"] for event in shared.events(site.id)}

    assert sources == {
        web["id"]: "web", mobile["id"]: "mobile", app["id"]: "mobile", server["id"]: "server", end["id"]: "server",
    }  # fmt: skip


def preflight(running: Running, origin: str) -> httpx.Response:
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    return httpx.options(f"{running.url}/e", headers=headers)


def test_browser_of_any_origin_may_send_where_none_is_listed(shared: Running, site: SiteOf) -> None:
    asked = preflight(shared, "https://any.example")
    answer = shared.collect({"key": site.key, "events": []}, headers={"origin": "https://any.example"})

    assert asked.status_code == 204
    assert asked.headers["access-control-allow-methods"] == "POST, OPTIONS"
    assert "content-type" in asked.headers["access-control-allow-headers"]
    for one in (asked, answer):
        assert one.headers["access-control-allow-origin"] == "https://any.example"
        assert "origin" in one.headers["vary"].lower()
        assert "access-control-allow-credentials" not in one.headers


@pytest.mark.parametrize(
    ("origin", "taken"),
    [
        ("https://shop.example", True),
        ("https://shop.example:8443", True),
        ("http://shop.example", False),
        ("https://shop.example.evil.example", False),
        ("https://www.shop.example", False),
        ("null", False),
    ],
)
def test_listed_origins_only(shared: Running, origin: str, taken: bool) -> None:
    site = shared.add_site(origins=["https://shop.example:443/", "https://shop.example:8443"])

    answer = shared.collect({"key": site.key, "events": [make_event()]}, headers={"origin": origin})

    if taken:
        assert answer.json()["accepted"] == 1
    else:
        check_error(answer, 403, "origin_not_allowed")
        assert shared.get(f"/sites/{site.id}/ledger")["received"] == 0


def test_app_without_an_origin_may_send_to_a_site_with_origins(shared: Running) -> None:
    site = shared.add_site(origins=["https://shop.example"])

    assert shared.collect({"key": site.key, "events": [make_event()]}).json()["accepted"] == 1


@pytest.mark.parametrize("setting", ["rate_limit_key_per_s", "rate_limit_ip_per_s"])
def test_over_the_rate_429_says_when_to_come_back(shared: Running, setting: str) -> None:
    settings: dict[str, Any] = {setting: 0.1}
    site = shared.add_site(**settings)

    answers = [shared.collect({"key": site.key, "events": [make_event()]}) for _ in range(3)]

    assert answers[0].status_code == 200
    for answer in answers[1:]:
        check_error(answer, 429, "rate_limited")
        assert 1 <= int(answer.headers["retry-after"]) <= 11
    assert shared.settled(site.id, 1)["received"] == 1


def test_addresses_behind_a_trusted_proxy_are_limited_apart(shared: Running) -> None:
    site = shared.add_site(rate_limit_ip_per_s=0.1)

    statuses = [
        shared.collect(
            {"key": site.key, "events": []}, headers={"x-forwarded-for": f"{claimed}, 198.51.100.{last}"}
        ).status_code
        for claimed, last in (("203.0.113.9", 1), ("203.0.113.8", 1), ("203.0.113.9", 2))
    ]

    assert statuses == [200, 429, 200]


def test_half_a_surrogate_pair_costs_only_its_event(shared: Running) -> None:
    """Over the whole way: what was answered 200 is stored, though the event beside it could not be taken."""
    site, good = shared.add_site(), make_event()
    body = json.dumps({"key": site.key, "events": [good, make_event(label="\ud800")]}).encode()

    answer = shared.collect(body).json()
    wait_for(lambda: [one["id"] for one in shared.events(site.id)] == [good["id"]], 5, lambda: str(answer))

    assert (answer["accepted"], [why["code"] for why in answer["rejected"]]) == (1, ["label_invalid"])
    assert shared.settled(site.id, 2)["rejected"] == {"label_invalid": 1}
