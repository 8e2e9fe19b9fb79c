"""What a dashboard is: a named list of saved questions of a site, in an order. Pure.

A tile is a question of Explore by its key, and the query of its page's address: what the page shows there, the tile
shows. The server keeps the query and does not ask it.
"""

from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlencode

import msgspec
from msgspec import Meta

from trackway.errors import RequestRefused

DASHBOARDS_MAX = 50
"""Of one site."""
TILES_MAX = 24
"""Of one dashboard."""
TITLE_LENGTH_MAX = 100
QUERY_LENGTH_MAX = 4_000

Question = Literal["trends", "paths", "elements", "forms", "sources", "funnels", "retention", "sessions"]
"""The pages under Explore, but for SQL: a query is not run without somebody asking."""


class Tile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A saved question under a title."""

    title: Annotated[str, Meta(max_length=TITLE_LENGTH_MAX)]
    question: Question
    query: Annotated[
        str,
        Meta(max_length=QUERY_LENGTH_MAX, description="Of the address of the question's page: `range=7d&by=page`."),
    ] = ""


Tiles = Annotated[list[Tile], Meta(max_length=TILES_MAX)]


def tidy(tile: Tile) -> Tile:
    """A tile as it is kept: without space around its title; its query written as browsers do, and without `site`,
    which is the dashboard's. Raises RequestRefused(invalid_parameter).
    """
    title = tile.title.strip()
    if not title:
        raise RequestRefused("invalid_parameter", f"A tile's title has 1 to {TITLE_LENGTH_MAX} characters.", "title")
    pairs = parse_qsl(tile.query.removeprefix("?"), keep_blank_values=True)
    query = urlencode([(key, value) for key, value in pairs if key != "site"])
    if len(query) > QUERY_LENGTH_MAX:
        raise RequestRefused("invalid_parameter", f"A query has at most {QUERY_LENGTH_MAX} characters.", "query")
    return Tile(title, tile.question, query)
