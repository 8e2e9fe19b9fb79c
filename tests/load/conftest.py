"""A loader with all of its real parts, for the tests of loading."""

import asyncio
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from tests.opened import open_store
from tests.running import wait_for
from trackway.books import BalanceFilter, Ledger, QuarantineFilter
from trackway.event import Event
from trackway.load.loop import Loader, Pace
from trackway.load.place import Places
from trackway.load.usual import Usual
from trackway.record import Record, encode_record
from trackway.site import SiteSettings
from trackway.spool import SqliteSpool
from trackway.store.copy import WholesCopy
from trackway.store.row import Row
from trackway.store.writer import Writer

RECEIVED = 1_795_000_000_000
FOR_EVER = 2**53
LOADS_WITHIN_S = 15
BATCH_BYTES = 2**20


class Loading(NamedTuple):
    """A loader with all of its real parts, and the site it loads for."""

    loader: Loader
    spool: SqliteSpool
    ledger: Ledger
    published: list[Row]
    site: str

    def send(self, *events: Event) -> None:
        """Collect one request of events."""
        record = Record(site=self.site, received=RECEIVED, source="web", key="k", n=len(events), events=list(events))
        self.ledger.receive(record)
        self.append(encode_record(record))

    def append(self, group: bytes) -> None:
        """Bytes straight into the spool."""
        asyncio.run(self.spool.append(group))

    def wait(self) -> None:
        """Until nothing waits in the spool."""
        wait_for(lambda: self.spool.backlog().groups == 0, LOADS_WITHIN_S, lambda: self.loader.trouble)

    def balance(self) -> dict[str, Any]:
        return self.ledger.balance(BalanceFilter(self.site, 0, FOR_EVER))

    def set_aside(self, site: str = "") -> list[dict[str, Any]]:
        return self.ledger.quarantine(QuarantineFilter(site or self.site))


@pytest.fixture
def at_rest(tmp_path: Path) -> Iterator[Loading]:
    """Not started yet: the test does it."""
    connection = open_store().connect()
    writer = Writer(connection)
    spool = SqliteSpool(tmp_path / "spool.sqlite", 2**30, start_after=writer.highest_position() >> 20)
    ledger, published = Ledger(tmp_path / "books.sqlite"), list[Row]()

    def publish(rows: Sequence[Row]) -> None:
        published.extend(rows)

    def settings_of(_: str) -> SiteSettings:
        return SiteSettings()

    loader = Loader(
        spool, writer, WholesCopy(connection), ledger, settings_of, Places(), publish, Pace(0.01, BATCH_BYTES),
        usual=Usual(connection),
    )  # fmt: skip
    yield Loading(loader, spool, ledger, published, f"site-{uuid.uuid4().hex[:12]}")
    loader.stop()
    spool.close()
    ledger.close()
    connection.close()


@pytest.fixture
def loading(at_rest: Loading) -> Loading:
    """At work."""
    at_rest.loader.start()
    return at_rest


def make_event(**fields: Any) -> Event:
    whole: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "uuid": str(uuid.uuid4()),
        "action": "test.event",
        "params": msgspec.Raw(b"{}"),
    }
    return Event(**(whole | fields))
