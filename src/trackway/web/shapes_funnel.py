"""What goes out of the routes of funnels, retention and sessions. Every number carries its definition."""

from typing import Annotated

import msgspec
from msgspec import Meta

from trackway.web.shapes import Ms

Share = Annotated[float | None, Meta(description="None where there is nothing to take a share of.")]


class FunnelStep(msgspec.Struct):
    """One step."""

    name: str
    count: Annotated[int, Meta(description="Customers (or sessions) that got to this step or further.")]
    dropped: Annotated[int, Meta(description="Those that got to the step before it and no further.")]


class FunnelPart(msgspec.Struct):
    """The same funnel for one value of the breakdown. `value` None: all values that are not listed."""

    value: str | None
    counts: Annotated[list[int], Meta(description="How many got to each step or further.")]


class Funnel(msgspec.Struct):
    """How far they got."""

    total: Annotated[int, Meta(description="Customers (or sessions) with the first step in the range; each once.")]
    steps: list[FunnelStep]
    breakdown: list[FunnelPart] | None = None


class Cohort(msgspec.Struct):
    """Customers who began in the same period."""

    start: Annotated[Ms, Meta(description="When the period began, in the zone asked for.")]
    size: Annotated[int, Meta(description="Customers whose first `start` event in the range was in this period.")]
    returned: Annotated[
        list[int],
        Meta(
            description="How many of them had a `back` event behind their first one: in the same period, in the next, "
            "and so on, for each period that has begun."
        ),
    ]


class Retention(msgspec.Struct):
    """Cohorts, the oldest first."""

    period: str
    zone: str
    cohorts: list[Cohort]


class SessionCounts(msgspec.Struct):
    """Sessions counted together."""

    value: Annotated[str | int, Meta(description="What they have in common: a day (epoch ms), a page, a property.")]
    sessions: Annotated[int, Meta(description="Sessions with an event in the range.")]
    customers: Annotated[int, Meta(description="Different customers of these sessions.")]
    bounces: Annotated[
        int, Meta(description="Sessions with at most one page or screen, and nothing done beyond looking.")
    ]
    bounce_rate: Annotated[Share, Meta(description="bounces / sessions")]
    pages_mean: Annotated[Share, Meta(description="Pages and screens, by session, on average.")]
    length_mean: Annotated[Share, Meta(description="Time from the first event to the last, ms, on average.")]
    length_p50: Annotated[int | None, Meta(description="Half of the sessions are shorter, ms.")]
    length_p90: Annotated[int | None, Meta(description="Nine of ten sessions are shorter, ms.")]


class Sessions(msgspec.Struct):
    """Sessions in all and by day, first page, last page, and breakdown (the 20 most frequent of each)."""

    total: SessionCounts
    days: list[SessionCounts]
    entries: Annotated[list[SessionCounts], Meta(description="By the first page or screen.")]
    exits: Annotated[list[SessionCounts], Meta(description="By the last page or screen.")]
    breakdown: list[SessionCounts] | None = None
