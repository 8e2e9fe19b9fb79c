"""Forms under Explore, in a real browser: fields told in a picture and its table, submissions with who sent them."""

import re

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.sending import send_stored

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 15_000
PASSWORD = "correct horse battery"


def test_a_form_leads_to_its_fields_and_its_submissions(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/forms")
    table = analyst.get_by_role("region", name="Forms", exact=True).get_by_role("table")
    row = table.get_by_role("row", name=re.compile("^checkout"))
    expect(row).to_be_visible(timeout=APPEARS_WITHIN_MS)
    started, submitted, left = (int(row.get_by_role("cell").nth(at).inner_text()) for at in (1, 2, 3))
    assert started == submitted + left

    row.get_by_role("link", name="checkout").click()

    fields = analyst.get_by_role("region", name="Fields of checkout")
    expect(fields.get_by_role("img", name=re.compile("^Fields by how often"))).to_be_visible()
    rows = fields.get_by_role("table").get_by_role("row").all()[1:]
    assert sum(int(one.get_by_role("cell").first.inner_text()) for one in rows) == left
    fields.get_by_role("link", name=f"See {submitted} submissions").click()
    panel = analyst.get_by_role("dialog", name="Submissions of checkout")
    people = panel.get_by_role("region", name="Submissions").get_by_role("listitem")
    expect(people).to_have_count(min(submitted, 50), timeout=APPEARS_WITHIN_MS)
    expect(people.first).to_contain_text("@example")
    analyst.reload()
    expect(people.first).to_be_visible(timeout=APPEARS_WITHIN_MS)
    people.first.get_by_role("link").first.click()
    expect(analyst).to_have_url(re.compile("/customers/"))


def test_a_number_leads_to_who_left_the_form(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/forms")
    table = analyst.get_by_role("region", name="Forms", exact=True).get_by_role("table")
    row = table.get_by_role("row", name=re.compile("^checkout"))
    expect(row).to_be_visible(timeout=APPEARS_WITHIN_MS)
    left = int(row.get_by_role("cell").nth(3).inner_text())

    row.get_by_role("cell").nth(3).get_by_role("link").click()

    panel = analyst.get_by_role("dialog", name="checkout: left it")
    times = panel.get_by_text(re.compile(r"^\d+ times?$"))
    expect(times.first).to_be_visible(timeout=APPEARS_WITHIN_MS)
    assert sum(int(text.split()[0]) for text in times.all_inner_texts()) <= left


def test_the_period_before_stands_beside_the_numbers(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/forms?range=24h")
    table = analyst.get_by_role("region", name="Forms", exact=True).get_by_role("table")
    row = table.get_by_role("row", name=re.compile("^checkout"))
    expect(row).to_be_visible(timeout=APPEARS_WITHIN_MS)

    analyst.get_by_role("button", name="With the period before").click()

    started = row.get_by_role("cell").nth(1)
    expect(started).to_contain_text(re.compile("from [0-9,]+|as before|nothing before"), timeout=APPEARS_WITHIN_MS)
    expect(row.locator(".done")).to_contain_text(re.compile("[0-9.]+ % before|nothing before"))


def test_a_viewer_is_told_that_there_are_values(analyst: Page, demo: str, browser: Browser) -> None:
    csrf = {"x-csrf-token": analyst.request.get(f"{demo}/api/v1/me").json()["csrf"]}
    body = {"sites": {"default": "viewer"}}
    link = analyst.request.post(f"{demo}/api/v1/invitations", data=body, headers=csrf).json()["link"]
    taken = {"token": link.partition("#")[2], "name": "looks-only", "password": PASSWORD}
    httpx.post(f"{demo}/api/v1/invitations/accept", json=taken).raise_for_status()
    # The demo's visitors may have submitted none.
    put_in = {"firstName": "Ann", "email": "ann@letters.example", "newsletter_agreement": True}
    send_stored(analyst, demo, action="form.submit", params={"form": "newsletter", **put_in})
    page = browser.new_context().new_page()
    page.goto(f"{demo}/explore/forms?form=newsletter&panel=submissions")
    page.get_by_label("Name").fill("looks-only")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    panel = page.get_by_role("dialog", name="Submissions of newsletter")

    expect(panel.get_by_text("What was put in is shown to editors and admins")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(panel.get_by_text("firstName, email, newsletter_agreement: filled").first).to_be_visible()
    expect(panel.locator("dd")).to_have_count(0)
    page.context.close()
