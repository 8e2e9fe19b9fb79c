"""API keys for servers: shown once, stored as a hash. The secret is 256 bits of chance, so a fast hash is enough."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Engine, Row, delete, insert, select, update

from trackway.control.audit import Author, note_change
from trackway.control.database import api_keys
from trackway.errors import RequestRefused
from trackway.peer import check_ranges
from trackway.rules import Rules, check_list, gate_of
from trackway.site import SCOPES, ApiKey, Scope

SECRET_PREFIX = "tw_"  # noqa: S105 - a mark by which scanners find leaked keys


class NewKey(NamedTuple):
    """A key and its secret, at the only moment the secret is known."""

    key: ApiKey
    secret: str


class KeyLimits(NamedTuple):
    """What a key may send (lists of actions, as rules) and from where (addresses and networks)."""

    allow: Sequence[str] = ()
    deny: Sequence[str] = ()
    ip_ranges: Sequence[str] = ()


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
    limits: KeyLimits = KeyLimits(),  # noqa: B008 - frozen
) -> NewKey:
    """A new key. Raises RequestRefused(invalid_parameter)."""
    if scope not in SCOPES:
        raise RequestRefused("invalid_parameter", f"scope must be one of {', '.join(SCOPES)}.", "scope")
    if expires is not None and expires <= now_ms:
        raise RequestRefused("invalid_parameter", "expires must be in the future (epoch ms).", "expires")
    key = ApiKey(
        id=secrets.token_hex(6),
        site=site,
        scope=scope,
        name=name[:200],
        created=now_ms,
        expires=expires,
        allow=check_list(limits.allow, "allow"),
        deny=check_list(limits.deny, "deny"),
        ip_ranges=check_ranges(limits.ip_ranges),
    )
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
    allow, deny = tuple(row.allow), tuple(row.deny)
    return ApiKey(
        id=row.id,
        site=row.site,
        scope=scope,
        name=row.name,
        created=row.created,
        expires=row.expires,
        allow=allow,
        deny=deny,
        ip_ranges=tuple(row.ip_ranges),
        last_used=row.last_used,
        gate=gate_of(Rules("enforce", allow, deny), "this API key"),
    )


def to_columns(key: ApiKey) -> dict[str, Any]:
    """A key as its table's columns, without the hash of its secret."""
    lists = {"allow": list(key.allow), "deny": list(key.deny), "ip_ranges": list(key.ip_ranges)}
    columns = msgspec.structs.asdict(key) | lists
    del columns["gate"], columns["last_used"]
    return columns


def note_used(engine: Engine, used: Mapping[str, int]) -> None:
    """Write down when keys, by their ids, were last used. A key revoked meanwhile is passed over."""
    with engine.begin() as connection:
        for key, at_ms in used.items():
            connection.execute(update(api_keys).where(api_keys.c.id == key).values(last_used=at_ms))
