"""A real Chromium, and the demo as `make run` starts it, on a port of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.running import clean_environment, free_port, wait_for

NOTED = Path(__file__).parents[2] / ".cache" / "chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
DEMO_PASSWORD = "trackway-demo"
RUNNING = "The Trackway demo is running"
"""What it says once its past is there, with what its owners made of it."""


def chromium() -> str:
    """The browser that `make test` noted, or one that is there."""
    noted = NOTED.read_text().strip() if NOTED.exists() else ""
    found = os.environ.get("TRACKWAY_CHROMIUM") or noted or shutil.which("chromium")
    assert found, "no Chromium: `make test` installs one, or name it in TRACKWAY_CHROMIUM"
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file: while it is open, Playwright keeps an event loop running that other tests must not meet."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo's address. Its simulated visitors are of the past only, so that a test sees its own events."""
    port, log = free_port(), tmp_path_factory.mktemp("demo") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "trackway", "demo", "--quiet", "--days", "3", "--port", str(port)],
            env=clean_environment(),
            stdout=output,
            stderr=output,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        said = partial(log.read_text, errors="replace")
        wait_for(lambda: RUNNING in said() and answers(url), 120, lambda: said()[-2000:])
        yield url
    finally:
        process.terminate()
        process.wait(20)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def person(browser: Browser) -> Iterator[Page]:
    """Somebody's browser, with nothing stored in it."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def open_customer(page: Page, demo: str, uuid: str) -> None:
    """The page of a customer whose first event is stored: before that there is no such customer."""
    known = f"{demo}/api/v1/sites/default/customers/{uuid}"
    wait_for(lambda: page.request.get(known).ok, 20)
    page.goto(f"{demo}/customers/{uuid}")


@pytest.fixture
def analyst(browser: Browser, demo: str) -> Iterator[Page]:
    """A page of Trackway, logged in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{demo}/live")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Live", exact=True).wait_for()
    page.mouse.move(2, 2)  # pointing at the stream holds it
    yield page
    context.close()
