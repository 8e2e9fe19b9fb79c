"""One POST of a message to a webhook: signed, within a time limit, to an address that was checked.

Signed as the Standard Webhooks convention has it (https://www.standardwebhooks.com): HMAC-SHA256 over
`id.timestamp.body`. The host is looked up once and the connection is made to the very address that was checked, so that
a name which changes its mind between the two cannot lead into a private network. Redirects are not followed.
"""

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import socket
import ssl
import time
from urllib.parse import urlsplit

import httpx

from trackway.alert import Channel
from trackway.books.incidents import Try
from trackway.control.alerts import SECRET_PREFIX

TIME_LIMIT_S = 10.0
ANSWER_BYTES_MAX = 4_096
TAKEN = range(200, 300)
GONE = 410
"""The convention's word for: never send here again."""

IP = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(Exception):
    """The host leads to where a webhook may not go."""


def sign(message: str, at_s: int, body: bytes, channel: Channel) -> str:
    """The header `webhook-signature`; while a rotation overlaps, with both secrets."""
    secrets = [channel.secret] + ([channel.old_secret] if channel.old_until > at_s * 1000 else [])
    signed = f"{message}.{at_s}.".encode() + body
    keys = (base64.b64decode(one.removeprefix(SECRET_PREFIX)) for one in secrets if one)
    return " ".join("v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys)


async def post(channel: Channel, message: str, body: bytes, at_s: int, private: bool) -> Try:
    """Send once. Never raises for what the other side does: it says what came of it."""
    began = time.monotonic()

    def came(ok: bool, status: int | None, answer: str, final: bool = False) -> Try:
        return Try(ok, status, answer, round((time.monotonic() - began) * 1000), final)

    try:
        async with asyncio.timeout(TIME_LIMIT_S):
            status, answer = await ask(channel, message, body, at_s, private)
    except TimeoutError:
        return came(False, None, f"no answer within {TIME_LIMIT_S:.0f} s")
    except AddressRefused as refused:
        return came(False, None, str(refused))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ssl.SSLError, UnicodeError) as error:
        return came(False, None, f"{type(error).__name__}: {error}"[:300])
    return came(status in TAKEN, status, answer, final=status == GONE)


async def ask(channel: Channel, message: str, body: bytes, at_s: int, private: bool) -> tuple[int, str]:
    """The status and the beginning of the answer. Raises AddressRefused, httpx.HTTPError, OSError."""
    parts = urlsplit(channel.url)
    host = parts.hostname or ""
    if parts.scheme != "https" and not private:
        raise AddressRefused("plain http is refused; see the setting alert_private_addresses")
    address = await find_address(host, parts.port or (443 if parts.scheme == "https" else 80), private)
    shown = f"[{address}]" if address.version == 6 else str(address)
    url = httpx.URL(channel.url).copy_with(host=shown)
    headers = {
        "host": parts.netloc,
        "content-type": "application/json",
        "user-agent": "Trackway-Alerts",
        "webhook-id": message,
        "webhook-timestamp": str(at_s),
        "webhook-signature": sign(message, at_s, body, channel),
    }
    extensions = {"sni_hostname": host} if parts.scheme == "https" else {}
    async with (
        httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=TIME_LIMIT_S) as client,
        client.stream("POST", url, content=body, headers=headers, extensions=extensions) as answer,
    ):
        return answer.status_code, await beginning(answer)


async def beginning(answer: httpx.Response) -> str:
    """The first bytes of an answer as text; the rest is not read."""
    read = b""
    async for part in answer.aiter_raw():
        read += part
        if len(read) >= ANSWER_BYTES_MAX:
            break
    text = read[:ANSWER_BYTES_MAX].decode("utf-8", "replace")
    return "".join(one if one.isprintable() else " " for one in text).strip()


async def find_address(host: str, port: int, private: bool) -> IP:
    """Where to connect to. Raises AddressRefused where any of the host's addresses is not public; OSError."""
    looked_up = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in looked_up]
    if not found:
        raise AddressRefused(f"{host} has no address")
    refused = [str(one) for one in found if not private and not is_public(one)]
    if refused:
        raise AddressRefused(f"{host} leads to {refused[0]}, which is not public; see alert_private_addresses")
    return found[0]


def is_public(address: IP) -> bool:
    """Whether an address is one of the open Internet, also when IPv6 wraps an IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None and not is_public(inner):
            return False
    return address.is_global and not address.is_multicast


NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
