"""What people save of a site under a name: segments, dashboards. Every change is noted in the audit log."""

import secrets
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, Table, delete, func, insert, select, update

from trackway.control.audit import Author, note_change
from trackway.control.database import dashboards, segments
from trackway.dashboard import DASHBOARDS_MAX
from trackway.errors import RequestRefused
from trackway.segment import SEGMENTS_MAX

OVERTAKEN = (
    "This {0} was changed by somebody else meanwhile. Read it again and put your change into what is there now, or "
    "send it without `changed` to replace whatever is there."
)


class Saved(NamedTuple):
    """One as it is kept. `content` is JSON; times in ms."""

    id: str
    name: str
    content: Any
    created: int
    changed: int


@dataclass(frozen=True)
class Shelf:
    """Where those of one kind are kept. `noun`: what one is called; `most`: as many may a site have."""

    table: Table
    noun: str
    most: int

    def list(self, engine: Engine, site: str) -> list[Saved]:
        """Those of a site, by name."""
        mine = select(self.table).where(self.table.c.site == site).order_by(func.lower(self.table.c.name))
        with engine.connect() as connection:
            return [to_saved(row) for row in connection.execute(mine)]

    def find(self, engine: Engine, site: str, one: str) -> Saved:
        """One of a site, by its id. Raises RequestRefused(not_found), also for another site's."""
        with engine.connect() as connection:
            return self._fetch(connection, site, one)

    def add(  # noqa: PLR0913 - who, what, when
        self, engine: Engine, author: Author, site: str, name: str, content: Any, now_ms: int
    ) -> Saved:
        """Keep a new one. Raises RequestRefused(conflict)."""
        made = Saved(secrets.token_hex(6), name, content, now_ms, now_ms)
        with engine.begin() as connection:
            mine = select(func.count()).where(self.table.c.site == site)
            if connection.execute(mine).scalar_one() >= self.most:
                raise RequestRefused("conflict", f"A site has at most {self.most} {self.noun}s; delete one first.")
            self._check_free(connection, site, name, made.id)
            connection.execute(insert(self.table).values(site=site, **made._asdict()))
            note_change(connection, author, now_ms, f"{self.noun}.add", site, None, told(made))
        return made

    def change(  # noqa: PLR0913 - who, what, when
        self,
        engine: Engine,
        author: Author,
        site: str,
        one: str,
        name: str,
        content: Any,
        now_ms: int,
        seen: int | None = None,
    ) -> Saved:
        """Keep another name and content in its place. `seen`: when it had been changed last, of what this change was
        made on; None: whatever is there. Raises RequestRefused(not_found, conflict).
        """
        with engine.begin() as connection:
            before = self._fetch(connection, site, one)
            # No two changes of one have the same time, so that it says which of them somebody has seen.
            after = before._replace(name=name, content=content, changed=max(now_ms, before.changed + 1))
            values = {"name": name, "content": content, "changed": after.changed}
            mine = (self.table.c.id == one) & (self.table.c.changed == (before.changed if seen is None else seen))
            if connection.execute(update(self.table).where(mine).values(**values)).rowcount == 0:
                raise RequestRefused("conflict", OVERTAKEN.format(self.noun), "changed")
            self._check_free(connection, site, name, one)
            note_change(connection, author, now_ms, f"{self.noun}.change", site, told(before), told(after))
        return after

    def remove(self, engine: Engine, author: Author, site: str, one: str, now_ms: int) -> None:
        """Delete one. Raises RequestRefused(not_found)."""
        with engine.begin() as connection:
            before = self._fetch(connection, site, one)
            connection.execute(delete(self.table).where(self.table.c.id == one))
            note_change(connection, author, now_ms, f"{self.noun}.remove", site, told(before), None)

    def _fetch(self, connection: Connection, site: str, one: str) -> Saved:
        found = select(self.table).where(self.table.c.id == one, self.table.c.site == site)
        row = connection.execute(found).one_or_none()
        if row is None:
            raise RequestRefused("not_found", f"Site {site} has no {self.noun} {one[:64]!r}.", self.noun)
        return to_saved(row)

    def _check_free(self, connection: Connection, site: str, name: str, one: str) -> None:
        named = select(self.table.c.id).where(self.table.c.site == site, func.lower(self.table.c.name) == name.lower())
        if any(row.id != one for row in connection.execute(named)):
            raise RequestRefused("conflict", f"The site has a {self.noun} named {name!r} already.", "name")


SEGMENTS = Shelf(segments, "segment", SEGMENTS_MAX)
DASHBOARDS = Shelf(dashboards, "dashboard", DASHBOARDS_MAX)


def told(saved: Saved) -> dict[str, Any]:
    """One as the audit log holds it."""
    return {"id": saved.id, "name": saved.name, "content": saved.content}


def to_saved(row: Row[Any]) -> Saved:
    """One from its table row."""
    return Saved(row.id, row.name, row.content, row.created, row.changed)
