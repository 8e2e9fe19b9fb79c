"""What each role is offered: a viewer and an editor see what a site is set to, and no button that would be refused."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 15_000
PASSWORD = "long enough to look"


def enter(browser: Browser, demo: str, analyst: Page, role: str) -> Page:
    """A page of somebody new who has this role on the shop."""
    csrf = {"x-csrf-token": analyst.request.get(f"{demo}/api/v1/me").json()["csrf"]}
    body = {"sites": {"default": role}}
    link = analyst.request.post(f"{demo}/api/v1/invitations", data=body, headers=csrf).json()["link"]
    taken = {"token": link.partition("#")[2], "name": f"only-{role}", "password": PASSWORD}
    httpx.post(f"{demo}/api/v1/invitations/accept", json=taken).raise_for_status()
    page = browser.new_context().new_page()
    page.goto(f"{demo}/settings/keys")
    page.get_by_label("Name").fill(f"only-{role}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible(timeout=APPEARS_WITHIN_MS)
    return page


@pytest.fixture(params=["viewer", "editor"])
def limited(request: pytest.FixtureRequest, browser: Browser, demo: str, analyst: Page) -> Iterator[tuple[str, Page]]:
    page = enter(browser, demo, analyst, request.param)
    yield request.param, page
    page.context.close()


def test_nothing_is_offered_that_would_be_refused(limited: tuple[str, Page], demo: str) -> None:
    role, page = limited
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status == 403 else None)

    expect(page.get_by_text("Shown to admins of the site.")).to_have_count(2)
    expect(page.get_by_role("button", name="Add an API key")).to_have_count(0)
    page.goto(f"{demo}/settings/audit")
    expect(page.get_by_text("Shown to admins of the site.")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    page.goto(f"{demo}/settings")
    expect(page.get_by_role("button", name="Rotate key…")).to_be_disabled(timeout=APPEARS_WITHIN_MS)
    expect(page.get_by_role("button", name="Archive this site…")).to_be_disabled()
    expect(page.get_by_label("Name of the site")).to_be_disabled()

    page.goto(f"{demo}/settings/rules")
    expect(page.get_by_role("button", name="Preview")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(page.get_by_role("button", name="Save rules")).to_have_count(1 if role == "editor" else 0)
    page.goto(f"{demo}/catalogue/product.view")
    name = page.get_by_role("dialog").get_by_label("Name", exact=True)
    expect(name).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(name).to_be_enabled() if role == "editor" else expect(name).to_be_disabled()
    page.goto(f"{demo}/quality")
    replay = page.get_by_role("button", name="Replay all that match")
    expect(page.get_by_role("heading", name="Quarantine")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(replay).to_have_count(1 if role == "editor" else 0)
    page.goto(f"{demo}/customers")
    page.locator("tbody a, li a").first.click(timeout=APPEARS_WITHIN_MS)
    expect(page.get_by_role("region", name="Merges")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(page.get_by_role("button", name="Erase…")).to_have_count(0)
    expect(page.get_by_text("Merge another into this one")).to_have_count(1 if role == "editor" else 0)

    assert refused == []
