"""What a person does with the demo shop's elements, as an analyst sees it: banners, cards, links, files, scrolling."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import open_customer

pytestmark = pytest.mark.browser

AWAY = (700, 5)
"""The notice above the shop: nothing there is tagged."""


def test_a_banner_seen_hovered_over_and_clicked_appears_live(demo: str, person: Page, analyst: Page) -> None:
    person.goto(f"{demo}/demo/")
    person.hover("[data-track=banner-summer] strong")
    person.wait_for_timeout(1_300)
    person.mouse.move(*AWAY)

    expect(analyst.get_by_text("Saw banner-summer").first).to_be_visible()
    expect(analyst.get_by_text(re.compile(r"Hovered over banner-summer for 1\.\d s")).first).to_be_visible()

    person.click("[data-track=banner-summer] em")
    person.wait_for_url("**/category-garden.html")
    expect(analyst.get_by_text("Clicked banner-summer").first).to_be_visible()


def test_the_feed_of_a_customer_tells_of_cards_scrolling_files_and_links_out(
    demo: str, person: Page, analyst: Page
) -> None:
    person.route("https://en.wikipedia.org/**", lambda route: route.fulfill(body="elsewhere"))
    person.goto(f"{demo}/demo/products.html")
    person.hover("[data-track=card-pour-over-set] img")
    person.wait_for_timeout(1_300)
    person.goto(f"{demo}/demo/journal.html")
    uuid = person.evaluate("SR.client.getUuid()")
    with person.expect_download():
        person.click("[data-track=care-guide]")
    person.mouse.wheel(0, 9_000)
    person.wait_for_timeout(600)
    person.click("[data-track=wikipedia]")
    person.wait_for_url("https://en.wikipedia.org/**")

    open_customer(analyst, demo, uuid)
    for label in (
        "Saw card-gooseneck-kettle",
        re.compile(r"Hovered over card-pour-over-set for \d"),
        "Downloaded care-guide.pdf",
        "Scrolled to 100 %",
        "Clicked wikipedia",
        "Left for https://en.wikipedia.org/wiki/Brewed_coffee",
    ):
        expect(analyst.get_by_text(label).first).to_be_visible()


def test_the_account_page_counts_a_tab_on_the_page_it_was_clicked_on(demo: str, person: Page, analyst: Page) -> None:
    person.goto(f"{demo}/demo/app.html")
    person.click("[data-track=tab-orders]")
    person.wait_for_url("**/app/orders")
    uuid = person.evaluate("SR.client.getUuid()")

    open_customer(analyst, demo, uuid)
    expect(analyst.get_by_text("Clicked tab-orders").first).to_be_visible()
    expect(analyst.get_by_text("Visited page Orders · Kettle & Fern").first).to_be_visible()
