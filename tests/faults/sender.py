"""Clients that go on sending while a server suffers, and the note of what it promised them.

An event counts as acknowledged only once the whole answer of 200 has been read. The note must never say more than a
client could know: a request whose answer did not come may have been kept or not.
"""

import http.client
import json
import random
import threading
import uuid
from collections import Counter
from typing import Any, NamedTuple

from tests.running import Running, make_event

BATCH_EVENTS = 50
RESENT_REMEMBERED = 200
UNKNOWN_REMEMBERED = 2_000
ANSWER_WITHIN_S = 10


class Batch(NamedTuple):
    """One request: events that are valid, and events that must be refused. The latter are never sent again."""

    valid: list[dict[str, Any]]
    refused: list[dict[str, Any]]

    @property
    def events(self) -> list[dict[str, Any]]:
        """All of them, as they are sent."""
        return self.valid + self.refused


class Note:
    """What was sent, and what was promised. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()
        self.refused_sent: set[str] = set()
        self.refused: set[str] = set()
        """Events whose refusal was acknowledged: they must be in quarantine."""
        self.tried_n = 0
        self.acknowledged_n = 0
        """Events in acknowledged requests, each time one was sent: at least so many must be in the ledger."""
        self.statuses: Counter[int] = Counter()
        self.unknown: list[Batch] = []
        """Requests without an answer, which a client would send again."""
        self.kept: list[Batch] = []

    def about_to_send(self, batch: Batch) -> None:
        """Before the first byte."""
        with self._lock:
            self.sent.update(event["id"] for event in batch.valid)
            self.refused_sent.update(event["id"] for event in batch.refused)
            self.tried_n += len(batch.events)

    def answered(self, batch: Batch, status: int) -> None:
        """The whole answer has been read."""
        with self._lock:
            self.statuses[status] += 1
            if status != 200:
                return
            self.acknowledged.update(event["id"] for event in batch.valid)
            self.refused.update(event["id"] for event in batch.refused)
            self.acknowledged_n += len(batch.events)
            if len(self.kept) < RESENT_REMEMBERED:
                self.kept.append(batch)

    def unanswered(self, batch: Batch) -> None:
        """The connection broke, or nothing came in time."""
        with self._lock:
            if len(self.unknown) < UNKNOWN_REMEMBERED:
                self.unknown.append(batch)

    def take_unknown(self) -> Batch | None:
        """A request to send again."""
        with self._lock:
            return self.unknown.pop() if self.unknown else None


class Senders:
    """Some connections that send batch after batch to one site until told to stop or until the server is gone."""

    def __init__(
        self, running: Running, key: str, note: Note, seed: int, connections: int = 4, pause_s: float = 0.004
    ) -> None:
        self._running = running
        self._key = key
        self._note = note
        self._pause_s = pause_s
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(random.Random(seed * 1_000 + number),), daemon=True)
            for number in range(connections)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let the requests under way end, then return."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(ANSWER_WITHIN_S * 2)
            assert not thread.is_alive()

    def _run(self, chance: random.Random) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._running.port, timeout=ANSWER_WITHIN_S)
        while not self._stopping.wait(self._pause_s * chance.random() * 2):
            batch = self._choose(chance)
            self._note.about_to_send(batch)
            try:
                status = send(connection, self._key, batch)
            except (OSError, http.client.HTTPException):
                self._note.unanswered(batch)
                connection.close()
                if self._stopping.wait(0.05):
                    break
            else:
                self._note.answered(batch, status)
        connection.close()

    def _choose(self, chance: random.Random) -> Batch:
        """A single event, a batch, some with invalid events, or something that was sent before."""
        die = chance.random()
        if die < 0.15 and self._note.kept:
            return Batch(chance.choice(self._note.kept).valid or [make_event()], [])
        if die < 0.3:
            unknown = self._note.take_unknown()
            if unknown is not None and unknown.valid:
                return Batch(unknown.valid, [])
        size = BATCH_EVENTS if die > 0.8 else 1
        refused = [make_refused() for _ in range(chance.randint(1, 3))] if chance.random() < 0.15 else []
        return Batch([make_event(params={"n": n}) for n in range(size)], refused)


def make_refused() -> dict[str, Any]:
    """An event that no rule takes: its action has no dot."""
    return {"id": str(uuid.uuid4()), "uuid": str(uuid.uuid4()), "action": "nodot"}


def send(connection: http.client.HTTPConnection, key: str, batch: Batch) -> int:
    """POST a batch and read the whole answer; its status. Raises OSError or HTTPException when it does not come."""
    body = json.dumps({"key": key, "events": batch.events}).encode()
    connection.request("POST", "/e", body, {"content-type": "text/plain"})
    answer = connection.getresponse()
    told = json.loads(answer.read())
    if answer.status == 200:
        assert told["accepted"] == len(batch.valid), told
        assert {one["id"] for one in told["rejected"]} == {event["id"] for event in batch.refused}, told
    return answer.status
