"""`trackway sql`: ask a site's events by SQL, within the console's limits. Asks the running server."""

from typing import Annotated
from urllib.parse import quote

import typer

from trackway.commands import place
from trackway.commands.ask import ask_raw
from trackway.commands.site import Json
from trackway.errors import TrackwayError
from trackway.folder import is_held, read_address

QueryArgument = Annotated[str, typer.Argument(help="One SELECT over events, customers and sessions.")]
SiteOption = Annotated[str, typer.Option(help="The site.")]


def sql(query: QueryArgument, site: SiteOption, as_json: Json = False) -> None:
    """Ask a site's events by SQL: the rows as CSV, or with what was read as JSON. Needs a running server."""
    address = read_address(place.data) if is_held(place.data) else None
    if address is None:
        raise TrackwayError("No server is running on this data folder; start it with trackway serve.")
    form = "json" if as_json else "csv"
    path = f"/api/v1/sites/{quote(site, safe='')}/sql?format={form}"
    print(ask_raw(address, path, {"query": query}).decode().replace("\r\n", "\n").rstrip("\n"))
