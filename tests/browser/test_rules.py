"""Rules as a person changes them in Settings: tried first, then saved, and obeyed by browsers and the server."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def editor(demo: str, analyst: Page) -> Iterator[Page]:
    """The settings of the demo's site; its rules are emptied afterwards, since other tests share it."""
    analyst.goto(f"{demo}/settings/rules")
    expect(analyst.get_by_label("Deny", exact=True)).to_be_visible()
    yield analyst
    analyst.goto(f"{demo}/settings/rules")
    save(analyst, "")


def save(page: Page, deny: str) -> None:
    """Change the denylist as a person does."""
    page.get_by_label("Deny", exact=True).fill(deny)
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.get_by_text("these rules would refuse")).to_be_visible()
    page.get_by_role("button", name="Save rules").click()
    expect(page.get_by_text("Saved. The server has them now")).to_be_visible()


def test_rules_are_tried_before_they_can_be_saved(editor: Page) -> None:
    editor.get_by_label("Deny", exact=True).fill("page.visit")

    expect(editor.get_by_role("button", name="Save rules")).to_be_disabled()
    editor.get_by_role("button", name="Preview", exact=True).click()

    expect(editor.get_by_text("denied by page.visit")).to_be_visible()
    expect(editor.get_by_role("button", name="Save rules")).to_be_enabled()
    save(editor, "nothing.like-it")


def test_denied_action_leaves_no_browser_and_passes_no_server(demo: str, editor: Page, person: Page) -> None:
    save(editor, "secret.*")
    sent: list[str] = []
    person.on("request", lambda request: sent.append(request.post_data or ""))
    person.goto(f"{demo}/demo/")
    verdicts = person.evaluate(
        "Promise.all([SR.event.trackCustomEvent('secret.one'), SR.event.trackCustomEvent('open.one')])"
    )
    by_hand = person.evaluate(
        """async () => {
            const key = document.querySelector('script[src*="/s/"]').src.match(/([^/]+)\\.js/)[1];
            const body = { key, uuid: crypto.randomUUID(), events: [{ action: "secret.two" }] };
            return (await fetch("/e", { method: "POST", body: JSON.stringify(body) })).json();
        }"""
    )

    assert [verdict.get("code") for verdict in verdicts] == ["denied", None]
    assert any("open.one" in body for body in sent)
    assert not any("secret.one" in body for body in sent)
    assert [why["code"] for why in by_hand["rejected"]] == ["denied"]


def test_change_of_rules_is_listed_with_who_made_it(demo: str, editor: Page) -> None:
    save(editor, "listed.here")

    editor.goto(f"{demo}/settings/audit")
    log = editor.locator("section[aria-labelledby=audit]")
    expect(log.get_by_text("changed the rules").first).to_be_visible()
    expect(log.get_by_text("listed.here").first).to_be_visible()
    expect(log.get_by_text("admin").first).to_be_visible()
