"""The insight routes with a question each: elements, who lingers now, sources."""

from typing import Annotated, Literal

import msgspec
from litestar import get
from litestar.params import QueryParameter

from trackway.control.directory import now_ms
from trackway.event import Source
from trackway.insight.elements import read_elements, read_lingering
from trackway.insight.question import Scope
from trackway.insight.sources import SourceQuestion, read_sources
from trackway.web.access import Access
from trackway.web.routes_read import Since, Until
from trackway.web.shapes_insight import ElementPage, LingeringPage, SourceTable

ELEMENTS_MAX = 1_000

FromSource = Annotated[Source | None, QueryParameter(description="Only events from this source.")]
Bots = Annotated[bool, QueryParameter(description="false: leave out events marked as a robot's.")]
Most = Annotated[int, QueryParameter(name="limit", ge=1, le=ELEMENTS_MAX, description="Most items.")]


@get("/sites/{site:str}/insights/elements", tags=["insights"], summary="What held them longer than usual?")
async def read_element_table(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    site: str,
    since: Since = None,
    until: Until = None,
    source: FromSource = None,
    bots: Bots = True,
    limit: Most = 200,
) -> ElementPage:
    """Elements with views, hovers, clicks and dwell, those with the most events first. Percentiles are exact."""
    scope = Scope(access.site(site).id, since, until, source, bots)
    return msgspec.convert({"items": await read_elements(access.parts.pool, scope, limit)}, ElementPage)


@get("/sites/{site:str}/insights/lingering", tags=["insights"], summary="Who lingers now?")
async def read_who_lingers(access: Access, site: str, limit: Most = 20) -> LingeringPage:
    """Hovers of the last 10 minutes that were longer than usual for their element when they arrived."""
    found = await read_lingering(access.parts.pool, access.site(site).id, limit, now_ms())
    return msgspec.convert({"items": found}, LingeringPage)


@get("/sites/{site:str}/insights/sources", tags=["insights"], summary="Where did they come from?")
async def read_source_table(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    site: str,
    by: Annotated[
        Literal["channel", "referrer", "campaign", "source", "landing"],
        QueryParameter(description="What sources are told by; `campaign` and `source` are the utm ones."),
    ] = "channel",
    which: Annotated[
        Literal["session", "first"],
        QueryParameter(description="What brought each session, or what first brought its customer, ever."),
    ] = "session",
    since: Since = None,
    until: Until = None,
    source: FromSource = None,
    bots: Bots = True,
    limit: Most = 100,
) -> SourceTable:
    """Each session in the range has one source: its first visit that came from outside the site.

    The site's own pages and the hosts in its setting `excluded_referrers` are not outside. Events without a session are
    one session for each customer.
    """
    found = access.site(site)
    scope = Scope(found.id, since, until, source, bots)
    asked = SourceQuestion(scope, by, which, found.settings.excluded_referrers)
    return msgspec.convert(await read_sources(access.parts.pool, asked, limit), SourceTable)
