"""`trackway key …`: API keys for servers. The secret is printed once and stored as a hash."""

from typing import Annotated

import typer

from trackway.commands import place
from trackway.commands.site import Json, as_text
from trackway.control.audit import COMMAND_LINE
from trackway.control.directory import now_ms
from trackway.control.keys import KeyLimits, add_key, list_keys, revoke_key
from trackway.control.sites import find_site
from trackway.insight.verdict import clock
from trackway.site import Scope

DAY_MS = 86_400_000

keys = typer.Typer(no_args_is_help=True, help="API keys: add, list, revoke.")
SiteOption = Annotated[str | None, typer.Option(help="The site it opens.")]
ScopeOption = Annotated[Scope, typer.Option(help="events:write, read or admin.")]
DaysOption = Annotated[int | None, typer.Option("--expires-days", help="Days until it runs out; else never.", min=1)]

AllowOption = Annotated[list[str] | None, typer.Option(help="Action or pattern it may send; may be given again.")]
DenyOption = Annotated[list[str] | None, typer.Option(help="Action or pattern it may not send; may be given again.")]
IpOption = Annotated[list[str] | None, typer.Option(help="Address or network it may be used from; may be given again.")]


@keys.command()
def add(
    scope: ScopeOption,
    site: SiteOption = None,
    name: str = "",
    days: DaysOption = None,
    allow: AllowOption = None,
    deny: DenyOption = None,
    ip: IpOption = None,
    as_json: Json = False,
) -> None:
    """Add an API key. Without --site it opens every site."""
    engine, now = place.engine(), now_ms()
    if site is not None:
        find_site(engine, site)
    limits = KeyLimits(allow or (), deny or (), ip or ())
    made = add_key(engine, COMMAND_LINE, site, scope, now, name, None if days is None else now + days * DAY_MS, limits)
    key = made.key
    if as_json:
        shown = {
            "id": key.id,
            "secret": made.secret,
            "site": key.site,
            "scope": key.scope,
            "expires": key.expires,
        }
        print(as_text(shown))
        return
    print(
        f"key     {key.id}\nsite    {key.site or 'all'}\nscope   {key.scope}\nsecret  {made.secret}  (shown this once)"
    )


@keys.command("list")
def list_all(as_json: Json = False) -> None:
    """List the API keys, without their secrets."""
    found = [key for key, _ in list_keys(place.engine())]
    if as_json:
        print(
            as_text(
                [
                    {
                        "id": key.id,
                        "site": key.site,
                        "scope": key.scope,
                        "name": key.name,
                        "expires": key.expires,
                        "allow": key.allow,
                        "deny": key.deny,
                        "ip_ranges": key.ip_ranges,
                        "last_used": key.last_used,
                    }
                    for key in found
                ]
            )
        )
        return
    for key in found:
        used = f"last used {clock(key.last_used)}" if key.last_used else "never used"
        print(f"{key.id}\t{key.site or 'all'}\t{key.scope}\t{key.name}\t{used}")


@keys.command()
def revoke(key: Annotated[str, typer.Argument(help="The key's id.")]) -> None:
    """Revoke an API key; it is refused from then on."""
    revoke_key(place.engine(), COMMAND_LINE, key, now_ms())
    print(f"revoked {key}")
