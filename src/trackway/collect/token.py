"""Customer tokens: whose events a request brings, said by the site's own backend (a JWT, RFC 7519).

A token is believed only for what one of the site's own keys signed, by that key's own algorithm. What a token's header
says about keys (`jwk`, `jku`, `x5u`, `x5c`) is never looked at. No message repeats the token.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from trackway.errors import RequestRefused
from trackway.event import UUID_TEXT
from trackway.identifier import IDENTIFIER_LENGTH_MAX, Bearer, is_identifier
from trackway.signing import ALGORITHMS, SigningKey, ready

TOKEN_LENGTH_MAX = 8_192
LEEWAY_S = 60
LIFE_S_MAX = 24 * 3600
REMEMBERED_MAX = 20_000
"""Tokens remembered, each about 500 bytes."""


class Claims(msgspec.Struct):
    """What is read of a token. Anything else in it is the site's own business."""

    exp: float
    nbf: float | None = None
    aud: str | list[str] | None = None
    sub: str | None = None
    uuid: str | None = None


class Header(msgspec.Struct):
    """What is read of a token's header: enough to choose among the site's keys."""

    alg: str
    kid: str | None = None


class Verified(NamedTuple):
    """A token found good: for whom, until when (epoch s), and by which key."""

    bearer: Bearer
    exp: float
    key: SigningKey


class Registry(JWSRegistry):
    """The library's algorithms, ours only; headers it does not know are no fault, and a long one is none either."""

    max_header_length = TOKEN_LENGTH_MAX

    def get_alg(self, name: str) -> Any:
        """An algorithm of ours. The library would warn of the name EdDSA, which the world still uses."""
        if name not in ALGORITHMS:
            raise JoseError(f"{name} is none of ours")
        return cast("Any", self.algorithms[name])


_registry = Registry(algorithms=ALGORITHMS, strict_check_header=False)
_claims = msgspec.json.Decoder(Claims)


class Tokens:
    """Checks tokens, and remembers those found good until they run out, at most REMEMBERED_MAX of them."""

    def __init__(self) -> None:
        self._remembered: OrderedDict[bytes, Verified] = OrderedDict()

    def bearer(self, token: str, site: str, keys: Sequence[SigningKey], now_s: float) -> Bearer:
        """Whose token it is. `keys`: the site's active ones. Raises RequestRefused(token_invalid, token_expired)."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._remembered.get(digest)
        if known is None or known.key not in keys:  # a key that was taken away takes its tokens with it
            known = verify(token, site, keys, now_s)
            self._remember(digest, known)
        if known.exp <= now_s - LEEWAY_S:
            self._remembered.pop(digest, None)
            raise expired()
        return known.bearer

    def _remember(self, digest: bytes, verified: Verified) -> None:
        self._remembered[digest] = verified
        if len(self._remembered) > REMEMBERED_MAX:
            self._remembered.popitem(last=False)


def verify(token: str, site: str, keys: Sequence[SigningKey], now_s: float) -> Verified:
    """The token's bearer, by signature and claims. Pure: the clock is an argument."""
    if len(token) > TOKEN_LENGTH_MAX:
        raise invalid(f"The token is over {TOKEN_LENGTH_MAX} characters.")
    if not keys:
        raise invalid("This site has no active signing keys; add one, or send no token.")
    key, payload = find_signer(token, keys)
    try:
        claims = _claims.decode(payload)
    except msgspec.MsgspecError as error:
        raise invalid(f"The token's claims cannot be read: {error}.") from error
    check_times(claims, now_s)
    audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
    if audience is not None and site not in audience:
        raise invalid(f"The token is for another audience; its aud must name this site, {site}.")
    return Verified(read_bearer(claims), claims.exp, key)


def find_signer(token: str, keys: Sequence[SigningKey]) -> tuple[SigningKey, bytes]:
    """The key that signed the token, and what it signed. Raises RequestRefused(token_invalid)."""
    header = read_header(token)
    if header.alg not in ALGORITHMS:
        raise invalid(f"Tokens are signed with {', '.join(ALGORITHMS)} only.")
    fitting = [key for key in keys if key.alg == header.alg and (header.kid is None or key.kid in (None, header.kid))]
    if not fitting:
        raise invalid("No active signing key of this site has the token's alg and kid.")
    for key in fitting:
        try:
            return key, jws.deserialize_compact(token, ready(key), [key.alg], _registry).payload
        except (JoseError, ValueError, TypeError):
            continue
    raise invalid("The token's signature is not right.")


def read_header(token: str) -> Header:
    """The token's header, not yet believed: it only chooses among the site's own keys."""
    try:
        found = jws.extract_compact(token.encode(), registry=_registry).headers()
        return msgspec.convert(found, Header)
    except (JoseError, msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        raise invalid("The token is no signed JWT in compact form.") from error


def check_times(claims: Claims, now_s: float) -> None:
    """RFC 7519, 4.1.4 and 4.1.5, with our leeway and our longest life."""
    if claims.exp <= now_s - LEEWAY_S:
        raise expired()
    if claims.exp > now_s + LIFE_S_MAX + LEEWAY_S:
        raise invalid(f"The token's exp is more than {LIFE_S_MAX // 3600} hours ahead; make it live shorter.")
    if claims.nbf is not None and claims.nbf > now_s + LEEWAY_S:
        raise invalid("The token's nbf lies in the future: it is not valid yet.")


def read_bearer(claims: Claims) -> Bearer:
    """Whom the token names: a uuid, else the customer's id at the site."""
    if claims.uuid is not None:
        if not UUID_TEXT.match(claims.uuid):
            raise invalid("The token's uuid must be a UUID.")
        return Bearer(claims.uuid.lower(), claims.sub or "")
    if not is_identifier(claims.sub):
        raise invalid(f"The token needs a sub of 1 to {IDENTIFIER_LENGTH_MAX} characters, or a uuid.")
    return Bearer("", claims.sub or "")


def check_belongs(bearer: Bearer, uuid: Any, events: Sequence[Any]) -> None:
    """A token speaks for one customer: a request that names somebody else is refused as token_invalid.

    With a uuid in the token: no other uuid in the envelope or an event. With a sub: no `client.identify` as another.
    """
    if bearer.uuid and is_other(uuid, bearer.uuid):
        raise invalid("The token is for another uuid than the envelope's.", "uuid")
    for index, raw in enumerate(events):
        event = cast("dict[str, Any]", raw) if type(raw) is dict else {}
        if bearer.uuid and is_other(event.get("uuid"), bearer.uuid):
            raise invalid("The token is for another uuid than the event's.", f"events[{index}].uuid")
        if bearer.custom_id and event.get("action") == "client.identify":
            params = event.get("params")
            named = cast("dict[str, Any]", params).get("customId") if type(params) is dict else None
            if named is not None and str(named) != bearer.custom_id:
                where = f"events[{index}].params.customId"
                raise invalid("The token is for another customer than the one identified.", where)


def is_other(given: Any, uuid: str) -> bool:
    """Whether a uuid is given, and another one. What is no uuid at all is judged with its event."""
    return isinstance(given, str) and UUID_TEXT.match(given) is not None and given.lower() != uuid


def invalid(message: str, field: str = "token") -> RequestRefused:
    """The refusal of a token that will never do."""
    return RequestRefused("token_invalid", message, field)


def expired() -> RequestRefused:
    """The refusal of a token that was good: get another and send the same again."""
    return RequestRefused("token_expired", "The token has run out; set a new one, and send the same again.", "token")
