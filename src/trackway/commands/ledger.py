"""`trackway ledger`: what became of all that a site received, and what its devices sent that never came.

Asks the running server; without one, the folder.
"""

from typing import Annotated, Any, Literal

import typer

from trackway.commands import place
from trackway.commands.answer import answer, path_of
from trackway.commands.doctor import balance_line
from trackway.commands.moment import moment
from trackway.commands.site import Json, as_text
from trackway.control.sites import find_site
from trackway.event import Source
from trackway.insight.verdict import clock

SiteOption = Annotated[str, typer.Option(help="The site.")]
SinceOption = Annotated[
    str | None, typer.Option("--from", help="Received not before: ISO 8601 with zone, a day, or epoch ms.")
]
UntilOption = Annotated[str | None, typer.Option("--to", help="Received before.")]
StepOption = Annotated[Literal["minute", "hour", "day"], typer.Option(help="How long an interval is.")]
KeyOption = Annotated[str | None, typer.Option(help="Sent with this key.")]
SourceOption = Annotated[Source | None, typer.Option(help="From this source.")]
NoGaps = Annotated[bool, typer.Option("--no-gaps", help="Leave out the gaps, which are a question of their own.")]

COLUMNS = ("received", "stored", "duplicates", "in_flight")
BESIDE = (
    ("made", "made by the server itself"),
    ("replayed", "rejected first, then stored by a replay"),
    ("dropped", "given up by their senders, as these say"),
    ("not_kept", "rejected and not kept in the quarantine"),
)
MISSING_SHOWN = 20


def ledger(
    site: SiteOption,
    since: SinceOption = None,
    until: UntilOption = None,
    step: StepOption = "hour",
    key: KeyOption = None,
    source: SourceOption = None,
    no_gaps: NoGaps = False,
    as_json: Json = False,
) -> None:
    """Show a site's ledger, of the last 24 hours unless told otherwise, and the gaps in what its devices count."""
    found = find_site(place.engine(), site).id
    wanted = {"from_": moment(since, "--from"), "to": moment(until, "--to"), "step": step, "key": key}
    balance = answer(path_of(found, "ledger", **wanted, source=source, gaps=None if not no_gaps else "false"))
    print(as_text(balance) if as_json else "\n".join(lines_of(found, balance)))


def lines_of(site: str, balance: dict[str, Any]) -> list[str]:
    """A ledger for people."""
    beside = [f"{balance[name]} {words}" for name, words in BESIDE if balance[name]]
    reasons = [f"  {n:>9} {code}" for code, n in sorted(balance["rejected"].items())]
    return [balance_line(site, balance), *reasons, *beside, *interval_lines(balance["intervals"]), *gap_lines(balance)]


def interval_lines(intervals: list[dict[str, Any]]) -> list[str]:
    """The intervals as a table, under a line of names; nothing where nothing came."""
    if not intervals:
        return []
    names = (*COLUMNS, "rejected")
    rows = [
        (clock(one["from"])[:16], *(one[name] for name in COLUMNS), sum(one["rejected"].values())) for one in intervals
    ]
    head = "from (UTC)      " + "".join(f" {name:>10}" for name in names)
    return [head, *("".join([when, *(f" {n:>10}" for n in counts)]) for when, *counts in rows)]


def gap_lines(balance: dict[str, Any]) -> list[str]:
    """The devices of whose events some never came."""
    return [
        f"gap  {gap['uuid']}  sent {gap['sent']}, stored {gap['stored']}, missing {numbers(gap['missing'])}"
        for gap in balance["gaps"]
    ]


def numbers(missing: list[int]) -> str:
    """The first missing numbers."""
    more = " …" if len(missing) > MISSING_SHOWN else ""
    return " ".join(map(str, missing[:MISSING_SHOWN])) + more
