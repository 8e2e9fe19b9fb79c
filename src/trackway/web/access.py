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
from trackway.control.keys import list_keys
from trackway.control.logins import Session, find_login, user_now
from trackway.control.users import User
from trackway.errors import RequestRefused
from trackway.peer import check_address, client_ip
from trackway.site import ApiKey, Level, Site
from trackway.web.parts import Parts

COOKIE = "trackway_login"
CSRF_HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

AnyRequest = Request[Any, Any, Any]


class Access(msgspec.Struct):
    """The answer to "who asks". Exactly one of `key`, `session` and `local` says so."""

    parts: Parts
    key: ApiKey | None = None
    session: Session | None = None
    local: bool = False

    @property
    def author(self) -> Author:
        """Whom the audit log names for what is changed."""
        if self.key is not None:
            return Author("key", self.key.id)
        return Author("user", self.user.name) if self.user is not None else COMMAND_LINE

    @property
    def user(self) -> User | None:
        """The person who is logged in, None for a program."""
        return self.session.user if self.session else None

    def may(self, level: Level, site: str | None) -> bool:
        """Whether it opens `level` on a site (None: what belongs to no site)."""
        asker = self.key or self.user
        return asker.may(level, site) if asker else self.local

    def need(self, level: Level, site: str | None = None) -> None:
        """Raise RequestRefused(scope_missing) where it does not."""
        if self.may(level, site):
            return
        asker = "Your role" if self.session else "This API key"
        where = "" if site else " on every site"
        raise RequestRefused("scope_missing", f"{asker} may not do that; it takes {level}{where}.")

    def sees(self, site: str) -> bool:
        """Whether a site is there for this asker. A key's own site is, also when the key may not read."""
        return self.key.site in (None, site) if self.key else self.may("read", site)

    def site(self, site: str, level: Level = "read") -> Site:
        """A site this asker may open. A foreign site and one that is not there look the same: not_found."""
        found = self.parts.directory.site(site)
        if found is None or not self.sees(site):
            raise RequestRefused("not_found", f"There is no site {site!r} here for you.")
        self.need(level, site)
        return found

    def sites(self, level: Level) -> list[Site]:
        """The sites on which this asker has `level`. Raises RequestRefused(scope_missing) for a key that has none."""
        found = [site for site in self.parts.directory.sites() if self.may(level, site.id)]
        if self.key and not found:
            self.need(level, self.key.site)
        return found

    def still_reads(self, site: str) -> bool:
        """Whether an answer that goes on and on may do so: the key or the login is still there, and so is the right."""
        now, engine = now_ms(), self.parts.engine
        if self.session:
            user = user_now(engine, self.session, now)
            return user is not None and user.may("read", site)
        key = self.key
        return key is None or ((key.expires or now + 1) > now and any(one.id == key.id for one, _ in list_keys(engine)))

    def person(self) -> Session:
        """The login of the person who asks. Raises RequestRefused(not_logged_in): a program is nobody."""
        if self.session is None:
            raise RequestRefused("not_logged_in", "Log in first.")
        return self.session


def identify(request: AnyRequest, parts: Parts) -> Access:
    """Who asks. Raises RequestRefused(not_logged_in, unknown_key, csrf_missing)."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme:
        return identify_key(scheme, secret.strip(), parts, address_of(request, parts))
    token = request.cookies.get(COOKIE, "")
    session = find_login(parts.engine, token, now_ms()) if token else None
    if session is None:
        raise RequestRefused("not_logged_in", "Log in, or send an API key as Authorization: Bearer tw_…")
    if request.method not in SAFE_METHODS:
        check_csrf(request, session)
    return Access(parts, session=session)


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


def check_csrf(request: AnyRequest, session: Session) -> None:
    """A change asked for by cookie must come from our own page."""
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise RequestRefused("csrf_missing", f"Send the login's csrf value in the header {CSRF_HEADER}.")
