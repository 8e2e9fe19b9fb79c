"""Erasing a customer's rows from the store, to the last byte: the parts that held them are written anew without them,
projections too, and the old parts deleted from the disk.

A mutation leaves its text behind, so that text names nobody: it goes by digests.
Events are erased the same way by action, time and params.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from trackway.selection import Selection, digest_of_value
from trackway.store.pool import Connection

TABLES = ("events", "merged")
COUNTED = ("events",)
"""The others are copies of what the books count."""
GONE_WITHIN_S = 600.0
LOOK_S = 0.25

DIGEST = "lower(hex(SHA256(concat(site, '\\n', toString(customer)))))"
"""As `books/erasures.py` makes it."""
SHORT = "SELECT sipHash64(toUUID(arrayJoin({customers:Array(String)}))) AS short"
COUNT = "SELECT count() AS n FROM %s WHERE site = {site:String} AND customer IN {customers:Array(UUID)}"
OLD_PARTS = (
    "SELECT name, path FROM system.parts WHERE database = currentDatabase() AND table = {table:String} AND NOT active"
)
DETACHED = "SELECT name FROM system.detached_parts WHERE database = currentDatabase() AND table = {table:String}"

PARAM_IS = (
    "JSONHas(params, {name}) AND lower(hex(SHA256(concat(site, '\\n', if(JSONType(params, {name}) = 'String',"
    " JSONExtractString(params, {name}), JSONExtractRaw(params, {name})))))) = '{digest}'"
)
MENTIONS = """
SELECT count() AS n FROM events
WHERE site = {site:String} AND multiSearchAnyCaseInsensitiveUTF8(params, {quoted:Array(String)})
"""


class NotGone(Exception):
    """Old parts are still there; erase again."""


def erase_rows(connection: Connection, site: str, customers: Sequence[str], digests: Sequence[str]) -> dict[str, int]:
    """Erase; how many events. Doing it again changes nothing. Raises ClickHouseError, NotGone."""
    asked = {"site": site, "customers": list(customers)}
    shorts = ", ".join(str(row["short"]) for row in connection.rows(SHORT, asked))
    listed = ", ".join(f"'{digest}'" for digest in digests)
    erased = {table: int(connection.rows(COUNT % table, asked)[0]["n"]) for table in COUNTED}
    for table in TABLES:
        # The short hash is quick and rules out nearly all; the digest is sure.
        connection.command(
            f"ALTER TABLE {table} DELETE WHERE sipHash64(customer) IN ({shorts}) AND {DIGEST} IN ({listed}) "
            "SETTINGS mutations_sync = 2"
        )
    for table in TABLES:
        drop_old_parts(connection, table)
    return erased


def erase_selected(connection: Connection, selection: Selection) -> int:
    """Erase the events that a selection takes; how many. It can be done again. Raises ClickHouseError, NotGone."""
    condition, erased = condition_of(selection), count_selected(connection, selection)
    if erased:
        connection.command(f"ALTER TABLE events DELETE WHERE {condition} SETTINGS mutations_sync = 2")
    drop_old_parts(connection, "events")
    return erased


def count_selected(connection: Connection, selection: Selection) -> int:
    """How many stored events a selection takes now."""
    return int(connection.rows(f"SELECT count() AS n FROM events WHERE {condition_of(selection)}")[0]["n"])  # noqa: S608 - literals


def condition_of(selection: Selection) -> str:
    """A selection as a condition: texts as hexadecimal literals, values of params as digests."""
    parts = [f"site = {literal(selection.site)}", f"received <= {selection.upto:d}"]
    if selection.action is not None:
        parts.append(f"action = {literal(selection.action)}")
    if selection.since is not None:
        parts.append(f"time >= {selection.since:d}")
    if selection.until is not None:
        parts.append(f"time < {selection.until:d}")
    for name, value in selection.params:
        parts.append(PARAM_IS.format(name=literal(name), digest=digest_of_value(selection.site, value)))
    return " AND ".join(parts)


def literal(text: str) -> str:
    """Any text as SQL in which nothing can be misread."""
    return f"unhex('{text.encode().hex()}')"


def count_mentions(connection: Connection, site: str, texts: Sequence[str]) -> int:
    """How many events of a site name one of these texts as a whole value in their params."""
    quoted = [msgspec.json.encode(text).decode() for text in texts]
    return int(connection.rows(MENTIONS, {"site": site, "quoted": quoted})[0]["n"]) if quoted else 0


def still_listed(connection: Connection, table: str) -> set[str]:
    """The names of a table's old parts."""
    return {row["name"] for row in connection.rows(OLD_PARTS, {"table": table})}


def drop_old_parts(connection: Connection, table: str) -> None:
    """Have the parts deleted that the table no longer reads and that would lie there for minutes, and broken ones."""
    old = {row["name"]: Path(row["path"]) for row in connection.rows(OLD_PARTS, {"table": table})}
    connection.command(f"ALTER TABLE {table} MODIFY SETTING old_parts_lifetime = 1")
    try:
        for part in connection.rows(DETACHED, {"table": table}):
            # Set aside by a full disk; what was in them was loaded again.
            connection.command(
                f"ALTER TABLE {table} DROP DETACHED PART '{part['name']}' SETTINGS allow_drop_detached = 1"
            )
        deadline = time.monotonic() + GONE_WITHIN_S
        # A part leaves the list a moment before its files are deleted. Of a store elsewhere no file is seen here.
        while old.keys() & still_listed(connection, table) or any(path.exists() for path in old.values()):
            if time.monotonic() > deadline:
                raise NotGone(f"Old parts of {table} are still on the disk after {GONE_WITHIN_S:.0f} s.")
            time.sleep(LOOK_S)
    finally:
        connection.command(f"ALTER TABLE {table} RESET SETTING old_parts_lifetime")
