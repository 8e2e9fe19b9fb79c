"""What people save of a site under a name: segments and dashboards. One table each, of one shape; changes are noted."""

import secrets
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, Table, delete, func, insert, select, update

from trackway.control.audit import Author, note_change
from trackway.control.database import dashboards, segments
from trackway.errors import RequestRefused

SEGMENTS_MAX = 200
DASHBOARDS_MAX = 200
"""Of one site."""


class Kind(NamedTuple):
    """A kind of saved thing: what it is called, where it is kept, how many a site may have."""

    name: str
    table: Table
    most: int


SEGMENTS = Kind("segment", segments, SEGMENTS_MAX)
DASHBOARDS = Kind("dashboard", dashboards, DASHBOARDS_MAX)


class Saved(NamedTuple):
    """One of them. `content` is JSON; times in ms."""

    id: str
    name: str
    content: Any
    created: int
    changed: int


def list_saved(engine: Engine, kind: Kind, site: str) -> list[Saved]:
    """Those of a site, by name."""
    table = kind.table
    with engine.connect() as connection:
        rows = connection.execute(select(table).where(table.c.site == site).order_by(func.lower(table.c.name)))
        return [to_saved(row) for row in rows]


def find_saved(engine: Engine, kind: Kind, site: str, number: str) -> Saved:
    """One of a site. Raises RequestRefused(not_found), also for another site's."""
    with engine.connect() as connection:
        return fetch(connection, kind, site, number)


def save(  # noqa: PLR0913 - who, what, when
    engine: Engine, author: Author, kind: Kind, site: str, name: str, content: Any, now_ms: int
) -> Saved:
    """Keep a new one. Raises RequestRefused(conflict)."""
    table, made = kind.table, Saved(secrets.token_hex(6), name, content, now_ms, now_ms)
    with engine.begin() as connection:
        mine = select(func.count()).where(table.c.site == site)
        if connection.execute(mine).scalar_one() >= kind.most:
            raise RequestRefused("conflict", f"A site has at most {kind.most} {kind.name}s; delete one first.")
        check_free(connection, kind, site, name, made.id)
        connection.execute(insert(table).values(site=site, **made._asdict()))
        note_change(connection, author, now_ms, f"{kind.name}.add", site, None, told(made))
    return made


def change_saved(  # noqa: PLR0913 - who, what, when
    engine: Engine, author: Author, kind: Kind, site: str, number: str, name: str, content: Any, now_ms: int
) -> Saved:
    """Keep another name and content in its place. Raises RequestRefused(not_found, conflict)."""
    with engine.begin() as connection:
        before = fetch(connection, kind, site, number)
        check_free(connection, kind, site, name, number)
        after = before._replace(name=name, content=content, changed=now_ms)
        values = {"name": name, "content": content, "changed": now_ms}
        connection.execute(update(kind.table).where(kind.table.c.id == number).values(**values))
        note_change(connection, author, now_ms, f"{kind.name}.change", site, told(before), told(after))
    return after


def forget_saved(  # noqa: PLR0913 - who, what, when
    engine: Engine, author: Author, kind: Kind, site: str, number: str, now_ms: int
) -> None:
    """Delete one. Raises RequestRefused(not_found)."""
    with engine.begin() as connection:
        before = fetch(connection, kind, site, number)
        connection.execute(delete(kind.table).where(kind.table.c.id == number))
        note_change(connection, author, now_ms, f"{kind.name}.remove", site, told(before), None)


def fetch(connection: Connection, kind: Kind, site: str, number: str) -> Saved:
    """One of a site. Raises RequestRefused(not_found)."""
    table = kind.table
    row = connection.execute(select(table).where(table.c.id == number, table.c.site == site)).one_or_none()
    if row is None:
        raise RequestRefused("not_found", f"Site {site} has no {kind.name} {number[:64]!r}.", kind.name)
    return to_saved(row)


def check_free(connection: Connection, kind: Kind, site: str, name: str, number: str) -> None:
    """Raise RequestRefused(conflict) where another one of the site has that name."""
    table = kind.table
    named = select(table.c.id).where(table.c.site == site, func.lower(table.c.name) == name.lower())
    if any(row.id != number for row in connection.execute(named)):
        raise RequestRefused("conflict", f"The site has a {kind.name} named {name!r} already.", "name")


def told(saved: Saved) -> dict[str, Any]:
    """One as the audit log holds it."""
    return {"id": saved.id, "name": saved.name, "content": saved.content}


def to_saved(row: Row[Any]) -> Saved:
    """One from its table row."""
    return Saved(row.id, row.name, row.content, row.created, row.changed)
