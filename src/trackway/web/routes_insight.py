"""The insight routes with a question each: elements, who lingers now, sources, trend."""

from typing import Annotated, Literal

import msgspec
from litestar import get
from litestar.di import Provide
from litestar.params import QueryParameter

from trackway.control.directory import now_ms
from trackway.errors import RequestRefused
from trackway.insight.customers import put_known
from trackway.insight.elements import Did, ask_elements_behind, read_elements, read_lingering
from trackway.insight.filters import decode_cursor
from trackway.insight.forms import Became, ask_forms_behind, list_submissions, read_forms
from trackway.insight.question import Scope
from trackway.insight.sources import SourceQuestion, ask_sources_behind, read_sources
from trackway.insight.trend import (
    BREAKDOWNS,
    COUNTS,
    SERIES_MAX,
    Interval,
    Measure,
    TrendQuestion,
    ask_trend_behind,
    cut_short,
    interval_edges,
    read_trend,
)
from trackway.web.access import Access
from trackway.web.behind import BehindPage, answer_behind
from trackway.web.routes_read import MS_MAX, Cursor, CursorPosition, CursorTime, Limit
from trackway.web.shapes_insight import ElementPage, FormPage, LingeringPage, SourceTable, SubmissionPage, Trend

ELEMENTS_MAX = 1_000
DAY_MS = 86_400_000
USUAL_DAYS = 30

Most = Annotated[int, QueryParameter(name="limit", ge=1, le=ELEMENTS_MAX, description="Most items.")]


@get("/sites/{site:str}/insights/elements", tags=["insights"], summary="What held them longer than usual?")
async def read_element_table(access: Access, within: Scope, limit: Most = 200) -> ElementPage:
    """Elements with views, hovers, clicks and dwell, those with the most events first. Percentiles are exact."""
    return msgspec.convert({"items": await read_elements(access.parts.pool, within, limit)}, ElementPage)


@get("/sites/{site:str}/insights/elements/customers", tags=["insights"], summary="Who did that with it?")
async def read_element_customers(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    within: Scope,
    element: Annotated[str, QueryParameter(max_length=2_048, description="The element's name.")],
    did: Annotated[
        Did,
        QueryParameter(
            description="What they did with it; `left`: hovered over it and never clicked it; `unusual`: "
            "hovered for longer than usual."
        ),
    ] = "viewed",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BehindPage:
    """The customers behind a number of an element, with how many events of it are theirs."""
    return await answer_behind(access, within.site, ask_elements_behind(within, element, did), limit, cursor)


@get("/sites/{site:str}/insights/forms", tags=["insights"], summary="What became of forms?")
async def read_form_table(access: Access, within: Scope, limit: Most = 200) -> FormPage:
    """Forms with how often they were submitted and left, and the fields of those that were left."""
    return msgspec.convert({"items": await read_forms(access.parts.pool, within, limit)}, FormPage)


@get("/sites/{site:str}/insights/forms/customers", tags=["insights"], summary="Who submitted it, who left it?")
async def read_form_customers(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    within: Scope,
    form: Annotated[str, QueryParameter(min_length=1, max_length=1_024, description="The form's name.")],
    became: Annotated[
        Became,
        QueryParameter(description="Of the times it was started: those it was `submitted`, `left`, or all."),
    ] = "started",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BehindPage:
    """The customers behind a number of a form, with how many of its times are theirs."""
    return await answer_behind(access, within.site, ask_forms_behind(within, form, became), limit, cursor)


@get("/sites/{site:str}/insights/forms/submissions", tags=["insights"], summary="What was submitted?")
async def read_form_submissions(
    access: Access,
    within: Scope,
    form: Annotated[str, QueryParameter(min_length=1, max_length=1_024, description="The form's name.")],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> SubmissionPage:
    """The submissions of one form, the newest first. Viewers see which fields had a value, not the values."""
    before = decode_cursor(cursor, tuple[CursorTime, CursorPosition]) if cursor else None
    sees, parts = access.may("values", within.site), access.parts
    found, following = await list_submissions(parts.pool, within, form, sees, limit, before)
    await put_known(parts.pool, parts.ledger.register, within.site, found)
    return msgspec.convert({"items": found, "next": following}, SubmissionPage)


@get("/sites/{site:str}/insights/lingering", tags=["insights"], summary="Who lingers now?")
async def read_who_lingers(access: Access, site: str, limit: Most = 20) -> LingeringPage:
    """Hovers of the last 10 minutes that were longer than usual for their element when they arrived."""
    mine = access.site(site).id
    found = await read_lingering(access.parts.pool, mine, limit, now_ms())
    await put_known(access.parts.pool, access.parts.ledger.register, mine, found)
    return msgspec.convert({"items": found}, LingeringPage)


def provide_sources(
    access: Access,
    within: Scope,
    by: Annotated[
        Literal["channel", "referrer", "campaign", "source", "landing"],
        QueryParameter(description="What sources are told by; `campaign` and `source` are the utm ones."),
    ] = "channel",
    which: Annotated[
        Literal["session", "first"],
        QueryParameter(description="What brought each session, or what first brought its customer, ever."),
    ] = "session",
) -> SourceQuestion:
    """The sources asked for."""
    return SourceQuestion(within, by, which, access.site(within.site).settings.excluded_referrers)


SOURCES = {"asked": Provide(provide_sources, sync_to_thread=False)}


@get("/sites/{site:str}/insights/sources", tags=["insights"], summary="Where did they come from?", dependencies=SOURCES)
async def read_source_table(access: Access, asked: SourceQuestion, limit: Most = 100) -> SourceTable:
    """Each session with an event in the range has one source: its first visit that came from outside the site.

    The site's own pages and the hosts in its setting `excluded_referrers` are not outside. Events without a session are
    one session for each customer.
    """
    return msgspec.convert(await read_sources(access.parts.pool, asked, limit), SourceTable)


@get(
    "/sites/{site:str}/insights/sources/customers",
    tags=["insights"],
    summary="Who came from there?",
    dependencies=SOURCES,
)
async def read_source_customers(
    access: Access,
    asked: SourceQuestion,
    name: Annotated[str, QueryParameter(max_length=2_048, description="The source's `name`; it may be empty.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BehindPage:
    """The customers of the sessions of a source asked for with the same parameters."""
    return await answer_behind(access, asked.scope.site, ask_sources_behind(asked, name), limit, cursor)


def provide_trend(  # noqa: PLR0913 - one argument a query parameter
    within: Scope,
    measure: Annotated[
        Measure,
        QueryParameter(
            description="How many events, customers (each once an interval) or sessions; or of a numeric `param` the "
            "sum, the mean, the median, the 95th percentile, the least or the greatest."
        ),
    ] = "events",
    param: Annotated[
        str,
        QueryParameter(max_length=128, description="The param to measure; events without a number in it are left out."),
    ] = "",
    breakdown: Annotated[
        str,
        QueryParameter(
            max_length=140,
            description="A series for each action, source, channel, country, device, browser, os, page, or value of "
            "`param.NAME`.",
        ),
    ] = "",
    interval: Annotated[Interval, QueryParameter(description="Length of an interval; weeks begin on Mondays.")] = "day",
    zone: Annotated[str, QueryParameter(max_length=64, description="The zone whose clock intervals begin by.")] = "UTC",
    series: Annotated[int, QueryParameter(ge=1, le=SERIES_MAX, description="Most series; the rest is one more.")] = 8,
) -> TrendQuestion:
    """The trend asked for: of the last 30 days unless told otherwise. Raises RequestRefused(invalid_parameter)."""
    check_trend(measure, param, breakdown)
    until = within.until if within.until is not None else now_ms()
    since = within.since if within.since is not None else until - USUAL_DAYS * DAY_MS
    edges = interval_edges(since, until, interval, zone)
    ranged = msgspec.structs.replace(within, since=since, until=until)
    partial = cut_short(edges, since, until, interval, zone)
    return TrendQuestion(ranged, edges, measure, param, breakdown, series, interval, partial)


TREND = {"asked": Provide(provide_trend, sync_to_thread=False)}


@get("/sites/{site:str}/insights/trend", tags=["insights"], summary="How does it go?", dependencies=TREND)
async def read_trend_series(access: Access, asked: TrendQuestion) -> Trend:
    """The last 30 days unless told otherwise. `times` are the begins of the intervals; the outer two may be partial."""
    found = await read_trend(access.parts.pool, asked)
    told = {"interval": asked.interval, "times": asked.edges, "partial": asked.partial, "series": found}
    return msgspec.convert(told, Trend)


@get(
    "/sites/{site:str}/insights/trend/customers",
    tags=["insights"],
    summary="Whose events were they?",
    dependencies=TREND,
)
async def read_trend_customers(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    asked: TrendQuestion,
    at: Annotated[
        int | None, QueryParameter(ge=-MS_MAX, le=MS_MAX, description="One of `times`. Without it: the whole range.")
    ] = None,
    name: Annotated[str, QueryParameter(max_length=2_048, description="The series' `name`.")] = "",
    other: Annotated[bool, QueryParameter(description="true: the series of all other names.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BehindPage:
    """The customers of a point of the trend asked for with the same parameters, with how many events are theirs."""
    behind = await ask_trend_behind(access.parts.pool, asked, at, name, other)
    return await answer_behind(access, asked.scope.site, behind, limit, cursor)


def check_trend(measure: Measure, param: str, breakdown: str) -> None:
    """Raise RequestRefused(invalid_parameter) for what does not go together."""
    if measure not in COUNTS and not param:
        raise RequestRefused("invalid_parameter", f"For {measure}, name the numeric param to measure.", "param")
    kind, _, name = breakdown.partition(".")
    if kind not in BREAKDOWNS or (kind == "param") != bool(name):
        known = ", ".join(one for one in BREAKDOWNS if one not in ("", "param"))
        raise RequestRefused("invalid_parameter", f"A breakdown is one of {known}, or param.NAME.", "breakdown")
