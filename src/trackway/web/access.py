"""Who asks, and what they may: an API key in the Authorization header, or the login cookie of the web page.

A cookie alone changes nothing: unsafe methods must also carry the login's CSRF token, which another site's page cannot
read.
"""

import hmac
from typing import Any

import msgspec
from litestar import Request

from trackway.control.audit import COMMAND_LINE, Author
from trackway.control.directory import now_ms
from trackway.control.users import User, find_login
from trackway.errors import RequestRefused
from trackway.peer import check_address, client_ip
from trackway.site import ApiKey, Scope, Site
from trackway.web.parts import Parts

COOKIE = "trackway_login"
CSRF_HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

AnyRequest = Request[Any, Any, Any]


class Access(msgspec.Struct):
    """The answer to "who asks". Exactly one of `key`, `user` and `local` says so."""

    parts: Parts
    key: ApiKey | None = None
    user: User | None = None
    local: bool = False

    @property
    def author(self) -> Author:
        """Whom the audit log names for what is changed."""
        if self.key is not None:
            return Author("key", self.key.id)
        return Author("user", self.user.name) if self.user is not None else COMMAND_LINE

    def may(self, scope: Scope, site: str | None) -> bool:
        """Whether it opens `scope` on a site (None: what belongs to no site)."""
        return self.key.may(scope, site) if self.key else True

    def need(self, scope: Scope, site: str | None = None) -> None:
        """Raise RequestRefused(scope_missing) where it does not."""
        if not self.may(scope, site):
            raise RequestRefused("scope_missing", f"This API key may not do that; it needs the scope {scope}.")

    def site(self, site: str, scope: Scope = "read") -> Site:
        """A site this asker may open. A foreign site and one that is not there look the same: not_found."""
        found = self.parts.directory.site(site)
        if found is None or (self.key is not None and self.key.site not in (None, site)):
            raise RequestRefused("not_found", f"There is no site {site!r} here for you.")
        self.need(scope, site)
        return found


def identify(request: AnyRequest, parts: Parts) -> Access:
    """Who asks. Raises RequestRefused(not_logged_in, unknown_key, csrf_missing)."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme:
        return identify_key(scheme, secret.strip(), parts, address_of(request, parts))
    token = request.cookies.get(COOKIE, "")
    user = find_login(parts.engine, token, now_ms()) if token else None
    if user is None:
        raise RequestRefused("not_logged_in", "Log in, or send an API key as Authorization: Bearer tw_…")
    if request.method not in SAFE_METHODS:
        check_csrf(request, user)
    return Access(parts, user=user)


def address_of(request: AnyRequest, parts: Parts) -> str:
    """The address that a request comes from, as far as the proxies in between are trusted."""
    peer = request.client.host if request.client else ""
    return client_ip(peer, request.headers.get("x-forwarded-for", ""), parts.config.trusted_proxies)


def identify_key(scheme: str, secret: str, parts: Parts, address: str) -> Access:
    """Who holds this secret. Raises RequestRefused(unknown_key, address_not_allowed)."""
    if scheme.lower() == "bearer" and hmac.compare_digest(secret.encode(), parts.local_token.encode()):
        return Access(parts, local=True)
    key = parts.directory.api_key(secret, now_ms()) if scheme.lower() == "bearer" else None
    if key is None:
        raise RequestRefused("unknown_key", "This API key is not known, or has run out.")
    check_address(address, key.ip_ranges)
    return Access(parts, key=key)


def check_csrf(request: AnyRequest, user: User) -> None:
    """A change asked for by cookie must come from our own page."""
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), user.csrf.encode()):
        raise RequestRefused("csrf_missing", f"Send the login's csrf value in the header {CSRF_HEADER}.")
