"""Segments, the filter bar and the customers behind numbers, in a real browser on the demo's story."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 20_000


def whole(text: str) -> int:
    """A count as the page shows it."""
    return int(text.replace(",", "").split()[0])


def make_segment(page: Page, demo: str, name: str, action: str) -> None:
    """Make a segment of those who did an action, on its page."""
    page.goto(f"{demo}/segments/new")
    page.get_by_label("Action or page of condition 1").fill(action)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible(timeout=APPEARS_WITHIN_MS)


def test_a_segment_is_made_and_narrows_every_question(analyst: Page, demo: str) -> None:
    make_segment(analyst, demo, "Clickers", "element.click")
    who = analyst.get_by_role("region", name="Who is in it now")
    expect(who).to_contain_text(re.compile(r"\d+ of \d+ customers"), timeout=APPEARS_WITHIN_MS)
    counted = whole(who.locator("strong").inner_text())

    analyst.goto(f"{demo}/explore/trends?measure=customers")
    table = analyst.get_by_role("region", name="Table of the trend")
    expect(table).to_be_visible(timeout=APPEARS_WITHIN_MS)
    everybody = whole(table.locator(".whole-range td").inner_text())
    analyst.get_by_role("button", name="Filter", exact=True).click()
    analyst.get_by_role("combobox", name="Segment", exact=True).select_option("Clickers")
    analyst.get_by_role("button", name="Add filter").click()

    expect(analyst).to_have_url(re.compile("segment="))
    expect(table.locator(".whole-range td")).to_have_text(re.compile(rf"^{counted:,}\b"), timeout=APPEARS_WITHIN_MS)
    assert counted < everybody
    analyst.get_by_role("link", name="Sessions", exact=True).click()
    expect(analyst).to_have_url(re.compile("segment="))
    chip = analyst.get_by_role("button", name="Remove filter segment Clickers")
    chip.click()
    expect(chip).to_have_count(0)
    expect(analyst).not_to_have_url(re.compile("segment="))


def test_a_segment_is_changed_by_its_sentence_and_deleted(analyst: Page, demo: str) -> None:
    make_segment(analyst, demo, "Hoverers", "element.hover")
    analyst.get_by_role("button", name="Add a condition").click()
    save = analyst.get_by_role("button", name="Save changes")
    expect(save).to_be_disabled()
    analyst.get_by_label("Condition 2", exact=True).select_option("never said who they are")
    save.click()
    expect(analyst.get_by_text("Saved.", exact=True)).to_be_visible(timeout=APPEARS_WITHIN_MS)

    analyst.get_by_role("link", name="Segments", exact=True).click()
    row = analyst.get_by_role("row", name=re.compile("^Hoverers"))
    expect(row).to_contain_text(
        "Customers who did element.hover in the last 30 days, and who never said who they are.",
        timeout=APPEARS_WITHIN_MS,
    )
    row.get_by_role("link").click()
    analyst.get_by_role("button", name="Delete", exact=True).click()
    analyst.get_by_role("button", name="Delete segment").click()
    expect(analyst).to_have_url(re.compile("/segments\\?"))
    expect(row).to_have_count(0, timeout=APPEARS_WITHIN_MS)


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("elements", "region[name='Elements'] >> a.above"),
        ("sessions", "region[name='First pages'] >> td.number a"),
        ("retention?period=day", "gridcell a"),
        ("trends", ".whole-range a"),
    ],
)
def test_a_number_lists_its_customers(analyst: Page, demo: str, address: str, number: str) -> None:
    analyst.goto(f"{demo}/explore/{address}")
    region, _, inside = number.rpartition(" >> ")
    found = re.search("name='(.+)'", region)
    place = analyst.get_by_role("region", name=found[1], exact=True) if found else analyst
    link = place.locator(inside.replace("gridcell", "[role=gridcell]")).first
    expect(link).to_be_visible(timeout=APPEARS_WITHIN_MS)

    link.click()

    panel = analyst.get_by_role("dialog")
    customers = panel.get_by_role("region", name="Customers").get_by_role("listitem")
    expect(customers.first).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(analyst).to_have_url(re.compile("who="))
    analyst.reload()
    expect(customers.first).to_be_visible(timeout=APPEARS_WITHIN_MS)
    analyst.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_the_customers_of_a_source_are_saved_as_a_segment(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/sources")
    row = analyst.get_by_role("region", name="Sources").get_by_role("row", name=re.compile("^search"))
    expect(row).to_be_visible(timeout=APPEARS_WITHIN_MS)
    customers = whole(row.get_by_role("cell").last.inner_text())
    row.get_by_role("link").click()
    panel = analyst.get_by_role("dialog", name="Came by search")
    panel.get_by_role("button", name="Save as a segment").click()
    panel.get_by_role("button", name="Save these customers").click()

    expect(panel.get_by_role("status")).to_contain_text(f"Saved {customers:,} customers", timeout=APPEARS_WITHIN_MS)
    panel.get_by_role("link", name="Came by search").click()

    expect(analyst.get_by_text(f"are on a list of {customers} customers")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(analyst.get_by_role("region", name="Who is in it now").locator("strong")).to_have_text(
        f"{customers:,}", timeout=APPEARS_WITHIN_MS
    )


def test_the_period_before_stands_beside_a_number(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/trends?range=24h&interval=hour")
    table = analyst.get_by_role("region", name="Table of the trend")
    expect(table).to_be_visible(timeout=APPEARS_WITHIN_MS)

    analyst.get_by_role("button", name="With the period before").click()

    expect(table.locator(".whole-range td")).to_contain_text(
        re.compile("from [0-9,]+|as before"), timeout=APPEARS_WITHIN_MS
    )
    expect(analyst.get_by_text("the one before, from")).to_be_visible()
    expect(analyst.locator("path.line.before").first).to_be_attached()
    analyst.get_by_label("Time range").select_option("All time")
    expect(analyst.get_by_role("button", name="With the period before")).to_be_disabled()


@pytest.mark.parametrize("path", ["/segments", "/segments/new", "/customers", "/explore/trends?compare=true&range=24h"])
def test_a_phone_shows_it_without_scrolling_sideways(analyst: Page, demo: str, path: str) -> None:
    analyst.set_viewport_size({"width": 390, "height": 844})
    analyst.goto(f"{demo}{path}")
    expect(analyst.get_by_role("heading", level=1)).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(analyst.locator("[aria-busy=true]")).to_have_count(0, timeout=APPEARS_WITHIN_MS)

    assert analyst.evaluate("document.documentElement.scrollWidth <= innerWidth")
