"""Signing keys: what a site's customer tokens are checked with. Several may be active: keys rotate with an overlap.

A shared secret lies in the control database as it is: the server needs it to check tokens, so a key to lock it away
with would lie beside it. Who wants no secret on the server registers a public key. A secret is never shown again, and
is wiped when its key is taken away.
"""

import secrets
from typing import Any

from sqlalchemy import Engine, Row, func, insert, select, update

from trackway.control.audit import Author, note_change
from trackway.control.database import signing_keys
from trackway.errors import RequestRefused
from trackway.signing import Algorithm, Material, SigningKey, check_kid

ACTIVE_MAX = 10
KEPT_MAX = 100
"""Keys of one site kept in all, those taken away included."""


def list_signing_keys(engine: Engine, site: str | None = None) -> list[tuple[str, SigningKey]]:
    """The keys of a site, or of all, with the site; the oldest first."""
    wanted = select(signing_keys).order_by(signing_keys.c.created, signing_keys.c.id)
    with engine.connect() as connection:
        rows = connection.execute(wanted if site is None else wanted.where(signing_keys.c.site == site))
        return [(row.site, to_signing_key(row)) for row in rows]


def add_signing_key(  # noqa: PLR0913 - who, what, when
    engine: Engine, author: Author, site: str, material: Material, kid: str | None, now_ms: int
) -> SigningKey:
    """A new active key. `kid` None: what the JWK names. Raises RequestRefused(conflict, invalid_parameter)."""
    kid = check_kid(material.kid if kid is None else kid)
    key = SigningKey(secrets.token_hex(6), kid, material.alg, material.jwk, now_ms)
    with engine.begin() as connection:
        mine = select(func.count()).where(signing_keys.c.site == site)
        active = mine.where(signing_keys.c.active)
        if kid is not None and connection.execute(active.where(signing_keys.c.kid == kid)).scalar_one():
            raise RequestRefused("conflict", f"The site has an active key with the kid {kid!r} already.", "kid")
        if connection.execute(active).scalar_one() >= ACTIVE_MAX:
            raise RequestRefused("conflict", f"A site has at most {ACTIVE_MAX} active keys; take one away first.")
        if connection.execute(mine).scalar_one() >= KEPT_MAX:
            forget_oldest(connection, site)
        connection.execute(
            insert(signing_keys).values(
                id=key.id, site=site, kid=kid, alg=key.alg, jwk=key.jwk, created=now_ms, active=True
            )
        )
        after = {"id": key.id, "kid": kid, "alg": key.alg}
        note_change(connection, author, now_ms, "signing-key.add", site, None, after)
    return key


def forget_oldest(connection: Any, site: str) -> None:
    """Delete the oldest key of a site that is no longer active: the list is bounded."""
    oldest = select(signing_keys.c.id).where(signing_keys.c.site == site, ~signing_keys.c.active)
    oldest = oldest.order_by(signing_keys.c.created, signing_keys.c.id).limit(1)
    connection.execute(signing_keys.delete().where(signing_keys.c.id == oldest.scalar_subquery()))


def end_signing_key(engine: Engine, author: Author, site: str, key: str, now_ms: int) -> None:
    """Take a key away: its tokens are refused from then on. It stays listed. Raises RequestRefused(not_found)."""
    mine = (signing_keys.c.id == key, signing_keys.c.site == site)
    with engine.begin() as connection:
        found = connection.execute(select(signing_keys).where(*mine)).one_or_none()
        if found is None:
            raise RequestRefused("not_found", f"Site {site} has no signing key {key!r}.")
        jwk = "" if found.alg == "HS256" else found.jwk
        connection.execute(update(signing_keys).where(*mine).values(active=False, jwk=jwk))
        before = {"id": key, "kid": found.kid, "alg": found.alg}
        note_change(connection, author, now_ms, "signing-key.remove", site, before if found.active else None, None)


def to_signing_key(row: Row[Any]) -> SigningKey:
    """A key from its table row."""
    alg: Algorithm = row.alg
    return SigningKey(row.id, row.kid, alg, row.jwk, row.created, row.active)
