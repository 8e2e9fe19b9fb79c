"""Passwords: argon2id hashes, and what may be one. The only place that knows how they are kept."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from trackway.errors import RequestRefused

PASSWORD_LENGTH_MIN = 8
PASSWORD_LENGTH_MAX = 1_000
NO_PASSWORD = ""
"""Kept in place of a hash for who logs in elsewhere: nothing matches it."""

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """What is stored of a password. Raises RequestRefused(invalid_parameter) for one too short or too long."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise RequestRefused(
            "invalid_parameter",
            f"A password needs at least {PASSWORD_LENGTH_MIN} characters, and at most {PASSWORD_LENGTH_MAX:,}.",
            "password",
        )
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether a password is the right one. It takes as long where there is no hash to compare with."""
    try:
        _hasher.verify(password_hash or hash_of_nobody(), password[: PASSWORD_LENGTH_MAX + 1])
    except VerificationError:
        return False
    return bool(password_hash)


@cache
def hash_of_nobody() -> str:
    """What the password of an unknown name is compared with."""
    return _hasher.hash(secrets.token_urlsafe(16))
