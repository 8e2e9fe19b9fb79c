"""`trackway demo`: a server on a throw-away folder, with a shop at /demo/ and simulated visitors, then and now."""

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import msgspec
import structlog
import typer
from rich.console import Console

from trackway.alert import Alert, Limits, Watched
from trackway.collect.app import Send, respond
from trackway.commands import place
from trackway.commands.serve import Host, Port
from trackway.control.alerts import add_alert
from trackway.control.audit import SERVER
from trackway.control.directory import now_ms
from trackway.control.saved import DASHBOARDS, SEGMENTS
from trackway.control.sites import change_site
from trackway.dashboard import Tile, tidy
from trackway.demo.pages import page
from trackway.demo.places import DATABASE
from trackway.demo.post import RefusedError, UndeliveredError
from trackway.demo.visitors import backfill, live
from trackway.logs import set_up_logs
from trackway.segment import Came, Did, Identified, Segment
from trackway.server import Welcome, run, serve
from trackway.web.app import Extra
from trackway.web.parts import Parts
from trackway.web.sdk import snippet

SEED = 7
CHECK_S = 1
PAST_SETTLES_S = 3  # until the past's sessions have their ends, which would flood the live view
SHOP_NAME = "Kettle & Fern"
FUNNEL = urlencode(
    [("step", step) for step in ("/demo/product-*", "/demo/cart.html", "/demo/checkout.html", "transaction.charge")]
)
ALERTS = (
    ("Script errors on pages", Watched("share", action="error.javascript", of_action="page.visit", window_min=1440)),
    ("Orders", Watched("count", action="transaction.charge", window_min=1440)),
    ("Newsletter left half-way", Watched("share", action="form.abandon", of_action="form.submit", window_min=1440)),
)
"""What the shop's owners watch. The first is open: a release of some days ago has a script that fails."""
CUSTOMERS = (
    ("Left a cart", Segment([Did(action="product.addToCart"), Did(action="transaction.charge", negated=True)])),
    ("Known customers", Segment([Identified()])),
    ("Came by the newsletter", Segment([Came(by="campaign", value="summer-sill")])),
)
"""Whom they tell apart."""
DASHBOARD = (
    ("Orders by day", "trends", "action=transaction.charge&range=7d&compare=true"),
    ("From a product to an order", "funnels", f"{FUNNEL}&window=86400&by=session"),
    ("Where they came from", "sources", "range=7d&compare=true"),
    ("What held them longer than usual", "elements", "sort=unusual"),
    ("Where the newsletter's form is left", "forms", "form=newsletter"),
    ("Before the checkout", "paths", "start=%2Fdemo%2Fcheckout.html&direction=previous&steps=3"),
    ("Who came back", "retention", "period=week&periods=4"),
)
"""What the shop's owners look at on Mondays: what was earned, where it was lost, and who will be back."""
PASSWORD = "trackway-demo"  # noqa: S105 - of a throw-away folder, and printed
"""The admin's, where the setting admin_password names none."""
Days = Annotated[int, typer.Option(help="Days of past visitors to send first.", min=0, max=400)]
Quiet = Annotated[bool, typer.Option("--quiet", help="No simulated visitors now.")]

log = structlog.get_logger()


def demo(host: Host = None, port: Port = None, days: Days = 30, quiet: Quiet = False) -> None:
    """Start with a demo shop and visitors, so that no screen is empty. Everything is gone when it stops."""
    with tempfile.TemporaryDirectory(prefix="trackway-demo-") as folder:
        place.data = Path(folder)
        config = place.config(
            host=host,
            port=port,
            admin_password=place.config().text("admin_password") or PASSWORD,
            session_check_s=CHECK_S,
            session_grace_s=CHECK_S,
            geoip_path=str(DATABASE),
        )
        set_up_logs(config)
        stop = threading.Event()

        def started(welcome: Welcome) -> None:
            if welcome.parts is not None:
                visit = make_visit(welcome.parts, days, quiet, stop)
                threading.Thread(target=visit, name="demo-visitors", daemon=True).start()

        try:
            run(lambda: serve(config, started, make_shop))
        finally:
            stop.set()


def show_demo(parts: Parts) -> None:
    """Print what to open."""
    console, url = Console(highlight=False, soft_wrap=True), parts.config.public_url
    console.print("\n  The Trackway demo is running; its data is thrown away when it stops (Ctrl-C).\n")
    console.print(f"  The shop     [bold]{url}/demo/[/bold]   click around in it")
    console.print(f"  Trackway     [bold]{url}/live[/bold]   and see it here")
    known = parts.config.values["admin_password"] == PASSWORD
    said = f"[bold]{PASSWORD}[/bold]" if known else "as the setting admin_password says"
    console.print(f"  Log in as    admin, password {said}\n")


def make_visit(parts: Parts, days: int, quiet: bool, stop: threading.Event) -> Callable[[], None]:
    """The simulated visitors, for a thread: a month of the past, then people of now."""
    site = parts.directory.sites()[0]
    change_site(parts.engine, SERVER, msgspec.structs.replace(site, name=SHOP_NAME), now_ms())
    parts.directory.refresh()
    url, key = parts.config.local_url, site.tracker_key

    def visit() -> None:
        try:
            report = backfill(url, key, SEED, now_ms(), days=days, stop=stop)
            log.info("past visitors have been sent", events=report.sent, accepted=report.accepted)
            stop.wait(PAST_SETTLES_S)
            watch_shop(parts, site.id)
            save_dashboard(parts, site.id)
            show_demo(parts)
            if not quiet:
                live(url, key, SEED, stop, report.visitors)
        except (UndeliveredError, RefusedError) as error:
            log.warning("the simulated visitors have stopped", why=str(error))

    return visit


def watch_shop(parts: Parts, site: str) -> None:
    """Make the shop's segments and alerts; the server judges these by what has come in, like any."""
    for name, segment in CUSTOMERS:
        SEGMENTS.add(parts.engine, SERVER, site, name, msgspec.to_builtins(segment), now_ms())
    for name, watched in ALERTS:
        limits = Limits(direction="below" if watched.kind == "count" else "above")
        add_alert(parts.engine, SERVER, Alert("", site, name, watched, limits), now_ms())
    parts.watch.rounds.wake()


def save_dashboard(parts: Parts, site: str) -> None:
    """Keep what the shop's owners ask every week."""
    tiles = [
        tidy(msgspec.convert({"title": one, "question": two, "query": three}, Tile)) for one, two, three in DASHBOARD
    ]
    content = {"tiles": msgspec.to_builtins(tiles)}
    DASHBOARDS.add(parts.engine, SERVER, site, "The shop on Mondays", content, now_ms())


def make_shop(parts: Parts) -> Extra:
    """The shop's pages, with the site's snippet in each."""

    async def shop(path: str, send: Send) -> None:
        if path == "/demo":
            await respond(send, 308, b"", [(b"location", b"/demo/")])
            return
        site = parts.directory.sites()[0]
        found = page(path.removeprefix("/demo/"), snippet(site, parts.config))
        if found is None:
            await respond(send, 404, b"There is no such page in the demo shop.", [(b"content-type", b"text/plain")])
            return
        headers = [(b"content-type", found.media_type.encode()), (b"cache-control", b"no-cache")]
        await respond(send, 200, found.content, headers)

    return shop
