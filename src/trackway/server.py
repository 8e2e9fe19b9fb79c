"""One process: opens the parts in order, serves until told to stop, closes them in the other order."""

import asyncio
import contextlib
import gc
import os
import secrets
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

import structlog
import uvloop
from granian.server.embed import Server as Granian
from sqlalchemy import Engine

from trackway.books import Ledger, Limits
from trackway.books.incidents import Incidents
from trackway.collect.app import Collector
from trackway.collect.cookieless import Visitors
from trackway.config import Config
from trackway.control.audit import SERVER
from trackway.control.database import CONTROL_NAME, open_database
from trackway.control.directory import Directory, now_ms
from trackway.control.sites import add_site, list_sites
from trackway.control.users import ensure_admin, has_users
from trackway.erase import KEY_NAME, Erasures
from trackway.errors import ConfigInvalid
from trackway.folder import BOOKS_NAME, SPOOL_NAME, Address, hold_folder, make_folder, opening, write_address
from trackway.insight.events import read_latest
from trackway.insight.sql import Console
from trackway.insight.tail import Ring
from trackway.load.adopt import adopt_identifiers
from trackway.load.loop import Loader, Pace
from trackway.load.place import Places
from trackway.load.sessions import SessionEnds
from trackway.load.unfold import POSITION_BITS
from trackway.load.usual import Usual
from trackway.metrics import Metrics
from trackway.replay import Replays
from trackway.spool import SqliteSpool
from trackway.store.console import prepare_console
from trackway.store.copy import WholesCopy
from trackway.store.disk import StoreDisk
from trackway.store.migrate import migrate, pending
from trackway.store.pool import STORE_NAME, Connection, Pool, ReadLimits
from trackway.store.row import Row
from trackway.store.writer import Writer
from trackway.watch.deliver import Deliveries
from trackway.watch.mail import smtp_of
from trackway.watch.parts import Watch
from trackway.watch.rounds import Rounds
from trackway.web.app import App, Extra
from trackway.web.parts import Parts

MIB = 1024 * 1024
BACKLOG = 1024
STOP_WITHIN_S = 5
RING_FILLED_WITH = 2_000
FIRST_SITE = "default"

COLLECT_AFTER = (20_000, 20, 50)
"""When Python's collector runs: after so many new objects, and after so many runs over younger ones."""

log = structlog.get_logger()


class Welcome:
    """What the first start made, for the command to print."""

    def __init__(self) -> None:
        self.admin_password: str | None = None
        self.parts: Parts | None = None


async def serve(
    config: Config,
    started: Callable[[Welcome], None] = lambda welcome: None,
    demo: Callable[[Parts], Extra] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT. Raises ConfigInvalid, DataFolderBusy. `started` is called once it listens."""
    make_folder(config.data)
    with hold_folder(config.data):
        check_port(config)
        async with open_parts(config) as (parts, collector, welcome):
            server = Granian(
                App(parts, collector, demo(parts) if demo else None),
                address=config.text("host"),
                port=config.whole("port"),
                interface="asgi",  # pyright: ignore[reportArgumentType]
                http="1",  # pyright: ignore[reportArgumentType]
                websockets=False,
                backlog=BACKLOG,
                log_enabled=False,
            )
            loop = asyncio.get_running_loop()

            def stop() -> None:
                parts.ring.close()  # live readers never end by themselves
                server.stop()

            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, stop)
            server.workers_kill_timeout = STOP_WITHIN_S  # a reader that never reads would hold it up for ever
            settle_memory()
            write_address(config.data, Address(os.getpid(), config.local_url, config.public_url, parts.local_token))
            started(welcome)
            try:
                await server.serve()
            except TimeoutError:
                log.warning("some connections did not end by themselves", within_s=STOP_WITHIN_S)


def settle_memory() -> None:
    """Leave what is there by now to stay out of garbage collections: one that walks through it all holds up every
    thread for 0.1 s. What comes and goes (events, rows) holds no cycles and is not tracked (`gc=False`).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def check_port(config: Config) -> None:
    """Say clearly when the port is taken, before anything is opened. Raises ConfigInvalid."""
    host, port = config.text("host"), config.whole("port")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise ConfigInvalid(
                f"{host}:{port} cannot be listened on ({error}); choose another with --port."
            ) from error


@contextlib.asynccontextmanager
async def open_parts(config: Config, is_first: bool = True) -> AsyncGenerator[tuple[Parts, Collector, Welcome]]:
    """Open everything; close it in the other order, whatever happens. Not `is_first`: no admin is made."""
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as closing:
        with opening(config.data / CONTROL_NAME):
            engine = open_database(config.data)
        welcome = Welcome()
        welcome.admin_password = first_start(engine, config) if is_first else None
        directory = Directory(engine)
        closing.callback(directory.close)
        places = Places(config.text("geoip_path"))
        pool = open_pool(config)
        closing.callback(pool.close)
        loading = pool.connect()
        closing.callback(loading.close)
        writer = prepare_store(config, loading)
        with opening(config.data / SPOOL_NAME):
            spool = open_spool(config, writer.highest_position() >> POSITION_BITS)
        closing.callback(spool.close)
        with opening(config.data / BOOKS_NAME):
            ledger = open_books(config)
        closing.callback(ledger.close)
        adopt_identifiers(loading, ledger)
        ring = Ring(config.whole("live_ring_events"))
        ring.put(await read_latest(pool, None, RING_FILLED_WITH))
        metrics = Metrics()

        def publish(rows: Sequence[Row]) -> None:
            metrics.stored(len(rows))
            loop.call_soon_threadsafe(ring.put, rows)

        pace = Pace(config.whole("load_interval_ms") / 1000, config.whole("load_batch_mb") * MIB)
        loader = Loader(
            spool,
            writer,
            WholesCopy(loading, writer.disk),
            ledger,
            directory.settings_of,
            places,
            publish,
            pace,
            directory.catalogue,
            usual=Usual(loading),
        )
        loader.start()
        closing.callback(loader.stop)
        sessions = open_sessions(config, spool, pool, directory, closing)
        sessions.start(loop)
        replays = open_replays(spool, ledger, directory, closing)
        replays.start(loop)
        erasures = open_erasures(config, engine, spool, ledger, loader, pool, ring, closing)
        erasures.start(loop)
        console = Console(pool, config.whole("sql_timeout_s"), config.whole("sql_memory_mb"))
        closing.callback(console.close)
        watch = open_watch(config, engine, ledger, pool, directory, closing)
        watching = asyncio.create_task(directory.watch())
        closing.callback(watching.cancel)
        token = secrets.token_urlsafe(32)
        parts = Parts(
            config, engine, directory, spool, ledger, loader, pool, ring, metrics, replays, erasures, console, watch,
            token,
        )  # fmt: skip
        watch_parts(parts)
        welcome.parts = parts
        yield (
            parts,
            Collector(spool, directory, ledger, metrics, config.trusted_proxies, Visitors(config.data)),
            welcome,
        )


def first_start(engine: Engine, config: Config) -> str | None:
    """Make the site `default` and the first admin, where there is none. The password, when it must be shown."""
    password = config.text("admin_password")
    if not has_users(engine) and not any(site.id == FIRST_SITE for site in list_sites(engine)):
        add_site(engine, SERVER, FIRST_SITE, [], now_ms())
    return ensure_admin(engine, password, now_ms())


def open_pool(config: Config) -> Pool:
    """The store's connections."""
    limits = ReadLimits(
        config.whole("store_readers"),
        config.whole("store_heavy"),
        config.whole("query_timeout_s"),
        config.whole("query_memory_mb"),
    )
    return Pool(config.data, config.text("store_dsn"), limits)


def prepare_store(config: Config, connection: Connection) -> Writer:
    """Bring the store up to date, and take it for writing. Raises ConfigInvalid when there is no room to do so."""
    # A store elsewhere watches its own disk.
    disk = None if config.text("store_dsn") else StoreDisk(connection, config.data / STORE_NAME)
    if disk and disk.is_short() and pending(connection):
        raise ConfigInvalid(
            f"{disk.shortage} Its tables cannot be made; make room or choose another folder with --data."
        )
    migrate(connection)
    if not config.text("store_dsn"):
        prepare_console(connection)
    return Writer(connection, disk)


def open_spool(config: Config, start_after: int) -> SqliteSpool:
    """The spool, its numbering above everything the store holds."""
    return SqliteSpool(
        config.data / SPOOL_NAME,
        config.whole("spool_limit_mb") * MIB,
        config.whole("disk_reserve_mb") * MIB,
        start_after,
    )


def open_books(config: Config) -> Ledger:
    """The books, with the quarantine's limits."""
    return Ledger(
        config.data / BOOKS_NAME,
        Limits(config.whole("quarantine_limit_mb") * MIB, config.whole("quarantine_days")),
    )


def open_replays(
    spool: SqliteSpool, ledger: Ledger, directory: Directory, closing: contextlib.AsyncExitStack
) -> Replays:
    """What carries out replays."""
    replays = Replays(spool, ledger, directory)
    closing.push_async_callback(ended, replays)
    return replays


def open_erasures(  # noqa: PLR0913 - every place that an erasure looks into
    config: Config,
    engine: Engine,
    spool: SqliteSpool,
    ledger: Ledger,
    loader: Loader,
    pool: Pool,
    ring: Ring,
    closing: contextlib.AsyncExitStack,
) -> Erasures:
    """What carries out erasures, on a connection of its own."""
    erasing = pool.connect()
    closing.callback(erasing.close)
    erasures = Erasures(spool, ledger, loader, erasing, ring, engine, config.data / KEY_NAME)
    closing.push_async_callback(ended, erasures)
    return erasures


async def ended(worker: Replays | Erasures | SessionEnds | Rounds | Deliveries) -> None:
    """Have a worker's thread end; it may need the event loop to do so."""
    worker.request_stop()
    await asyncio.to_thread(worker.join)


def open_sessions(
    config: Config, spool: SqliteSpool, pool: Pool, directory: Directory, closing: contextlib.AsyncExitStack
) -> SessionEnds:
    """The look-out for sessions gone quiet, on a connection of its own."""
    connection = pool.connect()
    closing.callback(connection.close)
    sessions = SessionEnds(
        spool,
        connection,
        directory.session_timeouts_ms,
        config.number("session_check_s"),
        config.number("session_grace_s"),
    )
    closing.push_async_callback(ended, sessions)
    return sessions


def open_watch(  # noqa: PLR0913 - what alerts need
    config: Config, engine: Engine, ledger: Ledger, pool: Pool, directory: Directory, closing: contextlib.AsyncExitStack
) -> Watch:
    """What judges alerts, on a connection of its own with a reader's limits, and what sends their messages."""
    connection = pool.connect(reader=True)
    closing.callback(connection.close)
    incidents = Incidents(config.data / BOOKS_NAME)
    closing.callback(incidents.close)

    def is_used(site: str) -> bool:
        found = directory.site(site)
        return found is not None and found.archived is None

    deliveries = Deliveries(engine, incidents, smtp_of(config), config.is_on("alert_private_addresses"))
    closing.push_async_callback(ended, deliveries)
    rounds = Rounds(
        engine, ledger, incidents, connection, deliveries, is_used, config.public_url, config.number("alert_check_s")
    )
    closing.push_async_callback(ended, rounds)
    deliveries.start()
    rounds.start()
    return Watch(incidents, rounds, deliveries)


def watch_parts(parts: Parts) -> None:
    """Gauges whose values are read when metrics are asked for."""
    parts.metrics.watch("trackway_spool_bytes", "Bytes waiting to be loaded", lambda: parts.spool.backlog().bytes)
    parts.metrics.watch("trackway_spool_groups", "Commits waiting to be loaded", lambda: parts.spool.backlog().groups)
    parts.metrics.watch("trackway_load_lag_ms", "How long the load at hand has taken", lambda: parts.loader.lag_ms)
    parts.metrics.watch("trackway_questions", "Readers' questions under way", lambda: parts.pool.under_way)


def run(coroutine_function: Callable[[], Any]) -> None:
    """Run the server's event loop."""
    uvloop.run(coroutine_function())
