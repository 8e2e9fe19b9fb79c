"""Which page was it? The store's column `page` worked out in Python, for events that are still in memory. Pure.

It must give what the store gives (`store/migrations/0005_insight.sql`): a test asks both.
"""

import re
from typing import Any

import msgspec

from trackway.selection import as_text

SCREEN = "screen:"
_QUERY = re.compile(r"[?#].*", re.DOTALL)


def page_of(action: str, params: str) -> str:
    """Where a visit was: the path of its address, or `screen:` and the screen's name; empty for all else.

    `params`: the event's, as JSON text.
    """
    if action not in ("page.visit", "screen.view"):
        return ""
    told: dict[str, Any] = msgspec.json.decode(params)
    if action == "screen.view":
        return SCREEN + text_of(told.get("name"))
    url = text_of(told.get("url"))
    return path_of(url) or ("/" if "://" in url else "/" + without_query(url))


def path_of(url: str) -> str:
    """What ClickHouse's `path()` takes for one: from the first slash on, or where two are together, from the next."""
    at = url.find("/")
    if at >= 0 and url.startswith("//", at):
        at = url.find("/", at + 2)
    return _QUERY.sub("", url[at:]) if at >= 0 else ""


def without_query(url: str) -> str:
    """What ClickHouse's `cutQueryStringAndFragment()` leaves: up to the first `?`, else up to the first `#`."""
    return url.partition("?")[0] if "?" in url else url.partition("#")[0]


def text_of(value: object) -> str:
    """A param as JSONExtractString reads it."""
    return "" if value is None else as_text(value)
