"""`trackway customer …`: who somebody is, what they were merged of, and all that is kept about them.

Asks the running server; without one, the folder.
"""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from trackway.commands import place
from trackway.commands.answer import answer, answer_long, answer_of, path_of
from trackway.commands.plain import json_text, plain, plain_cells, plain_rows
from trackway.commands.site import Json, as_text
from trackway.control.sites import find_site
from trackway.errors import RequestRefused
from trackway.insight.verdict import clock
from trackway.tables.write import STDOUT, Writes, form_for, writing

customers = typer.Typer(no_args_is_help=True, help="Customers: list, show, export, merges, merge, undo-merge.")
SiteOption = Annotated[str, typer.Option(help="The site.")]
Named = Annotated[str, typer.Argument(metavar="CUSTOMER", help="A uuid, customId or e-mail address.")]
Into = Annotated[str, typer.Argument(metavar="INTO", help="The customer that stays, named the same way.")]
Words = Annotated[
    str | None, typer.Argument(metavar="WORDS", help="A uuid, or part of a customId, e-mail address or attribute.")
]
LimitOption = Annotated[int, typer.Option(help="Most of them listed.", min=1, max=1_000)]
OutOption = Annotated[Path, typer.Option("--out", "-o", help="NDJSON, gzipped where it ends in .gz; - prints it.")]
Number = Annotated[int, typer.Argument(metavar="MERGE", help="The merge's number.", min=1)]


class Line(msgspec.Struct):
    """The part of an export's line that says what it is about."""

    kind: str


@customers.command("list")
def list_some(site: SiteOption, words: Words = None, limit: LimitOption = 50, as_json: Json = False) -> None:
    """List customers, the last seen first; with words, those that have them in what they are known by."""
    items: list[Any] = answer_of(site, "customers", q=words, limit=limit)["items"]
    if as_json:
        print(as_text({"items": items}))
        return
    for item in items:
        known = plain(" ".join(item["identifiers"].values()))
        print(f"{item['customer']}\t{clock(item['last_seen'])}\t{item['events']} events\t{known or 'anonymous'}")


@customers.command()
def show(customer: Named, site: SiteOption, as_json: Json = False) -> None:
    """Show who a customer is: what they are known by, their devices, what brought them, their attributes."""
    profile = answer_of(site, "customers", in_path(customer))
    print(as_text(profile) if as_json else profile_words(profile))


@customers.command()
def export(customer: Named, site: SiteOption, out: OutOption) -> None:
    """Export everything about a customer, as their right of access asks for."""
    found = find_site(place.engine(), site)
    if form_for(out) != "ndjson":
        raise typer.BadParameter(f"{out}: what is kept of a customer is NDJSON; end the name with .ndjson")
    counted = Counter[str]()
    with writing(out, "ndjson") as writer:
        lines = Lines(writer, counted)
        answer_long(path_of(found.id, "customers", in_path(customer), "export"), lines.take)
    told = ", ".join(f"{kind} {n}" for kind, n in counted.items())
    print(told, file=sys.stderr if out == STDOUT else sys.stdout)


@customers.command()
def merges(customer: Named, site: SiteOption, limit: LimitOption = 50, as_json: Json = False) -> None:
    """List the merges that a customer is made of, the newest first, undone ones too."""
    items: list[Any] = answer_of(site, "customers", in_path(customer), "merges", limit=limit)["items"]
    if as_json:
        print(as_text({"items": items}))
        return
    for item in items:
        print(merge_words(item))


@customers.command()
def merge(customer: Named, into: Into, site: SiteOption, as_json: Json = False) -> None:
    """Make two customers one, whatever their identifiers. It can be undone."""
    made = put_site(site, {"customer": customer, "into": into}, "merges")
    print(as_text(made) if as_json else merge_words(made))


@customers.command("undo-merge")
def undo_merge(number: Number, site: SiteOption, as_json: Json = False) -> None:
    """Take a merge back: what it brought in is a customer of its own again."""
    undone = put_site(site, {}, "merges", number, "undo")
    print(as_text(undone) if as_json else merge_words(undone))


def put_site(site: str, body: Any, *names: str | int) -> Any:
    """What a route of a site answers to a body, by POST. Raises as `answer_of` does."""
    return answer(path_of(find_site(place.engine(), site).id, *names), body)


def in_path(customer: str) -> str:
    """A customer's name as a path can hold it. Raises RequestRefused(invalid_parameter)."""
    if not customer.strip():
        raise RequestRefused("invalid_parameter", "Name a customer by uuid, customId or e-mail address.")
    if "/" in customer:
        message = f"{customer!r} has a slash, which no path can hold; `trackway customer list` tells their uuid."
        raise RequestRefused("invalid_parameter", message)
    return customer


class Lines:
    """Cuts an export into its lines, writes and counts them. Holds no more than a line that is not whole yet."""

    def __init__(self, writer: Writes, counted: Counter[str]) -> None:
        self._writer = writer
        self._counted = counted
        self._rest = b""

    def take(self, part: bytes) -> None:
        """The next part, of any length."""
        *lines, self._rest = (self._rest + part).split(b"\n")
        self._writer.write(lines)
        self._counted.update(msgspec.json.decode(line, type=Line).kind for line in lines)


def profile_words(profile: dict[str, Any]) -> str:
    """A customer for people."""
    known = [f"{one['kind']} {one['value']} since {clock(one['since'])}" for one in profile["identities"]]
    seen = f"{profile['events']} in {profile['sessions']} sessions"
    rows = [
        ("customer", profile["customer"]),
        *(("known by", one) for one in known),
        *(("uuid", one) for one in profile["uuids"]),
        ("events", f"{seen}, {clock(profile['first_seen'])} to {clock(profile['last_seen'])}"),
        *(("device", " ".join(filter(None, one.values()))) for one in profile["devices"]),
        *(("brought by", f"{one['channel']} {one['referrer_host']}".rstrip()) for one in profile["sources"]),
        ("country", profile["country"] or "unknown"),
        *(("attribute", f"{one['name']} = {json_text(one['value'])}") for one in profile["attributes"]),
    ]
    return plain_rows(rows)


def merge_words(merge: dict[str, Any]) -> str:
    """A merge in one line."""
    why = f"by {merge['who']}" if merge["why"] == "manual" else f"{merge['why']} {merge['event']}"
    undone = f"\tundone {clock(merge['undone'])} by {merge['undone_by']}" if merge["undone"] is not None else ""
    return plain_cells(
        f"{merge['id']}\t{clock(merge['time'])}\t{merge['customer']} into {merge['into']}\t{why}{undone}"
    )
