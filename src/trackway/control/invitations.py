"""Links that open once: an invitation makes a user, a reset sets a new password, a login link logs in. Kept as a hash,
shown once.
"""

import secrets
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update

from trackway.control.audit import Author, note_change
from trackway.control.database import invitations, logins, users
from trackway.control.database import sites as site_table
from trackway.control.logins import DAY_MS, From, Login, begin_login, hash_token
from trackway.control.passwords import hash_password
from trackway.control.roles import ROLES, Role, check_role, check_site_role
from trackway.control.users import as_noted as user_noted
from trackway.control.users import check_user_name, find_user, insert_user, roles_of, write_roles
from trackway.errors import RequestRefused

Kind = Literal["invitation", "reset", "login"]
DAYS_DEFAULT = 7
DAYS_MAX = 90
RESET_DAYS = 1
LOGIN_LINK_MS = 10 * 60_000
INVITATIONS_MAX = 1_000
NOTED_AS: Mapping[Kind, str] = {"invitation": "invitation.add", "reset": "user.reset", "login": "user.login-link"}
PATH = "/invitation#"
"""Behind the number sign: browsers send that part to no server, so that it stands in no log."""


class Invitation(NamedTuple):
    """A link that is out. `user`: for whom, empty where they choose their name."""

    id: str
    kind: Kind
    user: str
    role: Role
    sites: Mapping[str, str]
    made_by: str
    created: int
    expires: int


class NewInvitation(NamedTuple):
    """A link at the only moment its token is known."""

    invitation: Invitation
    token: str


def invite(  # noqa: PLR0913 - one argument a column
    engine: Engine,
    author: Author,
    user: str,
    role: str,
    sites: Mapping[str, str],
    now_ms: int,
    days: int = DAYS_DEFAULT,
) -> NewInvitation:
    """Invite somebody. Raises RequestRefused(invalid_parameter, not_found, conflict)."""
    if not 1 <= days <= DAYS_MAX:
        raise RequestRefused("invalid_parameter", f"An invitation holds for 1 to {DAYS_MAX} days.", "days")
    for one in sites.values():
        check_site_role(one)
    if check_role(role) == "member" and not sites:
        raise RequestRefused("invalid_parameter", "Name a role, or a site and the role on it.", "sites")
    with engine.connect() as connection:
        known = {site for (site,) in connection.execute(select(site_table.c.id))}
        taken = connection.execute(select(users.c.name).where(users.c.name == user)).first()
    missing = [site for site in sites if site not in known]
    if missing:
        raise RequestRefused("not_found", f"There is no site {missing[0]!r}.", "sites")
    if taken:
        raise RequestRefused("conflict", f"There is a user {user!r} already; give them a role.", "name")
    if user:
        check_user_name(user)
    return add(engine, author, "invitation", user, check_role(role), sites, now_ms, days * DAY_MS)


def invite_to_reset(engine: Engine, author: Author, user: str, now_ms: int) -> NewInvitation:
    """A link by which a user sets a new password; older ones of theirs end. Raises RequestRefused(not_found)."""
    return replace_link(engine, author, "reset", user, now_ms, RESET_DAYS * DAY_MS)


def invite_to_log_in(engine: Engine, author: Author, user: str, now_ms: int) -> NewInvitation:
    """A link that logs a user in without a password: the way in for who may work on the data folder. Older ones end.

    Raises RequestRefused(not_found; conflict for a disabled user).
    """
    if find_user(engine, user).disabled:
        raise RequestRefused("conflict", f"User {user} is disabled; enable them first.", "name")
    return replace_link(engine, author, "login", user, now_ms, LOGIN_LINK_MS)


def replace_link(  # noqa: PLR0913 - whose, what for, how long
    engine: Engine, author: Author, kind: Kind, user: str, now_ms: int, lasts_ms: int
) -> NewInvitation:
    """A link for a user who is there, in place of those of its kind. Raises RequestRefused(not_found)."""
    find_user(engine, user)
    with engine.begin() as connection:
        connection.execute(delete(invitations).where(invitations.c.kind == kind, invitations.c.user == user))
    return add(engine, author, kind, user, "member", {}, now_ms, lasts_ms)


def add(  # noqa: PLR0913 - one argument a column
    engine: Engine,
    author: Author,
    kind: Kind,
    user: str,
    role: Role,
    sites: Mapping[str, str],
    now_ms: int,
    lasts_ms: int,
) -> NewInvitation:
    """Write a link whose parts have been checked. Raises RequestRefused(conflict) when there are too many."""
    token = secrets.token_urlsafe(32)
    expires = now_ms + lasts_ms
    made = Invitation(secrets.token_hex(6), kind, user, role, sites, name_of(author), now_ms, expires)
    with engine.begin() as connection:
        connection.execute(delete(invitations).where(invitations.c.expires <= now_ms))
        if connection.execute(select(func.count()).select_from(invitations)).scalar_one() >= INVITATIONS_MAX:
            raise RequestRefused("conflict", f"{INVITATIONS_MAX:,} links are out already; revoke some first.")
        connection.execute(
            insert(invitations).values(**made._asdict() | {"sites": dict(sites), "token_hash": hash_token(token)})
        )
        note_change(connection, author, now_ms, NOTED_AS[kind], None, None, as_noted(made))
    return NewInvitation(made, token)


def list_invitations(engine: Engine, now_ms: int) -> list[Invitation]:
    """The links that are out, the newest first."""
    question = select(invitations).where(invitations.c.expires > now_ms).order_by(invitations.c.created.desc())
    with engine.connect() as connection:
        return [to_invitation(row) for row in connection.execute(question)]


def revoke_invitation(engine: Engine, author: Author, invitation: str, now_ms: int) -> None:
    """Make a link useless. Raises RequestRefused(not_found)."""
    with engine.begin() as connection:
        was = connection.execute(select(invitations).where(invitations.c.id == invitation)).first()
        if was is None:
            raise RequestRefused("not_found", f"There is no invitation {invitation!r}.")
        connection.execute(delete(invitations).where(invitations.c.id == invitation))
        note_change(connection, author, now_ms, "invitation.revoke", None, as_noted(to_invitation(was)), None)


def name_of(author: Author) -> str:
    """Whoever made a link, as their users' list names them."""
    return {"user": author.name, "key": f"key {author.name}"}.get(author.kind, "command line")


def as_noted(invitation: Invitation) -> dict[str, Any]:
    """A link as the audit log holds it."""
    noted = invitation._asdict()
    return noted | {"sites": dict(invitation.sites)}


def look(engine: Engine, token: str, now_ms: int) -> Invitation:
    """What a link is for. Raises RequestRefused(not_found) when it was used, revoked, or has run out."""
    question = select(invitations).where(invitations.c.token_hash == hash_token(token), invitations.c.expires > now_ms)
    with engine.connect() as connection:
        row = connection.execute(question).first()
    if row is None:
        raise RequestRefused(
            "not_found", "This link was used already, was taken back, or has run out; ask for a new one."
        )
    return to_invitation(row)


def accept(engine: Engine, token: str, name: str, password: str, now_ms: int) -> str:
    """Use a link: make the user, or set the password. The user's name.

    Raises RequestRefused(not_found, invalid_parameter, conflict); the link is used only when it went well.
    """
    found = look(engine, token, now_ms)
    if found.kind == "login":
        raise RequestRefused("conflict", "This link logs in; it makes no user and sets no password.")
    password_hash = hash_password(password)
    with engine.begin() as connection:
        use(connection, found)
        if found.kind == "reset":
            connection.execute(update(users).where(users.c.name == found.user).values(password_hash=password_hash))
            connection.execute(delete(logins).where(logins.c.user == found.user))
            note_change(connection, Author("user", found.user), now_ms, "user.password", None, None, {"by": "link"})
            return found.user
        chosen = check_user_name(found.user or name)
        insert_user(connection, chosen, password_hash, found.role, now_ms)
        write_roles(connection, chosen, standing(connection, found.sites))
        author, after = Author("user", chosen), user_noted(connection, chosen)
        note_change(connection, author, now_ms, "invitation.accept", None, as_noted(found), after)
    return chosen


def enter(engine: Engine, token: str, origin: From, now_ms: int, days: int) -> Login:
    """Use a login link. Raises RequestRefused(not_found; conflict for a link of another kind)."""
    found = look(engine, token, now_ms)
    if found.kind != "login":
        raise RequestRefused("conflict", "This link does not log in; open it in a browser to see what it is for.")
    with engine.begin() as connection:
        use(connection, found)
    return begin_login(engine, found.user, origin, now_ms, days, "link")


def join(engine: Engine, token: str, name: str, now_ms: int) -> None:
    """Use an invitation for a user who is there already: its roles are added, none is lowered.

    Raises RequestRefused(not_found, conflict) for a reset, or an invitation in another's name.
    """
    found = look(engine, token, now_ms)
    if found.kind != "invitation" or found.user not in ("", name):
        raise RequestRefused("conflict", f"This link is for {found.user}; log out to use it.")
    with engine.begin() as connection:
        use(connection, found)
        current = connection.execute(select(users.c.role).where(users.c.name == name)).scalar_one()
        role = max(current, found.role, key=ROLES.index)
        before = user_noted(connection, name)
        connection.execute(update(users).where(users.c.name == name).values(role=role))
        roles = roles_of(connection, name).get(name, {})
        for site, given in standing(connection, found.sites).items():
            roles[site] = max(roles.get(site, "member"), given, key=ROLES.index)
        write_roles(connection, name, roles)
        author = Author("user", name)
        note_change(connection, author, now_ms, "invitation.accept", None, before, user_noted(connection, name))


def use(connection: Connection, found: Invitation) -> None:
    """Use a link up. Raises RequestRefused(not_found) when somebody else just did."""
    if not connection.execute(delete(invitations).where(invitations.c.id == found.id)).rowcount:
        raise RequestRefused("not_found", "This link was used already; ask for a new one.")


def standing(connection: Connection, sites: Mapping[str, str]) -> dict[str, str]:
    """The roles on sites that are still there."""
    known = {site for (site,) in connection.execute(select(site_table.c.id))}
    return {site: role for site, role in sites.items() if site in known}


def to_invitation(row: Row[Any]) -> Invitation:
    """A link from its table row."""
    return Invitation(row.id, row.kind, row.user, row.role, row.sites, row.made_by, row.created, row.expires)
