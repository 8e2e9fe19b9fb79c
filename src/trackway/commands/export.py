"""`trackway export`: a site's events into a file, in the order they arrived, to be gone on with later."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlencode

import msgspec
import typer
from rich.console import Console

from trackway.commands import place
from trackway.commands.ask import ask_raw
from trackway.commands.moment import moment
from trackway.commands.opened import opened_folder
from trackway.control.sites import find_site
from trackway.folder import Address, is_held, read_address
from trackway.insight.export import ExportPage, export_page
from trackway.tables.read import Form
from trackway.tables.write import STDOUT, Writes, form_for, writing

PAGE_EVENTS = 5_000

Read = Callable[[str | None], Awaitable[ExportPage]]
"""The page behind a cursor."""


def export(
    site: Annotated[str, typer.Option(help="The site.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="NDJSON, CSV or Parquet by its ending; - prints NDJSON.")],
    since: Annotated[
        str | None, typer.Option("--from", help="Not before: ISO 8601 with zone, a day, or epoch ms.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Before.")] = None,
    cursor: Annotated[str | None, typer.Option("--since-cursor", help="Only what arrived since that export.")] = None,
    form: Annotated[Form | None, typer.Option("--format", help="What to write, whatever the name ends with.")] = None,
) -> None:
    """Export a site's events. Prints the cursor that the next export goes on from."""
    found = find_site(place.engine(), site)
    first, last = moment(since, "--from"), moment(until, "--to")
    with writing(out, form or form_for(out)) as writer:
        written, reached = asyncio.run(run(writer, found.id, first, last, cursor))
    words = f"{written} events of {found.id}; go on with --since-cursor {reached}" if reached else "no events"
    print(words, file=sys.stderr if out == STDOUT else sys.stdout)


async def run(
    writer: Writes, site: str, since: int | None, until: int | None, cursor: str | None
) -> tuple[int, str | None]:
    """Write every page; how many events, and the cursor reached."""
    address = read_address(place.data) if is_held(place.data) else None
    written, console = 0, Console(stderr=True)
    async with by_server(address, site, since, until) if address else by_folder(site, since, until) as read:
        with console.status(f"{site}") if console.is_terminal else contextlib.nullcontext() as status:
            while True:
                page = await read(cursor)
                writer.write([bytes(item) for item in page.items])
                written, cursor = written + len(page.items), page.cursor
                if status:
                    status.update(f"{written} events")
                if page.next is None:
                    return written, cursor


@contextlib.asynccontextmanager
async def by_server(address: Address, site: str, since: int | None, until: int | None) -> AsyncGenerator[Read]:
    """Ask the running server."""

    async def read(cursor: str | None) -> ExportPage:
        asked = {"limit": PAGE_EVENTS, "from": since, "to": until, "cursor": cursor}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        answer = ask_raw(address, f"/api/v1/sites/{quote(site)}/export?{query}")
        return msgspec.json.decode(answer, type=ExportPage)

    yield read


@contextlib.asynccontextmanager
async def by_folder(site: str, since: int | None, until: int | None) -> AsyncGenerator[Read]:
    """Open the folder as a server does, and load what waits first."""
    async with opened_folder() as (parts, _):

        async def read(cursor: str | None) -> ExportPage:
            return await export_page(parts.pool, parts.ledger.register, site, since, until, PAGE_EVENTS, cursor)

        yield read
