"""Segments that people save of a site under a name. Every change is noted in the audit log."""

import secrets
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update

from trackway.control.audit import Author, note_change
from trackway.control.database import segments
from trackway.errors import RequestRefused

SEGMENTS_MAX = 200
"""Of one site."""


class SavedSegment(NamedTuple):
    """A segment as it is kept. `content` is JSON; times in ms."""

    id: str
    name: str
    content: Any
    created: int
    changed: int


def list_segments(engine: Engine, site: str) -> list[SavedSegment]:
    """Those of a site, by name."""
    with engine.connect() as connection:
        rows = connection.execute(select(segments).where(segments.c.site == site).order_by(func.lower(segments.c.name)))
        return [to_segment(row) for row in rows]


def find_segment(engine: Engine, site: str, segment: str) -> SavedSegment:
    """One of a site. Raises RequestRefused(not_found), also for another site's."""
    with engine.connect() as connection:
        return fetch(connection, site, segment)


def add_segment(  # noqa: PLR0913 - who, what, when
    engine: Engine, author: Author, site: str, name: str, content: Any, now_ms: int
) -> SavedSegment:
    """Keep a new one. Raises RequestRefused(conflict)."""
    made = SavedSegment(secrets.token_hex(6), name, content, now_ms, now_ms)
    with engine.begin() as connection:
        mine = select(func.count()).where(segments.c.site == site)
        if connection.execute(mine).scalar_one() >= SEGMENTS_MAX:
            raise RequestRefused("conflict", f"A site has at most {SEGMENTS_MAX} segments; delete one first.")
        check_free(connection, site, name, made.id)
        connection.execute(insert(segments).values(site=site, **made._asdict()))
        note_change(connection, author, now_ms, "segment.add", site, None, told(made))
    return made


def change_segment(  # noqa: PLR0913 - who, what, when
    engine: Engine, author: Author, site: str, segment: str, name: str, content: Any, now_ms: int
) -> SavedSegment:
    """Keep another name and content in its place. Raises RequestRefused(not_found, conflict)."""
    with engine.begin() as connection:
        before = fetch(connection, site, segment)
        check_free(connection, site, name, segment)
        after = before._replace(name=name, content=content, changed=now_ms)
        values = {"name": name, "content": content, "changed": now_ms}
        connection.execute(update(segments).where(segments.c.id == segment).values(**values))
        note_change(connection, author, now_ms, "segment.change", site, told(before), told(after))
    return after


def remove_segment(engine: Engine, author: Author, site: str, segment: str, now_ms: int) -> None:
    """Delete one. Raises RequestRefused(not_found)."""
    with engine.begin() as connection:
        before = fetch(connection, site, segment)
        connection.execute(delete(segments).where(segments.c.id == segment))
        note_change(connection, author, now_ms, "segment.remove", site, told(before), None)


def fetch(connection: Connection, site: str, segment: str) -> SavedSegment:
    """One of a site. Raises RequestRefused(not_found)."""
    row = connection.execute(select(segments).where(segments.c.id == segment, segments.c.site == site)).one_or_none()
    if row is None:
        raise RequestRefused("not_found", f"Site {site} has no segment {segment[:64]!r}.", "segment")
    return to_segment(row)


def check_free(connection: Connection, site: str, name: str, segment: str) -> None:
    """Raise RequestRefused(conflict) where another one of the site has that name."""
    named = select(segments.c.id).where(segments.c.site == site, func.lower(segments.c.name) == name.lower())
    if any(row.id != segment for row in connection.execute(named)):
        raise RequestRefused("conflict", f"The site has a segment named {name!r} already.", "name")


def told(saved: SavedSegment) -> dict[str, Any]:
    """One as the audit log holds it."""
    return {"id": saved.id, "name": saved.name, "content": saved.content}


def to_segment(row: Row[Any]) -> SavedSegment:
    """One from its table row."""
    return SavedSegment(row.id, row.name, row.content, row.created, row.changed)
