"""What an admin does to a site in the page: keys, archive, replay, erasure, logins. Then the server is asked."""

import re
import uuid
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running import wait_for

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 15_000


def add_site(analyst: Page, demo: str) -> dict[str, Any]:
    """A site of this test's own."""
    csrf = {"x-csrf-token": analyst.request.get(f"{demo}/api/v1/me").json()["csrf"]}
    body = {"name": f"Kiosk {uuid.uuid4().hex[:6]}"}
    made = analyst.request.post(f"{demo}/api/v1/sites", data=body, headers=csrf)
    assert made.status == 201
    return made.json()


def send(demo: str, key: str, **event: Any) -> int:
    """One event by a tracker key; the answer's status."""
    sent = {"action": "kiosk.opened", "uuid": str(uuid.uuid4())} | event
    return httpx.post(f"{demo}/e", json={"key": key, "events": [sent]}).status_code


def test_a_key_is_rotated_with_an_overlap(demo: str, analyst: Page) -> None:
    site = add_site(analyst, demo)
    analyst.goto(f"{demo}/settings?site={site['id']}")
    analyst.get_by_label("After a rotation the old key works").select_option("for a week", timeout=APPEARS_WITHIN_MS)
    analyst.get_by_role("button", name="Rotate key…").click()
    analyst.get_by_role("button", name="Rotate", exact=True).click()

    expect(analyst.get_by_text(f"The old key {site['tracker_key']} works until")).to_be_visible(
        timeout=APPEARS_WITHIN_MS
    )
    now = analyst.request.get(f"{demo}/api/v1/sites/{site['id']}").json()["tracker_key"]
    assert now != site["tracker_key"]
    assert (send(demo, now), send(demo, site["tracker_key"])) == (200, 200)


def test_a_site_is_archived_and_restored(demo: str, analyst: Page) -> None:
    site = add_site(analyst, demo)
    analyst.goto(f"{demo}/settings?site={site['id']}")
    analyst.get_by_role("button", name="Archive this site…").click(timeout=APPEARS_WITHIN_MS)
    analyst.get_by_role("button", name="Archive", exact=True).click()

    expect(analyst.get_by_text("nothing is collected for this site")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    assert send(demo, site["tracker_key"]) == 401
    analyst.get_by_role("button", name="Restore").first.click()
    expect(analyst.get_by_role("button", name="Archive this site…")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    assert send(demo, site["tracker_key"]) == 200


def test_an_api_key_has_lists_and_addresses_and_is_revoked(demo: str, analyst: Page) -> None:
    site = add_site(analyst, demo)
    analyst.goto(f"{demo}/settings/keys?site={site['id']}")
    analyst.get_by_role("button", name="Add an API key").click(timeout=APPEARS_WITHIN_MS)
    form = analyst.get_by_role("region", name="API keys")
    form.get_by_label("Name").fill("till")
    form.get_by_label("May send only").fill("kiosk.*")
    form.get_by_label("Only from these addresses").fill("127.0.0.0/8 ::1")
    form.get_by_role("button", name="Add key").click()
    expect(form.get_by_text("Copy the secret now")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    secret = re.search(r"tw_\S+", form.inner_text())
    assert secret
    events = [{"action": action, "uuid": str(uuid.uuid4())} for action in ("kiosk.opened", "shop.opened")]
    headers = {"authorization": f"Bearer {secret.group()}"}

    told = httpx.post(f"{demo}/api/v1/events", json=events, headers=headers).json()
    form.get_by_role("button", name="I have copied it").click()
    expect(form.get_by_text("may send kiosk.* · from 127.0.0.0/8, ::1")).to_be_visible()
    form.get_by_role("button", name="Revoke…").click()
    form.get_by_role("button", name="Revoke", exact=True).click()
    expect(form.get_by_text("There is no API key for this site yet")).to_be_visible(timeout=APPEARS_WITHIN_MS)

    assert [(one["index"], one["code"]) for one in told["rejected"]] == [(1, "not_allowed")]
    assert httpx.post(f"{demo}/api/v1/events", json=events, headers=headers).status_code == 401


def test_denied_events_are_replayed_after_the_rule_was_lifted(demo: str, analyst: Page) -> None:
    site = add_site(analyst, demo)
    analyst.goto(f"{demo}/settings/rules?site={site['id']}")
    deny = analyst.get_by_label("Deny")
    for rules in ("kiosk.*", ""):
        deny.fill(rules, timeout=APPEARS_WITHIN_MS)
        analyst.get_by_role("button", name="Preview").click()
        analyst.get_by_role("button", name="Save rules").click(timeout=APPEARS_WITHIN_MS)
        expect(analyst.get_by_text("Saved. The server has them now")).to_be_visible(timeout=APPEARS_WITHIN_MS)
        if rules:
            for _ in range(3):
                send(demo, site["tracker_key"])

    analyst.goto(f"{demo}/quality?site={site['id']}")
    expect(analyst.get_by_text("denylist of this site has the rule kiosk").first).to_be_visible(
        timeout=APPEARS_WITHIN_MS
    )
    analyst.get_by_role("button", name="Replay all that match").click()
    expect(analyst.get_by_text("3 judged again: 3 stored")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    stored = f"{demo}/api/v1/sites/{site['id']}/events?action=kiosk.opened"
    wait_for(lambda: len(analyst.request.get(stored).json()["items"]) == 3, 15)


def test_a_customer_is_erased_and_the_receipt_is_kept(demo: str, analyst: Page) -> None:
    site, person = add_site(analyst, demo), str(uuid.uuid4())
    send(demo, site["tracker_key"], uuid=person)
    known = f"{demo}/api/v1/sites/{site['id']}/customers/{person}"
    wait_for(lambda: analyst.request.get(known).ok, 20)
    analyst.goto(f"{demo}/customers/{person}?site={site['id']}")
    analyst.get_by_role("button", name="Erase…").click(timeout=APPEARS_WITHIN_MS)
    box = analyst.get_by_role("dialog")
    expect(box.get_by_role("button", name="Erase this customer")).to_be_disabled()
    box.get_by_label("Type “erase” to go on").fill("erase")
    box.get_by_role("button", name="Erase this customer").click()
    expect(box.get_by_text("The receipt is kept, and nothing else")).to_be_visible(timeout=60_000)

    analyst.goto(f"{demo}/settings/privacy?site={site['id']}")
    receipts = analyst.get_by_role("region", name="Erasures and receipts")
    expect(receipts.get_by_text(re.compile("event"))).not_to_have_count(0, timeout=APPEARS_WITHIN_MS)
    assert analyst.request.get(known).status == 404


def test_another_login_is_ended(demo: str, analyst: Page, browser: Browser) -> None:
    other = browser.new_context(user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    away = other.new_page()
    away.goto(f"{demo}/live")
    away.get_by_label("Name").fill("admin")
    away.get_by_label("Password").fill("trackway-demo")
    away.get_by_role("button", name="Log in").click()
    away.get_by_role("heading", name="Live", exact=True).wait_for()

    analyst.goto(f"{demo}/account")
    end = analyst.get_by_role("button", name=re.compile("End the login of Firefox on Linux"))
    end.click(timeout=APPEARS_WITHIN_MS)
    expect(end).to_have_count(0, timeout=APPEARS_WITHIN_MS)
    wait_for(lambda: away.request.get(f"{demo}/api/v1/me").status == 401, 15)
    other.close()
