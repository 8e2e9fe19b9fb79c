"""Text that strangers sent, made fit for a terminal: nothing in it moves the cursor, colours, rings or reorders."""

from collections.abc import Iterable
from typing import Any

import msgspec


def plain(text: str) -> str:
    r"""The text with every character that is not printed as itself written as its escape, such as `\x1b` or `\u202e`.

    A line feed too: a stranger's text cannot begin a line of its own.
    """
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def plain_cells(line: str) -> str:
    """A line of cells, each made fit for a terminal."""
    return "\t".join(map(plain, line.split("\t")))


def plain_rows(rows: Iterable[tuple[str, str]]) -> str:
    """Named values, one a line, the values made fit for a terminal."""
    return "\n".join(f"{name:<11} {plain(value)}" for name, value in rows)


def json_text(value: Any) -> str:
    """A value as JSON has it, on one line."""
    return msgspec.json.encode(value).decode()
