"""`trackway user …`: works on the data folder; a running server has the change within two seconds."""

import secrets
import sys
from typing import Annotated, Any, Literal

import typer

from trackway.commands import place
from trackway.commands.site import Json, as_text
from trackway.control.audit import COMMAND_LINE
from trackway.control.directory import now_ms
from trackway.control.invitations import DAYS_DEFAULT, DAYS_MAX, PATH, NewInvitation, invite_to_log_in, invite_to_reset
from trackway.control.invitations import invite as invite_user
from trackway.control.roles import Role
from trackway.control.second_factor import switch_off
from trackway.control.sites import find_site
from trackway.control.users import User, UserChanges, add_user, change_user, find_user, list_users, remove_user
from trackway.errors import RequestRefused

users = typer.Typer(no_args_is_help=True, help="Users: add, invite, list, role, disable, enable, reset, login-link.")
Name = Annotated[str, typer.Argument(help="The user's name.")]
RoleOption = Annotated[Role, typer.Option(help="viewer, editor or admin; on every site, or on those of --site.")]
SiteOption = Annotated[list[str] | None, typer.Option(help="Site the role is for; may be given again.")]
Stdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")]
DaysOption = Annotated[int, typer.Option(help="Days the link holds.", min=1, max=DAYS_MAX)]
NewRole = Annotated[Literal["viewer", "editor", "admin", "none"], typer.Argument(metavar="ROLE", help="Their role.")]
Where = Annotated[list[str] | None, typer.Option("--site", help="On this site only; may be given again.")]
NameOption = Annotated[str, typer.Option(help="The name they will log in with; else they choose it.")]


@users.command()
def add(name: Name, role: RoleOption, site: SiteOption = None, stdin: Stdin = False, as_json: Json = False) -> None:
    """Add a user. Without --password-stdin a random password is printed, once."""
    given = sys.stdin.readline().rstrip("\r\n") if stdin else ""
    if stdin and not given:
        raise RequestRefused("invalid_parameter", "There is no password on stdin; write one line to it.", "password")
    password = given or secrets.token_urlsafe(12)
    everywhere, on_sites = roles(role, site)
    add_user(place.engine(), COMMAND_LINE, name, password, everywhere, now_ms(), on_sites)
    if as_json:
        shown = {"name": name, "role": everywhere, "sites": on_sites, "password": None if stdin else password}
        print(as_text(shown))
        return
    print(f"user      {name}\nrole      {role_text(everywhere, on_sites)}")
    if not stdin:
        print(f"password  {password}  (shown this once)")


@users.command()
def invite(
    role: RoleOption,
    site: SiteOption = None,
    name: NameOption = "",
    days: DaysOption = DAYS_DEFAULT,
    as_json: Json = False,
) -> None:
    """Invite somebody: prints a link that opens once, by which they choose a name and a password."""
    everywhere, on_sites = roles(role, site)
    show_link(invite_user(place.engine(), COMMAND_LINE, name, everywhere, on_sites, now_ms(), days), as_json)


@users.command("list")
def list_all(as_json: Json = False) -> None:
    """List the users and their roles."""
    found = list_users(place.engine())
    if as_json:
        print(as_text([shape(user) for user in found]))
        return
    for user in found:
        state = "\tdisabled" if user.disabled else ""
        print(f"{user.name}\t{role_text(user.role, dict(user.sites))}{state}")


@users.command()
def role(name: Name, to: NewRole, site: Where = None) -> None:
    """Change a user's role: viewer, editor, admin or none; on every site, or on those of --site."""
    engine = place.engine()
    user = find_user(engine, name)
    if site:
        roles_then = {**user.sites, **{find_site(engine, one).id: to for one in site}}
        changes = UserChanges(sites={one: held for one, held in roles_then.items() if held != "none"})
    else:
        changes = UserChanges(role="member" if to == "none" else to)
    changed = change_user(engine, COMMAND_LINE, name, changes, now_ms())
    print(f"{name}\t{role_text(changed.role, dict(changed.sites))}")


@users.command()
def disable(
    name: Name, remove: Annotated[bool, typer.Option("--remove", help="Remove them altogether.")] = False
) -> None:
    """Disable a user: their logins end, and the links that they made. The last admin of everything stays."""
    engine = place.engine()
    if remove:
        remove_user(engine, COMMAND_LINE, name, now_ms())
        print(f"removed {name}")
        return
    change_user(engine, COMMAND_LINE, name, UserChanges(disabled=True), now_ms())
    print(f"disabled {name}")


@users.command()
def enable(name: Name) -> None:
    """Let a disabled user log in again."""
    change_user(place.engine(), COMMAND_LINE, name, UserChanges(disabled=False), now_ms())
    print(f"enabled {name}")


@users.command()
def reset(
    name: Name,
    totp: Annotated[
        bool, typer.Option("--totp", help="Switch their second factor off too: the phone is lost.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print a link that opens once, within a day, by which a user sets a new password."""
    engine = place.engine()
    made = invite_to_reset(engine, COMMAND_LINE, name, now_ms())
    if totp:
        switch_off(engine, COMMAND_LINE, name, now_ms())
    show_link(made, as_json)


@users.command("login-link")
def login_link(name: Name, as_json: Json = False) -> None:
    """Print a link that opens once, within ten minutes, and logs a user in: the way in when no other is open."""
    show_link(invite_to_log_in(place.engine(), COMMAND_LINE, name, now_ms()), as_json)


def roles(role: str, sites: list[str] | None) -> tuple[str, dict[str, str]]:
    """A role as it is kept: on every site, or on some."""
    return ("member", dict.fromkeys(sites, role)) if sites else (role, {})


def role_text(everywhere: str, on_sites: dict[str, str]) -> str:
    """Roles as a person reads them."""
    each = [f"{role} of {site}" for site, role in on_sites.items()]
    return ", ".join([f"{everywhere} of all sites", *each] if everywhere != "member" else each) or "none"


def show_link(made: NewInvitation, as_json: bool) -> None:
    """Print a link, at the only moment it is known."""
    link = f"{place.public_config().public_url}{PATH}{made.token}"
    found = made.invitation
    if as_json:
        shown = {"id": found.id, "kind": found.kind, "name": found.user, "role": found.role, "sites": dict(found.sites)}
        print(as_text(shown | {"expires": found.expires, "link": link}))
        return
    print(f"link  {link}  (opens once, shown this once)")


def shape(user: User) -> dict[str, Any]:
    """A user in the API's shape."""
    return user._asdict() | {"sites": dict(user.sites)}
