"""The uuid cookie, set again by the server: browsers that cut short what scripts write leave such a cookie alone.

Only what the browser itself has just sent is set again, so nobody can be given another's uuid. It works where the
collector is reached on the site's own origin (a first-party proxy); the collector itself allows no credentials.
"""

import re

import msgspec

from trackway.collect.app import Headers, Send, header, parse_query, respond
from trackway.control.directory import Directory
from trackway.errors import RequestRefused
from trackway.event import UUID_TEXT

COOKIE = "tw_uuid"
DOMAIN = re.compile(r"(?=.{3,253}\Z)[a-z0-9-]+(\.[a-z0-9-]+)+\Z")
DAY_S = 86_400


async def renew(method: str, query: bytes, headers: Headers, directory: Directory, send: Send) -> None:
    """`POST {collect_path}/id?k=KEY&d=DOMAIN`: 204, with the cookie set again where there is one."""
    asked = parse_query(query)
    try:
        days = check(method, headers, directory, asked.get("k", ""))
    except RequestRefused as refused:
        body = msgspec.json.encode(refused.body())
        await respond(send, refused.status, body, [(b"content-type", b"application/json")])
        return
    answer = [(b"cache-control", b"no-store")]
    cookie = cookie_again(header(headers, b"cookie"), asked.get("d", ""), header(headers, b"origin"), days)
    if cookie:
        answer.append((b"set-cookie", cookie.encode()))
    await respond(send, 204, b"", answer)


def check(method: str, headers: Headers, directory: Directory, key: str) -> int:
    """How many days the cookie lasts. Raises RequestRefused where the site has no such cookie, or another site asks."""
    if method != "POST":
        raise RequestRefused("method_not_allowed", "Ask for the cookie with POST.")
    site = directory.site_by_key(key)
    if site is None or not site.settings.sdk_server_cookie or site.settings.cookieless:
        raise RequestRefused("not_found", "No site with this tracker key has its cookie set by the server.", "k")
    if header(headers, b"sec-fetch-site") not in ("", "same-origin"):
        raise RequestRefused("origin_not_allowed", "The cookie is set for pages of the same origin only.")
    return site.settings.sdk_cookie_days


def cookie_again(cookies: str, domain: str, origin: str, days: int) -> str:
    """The Set-Cookie for the uuid that the browser sent; empty when it sent none. Pure.

    `domain`: the widest that the SDK found to take cookies; a browser refuses one that is not the page's own.
    """
    sent = dict(part.strip().split("=", 1) for part in cookies.split(";") if "=" in part)
    uuid = sent.get(COOKIE, "")
    if not UUID_TEXT.match(uuid):
        return ""
    parts = [f"{COOKIE}={uuid}", "Path=/", f"Max-Age={days * DAY_S}", "SameSite=Lax"]
    if DOMAIN.match(domain):
        parts.append(f"Domain={domain}")
    if origin.startswith("https:"):
        parts.append("Secure")
    return "; ".join(parts)
