"""Users and their logins: passwords as argon2id hashes, login tokens as SHA-256 hashes."""

import hashlib
import secrets
from functools import cache
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Engine, delete, func, insert, select

from trackway.control.database import logins, users
from trackway.errors import RequestRefused

FIRST_ADMIN = "admin"
PASSWORD_LENGTH_MIN = 8
DAY_MS = 86_400_000

_hasher = PasswordHasher()


class User(NamedTuple):
    """Who is logged in, and the token that their page must send with every change."""

    name: str
    role: str
    csrf: str


class Login(NamedTuple):
    """A fresh login: the user, and the token for the cookie."""

    user: User
    token: str


def has_users(engine: Engine) -> bool:
    """Whether anybody can log in: true from the first start on."""
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(users)).scalar_one() > 0


def ensure_admin(engine: Engine, password: str, now_ms: int) -> str | None:
    """Make the first admin when there is no user yet; the password, when it was made up here and must be shown."""
    if has_users(engine):
        return None
    chosen = password or secrets.token_urlsafe(12)
    add_user(engine, FIRST_ADMIN, chosen, "admin", now_ms)
    return None if password else chosen


def add_user(engine: Engine, name: str, password: str, role: str, now_ms: int) -> None:
    """A new user. Raises RequestRefused(invalid_parameter) for a password that is too short."""
    if len(password) < PASSWORD_LENGTH_MIN:
        raise RequestRefused(
            "invalid_parameter", f"A password needs at least {PASSWORD_LENGTH_MIN} characters.", "password"
        )
    with engine.begin() as connection:
        connection.execute(
            insert(users).values(name=name, password_hash=_hasher.hash(password), role=role, created=now_ms)
        )


def log_in(engine: Engine, name: str, password: str, now_ms: int, days: int) -> Login:
    """Check a password and begin a login. Raises RequestRefused(login_failed); it takes as long for unknown names."""
    with engine.connect() as connection:
        row = connection.execute(select(users).where(users.c.name == name)).first()
    try:
        _hasher.verify(row.password_hash if row else hash_of_nobody(), password)
    except VerificationError as error:
        raise RequestRefused("login_failed", "Name or password is wrong.") from error
    if row is None:
        raise RequestRefused("login_failed", "Name or password is wrong.")
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    with engine.begin() as connection:
        connection.execute(delete(logins).where(logins.c.expires <= now_ms))
        connection.execute(
            insert(logins).values(
                token_hash=hash_token(token),
                user=row.name,
                csrf=csrf,
                created=now_ms,
                expires=now_ms + days * DAY_MS,
            )
        )
    return Login(User(row.name, row.role, csrf), token)


@cache
def hash_of_nobody() -> str:
    """What the password of an unknown name is compared with, so that it takes as long."""
    return _hasher.hash(secrets.token_urlsafe(16))


def find_login(engine: Engine, token: str, now_ms: int) -> User | None:
    """The user behind a cookie's token, None when it is unknown or over."""
    question = (
        select(users.c.name, users.c.role, logins.c.csrf)
        .join(users, users.c.name == logins.c.user)
        .where(logins.c.token_hash == hash_token(token), logins.c.expires > now_ms)
    )
    with engine.connect() as connection:
        row = connection.execute(question).first()
    return User(row.name, row.role, row.csrf) if row else None


def log_out(engine: Engine, token: str) -> None:
    """End a login."""
    with engine.begin() as connection:
        connection.execute(delete(logins).where(logins.c.token_hash == hash_token(token)))


def hash_token(token: str) -> bytes:
    """What is stored of a login token."""
    return hashlib.sha256(token.encode()).digest()
