"""`trackway bench`: the project's own load test, on this machine, with a table."""

from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from trackway.bench.reading import Figure
from trackway.bench.runs import Plan, measure

Seconds = Annotated[float, typer.Option(help="How long each load lasts.", min=1, max=600)]
Stored = Annotated[int, typer.Option(help="Stored events for the reading part.", min=0, max=100_000_000)]
Json = Annotated[bool, typer.Option("--json", help="As JSON, and nothing else on stdout.")]


def bench(seconds: Seconds = 5.0, stored: Stored = 1_000_000, as_json: Json = False) -> None:
    """Load a server of its own and print what it did, beside a bare hello of the same HTTP server."""
    console = Console(stderr=True, highlight=False)
    figures: list[Figure] = []
    for figure in measure(Plan(seconds, stored)):
        console.print(f"  {figure.name}: {figure.shown}")
        figures.append(figure)
    if as_json:
        print(msgspec.json.encode(figures).decode())
        return
    table = Table("what", "figure", "aim", "how it was measured", box=None, header_style="bold")
    for figure in figures:
        table.add_row(figure.name, figure.shown, figure.aim, figure.how)
    Console(highlight=False).print(table)
