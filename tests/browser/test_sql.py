"""The SQL console in a real browser: asked, read, stopped, gone back to."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 15_000


def test_a_query_is_written_run_and_shared(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/sql")
    editor = analyst.get_by_label("SQL query")
    editor.fill("SELECT action, count() AS n FROM events GROUP BY action ORDER BY n DESC LIMIT 3")

    editor.press("Control+Enter")

    rows = analyst.get_by_role("region", name="Rows", exact=True)
    expect(rows.get_by_role("status")).to_contain_text(re.compile(r"3 rows · [\d,]+ ms · [\d,]+ rows read"))
    expect(rows.get_by_role("columnheader", name="n UInt64")).to_be_visible()
    shown = rows.get_by_role("table").inner_text()
    shared = analyst.url
    assert "q=SELECT+action" in shared
    editor.fill("SELECT 42 AS answer")
    editor.press("Control+Enter")
    expect(rows.get_by_role("cell", name="42")).to_be_visible(timeout=APPEARS_WITHIN_MS)

    analyst.go_back()

    expect(editor).to_have_value(re.compile("^SELECT action"))
    expect(rows.get_by_role("status")).to_contain_text("3 rows", timeout=APPEARS_WITHIN_MS)
    analyst.goto(shared)
    expect(rows.get_by_role("columnheader", name="n UInt64")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    assert rows.get_by_role("table").inner_text() == shown


def test_each_example_gives_rows_on_the_demo(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/sql")
    buttons = analyst.get_by_role("region", name="Rows").get_by_role("button")
    expect(buttons.first).to_be_visible(timeout=APPEARS_WITHIN_MS)
    names = [one.inner_text() for one in buttons.all()]
    assert len(names) >= 5

    for name in names:
        analyst.goto(f"{demo}/explore/sql")
        analyst.get_by_role("region", name="Rows").get_by_role("button", name=name).click()
        status = analyst.get_by_role("region", name="Rows", exact=True).get_by_role("status")
        expect(status).to_contain_text(re.compile(r"^[1-9][\d,]* rows?"), timeout=APPEARS_WITHIN_MS)


def test_keys_of_the_editor(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/sql")
    editor = analyst.get_by_label("SQL query")
    editor.fill("a\nb")
    editor.press("Control+A")
    editor.press("Tab")
    expect(editor).to_have_value("  a\n  b")
    editor.press("Shift+Tab")
    expect(editor).to_have_value("a\nb")

    editor.press("Escape")
    editor.press("Tab")

    expect(analyst.get_by_role("button", name="Run")).to_be_focused()
    expect(editor).to_have_value("a\nb")


def test_a_mistake_is_shown_at_its_place(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/sql?q=SELECT 1,%0A 2 3 4")
    expect(analyst.get_by_role("alert")).to_contain_text("Line 2, column 4", timeout=APPEARS_WITHIN_MS)

    analyst.get_by_role("button", name="Go to the place").click()

    editor = analyst.get_by_label("SQL query")
    expect(editor).to_be_focused()
    assert editor.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)") == "3"


def test_a_long_query_is_cancelled(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/sql?q=SELECT count() FROM numbers(1000000000000)")

    analyst.get_by_role("button", name="Cancel").click(timeout=APPEARS_WITHIN_MS)

    expect(analyst.get_by_text("Cancelled after")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    expect(analyst.get_by_role("button", name="Run")).to_be_enabled()


def test_a_name_is_put_into_the_query(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/sql")
    analyst.get_by_label("SQL query").fill("SELECT ")

    analyst.get_by_role("button", name="Put referrer_host into the query").click()

    expect(analyst.get_by_label("SQL query")).to_have_value("SELECT referrer_host")


def test_many_rows_are_shown_some_at_a_time(analyst: Page, demo: str) -> None:
    analyst.goto(f"{demo}/explore/sql?q=SELECT number FROM numbers(20000)")
    rows = analyst.get_by_role("region", name="Rows", exact=True)
    expect(rows.get_by_role("status")).to_contain_text("The first 10,000 rows", timeout=APPEARS_WITHIN_MS)
    expect(rows.get_by_role("row")).to_have_count(201)

    rows.get_by_role("button", name="Show 200 more").click()

    expect(rows.get_by_role("row")).to_have_count(401)
