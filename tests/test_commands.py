"""The command line from outside: what it prints where, its exit codes, and that a running server follows it."""

import asyncio
import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

import trackway
from tests.running import Running, clean_environment, make_event, wait_for
from trackway.__main__ import main
from trackway.config import SETTINGS
from trackway.event import Event
from trackway.record import Record, encode_record
from trackway.spool import SqliteSpool

SEEN_WITHIN_S = 2
"""The contract: a running server has a change within two seconds."""

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


def trackway_command(*arguments: str, cwd: Path | None = None, environment: Mapping[str, str] | None = None) -> Done:
    """One command, as a person types it."""
    return subprocess.run(
        [sys.executable, "-m", "trackway", *arguments],
        env=clean_environment() | dict(environment or {}),
        input="", capture_output=True, text=True, timeout=60, check=False, cwd=cwd,
    )  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command on a folder of the test's own."""

    def command(*arguments: str, **environment: str) -> Done:
        return trackway_command(*arguments, "--data", str(tmp_path / "data"), environment=environment)

    return command


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the site `shop`, never served."""
    folder = tmp_path_factory.mktemp("shop") / "data"
    trackway_command("site", "add", "Shop", "--data", str(folder)).check_returncode()
    return folder


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server whose folder the commands of this file work on."""
    running = Running(tmp_path_factory.mktemp("commands") / "data")
    running.start()
    yield running
    running.stop()


def answer(done: Done) -> Any:
    """The JSON on stdout, which must be all there is."""
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return json.loads(done.stdout)


def check_failed(done: Done, code: int, *words: str) -> None:
    """One clear line on stderr, nothing on stdout."""
    assert (done.returncode, done.stdout) == (code, ""), done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("trackway: ")
    assert all(word in done.stderr for word in words), done.stderr


def test_version() -> None:
    done = trackway_command("version")

    assert (done.returncode, done.stdout) == (0, f"{trackway.__version__}\n")


def test_help_names_every_command() -> None:
    shown = trackway_command("--help").stdout

    for command in ("serve", "demo", "site", "rules", "key", "user", "doctor", "bench", "config", "version", "--data"):
        assert command in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["site", "nonsense"],
        ["site", "add"],
        ["site", "show"],
        ["key", "add"],
        ["key", "add", "--scope"],
        ["key", "add", "--scope", "read", "--expires-days", "0"],
        ["rules", "set"],
        ["rules", "preview", "shop", "--last", "0"],
        ["site", "rotate-key", "shop", "--overlap", "-1"],
        ["user", "add", "ann"],
        ["user", "invite"],
        ["user", "add", "ann", "--role", "owner"],
        ["key", "add", "--scope", "everything"],
        ["rules", "set", "shop", "--mode", "maybe"],
        ["user", "invite", "--role", "viewer", "--days", "91"],
        ["serve", "--port", "0"],
        ["serve", "--port", "many"],
        ["config", "--nonsense"],
        ["version", "--data"],
        ["version", "--data", "--json"],
        pytest.param(
            ["version", "--data="],
        ),
    ],
)
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """In this process, to be quick: nothing is opened before the line has been understood."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    shown = capsys.readouterr()

    assert (ended.value.code, shown.out) == (2, "")
    assert shown.err


def test_data_may_stand_anywhere(tmp_path: Path) -> None:
    folder = tmp_path / "somewhere"
    made = answer(trackway_command("site", "--data", str(folder), "add", "Shop", "--json"))

    for arguments in (
        ["--data", str(folder), "site", "show", "shop", "--json"],
        ["site", "show", f"--data={folder}", "shop", "--json"],
        ["site", "show", "shop", "--json", "--data", str(folder)],
    ):
        assert answer(trackway_command(*arguments, cwd=tmp_path)) == made
    assert [entry.name for entry in tmp_path.iterdir()] == ["somewhere"]


def test_data_is_trackway_data_unless_told(tmp_path: Path) -> None:
    answer(trackway_command("site", "add", "Shop", "--json", cwd=tmp_path))

    assert [entry.name for entry in tmp_path.iterdir()] == ["trackway-data"]


def test_site_is_added_listed_and_shown(run: Run) -> None:
    made = answer(
        run(
            "site", "add", "Zażółć Shop!", "--origin", "https://a.example/", "--origin", "http://b.example:80", "--json"
        )
    )
    listed, shown = answer(run("site", "list", "--json")), answer(run("site", "show", made["id"], "--json"))
    text = run("site", "show", made["id"]).stdout

    assert set(made) == {"id", "name", "tracker_key", "origins", "snippet", "settings"}
    assert (made["id"], made["name"]) == ("zazoc-shop", "Zażółć Shop!")
    assert made["origins"] == ["https://a.example", "http://b.example"]
    assert listed == [made]
    assert shown == made
    assert f"/s/{made['tracker_key']}.js" in made["snippet"]
    assert all(part in text for part in (made["id"], made["tracker_key"], made["snippet"], "https://a.example"))
    assert made["tracker_key"] in run("site", "list").stdout


def test_site_rotates_its_key(run: Run) -> None:
    old = answer(run("site", "add", "Shop", "--json"))

    new = answer(run("site", "rotate-key", "shop", "--json"))

    assert new["tracker_key"] != old["tracker_key"]
    assert new["tracker_key"] in new["snippet"]
    assert answer(run("site", "show", "shop", "--json")) == new


def test_key_is_added_listed_and_revoked(run: Run) -> None:
    run("site", "add", "Shop")
    made = answer(run("key", "add", "--site", "shop", "--scope", "events:write", "--expires-days", "1", "--json"))
    everywhere = answer(run("key", "add", "--scope", "admin", "--name", "ops", "--json"))

    listed = {key["id"]: key for key in answer(run("key", "list", "--json"))}
    run("key", "revoke", made["id"]).check_returncode()

    assert set(made) == {"id", "secret", "site", "scope", "expires"}
    assert made["secret"].startswith("tw_")
    assert (made["site"], made["scope"], everywhere["site"], everywhere["expires"]) == (
        "shop",
        "events:write",
        None,
        None,
    )
    assert set(listed) == {made["id"], everywhere["id"]}
    assert "secret" not in listed[made["id"]]
    assert [key["id"] for key in answer(run("key", "list", "--json"))] == [everywhere["id"]]
    assert made["secret"] not in run("key", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["site", "add", " "], ["name"]),
        (["site", "add", "Shop"], ["shop", "already"]),
        (["site", "add", "Other", "--origin", "shop.example"], ["shop.example", "https://"]),
        (["site", "show", "nowhere"], ["nowhere", "site list"]),
        (["site", "rotate-key", "nowhere"], ["nowhere"]),
        (["key", "add", "--scope", "read", "--site", "nowhere"], ["nowhere"]),
        (["key", "revoke", "nokey"], ["nokey", "key list"]),
        (["user", "add", "a/b", "--role", "viewer"], ["name"]),
        (["user", "add", "ann", "--role", "viewer", "--site", "nowhere"], ["nowhere"]),
        (["user", "add", "ann", "--role", "viewer", "--password-stdin"], ["stdin"]),
        (["user", "invite", "--role", "member"], ["role"]),
        (["user", "disable", "nobody"], ["nobody", "user list"]),
        (["user", "reset", "nobody"], ["nobody"]),
    ],
)
def test_failure_is_1_with_one_line_that_says_what_to_do(shop: Path, arguments: list[str], words: list[str]) -> None:
    check_failed(trackway_command(*arguments, "--data", str(shop)), 1, *words)


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    for command in (["site", "list"], ["serve", "--port", "1"]):
        check_failed(trackway_command(*command, "--data", str(tmp_path / "file" / "data")), 1, "file/data", "--data")


def test_config_tells_each_setting_and_where_it_came_from(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "trackway.toml").write_text(
        'port = 9000\nlog_level = "debug"\nadmin_password = "secret word"\n'
    )

    shown = {
        row["name"]: row for row in answer(run("config", "--json", TRACKWAY_PORT="9001", TRACKWAY_LOAD_BATCH_MB="3"))
    }
    table = run("config").stdout

    assert set(shown) == {setting.name for setting in SETTINGS}
    assert all(set(row) == {"name", "value", "from", "default", "help"} and row["help"] for row in shown.values())
    assert (shown["port"]["value"], shown["port"]["from"]) == (9001, "TRACKWAY_PORT")
    assert (shown["load_batch_mb"]["value"], shown["load_batch_mb"]["from"]) == (3, "TRACKWAY_LOAD_BATCH_MB")
    assert (shown["log_level"]["value"], shown["log_level"]["from"]) == ("debug", "trackway.toml")
    assert (shown["host"]["value"], shown["host"]["from"]) == ("127.0.0.1", "default")
    assert "secret word" not in json.dumps(shown) + table


def test_config_table_can_be_searched_by_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "trackway.toml").write_text("port = 9000")
    table = run("config", COLUMNS="80").stdout

    assert [setting.name for setting in SETTINGS if f" {setting.name} " not in table] == []


@pytest.mark.parametrize(
    ("toml", "environment", "words"),
    [
        ("prot = 9000", {}, ["prot", "trackway.toml"]),
        ("port = ", {}, ["trackway.toml"]),
        ('port = "many"', {}, ["port", "many", "trackway.toml"]),
        ("", {"TRACKWAY_PORT": "many"}, ["port", "many", "TRACKWAY_PORT"]),
    ],
)
def test_wrong_setting_is_named_with_its_place(
    run: Run, tmp_path: Path, toml: str, environment: dict[str, str], words: list[str]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "trackway.toml").write_text(toml)

    check_failed(run("config", **environment), 1, *words)
    check_failed(run("serve", **environment), 1, *words)


def test_running_server_follows_every_change(served: Running) -> None:
    def status(key: str) -> int:
        return served.collect({"key": key, "events": []}).status_code

    def status_of_secret(secret: str) -> int:
        with served.client(secret) as client:
            return client.post("/api/v1/events", json=[]).status_code

    site = answer(served.command("site", "add", "Followed", "--json"))
    wait_for(lambda: status(site["tracker_key"]) == 200, SEEN_WITHIN_S)
    rotated = answer(served.command("site", "rotate-key", site["id"], "--json"))
    wait_for(lambda: (status(site["tracker_key"]), status(rotated["tracker_key"])) == (401, 200), SEEN_WITHIN_S)
    key = answer(served.command("key", "add", "--site", site["id"], "--scope", "events:write", "--json"))
    wait_for(lambda: status_of_secret(key["secret"]) == 200, SEEN_WITHIN_S)
    served.command("key", "revoke", key["id"])
    wait_for(lambda: status_of_secret(key["secret"]) == 401, SEEN_WITHIN_S)

    assert f"{served.url}/s/" in site["snippet"]
    assert httpx.get(f"{served.url}/s/{rotated['tracker_key']}.js").status_code == 200


def test_second_server_on_one_folder_says_who_is_there(served: Running) -> None:
    done = served.command("serve", "--port", "1", check=False)

    check_failed(done, 1, str(served.data), f"process {served.pid}", served.url)


def test_port_that_is_taken_is_named(served: Running, run: Run) -> None:
    check_failed(run("serve", "--port", str(served.port)), 1, str(served.port), "--port")


def test_doctor_says_that_all_is_well(served: Running) -> None:
    done = served.command("doctor")

    assert done.stdout.splitlines()[-1] == "All is well."
    assert all(word in done.stdout for word in ("spool", "store", "loader", "default", "balanced"))


def test_doctor_finds_what_became_of_an_event(served: Running) -> None:
    site, stored, refused = served.add_site(), make_event(action="page.visit"), make_event(action="nodot")
    stored["params"] = {"url": "https://a.example/", "title": "Hello"}
    served.collect({"key": site.key, "events": [stored, refused]})
    served.settled(site.id, 2)

    found = served.command("doctor", stored["id"].upper()).stdout
    aside = served.command("doctor", refused["id"]).stdout

    assert all(word in found for word in ("Stored", site.id, "page.visit", "Visited page Hello"))
    assert all(word in aside for word in ("Refused", site.id, "action_invalid", "quarantine"))


@pytest.mark.parametrize("event_id", ["0192f0c4-dead-7cc3-a1b2-000000000001", "42"])
def test_doctor_says_what_to_look_at_for_an_event_that_never_came(served: Running, event_id: str) -> None:
    check_failed(served.command("doctor", event_id, check=False), 1, event_id)


def test_doctor_without_a_folder(run: Run, tmp_path: Path) -> None:
    check_failed(run("doctor"), 1, str(tmp_path / "data"), "--data")
    assert not (tmp_path / "data").exists()


def test_doctor_looks_into_the_folder_of_a_stopped_server(tmp_path: Path) -> None:
    running = Running(tmp_path / "data")
    running.start()
    site, stored, refused = running.add_site(), make_event(), make_event(action="nodot")
    running.collect({"key": site.key, "events": [stored, refused]})
    running.settled(site.id, 2)
    running.stop()
    waiting = spool_event(running.data, site.id)

    well = running.command("doctor").stdout

    assert "No server runs" in well
    assert "Stored" in running.command("doctor", stored["id"]).stdout
    assert "action_invalid" in running.command("doctor", refused["id"]).stdout
    assert "safe on disk" in running.command("doctor", waiting).stdout
    check_failed(running.command("doctor", str(uuid.uuid4()), check=False), 1, "never come")


def spool_event(data: Path, site: str) -> str:
    """The id of an event put into a stopped server's spool, as a crash leaves it there."""
    event = Event(str(uuid.uuid4()), "a.b", str(uuid.uuid4()), msgspec.Raw(b"{}"))
    record = Record(site=site, received=1_795_000_000_000, source="web", key="k", n=1, events=[event])
    spool = SqliteSpool(data / "spool.sqlite", 2**30)
    asyncio.run(spool.append(encode_record(record)))
    spool.close()
    return event.id


def test_doctor_in_a_folder_that_never_had_a_server(shop: Path) -> None:
    check_failed(trackway_command("doctor", str(uuid.uuid4()), "--data", str(shop)), 1, "never")


def test_first_start_prints_the_way_in(tmp_path: Path) -> None:
    running = Running(tmp_path / "data", admin_password="")
    running.start()
    running.stop()
    first = running.log.read_text()
    running.start()
    running.stop()
    second = running.log.read_text().removeprefix(first)

    password = first.split("password ")[1].split()[0]
    assert len(password) >= 12
    assert "default" in first
    assert "<script>" in first
    assert running.url in first
    assert password not in second


def test_server_that_was_told_to_stop_ends_with_0(tmp_path: Path) -> None:
    running = Running(tmp_path / "data")
    running.start()

    running.stop()

    assert running.wait(5) == 0
    assert not (running.data / "server.json").exists()
