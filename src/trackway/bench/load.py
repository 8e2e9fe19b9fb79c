"""The load generator: many keep-alive connections that send prepared requests and wait for each answer.

A plain asyncio protocol, since a full HTTP client in Python would be slower than what it measures. It stops by itself
after a given time, and sends to this machine only.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import uvloop

LOOPBACK = "127.0.0.1"


class Outcome(NamedTuple):
    """What a run of load came to. `latencies_s` holds every answer's time, sorted."""

    seconds: float
    requests: int
    failures: int
    latencies_s: list[float]

    @property
    def per_s(self) -> float:
        """Requests answered with 200 a second."""
        return (self.requests - self.failures) / self.seconds

    def percentile_ms(self, share: float) -> float:
        """The latency that `share` of the answers stayed below."""
        if not self.latencies_s:
            return 0.0
        return self.latencies_s[min(len(self.latencies_s) - 1, int(len(self.latencies_s) * share))] * 1000


class Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, requests: Iterator[bytes], until: float, pace_s: float) -> None:
        self._requests = requests
        self._until = until
        self._pace_s = pace_s
        self._began = 0.0
        self._buffer = b""
        self.latencies: list[float] = []
        self.failures = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport: asyncio.WriteTransport = transport  # type: ignore[assignment]  # pyright: ignore
        self._send()

    def data_received(self, data: bytes) -> None:
        """Take an answer; send the next request, or end."""
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0 or len(self._buffer) < head_end + 4 + content_length(self._buffer[:head_end]):
            return
        self.failures += not self._buffer.startswith(b"HTTP/1.1 200")
        self._buffer = b""
        now = time.perf_counter()
        self.latencies.append(now - self._began)
        if now >= self._until:
            self._transport.close()
        elif self._pace_s:
            wait_s = max(0.0, self._began + self._pace_s - now)
            asyncio.get_running_loop().call_later(wait_s, self._send)
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end, asked for or not."""
        self.failures += exc is not None
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        if self._transport.is_closing():
            return
        self._began = time.perf_counter()
        self._transport.write(next(self._requests))


def content_length(head: bytes) -> int:
    """The length an answer's head announces."""
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 : head.find(b"\r\n", at) if head.find(b"\r\n", at) > 0 else None]) if at >= 0 else 0


async def load(port: int, requests: Iterator[bytes], seconds: float, connections: int, pace_s: float = 0.0) -> Outcome:
    """Send for `seconds` over `connections`; `pace_s`: at most one request in that time on each connection."""
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    opened = [
        (await loop.create_connection(lambda: Connection(requests, began + seconds, pace_s), LOOPBACK, port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.done for connection in opened))
    took = time.perf_counter() - began
    latencies = sorted(itertools.chain.from_iterable(connection.latencies for connection in opened))
    return Outcome(took, len(latencies), sum(connection.failures for connection in opened), latencies)


def run_load(port: int, requests: Iterator[bytes], seconds: float, connections: int, pace_s: float = 0.0) -> Outcome:
    """`load`, from code that is not async."""
    return uvloop.run(load(port, requests, seconds, connections, pace_s))


def post(path: str, body: bytes, headers: str = "") -> bytes:
    """A whole POST request."""
    fixed = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: text/plain\r\n"
    return f"{fixed}Content-Length: {len(body)}\r\n{headers}\r\n".encode() + body


AGENT = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/156.0.0.0 Safari/537.36\r\n"
)

PREPARED = 200
PEOPLE = 100_000
SCATTER = 2_654_435_761  # Knuth's multiplicative hash: neighbours get uuids far apart
TIME_MARK, ID_TIME_MARK = b"<<<<time>>>>>", b"<<id-time>>>>"
NUMBER_MARK, PERSON_MARK = b"<number>>", b"<person>"
ANY_PERSON = f"{PERSON_MARK.decode()}-0000-7000-8000-000000000000"


def envelopes(key: str, events_each: int, seed: int, tokens: Sequence[tuple[str, str]] = ()) -> Iterator[bytes]:
    """Requests as a browser sends them, without end: about 350 bytes an event, ids all different, 100,000 people.

    `tokens`: people (uuids) with a customer token each, in place of those. Made by filling prepared ones in, since the
    generator runs beside the server it measures: written out anew, a request of 50 events took it 235 us, half of a
    core at 2,000 a second.
    """
    prepared = [
        prepare(key, events_each, seed, number, *tokens[number % len(tokens)] if tokens else ())
        for number in range(max(PREPARED, len(tokens)))
    ]
    for number in itertools.count():
        ms = int(time.time() * 1000)
        yield (
            prepared[number % len(prepared)]
            .replace(TIME_MARK, b"%d" % ms)
            .replace(ID_TIME_MARK, b"%08x-%04x" % (ms >> 16, ms & 0xFFFF))
            .replace(NUMBER_MARK, b"%09x" % number)
            .replace(PERSON_MARK, b"%08x" % (number % PEOPLE * SCATTER & 0xFFFF_FFFF))
        )


def prepare(  # noqa: PLR0913 - what a request is made of
    key: str, events_each: int, seed: int, number: int, person: str = ANY_PERSON, token: str = ""
) -> bytes:
    """A request with marks, as long as what takes their place, where each copy differs. `seed` goes up to 4,095."""
    own = f"{ID_TIME_MARK.decode()}-7{seed:03x}-8000-{NUMBER_MARK.decode()}"
    events = ",".join(
        event(f"{own}{index:03x}", person, number, index, TIME_MARK.decode()) for index in range(events_each)
    )
    proof = f'"token":"{token}",' if token else ""
    body = f'{{"key":"{key}","sent":{TIME_MARK.decode()},"uuid":"{person}",{proof}"events":[{events}]}}'
    return post("/e", body.encode(), AGENT)


def event(event_id: str, person: str, number: int, index: int, ms: int | str) -> str:  # one argument a field
    """One event's JSON."""
    return (
        f'{{"id":"{event_id}","action":"page.visit","time":{ms},"session":"{person[:-1]}0",'
        f'"seq":{index + 1},"params":{{"url":"https://shop.example/products/{number % 997}?ref=list",'
        f'"title":"Product {number % 997} in the shop","referrer":"https://search.example/","width":1280,"language":"en"}}}}'
    )


def id_maker(seed: int) -> Callable[[], str]:
    """UUIDv7 texts, all different between seeds."""
    count = itertools.count()

    def make() -> str:
        ms = int(time.time() * 1000)
        return f"{ms >> 16:08x}-{ms & 0xFFFF:04x}-7{seed & 0xFFF:03x}-8{seed >> 12 & 0xFFF:03x}-{next(count):012x}"

    return make
