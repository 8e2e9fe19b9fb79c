"""Where a visit came from: its utm params and referrer, and the channel they amount to. Pure.

The channels follow the order in which web analytics products decide: a campaign's own words first, the referrer after.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

UTM_PARAMS = tuple((name, f"utm_{name}") for name in ("source", "medium", "campaign", "term", "content"))
UTM_LENGTH_MAX = 256
URLS_REMEMBERED = 10_000
URL_REMEMBERED_MAX = 512  # characters; longer ones would fill the memory

# scheme://[user@]host, RFC 3986 section 3.2, for a name or an address in brackets
HOST = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*://(?:[^/?#@]*@)?(\[[^\]]*\]|[^/:?#]*)")

# A split text stays a line; a list of words would be one word a line.
SEARCH = frozenset("google bing duckduckgo yahoo baidu yandex ecosia qwant startpage brave seznam naver".split())  # noqa: SIM905
SOCIAL = frozenset("facebook instagram linkedin pinterest reddit tiktok twitter youtube threads bsky t vk".split())  # noqa: SIM905
MAIL_HOSTS = ("mail.google.com", "outlook.live.com", "mail.yahoo.com")
MEDIUM_CHANNELS = {
    "email": "email",
    "e-mail": "email",
    "newsletter": "email",
    "cpc": "paid",
    "ppc": "paid",
    "paid": "paid",
    "display": "paid",
    "banner": "paid",
    "social": "social",
    "affiliate": "affiliate",
    "push": "push",
    "sms": "sms",
    "referral": "referral",
    "organic": "search",
}


def host_of(url: str) -> str:
    """The host of an address, without www., lower case; empty when it has none."""
    return remembered_host(url) if len(url) <= URL_REMEMBERED_MAX else find_host(url)


def find_host(url: str) -> str:
    """What `host_of` says of an address, found anew."""
    found = HOST.match(url)
    return found[1].lower().removeprefix("www.")[:253] if found else ""


remembered_host = lru_cache(URLS_REMEMBERED)(find_host)


def utm_of(params: Mapping[str, Any], url: str) -> dict[str, str]:
    """The campaign: `utm_*` params of the event, else those in its address."""
    found = {name: params[param] for name, param in UTM_PARAMS if param in params}
    if not found and "utm_" in url:
        found = dict(utm_of_url(url))
    return {name: value[:UTM_LENGTH_MAX] for name, value in found.items() if isinstance(value, str) and value}


def utm_of_url(url: str) -> tuple[tuple[str, str], ...]:
    """The campaign in an address's query."""
    try:
        query = dict(parse_qsl(urlsplit(url).query))
    except ValueError:
        return ()
    return tuple((name, query[param]) for name, param in UTM_PARAMS if param in query)


def channel_of(utm: Mapping[str, str], referrer_host: str, own_host: str) -> str:
    """The channel of a visit: paid, email, social, search, referral, internal or direct."""
    medium = utm.get("medium", "").lower()
    if medium in MEDIUM_CHANNELS:
        return MEDIUM_CHANNELS[medium]
    if utm.get("source"):
        return channel_of_name(utm["source"].lower()) or "campaign"
    if not referrer_host:
        return "direct"
    if referrer_host == own_host:
        return "internal"
    if referrer_host in MAIL_HOSTS:
        return "email"
    return channel_of_host(referrer_host) or "referral"


def channel_of_name(name: str) -> str:
    """search or social by a site's name, empty for others."""
    if name in SEARCH:
        return "search"
    return "social" if name in SOCIAL else ""


@lru_cache(URLS_REMEMBERED)
def channel_of_host(host: str) -> str:
    """search or social by a part of a host's name (google.co.uk, m.facebook.com), empty for others."""
    parts = host.split(".")[:-1]
    return next((channel for part in parts if (channel := channel_of_name(part))), "")
