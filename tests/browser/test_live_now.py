"""The panels beside the stream, and following one customer or session, in a real browser."""

import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.sending import send

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 15_000


def visit(path: str, who: str, session: str | None = None) -> dict[str, Any]:
    seen: dict[str, Any] = {"action": "page.visit", "uuid": who, "params": {"url": f"https://shop.example{path}"}}
    return seen | ({"session": session} if session else {})


def test_a_name_of_a_panel_narrows_the_stream(analyst: Page, demo: str) -> None:
    page, who = f"/page-{uuid.uuid4().hex[:6]}", str(uuid.uuid4())
    for path in [page] * 7 + ["/elsewhere"]:
        send(analyst, demo, **visit(path, who))
    send(analyst, demo, "mobile", action="screen.click", uuid=who, params={"element": "pay", "screen": "Basket"})
    now = analyst.get_by_role("region", name="Now", exact=True)
    name = now.get_by_role("link", name=page)
    expect(name).to_contain_text("7", timeout=APPEARS_WITHIN_MS)
    expect(now.get_by_role("link", name=re.compile("^Apps"))).to_be_visible(timeout=APPEARS_WITHIN_MS)

    name.click()

    rows = analyst.get_by_role("region", name="Stream of events").get_by_role("row")
    expect(rows).to_have_count(8, timeout=APPEARS_WITHIN_MS)
    expect(analyst).to_have_url(re.compile(r"page=%2Fpage-"))
    analyst.reload()
    expect(rows).to_have_count(8, timeout=APPEARS_WITHIN_MS)
    send(analyst, demo, **visit("/elsewhere", who))
    send(analyst, demo, **visit(page, who))
    analyst.mouse.move(2, 2)
    expect(rows).to_have_count(9, timeout=APPEARS_WITHIN_MS)
    analyst.get_by_role("button", name=f"Remove filter page {page}").click()
    expect(analyst.get_by_text("Tapped pay").first).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(analyst).not_to_have_url(re.compile("page="))


def test_a_customer_is_followed_live_on_all_devices(analyst: Page, demo: str) -> None:
    laptop, phone, number = str(uuid.uuid4()), str(uuid.uuid4()), f"C-{uuid.uuid4().hex[:8]}"
    identify: dict[str, Any] = {"action": "client.identify", "params": {"customId": number}}
    send(analyst, demo, **identify, uuid=laptop)
    analyst.goto(f"{demo}/customers/{number}")
    analyst.get_by_role("link", name="Follow live").first.click()
    expect(analyst.get_by_role("button", name=re.compile("^Remove filter customer"))).to_be_visible()
    rows = analyst.get_by_role("region", name="Stream of events").get_by_role("row")
    expect(rows).to_have_count(2, timeout=APPEARS_WITHIN_MS)
    analyst.mouse.move(2, 2)

    send(analyst, demo, "mobile", **identify, uuid=phone)
    send(analyst, demo, "mobile", action="screen.view", uuid=phone, params={"name": "Only on the phone"})
    send(analyst, demo, **visit("/of-somebody-else", str(uuid.uuid4())))

    expect(analyst.get_by_text("Viewed screen Only on the phone")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(rows).to_have_count(4)


def test_one_session_of_the_feed_is_followed_live(analyst: Page, demo: str) -> None:
    who, first, second = str(uuid.uuid4()), str(uuid.uuid4()), str(uuid.uuid4())
    send(analyst, demo, **visit("/one", who, first))
    send(analyst, demo, **visit("/two", who, second))
    analyst.goto(f"{demo}/customers/{who}")
    sessions = analyst.locator(".session")
    expect(sessions).to_have_count(2, timeout=APPEARS_WITHIN_MS)

    sessions.filter(has_text="/two").get_by_role("link", name="Follow live").click()

    expect(analyst.get_by_role("button", name=re.compile("^Remove filter session"))).to_be_visible()
    stream = analyst.get_by_role("region", name="Stream of events")
    expect(stream.get_by_role("row")).to_have_count(2, timeout=APPEARS_WITHIN_MS)
    expect(stream).to_contain_text("/two")
    analyst.get_by_role("button", name=re.compile("^Remove filter session")).click()
    expect(stream.get_by_role("row")).to_have_count(3, timeout=APPEARS_WITHIN_MS)
