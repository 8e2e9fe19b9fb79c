"""What a question is about, as every insight route is asked for it: one set of parameters, read in one place."""

from typing import Annotated, Any

from litestar import Request
from litestar.params import QueryParameter

from trackway.event import Source
from trackway.insight.question import Scope
from trackway.values import asks_by_param
from trackway.web.access import Access
from trackway.web.routes_read import Since, Until, param_filters
from trackway.web.segments import read_such

PATTERN_LENGTH_MAX = 64

FromSource = Annotated[Source | None, QueryParameter(description="Only events from this source.")]
Bots = Annotated[bool, QueryParameter(description="false: leave out events marked as a robot's.")]
ActionPattern = Annotated[
    str,
    QueryParameter(
        max_length=PATTERN_LENGTH_MAX,
        description="An action, `*` stands for any text: only such events; of sessions and customers, those that have "
        "one. `param.NAME=value`, up to 10 of them, asks in the same way for events with that value.",
    ),
]
OfSegment = Annotated[
    str, QueryParameter(max_length=64, description="Only customers who are in this segment now, by its id.")
]


async def provide_scope(  # noqa: PLR0913 - one argument a query parameter
    request: Request[Any, Any, Any],
    access: Access,
    site: str,
    since: Since = None,
    until: Until = None,
    source: FromSource = None,
    bots: Bots = True,
    action: ActionPattern = "",
    segment: OfSegment = "",
) -> Scope:
    """What is asked about, of a site that this asker may read. Raises RequestRefused(not_found, invalid_parameter)."""
    found, query = access.site(site), [*request.query_params.multi_items()]
    sealed = not access.may("values", found.id) and asks_by_param(query)
    who = read_such(access.parts, found, segment) if segment else None
    return Scope(found.id, since, until, source, bots, action, param_filters(query), sealed, who)
