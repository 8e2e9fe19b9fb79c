"""People in a real browser: invited by a link, logged in with a second factor; and a page that obeys its own CSP."""

from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running import PASSWORD, Running

pytestmark = pytest.mark.browser
SCREENS = ("/live", "/customers", "/events", "/quality", "/settings", "/people", "/account", "/api/docs")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("people") / "data")
    running.start()
    yield running
    running.stop()


def visitor(browser: Browser, served: Running) -> Page:
    """A page in a browser of its own, whose breaches of the content security policy are noted."""
    page = browser.new_context(base_url=served.url, viewport={"width": 1280, "height": 900}).new_page()
    page.add_init_script(
        "addEventListener('securitypolicyviolation', e => (window.breaches ??= []).push(e.violatedDirective))"
    )
    return page


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.goto("/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_no_screen_breaks_the_content_security_policy(browser: Browser, served: Running) -> None:
    page = visitor(browser, served)
    log_in(page, "admin")
    page.get_by_role("heading", name="Live", exact=True).wait_for()
    breaches = [*page.evaluate("window.breaches ?? []")]
    for path in SCREENS:
        page.goto(path)
        page.get_by_role("heading", level=1).first.wait_for()
        page.keyboard.press("/")
        page.keyboard.press("Escape")
        breaches += [f"{path} {one}" for one in page.evaluate("window.breaches ?? []")]
    page.goto("/live")
    page.get_by_role("button", name="admin: account").click()
    page.get_by_role("menuitem", name="Your account").click()
    page.get_by_role("heading", name="Your account").wait_for()
    breaches += page.evaluate("window.breaches ?? []")
    page.context.close()

    assert breaches == []


def test_somebody_is_invited_joins_and_is_made_an_editor(browser: Browser, served: Running) -> None:
    admin, guest = visitor(browser, served), visitor(browser, served)
    log_in(admin, "admin")
    admin.get_by_role("heading", name="Live", exact=True).wait_for()
    admin.goto("/people")
    admin.get_by_role("button", name="Make a link").click()
    link = admin.get_by_label("Invitation", exact=True).inner_text()

    guest.goto(link)
    guest.get_by_label("Name").fill("gast@people.example")
    guest.get_by_label("New password", exact=True).fill("a long enough one")
    guest.get_by_label("New password, again").fill("a long enough one")
    guest.keyboard.press("Enter")
    expect(guest.get_by_role("heading", name="Live", exact=True)).to_be_visible()
    guest.goto("/people")
    expect(guest.get_by_text("Only admins see the people of a site")).to_be_visible()

    admin.reload()
    admin.get_by_label("Role of gast@people.example", exact=True).select_option("editor")
    expect(admin.get_by_label("Role of gast@people.example", exact=True)).to_have_value("editor")
    guest.goto("/account")
    expect(guest.get_by_text("Editor of default.")).to_be_visible()
    guest.goto(link)
    expect(guest.get_by_role("heading", name="This link opens nothing")).to_be_visible()
    for page in (admin, guest):
        assert page.evaluate("window.breaches ?? []") == []
        page.context.close()


def test_second_factor_is_set_up_and_asked_for(browser: Browser, served: Running) -> None:
    served.command("user", "add", "factor", "--role", "viewer", "--json")
    link = served.command("user", "reset", "factor").stdout.split()[1]
    page = visitor(browser, served)
    page.goto(link)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password, again").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Live", exact=True).wait_for()

    page.goto("/account")
    page.get_by_label("Password, to set up a second factor").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_alt_text("QR code for an authenticator app")).to_be_visible()
    assert page.get_by_alt_text("QR code").evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    secret = page.locator("code.secret").inner_text()
    page.get_by_label("Code of the authenticator app").fill(pyotp.totp.TOTP(secret).now())
    page.keyboard.press("Enter")
    recovery = page.get_by_label("Recovery codes").inner_text().split()
    assert page.evaluate("window.breaches ?? []") == []
    page.context.clear_cookies()

    log_in(page, "factor")
    code = page.get_by_label("Code")
    expect(code).to_be_focused()
    code.fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("That code did not open")).to_be_visible()
    code.fill(recovery[0])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Live", exact=True)).to_be_visible()
    page.context.close()
