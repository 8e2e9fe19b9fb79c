"""Every page as axe judges it, light on a desktop and dark on a phone: nothing serious, nothing critical.

About half of the rules of WCAG 2.2 AA can be judged by a program, and are here; keyboard and focus are tested where
they are used.
"""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "ui/node_modules/axe-core/axe.min.js"
SEVERE = ("serious", "critical")
LOADED_WITHIN_MS = 15_000
PAGES = (
    "/live",
    "/customers",
    "/customers/{customer}",
    "/customers/{customer}?with={customer}",
    "/segments",
    "/segments/new",
    "/events",
    "/explore/trends",
    "/explore/trends?range=24h&compare=true",
    "/explore/paths",
    "/explore/paths?range=24h&compare=true",
    "/explore/paths?step=1&target=/demo/products.html",
    "/explore/elements",
    "/explore/forms",
    "/explore/forms?form=checkout&panel=submissions",
    "/explore/sources",
    "/explore/sources?range=24h&compare=true&who=name%3Dsearch",
    "/explore/funnels?step=page.visit&step=element.click",
    "/explore/retention",
    "/explore/retention?range=24h&compare=true&period=day",
    "/explore/sessions",
    "/explore/sessions?range=24h&compare=true",
    "/dashboards",
    "/dashboards/{dashboard}",
    "/dashboards/nowhere",
    "/catalogue",
    "/catalogue/page.visit",
    "/quality",
    "/alerts",
    "/settings",
    "/settings/rules",
    "/settings/keys",
    "/settings/sdk",
    "/settings/privacy",
    "/settings/audit",
    "/people",
    "/account",
    "/api/docs",
    "/nowhere",
)


@cache
def axe() -> str:
    """The program that judges."""
    assert AXE.is_file(), "axe-core is not installed: `make test` does so, or `npm ci` in ui/"
    return AXE.read_text(encoding="utf-8")


def faults(page: Page) -> list[str]:
    """What axe finds severe: the rule, where, and why."""
    page.evaluate(axe())
    found: dict[str, Any] = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{rule['id']}: {node['html'][:200]} ({node['failureSummary'].splitlines()[-1].strip()})"
        for rule in found["violations"]
        if rule["impact"] in SEVERE
        for node in rule["nodes"]
    ]


def dashboard_of(page: Page, demo: str) -> str:
    """The id of the demo's dashboard, once its past is there."""
    page.goto(f"{demo}/dashboards")
    link = page.get_by_role("link", name="The shop on Mondays")
    return urlsplit(str(link.get_attribute("href", timeout=LOADED_WITHIN_MS))).path.rpartition("/")[2]


def settled(page: Page) -> None:
    """Wait until the page shows what it has asked for."""
    page.locator("main").get_by_role("heading").first.wait_for(timeout=LOADED_WITHIN_MS)
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=LOADED_WITHIN_MS)


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_nothing_serious_on_any_page(analyst: Page, demo: str, theme: Any, width: int) -> None:
    analyst.emulate_media(color_scheme=theme, reduced_motion="reduce")
    analyst.set_viewport_size({"width": width, "height": 900})
    customer = analyst.evaluate(
        "fetch('/api/v1/sites/default/customers?limit=1').then((a) => a.json()).then((a) => a.items[0].customer)"
    )
    dashboard = dashboard_of(analyst, demo)

    wrong: dict[str, list[str]] = {}
    for path in PAGES:
        analyst.goto(demo + path.format(customer=customer, dashboard=dashboard))
        settled(analyst)
        wrong[path] = faults(analyst)

    assert {path: found for path, found in wrong.items() if found} == {}


def test_a_severe_fault_would_be_found(person: Page) -> None:
    person.set_content(
        "<!doctype html><html lang=en><title>A page</title><main><h1>A page</h1><button></button></main>"
    )

    assert [one.split(":")[0] for one in faults(person)] == ["button-name"]
