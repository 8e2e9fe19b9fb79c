"""The customers behind a number, as every question is asked for them: one answer, one way to page through it."""

from typing import Annotated

import msgspec
from msgspec import Meta

from trackway.insight.behind import Behind, list_behind
from trackway.insight.customers import put_known
from trackway.insight.filters import decode_cursor
from trackway.web.access import Access
from trackway.web.routes_read import CursorTime
from trackway.web.shapes import Ms


class CustomerBehind(msgspec.Struct):
    """A customer behind a number."""

    customer: str
    uuids: list[str]
    identifiers: dict[str, str]
    units: Annotated[int, Meta(description="How many of what the number counts are this customer's: sessions, events.")]
    last_seen: Annotated[Ms, Meta(description="The last event of those that the number was made of.")]


class BehindPage(msgspec.Struct):
    """Customers behind a number, the last seen first."""

    items: list[CustomerBehind]
    next: str | None = None


async def answer_behind(access: Access, site: str, behind: Behind, limit: int, cursor: str | None) -> BehindPage:
    """A page of them. Raises RequestRefused(invalid_parameter) for a cursor that is none."""
    before = decode_cursor(cursor, tuple[CursorTime, str]) if cursor else None
    found, following = await list_behind(access.parts.pool, behind, limit, before)
    await put_known(access.parts.pool, access.parts.ledger.register, site, found)
    return msgspec.convert({"items": found, "next": following}, BehindPage)
