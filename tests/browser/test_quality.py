"""Quality in a real browser: why an event is not here, and what would become of one."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 15_000


def test_an_event_is_judged_and_not_stored(demo: str, analyst: Page) -> None:
    analyst.goto(f"{demo}/quality")
    box = analyst.get_by_role("region", name="Would an event be taken?")
    box.get_by_label("Events as JSON").fill(
        f'[{{"action": "trial.one", "uuid": "{uuid.uuid4()}", "label": "One"}}, {{"action": "oops"}}]'
    )
    box.get_by_role("button", name="Judge").click()

    lines = box.get_by_role("listitem")
    expect(lines.nth(0)).to_contain_text("would be stored", timeout=APPEARS_WITHIN_MS)
    expect(lines.nth(0)).to_contain_text("trial.one · “One”")
    expect(lines.nth(1)).to_contain_text("action_invalid")
    expect(box.get_by_role("status")).to_contain_text("Nothing was stored, counted or kept.")
    analyst.goto(f"{demo}/events?action=trial.one")
    expect(analyst.get_by_text("No stored event fits all of these conditions")).to_be_visible(timeout=APPEARS_WITHIN_MS)


def test_what_is_no_json_is_said_where_it_was_pasted(demo: str, analyst: Page) -> None:
    analyst.goto(f"{demo}/quality")
    box = analyst.get_by_role("region", name="Would an event be taken?")
    box.get_by_label("Events as JSON").fill('{"action": ')
    box.get_by_role("button", name="Judge").click()

    expect(box.get_by_role("alert")).to_contain_text("not valid JSON", timeout=APPEARS_WITHIN_MS)


def test_an_event_that_was_refused_is_explained(demo: str, analyst: Page, person: Page) -> None:
    refused = str(uuid.uuid4())
    person.goto(f"{demo}/demo/")
    person.evaluate(
        """(id) => {
            const key = document.querySelector('script[src*="/s/"]').src.match(/([^/]+)\\.js/)[1];
            const body = { key, uuid: crypto.randomUUID(), events: [{ id, action: "oops" }] };
            return fetch("/e", { method: "POST", body: JSON.stringify(body) }).then((answer) => answer.text());
        }""",
        refused,
    )
    analyst.goto(f"{demo}/quality")
    box = analyst.get_by_role("region", name="Why is an event not here?")
    box.get_by_label("Id of the event").fill(refused)
    box.get_by_role("button", name="Find out").click()

    expect(box.get_by_role("status")).to_contain_text(re.compile("Rejected|On its way"), timeout=APPEARS_WITHIN_MS)
    analyst.wait_for_timeout(1000)
    analyst.reload()  # the question is in the address
    expect(box.get_by_role("status")).to_contain_text("action_invalid", timeout=APPEARS_WITHIN_MS)

    box.get_by_label("Id of the event").fill("x")
    box.get_by_role("button", name="Find out").click()
    expect(box.get_by_role("alert")).to_contain_text("must be a UUID", timeout=APPEARS_WITHIN_MS)
