"""An attacker's labels, params and origins on every screen that shows them: text, and nothing else."""

import contextlib
import json
import uuid

import httpx
import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 20_000
RELOADS = 4
IMAGE = '<img src=x onerror="window.owned=1" id="injected">'
SCRIPT = "</script><script>window.owned=1</script>"
LINK = "javascript:window.owned=1"
ANSI = "\x1b[2J\u202egpj.exe"
OWNED = "window.owned || document.getElementById('injected') || document.querySelector('a[href^=\"javascript:\"]')"


@pytest.fixture(scope="module")
def attack(demo: str) -> dict[str, str]:
    """Hostile events in the demo's site: one stored, one refused. Their ids and uuid."""
    page = httpx.get(f"{demo}/demo/").text
    key = page.split("/s/")[1].split(".js")[0]
    made = {"uuid": str(uuid.uuid4()), "stored": str(uuid.uuid4()), "refused": str(uuid.uuid4())}
    params = {
        "url": LINK, "title": SCRIPT, IMAGE: SCRIPT, "ansi": ANSI, "long": "W" * 30_000, "__proto__": {"owned": 1},
        "email": f"{IMAGE}@x.example", "deep": {"a": [IMAGE, {"b": SCRIPT}]},
    }  # fmt: skip
    who = {"id": str(uuid.uuid4()), "action": "client.identify", "params": {"customId": f"{IMAGE}{made['uuid']}"}}
    events = [
        {"id": made["stored"], "action": "evil.event", "label": f"{IMAGE}{SCRIPT}", "params": params},
        who,
        {"id": made["refused"], "action": IMAGE, "label": SCRIPT, "params": {"x": IMAGE}},
    ]
    body = json.dumps({"key": key, "uuid": made["uuid"], "events": events})
    answer = httpx.post(f"{demo}/e", content=body, headers={"origin": "https://x.example/<script>", "referer": SCRIPT})
    assert [why["code"] for why in answer.json()["rejected"]] == ["action_too_long"]
    return made


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/live?action=evil.event", IMAGE),
        ("/events?action=evil.event", IMAGE),
        ("/events/{stored}", SCRIPT),
        ("/customers/{uuid}", IMAGE),
        ("/customers?q={uuid}", IMAGE),
        ("/catalogue/evil.event", SCRIPT),
        ("/quality?q={refused}", "action_too_long"),
        ("/quality?why={refused}", "action_too_long"),
    ],
)
def test_a_screen_shows_it_as_text(demo: str, analyst: Page, attack: dict[str, str], path: str, seen: str) -> None:
    dialogs: list[str] = []
    analyst.on("dialog", lambda dialog: dialogs.append(dialog.message))
    analyst.goto(demo + path.format(**attack))
    shown = analyst.get_by_text(seen).first
    for _ in range(RELOADS):  # what was asked for before it was stored is not there
        with contextlib.suppress(PlaywrightTimeout):
            shown.wait_for(state="attached", timeout=APPEARS_WITHIN_MS / RELOADS)
            break
        analyst.reload()
    expect(shown).to_be_attached()
    closed = analyst.locator("main li button[aria-expanded=false]")
    for _ in range(min(5, closed.count())):
        closed.first.click()  # then it is open, and the next one is the first

    assert not analyst.evaluate(OWNED)
    assert dialogs == []
    width = analyst.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, "a long text widens the page"
