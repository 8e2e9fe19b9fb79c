"""Live: the tail of the store in order of arrival. Nothing is sampled; every reader follows at its own pace.

Readers pull: a reader is a position, not a queue, so that a slow or paused one costs the others nothing. The newest
rows are kept in memory; a reader that has fallen behind them is given pages from the store until it has caught up.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import msgspec

from trackway.store.row import Row, show

RING_BYTES_MAX = 32 * 1024 * 1024
PAGE_ROWS = 500

ReadPage = Callable[[str, int, int], Awaitable[list[Row]]]


class Ring:
    """The newest rows of all sites, oldest first; the positions grow."""

    def __init__(self, rows_max: int) -> None:
        self._rows_max = rows_max
        self._rows: deque[Row] = deque()
        self._bytes = 0
        self.floor: int | None = None
        """Every row above this position is in the ring; None before the first row: nothing is known then."""
        self.newest = 0
        self._arrived = asyncio.Event()
        self.closed = False
        """The server stops: readers end."""

    def close(self) -> None:
        """End every reader. Call in the event loop."""
        self.closed = True
        self._arrived.set()

    def put(self, rows: Sequence[Row]) -> None:
        """Add rows of one load and wake the readers. Call in the event loop."""
        rows = [row for row in rows if row.position > self.newest]  # a load done again after a crash is here already
        if not rows:
            return
        if self.floor is None:
            self.floor = rows[0].position - 1
        for row in rows:
            self._rows.append(row)
            self._bytes += weight(row)
        self.newest = max(self.newest, rows[-1].position)
        while len(self._rows) > self._rows_max or self._bytes > RING_BYTES_MAX:
            dropped = self._rows.popleft()
            self._bytes -= weight(dropped)
            self.floor = dropped.position
        arrived, self._arrived = self._arrived, asyncio.Event()
        arrived.set()

    def forget(self, site: str, uuids: frozenset[str]) -> None:
        """Take a customer's rows out. Call in the event loop."""
        self._rows = deque(row for row in self._rows if row.site != site or row.uuid not in uuids)
        self._bytes = sum(weight(row) for row in self._rows)

    def after(self, position: int, most: int) -> list[Row] | None:
        """Rows above `position`; None when some of them may no longer be here."""
        if self.floor is None or position < self.floor:
            return None
        low, high = 0, len(self._rows)
        while low < high:
            middle = (low + high) // 2
            if self._rows[middle].position <= position:
                low = middle + 1
            else:
                high = middle
        return [self._rows[at] for at in range(low, min(low + most, len(self._rows)))]

    def tail(self, wanted: "Filter", most: int) -> list[Row]:
        """The last wanted rows that are here, the oldest of them first."""
        found: list[Row] = []
        for row in reversed(self._rows):
            if wanted.wants(row):
                found.append(row)
                if len(found) == most:
                    break
        return found[::-1]

    async def wait(self, seconds: float) -> None:
        """Until rows arrive, or the time is up."""
        try:
            await asyncio.wait_for(self._arrived.wait(), seconds)
        except TimeoutError:
            return


class Filter(msgspec.Struct, frozen=True):
    """Which events a live reader wants; empty parts want all. The same parts as the events search has."""

    site: str
    action: str = ""
    uuids: frozenset[str] = frozenset()
    words: str = ""
    params: tuple[tuple[str, str], ...] = ()

    def wants(self, row: Row) -> bool:
        """Whether a row is for this reader."""
        if row.site != self.site or (self.action and row.action != self.action):
            return False
        if self.uuids and row.uuid not in self.uuids:
            return False
        if self.words and self.words.lower() not in f"{row.label}\n{row.action}\n{row.params}".lower():
            return False
        return not self.params or has_params(row.params, self.params)


def has_params(encoded: str, wanted: tuple[tuple[str, str], ...]) -> bool:
    """Whether an event's params have all the wanted values, compared as text."""
    params = msgspec.json.decode(encoded)
    return all(name in params and as_text(params[name]) == value for name, value in wanted)


def as_text(value: object) -> str:
    """A param's value as the store's search writes it: text without quotes, 10 for 10.0, all else as JSON."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


async def follow(
    ring: Ring, read_page: ReadPage, wanted: Filter, after: int, idle_s: float
) -> AsyncIterator[tuple[int, bytes | None]]:
    """Every wanted event above the position `after`, each with its own, as it is stored.

    Gives (position, None) after `idle_s` seconds without one, so that the connection can be kept alive.
    """
    position, said_at = after, time.monotonic()
    while not ring.closed:
        rows = ring.after(position, PAGE_ROWS)
        if rows is None:
            newest = ring.newest
            rows = await read_page(wanted.site, position, PAGE_ROWS)
            if len(rows) < PAGE_ROWS:
                position = max(position, rows[-1].position if rows else 0, newest if ring.floor is not None else 0)
        for row in rows:
            position = max(position, row.position)
            if wanted.wants(row):
                yield row.position, msgspec.json.encode(show(row))
                said_at = time.monotonic()
        if time.monotonic() - said_at >= idle_s:
            yield position, None
            said_at = time.monotonic()
        if not rows:
            await ring.wait(max(0.0, said_at + idle_s - time.monotonic()))


def weight(row: Row) -> int:
    """About how many bytes a row takes."""
    return len(row.params) + len(row.label) + 600
