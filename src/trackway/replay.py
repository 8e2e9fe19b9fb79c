"""Replay: quarantined events are judged again with their site's settings of today, and go through the spool.

There is no second write path: a replayed event is an event like any other, with the receipt, key, origin, address and
source that it had. It is stored once, because its id is the same each time; the books take an outcome only while the
event is claimed. A replay cut off by a crash is carried on by the next process from the claims.
"""

import asyncio
import sqlite3
import threading
from typing import Any, Protocol
from uuid import UUID, uuid5

import msgspec
import structlog

from trackway.books import Ledger
from trackway.books.replays import Waiting
from trackway.collect.decode import Batch
from trackway.collect.verdicts import Sender, has_no_id, make_record
from trackway.definition import Catalogue
from trackway.errors import RequestRefused
from trackway.event import Event, Reason, Rejection
from trackway.record import NO_CONTEXT, Record, Refusal, encode_record
from trackway.rules import Gate
from trackway.site import Site
from trackway.spool import Spool

AT_ONCE = 500
"""Events judged and appended at a time."""
LOOK_S = 1.0
"""A replay begun by another process (the command line) is seen within this time."""
RETRY_S = 2.0
ID_NAMESPACE = UUID("5e0c2ad1-0f43-4a0e-9a9c-6d2f4a1d7b10")

log = structlog.get_logger()


class Today(Protocol):
    """What holds today: sites, what they declare, and the lists of API keys."""

    def site(self, site: str) -> Site | None:
        """A site by its id."""
        ...

    def catalogue(self, site: str) -> Catalogue | None:
        """What the site has declared about its actions."""
        ...

    def gate_of_key(self, key: str) -> Gate | None:
        """The lists of the API key with that id."""
        ...


class Replays:
    """Carries out what the books say is to be replayed, in a thread of its own."""

    def __init__(self, spool: Spool, ledger: Ledger, today: Today) -> None:
        self._spool = spool
        self._ledger = ledger
        self._today = today
        self._sent = (0, 0)
        self._begun = threading.Event()
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="replays", daemon=True)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin with what the last process left; `loop` is the event loop that the spool answers in."""
        self._loop = loop
        self._thread.start()

    def wake(self) -> None:
        """Look at once: a replay has begun."""
        self._begun.set()

    def request_stop(self) -> None:
        """Finish the events at hand; the others wait for the next start."""
        self._stopping.set()
        self._begun.set()

    def join(self) -> None:
        """Wait for the events at hand."""
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                more = self._send_next()
            except (sqlite3.Error, RequestRefused) as error:
                log.warning("events cannot be replayed now; waiting", why=str(error)[:300])
                self._stopping.wait(RETRY_S)
                continue
            if not more:
                self._begun.wait(LOOK_S)
                self._begun.clear()

    def _send_next(self) -> bool:
        """Judge and append the next events; whether there were any."""
        waiting = self._ledger.waiting(self._sent, AT_ONCE)
        for record in judge_again(waiting, self._today):
            if self._stopping.is_set() or self._loop is None:
                return False
            asyncio.run_coroutine_threadsafe(self._spool.append(encode_record(record)), self._loop).result()
        if waiting:
            self._sent = (waiting[-1].replay, waiting[-1].position)
        return bool(waiting)


def judge_again(waiting: list[Waiting], today: Today) -> list[Record]:
    """Records of waiting events with their new verdicts; events of one request stay together. Pure."""
    requests: dict[int, list[Waiting]] = {}
    for item in waiting:
        requests.setdefault(item.position if item.request is None else item.request, []).append(item)
    records: list[Record] = []
    for items in requests.values():
        record = items[0].record()
        verdicts = [(item, judge_one(item, record, today)) for item in items]
        accepted = [(item, one) for item, one in verdicts if isinstance(one, Event)]
        refused = [(item, one) for item, one in verdicts if isinstance(one, Rejection)]
        record.n = len(items)
        record.events = [event for _, event in accepted]
        record.refused = [Refusal(why, msgspec.Raw(b"null"), item.uuid) for item, why in refused]
        record.replays = [item.position for item, _ in [*accepted, *refused]]
        record.context, record.bearer = NO_CONTEXT, None
        records.append(record)
    return records


def judge_one(item: Waiting, record: Record, today: Today) -> Event | Rejection:
    """The verdict on one event today. What was not even JSON, or has no site any more, keeps its reason."""
    site = today.site(item.site)
    raw: Any = msgspec.json.decode(item.event)
    context: Any = msgspec.json.decode(record.context)
    if type(raw) is not dict or type(context) is not dict or site is None:
        return still(item)
    if has_no_id(raw):
        raw["id"] = item.id or str(uuid5(ID_NAMESPACE, f"{item.site} {item.position}"))
    server = record.source in ("server", "import")
    gate = today.gate_of_key(record.key) if server else None
    catalogue = today.catalogue(item.site)
    sender = Sender(site, record.key, server, record.origin, record.ip, gate, catalogue, record.bearer)
    batch = Batch(events=[raw], clean=False, uuid=item.uuid or None, context=context, sent=record.sent)  # pyright: ignore[reportUnknownArgumentType]
    judged = make_record(sender, batch, record.received)
    if judged.events:
        return judged.events[0]
    why = judged.refused[0].why
    why.field = same_place(why.field, item.field)
    return why


def still(item: Waiting) -> Rejection:
    """The reason that an event was refused for before."""
    code: Reason = msgspec.convert(item.code, Reason)
    return Rejection(0, item.id, code, item.message, item.field)


def same_place(field: str | None, before: str | None) -> str | None:
    """A field at fault, told by the event's place in the request that it came in."""
    if not field or not before or not before.startswith("events["):
        return field
    return before.partition("]")[0] + field[field.index("]") :]
