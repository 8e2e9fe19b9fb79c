"""`trackway rules …`: a site's allowlist and denylist; a running server has a change within two seconds."""

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import typer

from trackway.books import Ledger
from trackway.commands import place
from trackway.commands.ask import ask
from trackway.commands.plain import plain
from trackway.commands.site import Json, SiteId, as_text
from trackway.control.audit import COMMAND_LINE
from trackway.control.directory import Directory, now_ms
from trackway.control.sites import find_site, put_rules
from trackway.folder import is_held, read_address
from trackway.insight.preview import PREVIEW_EVENTS, PREVIEW_EVENTS_MAX, preview
from trackway.rules import Mode, Rules, check_rules
from trackway.store.migrate import migrate
from trackway.store.pool import Pool

rules = typer.Typer(no_args_is_help=True, help="Allowlist and denylist of a site: show, set, preview.")
ModeOption = Annotated[
    Mode | None, typer.Option(help="enforce, or report: keep everything and mark what would have gone.")
]
Allow = Annotated[list[str] | None, typer.Option(help="Action or pattern to allow; may be given again.")]
Deny = Annotated[list[str] | None, typer.Option(help="Action or pattern to deny; may be given again.")]
NoAllow = Annotated[bool, typer.Option("--no-allow", help="Empty the allowlist: all is allowed.")]
NoDeny = Annotated[bool, typer.Option("--no-deny", help="Empty the denylist.")]
Last = Annotated[int, typer.Option(help="How many of the last events to try them on.", min=1, max=PREVIEW_EVENTS_MAX)]


@rules.command()
def show(site: SiteId, as_json: Json = False) -> None:
    """Show a site's rules."""
    show_rules(find_site(place.engine(), site).rules, as_json)


@rules.command("set")
def put(
    site: SiteId,
    mode: ModeOption = None,
    allow: Allow = None,
    deny: Deny = None,
    no_allow: NoAllow = False,
    no_deny: NoDeny = False,
    as_json: Json = False,
) -> None:
    """Change a site's rules. A list that is given takes the place of the one there is; what is not given stays."""
    engine = place.engine()
    found = find_site(engine, site)
    wanted = check_rules(
        mode or found.rules.mode,
        pick(allow, no_allow, found.rules.allow, "allow"),
        pick(deny, no_deny, found.rules.deny, "deny"),
    )
    put_rules(engine, COMMAND_LINE, found, wanted, now_ms())
    show_rules(wanted, as_json)


@rules.command("preview")
def try_out(
    site: SiteId,
    allow: Allow = None,
    deny: Deny = None,
    no_allow: NoAllow = False,
    no_deny: NoDeny = False,
    last: Last = PREVIEW_EVENTS,
    as_json: Json = False,
) -> None:
    """What enforcing rules would have made of the last events. Lists not given are the site's. Changes nothing."""
    held = find_site(place.engine(), site).rules
    wanted = check_rules("enforce", pick(allow, no_allow, held.allow, "allow"), pick(deny, no_deny, held.deny, "deny"))
    address = read_address(place.data) if is_held(place.data) else None
    if address is not None:
        body = msgspec.to_builtins(wanted) | {"last": last}
        seen = ask(address, f"/api/v1/sites/{site}/rules/preview", body)
    else:
        seen = asyncio.run(preview_by_folder(site, wanted, last))
    if as_json:
        print(as_text(seen))
        return
    show_preview(seen)


def pick(given: Sequence[str] | None, none: bool, held: Sequence[str], name: str) -> Sequence[str]:
    """The list that is meant: given, emptied, or as it is held. Exits with 2 for both at once."""
    if given and none:
        raise typer.BadParameter(f"give --{name} or --no-{name}, not both")
    return () if none else given or held


async def preview_by_folder(site: str, wanted: Rules, last: int) -> dict[str, Any]:
    """The same answer from the folder of a stopped server."""
    pool, directory = Pool(place.data), Directory(place.engine())
    ledger = Ledger(place.data / "books.sqlite")
    try:
        connection = pool.connect()
        migrate(connection)
        connection.close()
        return await preview(pool, ledger, site, wanted, directory.gate_of_key, last)
    finally:
        ledger.close()
        directory.close()
        pool.close()


def show_rules(shown: Rules, as_json: bool) -> None:
    """Print rules."""
    if as_json:
        print(as_text(shown))
        return
    print(f"mode   {shown.mode}\nallow  {' '.join(shown.allow) or 'all'}\ndeny   {' '.join(shown.deny) or 'none'}")


def show_preview(seen: dict[str, Any]) -> None:
    """Print what rules would have done."""
    print(f"Of the last {seen['received']} events received: {seen['accepted']} accepted, {total(seen)} rejected.")
    for one in seen["actions"]:
        was = json.dumps(one["was"])
        action, message = plain(one["action"]), plain(one["message"])
        print(f"{one['count']:>7}  {action:<32}  {one['code'] or 'accepted':<12}  was {was}  {message}")


def total(seen: dict[str, Any]) -> str:
    """How many events would be rejected, by reason."""
    reasons = ", ".join(f"{code} {n}" for code, n in seen["rejected"].items())
    return f"{sum(seen['rejected'].values())}{f' ({reasons})' if reasons else ''}"
