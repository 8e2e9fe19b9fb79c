"""Alerts as a person makes them: the sentence, its preview, the incident, the bell, and who is told."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

OPENS_WITHIN_MS = 20_000


def test_an_alert_is_made_opens_an_incident_and_is_taken_away(demo: str, analyst: Page) -> None:
    analyst.goto(f"{demo}/alerts")
    analyst.get_by_role("button", name="New alert").click()
    analyst.get_by_label("Action, or a pattern").fill("page.visit")
    analyst.get_by_label("Length of a window").select_option(label="1 day")
    analyst.get_by_label("Compared with").select_option("fixed")
    analyst.get_by_role("spinbutton", name="Above").fill("1")
    expect(
        analyst.get_by_text(re.compile("In the last 4 weeks this would have fired .+ It would be open now"))
    ).to_be_visible()
    analyst.get_by_label("Name", exact=True).fill("Too many visits")
    analyst.get_by_role("button", name="Make this alert").click()

    incident = analyst.get_by_role("article", name="Too many visits")
    expect(incident.get_by_text("Open", exact=True)).to_be_visible(timeout=OPENS_WITHIN_MS)
    expect(incident.get_by_text("the limit is at most 1")).to_be_visible()
    analyst.reload()
    expect(analyst.get_by_role("link", name=re.compile(r"Alerts: \d+ open")).first).to_be_visible()
    incident.get_by_role("link", name="Look at the question behind it").click()
    expect(analyst.get_by_role("heading", name="How does it go?")).to_be_visible()
    analyst.go_back()

    analyst.get_by_role("button", name="Mute Too many visits").click()
    expect(analyst.get_by_text("nobody (muted)")).to_be_visible()
    row = analyst.get_by_role("row", name=re.compile("Too many visits"))
    row.get_by_role("button", name="Delete…").click()
    row.get_by_role("button", name="Delete", exact=True).click()
    expect(row).to_have_count(0)


def test_a_channel_shows_its_secret_once_and_what_a_test_came_to(demo: str, analyst: Page) -> None:
    analyst.goto(f"{demo}/alerts")
    analyst.get_by_role("button", name="Add a channel").click()
    analyst.get_by_label("Name", exact=True).fill("Shop team")
    analyst.get_by_label("Address (https)").fill("https://127.0.0.1/hook")
    analyst.get_by_role("button", name="Add channel").click()
    expect(analyst.get_by_text(re.compile("whsec_"))).to_be_visible()
    analyst.get_by_role("button", name="I have copied it").click()
    expect(analyst.get_by_text(re.compile("whsec_"))).to_have_count(0)

    analyst.get_by_role("button", name="Send a test to Shop team").click()
    expect(analyst.get_by_text(re.compile("which is not public"))).to_be_visible()
    channel = analyst.get_by_role("listitem").filter(has_text="Shop team")
    channel.get_by_role("button", name="Delete…").click()
    channel.get_by_role("button", name="Delete", exact=True).click()
    expect(channel).to_have_count(0)
