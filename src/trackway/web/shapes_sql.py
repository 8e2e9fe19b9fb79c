"""The shapes of the SQL console's routes."""

from typing import Annotated, Any

import msgspec

from trackway.insight.sql import QUERY_CHARACTERS_MAX


class NewSql(msgspec.Struct, forbid_unknown_fields=True):
    """A query: one SELECT over the tables of `GET /sites/{site}/sql`. `run` names it, for cancelling it."""

    query: Annotated[str, msgspec.Meta(min_length=1, max_length=QUERY_CHARACTERS_MAX)]
    run: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-zA-Z-]{1,64}$")] | None = None


class SqlColumn(msgspec.Struct):
    """A column of an answer, with ClickHouse's type."""

    name: str
    type: str


class SqlResult(msgspec.Struct):
    """The rows of a query, a list for each. Whole numbers past 2^53 are text. `truncated`: there were more rows."""

    columns: list[SqlColumn]
    rows: list[list[Any]]
    rows_read: int
    took_ms: int
    truncated: bool


class SqlTableColumn(msgspec.Struct):
    """A column that can be asked for, and what it means."""

    name: str
    meaning: str


class SqlTable(msgspec.Struct):
    """A table that can be asked."""

    name: str
    meaning: str
    columns: list[SqlTableColumn]


class SqlLimits(msgspec.Struct):
    """How far a query may go. A file may have more rows than an answer."""

    rows: int
    file_rows: int
    seconds: int
    memory_mb: int


class SqlTables(msgspec.Struct):
    """What can be asked, and how far a query may go."""

    tables: list[SqlTable]
    limits: SqlLimits
