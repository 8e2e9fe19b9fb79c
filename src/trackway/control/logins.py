"""Logins: a password (and a code) checked, and a token for a cookie, kept as a SHA-256 hash."""

import hashlib
import secrets
from typing import Literal, NamedTuple

from sqlalchemy import Connection, Engine, delete, insert, select, update

from trackway.control.audit import Author, note_change, prune_logins
from trackway.control.database import logins, users
from trackway.control.passwords import hash_password, matches
from trackway.control.second_factor import check_code
from trackway.control.users import User, find_user, roles_of, to_user
from trackway.errors import RequestRefused

DAY_MS = 86_400_000
SEEN_EVERY_MS = 60_000
LOGINS_PER_USER_MAX = 100
AGENT_LENGTH_MAX = 300
Proof = Literal["password", "password and code", "provider", "link"]
"""What opened a login."""
WRONG = "Name or password is wrong."


class From(NamedTuple):
    """Where a login comes from, as its owner is shown it."""

    address: str
    agent: str


class Session(NamedTuple):
    """A login that holds: whose it is, and the token that their page must send with every change."""

    user: User
    csrf: str
    id: str


class Login(NamedTuple):
    """A fresh login, and the token for the cookie."""

    session: Session
    token: str


class LoginLine(NamedTuple):
    """A login in the list of them."""

    id: str
    created: int
    expires: int
    seen: int
    address: str
    agent: str


def log_in(  # noqa: PLR0913 - what a login is made of
    engine: Engine, name: str, password: str, code: str, origin: From, now_ms: int, days: int
) -> Login:
    """Check a password, and a code where one is needed, and begin a login. It takes as long for unknown names.

    Raises RequestRefused(login_failed; code_required; rate_limited after too many wrong codes).
    """
    with engine.connect() as connection:
        row = connection.execute(select(users).where(users.c.name == name)).first()
    if not matches(row.password_hash if row else None, password) or row is None or row.disabled is not None:
        raise RequestRefused("login_failed", WRONG)
    if row.totp_secret is not None:
        check_code(engine, name, code, now_ms)
    by: Proof = "password" if row.totp_secret is None else "password and code"
    return begin_login(engine, name, origin, now_ms, days, by)


def begin_login(  # noqa: PLR0913 - what a login is made of
    engine: Engine, name: str, origin: From, now_ms: int, days: int, by: Proof
) -> Login:
    """Begin a login of a user who has proved who they are. The oldest ends where there are too many."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    with engine.begin() as connection:
        connection.execute(delete(logins).where(logins.c.expires <= now_ms))
        trim_logins(connection, name)
        connection.execute(
            insert(logins).values(
                token_hash=hash_token(token),
                user=name,
                csrf=csrf,
                created=now_ms,
                expires=now_ms + days * DAY_MS,
                address=origin.address,
                agent=origin.agent[:AGENT_LENGTH_MAX],
                seen=now_ms,
            )
        )
        told = {"by": by, "address": origin.address}
        note_change(connection, Author("user", name), now_ms, "login.begin", None, None, told)
        prune_logins(connection, now_ms)
    return Login(Session(find_user(engine, name), csrf, id_of(hash_token(token))), token)


def trim_logins(connection: Connection, name: str) -> None:
    """Make room for one more login of a user."""
    newest = select(logins.c.token_hash).where(logins.c.user == name).order_by(logins.c.seen.desc())
    over = [row.token_hash for row in connection.execute(newest.offset(LOGINS_PER_USER_MAX - 1))]
    if over:
        connection.execute(delete(logins).where(logins.c.token_hash.in_(over)))


def find_login(engine: Engine, token: str, now_ms: int) -> Session | None:
    """The login behind a cookie's token, None when it is unknown or over, or its user disabled."""
    question = (
        select(users, logins.c.csrf, logins.c.seen, logins.c.token_hash)
        .join(users, users.c.name == logins.c.user)
        .where(logins.c.token_hash == hash_token(token), logins.c.expires > now_ms, users.c.disabled.is_(None))
    )
    with engine.connect() as connection:
        row = connection.execute(question).first()
        if row is None:
            return None
        roles = roles_of(connection, row.name).get(row.name, {})
    if now_ms - row.seen > SEEN_EVERY_MS:
        with engine.begin() as connection:
            connection.execute(update(logins).where(logins.c.token_hash == row.token_hash).values(seen=now_ms))
    return Session(to_user(row, roles, row.seen), row.csrf, id_of(row.token_hash))


def list_logins(engine: Engine, user: str, now_ms: int) -> list[LoginLine]:
    """A user's logins that hold, the last seen first."""
    question = select(logins).where(logins.c.user == user, logins.c.expires > now_ms).order_by(logins.c.seen.desc())
    with engine.connect() as connection:
        return [
            LoginLine(id_of(row.token_hash), row.created, row.expires, row.seen, row.address, row.agent)
            for row in connection.execute(question)
        ]


def user_now(engine: Engine, session: Session, now_ms: int) -> User | None:
    """The user of a login as they are by now, None when the login is over."""
    if all(one.id != session.id for one in list_logins(engine, session.user.name, now_ms)):
        return None
    return find_user(engine, session.user.name)


def end_login(engine: Engine, user: str, login: str, now_ms: int) -> None:
    """End one login of a user by its id. Raises RequestRefused(not_found)."""
    with engine.begin() as connection:
        hashes = connection.execute(select(logins.c.token_hash).where(logins.c.user == user)).scalars()
        found = [one for one in hashes if id_of(one) == login]
        if not found:
            raise RequestRefused("not_found", f"There is no login {login!r} of yours.")
        connection.execute(delete(logins).where(logins.c.token_hash == found[0]))
        note_change(connection, Author("user", user), now_ms, "login.end", None, None, {"by": "list of logins"})


def log_out(engine: Engine, token: str, now_ms: int) -> None:
    """End a login."""
    this = logins.c.token_hash == hash_token(token)
    with engine.begin() as connection:
        row = connection.execute(select(logins.c.user).where(this)).first()
        if row is not None:
            connection.execute(delete(logins).where(this))
            note_change(connection, Author("user", row.user), now_ms, "login.end", None, None, {"by": "logging out"})


def known_name(engine: Engine, name: str) -> str:
    """The name typed at a login where a user has it; else empty: a password may have been typed in its place."""
    with engine.connect() as connection:
        return name if connection.execute(select(users.c.name).where(users.c.name == name)).first() else ""


def check_password(engine: Engine, name: str, password: str) -> None:
    """Whether a user who is logged in knows their password. Raises RequestRefused(login_failed)."""
    with engine.connect() as connection:
        row = connection.execute(select(users.c.password_hash).where(users.c.name == name)).first()
    if not matches(row.password_hash if row else None, password):
        raise RequestRefused("login_failed", "The password is wrong.", "password")


def change_password(engine: Engine, session: Session, old: str, new: str, now_ms: int) -> None:
    """Change a password by who knows the old one; their other logins end.

    Raises RequestRefused(login_failed, invalid_parameter).
    """
    check_password(engine, session.user.name, old)
    password_hash = hash_password(new)
    with engine.begin() as connection:
        connection.execute(update(users).where(users.c.name == session.user.name).values(password_hash=password_hash))
        theirs = connection.execute(select(logins.c.token_hash).where(logins.c.user == session.user.name)).scalars()
        others = [one for one in theirs if id_of(one) != session.id]
        connection.execute(delete(logins).where(logins.c.token_hash.in_(others)))
        author = Author("user", session.user.name)
        note_change(connection, author, now_ms, "user.password", None, None, {"by": "old password"})


def hash_token(token: str) -> bytes:
    """What is stored of a login token."""
    return hashlib.sha256(token.encode()).digest()


def id_of(token_hash: bytes) -> str:
    """By what a login is named: no way back to its token."""
    return bytes(token_hash).hex()[:16]
