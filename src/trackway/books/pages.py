"""Reading the quarantine: which rows a filter wants, pages of them, single ones, and what an event id met with."""

import sqlite3
from typing import Any

import msgspec

from trackway.values import is_submission, withhold_refused

NAMES = (
    "position",
    "uuid",
    "id",
    "received",
    "code",
    "message",
    "field",
    "event",
    "key",
    "origin",
    "source",
    "action",
    "replayed",
    "verdict",
    "waiting",
    "sampled",
)
COLUMNS = (
    "position, uuid, id, received, code, message, field, event, key, origin, source, action, replayed, verdict, "
    "replay IS NOT NULL, sampled"
)
WORDS = "event LIKE ? ESCAPE '\\' OR message LIKE ? ESCAPE '\\'"
IDS_MAX = 1_000
FOUND_BY_ID_MAX = 20


class QuarantineFilter(msgspec.Struct, frozen=True):
    """The rows asked for: all given parts hold at once.

    `before`: behind this position; `since` and `until`: received in [since, until); `replayed`: only those that are, or
    are not; `words`: part of the event, its message or origin, or its id; `ids`: positions, or ids that events gave
    themselves; `sealed`: for somebody who may not see what was put into forms.
    """

    site: str
    before: int = 2**63 - 1
    code: str | None = None
    since: int = -(2**53)
    until: int = 2**53
    limit: int = 1_000
    action: str | None = None
    uuid: str | None = None
    key: str | None = None
    words: str | None = None
    replayed: bool | None = None
    ids: tuple[int | str, ...] | None = None
    sealed: bool = False


def where(wanted: QuarantineFilter) -> tuple[str, list[Any]]:
    """The condition of a filter, and its values."""
    conditions, values = ["site = ?", "position < ?"], list[Any]([wanted.site, wanted.before])
    for column in ("code", "action", "uuid", "key"):
        value = getattr(wanted, column)
        if value is not None:
            conditions.append(f"{column} = ?")
            values.append(value)
    conditions.append("received >= ? AND received < ?")
    values += [wanted.since, wanted.until]
    if wanted.words:
        words = f"NOT is_submission(action) AND ({WORDS})" if wanted.sealed else WORDS
        conditions.append(f"({words} OR origin LIKE ? ESCAPE '\\' OR id = ?)")
        values += [*[like(wanted.words)] * 3, wanted.words.lower()]
    if wanted.replayed is not None:
        conditions.append(f"replayed IS {'NOT ' if wanted.replayed else ''}NULL")
    if wanted.ids is not None:
        positions = [one for one in wanted.ids if isinstance(one, int)]
        names = [one.lower() for one in wanted.ids if isinstance(one, str)]
        conditions.append(f"(position IN ({marks(positions)}) OR id IN ({marks(names)}))")
        values += [*positions, *names]
    return " AND ".join(conditions), values


def marks(values: list[Any]) -> str:
    """Question marks for a list of values."""
    return ",".join("?" * len(values))


def like(words: str) -> str:
    """A LIKE pattern that finds exactly these words anywhere."""
    for sign in "\\%_":
        words = words.replace(sign, f"\\{sign}")
    return f"%{words}%"


def teach(connection: sqlite3.Connection) -> None:
    """Give a connection the function that conditions for those who may not see values ask."""
    connection.create_function("is_submission", 1, is_submission, deterministic=True)


def read_page(connection: sqlite3.Connection, wanted: QuarantineFilter) -> list[dict[str, Any]]:
    """One page, newest first, in the contract's shape."""
    condition, values = where(wanted)
    found = connection.execute(
        f"SELECT {COLUMNS} FROM quarantine WHERE {condition} ORDER BY position DESC LIMIT ?",  # noqa: S608 - our own words
        [*values, wanted.limit],
    )
    items = (shape(row) for row in found)
    return [withhold_refused(item) if wanted.sealed else item for item in items]


def read_by_id(connection: sqlite3.Connection, event_id: str) -> list[dict[str, Any]]:
    """What is kept of an event id, on any site, the newest first, each with its `site`."""
    found = connection.execute(
        f"SELECT {COLUMNS}, site FROM quarantine WHERE id = ? ORDER BY position DESC LIMIT {FOUND_BY_ID_MAX}",  # noqa: S608 - our own words
        (event_id,),
    )
    return [shape(row[:-1]) | {"site": row[-1]} for row in found]


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row in the contract's shape."""
    found: dict[str, Any] = dict(zip(NAMES, row, strict=True))
    found["event"] = msgspec.Raw(found["event"].encode())
    found["replayed_at"] = found["replayed"]
    for name in ("replayed", "waiting", "sampled"):
        found[name] = bool(found[name])
    return found
