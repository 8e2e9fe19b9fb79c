"""The routes of "how far did they get?", "who came back?" and "what sessions were there?"."""

from typing import Annotated, Literal

import msgspec
from litestar import get
from litestar.di import Provide
from litestar.params import QueryParameter

from trackway.control.directory import now_ms
from trackway.errors import RequestRefused
from trackway.insight.funnel import STEPS_MAX, WINDOW_S_MAX, FunnelQuestion, ask_funnel_behind, read_funnel
from trackway.insight.question import Scope
from trackway.insight.retention import PERIODS_MAX, Period, RetentionQuestion, ask_retention_behind, read_retention
from trackway.insight.sessions import Kind, SessionsQuestion, ask_sessions_behind, read_sessions
from trackway.web.access import Access
from trackway.web.behind import BehindPage, answer_behind
from trackway.web.routes_read import MS_MAX, Cursor, Limit
from trackway.web.shapes_funnel import Funnel, Retention, Sessions

STEP_LENGTH_MAX = 512

FunnelSteps = Annotated[
    list[str] | None,
    QueryParameter(
        name="step",
        description="A step: a page by its path (`/cart`), a screen (`screen:Home`) or an action; `*` stands for any "
        f"text. Given once for each step, in order; at most {STEPS_MAX}.",
    ),
]
Window = Annotated[
    int, QueryParameter(ge=1, le=WINDOW_S_MAX, description="Seconds from the first step within which all count.")
]
FunnelBy = Annotated[Literal["customer", "session"], QueryParameter(description="Who walks through the funnel.")]
Breakdown = Annotated[
    str,
    QueryParameter(max_length=160, description="Tell apart by this property of the first event; `param.NAME` too."),
]
Pattern = Annotated[
    str,
    QueryParameter(max_length=STEP_LENGTH_MAX, description="A page, screen or action; `*`: any text. Empty: anything."),
]
Zone = Annotated[str, QueryParameter(max_length=64, description="IANA time zone in which days begin.")]


def provide_funnel(
    within: Scope,
    steps: FunnelSteps = None,
    window_s: Window = 86_400,
    by: FunnelBy = "customer",
    breakdown: Breakdown = "",
) -> FunnelQuestion:
    """The funnel asked for. Raises RequestRefused(invalid_parameter)."""
    return FunnelQuestion(within, check_steps(steps), window_s, by, breakdown)


FUNNEL = {"asked": Provide(provide_funnel, sync_to_thread=False)}


@get("/sites/{site:str}/insights/funnel", tags=["insights"], summary="How far did they get?", dependencies=FUNNEL)
async def read_funnel_steps(access: Access, asked: FunnelQuestion) -> Funnel:
    """Exact, nothing sampled. The steps must come in order, each by an event of its own, other events may lie between.
    Who begins several times counts once, with the try that got furthest.
    """
    return msgspec.convert(await read_funnel(access.parts.pool, asked), Funnel)


@get(
    "/sites/{site:str}/insights/funnel/customers",
    tags=["insights"],
    summary="Who got there, or dropped out?",
    dependencies=FUNNEL,
)
async def read_funnel_customers(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    asked: FunnelQuestion,
    at: Annotated[int, QueryParameter(ge=1, le=STEPS_MAX, description="The step asked about; 1 is the first.")],
    dropped: Annotated[
        bool, QueryParameter(description="true: those who got to the step before it and no further.")
    ] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BehindPage:
    """The customers behind a step of the funnel asked for with the same parameters, the last seen first."""
    if at > len(asked.steps):
        raise RequestRefused("invalid_parameter", f"This funnel has {len(asked.steps)} steps.", "at")
    return await answer_behind(access, asked.scope.site, ask_funnel_behind(asked, at, dropped), limit, cursor)


def provide_retention(  # noqa: PLR0913 - one argument a query parameter
    within: Scope,
    start: Pattern = "",
    back: Pattern = "",
    period: Annotated[Period, QueryParameter(description="How long a period is; weeks begin on Monday.")] = "week",
    periods: Annotated[int, QueryParameter(ge=1, le=PERIODS_MAX, description="Most periods from the first on.")] = 8,
    zone: Zone = "UTC",
) -> RetentionQuestion:
    """The retention asked for."""
    return RetentionQuestion(within, start, back, period, periods, zone)


RETENTION = {"asked": Provide(provide_retention, sync_to_thread=False)}


@get("/sites/{site:str}/insights/retention", tags=["insights"], summary="Who came back?", dependencies=RETENTION)
async def read_retention_cohorts(access: Access, asked: RetentionQuestion) -> Retention:
    """Customers by the period of their first `start` in the range, and how many of them had a `back` event later."""
    return msgspec.convert(await read_retention(access.parts.pool, asked, now_ms()), Retention)


@get(
    "/sites/{site:str}/insights/retention/customers",
    tags=["insights"],
    summary="Which of them came back?",
    dependencies=RETENTION,
)
async def read_retention_customers(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    asked: RetentionQuestion,
    cohort: Annotated[int, QueryParameter(ge=-MS_MAX, le=MS_MAX, description="`start` of the cohort.")],
    later: Annotated[
        int | None,
        QueryParameter(ge=0, lt=PERIODS_MAX, description="Only who came back that many periods later. Without: all."),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BehindPage:
    """The customers of a cohort of the retention asked for with the same parameters."""
    return await answer_behind(access, asked.scope.site, ask_retention_behind(asked, cohort, later), limit, cursor)


def provide_sessions(within: Scope, breakdown: Breakdown = "", zone: Zone = "UTC") -> SessionsQuestion:
    """The sessions asked for."""
    return SessionsQuestion(within, breakdown, zone)


SESSIONS = {"asked": Provide(provide_sessions, sync_to_thread=False)}


@get(
    "/sites/{site:str}/insights/sessions", tags=["insights"], summary="What sessions were there?", dependencies=SESSIONS
)
async def read_session_counts(access: Access, asked: SessionsQuestion) -> Sessions:
    """Sessions with an event in the range, made of their events in it. Lengths are in ms."""
    return msgspec.convert(await read_sessions(access.parts.pool, asked), Sessions)


@get(
    "/sites/{site:str}/insights/sessions/customers",
    tags=["insights"],
    summary="Whose were they?",
    dependencies=SESSIONS,
)
async def read_session_customers(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    asked: SessionsQuestion,
    of: Annotated[
        Kind, QueryParameter(description="The list of the answer that `value` is in; `total`: all.")
    ] = "total",
    value: Annotated[str, QueryParameter(max_length=2_048, description="What the sessions have in common.")] = "",
    bounced: Annotated[bool, QueryParameter(description="true: only of sessions that have bounced.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BehindPage:
    """The customers of sessions asked for with the same parameters."""
    behind = ask_sessions_behind(asked, of, value, bounced)
    return await answer_behind(access, asked.scope.site, behind, limit, cursor)


def check_steps(steps: list[str] | None) -> tuple[str, ...]:
    """The steps asked for. Raises RequestRefused(invalid_parameter)."""
    if not steps or len(steps) > STEPS_MAX or not all(0 < len(step) <= STEP_LENGTH_MAX for step in steps):
        raise RequestRefused(
            "invalid_parameter",
            f"Name 1 to {STEPS_MAX} steps, each a page or an action of at most {STEP_LENGTH_MAX} characters.",
            "step",
        )
    return tuple(steps)
