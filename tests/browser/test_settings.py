"""The settings as a person changes them: a site added, a setting changed and obeyed, each page at its own address."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 15_000


def test_a_site_is_added_and_waits_for_its_first_event(demo: str, analyst: Page, person: Page) -> None:
    analyst.get_by_role("button", name=re.compile("Choose another")).first.click()
    analyst.get_by_role("menuitem", name="Add a site").click()
    analyst.get_by_label("Name", exact=True).fill("Corner shop")
    analyst.get_by_role("button", name="Add site").click()

    expect(analyst).to_have_url(re.compile(r"/settings\?site=corner-shop"))
    expect(analyst.get_by_text("Waiting for the first event…")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    key = analyst.locator("dd .mono").first.inner_text()
    person.goto(f"{demo}/demo/")
    person.evaluate(
        """(key) => fetch("/e", { method: "POST", body: JSON.stringify(
            { key, uuid: crypto.randomUUID(), events: [{ action: "shop.opened" }] }) })""",
        key,
    )
    expect(analyst.get_by_text("Events arrive.")).to_be_visible(timeout=APPEARS_WITHIN_MS)


def test_a_setting_is_changed_and_stays(demo: str, analyst: Page) -> None:
    analyst.goto(f"{demo}/settings/sdk")
    scroll = analyst.get_by_role("checkbox", name=re.compile("sdk_scroll"))
    expect(scroll).to_be_checked(timeout=APPEARS_WITHIN_MS)
    expect(analyst.get_by_role("button", name="Save")).to_be_disabled()

    scroll.uncheck()
    analyst.get_by_role("button", name="Save").click()
    expect(analyst.get_by_text("Saved. The server has it now")).to_be_visible()
    analyst.reload()
    expect(scroll).not_to_be_checked(timeout=APPEARS_WITHIN_MS)
    scroll.check()
    analyst.get_by_role("button", name="Save").click()
    expect(analyst.get_by_text("Saved. The server has it now")).to_be_visible()


def test_a_wrong_value_says_what_is_right(demo: str, analyst: Page) -> None:
    analyst.goto(f"{demo}/settings/sdk")
    analyst.get_by_role("textbox", name=re.compile("sdk_name")).fill("not a name")
    analyst.get_by_role("button", name="Save").click()

    expect(analyst.get_by_role("alert")).to_contain_text("JavaScript name")


@pytest.mark.parametrize(
    ("tab", "heading"),
    [
        ("Rules", "Rules"),
        ("Keys", "Signing keys"),
        ("SDK", "Browser SDK"),
        ("Privacy", "Privacy"),
        ("Audit", "Audit log"),
    ],
)
def test_each_page_has_an_address(demo: str, analyst: Page, tab: str, heading: str) -> None:
    analyst.goto(f"{demo}/settings")
    analyst.get_by_role("navigation", name="Settings").get_by_role("link", name=tab).click()

    expect(analyst).to_have_url(re.compile(f"/settings/{tab.lower()}"))
    expect(analyst.get_by_role("heading", name=heading, exact=True)).to_be_visible(timeout=APPEARS_WITHIN_MS)
    analyst.reload()
    expect(analyst.get_by_role("heading", name=heading, exact=True)).to_be_visible(timeout=APPEARS_WITHIN_MS)


def test_events_are_deleted_after_they_were_counted(demo: str, analyst: Page, person: Page) -> None:
    person.goto(f"{demo}/demo/")
    for _ in range(3):
        person.evaluate("SR.event.trackCustomEvent('to.delete')")
    analyst.goto(f"{demo}/settings/privacy")
    box = analyst.get_by_role("region", name="Delete events")
    box.get_by_role("button", name="Count what would go").click(timeout=APPEARS_WITHIN_MS)
    expect(box.get_by_role("alert")).to_contain_text("Say which events", timeout=APPEARS_WITHIN_MS)

    box.get_by_label("Action").fill("to.delete")
    box.get_by_role("button", name="Count what would go").click()
    expect(box.get_by_role("status")).to_contain_text("3 stored events", timeout=APPEARS_WITHIN_MS)
    box.get_by_label("Type “delete” to go on").fill("delete")
    box.get_by_role("button", name="Delete 3 events").click()
    expect(box.get_by_role("status")).to_contain_text("Deleted: 3 stored and 0 refused", timeout=60_000)

    row = analyst.get_by_role("region", name="Erasures and receipts").get_by_role("row").nth(1)
    expect(row).to_contain_text("events: to.delete", timeout=APPEARS_WITHIN_MS)
    analyst.goto(f"{demo}/settings/audit")
    expect(analyst.get_by_text("began an erasure").first).to_be_visible(timeout=APPEARS_WITHIN_MS)
    analyst.get_by_role("button", name="Whole server").click()
    expect(analyst.get_by_text("logged in").first).to_be_visible(timeout=APPEARS_WITHIN_MS)
