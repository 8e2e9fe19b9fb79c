"""API keys for servers: shown once, stored as a hash. The secret is 256 bits of chance, so a fast hash is enough."""

import hashlib
import secrets
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Engine, Row, delete, insert, select

from trackway.control.audit import Author, note_change
from trackway.control.database import api_keys
from trackway.errors import RequestRefused
from trackway.site import SCOPES, ApiKey, Scope

SECRET_PREFIX = "tw_"  # noqa: S105 - a mark by which scanners find leaked keys


class NewKey(NamedTuple):
    """A key and its secret, at the only moment the secret is known."""

    key: ApiKey
    secret: str


def hash_secret(secret: str) -> bytes:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def add_key(  # noqa: PLR0913 - one argument a column
    engine: Engine,
    author: Author,
    site: str | None,
    scope: str,
    now_ms: int,
    name: str = "",
    expires: int | None = None,
) -> NewKey:
    """A new key. Raises RequestRefused(invalid_parameter)."""
    if scope not in SCOPES:
        raise RequestRefused("invalid_parameter", f"scope must be one of {', '.join(SCOPES)}.", "scope")
    if expires is not None and expires <= now_ms:
        raise RequestRefused("invalid_parameter", "expires must be in the future (epoch ms).", "expires")
    key = ApiKey(secrets.token_hex(6), site, scope, name[:200], now_ms, expires)
    secret = f"{SECRET_PREFIX}{key.id}_{secrets.token_urlsafe(32)}"
    with engine.begin() as connection:
        connection.execute(insert(api_keys).values(secret_hash=hash_secret(secret), **to_columns(key)))
        note_change(connection, author, now_ms, "key.add", site, None, to_columns(key))
    return NewKey(key, secret)


def list_keys(engine: Engine) -> list[tuple[ApiKey, bytes]]:
    """All keys with the hashes of their secrets, the oldest first."""
    with engine.connect() as connection:
        rows = connection.execute(select(api_keys).order_by(api_keys.c.created, api_keys.c.id))
        return [(to_key(row), bytes(row.secret_hash)) for row in rows]


def revoke_key(engine: Engine, author: Author, key: str, now_ms: int) -> None:
    """Make a key useless. Raises RequestRefused(not_found)."""
    with engine.begin() as connection:
        was = connection.execute(select(api_keys).where(api_keys.c.id == key)).first()
        if was is None:
            raise RequestRefused("not_found", f"There is no API key {key!r}; `trackway key list` shows all.")
        connection.execute(delete(api_keys).where(api_keys.c.id == key))
        note_change(connection, author, now_ms, "key.revoke", was.site, to_columns(to_key(was)), None)


def to_key(row: Row[Any]) -> ApiKey:
    """A key from its table row."""
    scope: Scope = row.scope
    return ApiKey(row.id, row.site, scope, row.name, row.created, row.expires)


def to_columns(key: ApiKey) -> dict[str, Any]:
    """A key as its table's columns, without the hash of its secret."""
    return msgspec.structs.asdict(key)
