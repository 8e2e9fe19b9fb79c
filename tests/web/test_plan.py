"""The tracking plan over HTTP: out and in as one file, whole or not at all, by those who may."""

import contextlib
import json
from typing import Any

import httpx
import pytest
import yaml

from tests.people import add_user, browser_of
from tests.running import Running, SiteOf, make_event

PLAN = """
version: 1
declared_only: true
rules: {mode: enforce, allow: [], deny: [debug.*]}
definitions:
  order.placed:
    name: Order placed
    schema: {required: [total]}
"""


def push(running: Running, site: SiteOf, text: str, **more: Any) -> httpx.Response:
    with running.client() as client:
        return client.put(f"/api/v1/sites/{site.id}/plan", json={"text": text, **more})


def pull(running: Running, site: SiteOf, form: str = "yaml") -> str:
    return str(running.get(f"/sites/{site.id}/plan", **{"as": form})["text"])


def test_a_plan_goes_in_holds_at_once_and_comes_out_the_same(shared: Running) -> None:
    site = shared.add_site()

    pushed = push(shared, site, PLAN).json()
    again = push(shared, site, PLAN).json()
    events = [make_event(action=action) for action in ("order.placed", "debug.on", "other.one")]
    answered = shared.collect({"key": site.key, "events": events}).json()
    taken = pull(shared, site)

    assert (pushed["declared"], pushed["rules"]["deny"], pushed["declared_only"]) == (
        ["order.placed"],
        ["debug.*"],
        True,
    )
    assert (again["unchanged"], again["declared"], again["rules"], again["declared_only"]) == (1, [], None, None)
    assert [one["code"] for one in answered["rejected"]] == ["param_missing", "undeclared", "undeclared"]
    assert yaml.safe_load(taken) == yaml.safe_load(PLAN) == json.loads(pull(shared, site, "json"))


def test_a_dry_run_says_what_would_change_and_changes_nothing(shared: Running) -> None:
    site = shared.add_site()
    push(shared, site, "definitions: {a.b: {}, c.d: {}}")
    before = pull(shared, site)

    told = push(shared, site, "definitions: {a.b: {name: B}, e.f: {}}", prune=True, dry_run=True).json()

    assert (told["declared"], told["changed"], told["undeclared"]) == (["e.f"], ["a.b"], ["c.d"])
    assert pull(shared, site) == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("definitions: {a.b: {}, nodot: {}}", "definitions.nodot"),
        ("rules: {deny: [a.*]}\ndefinitions: {a.b: {needs: nothing}}", "definitions.a.b"),
        ("definitions: {a.b: &one {}, c.d: *one}", "aliases"),
        ("{", "cannot be read"),
    ],
)
def test_a_plan_that_is_wrong_changes_nothing(shared: Running, text: str, said: str) -> None:
    site = shared.add_site()
    before = pull(shared, site)

    answer = push(shared, site, text)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")
    assert said in answer.json()["error"]["message"]
    assert pull(shared, site) == before


def test_too_many_definitions_leave_the_rules_as_they_were(shared: Running) -> None:
    site = shared.add_site()
    many: dict[str, Any] = {f"many.n{at}": {} for at in range(1001)}

    answer = push(shared, site, yaml.safe_dump({"rules": {"deny": ["a.*"]}, "definitions": many}))

    assert answer.status_code == 409
    assert yaml.safe_load(pull(shared, site))["rules"]["deny"] == []


def test_an_editor_pushes_all_but_a_setting(shared: Running) -> None:
    site = shared.add_site()
    with contextlib.closing(browser_of(shared, add_user(shared, sites={site.id: "editor"}))) as editor:
        refused = editor.put(f"/sites/{site.id}/plan", json={"text": PLAN})
        taken = editor.put(f"/sites/{site.id}/plan", json={"text": PLAN.replace("declared_only: true", "")})

    assert (refused.status_code, taken.status_code) == (403, 200)
    lines = shared.get("/audit", site=site.id)["items"]
    assert {"rules.put", "definition.put"} <= {line["what"] for line in lines}
    assert [line["after"] for line in lines if line["what"] == "site.change"] == []
