"""Explore in a real browser: each question is asked, its numbers lead to the people behind them."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 15_000
SCREENS = ("trends", "paths", "elements", "sources")


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
    box = analyst.get_by_role("link", name=re.compile("^Step 1,")).first
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
    analyst.get_by_role("button", name="Save").click()

    expect(sources.get_by_role("row", name=re.compile("google.com"))).to_have_count(0, timeout=APPEARS_WITHIN_MS)
    expect(hosts).to_have_value("google.com")
    hosts.fill("")
    analyst.get_by_role("button", name="Save").click()
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
    expect(analyst).to_have_url(re.compile("by=device"))


@pytest.mark.parametrize("screen", SCREENS)
def test_a_phone_shows_each_question_without_scrolling_sideways(analyst: Page, demo: str, screen: str) -> None:
    analyst.set_viewport_size({"width": 390, "height": 844})
    analyst.goto(f"{demo}/explore/{screen}")
    expect(analyst.get_by_role("heading", level=1)).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(analyst.locator("[aria-busy=true]")).to_have_count(0, timeout=APPEARS_WITHIN_MS)

    assert analyst.evaluate("document.documentElement.scrollWidth <= innerWidth")
