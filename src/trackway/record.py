"""The record: one collected request as the spool keeps it, from the answer of 200 until its events are stored.

A spool group is the records of one commit, each behind its length (4 bytes, big endian). A record holds everything
the loader needs, the events refused included, so that one fsync makes the whole verdict durable. It is never
changed once written.
"""

import struct
from collections.abc import Iterator

import msgspec

from trackway.event import Event, Rejection, Source
from trackway.identifier import Bearer

LENGTH = struct.Struct(">I")
NO_CONTEXT = msgspec.Raw(b"{}")


class Refusal(msgspec.Struct, omit_defaults=True, gc=False):
    """A refused event: why, the event as it was received (JSON text), and the uuid it would have had, if any."""

    why: Rejection
    event: msgspec.Raw
    uuid: str = ""


class Record(msgspec.Struct, omit_defaults=True, gc=False):
    """One request after the collector's verdicts. `n` counts the events received in it, whatever became of them.

    `context`: what the envelope said for all events, kept only where some were refused, to judge them again;
    `dropped`: how many events the sender says it gave up; `replays`: when these events come from the quarantine, their
    positions there, `events` first and then `refused`. Such a record was received before, and counted then.
    """

    site: str
    received: int
    source: Source
    key: str
    n: int
    events: list[Event]
    refused: list[Refusal] = []
    origin: str = ""
    ip: str = ""
    agent: str = ""
    sent: int | None = None
    authenticated: bool = False
    """Whether a customer token of the site vouched for its events."""
    bearer: Bearer | None = None
    """The customer of that token; kept only where some events were refused, to judge them again."""
    context: msgspec.Raw = NO_CONTEXT
    dropped: int = 0
    replays: list[int] = []


class RecordHead(msgspec.Struct, gc=False):
    """The part of a record that the ledger counts by; cheap to read."""

    site: str
    received: int
    source: Source
    key: str
    n: int
    replays: list[int] = []


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Record)
_head_decoder = msgspec.json.Decoder(RecordHead)


def encode_record(record: Record) -> bytes:
    """A record with its length in front, as it lies in a group."""
    payload = _encoder.encode(record)
    return LENGTH.pack(len(payload)) + payload


def encode_facts(record: Record, ip: str) -> str:
    """What a record says of its request, without events, and with as much of the address as may be kept."""
    facts = msgspec.structs.replace(record, n=0, events=[], refused=[], replays=[], dropped=0, ip=ip)
    return _encoder.encode(facts).decode()


def split_group(group: bytes) -> Iterator[memoryview]:
    """The records of a group, still encoded."""
    view, at = memoryview(group), 0
    while at < len(group):
        (length,) = LENGTH.unpack_from(group, at)
        at += LENGTH.size
        yield view[at : at + length]
        at += length


def decode_record(payload: bytes | memoryview) -> Record:
    """The record in `payload`. Raises msgspec.DecodeError or ValidationError when it is none."""
    return _decoder.decode(payload)


def decode_head(payload: bytes | memoryview) -> RecordHead:
    """Only what the ledger needs of a record."""
    return _head_decoder.decode(payload)
