"""Connections to the store. Queries on one chDB connection run one after another, so each thread has its own.

The loader has a connection to itself; readers share a few, and heavy questions may take only some of those.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, nullcontext
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import clickhouse_connect
import msgspec
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from trackway.errors import RequestRefused

STORE_NAME = "store"
"""The store's folder inside the data folder."""
DATABASE = "trackway"
MIB = 1024 * 1024
# Set once for a connection: given with a call, chDB's client sets and resets them by statements of their own.
SETTINGS = {
    "output_format_json_quote_64bit_integers": 0,
    "input_format_skip_unknown_fields": 0,
    "max_query_size": 4 * 1024 * 1024,
}
ACCESS_FILES = {"config-file": "engine.xml", "users_config": "users.xml"}
"""What chDB is told of users and rights, in `access/`."""
TIMEOUT_CODE, MEMORY_CODE = 159, 241

Answer = TypeVar("Answer")
_rows_decoder = msgspec.json.Decoder(dict[str, Any])


class Connection:
    """One connection, for one thread at a time. Raises clickhouse_connect's ClickHouseError."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run a statement that gives no rows."""
        self._client.command(sql, parameters=dict(parameters or {}))

    def lines(self, sql: str, parameters: Mapping[str, Any] | None = None, form: str = "JSONEachRow") -> bytes:
        """A query's rows as lines of JSON, or in another of ClickHouse's output formats."""
        return self._client.raw_query(sql, parameters=dict(parameters or {}), fmt=form)

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """A query's rows. Values go in as `{name:Type}` parameters, never as text."""
        return _rows_decoder.decode_lines(self.lines(sql, parameters))

    def insert(self, table: str, lines: bytes) -> None:
        """Insert lines of JSON: one part, on disk when this returns."""
        self._client.raw_insert(table, insert_block=lines, fmt="JSONEachRow")

    def close(self) -> None:
        """Let go of it."""
        self._client.close()


class ReadLimits(NamedTuple):
    """How many readers at once, how many of them with heavy questions, and when a question is stopped."""

    readers: int = 4
    heavy: int = 2
    timeout_s: int = 60
    memory_mb: int = 2048


class Pool:
    """Opens connections to one store, and answers readers' questions on a few of them."""

    def __init__(self, data: Path, dsn: str = "", limits: ReadLimits | None = None) -> None:
        limits = limits or ReadLimits()
        self.is_in_process = not dsn or dsn.startswith("chdb:")
        """Whether the store is chDB here, and not a server elsewhere."""
        self._dsn = dsn or f"chdb://{(data / STORE_NAME).resolve()}"
        self._query_settings = {
            "max_execution_time": limits.timeout_s,
            "max_memory_usage": limits.memory_mb * MIB,
        }
        self._threads = ThreadPoolExecutor(limits.readers, thread_name_prefix="store-reader")
        self._own = threading.local()
        self._opened: list[Connection] = []
        self._heavy_most = limits.heavy
        self._heavy: asyncio.Semaphore | None = None
        first = self._client(None)
        first.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
        first.close()

    def connect(self, reader: bool = False) -> Connection:
        """A new connection; the caller closes it."""
        client = self._client(DATABASE)
        for name, value in (SETTINGS | self._query_settings if reader else SETTINGS).items():
            client.set_client_setting(name, value)
        return Connection(client)

    def _client(self, database: str | None) -> Client:
        # Over HTTP a session would run a client's queries one after another; chDB has none to switch off.
        extra: dict[str, Any] = {"autogenerate_session_id": False}
        if self.is_in_process:
            access = files("trackway.store.access")
            # The engine takes these when its first connection is opened.
            extra = {"chdb_options": {name: str(access.joinpath(file)) for name, file in ACCESS_FILES.items()}}
        return clickhouse_connect.get_client(dsn=self._dsn, database=database, **extra)

    async def rows(
        self, sql: str, parameters: Mapping[str, Any] | None = None, heavy: bool = False
    ) -> list[dict[str, Any]]:
        """A reader's question. `heavy` ones wait for each other, so that light ones always find a connection."""
        return _rows_decoder.decode_lines(await self.lines(sql, parameters, heavy))

    async def lines(self, sql: str, parameters: Mapping[str, Any] | None = None, heavy: bool = False) -> bytes:
        """A reader's question, answered as lines of JSON. Raises RequestRefused(query_stopped) at its limits."""
        self._heavy = self._heavy or asyncio.Semaphore(self._heavy_most)
        turn: AbstractAsyncContextManager[Any] = self._heavy if heavy else nullcontext()
        async with turn:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, sql, parameters)

    async def use(self, questions: Callable[[Connection], Answer]) -> Answer:
        """Ask several questions in a row on one of the readers' connections."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: self._limited(lambda: questions(self._connection()))
        )

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self.connect(reader=True)
            self._opened.append(connection)
        return connection

    def _ask(self, sql: str, parameters: Mapping[str, Any] | None) -> bytes:
        return self._limited(lambda: self._connection().lines(sql, parameters))

    def _limited(self, ask: Callable[[], Answer]) -> Answer:
        try:
            return ask()
        except ClickHouseError as error:
            if getattr(error, "code", None) in (TIMEOUT_CODE, MEMORY_CODE):
                raise RequestRefused(
                    "query_stopped",
                    "The question took too long or too much memory; ask for a shorter time range.",
                ) from error
            raise

    def close(self) -> None:
        """Wait for running questions, then close the readers' connections."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        for connection in self._opened:
            connection.close()
