"""`trackway customer …` as a person types it: beside a running server, and on the folder when none runs."""

import gzip
import json
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.running import Running, SiteOf, make_event
from tests.test_commands import answer, check_failed


class Served(NamedTuple):
    """A server, a site, and two customers of it that have nothing in common."""

    running: Running
    site: SiteOf
    ann: str
    bob: str

    def command(self, *arguments: str) -> Any:
        """A command about customers of the site."""
        return self.running.command("customer", *arguments, "--site", self.site.id, check=False)

    def customers(self) -> set[str]:
        """All there are, as the API says it now."""
        return {item["customer"] for item in self.running.get(f"/sites/{self.site.id}/customers")["items"]}


def sent(running: Running) -> Served:
    """Ann and Bob have come, and one event of Ann's was refused."""
    site, ann, bob = running.add_site(), str(uuid.uuid4()), str(uuid.uuid4())
    told = {"customId": "7", "email": "Ann@shop.example", "plan": "\x1b[31mgold"}
    events = [
        make_event(uuid=ann, action="client.identify", params=told),
        make_event(uuid=ann),
        make_event(uuid=bob, action="client.identify", params={"customId": "a/b"}),
        make_event(uuid=ann, action="oops"),
    ]
    running.collect({"key": site.key, "events": events})
    running.settled(site.id, len(events))
    return Served(running, site, ann, bob)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("customer") / "data")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def served(started: Running) -> Served:
    return sent(started)


@pytest.mark.parametrize("named", ["7", "ann@SHOP.example", "uuid"])
def test_customer_is_found_as_the_api_finds_them(served: Served, named: str) -> None:
    named = served.ann if named == "uuid" else named

    shown = answer(served.command("show", named, "--json"))
    words = served.command("show", named).stdout

    assert shown == served.running.get(f"/sites/{served.site.id}/customers/{named}")
    assert (shown["customer"], shown["events"]) == (served.ann, 2)
    assert "customId 7" in words
    assert "gold" in words
    assert "\x1b" not in words, "a stranger's text cannot colour the terminal"


def test_customers_are_listed_and_searched(served: Served) -> None:
    every = answer(served.command("list", "--json"))["items"]
    found = answer(served.command("list", "a/b", "--json"))["items"]
    one = answer(served.command("list", "--limit", "1", "--json"))["items"]

    assert {item["customer"] for item in every} == {served.ann, served.bob}
    assert [item["customer"] for item in found] == [served.bob]
    assert len(one) == 1
    assert len(served.command("list").stdout.splitlines()) == 2


def test_merge_by_hand_holds_at_once_and_is_undone(served: Served) -> None:
    """The command returns when the running server has it: no waiting for it."""
    made = answer(served.command("merge", served.bob, "7", "--json"))
    together = served.customers()
    listed = answer(served.command("merges", "7", "--json"))["items"]
    line = served.command("merges", served.bob).stdout
    undone = answer(served.command("undo-merge", str(made["id"]), "--json"))
    apart = served.customers()

    assert (made["customer"], made["into"], made["why"], made["who"]) == (served.bob, served.ann, "manual", "command")
    assert listed == [made]
    assert f"{served.bob} into {served.ann}" in line
    assert (together, apart) == ({served.ann}, {served.ann, served.bob})
    assert (undone["undone"] is not None, undone["undone_by"]) == (True, "command")
    log = served.running.get("/audit", site=served.site.id)["items"]
    assert [(one["what"], one["who"]["kind"]) for one in log[:2]] == [
        ("customer.undo-merge", "command"),
        ("customer.merge", "command"),
    ]


def test_export_has_what_the_api_gives(served: Served, tmp_path: Path) -> None:
    with served.running.client() as client:
        given = client.get(f"/api/v1/sites/{served.site.id}/customers/7/export").text.splitlines()[1:]
    out = tmp_path / "ann.ndjson.gz"

    said = served.command("export", "ann@shop.example", "-o", str(out))
    printed = served.command("export", "7", "-o", "-")
    written = gzip.decompress(out.read_bytes()).decode().splitlines()

    assert written[1:] == given, "all but the first line, which says when"
    assert printed.stdout.splitlines()[1:] == given
    assert Counter(json.loads(line)["kind"] for line in written) == {
        "customer": 1, "identifier": 2, "attribute": 2, "event": 2, "rejected": 1,
    }  # fmt: skip
    assert said.stdout == "customer 1, identifier 2, attribute 2, event 2, rejected 1\n"
    assert printed.stderr == said.stdout
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "nobody"], ["nobody"]),
        (["show", str(uuid.uuid4())], ["no events"]),
        (["show", "a/b"], ["slash", "customer list"]),
        (["show", " "], ["uuid"]),
        (["merges", "nobody"], ["nobody"]),
        (["merge", "nobody", "7"], ["nobody"]),
        (["merge", "7", "ann@shop.example"], ["one customer already"]),
        (["undo-merge", "999999"], ["999999"]),
        (["export", "nobody", "-o", "OUT/nobody.ndjson"], ["nobody"]),
        (["export", "7", "-o", "OUT/7.pdf"], ["7.pdf"]),
        (["export", "7", "-o", "OUT/missing/7.ndjson"], ["cannot be written"]),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    served: Served, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    check_failed(served.command(*(one.replace("OUT", str(tmp_path)) for one in arguments)), 1, *words)
    assert list(tmp_path.iterdir()) == []


def test_merge_is_undone_once(served: Served) -> None:
    made = answer(served.command("merge", "a/b", "7", "--json"))
    served.command("undo-merge", str(made["id"])).check_returncode()

    check_failed(served.command("undo-merge", str(made["id"])), 1, "undone before")


def test_site_that_is_not_there_is_told(started: Running) -> None:
    for arguments in (["list"], ["show", "7"], ["merge", "1", "2"], ["undo-merge", "1"]):
        done = started.command("customer", *arguments, "--site", "nowhere", check=False)
        check_failed(done, 1, "nowhere", "site list")


@pytest.mark.parametrize(
    "arguments",
    [["show"], ["list", "--limit", "0"], ["merge", "7"], ["undo-merge", "first"], ["export", "7"],
     ["export", "7", "-o", "seven.csv"]],
)  # fmt: skip
def test_wrong_usage_is_2(served: Served, arguments: list[str]) -> None:
    done = served.command(*arguments)

    assert (done.returncode, done.stdout) == (2, "")


def test_without_a_server_the_folder_answers_the_same(tmp_path: Path) -> None:
    running = Running(tmp_path / "data")
    running.start()
    served = sent(running)
    before = answer(served.command("show", "7", "--json"))
    running.stop()

    shown = answer(served.command("show", "7", "--json"))
    made = answer(served.command("merge", served.bob, "7", "--json"))
    listed = answer(served.command("list", "--json"))["items"]
    exported = served.command("export", "7", "-o", "-")
    check_failed(served.command("show", "nobody"), 1, "nobody")
    running.start()
    after = served.customers()
    running.stop()

    assert shown == before
    assert (made["who"], [item["customer"] for item in listed], after) == ("command", [served.ann], {served.ann})
    assert exported.stderr == "customer 1, identifier 3, merge 1, attribute 2, event 3, rejected 1\n"
    assert len(exported.stdout.splitlines()) == 11


def test_looking_into_a_new_folder_leaves_its_first_start_to_the_server(tmp_path: Path) -> None:
    """Else the admin would be made by a command that does not show the password."""
    running = Running(tmp_path / "data", admin_password="")
    running.command("site", "add", "Shop")

    listed = answer(running.command("customer", "list", "--site", "shop", "--json"))
    users = running.command("user", "list").stdout
    running.start()
    running.stop()

    assert (listed, users) == ({"items": []}, "")
    assert "password" in running.log.read_text()
