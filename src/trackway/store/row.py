"""The stored form of an event, and how it is shown wherever an event is read (contract, section 8)."""

from typing import Any

import msgspec

from trackway.event import Source

COLUMNS = (
    "site, id, position, action, label, time, received, client_time, uuid, session, seq, source, authenticated, bot, "
    "params, ip, country, region, city, browser, os, device, channel, referrer_host, utm, retention_days, key, "
    "would_reject, customer, unusual"
)
UNUSUAL_P = 0.95
"""The share of hovers that are shorter than the threshold."""
CONTEXT_FIELDS = ("browser", "os", "device", "country", "region", "city", "referrer_host", "channel")


class Row(msgspec.Struct, gc=False):
    """One line of the table `events`. `params` is JSON text inside text: the store keeps it as it came."""

    site: str
    id: str
    position: int
    action: str
    label: str
    time: int
    received: int
    uuid: str
    source: Source
    params: str
    client_time: int | None = None
    session: str | None = None
    seq: int | None = None
    authenticated: bool = False
    bot: bool = False
    ip: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    browser: str = ""
    os: str = ""
    device: str = ""
    channel: str = ""
    referrer_host: str = ""
    utm: dict[str, str] = {}
    retention_days: int = 0
    key: str = ""
    would_reject: str = ""
    customer: str = ""
    """Whose it was when it was loaded; which whole that is part of now, the register knows."""
    unusual: int = 0
    """Of a hover longer than usual: the threshold in ms that it was judged by when it arrived."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Row)


def encode_rows(rows: list[Row]) -> bytes:
    """Rows as lines of JSON, for an insert."""
    return _encoder.encode_lines(rows)


def decode_rows(lines: bytes) -> list[Row]:
    """Rows from lines of JSON, as a query for COLUMNS gives them."""
    return _decoder.decode_lines(lines)


def show(row: Row, customer: str) -> dict[str, Any]:
    """The event as every reader sees it; optional fields only where they say something. `customer`: whose it is now."""
    shown: dict[str, Any] = {
        "id": row.id,
        "site": row.site,
        "action": row.action,
        "label": row.label,
        "time": row.time,
        "received": row.received,
        "uuid": row.uuid,
        "customer": customer,
        "source": row.source,
        "authenticated": row.authenticated,
        "bot": row.bot,
        "params": msgspec.Raw(row.params.encode()),
        "context": {name: getattr(row, name) for name in CONTEXT_FIELDS} | {"utm": row.utm},
    }
    for name in ("client_time", "session", "seq"):
        value = getattr(row, name)
        if value is not None:
            shown[name] = value
    if row.ip:
        shown["ip"] = row.ip
    if row.would_reject:
        shown["would_reject"] = row.would_reject
    if row.unusual:
        shown["unusual"] = {"threshold": row.unusual, "p": UNUSUAL_P}
    return shown
