"""Definitions of a site's actions, as declared. Every change is checked whole before anything is written."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, delete, func, insert, select

from trackway.control.database import definitions
from trackway.definition import DEFINITIONS_MAX, Definition, check_definition
from trackway.errors import RequestRefused


def list_definitions(engine: Engine, site: str | None = None) -> list[tuple[str, Definition]]:
    """The declared definitions of a site, or of all, with the site; by action."""
    wanted = select(definitions).order_by(definitions.c.action)
    with engine.connect() as connection:
        rows = connection.execute(wanted if site is None else wanted.where(definitions.c.site == site))
        return [(row.site, to_definition(row)) for row in rows]


def put_definitions(engine: Engine, site: str, declared: Sequence[Definition], gone: Sequence[str] = ()) -> None:
    """Declare actions, in place of what was declared of them, and forget those in `gone`: all of it or nothing.

    Raises RequestRefused(invalid_parameter, conflict).
    """
    for one in declared:
        check_definition(one)
    with engine.begin() as connection:
        remove(connection, site, [*gone, *(one.action for one in declared)])
        rows = [{"site": site, "action": one.action, "content": to_content(one)} for one in declared]
        if rows:
            connection.execute(insert(definitions), rows)
        mine = select(func.count()).where(definitions.c.site == site)
        if connection.execute(mine).scalar_one() > DEFINITIONS_MAX:
            raise RequestRefused("conflict", f"A site declares at most {DEFINITIONS_MAX:,} actions; delete some first.")


def delete_definition(engine: Engine, site: str, action: str) -> None:
    """Forget what was declared of an action. Raises RequestRefused(not_found)."""
    with engine.begin() as connection:
        if not remove(connection, site, [action]):
            raise RequestRefused("not_found", f"Site {site} declares no action {action!r}.")


def remove(connection: Connection, site: str, actions: Sequence[str]) -> int:
    """Delete definitions; how many there were."""
    mine = (definitions.c.site == site, definitions.c.action.in_(actions))
    return connection.execute(delete(definitions).where(*mine)).rowcount


def to_content(definition: Definition) -> dict[str, Any]:
    """A definition without its action, as it is kept."""
    content = msgspec.structs.asdict(definition)
    del content["action"]
    return content


def to_definition(row: Row[Any]) -> Definition:
    """A definition from its table row."""
    return msgspec.convert({"action": row.action, **row.content}, Definition)
