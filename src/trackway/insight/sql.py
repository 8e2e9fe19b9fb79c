"""The SQL console: a person's own question to their site's events, within the engine's rights and limits.

A query takes three steps: the engine reads it and gives its tree; the tree is checked; the engine runs what it wrote
out of that tree, never the text as it came. The connection is new for each query and can read one site's views
(`store/console.py`).
"""

import asyncio
import contextlib
import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
from clickhouse_connect.driver.exceptions import ClickHouseError

from trackway.errors import RequestRefused
from trackway.insight.grammar import Functions, allowed_functions, check_tree
from trackway.store.console import Confines, confined, stop
from trackway.store.pool import MEMORY_CODE, TIMEOUT_CODE, Connection, Pool

QUERY_CHARACTERS_MAX = 20_000
ROWS_MAX = 10_000
"""Rows in an answer that is shown."""
FILE_ROWS_MAX = 100_000
"""Rows in a file."""
AT_ONCE = 2
WAITING_MAX = 8
RUNS_PER_MINUTE = 300
CANCELLED_CODE, RESULT_CODE = 394, 396
SAFE_INTEGER = 2**53

READ = """
SELECT formatQuerySingleLine({query:String}) AS text, parseQueryToJSON({query:String}) AS tree,
    formatQueryFromJSON(tree) = text AS whole
"""
FUNCTIONS = "SELECT name, alias_to, is_aggregate, categories FROM system.functions"
COMBINATORS = "SELECT name FROM system.aggregate_function_combinators"
POSITION = re.compile(r"failed at position (\d+)")
WORDS_OF_ENGINE = re.compile(r"^(?:Code: \d+\. |DB::Exception: )+|\s*\(version [^)]*\)|\s*\([A-Z_0-9]+\)\.?\s*$")

Answer = TypeVar("Answer")


class Column(msgspec.Struct):
    """A column of an answer: its name, and ClickHouse's type of it."""

    name: str
    type: str


class Result(msgspec.Struct):
    """An answer. `rows` has a list for each row; whole numbers that JSON's readers would round are text.

    `truncated`: there were more rows than an answer has.
    """

    columns: list[Column]
    rows: list[list[Any]]
    rows_read: int
    took_ms: int
    truncated: bool


class Statistics(msgspec.Struct):
    """What the engine tells of a query."""

    rows_read: int = 0


class Told(msgspec.Struct):
    """An answer in the engine's format JSONCompact."""

    meta: list[Column]
    data: list[list[Any]]
    statistics: Statistics = msgspec.field(default_factory=Statistics)


_told_decoder = msgspec.json.Decoder(Told)


class Console:
    """Runs queries, a few at once, on threads of its own: they never take a reader from the pages."""

    def __init__(self, pool: Pool, timeout_s: int, memory_mb: int) -> None:
        self._pool = pool
        self._confines = Confines(timeout_s, memory_mb, max(1, (os.cpu_count() or 1) // 2), ROWS_MAX)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sql-console")
        self._lock = threading.Lock()
        self._under_way: dict[tuple[str, str], bool] = {}
        """Site and run → whether it was cancelled."""
        self._begun = deque[float](maxlen=RUNS_PER_MINUTE)
        self._functions: Functions | None = None

    async def ask(self, site: str, query: str, run: str, rows: int = ROWS_MAX) -> Result:
        """Run a query. `run` names it for `cancel`.

        Raises RequestRefused(query_invalid, query_stopped, rate_limited, conflict, sql_unavailable).
        """
        return await self._take_turn(site, run, lambda: self._answer(site, query, run, rows))

    async def file(self, site: str, query: str, run: str, form: str) -> bytes:
        """A query's rows as a file that the engine writes: `form` is a name of ClickHouse's. Raises as `ask`."""
        return await self._take_turn(
            site, run, lambda: self._run(site, query, run, FILE_ROWS_MAX, lambda lines, sql: lines(sql, form=form))
        )

    async def cancel(self, site: str, run: str) -> None:
        """Stop a query that waits or runs. Raises RequestRefused(not_found) where there is none of that name."""
        with self._lock:
            if (site, run) not in self._under_way:
                raise RequestRefused("not_found", "There is no such query; it may have ended.")
            self._under_way[site, run] = True
        await self._pool.use(lambda connection: stop(connection, site, run))

    def close(self) -> None:
        """Let running queries end: their time is limited."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def _take_turn(self, site: str, run: str, work: Callable[[], Answer]) -> Answer:
        self._enter(site, run)
        answer = self._threads.submit(work)
        answer.add_done_callback(lambda _: self._leave(site, run))
        try:
            return await asyncio.wrap_future(answer)
        except asyncio.CancelledError:  # whoever asked has left
            with contextlib.suppress(RequestRefused):
                await self.cancel(site, run)
            raise

    def _leave(self, site: str, run: str) -> None:
        with self._lock:
            del self._under_way[site, run]

    def _enter(self, site: str, run: str) -> None:
        now = time.monotonic()
        with self._lock:
            if not self._pool.is_in_process:
                raise RequestRefused(
                    "sql_unavailable", "The SQL console works on the built-in store, not with store_dsn."
                )
            if (site, run) in self._under_way:
                raise RequestRefused("conflict", "A query of this name is running; give each its own.", "run")
            if len(self._under_way) >= AT_ONCE + WAITING_MAX:
                raise RequestRefused(
                    "rate_limited", "Many queries are waiting; try again in a moment.", retry_after_s=5
                )
            if len(self._begun) == RUNS_PER_MINUTE and now - self._begun[0] < 60:
                raise RequestRefused("rate_limited", f"At most {RUNS_PER_MINUTE} queries a minute.", retry_after_s=10)
            self._begun.append(now)
            self._under_way[site, run] = False

    def _answer(self, site: str, query: str, run: str, rows: int) -> Result:
        began = time.monotonic()
        told = _told_decoder.decode(
            self._run(site, query, run, rows, lambda lines, sql: lines(sql, form="JSONCompact"))
        )
        shown = [[show_cell(cell) for cell in row] for row in told.data[:rows]]
        took_ms = round((time.monotonic() - began) * 1000)
        return Result(told.meta, shown, told.statistics.rows_read, took_ms, len(told.data) > rows)

    def _run(self, site: str, query: str, run: str, rows: int, ask: Callable[[Any, str], Answer]) -> Answer:
        connection = confined(self._pool, site, run, self._confines._replace(rows=rows))
        try:
            text = self._read(connection, query)
            if self._under_way[site, run]:
                raise cancelled()
            return ask(connection.lines, text)
        except ClickHouseError as error:
            raise self._explain(error, query, self._under_way[site, run]) from error
        finally:
            connection.close()

    def _read(self, connection: Connection, query: str) -> str:
        """The query as the engine writes it, checked."""
        found = connection.rows(READ, {"query": query})[0]
        self._functions = self._functions or self._list_functions(connection)
        check_tree(msgspec.json.decode(found["tree"]), self._functions)
        if not found["whole"]:
            raise RequestRefused(
                "query_invalid", "The store cannot tell all that this query says; put it simpler.", "query"
            )
        return str(found["text"])

    def _list_functions(self, connection: Connection) -> Functions:
        names = [row["name"] for row in connection.rows(COMBINATORS)]
        return allowed_functions(connection.rows(FUNCTIONS), names)

    def _explain(self, error: ClickHouseError, query: str, was_cancelled: bool) -> RequestRefused:
        code = getattr(error, "code", None)
        if code == CANCELLED_CODE or was_cancelled:
            return cancelled()
        if code == TIMEOUT_CODE:
            return RequestRefused(
                "query_stopped", f"The query took longer than {self._confines.timeout_s} s; ask for less."
            )
        if code in (MEMORY_CODE, RESULT_CODE):
            return RequestRefused(
                "query_stopped", f"The query took more memory than {self._confines.memory_mb} MiB; ask for less."
            )
        return explain(str(error), query)


def cancelled() -> RequestRefused:
    """The refusal of a query that somebody stopped."""
    return RequestRefused("query_stopped", "The query was cancelled.")


def explain(words: str, query: str) -> RequestRefused:
    """What the engine says is wrong, with the place: `field` is query[n], n being the character from 0. Pure."""
    said = words
    while (shorter := WORDS_OF_ENGINE.sub("", said)) != said:
        said = shorter
    # The engine also quotes our own question around the query.
    said = said.split(": In scope SELECT formatQuerySingleLine(", 1)[0].strip()
    at = POSITION.search(said)
    if at is None:
        return RequestRefused("query_invalid", said, "query")
    before = query.encode()[: int(at[1]) - 1].decode(errors="ignore")
    place = f"Line {before.count(chr(10)) + 1}, column {len(before) - (before.rfind(chr(10)) + 1) + 1}"
    return RequestRefused("query_invalid", f"{place}: {said}", f"query[{len(before)}]")


def show_cell(cell: Any) -> Any:
    """A cell as JSON's readers can take it: whole numbers past 2^53 as text, inside arrays and maps too."""
    if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) > SAFE_INTEGER:
        return str(cell)
    if isinstance(cell, list):
        return [show_cell(one) for one in cell]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(cell, dict):
        return {name: show_cell(one) for name, one in cell.items()}  # pyright: ignore[reportUnknownVariableType]
    return cell
