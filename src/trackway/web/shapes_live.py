"""What goes out of the route about now. Every number carries its definition, which the OpenAPI description shows."""

from typing import Annotated

import msgspec
from msgspec import Meta

from trackway.web.shapes import Ms


class NowRow(msgspec.Struct):
    """One name of a panel."""

    name: str
    events: Annotated[int, Meta(description="Events with this name in the last `minutes`.")]
    customers: Annotated[int, Meta(description="Customers with such an event, each once.")]


class NowPanel(msgspec.Struct):
    """The names with the most events."""

    names: Annotated[int, Meta(description="How many names there are in all.")]
    items: list[NowRow]


class LiveNow(msgspec.Struct):
    """What is going on now: events that happened and arrived since `since`. The server's own events are left out."""

    since: Ms
    minutes: int
    visitors_now: Annotated[int, Meta(description="Customers with an event in the last 5 minutes.")]
    events_per_second: Annotated[float, Meta(description="Events received in the last minute, divided by 60.")]
    events: Annotated[int, Meta(description="Events in the last `minutes`.")]
    customers: Annotated[int, Meta(description="Customers with an event in the last `minutes`.")]
    pages: Annotated[NowPanel, Meta(description="Pages by their path; screens as `screen:` and the name.")]
    actions: NowPanel
    channels: Annotated[NowPanel, Meta(description="Channels of visits from outside the site.")]
    countries: Annotated[NowPanel, Meta(description="ISO 3166 codes; empty without a City database.")]
    sources: Annotated[NowPanel, Meta(description="What sent the events: `web`, `mobile`, `server` or `import`.")]
