"""Sites archived and restored, tracker keys rotated with an overlap, API keys held to addresses and their last use."""

import json
from typing import Any

import httpx
import pytest

from tests.running import APPEARS_WITHIN_S, Running, SiteOf, make_event, wait_for
from trackway.control.directory import now_ms
from trackway.errors import RequestRefused
from trackway.peer import check_address, check_ranges

HOUR_MS = 3_600_000


def rotate(running: Running, site: SiteOf, **query: Any) -> dict[str, Any]:
    """Rotate a site's tracker key; the site as it then is."""
    with running.client() as client:
        return client.post(f"/api/v1/sites/{site.id}/rotate-key", params=query).raise_for_status().json()


def status(running: Running, key: str) -> int:
    """What an event sent with a tracker key is answered."""
    return running.collect({"key": key, "events": [make_event()]}).status_code


def ids(running: Running, **query: Any) -> set[str]:
    """The sites that a list has."""
    return {site["id"] for site in running.get("/sites", **query)["items"]}


def test_archived_site_takes_nothing_and_keeps_what_it_has(shared: Running) -> None:
    site = shared.add_site()
    shared.collect({"key": site.key, "events": [make_event()]})
    shared.settled(site.id, 1)
    with shared.client() as client:
        assert client.delete(f"/api/v1/sites/{site.id}").status_code == 204
    refused = shared.collect({"key": site.key, "events": [make_event()]})
    with shared.client(site.write) as client:
        by_server = client.post("/api/v1/events", json=[make_event()])

    for answer in (refused, by_server):
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unknown_key")
    assert httpx.get(f"{shared.url}/s/{site.key}.js").status_code == 404
    assert len(shared.events(site.id)) == 1
    assert shared.get(f"/sites/{site.id}")["archived"] <= now_ms()
    assert site.id not in ids(shared)
    assert site.id in ids(shared, archived=True)


def test_restored_site_takes_events_with_the_same_key(shared: Running) -> None:
    site = shared.add_site()
    with shared.client() as client:
        client.delete(f"/api/v1/sites/{site.id}").raise_for_status()
        restored = client.patch(f"/api/v1/sites/{site.id}", json={"archived": False}).raise_for_status().json()

    assert "archived" not in restored
    assert status(shared, site.key) == 200
    assert site.id in ids(shared)
    assert site.id not in ids(shared, archived=True)
    log = [line["what"] for line in shared.get("/audit", site=site.id, limit=2)["items"]]
    assert log == ["site.restore", "site.archive"]


def test_commands_archive_and_restore(shared: Running) -> None:
    site, event = shared.add_site(), make_event()
    shared.collect({"key": site.key, "events": [event]})
    shared.settled(site.id, 1)

    shared.command("site", "archive", site.id)
    wait_for(lambda: status(shared, site.key) == 401, APPEARS_WITHIN_S)
    assert shared.command("doctor", event["id"]).stdout.startswith(f"Stored in site {site.id}")
    listed = json.loads(shared.command("site", "list", "--archived", "--json").stdout)
    shared.command("site", "restore", site.id)

    wait_for(lambda: status(shared, site.key) == 200, APPEARS_WITHIN_S)
    assert site.id in {one["id"] for one in listed}


def test_old_key_works_while_its_overlap_lasts(shared: Running) -> None:
    site = shared.add_site()
    changed = rotate(shared, site, overlap_h=24)
    old = changed["old_keys"]

    assert changed["tracker_key"] != site.key
    assert [status(shared, key) for key in (site.key, changed["tracker_key"])] == [200, 200]
    assert [one["tracker_key"] for one in old] == [site.key]
    assert 0 <= now_ms() + 24 * HOUR_MS - old[0]["until"] < HOUR_MS
    told = httpx.get(f"{shared.url}/s/{site.key}.js").text  # pages with the old snippet
    assert changed["tracker_key"] in told


def test_overlap_ends(shared: Running) -> None:
    site = shared.add_site()

    rotate(shared, site, overlap_h=2 / 3600)

    assert status(shared, site.key) == 200
    wait_for(lambda: status(shared, site.key) == 401, APPEARS_WITHIN_S)
    assert "old_keys" not in shared.get(f"/sites/{site.id}")


def test_rotation_without_an_overlap_ends_every_old_key(shared: Running) -> None:
    site = shared.add_site()
    second = rotate(shared, site, overlap_h=24)["tracker_key"]
    third = rotate(shared, site)

    assert "old_keys" not in third
    assert [status(shared, key) for key in (site.key, second, third["tracker_key"])] == [401, 401, 200]


def test_old_keys_are_bounded(shared: Running) -> None:
    site = shared.add_site()
    for _ in range(10):
        rotate(shared, site, overlap_h=1)

    with shared.client() as client:
        refused = client.post(f"/api/v1/sites/{site.id}/rotate-key", params={"overlap_h": 1})

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    assert "old_keys" not in rotate(shared, site)


@pytest.mark.parametrize("overlap", ["-1", "2161", "soon", "nan"])
def test_overlap_that_is_none_is_refused(shared: Running, overlap: str) -> None:
    site = shared.add_site()

    with shared.client() as client:
        answer = client.post(f"/api/v1/sites/{site.id}/rotate-key", params={"overlap_h": overlap})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")
    assert shared.get(f"/sites/{site.id}")["tracker_key"] == site.key


def test_command_rotates_with_an_overlap(shared: Running) -> None:
    site = shared.add_site()

    changed = json.loads(shared.command("site", "rotate-key", site.id, "--overlap", "12", "--json").stdout)

    assert [one["tracker_key"] for one in changed["old_keys"]] == [site.key]
    wait_for(lambda: status(shared, changed["tracker_key"]) == 200, APPEARS_WITHIN_S)
    assert status(shared, site.key) == 200


def test_changes_made_at_once_do_not_undo_each_other(shared: Running) -> None:
    """The command line's change is not in the server's memory yet when the server writes its own."""
    site = shared.add_site()

    shared.command("rules", "set", site.id, "--deny", "a.b")
    with shared.client() as client:
        client.patch(f"/api/v1/sites/{site.id}", json={"name": "renamed"}).raise_for_status()

    shown = json.loads(shared.command("rules", "show", site.id, "--json").stdout)
    assert shown["deny"] == ["a.b"]


def add_key(running: Running, **wanted: Any) -> dict[str, Any]:
    with running.client() as client:
        return client.post("/api/v1/keys", json=wanted).raise_for_status().json()


@pytest.mark.parametrize(("ranges", "taken"), [(["127.0.0.0/8"], True), (["192.0.2.0/24", "2001:db8::1"], False)])
def test_key_opens_from_its_addresses_only(shared: Running, ranges: list[str], taken: bool) -> None:
    site = shared.add_site()
    writing = add_key(shared, scope="events:write", site=site.id, ip_ranges=ranges)["secret"]
    reading = add_key(shared, scope="read", site=site.id, ip_ranges=ranges)["secret"]

    with shared.client(writing) as client:
        sent = client.post("/api/v1/events", json=[make_event()])
    with shared.client(reading) as client:
        read = client.get(f"/api/v1/sites/{site.id}/events")

    for answer in (sent, read):
        assert answer.status_code == (200 if taken else 403)
        assert taken or answer.json()["error"]["code"] == "address_not_allowed"


def test_address_behind_a_trusted_proxy_counts(shared: Running) -> None:
    site = shared.add_site()
    secret = add_key(shared, scope="read", site=site.id, ip_ranges=["198.51.100.0/24"])["secret"]

    with shared.client(secret) as client:
        statuses = [
            client.get(f"/api/v1/sites/{site.id}", headers={"x-forwarded-for": address}).status_code
            for address in ("198.51.100.7", "203.0.113.9")
        ]

    assert statuses == [200, 403]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ip_ranges": ["10.0.0.1/8"]}, "ip_ranges[0]"),
        ({"ip_ranges": ["::1", "here"]}, "ip_ranges[1]"),
        ({"ip_ranges": ["::1"] * 101}, "ip_ranges"),
        ({"allow": ["nodot"]}, "allow[0]"),
    ],
)
def test_limits_of_a_key_that_are_none_are_refused(shared: Running, body: dict[str, Any], field: str) -> None:
    with shared.client() as client:
        answer = client.post("/api/v1/keys", json={"scope": "read", **body})

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


def test_last_use_of_a_key_is_seen_at_once(shared: Running) -> None:
    site = shared.add_site()
    key = add_key(shared, scope="read", site=site.id)

    def last_used() -> int | None:
        (found,) = [one for one in shared.get("/keys")["items"] if one["id"] == key["id"]]
        return found["last_used"]

    before = last_used()
    with shared.client(key["secret"]) as client:
        client.get(f"/api/v1/sites/{site.id}").raise_for_status()
    used = last_used()

    assert before is None
    assert used is not None
    assert 0 <= now_ms() - used < HOUR_MS


@pytest.mark.parametrize(
    ("address", "ranges", "inside"),
    [
        ("192.0.2.7", (), True),
        ("192.0.2.7", ("192.0.2.7",), True),
        ("192.0.2.8", ("192.0.2.7",), False),
        ("192.0.2.8", ("10.0.0.0/8", "192.0.2.0/24"), True),
        ("::ffff:192.0.2.8", ("192.0.2.0/24",), True),
        ("2001:db8::5", ("2001:db8::/32",), True),
        ("2001:db9::5", ("2001:db8::/32",), False),
        ("192.0.2.8", ("::/0",), False),
        ("", ("0.0.0.0/0",), False),
        ("unknown", ("0.0.0.0/0",), False),
    ],
)
def test_which_addresses_are_inside(address: str, ranges: tuple[str, ...], inside: bool) -> None:
    kept = check_ranges(ranges)
    try:
        check_address(address, kept)
        found = True
    except RequestRefused as refused:
        assert refused.code == "address_not_allowed"
        found = False

    assert found == inside


def test_last_use_outlives_the_server(start: Any) -> None:
    running: Running = start()
    site = running.add_site()
    running.get(f"/sites/{site.id}", site.read)
    running.stop()
    running.start()

    used = [one["last_used"] for one in running.get("/keys")["items"] if one["scope"] == "read"]

    assert used[0] is not None


def test_every_setting_is_described_as_a_form_needs_it(shared: Running) -> None:
    rows = {row["name"]: row for row in shared.get("/site-settings")["items"]}
    settings = shared.get(f"/sites/{shared.add_site().id}")["settings"]

    assert rows.keys() == settings.keys()
    assert {name: row["default"] for name, row in rows.items()} == settings
    assert all(len(row["help"]) > 10 for row in rows.values())
    assert rows["session_timeout_s"] | {"help": ""} == {
        "name": "session_timeout_s", "group": "sessions", "kind": "integer", "default": 1800, "help": "",
        "choices": [], "minimum": 1, "maximum": 86_400,
    }  # fmt: skip
    assert (rows["ip"]["kind"], rows["ip"]["choices"]) == ("choice", ["full", "none", "truncated"])
    assert {rows[name]["kind"] for name in ("sdk_spa", "declared_only")} == {"boolean"}


def test_settings_are_changed_from_the_command_line(shared: Running) -> None:
    site = shared.add_site()

    shared.command("site", "set", site.id, "ip=none", "sdk_spa=false", "session_timeout_s=60", "--name", "Other name")
    listed = shared.command("site", "set", site.id).stdout
    wrong = shared.command("site", "set", site.id, "session_timeout_s=soon", check=False)

    wait_for(lambda: shared.get(f"/sites/{site.id}")["name"] == "Other name", APPEARS_WITHIN_S)
    settings = shared.get(f"/sites/{site.id}")["settings"]
    assert (settings["ip"], settings["sdk_spa"], settings["session_timeout_s"]) == ("none", False, 60)
    assert "60 (default 1800)" in listed
    assert (wrong.returncode, wrong.stderr) == (1, "trackway: session_timeout_s must be a number from 1 to 86400.\n")
