"""`trackway ledger` and `trackway audit` as a person types them, beside a running server and without one."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import Running, SiteOf, make_event
from tests.test_commands import answer, check_failed


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("ledger") / "data")
    running.start()
    yield running
    running.stop()


def send(running: Running) -> tuple[SiteOf, str]:
    """A site that received two events, one refused and one doubled, of a device that counted to 5."""
    site, device = running.add_site(), str(uuid.uuid4())
    first, last = make_event(uuid=device, seq=1), make_event(uuid=device, seq=5)
    running.collect({"key": site.key, "events": [first, last, first, make_event(action="oops")]})
    running.settled(site.id, 4)
    return site, device


def test_ledger_says_what_the_api_says(served: Running) -> None:
    site, device = send(served)

    told = answer(served.command("ledger", "--site", site.id, "--json"))
    words = served.command("ledger", "--site", site.id).stdout
    lines = words.splitlines()

    asked = served.get(f"/sites/{site.id}/ledger", step="hour", **{"from": told["from"], "to": told["to"]})
    assert told == asked
    assert told["balanced"]
    assert "received 4 = stored 2 + duplicates 1 + rejected 1 + in flight 0: balanced" in lines[0]
    assert lines[1].split() == ["1", "action_invalid"]
    assert lines[-1] == f"gap  {device}  sent 5, stored 2, missing 2 3 4"


def test_ledger_is_narrowed(served: Running) -> None:
    site, _ = send(served)

    def received(*options: str) -> int:
        return int(answer(served.command("ledger", "--site", site.id, "--json", *options))["received"])

    assert received("--key", site.key) == 4
    assert received("--key", "another") == 0
    assert received("--source", "web") == 4
    assert received("--source", "server") == 0
    assert received("--from", "2020-01-01", "--to", "2020-01-02T00:00:00Z", "--step", "day") == 0
    assert answer(served.command("ledger", "--site", site.id, "--no-gaps", "--json"))["gaps"] == []


def test_ledger_of_a_folder_without_a_server(tmp_path: Path) -> None:
    running = Running(tmp_path / "data")
    running.start()
    site, device = send(running)
    running.stop()

    told = answer(running.command("ledger", "--site", site.id, "--json"))
    log = answer(running.command("audit", "--site", site.id, "--json"))["items"]

    assert (told["received"], told["balanced"], told["gaps"][0]["uuid"]) == (4, True, device)
    assert [line["what"] for line in log] == ["key.add", "key.add", "site.add"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["ledger", "--site", "nowhere"], 1, ["nowhere", "site list"]),
        (["audit", "--site", "nowhere"], 1, ["nowhere", "site list"]),
    ],
)
def test_wrong_input_is_told_in_one_line(served: Running, arguments: list[str], code: int, words: list[str]) -> None:
    check_failed(served.command(*arguments, check=False), code, *words)


@pytest.mark.parametrize(
    "arguments",
    [
        ["ledger"],
        ["ledger", "--site", "default", "--step", "week"],
        ["ledger", "--site", "default", "--source", "post"],
        ["ledger", "--site", "default", "--from", "yesterday"],
        ["ledger", "--site", "default", "--from", "--5"],
        ["ledger", "--site", "default", "--from", "9999999999999999"],
        ["ledger", "--site", "default", "--to", "2026-01-01T00:00:00"],
        ["audit", "--limit", "0"],
        ["audit", "--limit", "1001"],
        ["audit", "--before", "0"],
    ],
)
def test_wrong_usage_is_2(served: Running, arguments: list[str]) -> None:
    done = served.command(*arguments, check=False)

    assert (done.returncode, done.stdout) == (2, "")


def test_audit_says_what_the_api_says(served: Running) -> None:
    site = served.add_site()
    served.command("site", "set", site.id, "--name", "\x1b[31mRed")

    told = answer(served.command("audit", "--site", site.id, "--json"))["items"]
    lines = served.command("audit", "--site", site.id).stdout.splitlines()
    first = answer(served.command("audit", "--site", site.id, "--limit", "1", "--json"))["items"]
    rest = answer(
        served.command("audit", "--site", site.id, "--before", str(first[0]["number"]), "--json"),
    )["items"]

    assert told == served.get("/audit", site=site.id)["items"]
    assert told[0]["what"] == "site.change"
    assert told[0]["who"] == {"kind": "command", "name": ""}
    assert first + rest == told
    assert len(lines) == len(told)
    assert "\x1b" not in lines[0], "a name cannot colour the terminal"
    assert len(answer(served.command("audit", "--json"))["items"]) > len(told), "of all sites unless one is named"
