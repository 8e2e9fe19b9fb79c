"""Visitors of sites that store nothing in browsers: one uuid a day for one address and browser at one site.

It is a keyed hash (HMAC-SHA256) under a salt that is made anew each day (UTC) and then gone: from then on nobody can
tell whose uuid it was, or that two days' uuids are one person's. Neither the address nor the user agent is in it.
"""

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from uuid import UUID

import msgspec
import structlog

SALT_NAME = "cookieless-salt.json"
SALT_BYTES = 32
DAY_MS = 86_400_000
VERSION_8 = 0x8 << 76 | 0b10 << 62
VERSION_BITS = 0xF << 76 | 0b11 << 62

log = structlog.get_logger()


class Salt(msgspec.Struct):
    """One day's secret. `day` counts from the epoch."""

    day: int
    secret: bytes


class Visitors:
    """Makes the uuids. The day's salt is kept in the data folder, so that a restart does not make everybody new."""

    def __init__(self, data: Path) -> None:
        self._path = data / SALT_NAME
        self._salt: Salt | None = None

    def uuid(self, site: str, ip: str, agent: str, now_ms: int) -> str:
        """The uuid of whoever sends from this address with this browser to this site today."""
        day = now_ms // DAY_MS
        if self._salt is None or self._salt.day != day:
            self._salt = self._salt_of(day)
        return daily_uuid(self._salt.secret, site, ip, agent)

    def _salt_of(self, day: int) -> Salt:
        """The day's salt as it is kept; else a new one, which takes the old one's place on disk."""
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            kept = msgspec.json.decode(self._path.read_bytes(), type=Salt)
            if kept.day == day:
                return kept
        made = Salt(day, secrets.token_bytes(SALT_BYTES))
        fresh = self._path.with_suffix(".new")
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(msgspec.json.encode(made))
            fresh.replace(self._path)
        except OSError as error:  # it works all the same, until the next start
            log.warning("the salt of cookieless visitors cannot be kept; a restart will make them new", why=str(error))
        return made


def daily_uuid(secret: bytes, site: str, ip: str, agent: str) -> str:
    """A UUID (version 8, RFC 9562 5.8) of 122 bits of the hash. Pure."""
    said = "\0".join((site, ip, agent)).encode("utf-8", "surrogatepass")
    value = int.from_bytes(hmac.digest(secret, said, hashlib.sha256)[:16], "big")
    return str(UUID(int=value & ~VERSION_BITS | VERSION_8))
