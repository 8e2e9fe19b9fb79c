"""Sites that store nothing in browsers: one uuid a day for one address and browser, and no way back from it."""

import json
import stat
from pathlib import Path
from uuid import UUID

import pytest

from tests.running import Running
from trackway.collect.cookieless import DAY_MS, SALT_NAME, Visitors, daily_uuid

NOON = 20_000 * DAY_MS + DAY_MS // 2
SECRET = b"x" * 32


def send(running: Running, key: str, agent: str = "one", **event: object) -> dict[str, object]:
    sent: dict[str, object] = {"action": "cart.add", "params": dict[str, object]()}
    body = {"key": key, "events": [sent | event]}
    return running.collect(body, headers={"user-agent": agent}).raise_for_status().json()


def test_one_uuid_for_one_address_browser_and_site() -> None:
    base = ("shop", "192.0.2.7", "Firefox")

    assert daily_uuid(SECRET, *base) == daily_uuid(SECRET, *base)
    others = {
        daily_uuid(SECRET, "shop2", "192.0.2.7", "Firefox"),
        daily_uuid(SECRET, "shop", "192.0.2.8", "Firefox"),
        daily_uuid(SECRET, "shop", "192.0.2.7", "Chrome"),
        daily_uuid(SECRET, "shop192.0.2.7", "", "Firefox"),
        daily_uuid(b"y" * 32, *base),
        daily_uuid(SECRET, *base),
    }
    assert len(others) == 6
    assert {UUID(uuid).version for uuid in others} == {8}


def test_the_day_ends_and_its_salt_with_it(tmp_path: Path) -> None:
    visitors = Visitors(tmp_path)
    today = visitors.uuid("shop", "192.0.2.7", "Firefox", NOON)
    salt = (tmp_path / SALT_NAME).read_text()

    assert visitors.uuid("shop", "192.0.2.7", "Firefox", NOON + DAY_MS // 3) == today
    assert visitors.uuid("shop", "192.0.2.7", "Firefox", NOON + DAY_MS) != today
    assert json.loads((tmp_path / SALT_NAME).read_text())["secret"] not in salt
    assert [path.name for path in tmp_path.iterdir()] == [SALT_NAME]


def test_a_restart_within_the_day_makes_nobody_new(tmp_path: Path) -> None:
    first = Visitors(tmp_path).uuid("shop", "192.0.2.7", "Firefox", NOON)

    assert Visitors(tmp_path).uuid("shop", "192.0.2.7", "Firefox", NOON) == first
    assert stat.S_IMODE((tmp_path / SALT_NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize("kept", [b"", b"{", b'{"day": "x"}', b"\xff"])
def test_a_broken_salt_is_made_anew(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / SALT_NAME).write_bytes(kept)

    assert UUID(Visitors(tmp_path).uuid("shop", "192.0.2.7", "Firefox", NOON)).version == 8


def test_a_folder_that_cannot_be_written_still_counts(tmp_path: Path) -> None:
    visitors = Visitors(tmp_path / "gone")

    assert visitors.uuid("shop", "::1", "", NOON) == visitors.uuid("shop", "::1", "", NOON)


def test_events_without_a_uuid_are_stored_under_the_days(shared: Running) -> None:
    site = shared.add_site(cookieless=True)
    own = "0190aaaa-0000-7000-8000-00000000abcd"

    for agent in ("one", "one", "two"):
        assert send(shared, site.key, agent)["accepted"] == 1
    assert send(shared, site.key, uuid=own)["accepted"] == 1

    shared.settled(site.id, 4)
    uuids = [event["uuid"] for event in shared.events(site.id)]
    assert len(set(uuids)) == 3
    assert own in uuids
    assert {UUID(uuid).version for uuid in uuids if uuid != own} == {8}


def test_elsewhere_an_event_without_a_uuid_is_refused(shared: Running) -> None:
    site = shared.add_site()

    rejected = send(shared, site.key)["rejected"]

    assert isinstance(rejected, list)
    assert rejected[0]["code"] == "uuid_missing"


def test_a_stopped_site_says_so_in_its_answers_and_keeps_what_comes(shared: Running) -> None:
    site = shared.add_site(sdk_stop=True)

    answer = send(shared, site.key, uuid="0190aaaa-0000-7000-8000-00000000abcd")

    assert (answer["accepted"], answer["stopped"]) == (1, True)
    assert "stopped" not in send(shared, shared.add_site().key)
