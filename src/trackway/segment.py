"""What a segment is: a named set of a site's customers, by conditions that they meet. Pure.

Every condition is about one customer, merges followed. Conditions stand side by side, all or any of them; none holds
others.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from trackway.errors import RequestRefused

SEGMENTS_MAX = 200
"""Of one site."""
CONDITIONS_MAX = 20
PARAMS_MAX = 10
TIMES_MAX = 1_000_000
DAYS_MAX = 3_660
CUSTOMERS_MAX = 1_000
NAME_LENGTH_MAX = 100
TEXT_LENGTH_MAX = 512
MOMENT_MAX = 2**53

Text = Annotated[str, Meta(min_length=1, max_length=TEXT_LENGTH_MAX)]
Moment = Annotated[int, Meta(ge=-MOMENT_MAX, le=MOMENT_MAX)]
UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
DAY_MS = 86_400_000


class Condition(msgspec.Struct, frozen=True, tag_field="kind", forbid_unknown_fields=True, kw_only=True):
    """What every condition has. `not`: it holds for whom it else would not."""

    negated: bool = msgspec.field(default=False, name="not")


class Did(Condition, frozen=True, tag="did"):
    """Had at least `times` events of an action, or visits of a page, in the last `days`, or in [since, until) ms."""

    action: Text
    """An action, a page by its path, a screen (`screen:Home`); `*` stands for any text."""
    params: Annotated[dict[Annotated[str, Meta(min_length=1, max_length=128)], str], Meta(max_length=PARAMS_MAX)] = {}
    """What params are, exactly; numbers and booleans as JSON writes them."""
    times: Annotated[int, Meta(ge=1, le=TIMES_MAX)] = 1
    days: Annotated[int, Meta(ge=1, le=DAYS_MAX)] | None = None
    since: Moment | None = None
    until: Moment | None = None

    def range(self, now_ms: int) -> tuple[int | None, int | None]:
        """From when to when it counts. The last days end now."""
        return (self.since, self.until) if self.days is None else (now_ms - self.days * DAY_MS, None)


class Attribute(Condition, frozen=True, tag="attribute"):
    """What `client.identify` told last of an attribute, is a value or contains it (without regard to case)."""

    name: Annotated[str, Meta(min_length=1, max_length=128)]
    value: Text
    how: Literal["is", "contains"] = "is"


class Identified(Condition, frozen=True, tag="identified"):
    """Said who they are: by `client.identify`, by a customer token, or by an e-mail address in a form."""


class Came(Condition, frozen=True, tag="came"):
    """What first brought them from outside, ever."""

    value: Text
    by: Literal["channel", "referrer", "campaign", "source"] = "channel"


class Used(Condition, frozen=True, tag="used"):
    """Had an event from a class of device (`phone`), a browser, a system, or a country (`PL`)."""

    value: Text
    by: Literal["device", "browser", "os", "country"] = "device"


class Listed(Condition, frozen=True, tag="listed"):
    """Is one of these customers, whoever they were merged into since."""

    customers: Annotated[list[Annotated[str, Meta(pattern=UUID)]], Meta(min_length=1, max_length=CUSTOMERS_MAX)]


AnyCondition = Did | Attribute | Identified | Came | Used | Listed


class Segment(msgspec.Struct, frozen=True):
    """Customers who meet all, or any, of the conditions."""

    conditions: Annotated[list[AnyCondition], Meta(min_length=1, max_length=CONDITIONS_MAX)]
    match: Literal["all", "any"] = "all"


def check_segment(segment: Segment) -> None:
    """Raise RequestRefused(invalid_parameter) for what a type cannot say."""
    for number, one in enumerate(segment.conditions):
        if not isinstance(one, Did):
            continue
        field = f"conditions[{number}]"
        if one.days is not None and (one.since, one.until) != (None, None):
            raise RequestRefused("invalid_parameter", "Give the last days, or since and until; not both.", field)
        if one.since is not None and one.until is not None and one.since >= one.until:
            raise RequestRefused("invalid_parameter", "`since` must be before `until`.", field)


def check_name(name: str) -> str:
    """A name without space around it. Raises RequestRefused(invalid_parameter)."""
    name = name.strip()
    if not 0 < len(name) <= NAME_LENGTH_MAX:
        raise RequestRefused("invalid_parameter", f"A name has 1 to {NAME_LENGTH_MAX} characters.", "name")
    return name
