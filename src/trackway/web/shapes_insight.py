"""What goes out of the insight routes. Every number carries its definition, which the OpenAPI description shows."""

from typing import Annotated

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


class PathCustomer(msgspec.Struct):
    """A customer at a place of the paths."""

    customer: str
    uuids: list[str]
    identifiers: dict[str, str]
    units: Annotated[int, Meta(description="The customer's sessions there; 1 when asked by customer.")]
    last_seen: Annotated[Ms, Meta(description="The last event of those that the paths were made of.")]


class PathCustomers(msgspec.Struct):
    """Customers at a place of the paths, the last seen first."""

    items: list[PathCustomer]
    next: str | None = None
