"""`trackway serve`: everything in one process, on one port."""

from typing import Annotated

import typer
from rich.console import Console

from trackway.commands import place
from trackway.logs import set_up_logs
from trackway.server import Welcome, run
from trackway.server import serve as serve_parts
from trackway.web.sdk import snippet

Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535)]
PublicUrl = Annotated[str | None, typer.Option(help="Address browsers reach this server at.")]


def serve(host: Host = None, port: Port = None, public_url: PublicUrl = None) -> None:
    """Collect, load, answer and show, in one process. The first start makes the data folder, a site and a login."""
    config = place.config(host=host, port=port, public_url=public_url)
    set_up_logs(config)

    def started(welcome: Welcome) -> None:
        show_welcome(welcome, Console(highlight=False, soft_wrap=True))

    run(lambda: serve_parts(config, started))


def show_welcome(welcome: Welcome, console: Console) -> None:
    """Print where everything is, and what was made."""
    parts = welcome.parts
    if parts is None:
        return
    config = parts.config
    site = parts.directory.sites()[0]
    console.print(f"\n  Trackway is running. Data in [bold]{config.data}[/bold]\n")
    console.print(f"  Open         [bold]{config.public_url}/[/bold]")
    if welcome.admin_password:
        console.print(f"  Log in as    admin, password [bold]{welcome.admin_password}[/bold]  (shown this once)")
    console.print(f"  Site         {site.id}, tracker key {site.tracker_key}")
    console.print(f"  API          {config.public_url}/api/docs")
    console.print("\n  Put this on every page of your site:\n")
    print(snippet(site, config))
    print(flush=True)
