"""The hot path: two collect routes as a bare ASGI callable.

    bytes → body → batch → verdict for each event → one record in the spool (synced) → 200

It must never answer 200 for what is not on disk, and never let one bad event take the others down.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qsl

import msgspec

from trackway.collect.body import Disconnected, Receive, read_body, unpack
from trackway.collect.cookieless import Visitors
from trackway.collect.decode import Batch, decode_body
from trackway.collect.limit import RateLimit
from trackway.collect.token import Tokens, check_belongs
from trackway.collect.usual import UsualBatch, decode_usual
from trackway.collect.verdicts import Sender, make_record
from trackway.definition import Catalogue
from trackway.errors import RequestRefused
from trackway.event import Rejection
from trackway.peer import check_address, client_ip
from trackway.record import Record, encode_record
from trackway.signing import SigningKey
from trackway.site import ApiKey, Site

PUBLIC_BYTES_MAX = 1024 * 1024
PUBLIC_EVENTS_MAX = 1_000
SERVER_BYTES_MAX = 10 * 1024 * 1024
SERVER_EVENTS_MAX = 10_000
PREFLIGHT_MAX_AGE_S = 86_400
AGENT_LENGTH_MAX = 1_024

Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = Mapping[bytes, bytes]


class Directory(Protocol):
    """What the hot path asks of the control data: all of it in memory."""

    def site_by_key(self, tracker_key: str) -> Site | None:
        """The site a tracker key belongs to."""
        ...

    def api_key(self, secret: str, now_ms: int) -> ApiKey | None:
        """The live API key with that secret."""
        ...

    def site(self, site: str) -> Site | None:
        """A site by its id."""
        ...

    def signing_keys(self, site: str) -> Sequence[SigningKey]:
        """The active keys that a site's customer tokens are checked with."""
        ...

    def catalogue(self, site: str) -> Catalogue | None:
        """What the site has declared about its actions; None: nothing."""
        ...

    def any_site_allows(self, origin: str) -> bool:
        """Whether some site takes events from `origin`: what a preflight, which has no key, can be told."""
        ...


class Books(Protocol):
    """What the hot path tells the ledger."""

    def receive(self, record: Record) -> None:
        """Count a record as received and in flight."""
        ...

    def take_back(self, record: Record) -> None:
        """It could not be kept; the client was told so."""
        ...


class Appends(Protocol):
    """What the hot path needs of the spool."""

    async def append(self, record: bytes) -> None:
        """Keep a record, or raise StorageUnavailable."""
        ...


class Count(Protocol):
    """Where the hot path counts requests and events."""

    def request(self, route: str, code: str) -> None:
        """One request answered, `code` being ok or an error code."""
        ...

    def events(self, accepted: int, rejected: int) -> None:
        """Events judged in one request."""
        ...


class Collector:
    """Answers the collect routes. All its parts are given to it; it holds no state but rate limits and tokens seen."""

    def __init__(  # noqa: PLR0913 - its parts
        self,
        spool: Appends,
        directory: Directory,
        books: Books,
        count: Count,
        trusted_proxies: frozenset[str],
        visitors: Visitors,
    ) -> None:
        self._spool = spool
        self._directory = directory
        self._books = books
        self._count = count
        self._trusted_proxies = trusted_proxies
        self._limit = RateLimit()
        self._tokens = Tokens()
        self._visitors = visitors

    async def public(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """`POST /e` and its preflight."""
        headers: Headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        if scope["method"] == "OPTIONS":
            await self._preflight(origin, send)
            return
        await self._answer(self._take_public(scope, headers, receive, origin), "public", origin, send)

    async def server(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """`POST /api/v1/events`."""
        headers: Headers = dict(scope["headers"])
        await self._answer(self._take_server(scope, headers, receive), "server", "", send)

    async def _answer(self, taking: Awaitable[bytes], route: str, origin: str, send: Send) -> None:
        try:
            body, status, retry, code = await taking, 200, None, "ok"
        except RequestRefused as refused:
            body, status = msgspec.json.encode(refused.body()), refused.status
            retry, code = refused.retry_after_s, refused.code
        except Disconnected:
            self._count.request(route, "disconnected")
            return
        self._count.request(route, code)
        await respond(send, status, body, answer_headers(origin, retry))

    async def _take_public(self, scope: dict[str, Any], headers: Headers, receive: Receive, origin: str) -> bytes:
        if scope["method"] != "POST":
            raise RequestRefused("method_not_allowed", "Send events with POST.")
        body = await read_body(receive, PUBLIC_BYTES_MAX)
        body = unpack(body, header(headers, b"content-encoding"), PUBLIC_BYTES_MAX)
        batch = decode_usual(body, PUBLIC_EVENTS_MAX) or decode_body(body, PUBLIC_EVENTS_MAX)
        key = query_key(scope["query_string"]) or batch.key
        site = self._directory.site_by_key(key) if key else None
        if site is None or key is None:
            raise RequestRefused("unknown_key", "Give the site's tracker key as key in the body or as ?k=.", "key")
        if origin and not site.allows_origin(origin):
            raise RequestRefused("origin_not_allowed", f"Site {site.id} takes no events from {origin}.")
        catalogue = self._directory.catalogue(site.id)
        sender = Sender(site, key, False, origin, self._client_ip(scope, headers), catalogue=catalogue)
        if site.settings.cookieless:
            batch = self._with_visitor(sender, body, headers)
        return await self._keep(sender, batch, body, headers)

    async def _take_server(self, scope: dict[str, Any], headers: Headers, receive: Receive) -> bytes:
        if scope["method"] != "POST":
            raise RequestRefused("method_not_allowed", "Send events with POST.")
        key = self._directory.api_key(bearer(headers), int(time.time() * 1000))
        if key is None:
            raise RequestRefused("unknown_key", "Give a live API key as Authorization: Bearer tw_…")
        ip = self._client_ip(scope, headers)
        check_address(ip, key.ip_ranges)
        query = parse_query(scope["query_string"])
        site = self._directory.site(key.site or query.get("site", ""))
        if site is None:
            raise RequestRefused("unknown_key", "This API key is for no site; name one as ?site=.", "site")
        if site.archived is not None:
            raise RequestRefused("unknown_key", f"Site {site.id} is archived and takes no events; restore it first.")
        if not key.may("events:write", site.id):
            raise RequestRefused("scope_missing", "This API key may not send events; it needs events:write.")
        body = await read_body(receive, SERVER_BYTES_MAX)
        body = unpack(body, header(headers, b"content-encoding"), SERVER_BYTES_MAX)
        lines = header(headers, b"content-type").split(";")[0].strip() == "application/x-ndjson"
        usual = None if lines else decode_usual(body, SERVER_EVENTS_MAX)
        batch = usual or decode_body(body, SERVER_EVENTS_MAX, lines)
        sender = Sender(site, key.id, True, "", ip, key.gate, self._directory.catalogue(site.id))
        return await self._keep(sender, batch, body, headers)

    async def _keep(self, sender: Sender, batch: Batch | UsualBatch, body: bytes, headers: Headers) -> bytes:
        """Judge the events, keep the record, and only then make the answer."""
        self._hold_rate(sender)
        if batch.token and not sender.server and type(batch) is Batch:
            sender = self._with_bearer(sender, batch.token, batch)
        received = int(time.time() * 1000)
        record = make_record(sender, batch, received, body)
        record.agent = header(headers, b"user-agent")[:AGENT_LENGTH_MAX]
        if record.n:
            await keep(self._spool, self._books, record)
        self._count.events(len(record.events), len(record.refused))
        rejected = [refusal.why for refusal in record.refused]
        return encode_answer(len(record.events), rejected, received, sender.site.settings.sdk_stop)

    def _with_visitor(self, sender: Sender, body: bytes, headers: Headers) -> Batch:
        """The batch, its events those of the day's uuid where they name none."""
        batch = decode_body(body, PUBLIC_EVENTS_MAX)
        if batch.uuid is None:
            agent = header(headers, b"user-agent")
            batch.uuid = self._visitors.uuid(sender.site.id, sender.ip, agent, int(time.time() * 1000))
        return batch

    def _with_bearer(self, sender: Sender, token: str, batch: Batch) -> Sender:
        """The sender with the customer its token names. Raises RequestRefused(token_invalid, token_expired)."""
        site = sender.site.id
        bearer = self._tokens.bearer(token, site, self._directory.signing_keys(site), time.time())
        check_belongs(bearer, batch.uuid, batch.events)
        return sender._replace(bearer=bearer)

    def _hold_rate(self, sender: Sender) -> None:
        """Count a request. The address goes first: one that is over its limit takes nothing from all the others."""
        settings = sender.site.settings
        if not settings.rate_limit_key_per_s and not settings.rate_limit_ip_per_s:
            return
        now_s, address = time.monotonic(), f"ip {sender.site.id} {sender.ip}"
        wait_s = self._limit.take(address, settings.rate_limit_ip_per_s, now_s)
        if not wait_s:
            wait_s = self._limit.take(f"key {sender.site.id}", settings.rate_limit_key_per_s, now_s)
            if wait_s:
                self._limit.take(address, settings.rate_limit_ip_per_s, now_s, cost=-1)
        if wait_s:
            raise RequestRefused(
                "rate_limited", "Too many requests; wait, then send again.", retry_after_s=int(wait_s) + 1
            )

    async def _preflight(self, origin: str, send: Send) -> None:
        allowed = not origin or self._directory.any_site_allows(origin)
        headers = answer_headers(origin if allowed else "", None)
        headers += [
            (b"access-control-allow-methods", b"POST, OPTIONS"),
            (b"access-control-allow-headers", b"content-type, content-encoding"),
            (b"access-control-max-age", str(PREFLIGHT_MAX_AGE_S).encode()),
        ]
        await respond(send, 204 if allowed else 403, b"", headers)

    def _client_ip(self, scope: dict[str, Any], headers: Headers) -> str:
        peer: str = scope["client"][0] if scope.get("client") else ""
        return client_ip(peer, header(headers, b"x-forwarded-for"), self._trusted_proxies)


async def keep(spool: Appends, books: Books, record: Record) -> None:
    """Count a record as received and put it on disk. Raises StorageUnavailable, and then it was never received."""
    books.receive(record)
    try:
        await spool.append(encode_record(record))
    except BaseException:
        books.take_back(record)
        raise


def encode_answer(accepted: int, rejected: list[Rejection], now_ms: int, stop: bool = False) -> bytes:
    """The body of a 200. `stop` tells browsers to record nothing more."""
    if not rejected and not stop:
        return b'{"accepted":%d,"rejected":[],"now":%d}' % (accepted, now_ms)
    listed = [
        {"index": why.index, "id": why.id, "code": why.code, "message": why.message, "field": why.field}
        for why in rejected
    ]
    said = {"accepted": accepted, "rejected": listed, "now": now_ms}
    return msgspec.json.encode(said | {"stopped": True} if stop else said)


def header(headers: Headers, name: bytes) -> str:
    """A header's text, empty when it is not there."""
    return headers.get(name, b"").decode("latin-1")


def bearer(headers: Headers) -> str:
    """The secret in the Authorization header, empty when there is none."""
    scheme, _, secret = header(headers, b"authorization").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def query_key(query: bytes) -> str:
    """The tracker key in `?k=`."""
    return parse_query(query).get("k", "") if query else ""


def parse_query(query: bytes) -> dict[str, str]:
    """A query string's first values."""
    return dict(reversed(parse_qsl(query.decode("latin-1"))))


def answer_headers(origin: str, retry_after_s: int | None) -> list[tuple[bytes, bytes]]:
    """Headers of every collect answer. No credentials are ever allowed."""
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    if origin:
        headers += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-expose-headers", b"retry-after"),
            (b"vary", b"Origin"),
        ]
    if retry_after_s is not None:
        headers.append((b"retry-after", str(retry_after_s).encode()))
    return headers


async def respond(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """One whole answer."""
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
