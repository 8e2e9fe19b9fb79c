"""How long from an event's 200 until it is seen: in the live stream, and by a search."""

import asyncio
import json
import time
from collections.abc import Iterator

from trackway.bench.load import AGENT, LOOPBACK, Connection, event, id_maker, post
from trackway.bench.server import Target

CONNECTIONS = 20
PROBE_EVERY_S = 0.25
SETTLE_S = 1.0


class Sightings:
    """When each event was answered, and when it was seen in the live stream."""

    def __init__(self) -> None:
        self.answered: dict[str, float] = {}
        self.seen: dict[str, float] = {}

    def waits_ms(self) -> list[float]:
        """For each event seen, how long after its answer; sorted. Seen before its answer was read counts as 0."""
        return sorted(max(0.0, self.seen[one] - at) * 1000 for one, at in self.answered.items() if one in self.seen)


class Paced(Connection):
    """A connection that notes when each of its events was answered."""

    def __init__(self, pairs: Iterator[tuple[str, bytes]], until: float, pace_s: float, sightings: Sightings) -> None:
        self._ids: list[str] = []
        self._sightings = sightings
        super().__init__(self._noting(pairs), until, pace_s)

    def data_received(self, data: bytes) -> None:
        """Note the answer, then go on."""
        self._sightings.answered[self._ids[-1]] = time.perf_counter()
        super().data_received(data)

    def _noting(self, pairs: Iterator[tuple[str, bytes]]) -> Iterator[bytes]:
        for event_id, request in pairs:
            self._ids.append(event_id)
            yield request


async def watch_live(target: Target, sightings: Sightings, ready: asyncio.Event) -> None:
    """Read the live stream and note each event's arrival, until cancelled."""
    reader, writer = await asyncio.open_connection(LOOPBACK, target.port, limit=2**20)
    request = (
        f"GET /api/v1/sites/default/live HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {target.token()}\r\n\r\n"
    )
    writer.write(request.encode())
    while True:
        line = await reader.readline()
        if line.startswith(b": connected"):
            ready.set()
        if line.startswith(b"data: "):
            sightings.seen[json.loads(line[6:])["id"]] = time.perf_counter()


async def probe_search(target: Target, sightings: Sightings, waits_ms: list[float]) -> None:
    """Every now and then, ask for the event answered last until it is found, until cancelled."""
    while True:
        await asyncio.sleep(PROBE_EVERY_S)
        newest = next(reversed(sightings.answered), None)
        if newest is None:
            continue
        while not await asyncio.to_thread(is_found, target, newest):  # noqa: ASYNC110 - it polls, as a reader would
            await asyncio.sleep(0.01)
        waits_ms.append((time.perf_counter() - sightings.answered[newest]) * 1000)


def is_found(target: Target, event_id: str) -> bool:
    """Whether a search finds an event."""
    try:
        target.get(f"/sites/default/events/{event_id}")
    except OSError:
        return False
    return True


async def watch(target: Target, per_s: int, seconds: float) -> tuple[list[float], list[float]]:
    """Send `per_s` single events a second for `seconds`; the waits until live and until search, in ms, sorted."""
    sightings, ready, searched = Sightings(), asyncio.Event(), list[float]()
    watching = asyncio.create_task(watch_live(target, sightings, ready))
    await ready.wait()
    probing = asyncio.create_task(probe_search(target, sightings, searched))
    loop, until = asyncio.get_running_loop(), time.perf_counter() + seconds
    pairs = singles(target.key())
    made = lambda: Paced(pairs, until, CONNECTIONS / per_s, sightings)  # noqa: E731
    opened = [await loop.create_connection(made, LOOPBACK, target.port) for _ in range(CONNECTIONS)]
    await asyncio.gather(*(connection.done for _, connection in opened))
    await asyncio.sleep(SETTLE_S)
    watching.cancel()
    probing.cancel()
    return sightings.waits_ms(), sorted(searched)


def singles(key: str) -> Iterator[tuple[str, bytes]]:
    """Requests of one event each, with the event's id."""
    unique, number = id_maker(77), 0
    while True:
        number += 1
        event_id = unique()
        person = f"{number % 1000:08x}-0000-7000-8000-000000000001"
        one = event(event_id, person, number, 0, int(time.time() * 1000))
        body = f'{{"key":"{key}","uuid":"{person}","events":[{one}]}}'
        yield event_id, post("/e", body.encode(), AGENT)
