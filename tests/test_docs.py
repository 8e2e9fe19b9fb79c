"""The documentation is true: its examples run against a real server, and it names all there is, with right defaults.

It must never be mended by leaving something out of it.
"""

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest
import typer.main
from markdown.extensions.toc import slugify

from tests.running import Running, SiteOf, clean_environment
from trackway import definition, signing
from trackway.collect import app as collect_app
from trackway.collect import token
from trackway.commands.app import command_line
from trackway.config import ENVIRONMENT_PREFIX, SETTINGS
from trackway.control import signing_keys
from trackway.errors import STATUS_BY_CODE
from trackway.event import (
    ACTION_LENGTH_MAX,
    BUILT_IN,
    EVENT_BYTES_MAX,
    FUTURE_MS_MAX,
    LABEL_LENGTH_MAX,
    PARAM_DEPTH_MAX,
    PARAM_KEY_LENGTH_MAX,
    PARAM_KEYS_MAX,
    REASONS,
)
from trackway.identifier import IDENTIFIER_LENGTH_MAX
from trackway.insight import catalogue
from trackway.insight.filters import PARAM_FILTERS_MAX
from trackway.load.channel import MEDIUM_CHANNELS
from trackway.load.enrich import CLOCK_OFFSET_MS_MIN
from trackway.site import LIMITS, SiteSettings
from trackway.web.routes_live import KEEP_ALIVE_S, TAIL_MAX

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
AT_THE_ROOT = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
APPEARS_WITHIN_S = 15
BLOCK_TIMEOUT_S = 60
MIB = 1024 * 1024

MARKED = re.compile(r"^<!-- (run|run: wait|output) -->\n+```(\w+)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FOR_EXAMPLES = ("SITE", "TRACKWAY_URL", "TRACKER_KEY", "API_KEY", "READ_KEY", "ADMIN_KEY")
INTERPRETERS = {
    "bash": ["bash", "-euo", "pipefail", "-c"],
    "python": [sys.executable, "-c"],
    "js": ["node", "--input-type=module", "-e"],
}


class Example(NamedTuple):
    """A block that is run, and what it must print; `waits` when it may take until what was sent can be read."""

    language: str
    code: str
    waits: bool
    output: str | None


def examples(page: Path) -> list[Example]:
    """The examples of a page, in order."""
    found: list[Example] = []
    for mark, language, text in MARKED.findall(page.read_text(encoding="utf-8")):
        if mark != "output":
            found.append(Example(language, text, mark == "run: wait", None))
        else:
            assert found, f"{page.name} has an output before anything is run"
            assert found[-1].output is None, f"{page.name} has two outputs behind one example"
            found[-1] = found[-1]._replace(output=text)
    return found


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def section(page: str, heading: str) -> str:
    """The text under a heading, up to the next one of its level or above; empty when there is none."""
    text = prose(DOCS / page)
    headings = list(HEADING.finditer(text))
    for at, found in enumerate(headings):
        if found[2] == heading:
            ends = [later.start() for later in headings[at + 1 :] if len(later[1]) <= len(found[1])]
            return text[found.end() : ends[0] if ends else len(text)]
    return ""


def rows(text: str) -> dict[str, list[str]]:
    """The lines of all tables in a text, by what stands in `backticks` in the first cell."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")] if line.startswith("| `") else []
        if cells:
            for name in re.findall(r"`([^`]+)`", cells[0]):
                found[name] = cells
    return found


def shown(value: object) -> str:
    """A default as the tables show it."""
    return "empty" if value in ("", ()) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


@pytest.fixture
def place(shared: Running, tmp_path: Path) -> tuple[Path, dict[str, str], SiteOf]:
    """A folder to run examples in, with what the examples name in the environment, and a site of its own."""
    site = shared.add_site()
    with shared.client() as client:
        admin = client.post("/api/v1/keys", json={"scope": "admin"}).raise_for_status().json()["secret"]
    (tmp_path / "trackway-data").symlink_to(shared.data, target_is_directory=True)
    names = {
        "TRACKWAY_URL": shared.url,
        "SITE": site.id,
        "TRACKER_KEY": site.key,
        "API_KEY": site.write,
        "READ_KEY": site.read,
        "ADMIN_KEY": admin,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    return tmp_path, clean_environment() | names, site


@pytest.mark.parametrize("page", [page for page in PAGES if examples(page)], ids=lambda page: page.name)
def test_examples_print_what_the_page_says(page: Path, place: tuple[Path, dict[str, str], SiteOf]) -> None:
    folder, environment, _ = place
    for example in examples(page):
        missing = [
            name
            for name in {INTERPRETERS[example.language][0], *re.findall(r"^(curl) ", example.code, re.MULTILINE)}
            if not shutil.which(name, path=environment["PATH"])
        ]
        if missing:
            pytest.skip(f"{page.name} needs {', '.join(missing)}, which is not installed here")
        deadline = time.monotonic() + (APPEARS_WITHIN_S if example.waits else 0)
        while not (outcome := run(example, folder, environment)).well and time.monotonic() < deadline:
            time.sleep(0.3)
        assert outcome.well, f"{page.name}:\n{example.code}\n\nprinted:\n{outcome.text}\n\nnot:\n{example.output}"


class Outcome(NamedTuple):
    """What an example came to."""

    well: bool
    text: str


def run(example: Example, folder: Path, environment: dict[str, str]) -> Outcome:
    """Run one block and compare what it prints; `…` stands for anything."""
    ended = subprocess.run(
        [*INTERPRETERS[example.language], example.code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=BLOCK_TIMEOUT_S,
    )
    wanted = ".*?".join(re.escape(part) for part in (example.output or "").strip().split("…"))
    matches = example.output is None or re.fullmatch(wanted, ended.stdout.strip(), re.DOTALL) is not None
    return Outcome(ended.returncode == 0 and matches, ended.stdout + ended.stderr)


def test_every_mark_belongs_to_a_block() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        marks = len(re.findall(r"^<!--", text, re.MULTILINE))
        assert len(MARKED.findall(text)) == marks, f"{page.name} has a mark that is not followed by a block"


def test_settings_of_the_process() -> None:
    documented = rows(section("settings.md", "Settings of the process"))

    assert list(documented) == [setting.name for setting in SETTINGS]
    for setting in SETTINGS:
        assert documented[setting.name][1] == shown(setting.default), setting.name


def test_settings_of_a_site() -> None:
    documented = rows(section("settings.md", "Settings of a site"))
    defaults = msgspec.structs.asdict(SiteSettings())

    assert list(documented) == list(defaults)
    for name, default in defaults.items():
        assert documented[name][1] == shown(default), name
    for name, (low, high) in LIMITS.items():
        assert documented[name][2] == f"{low:,} to {high:,}", name


def test_examples_of_settings_name_real_ones() -> None:
    names = {ENVIRONMENT_PREFIX + setting.name.upper() for setting in SETTINGS} | {"TRACKWAY_URL"}

    for page in PAGES:
        for name in re.findall(r"\bTRACKWAY_[A-Z_]+[A-Z]", page.read_text(encoding="utf-8")):
            assert name in names, f"{page.name} names {name}"


def test_rejection_reasons() -> None:
    documented = rows(section("collecting.md", "Why an event is rejected"))

    assert set(documented) == set(REASONS)


def test_error_codes() -> None:
    collecting = rows(section("collecting.md", "When a request is refused"))
    reading = rows(section("reading.md", "When it is refused"))

    assert set(collecting) | set(reading) == set(STATUS_BY_CODE)
    for code, cells in [*collecting.items(), *reading.items()]:
        assert cells[1] == str(STATUS_BY_CODE[code]), code


def test_built_in_actions() -> None:
    documented = rows(section("events.md", "Built-in actions"))

    assert set(documented) == set(BUILT_IN)
    for action, built_in in BUILT_IN.items():
        assert documented[action][1] == f"`{built_in.label}`", action
        named = re.findall(r"`(\w+)`", "".join(documented[action][2:]))
        assert action == "client.identify" or named == list(dict(built_in.required)), action


def test_metrics(shared: Running) -> None:
    shown_now = httpx.get(f"{shared.url}/metrics").text
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", shown_now, re.MULTILINE))
    documented = rows(section("operating.md", "Metrics"))

    assert {name: cells[1] for name, cells in documented.items()} == {
        name: kind for name, kind in kinds.items() if not name.endswith("_created")
    }


def commands(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every command that can be run, by its whole name."""
    for short, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{name} {short}")
        else:
            yield f"{name} {short}", command


def test_commands_and_options() -> None:
    headings = [found[2] for found in HEADING.finditer(prose(DOCS / "commands.md")) if found[2].startswith("trackway ")]
    real = dict(commands(typer.main.get_command(command_line()), "trackway"))
    assert set(headings) == set(real)
    for name, command in real.items():
        text = section("commands.md", name)
        asked = (one for one in command.params if one.param_type_name == "option")
        options = {option for one in asked for option in (*one.opts, *one.secondary_opts)}
        assert {found for found in rows(text) if found.startswith("-")} == options - {"-h", "--help"}, name
        for one in command.params:
            if one.param_type_name == "argument":
                assert re.search(rf"`{name} [A-Z_ ]+`", text), f"{name} has an argument that is not shown"


def test_routes_and_their_parameters(shared: Running) -> None:
    described = httpx.get(f"{shared.url}/api/v1/openapi.json").json()["paths"]
    real = {
        f"{method.upper()} {path}": [one["name"] for one in operation.get("parameters", []) if one["in"] != "path"]
        for path, operations in described.items()
        for method, operation in operations.items()
    }
    pages = ("collecting.md", "reading.md", "insights.md", "alerts.md", "operating.md")
    in_rows = {name for page in pages for name in rows(prose(DOCS / page)) if re.match(r"[A-Z]+ /", name)}
    in_headings = {
        found[2].strip("`"): section(page, found[2])
        for page in pages
        for found in HEADING.finditer(prose(DOCS / page))
        if re.match(r"`[A-Z]+ /", found[2])
    }
    assert in_rows | set(in_headings) == set(real)
    for route, parameters in real.items():
        told = in_headings.get(route, "")
        told += section("insights.md", "Insights").split("## Paths")[0] if "#insights)" in told else ""
        assert [one for one in parameters if f"`{one}`" not in told] == [], route


def test_calls_of_the_sdk() -> None:
    source = (ROOT / "sdk/src/api.ts").read_text(encoding="utf-8")
    declared = source.split("export interface Trackway {")[1].split("\n}")[0]
    group, calls = "", list[str]()
    for line in declared.splitlines():
        if found := re.match(r"  (\w+): \{", line):
            group = f"{found[1]}."
        elif found := re.match(r"(  |    )(\w+)\(", line):
            calls.append(f"SR.{group if len(found[1]) == 4 else ''}{found[2]}")

    assert calls, "the interface of the SDK is not where this test looks for it"
    for call in calls:
        assert f"{call}(" in section("sdk.md", "All calls"), call


@pytest.mark.parametrize(
    ("page", "claim"),
    [
        ("events.md", f"1-{ACTION_LENGTH_MAX} characters"),
        ("events.md", f"at most {LABEL_LENGTH_MAX} characters; what people read"),
        ("events.md", f"At most {PARAM_KEYS_MAX} keys, {PARAM_KEY_LENGTH_MAX} characters a key"),
        ("events.md", f"a key, {PARAM_DEPTH_MAX} levels deep"),
        ("events.md", f"({EVENT_BYTES_MAX:,} bytes)"),
        ("events.md", f"more than {CLOCK_OFFSET_MS_MIN // 1000} s"),
        ("events.md", f"more than {FUTURE_MS_MAX // 60_000} minutes after receipt"),
        ("events.md", f"at most {IDENTIFIER_LENGTH_MAX} characters.\n"),
        ("collecting.md", f"| {collect_app.PUBLIC_BYTES_MAX // MIB} MiB | {collect_app.SERVER_BYTES_MAX // MIB} MiB |"),
        ("collecting.md", f"| {collect_app.PUBLIC_EVENTS_MAX:,} | {collect_app.SERVER_EVENTS_MAX:,} |"),
        ("collecting.md", f"hold for {collect_app.PREFLIGHT_MAX_AGE_S // 3600} hours"),
        ("events.md", f"{definition.SCHEMA_BYTES_MAX // 1024} KiB, nests {definition.SCHEMA_DEPTH_MAX} levels"),
        ("reading.md", f"the {catalogue.ACTIONS_MAX:,} most frequent"),
        ("collecting.md", f"at most {token.LIFE_S_MAX // 3600} hours ahead"),
        ("collecting.md", f"at most {token.TOKEN_LENGTH_MAX:,} characters"),
        ("reading.md", f"secret of {signing.SECRET_BYTES_MIN} to {signing.SECRET_BYTES_MAX:,} bytes"),
        ("reading.md", f"Up to {signing_keys.ACTIVE_MAX} keys are active"),
        ("reading.md", f"0 (default) to {TAIL_MAX}"),
        ("reading.md", f"At most {PARAM_FILTERS_MAX} of these"),
        ("reading.md", f"at least every {KEEP_ALIVE_S:.0f} s"),
    ],
)
def test_limits(page: str, claim: str) -> None:
    assert claim in prose(DOCS / page)


def test_channels() -> None:
    named = rows(section("events.md", "What is read"))["channel"][1]

    for channel in MEDIUM_CHANNELS.values():
        assert f"`{channel}`" in named


def test_tasks_and_places_named_for_contributors() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    tasks = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert set(re.findall(r"`make ([a-z]+)`", text)) == set(tasks)
    for name in re.findall(r"`((?:src|sdk|ui|tests|docs|scripts)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"`((?:web|store|control|insight|collect|load|commands)/[\w./-]+)`", text):
        found = ROOT / "src/trackway" / name
        assert found.exists() or found.with_suffix(".py").exists(), name
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/trackway").rglob("*.py"))
    for name in re.findall(r"`([A-Z][A-Z_]{3,}|[A-Z][a-z]+[A-Z]\w+|[a-z]+_[a-z_]+)`", text):
        assert re.search(rf"\b{name}\b", source) or name in FOR_EXAMPLES, name


@pytest.mark.parametrize("page", [*PAGES, *AT_THE_ROOT], ids=lambda page: page.name)
def test_links(page: Path) -> None:
    for target in LINK.findall(prose(page)):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        other = (page.parent / name).resolve() if name else page
        assert other.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in anchors(other), f"{page.name} links to {target}"


def anchors(page: Path) -> set[str]:
    """The names of a page's headings."""
    return {slugify(found[2].replace("`", ""), "-") for found in HEADING.finditer(prose(page))}


def test_every_page_is_in_the_menu() -> None:
    menu = re.findall(r": (\w+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(menu) == [page.name for page in PAGES]


def test_licences_of_direct_dependencies_are_listed() -> None:
    text = (DOCS / "licences.md").read_text(encoding="utf-8").lower()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    for requirement in project["dependencies"]:
        name = re.split(r"[^A-Za-z0-9_.-]", requirement)[0].lower()
        assert f"| {name} |" in text or f"| {name.replace('-', '_')} |" in text, requirement


def test_every_part_has_a_licence_that_goes_with_ours() -> None:
    """The script fails on one that does not; it does not write here, since versions differ between machines."""
    script = [sys.executable, str(ROOT / "scripts/licences.py"), "--licences"]
    ended = subprocess.run(script, capture_output=True, text=True, check=False, timeout=BLOCK_TIMEOUT_S)

    assert ended.returncode == 0, ended.stderr
