"""A signing key: what a site's tokens are checked with. Reads JWK and PEM, says what is wrong with them; no I/O.

The algorithm is a property of the key, never of the token. Only public keys and shared secrets are taken: a private key
that reaches us is refused, not kept.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, cast, get_args

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from trackway.errors import RequestRefused

Algorithm = Literal["RS256", "ES256", "EdDSA", "HS256"]
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)
SECRET_BYTES_MIN = 32
"""RFC 7518, 3.2: a key for HS256 is at least as long as its hash."""
SECRET_BYTES_MAX = 1024
KEY_TEXT_LENGTH_MAX = 8_192
KID_LENGTH_MAX = 128
RSA_BITS_MIN, RSA_BITS_MAX = 2_048, 8_192
KEYS_READY_MAX = 1_000

JWK_PARTS: Mapping[Algorithm, tuple[str, ...]] = {
    "RS256": ("kty", "n", "e"),
    "ES256": ("kty", "crv", "x", "y"),
    "EdDSA": ("kty", "crv", "x"),
    "HS256": ("kty", "k"),
}
PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})

Ready = RSAKey | ECKey | OKPKey | OctKey


class SigningKey(msgspec.Struct, frozen=True):
    """A key that a site's tokens may be signed with. `kid` None: its tokens need not name it."""

    id: str
    kid: str | None
    alg: Algorithm
    jwk: str
    """JSON text of the bare key, without kid and use. Empty once it is no longer active and was a secret."""
    created: int
    active: bool = True


class Material(msgspec.Struct, frozen=True):
    """A key as given, understood: its algorithm, its bare JWK, and the kid it named itself."""

    alg: Algorithm
    jwk: str
    kid: str | None = None


@lru_cache(KEYS_READY_MAX)
def ready(key: SigningKey) -> Ready:
    """The key as the library uses it; made once for each key."""
    return import_jwk(key.alg, json.loads(key.jwk))


def read_material(
    alg: str | None, jwk: Mapping[str, Any] | None = None, pem: str | None = None, secret: str | None = None
) -> Material:
    """The one key given. Raises RequestRefused(invalid_parameter) that says what is wrong with it."""
    if sum(part is not None for part in (jwk, pem, secret)) != 1:
        raise refused("Give one of jwk, pem (public keys) and secret (HS256).", None)
    if jwk is not None:
        material = from_jwk(jwk)
    elif pem is not None:
        material = from_pem(pem)
    else:
        material = from_secret(secret or "")
    if alg is not None and alg != material.alg:
        known = f"; there are {', '.join(ALGORITHMS)}" if alg not in ALGORITHMS else ""
        raise refused(f"This key is for {material.alg}, not for {alg[:20]}{known}.", "alg")
    return material


def from_jwk(given: Mapping[str, Any]) -> Material:
    """A JWK (RFC 7517)."""
    if PRIVATE_PARTS & set(given):
        raise refused("This JWK holds a private key. Keep it to yourself, and send the public one.", "jwk")
    alg = algorithm_of(given)
    if given.get("alg") not in (None, alg):
        raise refused(f"The JWK says alg {str(given['alg'])[:20]}, but its key is for {alg}.", "jwk.alg")
    bare = {name: given.get(name) for name in JWK_PARTS[alg]}
    if alg == "HS256":
        check_secret(decode_base64url(bare["k"]), "jwk.k")
    check_public(import_jwk(alg, bare), "jwk")
    kid = given.get("kid")
    return Material(alg, json.dumps(bare), kid if isinstance(kid, str) else None)


def algorithm_of(given: Mapping[str, Any]) -> Algorithm:
    """The algorithm that a JWK's type and curve are for."""
    match given.get("kty"), given.get("crv"):
        case "RSA", _:
            return "RS256"
        case "EC", "P-256":
            return "ES256"
        case "OKP", "Ed25519":
            return "EdDSA"
        case "oct", _:
            return "HS256"
        case _:
            raise refused("The JWK must be of kty RSA, EC with crv P-256, OKP with crv Ed25519, or oct.", "jwk.kty")


def import_jwk(alg: Algorithm, bare: Mapping[str, Any]) -> Ready:
    """The library's key. Raises RequestRefused(invalid_parameter) for one that is none."""
    parts = cast("Any", bare)
    try:
        match alg:
            case "RS256":
                key: Ready = RSAKey.import_key(parts)
            case "ES256":
                key = ECKey.import_key(parts)
            case "EdDSA":
                key = OKPKey.import_key(parts)
            case "HS256":
                return OctKey.import_key(parts)
        _ = key.public_key  # the numbers are looked at only now
    except (JoseError, ValueError, TypeError, AttributeError, UnsupportedAlgorithm) as error:
        raise refused("The JWK's numbers make no valid key.", "jwk") from error
    return key


def check_public(key: Ready, field: str) -> None:
    """RSA keys within lengths that are safe, and quick enough to check."""
    if isinstance(key, RSAKey):
        bits = key.public_key.key_size
        if not RSA_BITS_MIN <= bits <= RSA_BITS_MAX:
            raise refused(f"An RSA key needs {RSA_BITS_MIN} to {RSA_BITS_MAX} bits; this one has {bits}.", field)


def from_pem(text: str) -> Material:
    """A public key in PEM (SubjectPublicKeyInfo)."""
    if "PRIVATE KEY" in text:
        raise refused("This is a private key. Keep it to yourself, and send the public one.", "pem")
    try:
        key = serialization.load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise refused("This is no public key in PEM; it begins with -----BEGIN PUBLIC KEY-----.", "pem") from error
    bare: Any
    if isinstance(key, rsa.RSAPublicKey):
        bare = RSAKey.import_key(text).as_dict(private=False)
    elif isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1":
        bare = ECKey.import_key(text).as_dict(private=False)
    elif isinstance(key, ed25519.Ed25519PublicKey):
        bare = OKPKey.import_key(text).as_dict(private=False)
    else:
        raise refused("The key must be RSA (RS256), EC on P-256 (ES256) or Ed25519 (EdDSA).", "pem")
    try:
        return from_jwk({name: value for name, value in bare.items() if name in ("kty", "crv", "n", "e", "x", "y")})
    except RequestRefused as error:
        raise refused(error.message, "pem") from error


def from_secret(text: str) -> Material:
    """A shared secret for HS256: its UTF-8 bytes."""
    if "-----BEGIN" in text:
        raise refused("This is a key in PEM, not a shared secret; send it as pem.", "secret")
    content = text.encode("utf-8", "surrogatepass")
    check_secret(content, "secret")
    return Material("HS256", json.dumps({"kty": "oct", "k": base64.urlsafe_b64encode(content).decode().rstrip("=")}))


def check_secret(content: bytes, field: str) -> None:
    """A secret long enough to be none that can be guessed."""
    if not SECRET_BYTES_MIN <= len(content) <= SECRET_BYTES_MAX:
        message = f"A shared secret needs {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes (RFC 7518, 3.2); this one has"
        raise refused(f"{message} {len(content)}.", field)
    if b"-----BEGIN" in content:
        raise refused("This is a key in PEM, not a shared secret; send it as pem.", field)


def decode_base64url(text: Any) -> bytes:
    """The bytes in base64url, as a JWK writes them."""
    try:
        return base64.b64decode(str(text) + "=" * (-len(str(text)) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise refused("The JWK's k must be base64url.", "jwk.k") from error


def check_kid(kid: str | None) -> str | None:
    """A key id as tokens name it in their header; None when there is none."""
    if kid is not None and not 0 < len(kid) <= KID_LENGTH_MAX:
        raise refused(f"kid must have 1 to {KID_LENGTH_MAX} characters.", "kid")
    return kid


def refused(message: str, field: str | None) -> RequestRefused:
    """The refusal of a key."""
    return RequestRefused("invalid_parameter", message, field)
