"""`trackway plan …`: a site's definitions and rules as one file, kept beside the code and checked in CI.

`check` needs no server and no data folder: it judges events with the collector's own code.
"""

import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import msgspec
import typer

from trackway.collect.decode import Batch, decode_line
from trackway.collect.verdicts import Sender, make_record
from trackway.commands import place
from trackway.commands.plain import plain
from trackway.commands.plan_server import PlanServer
from trackway.commands.site import Json, as_text
from trackway.control.audit import COMMAND_LINE
from trackway.control.directory import now_ms
from trackway.control.plans import PlanChange, compare_plan, pull_plan, push_plan
from trackway.control.sites import find_site
from trackway.definition import Catalogue
from trackway.errors import RequestRefused
from trackway.event import Rejection
from trackway.identifier import Bearer
from trackway.plan import Plan, read_plan
from trackway.rules import Rules, gate_of
from trackway.site import Site

STDIN = "-"

plans = typer.Typer(no_args_is_help=True, help="Tracking plans: pull, push, check.")
PlanFile = Annotated[Path, typer.Argument(metavar="FILE", help="The plan: YAML, or JSON where it ends in .json.")]
Events = Annotated[str, typer.Argument(metavar="EVENTS", help="NDJSON of events; - reads standard input.")]
SiteOption = Annotated[str, typer.Option(help="The site's id.")]
Url = Annotated[str | None, typer.Option(help="A server elsewhere, in place of the data folder.")]
Key = Annotated[
    str | None,
    typer.Option(help="API key for --url: scope read to pull, admin to push; - reads it from standard input."),
]
Prune = Annotated[bool, typer.Option("--prune", help="Also undeclare what the plan does not name.")]
SentAs = Annotated[Literal["anonymous", "token", "server"], typer.Option("--as", help="How the events are sent.")]


@plans.command()
def pull(file: PlanFile, site: SiteOption, url: Url = None, key: Key = None) -> None:
    """Write a site's plan into a file."""
    as_json = file.suffix == ".json"
    if url:
        text = PlanServer(url, read_key(key), site).pull(as_json)
    else:
        engine = place.engine()
        text = pull_plan(engine, find_site(engine, site), as_json)
    file.write_text(text, encoding="utf-8")
    print(f"{file}: {len(read_plan(text).definitions or {})} definitions of {site}")


@plans.command()
def push(file: PlanFile, site: SiteOption, prune: Prune = False, url: Url = None, key: Key = None) -> None:
    """Declare what a plan says; a running server has it within two seconds."""
    if url:
        tell_changes(PlanServer(url, read_key(key), site).push(load_plan(file), prune))
        return
    plan, engine = load_plan(file), place.engine()
    found = find_site(engine, site)
    change = compare_plan(engine, found, plan, prune)
    push_plan(engine, COMMAND_LINE, found, plan, change, now_ms())
    tell_changes(change)


def read_key(given: str | None) -> str | None:
    """The API key, from the line or, kept out of the list of processes, from standard input."""
    return sys.stdin.readline().strip() if given == STDIN else given


def tell_changes(change: PlanChange) -> None:
    """Print what a push has done."""
    rules = change.rules
    if rules is not None:
        print(f"rules: {rules.mode}, {len(rules.allow)} allowed, {len(rules.deny)} denied")
    if change.declared_only is not None:
        print(f"declared_only: {str(change.declared_only).lower()}")
    for word, actions in (
        ("declared", change.declared), ("changed", change.changed), ("undeclared", change.undeclared),
    ):  # fmt: skip
        for action in actions:
            print(f"{word} {action}")
    print(f"{change.unchanged} definitions were as the plan says already")


@plans.command()
def check(file: PlanFile, events: Events = "", sent_as: SentAs = "anonymous", as_json: Json = False) -> None:
    """Check a plan, and judge events by it as the server would; exit code 1 when one would be refused."""
    plan = load_plan(file)
    if not events:
        print("[]" if as_json else f"{file}: {len(plan.definitions or {})} definitions, nothing wrong")
        return
    if events == STDIN:
        counted, faults = judge_lines(plan, sys.stdin.buffer, sent_as)
    else:
        with open_events(events) as lines:
            counted, faults = judge_lines(plan, lines, sent_as)
    if as_json:
        print(as_text([{"line": line, **msgspec.to_builtins(why)} for line, why in faults]))
    else:
        for line, why in faults:
            print(f"line {line}: {why.code}: {plain(why.message)}")
        print(f"{counted} events, {len(faults)} would be refused")
    if faults:
        raise typer.Exit(1)


def load_plan(file: Path) -> Plan:
    """The plan in a file. Raises RequestRefused(invalid_parameter)."""
    try:
        return read_plan(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RequestRefused("invalid_parameter", f"{file} cannot be read: {error}.") from error


def open_events(name: str) -> BinaryIO:
    """A file of events. Raises RequestRefused(invalid_parameter)."""
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise RequestRefused("invalid_parameter", f"{name} cannot be read: {error}.") from error


def judge_lines(plan: Plan, lines: Iterable[bytes], sent_as: str) -> tuple[int, list[tuple[int, Rejection]]]:
    """How many events there were, and those that would be refused, with their lines."""
    catalogue = Catalogue(plan.declared(), bool(plan.declared_only))
    bearer = Bearer("", "check") if sent_as == "token" else None
    rules = plan.ruled() or Rules()
    site = Site("plan", "plan", "", rules=rules, gate=gate_of(rules, "this plan"))
    sender = Sender(site, "", sent_as == "server", "", "", catalogue=catalogue or None, bearer=bearer)
    counted, faults = 0, list[tuple[int, Rejection]]()
    for number, line in numbered(lines):
        counted += 1
        event, clean = decode_line(line)
        record = make_record(sender, Batch([event], clean), int(time.time() * 1000), line)
        faults += [(number, bare(refusal.why)) for refusal in record.refused]
    return counted, faults


def numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines that are not empty, with their numbers."""
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def bare(why: Rejection) -> Rejection:
    """A rejection whose field is that of the event: a line is no request."""
    field = why.field.removeprefix("events[0]").removeprefix(".") if why.field else None
    return msgspec.structs.replace(why, index=0, field=field or None)
