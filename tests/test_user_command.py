"""`trackway user …` on a folder that a server runs on: what it changes holds there."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.running import Running


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("user") / "data")
    running.start()
    yield running
    running.stop()


def shown(done: subprocess.CompletedProcess[str]) -> Any:
    """The JSON on stdout, which must be all there is."""
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_user_is_added_listed_disabled_and_reset(served: Running) -> None:
    def status(password: str) -> int:
        body = {"name": "ann@shop.example", "password": password}
        return httpx.post(f"{served.url}/api/v1/login", json=body, timeout=30).status_code

    made = shown(served.command("user", "add", "ann@shop.example", "--role", "editor", "--site", "default", "--json"))
    listed = {user["name"]: user for user in shown(served.command("user", "list", "--json"))}
    added = status(made["password"])
    served.command("user", "disable", "ann@shop.example")
    disabled = status(made["password"])
    served.command("user", "enable", "ann@shop.example")
    link = shown(served.command("user", "reset", "ann@shop.example", "--totp", "--json"))["link"]
    body = {"token": link.partition("#")[2], "password": "another long one"}
    httpx.post(f"{served.url}/api/v1/invitations/accept", json=body, timeout=30).raise_for_status()
    invited = shown(served.command("user", "invite", "--role", "viewer", "--name", "bo", "--days", "2", "--json"))

    assert (made["role"], made["sites"]) == ("member", {"default": "editor"})
    assert (listed["admin"]["role"], listed["ann@shop.example"]["sites"]) == ("admin", {"default": "editor"})
    assert (added, disabled, status(made["password"]), status("another long one")) == (200, 401, 401, 200)
    assert link.startswith(f"{served.url}/invitation#")
    assert (invited["kind"], invited["name"], invited["role"]) == ("invitation", "bo", "viewer")
    served.command("user", "disable", "ann@shop.example", "--remove")
    assert "ann@shop.example" not in served.command("user", "list").stdout


def test_last_admin_cannot_be_disabled(served: Running) -> None:
    done = served.command("user", "disable", "admin", check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert "last admin" in done.stderr
