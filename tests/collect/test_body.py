"""A request's bytes within their limit: however they are packed, never more than the limit is held."""

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from trackway.collect.body import Disconnected, read_body, unpack
from trackway.errors import RequestRefused

LIMIT = 1000


def refusal(body: bytes, encoding: str, limit: int = LIMIT) -> str:
    """The code that a body is refused with."""
    with pytest.raises(RequestRefused) as refused:
        unpack(body, encoding, limit)
    return refused.value.code


def read(pieces: list[dict[str, Any]], limit: int = LIMIT) -> bytes:
    """The body made of ASGI messages; asking for more than there are fails."""
    waiting = iter(pieces)

    async def receive() -> dict[str, Any]:
        return next(waiting)

    return asyncio.run(read_body(receive, limit))


def piece(body: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_plain_body_is_left_as_it_is(encoding: str) -> None:
    assert unpack(b"anything \x00", encoding, LIMIT) == b"anything \x00"


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip"])
def test_gzip_is_unpacked(encoding: str) -> None:
    assert unpack(gzip.compress(b"hello"), encoding, LIMIT) == b"hello"


@pytest.mark.parametrize("encoding", ["GZIP", "Gzip"])
def test_name_of_an_encoding_has_no_case(encoding: str) -> None:
    """RFC 9110, 8.4.1."""
    assert unpack(gzip.compress(b"hello"), encoding, LIMIT) == b"hello"


def test_members_of_gzip_are_joined() -> None:
    packed = gzip.compress(b"hello ") + gzip.compress(b"") + gzip.compress(b"world")

    assert unpack(packed, "gzip", LIMIT) == b"hello world"


def test_empty_body_unpacks_to_nothing() -> None:
    assert unpack(b"", "gzip", LIMIT) == b""


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "nonsense"])
def test_other_encodings_are_malformed(encoding: str) -> None:
    assert refusal(b"", encoding) == "malformed_encoding"


PACKED = gzip.compress(bytes(range(256)), mtime=0)


@pytest.mark.parametrize("length", range(1, len(PACKED)))
def test_gzip_cut_short_anywhere_is_malformed(length: int) -> None:
    assert refusal(PACKED[:length], "gzip") == "malformed_encoding"


@pytest.mark.parametrize(
    "body",
    [b"hello", zlib.compress(b"hello"), PACKED + b"x", PACKED[:-1] + b"\x99", PACKED[:-5] + b"\x99" + PACKED[-4:]],
)
def test_what_is_no_gzip_or_fails_its_checksum_is_malformed(body: bytes) -> None:
    assert refusal(body, "gzip") == "malformed_encoding"


PACKERS: list[Callable[[bytes], bytes]] = [
    gzip.compress,
    lambda body: gzip.compress(body[: len(body) // 2]) + gzip.compress(body[len(body) // 2 :]),
]


@pytest.mark.parametrize("pack", PACKERS)
def test_limit_holds_to_the_byte_on_what_comes_out(pack: Callable[[bytes], bytes]) -> None:
    exact = unpack(pack(b"x" * LIMIT), "gzip", LIMIT)

    assert len(exact) == LIMIT
    assert refusal(pack(b"x" * (LIMIT + 1)), "gzip") == "body_too_large"


def test_bomb_is_refused_without_being_unpacked() -> None:
    """200 MiB in 200 KiB: no more than a step beyond the limit may ever be held."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(200)) + packer.flush()
    tracemalloc.start()

    code = refusal(bomb, "gzip", 1024 * 1024)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert code == "body_too_large"
    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize(
    "pieces",
    [
        [piece(b"x" * LIMIT)],
        [piece(b"x" * 400, True), piece(b"x" * 600)],
        [piece(b"", True), piece(b"x" * LIMIT, True), piece(b"")],
    ],
)
def test_body_up_to_the_limit_is_read_however_it_comes(pieces: list[dict[str, Any]]) -> None:
    assert read(pieces) == b"x" * LIMIT


@pytest.mark.parametrize(
    "pieces",
    [
        [piece(b"x" * (LIMIT + 1))],
        [piece(b"x" * LIMIT, True), piece(b"x")],
        [piece(b"x" * (LIMIT + 1), True)],
        [piece(b"x" * LIMIT, True), piece(b"xx", True)],
    ],
)
def test_body_over_the_limit_is_refused_before_the_rest_is_read(pieces: list[dict[str, Any]]) -> None:
    with pytest.raises(RequestRefused) as refused:
        read(pieces)

    assert refused.value.code == "body_too_large"


@pytest.mark.parametrize("before", [[], [piece(b"x", True)]])
def test_client_that_goes_away_is_told_apart(before: list[dict[str, Any]]) -> None:
    with pytest.raises(Disconnected):
        read([*before, {"type": "http.disconnect"}])
