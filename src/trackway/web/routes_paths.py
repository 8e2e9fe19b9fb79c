"""The routes of the question "what did they see next?"."""

from typing import Annotated, Literal

import msgspec
from litestar import get
from litestar.di import Provide
from litestar.params import QueryParameter

from trackway.errors import RequestRefused
from trackway.insight.paths import (
    NODES_MAX,
    PATTERN_LENGTH_MAX,
    PATTERNS_MAX,
    STEPS_MAX,
    Of,
    PathQuestion,
    Place,
    ask_path_behind,
    read_paths,
)
from trackway.insight.question import Scope
from trackway.web.access import Access
from trackway.web.behind import BehindPage, answer_behind
from trackway.web.routes_read import Cursor, Limit
from trackway.web.shapes_insight import Paths

NAME_LENGTH_MAX = 2_048

Start = Annotated[
    str,
    QueryParameter(
        max_length=NAME_LENGTH_MAX,
        description="A page by its path (`/cart`), a screen (`screen:Home`) or an action; `*` stands for any text. "
        "Empty: the whole path of each session or customer; its first step is what it began with.",
    ),
]
Direction = Annotated[Literal["next", "previous"], QueryParameter(description="What followed, or what came before.")]
Steps = Annotated[int, QueryParameter(ge=1, le=STEPS_MAX, description="How many steps from the start.")]
By = Annotated[
    Literal["session", "customer"],
    QueryParameter(description="Whose path. By session, events without one are one unit for each customer."),
]
OfKind = Annotated[
    Of | None,
    QueryParameter(
        name="of",
        description="What paths are told in: pages (and screens), actions, or all (pages, and actions that are no "
        "visit). Without it: pages from a page, actions from an action.",
    ),
]
Patterns = Annotated[
    list[str] | None,
    QueryParameter(name="pattern", description="Pages that fit (`/product/*`) count as one; may be repeated."),
]
Nodes = Annotated[int, QueryParameter(ge=1, le=NODES_MAX, description="Names shown at each step; the rest is `other`.")]


def provide_paths(  # noqa: PLR0913 - one argument a query parameter
    within: Scope,
    start: Start = "",
    direction: Direction = "next",
    steps: Steps = 5,
    by: By = "session",
    of: OfKind = None,
    patterns: Patterns = None,
    nodes: Nodes = 8,
) -> PathQuestion:
    """The paths asked for."""
    return PathQuestion(within, start, direction, steps, by, of, check_patterns(patterns), nodes)


ASKED = {"asked": Provide(provide_paths, sync_to_thread=False)}


@get("/sites/{site:str}/insights/paths", tags=["insights"], summary="What did they see next?", dependencies=ASKED)
async def read_path_flows(access: Access, asked: PathQuestion) -> Paths:
    """Exact, nothing sampled. Order within a path: time, then the device's `seq`, then arrival.

    A unit is counted once, from its first start in the range. At every step the nodes, `other` and `left` add up to
    `total`.
    """
    return msgspec.convert(await read_paths(access.parts.pool, asked), Paths)


@get("/sites/{site:str}/insights/paths/customers", tags=["insights"], summary="Who went there?", dependencies=ASKED)
async def read_path_customers(  # noqa: PLR0913 - one argument a query parameter
    access: Access,
    asked: PathQuestion,
    step: Annotated[int, QueryParameter(ge=1, le=STEPS_MAX, description="The step, 1 is the first.")],
    target: Annotated[
        str, QueryParameter(max_length=NAME_LENGTH_MAX, description="The name there, or `other` or `left`.")
    ],
    coming: Annotated[
        str | None,
        QueryParameter(
            name="came_from", max_length=NAME_LENGTH_MAX, description="Only by this name of the step before."
        ),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BehindPage:
    """The customers behind one node, or one link, of the paths asked for with the same parameters."""
    behind = await ask_path_behind(access.parts.pool, asked, Place(step, target, coming))
    return await answer_behind(access, asked.scope.site, behind, limit, cursor)


def check_patterns(patterns: list[str] | None) -> tuple[str, ...]:
    """The patterns asked for. Raises RequestRefused(invalid_parameter) past their limits."""
    given = tuple(patterns or ())
    if len(given) > PATTERNS_MAX or any(len(pattern) > PATTERN_LENGTH_MAX for pattern in given):
        raise RequestRefused(
            "invalid_parameter",
            f"At most {PATTERNS_MAX} patterns of {PATTERN_LENGTH_MAX} characters can be given.",
            "pattern",
        )
    return given
