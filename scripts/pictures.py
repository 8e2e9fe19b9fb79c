"""Takes the pictures of docs/tour.md: the demo's pages, in a real Chromium.

    python scripts/pictures.py             take them all
    python scripts/pictures.py live paths  only these

Run `make build` first. The demo's visitors are of the past only, so that pictures differ as little as they can.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from trackway.commands.demo import PASSWORD

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs/pictures"
PORT = 8797
URL = f"http://127.0.0.1:{PORT}"
RUNNING = "The Trackway demo is running"
"""What the demo says once its past is there."""
SETTLES_MS = 1_500
SIZE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 800}
PATHS = {
    "live": "/live?",
    "customers": "/customers?",
    "customer": "/customers/{customer}?",
    "trends": "/explore/trends?action=page.visit&breakdown=channel&measure=customers",
    "paths": "/explore/paths?steps=4",
    "elements": "/explore/elements?sort=dwell",
    "forms": "/explore/forms?",
    "sources": "/explore/sources?",
    "funnels": "/explore/funnels?step=page.visit&step=product.view&step=product.addToCart&step=transaction.charge",
    "retention": "/explore/retention?",
    "sessions": "/explore/sessions?",
    "sql": "/explore/sql?q=SELECT+page%2C+count%28%29+AS+visits%0AFROM+events%0AWHERE+page+%21%3D+%27%27%0A"
    "GROUP+BY+page%0AORDER+BY+visits+DESC%0ALIMIT+10",
    "dashboards": "/dashboards/{dashboard}?",
    "segments": "/segments?",
    "alerts": "/alerts?",
    "catalogue": "/catalogue?",
    "quality": "/quality?",
    "settings": "/settings?",
}
ON_A_PHONE = ("live", "customer", "elements")
IN_THE_DARK = ("paths",)


def take(page: Page, name: str, file: str, named: dict[str, str]) -> None:
    """One picture of a page, once it shows what it has asked for. `named`: what its address names."""
    page.goto(URL + PATHS[name].format(**named))
    page.locator("main").get_by_role("heading").first.wait_for()
    page.wait_for_timeout(SETTLES_MS)
    page.screenshot(path=PICTURES / f"{file}.png", animations="disabled")


def logged_in(browser: Any, **look: Any) -> Page:
    """A page of Trackway."""
    page = browser.new_context(**look, timezone_id="UTC", reduced_motion="reduce").new_page()
    page.goto(f"{URL}/live")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Live", exact=True).wait_for()
    return page


def first_id(page: Page, of: str, called: re.Pattern[str]) -> str:
    """What the address of the first in a list names."""
    page.goto(f"{URL}/{of}")
    link = page.locator(f"main a[href^='/{of}/']").filter(has_text=called)
    return str(link.first.get_attribute("href")).split("/")[2].split("?")[0]


def main(names: list[str]) -> None:
    """Take the pictures named, or all."""
    PICTURES.mkdir(exist_ok=True)
    noted = (ROOT / ".cache/chromium").read_text().strip()
    command = [sys.executable, "-u", "-m", "trackway", "demo", "--quiet", "--port", str(PORT)]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves
    try:
        if not any(RUNNING in line for line in demo.stdout or ()):
            raise SystemExit("The demo does not start; its own message is above.")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=noted, args=["--no-sandbox"])
            page = logged_in(browser, viewport=SIZE)
            named = {
                "customer": first_id(page, "customers", re.compile("@|C[0-9]")),
                "dashboard": first_id(page, "dashboards", re.compile(".")),
            }
            for name in names or PATHS:
                take(page, name, name, named)
            for name in set(names or ON_A_PHONE) & set(ON_A_PHONE):
                take(logged_in(browser, viewport=PHONE), name, f"{name}-phone", named)
            for name in set(names or IN_THE_DARK) & set(IN_THE_DARK):
                take(logged_in(browser, viewport=SIZE, color_scheme="dark"), name, f"{name}-dark", named)
            browser.close()
    finally:
        demo.terminate()
        demo.wait(20)


if __name__ == "__main__":
    main(sys.argv[1:])
