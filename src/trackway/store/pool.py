"""Connections to the store. Queries on one chDB connection run one after another, so each thread has its own.

The loader has a connection to itself; readers share a few, and heavy questions may take only some of those. A question
whose asker is cancelled is ended in the engine too.
"""

import asyncio
import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import clickhouse_connect
import msgspec
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from trackway.errors import RequestRefused
from trackway.store.given_up import Asked, Stopping

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
FIND = "SELECT query_id FROM system.processes WHERE Settings['log_comment'] = {name:String}"
KILL = "KILL QUERY WHERE query_id = {id:String} ASYNC"

Answer = TypeVar("Answer")
Prepare = Callable[[Callable[[str], object]], None]
"""What is done to a connection before it is used, by statements."""
_rows_decoder = msgspec.json.Decoder(dict[str, Any])


def nothing(_: Callable[[str], object]) -> None:
    """A connection that needs no preparing."""


class Connection:
    """One connection, for one thread at a time. Raises clickhouse_connect's ClickHouseError.

    chDB keeps what a question had put out before it failed or was ended, and gives that with the next answer on the
    same connection: rows of another question, of another site. So one is opened in its place, by `again`.
    """

    def __init__(self, client: Client, again: Callable[[], Client]) -> None:
        self._client = client
        self._again = again
        self._is_spoilt = False

    def spoil(self) -> None:
        """Never ask on this connection again; the next question opens another."""
        self._is_spoilt = True

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run a statement that gives no rows."""
        self._client.command(sql, parameters=dict(parameters or {}))

    def lines(self, sql: str, parameters: Mapping[str, Any] | None = None, form: str = "JSONEachRow") -> bytes:
        """A query's rows as lines of JSON, or in another of ClickHouse's output formats."""
        if self._is_spoilt:
            fresh = self._again()
            self._client.close()
            self._client, self._is_spoilt = fresh, False
        try:
            return self._client.raw_query(sql, parameters=dict(parameters or {}), fmt=form)
        except BaseException:
            self.spoil()
            raise

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """A query's rows. Values go in as `{name:Type}` parameters, never as text."""
        return _rows_decoder.decode_lines(self.lines(sql, parameters))

    def insert(self, table: str, lines: bytes) -> None:
        """Insert lines of JSON: one part, on disk when this returns."""
        self._client.raw_insert(table, insert_block=lines, fmt="JSONEachRow")

    def close(self) -> None:
        """Let go of it."""
        self._client.close()


class Reader(NamedTuple):
    """A reader's connection, and the name by which the engine can say what is asked on it."""

    name: str
    connection: Connection


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
        self._under_way = set[Asked]()
        self._stopping = Stopping(self._end)
        self._ending: Connection | None = None
        first = self._client(None)
        first.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
        first.close()

    def connect(self, reader: bool = False, name: str = "", prepare: Prepare = nothing) -> Connection:
        """A new connection, which the caller closes. By its name the engine finds what is asked on it.

        `prepare` is done to it before anything is asked, and again should another have to take its place.
        """
        settings = SETTINGS | (self._query_settings if reader else {}) | ({"log_comment": name} if name else {})

        def begin() -> Client:
            client = self._client(DATABASE)
            try:
                for setting, value in settings.items():
                    client.set_client_setting(setting, value)
                prepare(Connection(client, begin).command)
            except BaseException:
                client.close()
                raise
            return client

        return Connection(begin(), begin)

    @property
    def under_way(self) -> int:
        """How many readers' questions the engine is working on."""
        return len(self._under_way)

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
        return await self._give(lambda connection: connection.lines(sql, parameters), heavy)

    async def use(self, questions: Callable[[Connection], Answer]) -> Answer:
        """Ask several questions in a row on one of the readers' connections."""
        return await self._give(questions)

    async def _give(self, questions: Callable[[Connection], Answer], heavy: bool = False) -> Answer:
        """Hand questions to a reader. Whoever waits here and is cancelled has them ended."""
        loop = asyncio.get_running_loop()
        turns = self._heavy = self._heavy or asyncio.Semaphore(self._heavy_most)
        if heavy:
            await turns.acquire()
        asked = Asked()
        answer = self._threads.submit(self._ask, asked, questions)
        if heavy:  # the turn is over when the engine is through, which may be after its asker has gone
            answer.add_done_callback(lambda _: loop.is_closed() or loop.call_soon_threadsafe(turns.release))
        try:
            return await asyncio.wrap_future(answer)
        except asyncio.CancelledError:
            if not answer.cancel():
                self._stopping.stop(asked)
            raise

    def _ask(self, asked: Asked, questions: Callable[[Connection], Answer]) -> Answer:
        reader = self._reader()
        self._under_way.add(asked)
        try:
            with asked.under_way(reader.name):
                return self._limited(lambda: questions(reader.connection))
        finally:
            self._under_way.discard(asked)
            if asked.was_ended:
                reader.connection.spoil()

    def _reader(self) -> Reader:
        reader: Reader | None = getattr(self._own, "reader", None)
        if reader is None:
            name = f"reader:{uuid.uuid4()}"
            reader = self._own.reader = Reader(name, self.connect(reader=True, name=name))
            self._opened.append(reader.connection)
        return reader

    def _end(self, name: str) -> None:
        if self._ending is None:
            self._ending = self.connect()
            self._opened.append(self._ending)
        for row in self._ending.rows(FIND, {"name": name}):
            self._ending.command(KILL, {"id": row["query_id"]})

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
        self._stopping.close()
        for connection in self._opened:
            connection.close()
