"""`trackway definition …` and `trackway user role` as a person types them, beside a running server and without one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running import Running, SiteOf, make_event
from tests.test_commands import Done, answer, check_failed


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("govern") / "data")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def site(served: Running, tmp_path_factory: pytest.TempPathFactory) -> SiteOf:
    """A site that declares one action; another came under a slip of its name, with a stranger's text in a param."""
    found = served.add_site()
    plan = tmp_path_factory.mktemp("plan") / "plan.json"
    declared = {"product.view": {"name": "Product viewed", "schema": {"required": ["sku"]}, "retention_days": 90}}
    plan.write_text(json.dumps({"version": 1, "definitions": declared}))
    served.command("plan", "push", str(plan), "--site", found.id)
    sent = [
        make_event(action="product.view", params={"sku": "A-17", "price": 19.9}),
        make_event(action="product.view", params={"sku": "A-18"}),
        make_event(action="product.veiw", params={"sku": "\x1b[31mA-17"}),
    ]
    served.collect({"key": found.key, "events": sent})
    served.settled(found.id, len(sent))
    return found


def list_actions(served: Running, site: SiteOf, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer(
        served.command("definition", "list", *arguments, "--site", site.id, "--json", check=False)
    )["items"]
    return found


def test_catalogue_is_listed_as_the_api_has_it(served: Running, site: SiteOf) -> None:
    every = list_actions(served, site)
    asked = served.get(f"/sites/{site.id}/definitions", limit=200)

    assert asked["next"] is None
    assert every == asked["items"]
    assert {one["action"] for one in every if not one["built_in"]} == {"product.view", "product.veiw"}


def test_catalogue_is_narrowed(served: Running, site: SiteOf) -> None:
    assert [one["action"] for one in list_actions(served, site, "--discovered")] == ["product.veiw"]
    assert "product.view" in {one["action"] for one in list_actions(served, site, "--declared")}
    assert [one["action"] for one in list_actions(served, site, "Product viewed")] == ["product.view"]
    assert list_actions(served, site, "nothing like it") == []


def test_slip_of_a_name_is_told_in_its_line(served: Running, site: SiteOf) -> None:
    lines = served.command("definition", "list", "product", "--site", site.id).stdout.splitlines()

    slip, right = (line.split("\t") for line in lines)
    assert (slip[:3], slip[4]) == (["product.veiw", "discovered", "1 events"], "like product.view")
    assert (right[:3], len(right)) == (["product.view", "declared", "2 events"], 4)


def test_list_longer_than_a_page_is_whole(served: Running) -> None:
    site = served.add_site()
    actions = {f"many.n{n}" for n in range(450)}
    served.collect({"key": site.key, "events": [make_event(action=action) for action in actions]})
    served.settled(site.id, len(actions))

    listed = [one["action"] for one in list_actions(served, site, "--discovered")]

    assert (len(listed), set(listed)) == (450, actions)


def test_action_is_shown_with_its_params(served: Running, site: SiteOf) -> None:
    shown = answer(served.command("definition", "show", "product.view", "--site", site.id, "--json", check=False))
    words = served.command("definition", "show", "product.view", "--site", site.id).stdout
    strange = served.command("definition", "show", "product.veiw", "--site", site.id).stdout

    assert shown == served.get(f"/sites/{site.id}/definitions/product.view")
    lines = [line.split(maxsplit=1) for line in words.splitlines()]
    assert ["known", "as    declared"] in lines
    assert ["kept", "90 days"] in lines
    assert ["param", "price (number), in 50%, such as 19.9"] in lines
    assert "\x1b" not in strange, "a stranger's text cannot colour the terminal"


@pytest.mark.parametrize(
    ("action", "words"),
    [("order.place", ["no action", "order.place"]), ("a/b", ["definition list"]), (" ", ["definition list"])],
)
def test_action_that_is_not_there_is_told(served: Running, site: SiteOf, action: str, words: list[str]) -> None:
    check_failed(served.command("definition", "show", action, "--site", site.id, check=False), 1, *words)


def test_catalogue_of_a_folder_without_a_server(tmp_path: Path) -> None:
    running = Running(tmp_path / "data")
    running.start()
    site = running.add_site()
    running.collect({"key": site.key, "events": [make_event(action="order.place")]})
    running.settled(site.id, 1)
    running.stop()

    assert [one["volume"] for one in list_actions(running, site, "order.place")] == [1]


def change_role(served: Running, *arguments: str) -> Done:
    return served.command("user", "role", *arguments, check=False)


def roles_of(served: Running, name: str) -> tuple[str, dict[str, str]]:
    """Roles as the running server has them."""
    user = next(one for one in served.get("/users")["items"] if one["name"] == name)
    return user["role"], user["sites"]


def test_role_is_changed_on_every_site_or_on_some(served: Running, site: SiteOf) -> None:
    other = served.add_site()
    served.command("user", "add", "ann", "--role", "viewer", "--site", site.id)

    added = change_role(served, "ann", "editor", "--site", other.id)
    both = roles_of(served, "ann")
    taken = change_role(served, "ann", "none", "--site", site.id, "--site", other.id)
    raised = change_role(served, "ann", "admin")
    above = roles_of(served, "ann")
    change_role(served, "ann", "none")
    nothing = roles_of(served, "ann")
    lines = served.get("/audit", limit=4)["items"]

    assert both == ("member", {site.id: "viewer", other.id: "editor"})
    assert f"editor of {other.id}" in added.stdout
    assert (taken.stdout, raised.stdout) == ("ann\tnone\n", "ann\tadmin of all sites\n")
    assert (above, nothing) == (("admin", {}), ("member", {}))
    assert [line["what"] for line in lines] == ["user.change"] * 4
    assert lines[0]["before"]["role"] == "admin"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody", "viewer"], ["nobody", "user list"]),
        (["admin", "viewer"], ["last admin"]),
        (["admin", "viewer", "--site", "nowhere"], ["nowhere", "site list"]),
        (["admin", "none", "--site", "nowhere"], ["nowhere", "site list"]),
    ],
)
def test_role_that_cannot_be_changed_is_told(served: Running, arguments: list[str], words: list[str]) -> None:
    check_failed(change_role(served, *arguments), 1, *words)
    assert roles_of(served, "admin") == ("admin", {})


@pytest.mark.parametrize("arguments", [["admin"], ["admin", "owner"], ["admin", "member"]])
def test_wrong_usage_is_2(served: Running, arguments: list[str]) -> None:
    done = change_role(served, *arguments)

    assert (done.returncode, done.stdout) == (2, "")
