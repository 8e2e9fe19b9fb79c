"""What goes in and out of the routes of segments."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from trackway.segment import NAME_LENGTH_MAX, AnyCondition, Segment
from trackway.web.shapes import Ms, Seen


class NewSegment(Segment, frozen=True, kw_only=True):
    """A segment to be saved under a name."""

    name: Annotated[str, Meta(max_length=NAME_LENGTH_MAX)]
    changed: Seen = None


class SegmentShape(msgspec.Struct):
    """A saved segment."""

    id: Annotated[str, Meta(description="What questions are asked with: `segment=ID`.")]
    name: str
    match: Literal["all", "any"]
    conditions: list[AnyCondition]
    created: Ms
    changed: Ms


class SegmentList(msgspec.Struct):
    """A site's segments, by name."""

    items: list[SegmentShape]
    next: None = None


class SegmentExample(msgspec.Struct):
    """A customer in the segment."""

    customer: str
    uuids: list[str]
    identifiers: dict[str, str]
    last_seen: Ms
    events: Annotated[int, Meta(description="The customer's stored events, the server's own left out.")]


class SegmentPreview(msgspec.Struct):
    """Who is in a segment now."""

    customers: Annotated[int, Meta(description="Customers in it; merged ones are one.")]
    total: Annotated[int, Meta(description="Customers of the site.")]
    examples: Annotated[list[SegmentExample], Meta(description="The 10 last seen.")]
