"""What the bench measures beside the whole server: a bare hello, and collecting alone. Run in processes of their own.

python -m trackway.bench.target hello PORT
python -m trackway.bench.target collect PORT DATA
"""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import uvloop
from granian.server.embed import Server as Granian

from trackway.books import Ledger
from trackway.collect.app import Collector, Send, respond
from trackway.collect.body import Receive, read_body
from trackway.collect.cookieless import Visitors
from trackway.config import load_config
from trackway.control.database import open_database
from trackway.control.directory import Directory
from trackway.folder import make_folder
from trackway.metrics import Metrics
from trackway.server import BACKLOG, first_start, open_spool, settle_memory

BODY_MAX = 1024 * 1024


async def hello(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """The least an HTTP server can do with a POST: read it, answer 200."""
    if scope["type"] == "http":
        await read_body(receive, BODY_MAX)
        await respond(send, 200, b'{"hello":1}', [(b"content-type", b"application/json")])


async def serve(app: Any, port: int) -> None:
    """Serve an app on the same HTTP server, set up the same way, as `trackway serve`."""
    server = Granian(
        app,
        port=port,
        interface="asgi",  # pyright: ignore[reportArgumentType]
        http="1",  # pyright: ignore[reportArgumentType]
        websockets=False,
        backlog=BACKLOG,
        log_enabled=False,
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    settle_memory()
    await server.serve()


async def collect_only(port: int, data: Path) -> None:
    """The collector and the spool, with nobody loading."""
    make_folder(data)
    config = load_config(data, {"admin_password": "bench-bench"})
    engine = open_database(data)
    first_start(engine, config)
    directory, ledger, spool = Directory(engine), Ledger(data / "books.sqlite"), open_spool(config, 0)
    collector = Collector(spool, directory, ledger, Metrics(), frozenset(), Visitors(data))

    async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await collector.public(scope, receive, send)

    await serve(app, port)
    await asyncio.to_thread(spool.close)


def main() -> None:
    """Run the target named on the line."""
    name, port = sys.argv[1], int(sys.argv[2])
    uvloop.run(serve(hello, port) if name == "hello" else collect_only(port, Path(sys.argv[3])))


if __name__ == "__main__":
    main()
