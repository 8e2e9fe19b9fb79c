"""Definitions of a site's actions, as declared. Every change is checked whole before anything is written."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, delete, func, insert, select

from trackway.control.audit import Author, note_change
from trackway.control.database import definitions
from trackway.definition import DEFINITIONS_MAX, Definition, check_definition
from trackway.errors import RequestRefused


def list_definitions(engine: Engine, site: str | None = None) -> list[tuple[str, Definition]]:
    """The declared definitions of a site, or of all, with the site; by action."""
    wanted = select(definitions).order_by(definitions.c.action)
    with engine.connect() as connection:
        rows = connection.execute(wanted if site is None else wanted.where(definitions.c.site == site))
        return [(row.site, to_definition(row)) for row in rows]


def put_definitions(  # noqa: PLR0913 - who, what, when
    engine: Engine,
    author: Author,
    site: str,
    declared: Sequence[Definition],
    now_ms: int,
    gone: Sequence[str] = (),
) -> None:
    """Declare actions, in place of what was declared of them, and forget those in `gone`: all of it or nothing.

    Raises RequestRefused(invalid_parameter, conflict).
    """
    with engine.begin() as connection:
        write_definitions(connection, author, site, declared, now_ms, gone)


def write_definitions(  # noqa: PLR0913 - who, what, when
    connection: Connection,
    author: Author,
    site: str,
    declared: Sequence[Definition],
    now_ms: int,
    gone: Sequence[str] = (),
) -> None:
    """The same in the caller's transaction."""
    for one in declared:
        check_definition(one)
    before = remove(connection, site, [*gone, *(one.action for one in declared)])
    rows = [{"site": site, "action": one.action, "content": to_content(one)} for one in declared]
    if rows:
        connection.execute(insert(definitions), rows)
    mine = select(func.count()).where(definitions.c.site == site)
    if connection.execute(mine).scalar_one() > DEFINITIONS_MAX:
        raise RequestRefused("conflict", f"A site declares at most {DEFINITIONS_MAX:,} actions; delete some first.")
    after = {one.action: named(one) for one in declared}
    for action in [*after, *(action for action in before if action not in after)]:
        what = "definition.put" if action in after else "definition.remove"
        note_change(connection, author, now_ms, what, site, before.get(action), after.get(action))


def delete_definition(engine: Engine, author: Author, site: str, action: str, now_ms: int) -> None:
    """Forget what was declared of an action. Raises RequestRefused(not_found)."""
    with engine.begin() as connection:
        before = remove(connection, site, [action])
        if not before:
            raise RequestRefused("not_found", f"Site {site} declares no action {action!r}.")
        note_change(connection, author, now_ms, "definition.remove", site, before[action], None)


def remove(connection: Connection, site: str, actions: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Delete definitions; what they were, by action, for the audit log."""
    mine = (definitions.c.site == site, definitions.c.action.in_(actions))
    before = {row.action: named(to_definition(row)) for row in connection.execute(select(definitions).where(*mine))}
    connection.execute(delete(definitions).where(*mine))
    return before


def named(definition: Definition) -> dict[str, Any]:
    """A definition as the audit log holds it."""
    return msgspec.structs.asdict(definition)


def to_content(definition: Definition) -> dict[str, Any]:
    """A definition without its action, as it is kept."""
    content = msgspec.structs.asdict(definition)
    del content["action"]
    return content


def to_definition(row: Row[Any]) -> Definition:
    """A definition from its table row."""
    return msgspec.convert({"action": row.action, **row.content}, Definition)
