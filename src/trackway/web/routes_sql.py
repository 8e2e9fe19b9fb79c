"""The SQL console: a query in, rows or a file out. Each one is in the audit log before it runs."""

import asyncio
import uuid
from typing import Annotated, Literal, cast

import msgspec
from litestar import MediaType, delete, get, post
from litestar.params import QueryParameter
from litestar.response import Response

from trackway.control.audit import QUERY, note_deed
from trackway.control.directory import now_ms
from trackway.insight.sql import FILE_ROWS_MAX, ROWS_MAX
from trackway.store.console import TABLES
from trackway.tables.flat import MEDIA_TYPES, as_csv
from trackway.web.access import Access
from trackway.web.shapes_sql import NewSql, SqlLimits, SqlResult, SqlTable, SqlTableColumn, SqlTables

Form = Annotated[
    Literal["json", "csv", "parquet"],
    QueryParameter(name="format", description="`csv` and `parquet`: a file of the rows."),
]


@get("/sites/{site:str}/sql", tags=["sql"], summary="The tables of the SQL console")
async def read_sql_tables(access: Access, site: str) -> SqlTables:
    """Tables and columns with what they mean, and the limits of a query."""
    access.site(site, "sql")
    tables = [
        SqlTable(table.name, table.meaning, [SqlTableColumn(one.name, one.meaning) for one in table.columns])
        for table in TABLES
    ]
    config = access.parts.config
    limits = SqlLimits(ROWS_MAX, FILE_ROWS_MAX, config.whole("sql_timeout_s"), config.whole("sql_memory_mb"))
    return SqlTables(tables, limits)


@post("/sites/{site:str}/sql", tags=["sql"], summary="Ask by SQL", status_code=200)
async def run_sql(access: Access, site: str, data: NewSql, file_format: Form = "json") -> Response[SqlResult]:
    """One SELECT over this site's `events`, `customers` and `sessions`, in ClickHouse's SQL. Nothing can be changed,
    and no other site be read: the store itself holds that, and the limits of time, memory and rows. What is wrong with
    a query is answered `query_invalid`; `field` is `query[n]` where its place is known (the character, from 0).
    """
    mine, parts = access.site(site, "sql").id, access.parts
    told = {"query": data.query, "format": file_format}
    await asyncio.to_thread(note_deed, parts.engine, access.author, now_ms(), QUERY, mine, told)
    run = data.run or uuid.uuid4().hex
    if file_format == "json":
        answer = await parts.console.ask(mine, data.query, run)
        return cast("Response[SqlResult]", Response(msgspec.json.encode(answer), media_type=MediaType.JSON))
    if file_format == "csv":
        found = await parts.console.ask(mine, data.query, run, FILE_ROWS_MAX)
        content = await asyncio.to_thread(as_csv, [column.name for column in found.columns], found.rows)
    else:
        content = await parts.console.file(mine, data.query, run, "Parquet")
    headers = {"content-disposition": f'attachment; filename="sql-{mine}.{file_format}"'}
    return cast("Response[SqlResult]", Response(content, media_type=MEDIA_TYPES[file_format], headers=headers))


@delete("/sites/{site:str}/sql/{run:str}", tags=["sql"], summary="Stop a query")
async def cancel_sql(access: Access, site: str, run: str) -> None:
    """The query that was sent with this `run`; it is then answered `query_stopped`."""
    await access.parts.console.cancel(access.site(site, "sql").id, run)
