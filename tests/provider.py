"""A small OpenID Connect provider over real HTTP: discovery, codes with PKCE, keys, tokens that it signs."""

import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "trackway", "planted:client+secret/100%"

Change = Callable[[dict[str, Any]], Any]


class Provider:
    """Serves on a port of its own. `person`: the claims of who logs in; `change`: what a wicked one does to a token."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {"sub": "p-1", "email": "ann@people.example", "email_verified": True}
        self.told: dict[str, Any] | None = None
        """Where not None: the id_token says only who, and this is what the provider's userinfo tells."""
        self.change: Change = lambda claims: None
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.key: Any = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.signs_with: Any = self.key
        self.codes: dict[str, dict[str, str]] = {}
        self.given: list[str] = []
        """Codes and tokens that went over the line: none may be found in a log."""
        self.opens = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def description(self) -> dict[str, Any]:
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
        return {"issuer": self.issuer, **{name: f"{self.issuer}/{name}" for name in names}}

    def authorize(self, query: dict[str, str]) -> str:
        """The person agrees at once: back to the program with a code."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        self.given.append(code)
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """A token for a code; None when secret, verifier or address are not those of the code."""
        asked = self.codes.pop(form["code"], None)
        shown = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        expected = f"{quote(CLIENT, safe='')}:{quote(SECRET, safe='')}"
        right = b64decode(authorization.removeprefix("Basic ")).decode() == expected
        if (
            asked is None
            or not right
            or shown != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        claims |= self.person if self.told is None else {"sub": self.person["sub"]}
        self.change(claims)
        if self.header["alg"] == "none":
            token = ".".join([segment(self.header), segment(claims), ""])
        else:
            token = jwt.encode(self.header, claims, self.signs_with, algorithms=[self.header["alg"]])
        access = secrets.token_urlsafe(16)
        self.opens = f"Bearer {access}"
        self.given += [token, form["code_verifier"], access]
        return {"access_token": access, "token_type": "Bearer", "id_token": token}


def segment(part: dict[str, Any]) -> str:
    """A part of a token that nobody signed."""
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def another_key() -> Any:
    """A key that the provider does not own, under its name."""
    return RSAKey.generate_key(2048, {"kid": "one"})


def shared_secret() -> Any:
    """The program's own secret as a signing key: what an HS256 token would be signed with."""
    return OctKey.import_key(SECRET.ljust(32, "0"))


def handler_of(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/.well-known/openid-configuration":
                self.answer(provider.description())
            elif parts.path == "/jwks_uri":
                self.answer({"keys": [provider.key.as_dict(private=False)]})
            elif parts.path == "/userinfo_endpoint":
                allowed = provider.told is not None and self.headers.get("authorization") == provider.opens
                self.answer(provider.told if allowed else {"error": "invalid_token"}, 200 if allowed else 401)
            else:
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("location", provider.authorize(query))
                self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            found = provider.token(form, self.headers.get("authorization", ""))
            self.answer(found or {"error": "invalid_grant"}, 200 if found else 400)

        def answer(self, body: Any, status: int = 200) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler
