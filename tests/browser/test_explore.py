"""Explore in a real browser: each question is asked, its numbers lead to the people behind them."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 15_000
SCREENS = (
    "trends",
    "paths",
    "elements",
    "forms",
    "sources",
    "funnels?step=/*&step=element.click",
    "retention",
    "sessions",
    "sql",
)


def test_paths_lead_to_the_customers_in_them(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/paths")
    steps = analyst.get_by_role("region", name="Steps")
    first = steps.get_by_role("row").nth(1)
    expect(first).to_be_visible(timeout=APPEARS_WITHIN_MS)
    sessions = int(first.get_by_role("cell").nth(2).inner_text().replace(",", ""))

    first.get_by_role("link").click()

    panel = analyst.get_by_role("dialog")
    expect(panel).to_contain_text(f"{sessions:,} sessions", timeout=APPEARS_WITHIN_MS)
    people = panel.get_by_role("region").or_(panel.locator("section")).last.get_by_role("link")
    expect(people.first).to_be_visible(timeout=APPEARS_WITHIN_MS)
    panel.get_by_role("button", name="Paths from here").click()
    expect(analyst).to_have_url(re.compile("start="))
    expect(analyst.get_by_role("region", name="Paths", exact=True)).to_contain_text(
        "came by", timeout=APPEARS_WITHIN_MS
    )


def test_a_box_of_the_picture_is_reached_by_keyboard(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/paths?steps=2")
    box = analyst.get_by_role("link", name=re.compile("Step 1,")).first
    expect(box).to_be_visible(timeout=APPEARS_WITHIN_MS)

    box.focus()
    analyst.keyboard.press("Enter")

    expect(analyst.get_by_role("dialog")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    analyst.keyboard.press("Escape")
    expect(analyst.get_by_role("dialog")).to_have_count(0)


def test_elements_are_sorted_and_lead_to_their_hovers(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/elements?sort=dwell")
    table = analyst.get_by_role("region", name="Elements").get_by_role("table")
    expect(table.get_by_role("row").nth(1)).to_contain_text("banner-summer", timeout=APPEARS_WITHIN_MS)

    table.get_by_role("link", name="banner-summer").click()

    expect(analyst.get_by_text("Hovered over banner-summer").first).to_be_visible(timeout=APPEARS_WITHIN_MS)


def test_an_excluded_host_is_no_source_any_more(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/sources?told=referrer")
    sources = analyst.get_by_role("region", name="Sources")
    expect(sources.get_by_role("row", name=re.compile("google.com"))).to_be_visible(timeout=APPEARS_WITHIN_MS)

    hosts = analyst.get_by_label("Hosts, parted by spaces")
    hosts.fill("https://www.Google.com/search")
    analyst.get_by_role("button", name="Save", exact=True).click()

    expect(sources.get_by_role("row", name=re.compile("google.com"))).to_have_count(0, timeout=APPEARS_WITHIN_MS)
    expect(hosts).to_have_value("google.com")
    hosts.fill("")
    analyst.get_by_role("button", name="Save", exact=True).click()
    expect(sources.get_by_role("row", name=re.compile("google.com"))).to_be_visible(timeout=APPEARS_WITHIN_MS)


def test_a_trend_is_broken_down(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/trends")
    trend = analyst.get_by_role("region", name="Trend", exact=True)
    expect(trend.get_by_role("img", name=re.compile("Events by day: all events"))).to_be_visible(
        timeout=APPEARS_WITHIN_MS
    )

    analyst.get_by_label("For each").fill("device")
    analyst.get_by_label("For each").press("Tab")

    expect(trend.get_by_role("columnheader", name="desktop")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(analyst).to_have_url(re.compile("breakdown=device"))


def test_a_funnel_is_built_by_keyboard_and_leads_to_those_who_dropped_out(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/funnels")
    for at, step in ((1, "element.click"), (2, "/*")):
        field = analyst.get_by_label(f"Step {at}", exact=True)
        field.fill(step)
        field.press("Tab")
    analyst.get_by_label("Step 2", exact=True).press("Alt+ArrowUp")
    expect(analyst.get_by_label("Step 1", exact=True)).to_be_focused()
    expect(analyst).to_have_url(re.compile(r"step=%2F\*&step=element.click"))
    analyst.get_by_role("button", name="Add a step").click()
    expect(analyst.get_by_label("Step 3", exact=True)).to_be_focused()
    analyst.get_by_role("button", name="Take out step 3").click()
    expect(analyst.get_by_label("Step 3", exact=True)).to_have_count(0)

    steps = analyst.get_by_role("region", name="Steps")
    rows = steps.get_by_role("row")
    expect(rows.nth(2)).to_contain_text("element.click", timeout=APPEARS_WITHIN_MS)
    began, clicked, dropped = (
        whole(rows.nth(row).get_by_role("cell").nth(cell).inner_text()) for row, cell in ((1, 1), (2, 1), (2, 4))
    )
    assert began == clicked + dropped
    assert dropped > 0
    analyst.get_by_role("region", name="Funnel", exact=True).get_by_role("link", name=re.compile("dropped out")).click()

    panel = analyst.get_by_role("dialog", name="Dropped out before element.click")
    expect(panel).to_contain_text(f"{dropped:,} customers", timeout=APPEARS_WITHIN_MS)
    customers = panel.get_by_role("region", name="Customers")
    expect(customers.get_by_role("link").first).to_be_visible(timeout=APPEARS_WITHIN_MS)
    assert customers.get_by_role("link").count() == min(dropped, 50)
    analyst.reload()
    expect(panel).to_be_visible(timeout=APPEARS_WITHIN_MS)
    analyst.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_a_funnel_is_told_apart(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/funnels")
    analyst.get_by_role("button", name="Try any page, then a click").click()
    analyst.get_by_label("For each").fill("device")
    analyst.get_by_label("For each").press("Tab")

    told = analyst.get_by_role("region", name="Breakdown", exact=True)
    expect(told.get_by_role("row", name=re.compile("^phone"))).to_be_visible(timeout=APPEARS_WITHIN_MS)
    analyst.get_by_label("For each").fill("weather")
    analyst.get_by_label("For each").press("Tab")
    expect(analyst.get_by_text("A breakdown is one of")).to_be_visible(timeout=APPEARS_WITHIN_MS)


def test_the_cells_of_retention_are_read_by_keyboard(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/retention?period=day&start=/*")
    grid = analyst.get_by_role("region", name="Retention").get_by_role("grid")
    cohort = grid.get_by_role("row").nth(2)
    expect(cohort).to_be_visible(timeout=APPEARS_WITHIN_MS)
    size = whole(cohort.get_by_role("gridcell").first.inner_text())

    analyst.locator("[role=gridcell][tabindex='0']").focus()
    analyst.keyboard.press("ArrowDown")
    analyst.keyboard.press("ArrowRight")
    analyst.keyboard.press("ArrowRight")

    expect(cohort.get_by_role("gridcell").nth(2)).to_be_focused()
    tip = analyst.get_by_role("tooltip")
    expect(tip).to_contain_text(re.compile(rf"\d+ of {size:,} came back 1 day later"))
    expect(analyst.locator("[role=gridcell][tabindex='0']")).to_have_count(1)


def test_sessions_add_up_by_day_and_are_told_apart(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/sessions?breakdown=device")
    told = analyst.get_by_role("region", name="By device")
    expect(told.get_by_role("row", name=re.compile("^phone"))).to_be_visible(timeout=APPEARS_WITHIN_MS)
    total = whole(analyst.get_by_role("region", name="In all").inner_text().split()[0])

    analyst.get_by_text("The days as a table").click()

    days = analyst.get_by_role("region", name="Days", exact=True).get_by_role("row")
    for table in (days, told.get_by_role("row")):
        rows = table.all()[1:]
        assert sum(whole(row.get_by_role("cell").nth(1).inner_text()) for row in rows) == total
    expect(analyst.get_by_role("img", name=re.compile("^Sessions by day: "))).to_be_visible()
    expect(analyst.get_by_role("region", name="First pages").get_by_role("row").nth(1)).to_be_visible()


def whole(text: str) -> int:
    """A count as the page shows it."""
    return int(text.replace(",", ""))


@pytest.mark.parametrize("screen", SCREENS)
def test_a_phone_shows_each_question_without_scrolling_sideways(analyst: Page, demo: str, screen: str) -> None:
    analyst.set_viewport_size({"width": 390, "height": 844})
    analyst.goto(f"{demo}/explore/{screen}")
    expect(analyst.get_by_role("heading", level=1)).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(analyst.locator("[aria-busy=true]")).to_have_count(0, timeout=APPEARS_WITHIN_MS)

    assert analyst.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_slow_question_is_given_up_and_asked_again(analyst: Page, demo: str) -> None:
    held: list[Route] = []
    analyst.route("**/insights/retention?**", lambda route: held.append(route))  # noqa: PLW0108 - Playwright notes things on it
    analyst.goto(f"{demo}/explore/retention")
    expect(analyst.get_by_role("progressbar", name="Waiting for an answer")).to_be_visible(timeout=APPEARS_WITHIN_MS)

    analyst.get_by_role("button", name="Cancel", exact=True).click()

    expect(analyst.get_by_text("You gave this question up")).to_be_visible()
    expect(analyst.get_by_role("progressbar", name="Waiting for an answer")).to_have_count(0)
    analyst.unroute("**/insights/retention?**")
    analyst.get_by_role("button", name="Try again").click()
    expect(analyst.get_by_role("region", name="Retention")).to_contain_text("began", timeout=APPEARS_WITHIN_MS)
