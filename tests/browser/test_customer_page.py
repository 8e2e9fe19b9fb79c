"""One customer's page in a real browser: kinds, the list one came from, two customers or sessions side by side."""

import re
import uuid
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.running import make_event, wait_for

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 15_000


def send(analyst: Page, demo: str, *events: dict[str, Any]) -> None:
    """Events of somebody, stored when this returns."""
    key = analyst.request.get(f"{demo}/api/v1/sites/default").json()["tracker_key"]
    made = [make_event(**event) for event in events]
    httpx.post(f"{demo}/e", json={"key": key, "events": made}).raise_for_status()
    last = f"{demo}/api/v1/sites/default/events/{made[-1]['id']}"
    wait_for(lambda: analyst.request.get(last).ok, APPEARS_WITHIN_MS / 1000)


def visit(path: str, who: str, session: str) -> dict[str, Any]:
    return {"action": "page.visit", "uuid": who, "session": session, "params": {"url": f"https://a.example{path}"}}


def test_a_feed_is_narrowed_to_a_kind(analyst: Page, demo: str) -> None:
    who, session = str(uuid.uuid4()), str(uuid.uuid4())
    tap = {"action": "screen.click", "uuid": who, "params": {"element": "pay"}}
    send(
        analyst, demo, visit("/one", who, session), tap, {"action": "screen.view", "uuid": who, "params": {"name": "X"}}
    )
    analyst.goto(f"{demo}/customers/{who}")
    kinds = analyst.get_by_role("group", name="Kinds of activity")

    kinds.get_by_role("button", name="Visits 2").click()

    lines = analyst.locator(".line")
    expect(lines).to_have_count(2, timeout=APPEARS_WITHIN_MS)
    expect(analyst).to_have_url(re.compile("kind=visits"))
    analyst.reload()
    expect(lines).to_have_count(2, timeout=APPEARS_WITHIN_MS)
    send(analyst, demo, tap, visit("/two", who, session))
    expect(lines).to_have_count(3, timeout=APPEARS_WITHIN_MS)


def test_next_and_previous_are_those_of_the_list(analyst: Page, demo: str) -> None:
    plan = f"plan-{uuid.uuid4().hex[:6]}"
    people = [str(uuid.uuid4()) for _ in range(3)]
    for who in people:
        params = {"customId": f"{plan}-{who[:4]}"}
        send(analyst, demo, {"action": "client.identify", "uuid": who, "params": params})
    analyst.goto(f"{demo}/customers?q={plan}")
    rows = analyst.get_by_role("region", name="Customers found").get_by_role("row")
    expect(rows).to_have_count(4, timeout=APPEARS_WITHIN_MS)
    names = [row.get_by_role("link").inner_text() for row in rows.all()[1:]]
    heading = analyst.get_by_role("heading", level=1)

    rows.nth(1).get_by_role("link").click()
    expect(heading).to_have_text(names[0], timeout=APPEARS_WITHIN_MS)
    expect(analyst.get_by_role("group", name="The list")).to_contain_text("1 of 3", timeout=APPEARS_WITHIN_MS)
    send(analyst, demo, visit("/again", people[-1], str(uuid.uuid4())))
    analyst.get_by_role("link", name=re.compile("^Next customer")).click()
    expect(heading).to_have_text(names[1], timeout=APPEARS_WITHIN_MS)
    analyst.reload()
    expect(heading).to_have_text(names[1], timeout=APPEARS_WITHIN_MS)
    expect(analyst.get_by_role("link", name=re.compile("^Next customer"))).to_be_visible(timeout=APPEARS_WITHIN_MS)
    analyst.keyboard.press("j")
    expect(heading).to_have_text(names[2], timeout=APPEARS_WITHIN_MS)
    expect(analyst.get_by_role("link", name=re.compile("^Next customer"))).to_have_count(0)
    analyst.keyboard.press("k")
    expect(heading).to_have_text(names[1], timeout=APPEARS_WITHIN_MS)
    analyst.get_by_role("link", name="Customers", exact=True).first.click()
    expect(analyst).to_have_url(re.compile("/customers"))


def test_two_customers_are_side_by_side_in_one_address(analyst: Page, demo: str) -> None:
    ann, ben = str(uuid.uuid4()), str(uuid.uuid4())
    send(analyst, demo, visit("/ann", ann, ann), visit("/ben", ben, ben))
    analyst.goto(f"{demo}/customers/{ann}")

    analyst.get_by_label("Compare with the customer").fill(ben)
    analyst.get_by_role("button", name="Compare", exact=True).click()

    columns = analyst.get_by_role("region", name=re.compile("^What .* did$"))
    expect(columns).to_have_count(2)
    expect(columns.nth(0)).to_contain_text("/ann", timeout=APPEARS_WITHIN_MS)
    expect(columns.nth(1)).to_contain_text("/ben", timeout=APPEARS_WITHIN_MS)
    expect(analyst).to_have_url(re.compile(f"with={ben}"))
    analyst.reload()
    expect(columns.nth(1)).to_contain_text("/ben", timeout=APPEARS_WITHIN_MS)
    analyst.get_by_role("link", name="End comparing").click()
    expect(columns).to_have_count(0)


def test_two_sessions_of_one_customer_are_side_by_side(analyst: Page, demo: str) -> None:
    who, first, second = (str(uuid.uuid4()) for _ in range(3))
    send(analyst, demo, visit("/first", who, first))
    send(analyst, demo, visit("/second", who, second))
    analyst.goto(f"{demo}/customers/{who}")
    sessions = analyst.locator(".session")
    expect(sessions).to_have_count(2, timeout=APPEARS_WITHIN_MS)

    sessions.filter(has_text="/second").get_by_role("link", name="Compare").click()
    columns = analyst.get_by_role("region", name=re.compile("^What .* did$"))
    expect(columns.nth(0).locator(".session")).to_have_count(1, timeout=APPEARS_WITHIN_MS)
    columns.nth(1).locator(".session").filter(has_text="/first").get_by_role("link", name="Compare").click()

    expect(columns.nth(1).locator(".session")).to_have_count(1, timeout=APPEARS_WITHIN_MS)
    expect(columns.nth(0)).to_contain_text("/second")
    expect(columns.nth(1)).to_contain_text("/first")
    expect(columns.nth(1)).not_to_contain_text("/second")
