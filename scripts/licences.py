"""Writes docs/licences.md: every part that Trackway is shipped with or installs, and its licence. Fails on a bad one.

Beside it docs/licence-texts.txt: the texts that must go along with what is built into the web page and the SDK.

    python scripts/licences.py             write the page
    python scripts/licences.py --check     only say whether every licence is compatible and the page is up to date
    python scripts/licences.py --licences only say whether every licence is compatible

It reads the metadata of what is installed and asks nobody else. Python: whatever `pip install trackway` brings along
here. npm: the packages that the sources of the web page and of the SDK import, with theirs, as their
`package-lock.json` pins them. Tools used only to build and test are not shipped, and not listed.
"""

import json
import re
import sys
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/licences.md"
TEXTS_PAGE = ROOT / "docs/licence-texts.txt"

# Licences whose terms can be met by a work under Apache-2.0, by their SPDX names.
FREE = frozenset(
    [
        "0BSD",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "BlueOak-1.0.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BSL-1.0",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "PSF-2.0",
        "Python-2.0",
        "Unlicense",
        "Zlib",
        "ZPL-2.1",
    ]
)
# Bound to their own files: fine beside Apache-2.0 as long as those files are passed on unchanged, or with their source.
FILE_BOUND = frozenset(["MPL-2.0"])

# Older metadata says it in words.
WORDS = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "bsd license": "BSD-3-Clause",
    "bsd": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "psfl": "PSF-2.0",
    "dual license": "",
}
TEXTS = {
    "Apache-2.0": "Apache License",
    "MIT": "Permission is hereby granted, free of charge",
    "BSD-3-Clause": "Redistribution and use in source and binary forms",
}

IMPORTED = re.compile(r"""^\s*(?:import\s+|(?:im|ex)port\b[^"'();]*\bfrom\s+)["']([^"'.][^"']*)["']""", re.MULTILINE)


class Part(NamedTuple):
    """A package and its licence, as an SPDX expression; empty when the package does not say."""

    name: str
    version: str
    licence: str


def python_parts() -> list[Part]:
    """What installing Trackway installs, itself left out."""
    found: dict[str, Part] = {}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    waiting = [one for text in project["dependencies"] for one in wanted(Requirement(text), "")]
    seen: set[tuple[str, str]] = set()
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        package = distribution(name)
        found[name] = Part(package.metadata["Name"], package.version, python_licence(package))
        waiting += [one for text in package.requires or [] for one in wanted(Requirement(text), extra)]
    return sorted(found.values(), key=lambda part: part.name.lower())


def wanted(requirement: Requirement, extra: str) -> list[tuple[str, str]]:
    """The package that a requirement brings along here, and its extras; nothing where it does not hold."""
    if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
        return []
    return [(normal(requirement.name), one) for one in ("", *requirement.extras)]


def normal(name: str) -> str:
    """A package's name as names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def python_licence(package: Distribution) -> str:
    """The licence in a package's metadata: the expression, else the words, else the text that lies beside it."""
    for expression in lines_of(package, "License-Expression"):
        return expression
    kinds = [line for line in lines_of(package, "Classifier") if line.startswith("License ::")]
    for words in [*(line.split("::")[-1].strip() for line in kinds), *lines_of(package, "License")]:
        licence = WORDS.get(words.lower(), words if allowed(words) else "")
        if licence:
            return licence
    for file in package.files or []:
        if "licen" in file.name.lower() and (path := Path(str(file.locate()))).is_file():
            return recognise(path.read_text(encoding="utf-8", errors="replace"))
    return ""


def lines_of(package: Distribution, field: str) -> list[str]:
    """The values of a field in a package's metadata."""
    return [str(value).strip() for value in package.metadata.get_all(field) or []]


def recognise(text: str) -> str:
    """The licence whose text this is, empty when it is none that is known here."""
    return next((name for name, mark in TEXTS.items() if mark in " ".join(text.split())), "")


def npm_parts(folder: str) -> list[Part]:
    """The packages that can end up in what `ui` or `sdk` builds: those its source imports, and what these import."""
    lock: dict[str, Any] = json.loads((ROOT / folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    found: dict[str, Part] = {}
    waiting = sorted(imported_by_page() if folder == "ui" else imported_in(folder))
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        pinned: dict[str, Any] = lock[f"node_modules/{name}"]
        manifest = ROOT / folder / f"node_modules/{name}/package.json"
        if not manifest.is_file():
            raise SystemExit(f"{name} is not installed; run `make build` first.")
        installed: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
        if installed["version"] != pinned["version"]:
            raise SystemExit(f"{name} {installed['version']} is installed, not {pinned['version']}; run `make build`.")
        found[name] = Part(
            name, installed["version"], str(installed.get("license") or recognise(npm_text(folder, name)))
        )
        peers: list[str] = [one for one in pinned.get("peerDependencies", {}) if f"node_modules/{one}" in lock]
        waiting += [*pinned.get("dependencies", {}), *peers]
    return sorted(found.values())


def npm_text(folder: str, name: str) -> str:
    """The licence text that lies in an installed package, empty when none does."""
    package = ROOT / folder / f"node_modules/{name}"
    found = sorted(path for path in package.iterdir() if "licen" in path.name.lower() and path.is_file())
    return "\n\n".join(path.read_text(encoding="utf-8").strip() for path in found)


def imported_by_page() -> set[str]:
    """The packages that the web page's source imports, and those whose files its build copies."""
    build = (ROOT / "ui/vite.config.ts").read_text(encoding="utf-8")
    copied: list[str] = re.findall(r"node_modules/((?:@[\w.-]+/)?[\w.-]+)/", build)
    return (imported_in("ui") | set(copied)) - {"vitest"}


def imported_in(folder: str) -> set[str]:
    """The packages that the source in a folder imports."""
    found: set[str] = set()
    for path in (ROOT / folder / "src").rglob("*"):
        if path.suffix in (".ts", ".svelte") and not path.name.endswith(".test.ts"):
            for name in IMPORTED.findall(path.read_text(encoding="utf-8")):
                found.add("/".join(name.split("/")[: 2 if name.startswith("@") else 1]))
    return found


def allowed(licence: str) -> bool:
    """Whether an SPDX expression offers a licence that goes with Apache-2.0: one of an OR, all of an AND."""
    plain = licence.strip().strip("()")
    if " OR " in plain:
        return any(allowed(one) for one in plain.split(" OR "))
    if " AND " in plain:
        return all(allowed(one) for one in plain.split(" AND "))
    return plain in FREE | FILE_BOUND


def table(parts: list[Part]) -> str:
    """Parts as a table."""
    lines = [f"| {part.name} | {part.version} | {part.licence} |" for part in parts]
    return "\n".join(["| package | version | licence |", "|---|---|---|", *lines])


def page(python: list[Part], npm: list[Part], sdk: list[Part]) -> str:
    """The page."""
    return f"""# Licences

Trackway is under the Apache License 2.0. This page lists the parts it comes with or installs. It is written by
`scripts/licences.py`, from the metadata of the packages; do not edit it.

Every licence here may be combined with Apache-2.0. MPL-2.0 is bound to its own files, which are installed unchanged.

## Python packages, installed with Trackway

As installed by Python 3.11 on Linux; other versions leave some out.

{table(python)}

`chdb` holds ClickHouse, which is under the Apache License 2.0.

## JavaScript packages, built into the web page

The packages that the page's source imports, and those they depend on; the build leaves out what is not used. Their
licence texts are in [licence-texts.txt](licence-texts.txt).

{table(npm)}

## JavaScript packages, built into files of the browser SDK

Only into files that a site opts into; what every page loads has no dependencies.

{table(sdk)}
"""


def texts(built: dict[str, list[Part]]) -> str:
    """The licence texts of what is built into the web page and the SDK: they must go where these go."""
    line = "=" * 100
    shown = [
        f"{line}\n{part.name} {part.version} ({part.licence})\n{line}\n\n{npm_text(folder, part.name)}"
        for folder, parts in built.items()
        for part in parts
    ]
    return "\n\n".join(["Parts of these packages are built into the web page and the SDK.", *shown]) + "\n"


def main() -> None:
    """Write the page and the texts, or check them; exits with 1 when something is wrong."""
    try:
        python, npm, sdk = python_parts(), npm_parts("ui"), npm_parts("sdk")
    except PackageNotFoundError as error:
        raise SystemExit(f"{error.name} is not installed; use .venv/bin/python after `make build`.") from error
    bad = [part for part in (*python, *npm, *sdk) if not allowed(part.licence)]
    if bad:
        named = ", ".join(f"{part.name} {part.version} ({part.licence or 'says nothing'})" for part in bad)
        raise SystemExit(f"These licences do not go with Apache-2.0, or are not known here: {named}")
    if "--licences" in sys.argv:
        return
    for path, text in ((PAGE, page(python, npm, sdk)), (TEXTS_PAGE, texts({"ui": npm, "sdk": sdk}))):
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            raise SystemExit(f"{path.relative_to(ROOT)} is out of date; run: .venv/bin/python scripts/licences.py")


if __name__ == "__main__":
    main()
