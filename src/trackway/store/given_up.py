"""Questions that nobody waits for any more: the engine is told to end them, so that their room is free again.

A question is found by the name of the connection that it is asked on, which asks nothing else meanwhile. Never: a
question ended that somebody still waits for.
"""

import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import structlog
from clickhouse_connect.driver.exceptions import ClickHouseError

LOOK_AGAIN_S = 0.1
"""The engine looks at its orders between blocks only, and does not list yet what has just begun."""

log = structlog.get_logger()

End = Callable[[str], None]
"""Has the engine end what is asked on the connection of a name. Raises ClickHouseError."""


class Asked:
    """A reader's question: not begun, under way on a connection of a name, or over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._name: str | None = None
        self.over = threading.Event()
        self.was_ended = False
        """Whether the engine was told to."""

    @contextmanager
    def under_way(self, name: str) -> Generator[None]:
        """While it is asked on the connection of this name; in the thread that asks."""
        self._name = name
        try:
            yield
        finally:
            with self._lock:  # the connection goes on to the next question only when nobody is ending this one
                self._name = None
                self.over.set()

    def end(self, end: End) -> None:
        """Have it ended, if it is under way. Raises ClickHouseError."""
        with self._lock:
            if self._name is not None:
                self.was_ended = True
                end(self._name)


class Stopping:
    """Ends questions that were given up, by turns, on a thread of its own."""

    def __init__(self, end: End) -> None:
        self._end = end
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-stopping")

    def stop(self, asked: Asked) -> None:
        """See to it that it ends; does not wait for that."""
        self._thread.submit(self._try, asked)

    def _try(self, asked: Asked) -> None:
        try:
            asked.end(self._end)
        except ClickHouseError as error:
            log.warning("a question that was given up goes on to its limits", error=str(error))
            return
        if not asked.over.wait(LOOK_AGAIN_S):
            self.stop(asked)

    def close(self) -> None:
        """Call when no question is under way any more."""
        self._thread.shutdown(wait=True, cancel_futures=True)
