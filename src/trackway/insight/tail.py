"""Live: the tail of the store in order of arrival. Nothing is sampled; every reader follows at its own pace.

Readers pull: a reader is a position, not a queue, so that a slow or paused one costs the others nothing. The newest
rows are kept in memory; a reader that has fallen behind them is given pages from the store until it has caught up.
"""

import asyncio
import time
from bisect import bisect_right
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from itertools import islice, takewhile

import msgspec

from trackway.event import Source
from trackway.insight.page import page_of
from trackway.selection import has_params
from trackway.store.row import Row, show
from trackway.values import SUBMIT, withhold

RING_BYTES_MAX = 32 * 1024 * 1024
ROW_BYTES = 700
"""About what a row takes beside its params."""
BLOCK_ROWS_MIN = 500
PAGE_ROWS = 500

WholeOf = Callable[[str, str], str]
"""Which customer, of a site, one is part of now (`Register.whole`)."""
ReadPage = Callable[[str, int, int], Awaitable[list[Row]]]
Admit = Callable[[list[Row]], Awaitable[list[Row]]]
"""Which of some rows are for a reader, where the store has to be asked for that."""
ASKING_MAX = 1
"""Readers of all sites who ask the store at once; live then never takes more than one of its connections."""


class Block(msgspec.Struct):
    """Rows that came together, or one load after another while they are few; about how many bytes they take."""

    rows: list[Row] = []
    bytes: int = 0


class Ring:
    """The newest rows of all sites, oldest first; the positions grow. At least `rows_max` of them where they fit.

    Rows are taken and dropped by whole blocks: a load of 20,000 events must not hold up the event loop.
    """

    def __init__(self, rows_max: int) -> None:
        self._rows_max = rows_max
        self._blocks: deque[Block] = deque()
        self._count = 0
        self._bytes = 0
        self.floor: int | None = None
        """Every row above this position is in the ring; None before the first row: nothing is known then."""
        self.newest = 0
        self._arrived = asyncio.Event()
        self.asking = asyncio.Semaphore(ASKING_MAX)
        """Held by the reader who asks the store which rows are for them."""
        self.closed = False
        """The server stops: readers end."""

    def close(self) -> None:
        """End every reader. Call in the event loop."""
        self.closed = True
        self._arrived.set()

    def put(self, rows: Sequence[Row]) -> None:
        """Add rows of one load and wake the readers. Call in the event loop."""
        if rows and rows[0].position <= self.newest:  # a load done again after a crash is here already
            rows = [row for row in rows if row.position > self.newest]
        if not rows:
            return
        if self.floor is None:
            self.floor = rows[0].position - 1
        if len(rows) > self._rows_max:
            self._drop_all(rows[-self._rows_max - 1].position)
            rows = rows[-self._rows_max :]
        self._add(rows)
        while len(self._blocks) > 1 and (
            self._count - len(self._blocks[0].rows) >= self._rows_max or self._bytes > RING_BYTES_MAX
        ):
            self._drop_oldest()
        arrived, self._arrived = self._arrived, asyncio.Event()
        arrived.set()

    def forget(self, site: str, customers: frozenset[str]) -> None:
        """Take a customer's rows out. Call in the event loop."""
        self.forget_rows(lambda row: row.site == site and row.customer in customers)

    def forget_rows(self, goes: Callable[[Row], bool]) -> None:
        """Take rows out. Call in the event loop."""
        for block in self._blocks:
            block.rows = [row for row in block.rows if not goes(row)]
        self._blocks = deque(block for block in self._blocks if block.rows)
        self._count = sum(len(block.rows) for block in self._blocks)
        self._bytes = sum(block.bytes for block in self._blocks)

    def after(self, position: int, most: int) -> list[Row] | None:
        """Rows above `position`; None when some of them may no longer be here."""
        if self.floor is None or position < self.floor:
            return None
        wanted = takewhile(lambda block: block.rows[-1].position > position, reversed(self._blocks))
        found: list[Row] = []
        for block in [*wanted][::-1]:
            start = bisect_right(block.rows, position, key=lambda row: row.position)
            found += block.rows[start : start + most - len(found)]
            if len(found) >= most:
                break
        return found

    def tail(self, wanted: "Filter", whole_of: WholeOf, most: int) -> list[Row]:
        """The last wanted rows that are here, the oldest of them first."""
        rows = (row for block in reversed(self._blocks) for row in reversed(block.rows))
        return [*islice((row for row in rows if wanted.wants(row, whole_of)), most)][::-1]

    def _add(self, rows: Sequence[Row]) -> None:
        if not self._blocks or len(self._blocks[-1].rows) >= BLOCK_ROWS_MIN:
            self._blocks.append(Block())
        weight = sum([len(row.params) for row in rows]) + ROW_BYTES * len(rows)
        block = self._blocks[-1]
        block.rows += rows
        block.bytes += weight
        self._count += len(rows)
        self._bytes += weight
        self.newest = rows[-1].position

    def _drop_oldest(self) -> None:
        dropped = self._blocks.popleft()
        self._count -= len(dropped.rows)
        self._bytes -= dropped.bytes
        self.floor = dropped.rows[-1].position

    def _drop_all(self, floor: int) -> None:
        self._blocks.clear()
        self._count = self._bytes = 0
        self.floor = floor

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
    uuid: str = ""
    customer: str = ""
    words: str = ""
    params: tuple[tuple[str, str], ...] = ()
    page: str = ""
    channel: str = ""
    country: str = ""
    source: Source | None = None
    session: str = ""
    sealed: bool = False
    """For somebody who may not see what was put into forms: it is withheld, and words and params find none of it."""

    def wants(self, row: Row, whole_of: WholeOf) -> bool:
        """Whether a row is for this reader. Of a customer it is also when the two were merged a moment ago."""
        if row.site != self.site or any(wanted and getattr(row, name) != wanted for name, wanted in self.plain()):
            return False
        if self.customer and not is_of(whole_of, row, self.customer):
            return False
        if self.sealed and row.action == SUBMIT and (self.words or self.params):
            return False
        if self.page and page_of(row.action, row.params) != self.page:
            return False
        if self.words and self.words.lower() not in f"{row.label}\n{row.action}\n{row.params}".lower():
            return False
        return not self.params or has_params(msgspec.json.decode(row.params), self.params)

    def plain(self) -> tuple[tuple[str, str | None], ...]:
        """The parts that are a column of the row, with what they want; nothing wants all."""
        names = ("action", "uuid", "session", "source", "channel", "country")
        return tuple((name, getattr(self, name)) for name in names)


def is_of(whole_of: WholeOf, row: Row, customer: str) -> bool:
    """Whether an event is of a customer, by what is known now."""
    return whole_of(row.site, row.customer) == whole_of(row.site, customer)


async def follow(  # noqa: PLR0913 - what is followed, by whom, from where
    ring: Ring,
    read_page: ReadPage,
    whole_of: WholeOf,
    wanted: Filter,
    after: int,
    idle_s: float,
    admit: Admit | None = None,
) -> AsyncIterator[tuple[int, bytes | None]]:
    """Every wanted event above the position `after`, each with its own, as it is stored; with `admit`, what it lets in.

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
        found = [row for row in rows if wanted.wants(row, whole_of)]
        if found and admit is not None:
            asking = asyncio.ensure_future(admit(found))
            try:
                while not await done_within(asking, said_at + idle_s - time.monotonic()):
                    yield position, None
                    said_at = time.monotonic()
                found = asking.result()
            finally:
                asking.cancel()  # does nothing to what is done
        for row in found:
            event = show(row, whole_of(row.site, row.customer))
            yield row.position, msgspec.json.encode(withhold(event) if wanted.sealed else event)
            said_at = time.monotonic()
        position = max(position, rows[-1].position if rows else 0)
        if time.monotonic() - said_at >= idle_s:
            yield position, None
            said_at = time.monotonic()
        if not rows:
            await ring.wait(max(0.0, said_at + idle_s - time.monotonic()))


async def done_within(asking: asyncio.Future[list[Row]], seconds: float) -> bool:
    """Whether the answer is there before the time is up."""
    await asyncio.wait((asking,), timeout=max(0.0, seconds))
    return asking.done()
