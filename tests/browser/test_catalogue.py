"""The catalogue and the signing keys in a real browser: found, declared, changed, taken away."""

import re
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page, expect

from tests.signing import EC, pem

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 15_000


def test_an_action_is_found_and_declared(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/catalogue?q=product.view")
    analyst.get_by_role("link", name="product.view").click(timeout=APPEARS_WITHIN_MS)
    panel = analyst.get_by_role("dialog", name="product.view")
    expect(panel.get_by_role("table")).to_be_visible(timeout=APPEARS_WITHIN_MS)

    panel.get_by_label("Name", exact=True).fill("Product looked at")
    panel.get_by_role("button", name="Fill in from what is seen").click()
    expect(panel.get_by_label("Params, as JSON Schema")).to_have_value(re.compile('"properties"'))
    panel.get_by_label("Params, as JSON Schema").fill("{")
    panel.get_by_role("button", name="Declare").click()
    expect(panel.get_by_role("alert")).to_contain_text("not JSON")

    panel.get_by_label("Params, as JSON Schema").fill('{"properties": {"price": {"type": "number"}}}')
    panel.get_by_role("button", name="Declare").click()
    expect(panel.get_by_role("status")).to_contain_text("Saved", timeout=APPEARS_WITHIN_MS)
    expect(analyst.get_by_role("row", name=re.compile("product.view.*Product looked at.*Declared"))).to_be_visible()

    panel.get_by_role("button", name="Undeclare").click()
    expect(panel.get_by_role("status")).to_contain_text("Undeclared", timeout=APPEARS_WITHIN_MS)


def test_a_signing_key_is_added_and_taken_away(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/settings/keys")
    keys = analyst.get_by_role("region", name="Signing keys")
    keys.get_by_label("kid (optional)").fill("2026-11")
    keys.get_by_label("Key", exact=True).fill(pem(EC).decode())
    keys.get_by_role("button", name="Add key").click()
    row = keys.get_by_role("row", name=re.compile("2026-11.*ES256.*Active"))
    expect(row).to_be_visible(timeout=APPEARS_WITHIN_MS)

    row.get_by_role("button", name="Take away the key 2026-11").click()
    row.get_by_role("button", name="Take away now").click()

    expect(keys.get_by_role("row", name=re.compile("2026-11.*Taken away"))).to_be_visible(timeout=APPEARS_WITHIN_MS)


def test_an_icon_is_chosen_and_shown_wherever_the_action_is(analyst: Page, person: Page, demo: str) -> None:
    analyst.goto(f"{demo}/catalogue/page.visit")
    panel = analyst.get_by_role("dialog", name="page.visit")
    panel.get_by_label("rocket").check(force=True, timeout=APPEARS_WITHIN_MS)
    panel.get_by_role("button", name="Declare").click()
    expect(panel.get_by_role("status")).to_contain_text("Saved", timeout=APPEARS_WITHIN_MS)

    row = analyst.get_by_role("row", name=re.compile("^page.visit"))
    expect(row.locator("[data-icon=rocket]")).to_be_visible()
    analyst.goto(f"{demo}/events?action=page.visit")
    expect(analyst.locator("table [data-icon=rocket]").first).to_be_visible(timeout=APPEARS_WITHIN_MS)
    analyst.goto(f"{demo}/live")
    person.goto(f"{demo}/demo/")
    expect(analyst.locator("[data-icon=rocket]").first).to_be_visible(timeout=APPEARS_WITHIN_MS)

    analyst.goto(f"{demo}/catalogue/page.visit")
    panel.get_by_role("button", name="Undeclare").click(timeout=APPEARS_WITHIN_MS)
    expect(panel.get_by_role("status")).to_contain_text("Undeclared", timeout=APPEARS_WITHIN_MS)


def test_an_action_is_declared_before_its_first_event(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/catalogue?q=order.announced")
    analyst.get_by_role("button", name="Declare order.announced").click(timeout=APPEARS_WITHIN_MS)
    panel = analyst.get_by_role("dialog", name="order.announced")
    panel.get_by_label("Name", exact=True).fill("Order announced")
    panel.get_by_role("button", name="Declare").click()

    expect(panel.get_by_role("status")).to_contain_text("Saved", timeout=APPEARS_WITHIN_MS)
    expect(analyst.get_by_role("row", name=re.compile("order.announced.*Declared"))).to_be_visible()
    panel.get_by_role("button", name="Undeclare").click()
    expect(panel.get_by_role("status")).to_contain_text("Undeclared", timeout=APPEARS_WITHIN_MS)


def test_a_plan_is_brought_in_after_it_was_shown_and_taken_out(analyst: Page, demo: str, tmp_path: Path) -> None:
    analyst.goto(f"{demo}/catalogue")
    analyst.get_by_role("button", name="Plan", exact=True).click(timeout=APPEARS_WITHIN_MS)
    box = analyst.get_by_role("dialog", name="Tracking plan")
    with analyst.expect_download() as before:
        box.get_by_role("button", name="Download YAML").click()
    plan = yaml.safe_load(before.value.path().read_text())
    chosen = tmp_path / "plan.yaml"

    chosen.write_text("definitions: {nodot: {}}")
    box.get_by_label("Bring in a plan").set_input_files(chosen)
    expect(box.get_by_role("alert")).to_contain_text("definitions.nodot", timeout=APPEARS_WITHIN_MS)
    chosen.write_text(yaml.safe_dump(plan | {"definitions": {"plan.made": {"name": "Made by a plan"}}}))
    box.get_by_label("Bring in a plan").set_input_files(chosen)
    expect(box.get_by_role("status")).to_contain_text(
        "This would change: Declares plan.made", timeout=APPEARS_WITHIN_MS
    )
    assert analyst.request.get(f"{demo}/api/v1/sites/default/definitions/plan.made").status == 404
    box.get_by_role("button", name="Push the plan").click()
    expect(box.get_by_role("status")).to_contain_text("Done: Declares plan.made", timeout=APPEARS_WITHIN_MS)
    chosen.write_text(yaml.safe_dump(plan))
    box.get_by_label("Bring in a plan").set_input_files(chosen)
    box.get_by_label("Also undeclare what the plan does not name").check(timeout=APPEARS_WITHIN_MS)
    box.get_by_role("button", name="Push the plan").click(timeout=APPEARS_WITHIN_MS)
    expect(box.get_by_role("status")).to_contain_text("Done: Undeclares plan.made", timeout=APPEARS_WITHIN_MS)
