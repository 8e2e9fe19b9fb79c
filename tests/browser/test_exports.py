"""What is on the screen is taken along: files, pictures, links, by a real browser."""

import io
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from playwright.sync_api import Download, Page, expect

pytestmark = pytest.mark.browser
APPEARS_WITHIN_MS = 15_000
FUNNEL = "explore/funnels?step=/*&step=element.click"
QUESTIONS = (
    "explore/trends",
    "explore/paths?steps=2",
    "explore/elements",
    "explore/forms",
    "explore/sources",
    FUNNEL,
    "explore/retention",
    "explore/sessions",
    "explore/sql?q=SELECT action, count() AS n FROM events GROUP BY action",
)
LISTS = ("customers", "events", "quality")


def take(page: Page, what: str) -> Download:
    """Choose something of the first Export menu of the page."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=APPEARS_WITHIN_MS)
    page.get_by_role("button", name="Export").first.click()
    with page.expect_download(timeout=APPEARS_WITHIN_MS) as downloading:
        page.get_by_role("menuitem", name=what).click()
    return downloading.value


def pixels(png: bytes) -> tuple[int, int, int]:
    """Width and height of a picture, and how many colours are in it."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) in ((8, 2), (8, 6))
    place, data = 8, b""
    while place < len(png):
        length, name = struct.unpack(">I4s", png[place : place + 8])
        data += png[place + 8 : place + 8 + length] if name == b"IDAT" else b""
        place += length + 12
    lines = zlib.decompress(data)
    step = width * (3 if kind == 2 else 4) + 1
    return width, height, len({lines[row * step : row * step + step] for row in range(height)})


@pytest.mark.parametrize("screen", [*QUESTIONS, *LISTS])
def test_each_screen_is_had_as_files(analyst: Page, demo: str, screen: str, tmp_path: Path) -> None:
    analyst.goto(f"{demo}/{screen}")

    csv, parquet = take(analyst, "CSV"), take(analyst, "Parquet")

    csv.save_as(tmp_path / "file.csv")
    parquet.save_as(tmp_path / "file.parquet")
    lines = (tmp_path / "file.csv").read_text().splitlines()
    parquet_of: Any = pyarrow.parquet
    table: Any = parquet_of.read_table(io.BytesIO((tmp_path / "file.parquet").read_bytes()))
    assert re.fullmatch(r"[a-z-]+(-\d{4}-\d\d-\d\d){0,2}\.csv", csv.suggested_filename)
    assert parquet.suggested_filename == csv.suggested_filename.replace(".csv", ".parquet")
    assert lines[0].split(",") == table.column_names
    assert 0 < table.num_rows < len(lines)


@pytest.mark.parametrize("screen", [*QUESTIONS, *LISTS])
def test_each_screen_is_had_as_a_picture(analyst: Page, demo: str, screen: str, tmp_path: Path) -> None:
    breaches: list[str] = []
    analyst.on("console", lambda said: breaches.append(said.text) if "Content Security" in said.text else None)
    analyst.goto(f"{demo}/{screen}")

    picture = take(analyst, "Picture")

    named = analyst.locator("[data-picture]")
    part = (named if named.count() else analyst.locator("section[aria-busy]")).first.bounding_box()
    assert part is not None
    picture.save_as(tmp_path / "picture.png")
    width, height, different = pixels((tmp_path / "picture.png").read_bytes())
    assert picture.suggested_filename.endswith(".png")
    assert abs(width - (part["width"] + 48) * 2) <= 2
    assert height <= (4_000 + 112) * 2
    assert abs(height - (min(part["height"], 4_000) + 112) * 2) <= 2
    assert different > 40  # lines of the picture that differ: a blank one has two or three
    assert breaches == []


def test_a_link_holds_the_view(analyst: Page, demo: str) -> None:
    analyst.context.grant_permissions(["clipboard-read", "clipboard-write"])
    analyst.goto(f"{demo}/explore/trends?breakdown=device&range=7d")
    trend = analyst.get_by_role("region", name="Trend", exact=True)
    expect(trend.get_by_role("columnheader", name="desktop")).to_be_visible(timeout=APPEARS_WITHIN_MS)

    analyst.get_by_role("button", name="Export").click()
    analyst.get_by_role("menuitem", name="Copy link").click()

    expect(analyst.get_by_text("Link copied")).to_be_visible()
    link = str(analyst.evaluate("navigator.clipboard.readText()"))
    assert link == analyst.url
    shown = trend.get_by_role("table").inner_text()
    analyst.goto("about:blank")
    analyst.goto(link)
    expect(trend.get_by_role("columnheader", name="desktop")).to_be_visible(timeout=APPEARS_WITHIN_MS)
    assert trend.get_by_role("table").inner_text() == shown
