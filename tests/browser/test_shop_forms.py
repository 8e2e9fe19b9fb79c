"""The demo shop's forms, filled in by a person, as Trackway stores them: what the shop tagged, and nothing else."""

import time
from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PASSWORD = "planted-password-9"


def stored(demo: str, person: Page, analyst: Page, action: str) -> dict[str, Any]:
    """The params of the person's newest event of an action."""
    uuid = person.evaluate("SR.client.getUuid()")
    site = analyst.request.get(f"{demo}/api/v1/sites").json()["items"][0]["id"]
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        answer = analyst.request.get(f"{demo}/api/v1/sites/{site}/events?action={action}&uuid={uuid}")
        assert answer.ok, answer.text()
        if items := answer.json()["items"]:
            return items[0]["params"]
        time.sleep(0.1)
    raise AssertionError(f"no {action} of {uuid}")


def test_newsletter_is_a_submission_with_its_tagged_fields(demo: str, person: Page, analyst: Page) -> None:
    person.goto(f"{demo}/demo/")
    letter = person.locator("[data-newsletter]")
    letter.get_by_label("First name").fill("Ann")
    letter.get_by_label("Email").fill("ann@shop.example")
    letter.get_by_role("checkbox").check()
    letter.get_by_role("button", name="Subscribe").click()

    params = stored(demo, person, analyst, "form.submit")

    assert params["form"] == "newsletter"
    assert (params["firstName"], params["email"], params["newsletter_agreement"]) == ("Ann", "ann@shop.example", True)


def test_checkout_that_goes_on_to_another_page_is_a_submission(demo: str, person: Page, analyst: Page) -> None:
    person.goto(f"{demo}/demo/product-hand-grinder.html")
    person.locator("[data-add]").click()
    person.goto(f"{demo}/demo/checkout.html")
    order = person.locator("[data-checkout]")
    filled = {"Full name": "Ann Other", "Email": "ann@shop.example", "Street": "Main Street 1", "Postcode": "01234"}
    for label, text in filled.items():
        order.get_by_label(label).fill(text)
    order.get_by_label("City").fill("Oslo")
    order.get_by_label("By bank transfer").check()
    order.get_by_role("button", name="Place the order").click()
    person.wait_for_url("**/thanks.html")

    params = stored(demo, person, analyst, "form.submit")

    assert (params["form"], params["name"], params["city"], params["payment"]) == (
        "checkout", "Ann Other", "Oslo", "transfer",
    )  # fmt: skip
    assert "Main Street" not in str(params), "the street is not tagged"
    assert params["url"].endswith("/checkout.html")


def test_checkout_that_is_left_says_where_and_no_value(demo: str, person: Page, analyst: Page) -> None:
    person.goto(f"{demo}/demo/checkout.html")
    order = person.locator("[data-checkout]")
    order.get_by_label("Full name").fill("Ann Other")
    order.get_by_label("Email").fill("ann@")
    order.get_by_role("button", name="Place the order").click()
    person.goto(f"{demo}/demo/")

    params = stored(demo, person, analyst, "form.abandon")

    assert (params["form"], params["last_field"], params["touched"]) == ("checkout", "email", ["name", "email"])
    assert "email" in params["errors"]
    assert "Ann" not in str(params)


def test_password_of_the_sign_in_stays_in_the_browser(demo: str, person: Page, analyst: Page) -> None:
    sent: list[str] = []
    person.on("request", lambda request: sent.append(request.post_data or ""))
    person.goto(f"{demo}/demo/app.html")
    person.get_by_label("First name").first.fill("Ann")
    person.locator("[data-sign-in]").get_by_label("Email").fill("ann@shop.example")
    person.get_by_label("Password").fill(PASSWORD)
    person.get_by_role("button", name="Sign in").click()

    params = stored(demo, person, analyst, "form.submit")

    assert params["form"] == "sign-in"
    assert PASSWORD not in "".join(sent) + str(params)
