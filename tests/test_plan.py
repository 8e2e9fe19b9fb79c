"""Tracking plans by command line: pulled, pushed, and checked without a server."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.running import Running, clean_environment, make_event

PLAN = """\
rules:
  mode: enforce
  allow: []
  deny: [debug.*]
version: 1
declared_only: true
definitions:
  order.placed:
    name: Order placed
    label: Order of {{total}}
    schema:
      required: [total]
      properties:
        total: {type: number}
  account.changed:
    needs: token
  order.paid:
    needs: server
"""


def check(folder: Path, *arguments: str, plan: str = PLAN, events: Any = None) -> subprocess.CompletedProcess[str]:
    """`trackway plan check` in a folder with a plan and, maybe, events; no server and no data folder anywhere near."""
    (folder / "plan.yaml").write_text(plan)
    listed: list[Any] = events or []
    lines = "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in listed)
    (folder / "events.ndjson").write_text(lines)
    named = ["events.ndjson"] if events is not None else []
    return subprocess.run(
        [sys.executable, "-m", "trackway", "plan", "check", "plan.yaml", *named, *arguments],
        cwd=folder, env=clean_environment(), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_check_of_good_events(tmp_path: Path) -> None:
    events = [make_event(action="order.placed", params={"total": 5}), "", make_event(action="client.login")]

    ended = check(tmp_path, events=events)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "2 events, 0 would be refused\n", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events.ndjson", "plan.yaml"]


def test_check_says_why_events_would_be_refused(tmp_path: Path) -> None:
    events = [
        make_event(action="order.placed"),
        make_event(action="order.placed", params={"total": "5"}),
        make_event(action="never.declared"),
        make_event(action="account.changed"),
        make_event(action="order.paid"),
        make_event(action="nodot"),
        "not json",
        make_event(action="session.start"),
    ]

    ended = check(tmp_path, "--json", events=events)
    shown = check(tmp_path, events=events)
    found = [(one["line"], one["code"], one.get("field")) for one in json.loads(ended.stdout)]

    assert (ended.returncode, shown.returncode) == (1, 1)
    assert found == [
        (1, "param_missing", "params.total"),
        (2, "param_type", "params.total"),
        (3, "undeclared", "action"),
        (4, "token_required", "action"),
        (5, "server_only", "action"),
        (6, "action_invalid", "action"),
        (7, "event_invalid", None),
    ]
    assert shown.stdout.splitlines()[0] == "line 1: param_missing: order.placed needs params.total."
    assert shown.stdout.splitlines()[-1] == "8 events, 7 would be refused"


@pytest.mark.parametrize(("sent_as", "refused"), [("anonymous", 2), ("token", 1), ("server", 0)])
def test_check_knows_how_events_are_sent(tmp_path: Path, sent_as: str, refused: int) -> None:
    events = [make_event(action="account.changed"), make_event(action="order.paid")]

    ended = check(tmp_path, "--as", sent_as, events=events)

    assert ended.stdout.splitlines()[-1] == f"2 events, {refused} would be refused"


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ("version: 2", "version"),
        ("definitions: [", "cannot be read"),
        ("definitons: {}", "definitons"),
        ("definitions: {nodot: {}}", "definitions.nodot"),
        ("definitions: {a.b: {shema: {}}}", "shema"),
        ("definitions: {a.b: {schema: {$ref: 'https://x.example/'}}}", "$ref"),
        ("definitions: {a.b: {needs: nothing}}", "needs"),
        ("rules: {deny: [nothing]}", "nothing.*"),
        ("rules: {mode: maybe}", "enforce"),
        ("- 1", "object"),
    ],
)
def test_plan_that_is_wrong_is_refused_with_one_line(tmp_path: Path, plan: str, said: str) -> None:
    ended = check(tmp_path, plan=plan)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_push_and_pull_go_round(shared: Running, tmp_path: Path) -> None:
    site, file = shared.add_site(), tmp_path / "plan.yaml"
    file.write_text(PLAN)
    pushed = shared.command("plan", "push", str(file), "--site", site.id)
    again = shared.command("plan", "push", str(file), "--site", site.id)
    for name in ("pulled.yaml", "pulled.json"):
        shared.command("plan", "pull", str(tmp_path / name), "--site", site.id)

    assert pushed.stdout.splitlines()[:3] == [
        "rules: enforce, 0 allowed, 1 denied",
        "declared_only: true",
        "declared order.placed",
    ]
    assert again.stdout.splitlines() == ["3 definitions were as the plan says already"]
    wanted = yaml.safe_load(PLAN)
    assert yaml.safe_load((tmp_path / "pulled.yaml").read_text()) == wanted
    assert json.loads((tmp_path / "pulled.json").read_text()) == wanted


def test_push_leaves_what_the_plan_does_not_name_unless_pruned(shared: Running, tmp_path: Path) -> None:
    site, file = shared.add_site(), tmp_path / "plan.yaml"
    for plan in ("definitions: {a.b: {}, c.d: {}}", "definitions: {a.b: {name: B}}"):
        file.write_text(plan)
        shared.command("plan", "push", str(file), "--site", site.id)
    path = f"/sites/{site.id}/definitions"
    kept = shared.get(f"{path}/c.d")["declared"]

    pruned = shared.command("plan", "push", str(file), "--site", site.id, "--prune")

    assert kept is True
    assert "undeclared c.d" in pruned.stdout


def elsewhere(folder: Path, *arguments: str, key: str = "") -> subprocess.CompletedProcess[str]:
    """`trackway plan …` far from any data folder."""
    asked = ("--key", "-") if key else ()
    return subprocess.run(
        [sys.executable, "-m", "trackway", "plan", *arguments, *asked],
        cwd=folder, env=clean_environment(), input=key, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_plan_is_pushed_to_and_pulled_from_a_server_elsewhere(shared: Running, tmp_path: Path) -> None:
    site = shared.add_site()
    with shared.client() as owner:
        admin = owner.post("/api/v1/keys", json={"scope": "admin", "site": site.id}).json()["secret"]
        owner.put(f"/api/v1/sites/{site.id}/definitions/old.one", json={"name": "Old"}).raise_for_status()
    (tmp_path / "plan.yaml").write_text(PLAN + "  page.visit:\n    icon: rocket\n")
    there = ("--url", shared.url, "--site", site.id)

    pushed = elsewhere(tmp_path, "push", "plan.yaml", *there, "--prune", key=admin)
    again = elsewhere(tmp_path, "push", "plan.yaml", *there, "--key", admin)
    pulled = elsewhere(tmp_path, "pull", "pulled.yaml", *there, key=site.read)
    refused = elsewhere(tmp_path, "push", "plan.yaml", *there, "--prune", key=site.write)
    no_key = elsewhere(tmp_path, "pull", "x.yaml", *there)
    nobody = elsewhere(tmp_path, "pull", "x.yaml", "--url", "http://127.0.0.1:1", "--site", site.id, key=admin)

    assert "undeclared old.one" in pushed.stdout, pushed.stderr
    assert again.stdout == "4 definitions were as the plan says already\n"
    assert yaml.safe_load((tmp_path / "pulled.yaml").read_text()) == yaml.safe_load(
        (tmp_path / "plan.yaml").read_text()
    )
    assert (pulled.returncode, refused.returncode, no_key.returncode, nobody.returncode) == (0, 1, 2, 1)
    assert "may not do that" in refused.stderr
    assert "does not answer" in nobody.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.yaml", "pulled.yaml"]
