"""Second factors: time-based codes (RFC 6238, 30 s, 6 digits) and recovery codes, kept as hashes.

A code opens once; after some wrong ones in a row, one is looked at each minute, whatever address it comes from.
"""

import hashlib
import hmac
import secrets
from typing import Any, NamedTuple

import pyotp
from pyotp.hotp import HOTP
from pyotp.totp import TOTP
from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from trackway.control.audit import Author, note_change
from trackway.control.database import recovery_codes, users
from trackway.errors import RequestRefused

STEP_MS = 30_000
STEPS_ASIDE = 1
"""Codes of the step before and behind are taken too: clocks differ."""
FAILURES_FREE = 5
FAILURE_WAIT_MS = 60_000
RECOVERY_CODES = 10
RECOVERY_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
RECOVERY_LENGTH = 16
ISSUER = "Trackway"


CHANGED = "user.second-factor"


class Offered(NamedTuple):
    """A second factor about to be set up: the secret, and the address that an authenticator app reads as a QR code."""

    secret: str
    uri: str


def offer(engine: Engine, name: str) -> Offered:
    """A new secret for a user; it counts once a code of it has been confirmed."""
    secret = pyotp.random_base32()
    with engine.begin() as connection:
        connection.execute(update(users).where(users.c.name == name).values(totp_waiting=secret))
    return Offered(secret, TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER))


def confirm(engine: Engine, name: str, code: str, now_ms: int) -> list[str]:
    """Switch the offered second factor on by its first code; the recovery codes, shown this once.

    Raises RequestRefused(invalid_parameter) for a wrong code or nothing offered, rate_limited after too many.
    """
    with engine.begin() as connection:
        row = row_of(connection, name)
        if row.totp_waiting is None:
            raise RequestRefused("invalid_parameter", "Begin with POST /api/v1/account/totp.", "code")
        hold_failures(row, now_ms)
        step = step_of(row.totp_waiting, code, 0, now_ms)
        if step is not None:
            switch_on(connection, name, row.totp_waiting, step)
            note_change(connection, Author("user", name), now_ms, CHANGED, None, None, {"name": name, "on": True})
            return new_recovery_codes(connection, name)
        note_failure(connection, row, now_ms)
    raise RequestRefused("invalid_parameter", "That code is wrong; is the clock of your phone right?", "code")


def switch_on(connection: Connection, name: str, secret: str, step: int) -> None:
    """Ask for this second factor from now on."""
    connection.execute(
        update(users)
        .where(users.c.name == name)
        .values(totp_secret=secret, totp_waiting=None, totp_step=step, totp_failures=0)
    )


def switch_off(engine: Engine, author: Author, name: str, now_ms: int) -> None:
    """Ask for no second factor any more."""
    with engine.begin() as connection:
        connection.execute(
            update(users).where(users.c.name == name).values(totp_secret=None, totp_waiting=None, totp_failures=0)
        )
        connection.execute(delete(recovery_codes).where(recovery_codes.c.user == name))
        note_change(connection, author, now_ms, CHANGED, None, {"name": name, "on": True}, None)


def check_code(engine: Engine, name: str, code: str, now_ms: int) -> None:
    """Take a code of a user, or one of their recovery codes; either opens once.

    Raises RequestRefused(code_required) for none, login_failed for a wrong one, rate_limited after too many.
    """
    if not code:
        raise RequestRefused("code_required", "Send the code of your authenticator app, or a recovery code.", "code")
    with engine.begin() as connection:
        row = row_of(connection, name)
        hold_failures(row, now_ms)
        step = step_of(row.totp_secret, code, row.totp_step, now_ms)
        if step is not None:
            connection.execute(update(users).where(users.c.name == name).values(totp_step=step, totp_failures=0))
            return
        if use_recovery_code(connection, name, code):
            connection.execute(update(users).where(users.c.name == name).values(totp_failures=0))
            return
        note_failure(connection, row, now_ms)
    raise RequestRefused("login_failed", "That code is wrong, or was used already; wait for the next one.", "code")


def step_of(secret: str, code: str, used: int, now_ms: int) -> int | None:
    """The time step that a code belongs to, None when it is of none near `now_ms` after `used`. Pure."""
    digits = code.replace(" ", "").encode()
    now = now_ms // STEP_MS
    codes = HOTP(secret)
    near = range(max(now - STEPS_ASIDE, used + 1), now + STEPS_ASIDE + 1)
    return next((step for step in near if hmac.compare_digest(codes.at(step).encode(), digits)), None)


def hold_failures(row: Row[Any], now_ms: int) -> None:
    """Raise RequestRefused(rate_limited) while a user's wrong codes make the next one wait."""
    wait_ms = row.totp_failed + FAILURE_WAIT_MS - now_ms
    if row.totp_failures >= FAILURES_FREE and wait_ms > 0:
        wait_s = wait_ms // 1000 + 1
        raise RequestRefused("rate_limited", f"Too many wrong codes; wait {wait_s} s.", "code", retry_after_s=wait_s)


def note_failure(connection: Connection, row: Row[Any], now_ms: int) -> None:
    """Count a wrong code."""
    counted = {"totp_failures": users.c.totp_failures + 1, "totp_failed": now_ms}
    connection.execute(update(users).where(users.c.name == row.name).values(**counted))


def use_recovery_code(connection: Connection, name: str, code: str) -> bool:
    """Whether it is a recovery code of theirs; it is gone then."""
    theirs = (recovery_codes.c.user == name, recovery_codes.c.code_hash == hash_recovery_code(code))
    return bool(connection.execute(delete(recovery_codes).where(*theirs)).rowcount)


def new_recovery_codes(connection: Connection, name: str) -> list[str]:
    """Fresh recovery codes in place of the old ones."""
    codes = ["".join(secrets.choice(RECOVERY_LETTERS) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user == name))
    connection.execute(
        insert(recovery_codes), [{"user": name, "code_hash": hash_recovery_code(code)} for code in codes]
    )
    return ["-".join(code[at : at + 4] for at in range(0, RECOVERY_LENGTH, 4)) for code in codes]


def count_recovery_codes(engine: Engine, name: str) -> int:
    """How many recovery codes a user has left."""
    with engine.connect() as connection:
        question = select(recovery_codes.c.code_hash).where(recovery_codes.c.user == name)
        return len(connection.execute(question).all())


def hash_recovery_code(code: str) -> bytes:
    """What is stored of a recovery code. It holds 80 bits of chance, so a fast hash is enough."""
    return hashlib.sha256(code.replace("-", "").replace(" ", "").lower().encode()).digest()


def row_of(connection: Connection, name: str) -> Row[Any]:
    """A user's row. Raises RequestRefused(not_found)."""
    row = connection.execute(select(users).where(users.c.name == name)).first()
    if row is None:
        raise RequestRefused("not_found", f"There is no user {name!r}.")
    return row
