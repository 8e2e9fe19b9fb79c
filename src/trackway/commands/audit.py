"""`trackway audit`: the log of every change. Reads the folder itself, so it answers also while the server cannot."""

from typing import Annotated, Any

import typer

from trackway.commands import place
from trackway.commands.plain import json_text, plain
from trackway.commands.site import Json, as_text
from trackway.control.audit import PAGE_MAX, list_changes
from trackway.control.sites import find_site
from trackway.insight.verdict import clock
from trackway.web.shapes_govern import ChangeShape, show_change

SiteOption = Annotated[str | None, typer.Option(help="Only this site's changes.")]
LimitOption = Annotated[int, typer.Option(help="Most lines listed.", min=1, max=PAGE_MAX)]
BeforeOption = Annotated[int | None, typer.Option(help="Only lines with a lower number: the next page.", min=1)]


def audit(site: SiteOption = None, limit: LimitOption = 50, before: BeforeOption = None, as_json: Json = False) -> None:
    """List who changed what, and when, the newest first."""
    engine = place.engine()
    own = None if site is None else find_site(engine, site).id
    items = [show_change(one) for one in list_changes(engine, own, limit, before)]
    if as_json:
        print(as_text({"items": items}))
        return
    for item in items:
        print(line_of(item))


def line_of(change: ChangeShape) -> str:
    """A change in one line: number, when, who, where, what, from what to what."""
    cells = [
        str(change.number),
        clock(change.time),
        f"{change.who.kind} {change.who.name}".rstrip(),
        change.site or "all sites",
        change.what,
        f"{value_text(change.before)} -> {value_text(change.after)}",
    ]
    return "\t".join(map(plain, cells))


def value_text(value: dict[str, Any] | None) -> str:
    """What was, or is, as JSON; nothing where nothing was."""
    return "nothing" if value is None else json_text(value)
