"""Users: who they are, what they may, and that one admin of everything always remains. Their logins: `logins`."""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Engine, Row, delete, func, insert, or_, select, update

from trackway.control.audit import SERVER, Author, note_change
from trackway.control.database import invitations, logins, sites, user_roles, users
from trackway.control.passwords import NO_PASSWORD, hash_password
from trackway.control.roles import Role, check_role, check_site_role, opens
from trackway.errors import RequestRefused
from trackway.site import Level

FIRST_ADMIN = "admin"
USERS_MAX = 10_000
# What stands in an address line and on a terminal without surprise: no slashes, controls, or spaces at the ends.
NAME = re.compile(r"(?! )[^/\\\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]{1,200}(?<! )\Z")


class User(NamedTuple):
    """A person who can log in. `role` holds on every site, `sites` on single ones; the higher one counts."""

    name: str
    role: Role
    sites: Mapping[str, str]
    created: int
    disabled: bool
    totp: bool
    """Whether a second factor is asked for."""
    password: bool
    """False for who logs in at another place only."""
    seen: int
    """When they were last here, epoch ms; 0: never."""

    def may(self, level: Level, site: str | None) -> bool:
        """Whether they open `level` on `site` (None: what belongs to no site)."""
        return opens(self.role, level) or (site is not None and opens(self.sites.get(site, ""), level))


class UserChanges(msgspec.Struct, frozen=True):
    """What to change of a user; None stays. `sites` replaces all roles on single sites."""

    role: str | None = None
    sites: Mapping[str, str] | None = None
    disabled: bool | None = None


def has_users(engine: Engine) -> bool:
    """Whether anybody can log in: true from the first start on."""
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(users)).scalar_one() > 0


def ensure_admin(engine: Engine, password: str, now_ms: int) -> str | None:
    """Make the first admin when there is no user yet; the password, when it was made up here and must be shown."""
    if has_users(engine):
        return None
    chosen = password or secrets.token_urlsafe(12)
    add_user(engine, SERVER, FIRST_ADMIN, chosen, "admin", now_ms)
    return None if password else chosen


def add_user(  # noqa: PLR0913 - one argument a column
    engine: Engine,
    author: Author,
    name: str,
    password: str | None,
    role: str,
    now_ms: int,
    on_sites: Mapping[str, str] | None = None,
) -> None:
    """A new user; password None: they log in at another place. Raises RequestRefused(invalid_parameter, conflict)."""
    password_hash = NO_PASSWORD if password is None else hash_password(password)
    with engine.begin() as connection:
        insert_user(connection, check_user_name(name), password_hash, check_role(role), now_ms)
        write_roles(connection, name, on_sites or {})
        note_change(connection, author, now_ms, "user.add", None, None, as_noted(connection, name))


def insert_user(connection: Connection, name: str, password_hash: str, role: Role, now_ms: int) -> None:
    """Write a user whose parts have been checked. Raises RequestRefused(conflict) for a name like another's."""
    same = name.casefold()
    taken = [other for (other,) in connection.execute(select(users.c.name)) if other.casefold() == same]
    if taken:
        raise RequestRefused("conflict", f"There is a user {taken[0]!r} already; choose another name.", "name")
    if connection.execute(select(func.count()).select_from(users)).scalar_one() >= USERS_MAX:
        raise RequestRefused("conflict", f"There are {USERS_MAX:,} users already; remove some first.")
    connection.execute(insert(users).values(name=name, password_hash=password_hash, role=role, created=now_ms))


def check_user_name(name: str) -> str:
    """A name to log in with. Raises RequestRefused(invalid_parameter)."""
    if not NAME.match(name) or unicodedata.normalize("NFKC", name) != name:
        raise RequestRefused(
            "invalid_parameter",
            "A user's name has 1 to 200 plain characters without slashes, such as an e-mail address.",
            "name",
        )
    return name


def write_roles(connection: Connection, name: str, on_sites: Mapping[str, str]) -> None:
    """Replace a user's roles on single sites. Raises RequestRefused(invalid_parameter, not_found)."""
    known = {site for (site,) in connection.execute(select(sites.c.id))}
    for site, role in on_sites.items():
        check_site_role(role)
        if site not in known:
            raise RequestRefused("not_found", f"There is no site {site!r}.", "sites")
    connection.execute(delete(user_roles).where(user_roles.c.user == name))
    if on_sites:
        connection.execute(
            insert(user_roles), [{"user": name, "site": site, "role": role} for site, role in on_sites.items()]
        )


def give_role(  # noqa: PLR0913 - who, whom, what, when
    engine: Engine, author: Author, name: str, site: str, role: str, now_ms: int
) -> None:
    """Set a user's role on one site; the others stay. Raises RequestRefused(not_found, invalid_parameter)."""
    user = find_user(engine, name)
    change_user(engine, author, name, UserChanges(sites={**user.sites, site: check_site_role(role)}), now_ms)


def take_role(engine: Engine, author: Author, name: str, site: str, now_ms: int) -> None:
    """Take a user's role on one site away. Raises RequestRefused(not_found) when there is none."""
    user = find_user(engine, name)
    if site not in user.sites:
        raise RequestRefused("not_found", f"{name} has no role of their own on {site}.")
    left = {one: role for one, role in user.sites.items() if one != site}
    change_user(engine, author, name, UserChanges(sites=left), now_ms)


def change_user(engine: Engine, author: Author, name: str, changes: UserChanges, now_ms: int) -> User:
    """Change a user. Disabling ends their logins and the invitations that they made.

    Raises RequestRefused(not_found, invalid_parameter), and conflict where no admin of everything would remain.
    """
    find_user(engine, name)
    with engine.begin() as connection:
        before = as_noted(connection, name)
        if changes.role is not None:
            connection.execute(update(users).where(users.c.name == name).values(role=check_role(changes.role)))
        if changes.disabled is not None:
            since = now_ms if changes.disabled else None
            connection.execute(update(users).where(users.c.name == name).values(disabled=since))
        if changes.disabled:
            forget_ways_in(connection, name)
        if changes.sites is not None:
            write_roles(connection, name, changes.sites)
        check_admin_remains(connection)
        note_change(connection, author, now_ms, "user.change", None, before, as_noted(connection, name))
    return find_user(engine, name)


def remove_user(engine: Engine, author: Author, name: str, now_ms: int) -> None:
    """Remove a user with everything of theirs. Raises RequestRefused(not_found, conflict: the last admin)."""
    find_user(engine, name)
    with engine.begin() as connection:
        note_change(connection, author, now_ms, "user.remove", None, as_noted(connection, name), None)
        forget_ways_in(connection, name)
        connection.execute(delete(users).where(users.c.name == name))
        check_admin_remains(connection)


def as_noted(connection: Connection, name: str) -> dict[str, Any]:
    """A user as the audit log holds them."""
    row = connection.execute(select(users).where(users.c.name == name)).one()
    sites_of = roles_of(connection, name).get(name, {})
    return {"name": row.name, "role": row.role, "sites": sites_of, "disabled": row.disabled is not None}


def forget_ways_in(connection: Connection, name: str) -> None:
    """End a user's logins, and the links that they made or that are for them."""
    connection.execute(delete(logins).where(logins.c.user == name))
    connection.execute(delete(invitations).where(or_(invitations.c.made_by == name, invitations.c.user == name)))


def check_admin_remains(connection: Connection) -> None:
    """Raise RequestRefused(conflict) when nobody is left who may do everything; asked inside the change itself."""
    admins = select(func.count()).select_from(users).where(users.c.role == "admin", users.c.disabled.is_(None))
    if not connection.execute(admins).scalar_one():
        raise RequestRefused(
            "conflict", "This is the last admin of everything; make another user one first (role admin)."
        )


def list_users(engine: Engine) -> list[User]:
    """All users, by name."""
    with engine.connect() as connection:
        roles = roles_of(connection)
        seen = select(logins.c.user, func.max(logins.c.seen)).group_by(logins.c.user)
        when: dict[str, int] = {row[0]: row[1] for row in connection.execute(seen)}
        rows = connection.execute(select(users).order_by(users.c.name))
        return [to_user(row, roles.get(row.name, {}), when.get(row.name, 0)) for row in rows]


def find_user(engine: Engine, name: str) -> User:
    """A user by name. Raises RequestRefused(not_found)."""
    with engine.connect() as connection:
        row = connection.execute(select(users).where(users.c.name == name)).first()
        if row is None:
            raise RequestRefused("not_found", f"There is no user {name!r}; `trackway user list` shows all.")
        return to_user(row, roles_of(connection, name).get(name, {}))


def roles_of(connection: Connection, name: str | None = None) -> dict[str, dict[str, str]]:
    """The roles on single sites, by user; of one user when named."""
    question = select(user_roles)
    found: dict[str, dict[str, str]] = {}
    for row in connection.execute(question if name is None else question.where(user_roles.c.user == name)):
        found.setdefault(row.user, {})[row.site] = row.role
    return found


def to_user(row: Row[Any], on_sites: Mapping[str, str], seen: int = 0) -> User:
    """A user from their table row."""
    return User(
        name=row.name,
        role=row.role,
        sites=on_sites,
        created=row.created,
        disabled=row.disabled is not None,
        totp=row.totp_secret is not None,
        password=row.password_hash != NO_PASSWORD,
        seen=seen,
    )


def user_of_subject(engine: Engine, subject: str, name: str, role: str | None, now_ms: int) -> User:
    """Who an identity of another place is: bound to the user of that name at the first login, and to no other later.

    `subject` is the issuer and its id for the person; `role`: made with it when there is no such user, None: refused.
    Raises RequestRefused(login_failed).
    """
    with engine.begin() as connection:
        bound = connection.execute(select(users).where(users.c.subject == subject)).first()
        # Providers write an address in other capitals now and then; no two users differ by them alone.
        names = [one for (one,) in connection.execute(select(users.c.name)) if one.casefold() == name.casefold()]
        row = bound or connection.execute(select(users).where(users.c.name.in_(names))).first()
        if row is None and role is None:
            raise RequestRefused("login_failed", f"There is no user {name!r} here; ask an admin for an invitation.")
        if row is None:
            insert_user(connection, check_user_name(name), NO_PASSWORD, check_role(role or ""), now_ms)
            note_change(connection, SERVER, now_ms, "user.add", None, None, as_noted(connection, name))
        elif bound is None and row.subject is not None:
            raise RequestRefused("login_failed", f"The user {name!r} here belongs to another identity; ask an admin.")
        if row is not None and row.disabled is not None:
            raise RequestRefused("login_failed", f"The user {row.name!r} is disabled; ask an admin.")
        found = row.name if row is not None else name
        connection.execute(update(users).where(users.c.name == found).values(subject=subject))
    return find_user(engine, found)
