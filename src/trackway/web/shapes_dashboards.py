"""What goes in and out of the routes of dashboards."""

from typing import Annotated

import msgspec
from msgspec import Meta

from trackway.dashboard import Tile, Tiles
from trackway.segment import NAME_LENGTH_MAX
from trackway.web.shapes import Ms, Seen


class NewDashboard(msgspec.Struct):
    """A dashboard to be saved: its name, and its tiles in their order."""

    name: Annotated[str, Meta(max_length=NAME_LENGTH_MAX)]
    tiles: Tiles = []
    changed: Seen = None


class DashboardShape(msgspec.Struct):
    """A saved dashboard."""

    id: str
    name: str
    tiles: list[Tile]
    created: Ms
    changed: Ms


class DashboardList(msgspec.Struct):
    """A site's dashboards, by name."""

    items: list[DashboardShape]
    next: None = None
