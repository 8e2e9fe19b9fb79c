"""A person in the demo shop, seen by an analyst in Trackway: the whole product, with nothing in between left out."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import open_customer

pytestmark = pytest.mark.browser


def test_what_a_person_does_in_the_shop_appears_live(demo: str, person: Page, analyst: Page) -> None:
    person.goto(f"{demo}/demo/")
    title = person.title()

    expect(analyst.get_by_text(f"Visited page {title}").first).to_be_visible()
    expect(analyst.get_by_text("Started session").first).to_be_visible()


def test_a_product_page_appears_in_that_customers_feed(demo: str, person: Page, analyst: Page) -> None:
    person.goto(f"{demo}/demo/")
    person.locator("a[href*='product-']").first.click()
    person.wait_for_url("**/product-*")
    title = person.title()
    uuid = person.evaluate("SR.client.getUuid()")

    open_customer(analyst, demo, uuid)

    expect(analyst.get_by_text(f"Visited page {title}").first).to_be_visible()
    expect(analyst.get_by_text("Started session").first).to_be_visible()


def test_a_custom_event_is_shown_by_its_label(demo: str, person: Page, analyst: Page) -> None:
    person.goto(f"{demo}/demo/")
    verdict = person.evaluate("SR.event.trackCustomEvent('entries.count', {entries: 27}, 'Entries count from a page')")

    assert verdict["status"] == "stored"
    expect(analyst.get_by_text("Entries count from a page").first).to_be_visible()


def test_events_sent_while_leaving_a_page_arrive(demo: str, person: Page, analyst: Page) -> None:
    person.goto(f"{demo}/demo/")
    person.evaluate("SR.event.trackCustomEvent('leaving.now', {}, 'Said while leaving'); location.href = 'about:blank'")

    expect(analyst.get_by_text("Said while leaving").first).to_be_visible()


def test_nothing_is_asked_of_any_other_host(demo: str, analyst: Page) -> None:
    asked: list[str] = []
    analyst.on("request", lambda request: asked.append(request.url))
    for path in ("/live", "/customers", "/events", "/catalogue", "/quality", "/settings"):
        analyst.goto(demo + path)
        analyst.get_by_role("heading", level=1).first.wait_for()

    assert asked
    assert [url for url in asked if not url.startswith((demo, "data:"))] == []
