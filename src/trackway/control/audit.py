"""The audit log: who changed what, when, from what to what.

A line is written in the transaction of the change it tells of, so that neither can be there without the other. It must
never hold a secret.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, cast

import msgspec
from sqlalchemy import Connection, Engine, delete, insert, or_, select, text, update

from trackway.control.database import audit

SECRET_NAMES = frozenset({"secret", "secret_hash", "password", "password_hash", "token", "token_hash", "csrf", "totp"})
HIDDEN = "…"
PAGE_MAX = 1_000
DAY_MS = 86_400_000
LOGIN_LINES_DAYS = 400
"""How long the log says who logged in, who failed to, and who asked what by SQL."""
PASSING = ("login.", "sql.")
QUERY = "sql.run"

AuthorKind = Literal["user", "key", "command", "server"]


class Author(NamedTuple):
    """Who makes a change: a user by name, an API key by id, the command line, or the server itself."""

    kind: AuthorKind
    name: str = ""


COMMAND_LINE = Author("command")
SERVER = Author("server")


class Change(msgspec.Struct):
    """One line of the log. `before` and `after` hold what differs; None: there was nothing, or is nothing now."""

    number: int
    time: int
    who: Author
    site: str | None
    what: str
    before: Any
    after: Any


def note_change(  # noqa: PLR0913 - who, when, what, where, before, after
    connection: Connection,
    author: Author,
    now_ms: int,
    what: str,
    site: str | None,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    """Enter a change in the caller's transaction.

    `what` is noun.verb, such as `site.change`. `before` and `after` are JSON objects, None where a thing is made or
    taken away; only what differs is kept, and nothing at all where nothing differs.
    """
    old, new = hide_secrets(before), hide_secrets(after)
    if before is not None and after is not None:
        old, new = difference(old, new)
        if not old and not new and before == after:
            return
    connection.execute(
        insert(audit).values(
            time=now_ms, who_kind=author.kind, who=author.name, site=site, what=what, before=old, after=new
        )
    )


def note_deed(  # noqa: PLR0913 - who, when, what, where
    engine: Engine, author: Author, now_ms: int, what: str, site: str | None, told: Mapping[str, Any]
) -> None:
    """Enter something that was done and changed no control data: an erasure, a login."""
    with engine.begin() as connection:
        note_change(connection, author, now_ms, what, site, None, told)


def prune_logins(connection: Connection, now_ms: int) -> None:
    """Forget lines about logins and queries that are past their days; changes are kept for ever."""
    passing = or_(*(audit.c.what.startswith(begin) for begin in PASSING))
    old = (passing, audit.c.time < now_ms - LOGIN_LINES_DAYS * DAY_MS)
    connection.execute(delete(audit).where(*old))


def hide_queries(engine: Engine, site: str, needles: Sequence[str]) -> int:
    """Take the text out of queries of a site that name one of `needles`, in whatever case; how many. The lines stay."""
    wanted = [needle.lower() for needle in needles]
    hidden = 0
    with engine.begin() as connection:
        for row in connection.execute(select(audit).where(audit.c.site == site, audit.c.what == QUERY)).all():
            query = str(row.after.get("query", "")).lower()
            if any(needle in query for needle in wanted):
                after = row.after | {"query": HIDDEN}
                connection.execute(update(audit).where(audit.c.number == row.number).values(after=after))
                hidden += 1
    return hidden


def scrub(engine: Engine) -> None:
    """Leave no byte of what was taken out on the disk. Raises SQLAlchemyError or OSError while others are at it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM"))
        if connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]:
            raise OSError("the log of the control database cannot be emptied while it is read")


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of two objects differs, objects inside them compared the same way."""
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for name in [*before, *(name for name in after if name not in before)]:
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        if isinstance(was, dict) and isinstance(now, dict):
            was, now = difference(cast("dict[str, Any]", was), cast("dict[str, Any]", now))
        if name in before:
            old[name] = was
        if name in after:
            new[name] = now
    return old, new


def hide_secrets(value: Any) -> Any:
    """JSON in which nothing that is named like a secret has kept its value."""
    if isinstance(value, Mapping):
        named = cast("Mapping[str, Any]", value)
        return {name: HIDDEN if name in SECRET_NAMES else hide_secrets(item) for name, item in named.items()}
    if isinstance(value, list | tuple):
        return [hide_secrets(item) for item in cast("list[Any]", value)]
    return value


def list_changes(engine: Engine, site: str | None, limit: int, before: int | None = None) -> list[Change]:
    """The last changes, the newest first: of one site, or (None) of all. `before`: only lines with a lower number."""
    question = select(audit).order_by(audit.c.number.desc()).limit(min(limit, PAGE_MAX + 1))
    if site is not None:
        question = question.where(audit.c.site == site)
    if before is not None:
        question = question.where(audit.c.number < before)
    with engine.connect() as connection:
        return [
            Change(row.number, row.time, Author(row.who_kind, row.who), row.site, row.what, row.before, row.after)
            for row in connection.execute(question)
        ]
