"""The house checks itself: sizes, names, docstrings, the direction of imports, and what may stand in no file at all.

An exception is listed below with its reason. The rules are told in CONTRIBUTING.md.
"""

import ast
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from trackway.config import ENVIRONMENT_PREFIX, SETTINGS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src/trackway"
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70

LONG_FILES: Mapping[str, str] = {}
"""Path → why it may be longer."""
LONG_FUNCTIONS: Mapping[str, str] = {}
"""Path:name → why it may be longer."""

BOTTOM = frozenset(
    {
        "",
        "actions",
        "alert",
        "config",
        "dashboard",
        "definition",
        "errors",
        "event",
        "folder",
        "identifier",
        "logs",
        "metrics",
        "peer",
        "plan",
        "record",
        "rules",
        "segment",
        "selection",
        "signing",
        "site",
        "site_settings",
        "tables",
        "values",
    }
)
"""What everyone may import; "" is the package itself, which knows the version."""
STAGES = frozenset({"collect", "spool", "store", "books", "control"})
JOINED = STAGES | {"load", "insight", "watch"}
ROOMS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(BOTTOM, frozenset()),
    **dict.fromkeys(STAGES, frozenset()),
    "load": frozenset({"spool", "store", "books"}),
    "insight": frozenset({"spool", "store", "books"}),
    "watch": frozenset({"store", "books", "control", "insight"}),
    "erase": frozenset({"spool", "store", "books", "load", "control", "insight"}),
    "replay": frozenset({"collect", "spool", "books"}),
    "web": JOINED | {"erase", "replay"},
    "server": JOINED | {"erase", "replay", "web"},
    "demo": frozenset(),
    "bench": JOINED | {"web", "server", "demo"},
    "commands": JOINED | {"web", "server", "demo", "bench"},
    "__main__": JOINED | {"commands"},
}
"""Room → the rooms it may import from, besides the bottom row and itself."""

NAMES_REFUSED = re.compile(r"(utils?|helpers?|managers?|common|base|misc)\Z", re.IGNORECASE)
# Written in pieces, so that this file does not hold them itself.
WORDS_REFUSED = tuple(
    "".join(pieces)
    for pieces in [
        ("registry.npm", "js"),
        ("registry.yarn", "pkg"),
        ("pypi", ".org"),
        ("python", "hosted"),
        ("proxy.go", "lang"),
        ("crates", ".io"),
        ("npm", "mirror"),
        ("/wo", "rk/"),
        ("/tmp/", "brief"),
        ("Anthro", "pic"),
        ("Clau", "de"),
        ("Chat", "GPT"),
        ("Open", "AI"),
        ("Co", "pilot"),
        ("AI ag", "ent"),
        ("language mo", "del"),
    ]
)
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
OWN_CODE = (".py", ".ts", ".svelte", ".mjs", ".js", ".css", ".sql", ".sh")


@cache
def files() -> tuple[Path, ...]:
    """Every file of the repository: tracked, or about to be."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return tuple(ROOT / name for name in listed if name and (ROOT / name).is_file())


def named(path: Path) -> str:
    """A path as it is shown."""
    return path.relative_to(ROOT).as_posix()


def python_files(within: Path = ROOT) -> list[Path]:
    """The Python files of a folder."""
    return [path for path in files() if path.suffix == ".py" and path.is_relative_to(within)]


@cache
def tree(path: Path) -> ast.Module:
    """A Python file, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"), named(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function in a Python file, inner ones too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_files_are_short() -> None:
    long = {
        named(path): lines
        for path in files()
        if path.suffix in OWN_CODE
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES_MAX
        and named(path) not in LONG_FILES
    }

    assert long == {}


def test_functions_are_short() -> None:
    long = {
        f"{named(path)}:{function.name}": lines
        for path in python_files()
        for function in functions(path)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES_MAX
        and f"{named(path)}:{function.name}" not in LONG_FUNCTIONS
    }

    assert long == {}


def test_exceptions_are_still_needed() -> None:
    known = {named(path) for path in files()}

    assert {name.partition(":")[0] for name in (*LONG_FILES, *LONG_FUNCTIONS)} <= known


def test_names_say_what_is_inside() -> None:
    refused = [
        named(path)
        for path in files()
        for part in path.relative_to(ROOT).with_suffix("").parts
        if NAMES_REFUSED.match(part) and path.suffix in OWN_CODE
    ]

    assert refused == []


def test_python_files_begin_with_a_docstring() -> None:
    """An empty `__init__.py` of the tests says all there is to say."""
    silent = [
        named(path)
        for path in python_files()
        if not ast.get_docstring(tree(path)) and (path.is_relative_to(PACKAGE) or path.stat().st_size)
    ]

    assert silent == []


def test_public_functions_have_docstrings() -> None:
    silent = [
        f"{named(path)}:{node.name}"
        for path in python_files(PACKAGE)
        for parent in ast.walk(tree(path))
        if isinstance(parent, ast.Module | ast.ClassDef)
        for node in parent.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]

    assert silent == []


def module_of(path: Path) -> str:
    """A file of the package as the name of its module, without `trackway.` in front."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """The modules of ours that a file imports, anywhere in it."""
    modules = {module_of(one) for one in python_files(PACKAGE)}
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)} imports by dots"
            whole = f"{node.module}."
            inner = {f"{whole}{name.name}" for name in node.names}
            found |= {one for one in inner if one.removeprefix("trackway.") in modules} or {whole.rstrip(".")}
    return {name.removeprefix("trackway").lstrip(".") for name in found if name.split(".")[0] == "trackway"}


def test_imports_go_one_way() -> None:
    wrong: list[str] = []
    for path in python_files(PACKAGE):
        room = module_of(path).split(".")[0]
        assert room in ROOMS, f"{named(path)} stands in no room; give it one in ROOMS"
        allowed = BOTTOM | ROOMS[room] | {room}
        wrong += [f"{named(path)} imports {name}" for name in imported(path) if name.split(".")[0] not in allowed]

    assert wrong == []


def test_each_room_stands_once_in_the_code_map() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    code_map = page.split("\n## Code map\n")[1].split("\n## ")[0]
    listed = re.findall(r"`(\w+)/?`", "".join(re.findall(r"^\| (`[^|]+) \|", code_map, re.MULTILINE)))
    rooms = [room for room in ROOMS if room] + ["sdk", "ui"]

    assert sorted(listed) == sorted(rooms)


def test_imports_have_no_cycle() -> None:
    edges = {module_of(path): imported(path) - {module_of(path)} for path in python_files(PACKAGE)}
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, f"imports in a circle: {' → '.join([*way, module])}"
        if module not in done:
            for other in edges.get(module, ()):
                visit(other, (*way, module))
            done.add(module)

    for module in edges:
        visit(module, ())


def test_only_config_reads_the_environment() -> None:
    environment = re.compile(r"\bos\.(environ|getenv|putenv)|from os import.*(environ|getenv)")
    readers = [named(path) for path in python_files(PACKAGE) if environment.search(path.read_text(encoding="utf-8"))]

    assert readers == ["src/trackway/config.py"]


def test_settings_stand_in_the_table_only() -> None:
    names = {setting.name for setting in SETTINGS}
    sources = {path: path.read_text(encoding="utf-8") for path in python_files(PACKAGE)}
    asked = {
        (name, named(path))
        for path, text in sources.items()
        for name in re.findall(r'\b(?:config|found|self)\.(?:text|whole|number|is_on)\("(\w+)"\)', text)
    }
    variables = {
        (name, named(path))
        for path, text in sources.items()
        for name in re.findall(rf"{ENVIRONMENT_PREFIX}([A-Z_]+[A-Z])", text)
    }

    assert {one for one in asked if one[0] not in names} == set()
    assert {one for one in variables if one[0].lower() not in names} == set()
    assert names - {name for name, _ in asked} == set(), "settings that nothing reads"


def test_words_that_stand_in_no_file() -> None:
    refused: list[str] = []
    for path in files():
        content = path.read_bytes()
        if b"\0" in content:
            continue
        text = content.decode("utf-8")
        refused += [f"{named(path)} says {word}" for word in WORDS_REFUSED if word.lower() in text.lower()]

    assert refused == []


def test_nothing_is_left_unfinished() -> None:
    marked = [
        named(path)
        for path in files()
        if path.suffix in OWN_CODE and UNFINISHED.search(path.read_text(encoding="utf-8"))
    ]

    assert marked == []


def addresses(value: Any) -> Iterator[str]:
    """Every text in decoded JSON that names an address to download from; links for people are none."""
    if isinstance(value, dict):
        items: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
        for name, item in items.items():
            if name not in ("funding", "homepage", "bugs", "repository", "$schema"):
                yield from addresses(item)
    elif isinstance(value, list):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from addresses(item)
    elif isinstance(value, str) and re.match(r"(git\+|https?:|ssh:|file:)", value):
        yield value


def test_packages_come_from_no_address() -> None:
    """Where packages come from is the business of whoever installs them."""
    found = {
        named(path): list(addresses(json.loads(path.read_text(encoding="utf-8"))))
        for path in files()
        if path.name in ("package.json", "package-lock.json")
    }

    assert found, "there are packages"
    assert {name: listed for name, listed in found.items() if listed} == {}
    for path in files():
        if path.name == "package.json":
            assert "omit-lockfile-registry-resolved=true" in (path.parent / ".npmrc").read_text(encoding="utf-8")


def test_requirements_name_versions_only() -> None:
    for name in ("pyproject.toml", "constraints.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"--(extra-)?index-url| @ (https?|git\+)", text), name
