"""`trackway config`: each setting, its value, where that came from, and what it does."""

from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from trackway.commands import place
from trackway.config import SECRETS, SETTINGS

Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


def config(as_json: Json = False) -> None:
    """Print each setting, its value, where it came from and what it does."""
    found = place.config()
    rows = [
        {
            "name": setting.name,
            "value": "…" if setting.name in SECRETS and found.values[setting.name] else found.values[setting.name],
            "from": found.origins[setting.name],
            "default": setting.default,
            "help": setting.help,
        }
        for setting in SETTINGS
    ]
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(rows)).decode())
        return
    table = Table(box=None, header_style="bold")
    table.add_column("setting", no_wrap=True)
    for heading in ("value", "from", "what it does"):
        table.add_column(heading)
    for row in rows:
        table.add_row(str(row["name"]), str(row["value"]), str(row["from"]), str(row["help"]))
    Console(highlight=False).print(table)
