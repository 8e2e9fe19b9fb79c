"""Sends the messages of the outbox, in a thread of its own, a few at a time. No receiver can hold it up for long."""

import asyncio
import secrets
import sqlite3
import threading
import time
from typing import Any

import msgspec
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from trackway.alert import Channel
from trackway.books.incidents import Delivery, Incidents, Try
from trackway.control.alerts import list_channels
from trackway.control.directory import now_ms
from trackway.watch.mail import Smtp, send
from trackway.watch.webhook import post

AT_ONCE = 8
LOOK_S = 1.0
REST_S = 5.0
"""Pause after the books or the control database could not be asked."""

log = structlog.get_logger()


def new_message_id() -> str:
    """The id of a message, the same over all its tries."""
    return f"msg_{secrets.token_hex(12)}"


class Deliveries:
    """Takes due messages, sends each once, and writes down what came of it."""

    def __init__(self, engine: Engine, incidents: Incidents, smtp: Smtp, private: bool) -> None:
        self._engine = engine
        self._incidents = incidents
        self._smtp = smtp
        self._private = private
        self._made = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deliveries", daemon=True)

    def start(self) -> None:
        """Begin with what the last process left."""
        self._thread.start()

    def wake(self) -> None:
        """Look at once: there is a new message."""
        self._made.set()

    def request_stop(self) -> None:
        """Finish the messages at hand; the others wait for the next start."""
        self._stopping.set()
        self._made.set()

    def join(self) -> None:
        """Wait for the messages at hand: no longer than their time limits."""
        self._thread.join()

    async def send_now(self, channel: Channel, body: dict[str, Any]) -> Try:
        """Send a message that is not kept, and say what came of it: a test."""
        return await self._send(channel, new_message_id(), msgspec.json.encode(body))

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                found = self._incidents.due(now_ms(), AT_ONCE)
                if found:
                    asyncio.run(self._send_all(found))
            except (sqlite3.Error, SQLAlchemyError) as error:
                log.warning("alerts cannot be sent now; waiting", why=str(error)[:300])
                self._stopping.wait(REST_S)
                continue
            if not found:
                self._made.wait(LOOK_S)
                self._made.clear()

    async def _send_all(self, found: list[Delivery]) -> None:
        channels = {one.id: one for one in list_channels(self._engine)}
        await asyncio.gather(*(self._send_one(one, channels.get(one.channel)) for one in found))

    async def _send_one(self, delivery: Delivery, channel: Channel | None) -> None:
        if channel is None:
            came = Try(False, None, "the channel was taken away", 0, final=True)
        else:
            came = await self._send(channel, delivery.message, delivery.body.encode())
        self._incidents.note_try(delivery, came, now_ms())
        if not came.ok:
            log.warning(
                "an alert was not taken", channel=delivery.channel, try_number=delivery.tries + 1, why=came.answer[:200]
            )

    async def _send(self, channel: Channel, message: str, body: bytes) -> Try:
        if channel.kind == "webhook":
            return await post(channel, message, body, int(time.time()), self._private)
        return await asyncio.to_thread(send, self._smtp, channel, message, msgspec.json.decode(body))
