"""What goes out of the insight routes. Every number carries its definition, which the OpenAPI description shows."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from trackway.web.shapes import Ms

Units = Annotated[int, Meta(description="Sessions or customers, as asked for by `by`.")]


class PathNode(msgspec.Struct):
    """A page or action at a step."""

    name: str
    count: Annotated[int, Meta(description="Units (sessions or customers) whose path has this name at this step.")]


class PathStep(msgspec.Struct):
    """One step: the counts of its nodes, `other` and `left` add up to `total`."""

    nodes: list[PathNode]
    other: Annotated[int, Meta(description="Units whose name at this step is none of the nodes.")]
    left: Annotated[int, Meta(description="Units whose path has ended before this step, here or at an earlier one.")]


class PathLink(msgspec.Struct):
    """How many went from one name to the next. `source` is `start` at step 1; `other` stands for names not shown."""

    step: Annotated[int, Meta(description="The step of the target; 1 is the first behind the start.")]
    source: str
    target: str
    count: Units


class Paths(msgspec.Struct):
    """Where they went from the start, step by step. `steps` has as many entries as were asked for."""

    total: Annotated[int, Meta(description="Units that have the start; each is counted once, from its first start.")]
    steps: list[PathStep]
    links: list[PathLink]


class ElementShape(msgspec.Struct):
    """What was done with one element. Dwells in ms."""

    element: str
    views: Annotated[int, Meta(description="How often it was seen: half of it for a second.")]
    hovers: Annotated[int, Meta(description="How often it was hovered over.")]
    clicks: Annotated[int, Meta(description="How often it was clicked.")]
    ctr: Annotated[float | None, Meta(description="Clicks divided by views; null without a view.")]
    dwell_p50: Annotated[float | None, Meta(description="Half of the hovers took less (ms); null without a hover.")]
    dwell_p95: Annotated[float | None, Meta(description="95 % of the hovers took less (ms); null without a hover.")]
    hovered_without_click: Annotated[int, Meta(description="Customers who hovered over it and clicked it never.")]
    unusual: Annotated[int, Meta(description="Hovers that were longer than usual, judged when each arrived.")]


class ElementPage(msgspec.Struct):
    """Elements, those with the most events first."""

    items: list[ElementShape]
    next: str | None = None


class FormField(msgspec.Struct):
    """A field of a form: `last` to `focus_p50` of those times that the form was left."""

    field: str
    last: Annotated[int, Meta(description="How often it had the focus last.")]
    touched: Annotated[int, Meta(description="How often something was put into it.")]
    wrong: Annotated[int, Meta(description="How often it was found wrong and not mended.")]
    focus_p50: Annotated[float | None, Meta(description="Half of the times it had the focus for less (ms).")]
    filled: Annotated[int, Meta(description="How often the form was submitted with a value in it.")]
    refills: Annotated[int, Meta(description="How often it was filled once more in the same session.")]


class FormShape(msgspec.Struct):
    """What became of one form."""

    form: str
    started: Annotated[int, Meta(description="How often something was put in, or found wrong: submitted + abandoned.")]
    submitted: Annotated[int, Meta(description="How often it was submitted.")]
    abandoned: Annotated[int, Meta(description="How often it was left after something was put in, or found wrong.")]
    completion: Annotated[float, Meta(description="submitted / started")]
    customers: Annotated[int, Meta(description="Customers who did either.")]
    submitters: Annotated[int, Meta(description="Customers who submitted it.")]
    left_after_p50: Annotated[
        float | None, Meta(description="Half of those who left it did so sooner after they began (ms).")
    ]
    fields: list[FormField]


class FormPage(msgspec.Struct):
    """Forms, those with the most events first."""

    items: list[FormShape]
    next: str | None = None


class Submission(msgspec.Struct):
    """A form that was submitted."""

    id: Annotated[str, Meta(description="The event's id.")]
    time: Ms
    customer: str
    uuids: list[str]
    identifiers: dict[str, str]
    session: str | None
    url: Annotated[str, Meta(description="The page it was submitted on, without query and fragment.")]
    fields: Annotated[list[str], Meta(description="The fields that had a value.")]
    values: Annotated[
        dict[str, Any] | None, Meta(description="What was put in; null for those who may not see it (viewers).")
    ]


class SubmissionPage(msgspec.Struct):
    """Submissions of a form, the newest first."""

    items: list[Submission]
    next: str | None = None


class LingeringShape(msgspec.Struct):
    """A hover longer than usual."""

    id: Annotated[str, Meta(description="The event's id.")]
    customer: str
    uuids: list[str]
    identifiers: dict[str, str]
    element: str
    dwell: Annotated[float, Meta(description="How long it took, ms.")]
    threshold: Annotated[int, Meta(description="95 % of the hovers before it were shorter than this, ms.")]
    time: Ms


class LingeringPage(msgspec.Struct):
    """The unusual hovers of the last 10 minutes, the newest first."""

    items: list[LingeringShape]
    next: str | None = None


class SourceShape(msgspec.Struct):
    """One source. By channel `internal`: nothing from outside, `unknown`: no visit; else the name is empty then."""

    name: str
    sessions: Annotated[int, Meta(description="Sessions with an event in the range that this source brought.")]
    customers: Annotated[int, Meta(description="Customers of those sessions; one may have come by several sources.")]


class SourceTable(msgspec.Struct):
    """Sources, those with the most sessions first; their sessions and `other` add up to `total`."""

    total: Annotated[int, Meta(description="Sessions with an event in the range.")]
    other: Annotated[int, Meta(description="Sessions of sources that are not listed.")]
    items: list[SourceShape]


class Series(msgspec.Struct):
    """One line of a trend."""

    name: str
    other: Annotated[bool, Meta(description="Whether it stands for all names that are not listed.")]
    total: Annotated[
        float | None,
        Meta(
            description="The measure of the whole range. Customers, sessions and percentiles are no sums of intervals."
        ),
    ]
    values: Annotated[
        list[float | None],
        Meta(description="The measure in each interval: 0 where nothing was counted, null where there was no number."),
    ]


class Trend(msgspec.Struct):
    """A measure by time."""

    interval: str
    times: Annotated[list[Ms], Meta(description="When each interval begins.")]
    partial: Annotated[
        list[Ms],
        Meta(description="Those of `times` whose interval lies only partly in the range, as the day that is not over."),
    ]
    series: list[Series]
