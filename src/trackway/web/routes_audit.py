"""The audit log over HTTP: read only. Its lines are written where the changes are made."""

import asyncio
from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from trackway.control.audit import list_changes
from trackway.insight.filters import decode_cursor, encode_cursor
from trackway.web.access import Access
from trackway.web.routes_read import Cursor, CursorPosition, Limit
from trackway.web.shapes_govern import ChangePage, show_change

SiteName = Annotated[str | None, QueryParameter(max_length=64, description="Only this site's changes.")]


@get("/audit", tags=["audit"], summary="Who changed what, the newest first")
async def read_audit(access: Access, site: SiteName = None, limit: Limit = 50, cursor: Cursor = None) -> ChangePage:
    """Needs `admin` on the site named; without one, on all sites. A key for one site sees that site's changes."""
    own = access.site(site, "admin").id if site else access.key.site if access.key else None
    access.need("admin", own)
    before = decode_cursor(cursor, tuple[CursorPosition])[0] if cursor else None
    found = await asyncio.to_thread(list_changes, access.parts.engine, own, limit + 1, before)
    page = found[:limit]
    following = encode_cursor(page[-1].number) if len(found) > limit else None
    return ChangePage([show_change(one) for one in page], following)
