"""`trackway definition …`: the catalogue of what a site tracks, declared and discovered. `trackway plan` declares.

Asks the running server; without one, the folder.
"""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from trackway.commands.answer import answer_of
from trackway.commands.plain import json_text, plain_cells, plain_rows
from trackway.commands.site import Json, as_text
from trackway.errors import RequestRefused
from trackway.insight.verdict import clock

definitions = typer.Typer(no_args_is_help=True, help="The catalogue of actions: list, show.")
SiteOption = Annotated[str, typer.Option(help="The site.")]
Words = Annotated[str | None, typer.Argument(metavar="WORDS", help="Part of the action or its name.")]
Named = Annotated[str, typer.Argument(metavar="ACTION", help="The action.")]
Declared = Annotated[
    bool | None, typer.Option("--declared/--discovered", help="Only declared and built-in ones, or only the others.")
]
PAGE = 200


@definitions.command("list")
def list_all(site: SiteOption, words: Words = None, declared: Declared = None, as_json: Json = False) -> None:
    """List actions by name: the declared and built-in ones, and those seen most often."""
    items = list(pages(site, words, declared))
    if as_json:
        print(as_text({"items": items}))
        return
    for item in items:
        print(line_of(item))


@definitions.command()
def show(action: Named, site: SiteOption, as_json: Json = False) -> None:
    """Show an action: what is declared of it, and the params that it comes with."""
    if not action.strip() or "/" in action:
        raise RequestRefused("invalid_parameter", f"{action!r} is no action; `trackway definition list` shows all.")
    item = answer_of(site, "definitions", action)
    print(as_text(item) if as_json else words_of(item))


def pages(site: str, words: str | None, declared: bool | None) -> Iterator[dict[str, Any]]:
    """All items of the list, page by page."""
    wanted = {"q": words, "declared": None if declared is None else str(declared).lower(), "limit": PAGE}
    cursor: str | None = None
    while True:
        page: dict[str, Any] = answer_of(site, "definitions", **wanted, cursor=cursor)
        yield from page["items"]
        cursor = page["next"]
        if cursor is None:
            return


def kind_of(item: dict[str, Any]) -> str:
    """How the catalogue came to know an action."""
    kind = "declared" if item["declared"] else "built in" if item["built_in"] else "discovered"
    return f"{kind}, deprecated" if item["deprecated"] else kind


def line_of(item: dict[str, Any]) -> str:
    """An action in one line: what it is called, how it is known, how many came, when the last, and what it may mean."""
    last = "never" if item["last_seen"] is None else clock(item["last_seen"])
    like = f"\tlike {item['similar']}" if item["similar"] else ""
    return plain_cells(f"{item['action']}\t{kind_of(item)}\t{item['volume']} events\t{last}{like}")


def words_of(item: dict[str, Any]) -> str:
    """An action for people."""
    rows = [
        ("action", item["action"]),
        ("known as", kind_of(item)),
        *((name, item[name]) for name in ("name", "description", "label", "needs") if item[name]),
        *([("schema", json_text(item["schema"]))] if item["schema"] else []),
        *([("kept", f"{item['retention_days']} days")] if item["retention_days"] else []),
        ("events", seen_words(item)),
        *([("like", f"{item['similar']}: is one a slip of the other?")] if item["similar"] else []),
        *(("param", param_words(one)) for one in item["params"]),
    ]
    return plain_rows(rows)


def seen_words(item: dict[str, Any]) -> str:
    """How many came, and between when."""
    if not item["volume"]:
        return "none"
    return f"{item['volume']}, {clock(item['first_seen'])} to {clock(item['last_seen'])}"


def param_words(param: dict[str, Any]) -> str:
    """A param: its name and types, in how many of the newest events it was, and what it was last."""
    types = " or ".join(param["types"])
    return f"{param['name']} ({types}), in {param['share']:.0%}, such as {json_text(param['example'])}"
