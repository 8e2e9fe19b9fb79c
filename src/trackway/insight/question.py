"""What every question shares: its SQL file, and what it is about. Pure but for reading the files.

Values are always bound as `{name:Type}`. What is put into a file at a `$PLACE` is SQL of this room, never a caller's
text.
"""

from functools import cache
from importlib.resources import files
from string import Template
from typing import Any, Literal

import msgspec

from trackway.event import Source
from trackway.insight.filters import Such, like, param_conditions
from trackway.insight.person import CUSTOMER
from trackway.values import NOT_SUBMIT

Of = Literal["events", "session", "customer"]

UNITS = {
    "session": "if(isNull(session), reinterpretAsUUID(sipHash128(toString(person))), assumeNotNull(session))",
    "customer": "person",
}
"""What questions count, as SQL over `person`. By session, events without one are one unit for each customer, by a hash
that no session has."""

VISITS = "action IN ('page.visit', 'screen.view')"
"""Events that have a page or a screen."""


PLACE = "bitShiftLeft(toInt256(time), 128) + bitShiftLeft(toInt256(ifNull(seq, 0)), 64) + position"
"""ClickHouse SQL: where a row of `events` stands in order, as one number: its time, then the device's own number, then
arrival. Comparing numbers takes a quarter of what comparing tuples does."""


class Scope(msgspec.Struct, frozen=True):
    """What of one site a question is about: `time` in [since, until) ms, by source, with robots or not.

    `action` (a pattern; `*` stands for any text) and `params` (exact values) ask for events that are so. A question
    about events counts those; one about sessions or customers is about all that those did who have such an event.
    """

    site: str
    since: int | None = None
    until: int | None = None
    source: Source | None = None
    bots: bool = True
    action: str = ""
    params: tuple[tuple[str, str], ...] = ()
    sealed: bool = False
    """Asked by params by somebody who may not see what was put into forms: submissions are left out."""
    segment: Such | None = None
    """Only customers who are in it (`insight/segment.py`)."""

    @property
    def is_whole(self) -> bool:
        """Whether it leaves out nothing of the site but the server's own events."""
        return self == Scope(self.site)

    def where(self, of: Of = "events") -> tuple[str, dict[str, Any]]:
        """The condition on events, and its parameters, of a question that counts `of`."""
        everything, values = self.within()
        asked, named = param_conditions(self.params)
        if self.action:
            asked = ["action LIKE {action:String}", *asked]
            named["action"] = like(self.action)
        if not asked:
            return everything, values
        such = " AND ".join([everything, *asked])
        if of != "events":
            unit = UNITS[of].replace("person", CUSTOMER)
            such = f"{everything} AND {unit} IN (SELECT {unit} FROM events WHERE {such})"  # noqa: S608 - our own words
        return such, values | named

    def within(self) -> tuple[str, dict[str, Any]]:
        """The same without `action` and `params`. The server's own `system` events are left out: nobody did them."""
        parts, values = ["site = {site:String}"], dict[str, Any](site=self.site)
        if self.since is not None:
            parts.append("time >= {since:Int64}")
            values["since"] = self.since
        if self.until is not None:
            parts.append("time < {until:Int64}")
            values["until"] = self.until
        if self.source is None:
            parts.append("source != 'system'")
        else:
            parts.append("source = {source:String}")
            values["source"] = self.source
        if not self.bots:
            parts.append("NOT bot")
        if self.sealed:
            parts.append(NOT_SUBMIT)
        if self.segment is not None:
            parts.append(self.segment.sql)
            values |= self.segment.values
        return " AND ".join(parts), values


@cache
def read_sql(name: str) -> Template:
    """A question's SQL file, without its comments."""
    text = files("trackway.insight").joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return Template("\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--")))


def write_sql(name: str, **places: str) -> str:
    """A question's SQL with its places filled; `$CUSTOMER` and `$PLACE` are always there."""
    return read_sql(name).substitute(CUSTOMER=CUSTOMER, PLACE=PLACE, **places)


def is_page(name: str) -> bool:
    """Whether a name is a page's (or a screen's) rather than an action's."""
    return name.startswith(("/", "screen:"))


def fits(name: str, pattern: str, values: dict[str, Any]) -> str:
    """The condition that an event is a page or an action of a pattern, which is bound into `values`."""
    if not pattern:
        return "true"
    values[name] = like(pattern)
    return f"{'page' if is_page(pattern) else 'action'} LIKE {{{name}:String}}"
