"""Who a customer is, in a real browser: attributes with their history, and a merge that is undone."""

import uuid

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.running import make_event, wait_for

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 15_000


def test_a_merge_is_seen_and_undone(analyst: Page, demo: str) -> None:
    key = analyst.request.get(f"{demo}/api/v1/sites/default").json()["tracker_key"]
    phone, laptop = str(uuid.uuid4()), str(uuid.uuid4())
    number = f"C-{uuid.uuid4().hex[:8]}"
    told = [(phone, {"plan": "free"}), (laptop, {"plan": "gold"})]
    events = [
        make_event(uuid=device, action="client.identify", params={"customId": number, **attributes})
        for device, attributes in told
    ]
    for event in events:
        httpx.post(f"{demo}/e", json={"key": key, "events": [event]}).raise_for_status()

    # 200 says that they are kept; whose they are is known when they are loaded.
    customer = f"{demo}/api/v1/sites/default/customers/{number}"
    wait_for(lambda: len(analyst.request.get(customer).json().get("uuids", [])) == 2, APPEARS_WITHIN_MS / 1000)

    analyst.goto(f"{demo}/customers/{number}")
    about = analyst.get_by_role("complementary", name="About this customer")
    expect(about.get_by_text("became part of")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(about.get_by_text(laptop)).to_be_visible()
    about.get_by_text("1 before").click()
    expect(about.get_by_text("free")).to_be_visible()

    about.get_by_role("button", name="Undo").click()
    about.get_by_role("button", name="Undo merge").click()

    expect(about.get_by_text("Undone")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(about.get_by_text(laptop)).not_to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(about.get_by_text("gold")).not_to_be_visible()
