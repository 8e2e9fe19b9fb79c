"""Which events a question is about: filters as a table, turned into SQL with parameters. Pure.

A new filter is one row in CONDITIONS.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

from trackway.errors import RequestRefused
from trackway.event import UUID_TEXT, Source
from trackway.insight.kinds import KIND_SQL, Kind
from trackway.values import NOT_SUBMIT

Kinds = TypeVar("Kinds")
PARAM_FILTERS_MAX = 10

PARAM_IS = (
    "JSONHas(params, {NAME:String}) AND if(JSONType(params, {NAME:String}) = 'String',"
    " JSONExtractString(params, {NAME:String}), JSONExtractRaw(params, {NAME:String})) = {VALUE:String}"
)

CONDITIONS: Mapping[str, str] = {
    "site": "site = {site:String}",
    "action": "action LIKE {action:String}",
    "source": "source = {source:String}",
    "bots": "bot = {bots:Bool}",
    "page": "page = {page:String}",
    "channel": "channel = {channel:String}",
    "country": "country = {country:String}",
    "session": "session = {session:UUID}",
    "uuids": "uuid IN {uuids:Array(UUID)}",
    "customers": "customer IN {customers:Array(UUID)}",
    "since": "time >= {since:Int64}",
    "until": "time < {until:Int64}",
    "words": "(positionCaseInsensitiveUTF8(label, {words:String}) > 0"
    " OR positionCaseInsensitiveUTF8(action, {words:String}) > 0"
    " OR positionCaseInsensitiveUTF8(params, {words:String}) > 0)",
    "before": "time <= {before_time:Int64} AND (time, position) < ({before_time:Int64}, {before_position:UInt64})",
}


class Such(NamedTuple):
    """A condition on events as SQL of this room, and the parameters that it binds."""

    sql: str
    values: Mapping[str, Any]


class EventFilter(msgspec.Struct, frozen=True):
    """Events of one site; a part that is None does not matter."""

    site: str
    action: str | None = None
    uuids: tuple[str, ...] | None = None
    since: int | None = None
    until: int | None = None
    words: str | None = None
    params: tuple[tuple[str, str], ...] = ()
    customers: tuple[str, ...] | None = None
    """The parts of one customer (`insight/person.py`)."""
    source: Source | None = None
    bots: bool | None = None
    page: str | None = None
    """Visits of this page: its path, or `screen:` and a screen's name (`insight/page.py`)."""
    channel: str | None = None
    country: str | None = None
    session: str | None = None
    kind: Kind | None = None
    sealed: bool = False
    """Asked by somebody who may not see what was put into forms: words and params find no submission."""
    such: Such | None = None
    """A condition more: customers who are in a segment."""
    before: tuple[int, int] | None = None
    """Behind this (time, position), in newest-first order: where the page before ended."""

    @property
    def is_heavy(self) -> bool:
        """Whether every event of the site may have to be read."""
        narrowed = (self.words, self.params, self.customers, self.session, self.page, self.channel, self.country)
        return self.uuids is None and (any(narrowed) or self.source is not None or self.such is not None)


def where(wanted: EventFilter) -> tuple[str, dict[str, Any]]:
    """The condition and its parameters."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    for name, condition in CONDITIONS.items():
        value = getattr(wanted, name)
        if value is not None:
            parts.append(condition)
            values |= {"before_time": value[0], "before_position": value[1]} if name == "before" else {name: value}
    such, named = param_conditions(wanted.params)
    parts, values = parts + such, values | named
    if wanted.kind is not None:
        parts.append(KIND_SQL[wanted.kind])
    if wanted.sealed and (wanted.words or wanted.params):
        parts.append(NOT_SUBMIT)
    if wanted.such is not None:
        parts.append(wanted.such.sql)
        values |= wanted.such.values
    if wanted.action is not None:
        values["action"] = like(wanted.action)
    for name in ("uuids", "customers"):
        if name in values:
            values[name] = list(values[name])
    return " AND ".join(parts), values


def like(pattern: str) -> str:
    """A pattern with `*` (any text) as ClickHouse's LIKE takes it."""
    plain = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return plain.replace("*", "%")


def param_conditions(params: Iterable[tuple[str, str]]) -> tuple[list[str], dict[str, Any]]:
    """Conditions that params have these values exactly, and their parameters."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    for number, (name, value) in enumerate(params):
        parts.append(PARAM_IS.replace("NAME", f"param{number}").replace("VALUE", f"value{number}"))
        values |= {f"param{number}": name, f"value{number}": value}
    return parts, values


def encode_cursor(*parts: int | str) -> str:
    """A place in a list, as an opaque text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def decode_cursor(text: str, kinds: type[Kinds]) -> Kinds:
    """The place in a cursor. Raises RequestRefused(invalid_parameter)."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=kinds)
    except (binascii.Error, msgspec.MsgspecError, ValueError) as error:
        raise RequestRefused(
            "invalid_parameter", "This cursor is none of ours; start without one.", "cursor"
        ) from error


def check_uuid_parameter(text: str, name: str) -> str:
    """A UUID given in an address. Raises RequestRefused(invalid_parameter)."""
    if not UUID_TEXT.match(text):
        raise RequestRefused("invalid_parameter", f"{name} must be a UUID.", name)
    return text.lower()
