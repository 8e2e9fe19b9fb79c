"""Erasure: one customer's data, or events by action, time and params, out of every place that has any, to the last
byte; and a signed receipt of it.

    entomb (in the loader, between two loads) → load what the spool has → quarantine → store → memory → queries in the
    audit log → scrub → receipt

Events that a selection takes go the same way without a tomb: what comes later is taken as ever.

From the tomb on the loader refuses whatever comes of the person, so nothing can come in behind the erasure's back. Who
is being erased is noted in the books until all is done, so that an erasure cut off by a crash is done again from the
start: every step can be. The receipt holds digests and counts, nobody's identifiers.
"""

import asyncio
import base64
import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import structlog
from clickhouse_connect.driver.exceptions import ClickHouseError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from trackway.books import Ledger
from trackway.books.erasures import Erasure, Person, digest_of
from trackway.control.audit import hide_queries, scrub
from trackway.errors import StorageUnavailable
from trackway.insight.tail import Ring
from trackway.load.loop import Loader
from trackway.selection import Selection
from trackway.spool import Spool
from trackway.store.erase import NotGone, count_mentions, erase_rows, erase_selected
from trackway.store.pool import Connection
from trackway.store.row import Row

KEY_NAME = "receipt-key.pem"
BEGUN_WITHIN_S = 30.0
LOOK_S = 0.1
RETRY_S = 5.0

log = structlog.get_logger()


class Erasures:
    """Carries out erasures one after another, in a thread of its own."""

    def __init__(  # noqa: PLR0913 - every place that may hold something
        self,
        spool: Spool,
        ledger: Ledger,
        loader: Loader,
        connection: Connection,
        ring: Ring,
        control: Engine,
        key: Path,
    ) -> None:
        self._spool = spool
        self._ledger = ledger
        self._loader = loader
        self._connection = connection
        self._ring = ring
        self._control = control
        self._key = key
        self._begun = threading.Event()
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="erasures", daemon=True)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin with what the last process left; `loop` is where the ring lives."""
        self._loop = loop
        self._thread.start()

    async def begin(self, person: Person) -> int:
        """Entomb a person: from here on nothing of them is taken, and they will be erased. The erasure's number.

        Raises StorageUnavailable while the loader is held up.
        """
        now_ms = int(time.time() * 1000)
        entombed = self._loader.between_loads(lambda: self._ledger.begin_erasure(person, now_ms))
        try:
            number = await asyncio.wait_for(asyncio.wrap_future(entombed), BEGUN_WITHIN_S)
        except TimeoutError as error:
            raise StorageUnavailable("The loader is held up, so nothing can be erased now; try again.") from error
        self._begun.set()
        return number

    async def begin_deletion(self, selection: Selection) -> int:
        """Have the events of a selection deleted; the erasure's number."""
        number = await asyncio.to_thread(self._ledger.begin_deletion, selection, int(time.time() * 1000))
        self._begun.set()
        return number

    def request_stop(self) -> None:
        """Leave what is not done to the next start."""
        self._stopping.set()
        self._begun.set()

    def join(self) -> None:
        """Wait for the step at hand."""
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                for erasure in self._ledger.pending_erasures():
                    if erasure.person is not None:
                        self._erase(erasure, erasure.person)
                    elif erasure.selection is not None:
                        self._delete(erasure, erasure.selection)
                    self._ledger.scrub()
                    self._ledger.close_erasure(erasure.id)
                self._begun.wait()
                self._begun.clear()
            except (sqlite3.Error, SQLAlchemyError, ClickHouseError, NotGone, OSError) as error:
                log.warning("an erasure cannot be finished now; it will be tried again", why=str(error)[:300])
                self._stopping.wait(RETRY_S)
            except Stopped:
                return

    def _erase(self, erasure: Erasure, person: Person) -> None:
        digests = [digest_of(person.site, customer) for customer in person.all_customers]
        self._let_load()
        quarantined = self._ledger.erase_quarantined(person)
        rows = erase_rows(self._connection, person.site, person.all_customers, digests)
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._forget(person), self._loop).result()
        self._spool.trim(0, scrub=True)
        named = [*person.uuids, *person.values]
        queries = hide_queries(self._control, person.site, named)
        scrub(self._control)
        mentions = count_mentions(self._connection, person.site, named)
        counts = rows | person.known | {"quarantine": quarantined, "queries": queries}
        told = {"customers": digests, "erased": counts, "mentions": mentions}
        self._close(erasure, person.site, told)

    def _delete(self, erasure: Erasure, selection: Selection) -> None:
        self._let_load()
        # A load that is settled has not been told to live readers yet.
        self._loader.between_loads(lambda: None).result(BEGUN_WITHIN_S)
        quarantined = self._ledger.erase_selected(selection)
        stored = erase_selected(self._connection, selection)
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._forget_events(selection), self._loop).result()
        self._spool.trim(0, scrub=True)
        counts = {"events": stored, "quarantine": quarantined}
        self._close(erasure, selection.site, {"customers": [], "selection": selection.told(), "erased": counts})

    def _close(self, erasure: Erasure, site: str, told: dict[str, Any]) -> None:
        receipt = make_receipt(self._key, erasure, site, told, int(time.time() * 1000))
        self._ledger.finish_erasure(erasure.id, receipt)

    def _let_load(self) -> None:
        """Until what lay in the spool when it was begun has been loaded, or refused."""
        newest = self._spool.backlog().newest
        while self._spool.backlog().groups and self._ledger.watermark() < newest:
            if self._stopping.wait(LOOK_S):
                raise Stopped

    async def _forget(self, person: Person) -> None:
        self._ring.forget(person.site, frozenset(person.all_customers))

    async def _forget_events(self, selection: Selection) -> None:
        def goes(row: Row) -> bool:
            if row.site != selection.site:
                return False
            return selection.takes(row.action, row.time, row.received, msgspec.json.decode(row.params))

        self._ring.forget_rows(goes)


class Stopped(Exception):
    """The process stops; the erasure goes on with the next one."""


def make_receipt(key: Path, erasure: Erasure, site: str, told: dict[str, Any], now_ms: int) -> bytes:
    """The receipt as JSON: what was erased where, signed with Ed25519 over the same JSON without `signature`."""
    told = {"erasure": erasure.id, "site": site, "asked": erasure.asked, "finished": now_ms} | told
    private = signing_key(key)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    told["public_key"] = base64.b64encode(public).decode()
    signature = private.sign(signed_text(told))
    return msgspec.json.encode(told | {"signature": base64.b64encode(signature).decode()})


def signed_text(receipt: dict[str, Any]) -> bytes:
    """What a receipt's signature is over: its JSON without the signature, keys sorted, no spaces."""
    return msgspec.json.encode({name: receipt[name] for name in receipt if name != "signature"}, order="sorted")


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The folder's own key, made when it is first needed; for the folder's owner only."""
    if not path.exists():
        made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        fresh = path.with_suffix(".new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123 - opened private
            file.write(made)
            os.fsync(file.fileno())
        fresh.rename(path)
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise OSError(f"{path} holds no Ed25519 key.")
    return key
