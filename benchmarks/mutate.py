"""Requests that no honest client would send, each from one seed: the fuzzer's cases.

A case says whether it is sound HTTP. If it is, the application must answer it by the contract, whatever its headers
and body hold; if not, the HTTP layer may refuse it as it likes. Pure but for the given chance.
"""

# pyright: basic

import gzip
import json
import random
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

PUBLIC_LIMIT = 1024 * 1024
BOMB_BYTES = 12 * 1024 * 1024
ACTIONS = (
    "page.visit",
    "product.view",
    "client.identify",
    "session.end",
    "form.submit",
    "element.hover",
    "screen.view",
)
NUMBERS = (
    "1e400",
    "-1e400",
    "1" * 25,
    "1" * 400,
    "1" * 5_000,
    "-0",
    "0.1e-400",
    "9223372036854775808",
    "18446744073709551616",
    "NaN",
    "Infinity",
    "01",
    "1.",
    "-",
)
TEXTS = (
    "",
    "\0",
    "\ud800",
    "\udfff\ud800",
    "\u202e",
    "\ufeff",
    "\u00e9" * 40,
    "\U0001d4b3" * 20,
    "a.b" * 100,
    "\r\n\r\n",
    "{{title}}",
    "'; DROP TABLE events; --",
    "../../etc",
    "%00",
    "null",
    "2026-13-45T99:99:99Z",
    "1970-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "urn:uuid:0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f7081",
    "https://[::1",
    "https://x:99999/?utm_source=%ff",
    "http://\u00ad/",
)
FIELDS = (
    "key",
    "sent",
    "uuid",
    "token",
    "context",
    "events",
    "id",
    "action",
    "label",
    "time",
    "params",
    "session",
    "seq",
    "customer",
    "source",
)
METHODS = (b"GET", b"PUT", b"DELETE", b"PATCH", b"OPTIONS")
ENCODINGS = (b"gzip", b"x-gzip", b"identity", b"br", b"deflate", b"gzip, gzip", b"GZIP", b"\xff\xfe", b"")


class Case(NamedTuple):
    """One request. `sound`: it is HTTP, and must get an answer of the contract."""

    kind: str
    request: bytes
    sound: bool = True


class Target(NamedTuple):
    """Where to send, and the keys that open it."""

    key: str
    secret: str


def make_case(chance: random.Random, target: Target) -> Case:
    """A case of some kind."""
    kind = chance.choice(list(KINDS))
    return KINDS[kind](chance, target)._replace(kind=kind)


def event(chance: random.Random) -> dict[str, Any]:
    """A valid event, now and then with an id seen before."""
    number = chance.getrandbits(128) if chance.random() < 0.8 else chance.getrandbits(6)
    params: dict[str, Any] = {
        "url": "https://shop.example/a?utm_source=x",
        "form": "f",
        "element": "e",
        "name": "n",
        "duration": 5,
    }
    return {
        "id": str(uuid.UUID(int=number)),
        "action": chance.choice(ACTIONS),
        "time": 1_790_000_000_000 + chance.getrandbits(20),
        "session": str(uuid.UUID(int=chance.getrandbits(4))),
        "seq": chance.getrandbits(8),
        "params": params | {"customId": "c1"},
    }


def envelope(chance: random.Random, target: Target, events: int = 3) -> dict[str, Any]:
    """A valid envelope."""
    return {
        "key": target.key,
        "sent": 1_790_000_000_000,
        "uuid": str(uuid.UUID(int=chance.getrandbits(8))),
        "context": {"language": "en"},
        "events": [event(chance) for _ in range(events)],
    }


def any_value(chance: random.Random, depth: int = 0) -> Any:
    """Any JSON value, often an odd one."""
    pick = chance.randrange(9 if depth < 4 else 7)
    if pick < 7:
        plain: tuple[Any, ...] = (
            None,
            chance.random() < 0.5,
            chance.randint(-(2**70), 2**70),
            chance.uniform(-1, 1) * 10 ** chance.randint(-300, 300),
            chance.choice(TEXTS),
            "".join(chr(chance.randrange(1, 0xD800)) for _ in range(chance.randrange(30))),
            chance.choice(FIELDS),
        )
        return plain[pick]
    size = chance.randrange(6) if chance.random() < 0.97 else 300
    if pick == 7:
        return [any_value(chance, depth + 1) for _ in range(size)]
    return {f"{chance.choice(FIELDS + TEXTS)}{number or ''}": any_value(chance, depth + 1) for number in range(size)}


def wrong_field(chance: random.Random, target: Target) -> dict[str, Any]:
    """A valid envelope with some fields replaced, dropped or added, in it or in its events."""
    body = envelope(chance, target)
    for _ in range(chance.randint(1, 4)):
        place = chance.choice([body, *(one for one in listed(body) if isinstance(one, dict))])
        name = chance.choice(FIELDS)
        if chance.random() < 0.2:
            place.pop(name, None)
        elif name != "key" or chance.random() < 0.1:
            place[name] = any_value(chance)
    return body


def listed(body: dict[str, Any]) -> list[Any]:
    """The events of an envelope, none when they are no list any more."""
    found: Any = body.get("events")
    return list(found) if isinstance(found, list) else []


def encode(value: Any) -> bytes:
    """JSON, with half surrogates as escapes."""
    return json.dumps(value).encode()


def odd_numbers(chance: random.Random, target: Target) -> bytes:
    """JSON with numbers that no float can hold, in place of plain ones; with an escape, which another decoder reads."""
    body = encode(envelope(chance, target))
    for name, plain in (
        (b"sent", b"1790000000000"),
        (b"duration", b"5"),
        (b"customId", b'"c1"'),
        (b"url", b'"https://shop.example/a?utm_source=x"'),
    ):
        if chance.random() < 0.5:
            odd = chance.choice(NUMBERS).encode()
            body = body.replace(b'"%b": %b' % (name, plain), b'"%b": %b' % (name, odd), chance.randint(1, 3))
    return body.replace(b'"language": "en"', b'"language": "\\u0065n"') if chance.random() < 0.5 else body


def damaged(chance: random.Random, body: bytes) -> bytes:
    """Bits flipped, a part cut, doubled, or other bytes put in."""
    found = bytearray(body)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(found)) if found else 0
        what = chance.randrange(4)
        if what == 0 and found:
            found[at] ^= 1 << chance.randrange(8)
        elif what == 1:
            del found[at : at + chance.randrange(20)]
        elif what == 2:
            found[at:at] = found[at : at + chance.randrange(20)]
        else:
            found[at:at] = chance.choice([b"\0", b"\xff\xfe", b"\\ud800", b"\\u0000", b"[", b"{", b'"', b"\xc3"])
    return bytes(found)


def deep(chance: random.Random, target: Target) -> bytes:
    """Nesting far deeper than any limit, closed or not."""
    times = chance.choice([5, 6, 50, 1_000, 100_000])
    opened, closed = chance.choice([("[", "]"), ('{"a":', "}")])
    inside = opened * times + ("1" + closed * times if chance.random() < 0.7 else "")
    place = chance.choice(
        ["%s", '{"events":%s}', '{"key":"' + target.key + '","events":[{"action":"a.b","params":{"p":%s}}]}']
    )
    return (place % inside).encode()


def lines(chance: random.Random, target: Target) -> bytes:
    """NDJSON, some lines of it good."""
    found = [encode(event(chance)) for _ in range(chance.randint(1, 20))]
    made = [line if chance.random() < 0.6 else damaged(chance, line) for line in found]
    return chance.choice([b"\n", b"\r\n", b"\n\n", b"\r"]).join(made)


def any_body(chance: random.Random, target: Target) -> bytes:
    """A body of any kind."""
    make: Callable[[], bytes] = chance.choice(
        [
            lambda: encode(envelope(chance, target)),
            lambda: encode(wrong_field(chance, target)),
            lambda: damaged(chance, encode(envelope(chance, target))),
            lambda: encode(any_value(chance)),
            lambda: odd_numbers(chance, target),
            lambda: lines(chance, target),
            lambda: chance.randbytes(chance.randrange(2_000)),
        ]
    )
    return make()


def packed(chance: random.Random, target: Target) -> bytes:
    """gzip: good, cut, damaged, doubled, with something behind it, or a bomb."""
    if chance.random() < 0.03:
        return gzip.compress(b" " * BOMB_BYTES, 9)
    good = gzip.compress(any_body(chance, target), 1)
    made = (
        good,
        good[: chance.randrange(len(good))],
        damaged(chance, good),
        good + good,
        good + b"tail",
        good + b"\0" * 8,
    )
    return chance.choice(made)


def request(
    target: Target, body: bytes, *headers: bytes, server: bool = False, method: bytes = b"POST", path: bytes = b""
) -> bytes:
    """A whole request, as sound as its headers are."""
    where = path or (b"/api/v1/events" if server else b"/e?k=" + target.key.encode())
    known = [b"Host: fuzz", b"Content-Length: %d" % len(body), *headers]
    if server:
        known.append(b"Authorization: Bearer " + target.secret.encode())
    return method + b" " + where + b" HTTP/1.1\r\n" + b"\r\n".join(known) + b"\r\n\r\n" + body


def with_headers(chance: random.Random, target: Target) -> Case:
    """Header values of any visible bytes, on headers that the collector reads."""
    names = (
        b"Content-Encoding",
        b"Content-Type",
        b"Origin",
        b"User-Agent",
        b"X-Forwarded-For",
        b"Authorization",
        b"Cookie",
        b"X-Junk",
    )
    values = (
        bytes(chance.choice(range(0x80, 0x100)) for _ in range(20)),
        b"x" * chance.choice([1, 5_000]),
        b"Bearer ",
        b"Bearer tw_\xff",
        b"::1, 999.1.1.1, ::ffff:1.2.3.4%eth0",
        b"null",
        b"https://shop.example",
        b"application/x-ndjson; charset=\xff",
        b"",
        b"gzip",
    )
    chosen = [name + b": " + chance.choice(values) for name in chance.sample(names, 3)]
    return Case("", request(target, any_body(chance, target), *chosen, server=False))


def chunked(chance: random.Random, target: Target) -> Case:
    """A body in pieces of any size."""
    body, pieces = any_body(chance, target), b""
    while body:
        size = chance.randint(1, 400)
        pieces += b"%x\r\n%b\r\n" % (len(body[:size]), body[:size])
        body = body[size:]
    head = b"POST /e?k=" + target.key.encode() + b" HTTP/1.1\r\nHost: fuzz\r\nTransfer-Encoding: chunked\r\n\r\n"
    return Case("", head + pieces + b"0\r\n\r\n")


def no_http(chance: random.Random, target: Target) -> Case:
    """Bytes that are not quite HTTP."""
    whole = request(target, encode(envelope(chance, target)))
    at = whole.index(b"\r\n\r\n")
    return Case("", damaged(chance, whole[:at]) + whole[at:], sound=False)


KINDS: dict[str, Callable[[random.Random, Target], Case]] = {
    "valid": lambda chance, to: Case("", request(to, encode(envelope(chance, to)), server=chance.random() < 0.5)),
    "wrong field": lambda chance, to: Case(
        "", request(to, encode(wrong_field(chance, to)), server=chance.random() < 0.5)
    ),
    "wrong field in body key": lambda chance, to: Case("", request(to, encode(wrong_field(chance, to)), path=b"/e")),
    "damaged": lambda chance, to: Case(
        "", request(to, damaged(chance, encode(envelope(chance, to))), server=chance.random() < 0.5)
    ),
    "any JSON": lambda chance, to: Case("", request(to, encode(any_value(chance)), server=chance.random() < 0.5)),
    "odd numbers": lambda chance, to: Case("", request(to, odd_numbers(chance, to), server=chance.random() < 0.5)),
    "any bytes": lambda chance, to: Case(
        "", request(to, chance.randbytes(chance.randrange(3_000)), server=chance.random() < 0.5)
    ),
    "deep": lambda chance, to: Case("", request(to, deep(chance, to), server=chance.random() < 0.5)),
    "lines": lambda chance, to: Case(
        "", request(to, lines(chance, to), b"Content-Type: application/x-ndjson", server=True)
    ),
    "gzip": lambda chance, to: Case(
        "", request(to, packed(chance, to), b"Content-Encoding: gzip", server=chance.random() < 0.5)
    ),
    "encoding": lambda chance, to: Case(
        "", request(to, packed(chance, to), b"Content-Encoding: " + chance.choice(ENCODINGS))
    ),
    "headers": with_headers,
    "method": lambda chance, to: Case(
        "", request(to, b"{}", server=chance.random() < 0.5, method=chance.choice(METHODS))
    ),
    "path": lambda chance, to: Case(
        "",
        request(
            to,
            any_body(chance, to),
            path=b"/e?" + chance.choice([b"k=%ff%00", b"&&==k", b"k=" + b"x" * 3_000, b"k=a&k=b"]),
        ),
    ),
    "chunked": chunked,
    "too large": lambda chance, to: Case("", request(to, b" " * (PUBLIC_LIMIT + chance.randint(0, 3) - 1))),
    "no HTTP": no_http,
}
