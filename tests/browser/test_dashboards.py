"""Dashboards in a real browser on the demo's story: made from a question, drawn as its page draws it, ordered anew."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 20_000
CLICKS = "explore/trends?action=element.click&range=7d"


def tile(page: Page, title: str) -> Locator:
    """A tile of the dashboard that is open."""
    return page.get_by_role("article", name=title, exact=True)


def total(place: Page | Locator) -> Locator:
    """The number of the whole range in a trend."""
    return place.get_by_role("region", name="Table of the trend").locator(".whole-range td")


def save(page: Page, address: str, title: str, dashboard: str, *, new: bool) -> None:
    """Put a question on a dashboard by what its page offers."""
    page.goto(address)
    page.get_by_role("button", name="Save to dashboard").click()
    form = page.get_by_role("dialog", name="Save to dashboard")
    expect(form.get_by_role("combobox", name="Dashboard", exact=True)).to_be_enabled(timeout=APPEARS_WITHIN_MS)
    form.get_by_label("Title").fill(title)
    form.get_by_role("combobox", name="Dashboard", exact=True).select_option("A new one" if new else dashboard)
    if new:
        form.get_by_label("Name of the new dashboard").fill(dashboard)
    form.get_by_role("button", name="Save tile").click()
    expect(form.get_by_role("status")).to_have_text(f"Saved to {dashboard}.", timeout=APPEARS_WITHIN_MS)


def titles(page: Page) -> Locator:
    """The tiles' titles in their order."""
    return page.get_by_role("article").locator("header h2")


def test_a_question_is_saved_and_its_tile_says_the_same_as_its_page(analyst: Page, demo: str) -> None:
    save(analyst, f"{demo}/{CLICKS}", "Clicks", "Of this test", new=True)
    expect(total(analyst)).to_have_text(re.compile(r"^[0-9,]+$"), timeout=APPEARS_WITHIN_MS)
    on_its_page = total(analyst).inner_text()
    save(analyst, f"{demo}/explore/sources", "Sources", "Of this test", new=False)
    analyst.get_by_role("link", name="Of this test").click()

    expect(titles(analyst)).to_have_text(["Clicks", "Sources"], timeout=APPEARS_WITHIN_MS)
    expect(total(tile(analyst, "Clicks"))).to_have_text(on_its_page, timeout=APPEARS_WITHIN_MS)
    expect(analyst.get_by_label("Measure")).to_be_hidden()

    analyst.get_by_role("button", name="Move Sources up").focus()
    analyst.keyboard.press("Enter")
    expect(titles(analyst)).to_have_text(["Sources", "Clicks"], timeout=APPEARS_WITHIN_MS)
    expect(analyst.get_by_role("button", name="Move Sources down")).to_be_focused()
    analyst.get_by_role("button", name="Rename or remove Clicks").click()
    analyst.get_by_label("Title of the tile").fill("All clicks")
    analyst.keyboard.press("Enter")
    expect(titles(analyst)).to_have_text(["Sources", "All clicks"], timeout=APPEARS_WITHIN_MS)

    analyst.reload()
    expect(titles(analyst)).to_have_text(["Sources", "All clicks"], timeout=APPEARS_WITHIN_MS)
    analyst.get_by_role("link", name="All clicks").click()
    expect(analyst).to_have_url(re.compile(r"/explore/trends\?.*action=element.click.*range=7d"))
    expect(total(analyst)).to_have_text(on_its_page, timeout=APPEARS_WITHIN_MS)

    analyst.go_back()
    analyst.get_by_role("button", name="Rename or remove Sources").click(timeout=APPEARS_WITHIN_MS)
    analyst.get_by_role("button", name="Remove tile").click()
    expect(titles(analyst)).to_have_text(["All clicks"], timeout=APPEARS_WITHIN_MS)
    analyst.get_by_role("button", name="Rename", exact=True).click()
    analyst.get_by_label("Name of the dashboard").fill("Of another name")
    analyst.get_by_role("button", name="Save name").click()
    expect(analyst.get_by_role("heading", name="Of another name", level=1)).to_be_visible(timeout=APPEARS_WITHIN_MS)
    analyst.get_by_role("button", name="Delete", exact=True).click()
    analyst.get_by_role("button", name="Delete dashboard").click()
    expect(analyst).to_have_url(re.compile(r"/dashboards(\?|$)"))
    expect(analyst.get_by_role("link", name="The shop on Mondays")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(analyst.get_by_role("link", name="Of another name")).to_have_count(0)


def test_the_dashboards_time_is_every_tiles_and_what_a_tile_sorts_stays_in_it(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/dashboards")
    analyst.get_by_role("link", name="The shop on Mondays").click(timeout=APPEARS_WITHIN_MS)
    orders, held = tile(analyst, "Orders by day"), tile(analyst, "What held them longer than usual")
    expect(orders).to_contain_text("last 7 days", timeout=APPEARS_WITHIN_MS)
    expect(held).to_contain_text("last 30 days")

    analyst.get_by_label("Time range").select_option("Last 24 hours")
    for one in (orders, held):
        expect(one).to_contain_text("last 24 hours")
    expect(analyst).to_have_url(re.compile("range=24h"))
    analyst.reload()
    expect(orders).to_contain_text("last 24 hours", timeout=APPEARS_WITHIN_MS)

    held.scroll_into_view_if_needed()
    before = analyst.url
    held.get_by_label("First those").select_option("longest held", timeout=APPEARS_WITHIN_MS)
    expect(held.get_by_label("First those")).to_have_value("dwell")
    assert analyst.url == before
    held.get_by_role("link", name="What held them longer than usual").click()
    expect(analyst).to_have_url(re.compile(r"/explore/elements\?.*sort=dwell.*range=24h"))


def test_a_number_in_a_tile_leads_to_its_customers_on_the_questions_page(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/dashboards")
    analyst.get_by_role("link", name="The shop on Mondays").click(timeout=APPEARS_WITHIN_MS)

    total(tile(analyst, "Orders by day")).get_by_role("link").click(timeout=APPEARS_WITHIN_MS)

    expect(analyst).to_have_url(re.compile(r"/explore/trends\?.*who="))
    customers = analyst.get_by_role("dialog").get_by_role("region", name="Customers").get_by_role("listitem")
    expect(customers.first).to_be_visible(timeout=APPEARS_WITHIN_MS)


def test_a_tile_far_below_asks_when_it_comes_near(analyst: Page, demo: str) -> None:
    asked: list[str] = []
    analyst.on("request", lambda request: asked.append(request.url))
    analyst.goto(f"{demo}/dashboards")
    analyst.get_by_role("link", name="The shop on Mondays").click(timeout=APPEARS_WITHIN_MS)
    expect(total(tile(analyst, "Orders by day"))).to_be_visible(timeout=APPEARS_WITHIN_MS)
    assert not [url for url in asked if "/insights/retention" in url]

    tile(analyst, "Who came back").scroll_into_view_if_needed()

    expect(tile(analyst, "Who came back").get_by_role("region", name="Retention")).to_be_visible()
    assert [url for url in asked if "/insights/retention" in url]


def test_a_phone_shows_it_without_scrolling_sideways(analyst: Page, demo: str) -> None:
    analyst.set_viewport_size({"width": 390, "height": 844})
    analyst.goto(f"{demo}/dashboards")
    assert analyst.evaluate("document.documentElement.scrollWidth <= innerWidth")
    analyst.get_by_role("link", name="The shop on Mondays").click(timeout=APPEARS_WITHIN_MS)
    expect(total(tile(analyst, "Orders by day"))).to_be_visible(timeout=APPEARS_WITHIN_MS)

    assert analyst.evaluate("document.documentElement.scrollWidth <= innerWidth")
    boxes = [one.bounding_box() for one in analyst.get_by_role("article").all()]
    assert len({box["x"] for box in boxes if box}) == 1


def test_the_second_of_two_editors_is_told_and_keeps_what_they_typed(analyst: Page, demo: str) -> None:
    save(analyst, f"{demo}/{CLICKS}", "Clicks", "Of two editors", new=True)
    analyst.get_by_role("link", name="Of two editors").click()
    expect(titles(analyst)).to_have_text(["Clicks"], timeout=APPEARS_WITHIN_MS)
    other = analyst.context.new_page()
    save(other, f"{demo}/explore/sources", "Sources", "Of two editors", new=False)
    other.close()
    overtaken = analyst.get_by_role("alert").filter(has_text="Somebody else has changed this dashboard")

    analyst.get_by_role("button", name="Rename or remove Clicks").click()
    analyst.get_by_label("Title of the tile").fill("All clicks")
    analyst.keyboard.press("Enter")
    expect(overtaken).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(analyst.get_by_label("Title of the tile")).to_have_value("All clicks")

    overtaken.get_by_role("button", name="See theirs").click()
    expect(titles(analyst)).to_have_text(["Clicks", "Sources"], timeout=APPEARS_WITHIN_MS)
    expect(analyst.get_by_label("Title of the tile")).to_have_value("All clicks")
    analyst.get_by_role("button", name="Rename", exact=True).last.click()
    expect(titles(analyst)).to_have_text(["All clicks", "Sources"], timeout=APPEARS_WITHIN_MS)
    expect(overtaken).to_have_count(0)


def test_a_segment_that_somebody_else_changed_is_replaced_only_when_that_is_said(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/segments/new")
    analyst.get_by_label("Name").fill("Of two editors")
    analyst.get_by_label("Action or page").fill("product.view")
    analyst.get_by_role("button", name="Save segment").click()
    expect(analyst.get_by_role("button", name="Save changes")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    other = analyst.context.new_page()
    other.goto(analyst.url)
    for page, name in ((other, "Theirs"), (analyst, "Mine")):
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Save changes").click()
        if page is other:
            expect(page.get_by_text("Saved.", exact=True)).to_be_visible(timeout=APPEARS_WITHIN_MS)
    overtaken = analyst.get_by_role("alert").filter(has_text="Somebody else has changed this segment")
    expect(overtaken).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(analyst.get_by_label("Name")).to_have_value("Mine")

    overtaken.get_by_role("button", name="Replace theirs with mine").click()
    expect(analyst.get_by_text("Saved.", exact=True)).to_be_visible(timeout=APPEARS_WITHIN_MS)
    other.reload()
    expect(other.get_by_label("Name")).to_have_value("Mine", timeout=APPEARS_WITHIN_MS)
