"""The routes of signing keys: what a site's customer tokens are checked with. Every change holds at once."""

import json

from litestar import delete, get, post

from trackway.control.directory import now_ms
from trackway.control.signing_keys import add_signing_key, end_signing_key, list_signing_keys
from trackway.signing import SigningKey, read_material
from trackway.web.access import Access
from trackway.web.shapes_govern import NewSigningKey, SigningKeyPage, SigningKeyShape


@get("/sites/{site:str}/signing-keys", tags=["keys"], summary="Signing keys of customer tokens")
async def read_signing_keys(access: Access, site: str) -> SigningKeyPage:
    """The oldest first, those taken away included. A secret is never shown."""
    found = list_signing_keys(access.parts.engine, access.site(site, "admin").id)
    return SigningKeyPage([shape(key) for _, key in found])


@post("/sites/{site:str}/signing-keys", tags=["keys"], summary="Add a signing key")
async def create_signing_key(access: Access, site: str, data: NewSigningKey) -> SigningKeyShape:
    """A public key as JWK or PEM, or a shared secret. The algorithm is the key's, whatever a token says."""
    found = access.site(site, "admin")
    material = read_material(data.alg, data.jwk, data.pem, data.secret)
    key = add_signing_key(access.parts.engine, access.author, found.id, material, data.kid, now_ms())
    access.parts.directory.refresh()
    return shape(key)


@delete("/sites/{site:str}/signing-keys/{key:str}", tags=["keys"], summary="Take a signing key away", status_code=204)
async def remove_signing_key(access: Access, site: str, key: str) -> None:
    """Its tokens are refused from then on, those in use too. It stays in the list as not active."""
    end_signing_key(access.parts.engine, access.author, access.site(site, "admin").id, key, now_ms())
    access.parts.directory.refresh()


def shape(key: SigningKey) -> SigningKeyShape:
    """A key as it is shown: without its secret, if it is one."""
    public = None if key.alg == "HS256" else json.loads(key.jwk)
    return SigningKeyShape(key.id, key.kid, key.alg, key.created, key.active, public)
