"""The loader: one thread that carries groups from the spool into the store, in order, exactly once.

    read → enrich → decide whose they are → write (dedupe) → settle the books → trim the spool → tell live

Each step may be cut off by a crash and done again: positions are the same, so the store knows its own rows, and the
books know what has been settled. While the store or a disk is down nothing is decided and the spool keeps everything.
"""

import contextlib
import random
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import msgspec
import structlog
from clickhouse_connect.driver.exceptions import ClickHouseError

from trackway.books import Ledger
from trackway.books.quarantine import PRUNED_AT_ONCE
from trackway.load.enrich import CatalogueOf, no_catalogue
from trackway.load.place import Places
from trackway.load.unfold import POSITION_BITS, Load, count_rows, make_rows, read_groups
from trackway.load.usual import Usual
from trackway.load.whose import Whose
from trackway.record import decode_head, split_group
from trackway.site import SiteSettings
from trackway.spool import Spool
from trackway.store.copy import WholesCopy
from trackway.store.disk import StoreTrouble
from trackway.store.row import Row
from trackway.store.writer import Writer, Written

READ_WAIT_S = 0.5
AHEAD_SHARE = 0.25
"""Of a batch: when that much waits, the next load is prepared while the store takes this one."""
PRUNE_EVERY_S = 60.0
BACK_OFF_BASE_S = 0.1
BACK_OFF_MAX_S = 10.0

Done = TypeVar("Done")

log = structlog.get_logger()


class Pace(NamedTuple):
    """How often and how much is loaded at a time."""

    interval_s: float
    batch_bytes: int


class Loader:
    """The loop. `publish` is called with the rows of each load once they are settled; it must not block."""

    def __init__(  # noqa: PLR0913 - it joins the stages
        self,
        spool: Spool,
        writer: Writer,
        wholes: WholesCopy,
        ledger: Ledger,
        settings_of: Callable[[str], SiteSettings],
        places: Places,
        publish: Callable[[Sequence[Row]], None],
        pace: Pace,
        catalogue_of: CatalogueOf = no_catalogue,
        *,
        usual: Usual,
    ) -> None:
        self._spool = spool
        self._writer = writer
        self._wholes = wholes
        self._ledger = ledger
        self._whose = Whose(ledger.register, ledger.erased_on)
        self._settings_of = settings_of
        self._places = places
        self._catalogue_of = catalogue_of
        self._publish = publish
        self._pace = pace
        self._after = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="loader", daemon=True)
        self.trouble = ""
        """What keeps the loader waiting; empty when nothing does."""
        self.failed = ""
        """Why the loader has ended by itself; empty while it works."""
        self._busy_since: float | None = None
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="loader-ahead")
        self._ahead: Future[Load | None] | None = None
        self._prune_at = 0.0
        self._steps: deque[Callable[[], None]] = deque()
        self._usual = usual

    def start(self) -> None:
        """Take up where the last process stopped, and go on in a thread."""
        self._after = self._ledger.watermark()
        self._recover_in_flight()
        self._thread.start()

    def stop(self) -> None:
        """Finish the load at hand; what is still in the spool waits for the next start."""
        self._stopping.set()
        self._thread.join()
        self._aside.shutdown()

    @property
    def lag_ms(self) -> int:
        """How long the oldest group at hand has been waiting to be stored."""
        since = self._busy_since
        return 0 if since is None else int((time.monotonic() - since) * 1000)

    def _recover_in_flight(self) -> None:
        """Count what the last process had answered for and not loaded."""
        after = self._after
        while groups := self._spool.read(after, self._pace.batch_bytes, 0):
            for group in groups:
                for payload in split_group(group.payload):
                    with contextlib.suppress(msgspec.MsgspecError):  # set aside when its load comes
                        self._ledger.receive(decode_head(payload))
            after = groups[-1].seq

    def _run(self) -> None:
        try:
            self._insist(lambda: self._spool.trim(self._after))
            self._insist(self._learn)
            while not self._stopping.is_set():
                self._do_steps()
                self._insist(self._copy_wholes)
                load = self._next()
                if load:
                    self._busy_since = time.monotonic()
                    self._load(load)
                    self._busy_since = None
                    if self._spool.backlog().bytes < self._pace.batch_bytes:
                        self._stopping.wait(self._pace.interval_s)
                else:
                    self._insist(self._writer.look)
                self._prune_now_and_then()
        except Exception as error:
            self.failed = repr(error)
            log.exception("the loader has stopped; collecting goes on, nothing is lost")
            raise

    def between_loads(self, step: Callable[[], Done]) -> "Future[Done]":
        """Have a step done in the loader's thread, between two loads."""
        done: Future[Done] = Future()

        def do() -> None:
            try:
                done.set_result(step())
            except Exception as error:  # noqa: BLE001 - whoever asked for it is told
                done.set_exception(error)

        self._steps.append(do)
        return done

    def _do_steps(self) -> None:
        if self._steps and self._ahead:  # what was prepared before a step must not be loaded after it as if unchanged
            self._ahead.exception()
            self._ahead = None
        while self._steps:
            self._steps.popleft()()

    def _copy_wholes(self) -> None:
        self._wholes.follow(self._ledger.register, time.monotonic())

    def _prune_now_and_then(self) -> None:
        """Let the books forget what is past its days, a part at a time."""
        if time.monotonic() >= self._prune_at:
            gone = self._insist(lambda: self._ledger.prune(int(time.time() * 1000)))
            self._prune_at = time.monotonic() + (0 if gone == PRUNED_AT_ONCE else PRUNE_EVERY_S)

    def _next(self) -> Load | None:
        """The load that was prepared meanwhile, or what the spool has now; None when it has nothing."""
        ahead, self._ahead = self._ahead, None
        return ahead.result() if ahead else self._prepare(self._after)

    def _prepare(self, after: int) -> Load | None:
        groups = self._spool.read(after, self._pace.batch_bytes, READ_WAIT_S)
        if not groups:
            return None
        load = read_groups(groups)
        load.bytes = sum(len(group.payload) for group in groups)
        make_rows(load, self._settings_of, self._places, self._catalogue_of, self._ledger.erased_on)
        return load

    def _load(self, load: Load) -> None:
        if self._spool.backlog().bytes - load.bytes > self._pace.batch_bytes * AHEAD_SHARE:
            self._ahead = self._aside.submit(self._prepare, load.upto)
        written = self._insist(lambda: self._write(load))
        if written is None:
            return
        self._usual.settle(row for row, _ in written.poisoned)
        count_rows(load, written)
        settled = self._insist(
            lambda: self._ledger.settle(
                load.upto, load.accounts, load.set_aside, load.outcomes, load.repeats, load.changes
            )
        )
        if settled is None:
            return
        self._insist(lambda: self._spool.trim(load.upto))
        self._after = load.upto
        self._insist(self._copy_wholes)
        self._publish(written.stored)

    def _write(self, load: Load) -> Written:
        known = self._writer.known(load.rows)
        if not load.is_decided:
            self._whose.decide(load, known)
        return self._writer.write(load.rows, known, self._usual.judge)

    def _learn(self) -> None:
        """What is usual, from all that is settled: a load that comes again is judged as it was before."""
        self._usual.learn((self._after + 1) << POSITION_BITS, int(time.time() * 1000))

    def _insist(self, step: Callable[[], Done]) -> Done | None:
        """Try a step until it is done; None when the process is stopping instead. Every step can be done again."""
        tries = 0
        while not self._stopping.is_set() or tries == 0:
            try:
                done = step()
            except (StoreTrouble, ClickHouseError, sqlite3.Error) as error:
                tries += 1
                self._wait_out(str(error), tries)
            else:
                self.trouble = ""
                return done
        return None

    def _wait_out(self, why: str, tries: int) -> None:
        """Full jitter: chance between nothing and a limit that doubles."""
        limit_s = min(BACK_OFF_MAX_S, BACK_OFF_BASE_S * 2**tries)
        if why != self.trouble:
            log.warning("nothing can be loaded now; waiting", why=why[:300])
        self.trouble = why
        self._stopping.wait(random.uniform(0, limit_s))  # noqa: S311 - no secret
