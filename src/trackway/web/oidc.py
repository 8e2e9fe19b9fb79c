"""Logging in at an OpenID Connect provider: OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636).

Never: believes an id_token that was not signed by the provider for us, for this very login.
"""

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Generator, Mapping
from typing import Any, NamedTuple, cast
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from trackway.config import Config
from trackway.errors import ConfigInvalid, TrackwayError

FLOW_S = 600
FLOWS_MAX = 1_000
TIMEOUT_S = 10
LEEWAY_S = 120
ANSWER_BYTES_MAX = 1024 * 1024
SUBJECT_LENGTH_MAX = 600
SCOPE = "openid email profile"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by a key that only the provider has; never `none`, never one with a shared secret."""
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


class ProviderFailed(TrackwayError):
    """The provider did not answer as it must; the message says what was wrong, and holds no secret."""


class Flow(NamedTuple):
    """A login under way: what the answer must fit."""

    nonce: str
    verifier: str
    provider: Mapping[str, Any]
    until_s: float


class Begun(NamedTuple):
    """Where the browser goes, and what it must bring back."""

    url: str
    state: str


class Tokens(NamedTuple):
    """What a code is worth: who came, and leave to ask for more about them; "" where the provider gives none."""

    id_token: str
    access_token: str


class Identity(NamedTuple):
    """Who the provider says it is: its own lasting id for the person, and the name in the claim we were told to use."""

    subject: str
    name: str


class SignOns:
    """Logins under way, in memory: at most FLOWS_MAX, for FLOW_S seconds each; the oldest goes first."""

    def __init__(self) -> None:
        self._flows: OrderedDict[str, Flow] = OrderedDict()

    async def begin(self, config: Config, redirect_uri: str) -> Begun:
        """Begin a login. Raises ProviderFailed, ConfigInvalid."""
        async with client() as asking:
            provider = await discover(asking, config)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        self._flows[state] = Flow(nonce, verifier, provider, time.monotonic() + FLOW_S)
        while len(self._flows) > FLOWS_MAX:
            self._flows.popitem(last=False)
        question = {
            "response_type": "code",
            "client_id": config.text("oidc_client_id"),
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        endpoint = str(provider["authorization_endpoint"])
        return Begun(f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(question)}", state)

    async def finish(self, config: Config, redirect_uri: str, state: str, code: str) -> Identity:
        """Who came back with this code. A state counts once. Raises ProviderFailed."""
        flow = self._flows.pop(state, None)
        if flow is None or flow.until_s < time.monotonic():
            raise ProviderFailed("This login was begun too long ago, or elsewhere; begin again.")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": flow.verifier,
        }
        async with client() as asking:
            tokens = await exchange(asking, config, flow, form)
            keys = await fetch(asking, "GET", str(flow.provider["jwks_uri"]))
            claims = read_token(tokens.id_token, keys, config, flow)
            if not tells_who(claims, config):
                claims = await ask_about(asking, flow, tokens, claims)
        return identify(claims, config)


class Bearer(httpx.Auth):
    """Shows an access token (RFC 6750)."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """The request with the token in its header."""
        request.headers["authorization"] = f"Bearer {self._token}"
        yield request


def client() -> httpx.AsyncClient:
    """A client for the provider: no redirects, no waiting without end."""
    return httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False)


async def discover(asking: httpx.AsyncClient, config: Config) -> Mapping[str, Any]:
    """The provider as it describes itself (OpenID Connect Discovery 1.0). Raises ProviderFailed, ConfigInvalid."""
    issuer = config.text("oidc_issuer").rstrip("/")
    check_address(issuer)
    found = await fetch(asking, "GET", f"{issuer}/.well-known/openid-configuration")
    if str(found.get("issuer", "")).rstrip("/") != issuer:
        raise ProviderFailed(f"The provider calls itself {found.get('issuer')!r}, not {issuer!r}; mend oidc_issuer.")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(found.get(name), str):
            raise ProviderFailed(f"The provider's description has no {name}.")
        check_address(str(found[name]))
    if found.get("userinfo_endpoint") is not None:
        check_address(str(found["userinfo_endpoint"]))
    return found


def check_address(address: str) -> None:
    """Secrets and keys travel by https only; plain http is for a provider on this machine. Raises ConfigInvalid."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL_HOSTS):
        raise ConfigInvalid(f"The login provider's address {address!r} must begin with https://.")


async def exchange(asking: httpx.AsyncClient, config: Config, flow: Flow, form: dict[str, str]) -> Tokens:
    """The tokens for a code. Raises ProviderFailed."""
    name, secret = config.text("oidc_client_id"), config.text("oidc_client_secret")
    offered: Any = flow.provider.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    in_header = bool(secret) and "client_secret_basic" in offered
    if not in_header:
        form = form | {"client_id": name} | ({"client_secret": secret} if secret else {})
    # Encoded before they are put together (RFC 6749, section 2.3.1): a secret may have a colon or a percent sign.
    auth = httpx.BasicAuth(quote(name, safe=""), quote(secret, safe="")) if in_header else None
    found = await fetch(asking, "POST", str(flow.provider["token_endpoint"]), form, auth)
    if not isinstance(found.get("id_token"), str):
        raise ProviderFailed("The provider gave no id_token.")
    return Tokens(str(found["id_token"]), str(found.get("access_token") or ""))


def tells_who(claims: Mapping[str, Any], config: Config) -> bool:
    """Whether the id_token has all that `identify` reads."""
    claim = config.text("oidc_claim")
    return claim in claims and (claim != "email" or "email_verified" in claims)


async def ask_about(
    asking: httpx.AsyncClient, flow: Flow, tokens: Tokens, claims: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What the provider tells elsewhere about the person of an id_token; these claims where it has no such place.

    OpenID Connect Core 1.0, 5.3 and 5.4: e-mail and profile are told there, unless a provider chooses otherwise.
    Nothing is mixed: one place's e-mail address is not verified by the other's word. Raises ProviderFailed.
    """
    address = flow.provider.get("userinfo_endpoint")
    if address is None or not tokens.access_token:
        return claims
    found = await fetch(asking, "GET", str(address), auth=Bearer(tokens.access_token))
    if found.get("sub") != claims["sub"]:
        raise ProviderFailed("The provider's userinfo is about somebody else (sub).")
    return {**found, "iss": claims["iss"]}


async def fetch(
    asking: httpx.AsyncClient,
    method: str,
    address: str,
    form: dict[str, str] | None = None,
    auth: httpx.Auth | None = None,
) -> Mapping[str, Any]:
    """A JSON object from the provider. Raises ProviderFailed; what was sent is in no message."""
    try:
        async with asking.stream(method, address, data=form, auth=auth) as answer:
            body = b""
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > ANSWER_BYTES_MAX:
                    raise ProviderFailed(f"{address} answered with more than {ANSWER_BYTES_MAX:,} bytes.")
        if not answer.is_success:
            raise ProviderFailed(f"{address} answered {answer.status_code}.")
        found = httpx.Response(200, content=body).json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise ProviderFailed(f"{address} cannot be asked: {type(error).__name__}.") from error
    if not isinstance(found, dict):
        raise ProviderFailed(f"{address} did not answer with a JSON object.")
    return cast("dict[str, Any]", found)


def read_token(token: str, keys: Mapping[str, Any], config: Config, flow: Flow) -> Mapping[str, Any]:
    """The claims of an id_token that is the provider's, for us, for this login, and of now. Raises ProviderFailed.

    OpenID Connect Core 1.0, section 3.1.3.7.
    """
    audience = config.text("oidc_client_id")
    rules = jwt.JWTClaimsRegistry(
        leeway=LEEWAY_S,
        iss={"essential": True, "value": str(flow.provider["issuer"])},
        aud={"essential": True, "value": audience},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True},
    )
    try:
        claims: Mapping[str, Any] = jwt.decode(token, KeySet.import_key_set(cast("Any", keys)), ALGORITHMS).claims
        rules.validate(dict(claims))
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ProviderFailed(f"The provider's id_token does not hold: {type(error).__name__}: {error}") from error
    if not hmac.compare_digest(str(claims["nonce"]).encode(), flow.nonce.encode()):
        raise ProviderFailed("The provider's id_token is for another login (nonce).")
    if claims.get("azp", audience) != audience:
        raise ProviderFailed("The provider's id_token is for another program (azp).")
    return claims


def identify(claims: Mapping[str, Any], config: Config) -> Identity:
    """The person that claims are about. An e-mail address counts only when the provider has verified it.

    Raises ProviderFailed.
    """
    claim = config.text("oidc_claim")
    name, subject = claims.get(claim), f"{claims['iss']} {claims['sub']}"
    if not isinstance(name, str) or not name or len(subject) > SUBJECT_LENGTH_MAX:
        raise ProviderFailed(f"The provider tells no {claim} to know the user by; see oidc_claim.")
    if claim == "email" and claims.get("email_verified") is not True:
        raise ProviderFailed("The provider has not verified this e-mail address (email_verified).")
    return Identity(subject, name)


def challenge(verifier: str) -> str:
    """What is shown of a verifier at first (RFC 7636, S256)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
