"""What a shop's backend does for its customers: sign tokens; and what tests ask of a site's signing keys."""

import base64
import json
import time
import uuid
from typing import Any, NamedTuple

import httpx
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from tests.running import Running, SiteOf, make_event
from trackway.collect.token import Registry
from trackway.signing import ALGORITHMS

SECRET = "a shared secret of the shop, long enough for HS256"
RSA, EC, ED = RSAKey.generate_key(2048), ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")
OTHER_RSA, OTHER_EC = RSAKey.generate_key(2048), ECKey.generate_key("P-256")
HMAC = OctKey.import_key(SECRET)
KEYS: dict[str, Any] = {"RS256": RSA, "ES256": EC, "EdDSA": ED, "HS256": HMAC}
SIGNING = Registry(algorithms=ALGORITHMS, strict_check_header=False)


class Shop(NamedTuple):
    """A site with a key of each algorithm; `kid` is the algorithm's name."""

    running: Running
    site: SiteOf

    def send(self, token: Any, *events: dict[str, Any], **envelope: Any) -> httpx.Response:
        body = {"key": self.site.key, "token": token, "events": list(events) or [make_event()], **envelope}
        return self.running.collect(body)


def add_key(running: Running, site: str, **fields: Any) -> dict[str, Any]:
    """A new signing key of a site."""
    with running.client() as client:
        answer = client.post(f"/api/v1/sites/{site}/signing-keys", json=fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def encode(part: Any) -> str:
    """A part of a token, as it is written."""
    content = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def sign(claims: Any, alg: str = "ES256", key: Any = None, **header: Any) -> str:
    """A token. `kid` is the algorithm's name unless told otherwise."""
    content = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    named = {"alg": alg, "kid": alg, **header}
    return jws.serialize_compact(
        {k: v for k, v in named.items() if v is not None}, content, key or KEYS[alg], [alg], SIGNING
    )


def claims(**changed: Any) -> dict[str, Any]:
    """Good claims, with changes; None takes a claim away."""
    now = int(time.time())
    good = {"sub": f"C-{uuid.uuid4().hex[:8]}", "exp": now + 3600, "iat": now, **changed}
    return {name: value for name, value in good.items() if value is not None}


def pem(key: Any) -> bytes:
    """A public key as an attacker finds it."""
    return bytes(key.as_pem(private=False))
