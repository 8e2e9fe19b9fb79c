"""Posting envelopes to a collector over one connection that is kept open, the way a client library would.

What cannot be delivered is said and tried again, then raised: it must never be dropped in silence.
"""

from __future__ import annotations

import http.client
import json
import logging
import threading
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self, TypeAlias, cast
from urllib.parse import urlsplit

from trackway.demo.walk import Json

ATTEMPTS_MAX = 8
BACKOFF_FIRST_S = 0.25
WAIT_MAX_S = 15.0  # of a back-off, and of what a server may ask for with Retry-After
TIMEOUT_S = 20.0
TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})

Envelope: TypeAlias = dict[str, Json]
log = logging.getLogger(__name__)


class UndeliveredError(Exception):
    """The collector could not take an envelope, however often it was tried."""


class RefusedError(Exception):
    """The collector said no to the whole request, and would say so again (an unknown key, say)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one envelope: how many were taken, and the codes of those that were not."""

    accepted: int
    rejected: Counter[str]


class Complaints:
    """Says each kind of trouble once, and again only after things had been well in between.

    Shared between threads.
    """

    def __init__(self) -> None:
        self._kinds: set[str] = set()
        self._lock = threading.Lock()

    def say(self, kind: str, message: str) -> None:
        """Logs `message` as a warning unless this kind has been said."""
        with self._lock:
            new = kind not in self._kinds
            self._kinds.add(kind)
        if new:
            log.warning("%s: %s", kind, message)

    def settled(self) -> None:
        """Something was delivered: trouble from here on is new trouble."""
        with self._lock:
            said, self._kinds = sorted(self._kinds), set()
        if said:
            log.info("delivering again after: %s", ", ".join(said))


class Collector:
    """One open connection to `POST {base_url}/e`; hung up after a `with`, not shared between threads."""

    def __init__(self, base_url: str, key: str, stop: threading.Event, complaints: Complaints) -> None:
        self._address, self._key, self._stop, self._complaints = urlsplit(base_url), key, stop, complaints
        self._line: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, envelope: Envelope, user_agent: str, address: str) -> Answer:
        """Posts one envelope under this collector's key, as a proxy would for a browser at `address`.

        Raises UndeliveredError after 8 tries or when stopped, and RefusedError when trying again would not
        help.
        """
        body = json.dumps({"key": self._key, **envelope}, ensure_ascii=False, separators=(",", ":")).encode()
        for attempt in range(ATTEMPTS_MAX):
            outcome = self._try(body, user_agent, address, min(BACKOFF_FIRST_S * 2**attempt, WAIT_MAX_S))
            if isinstance(outcome, Answer):
                self._complaints.settled()
                return outcome
            if attempt + 1 < ATTEMPTS_MAX and self._stop.wait(outcome):
                raise UndeliveredError("stopped while waiting to try again")
        raise UndeliveredError(f"{self._address.geturl()} took nothing in {ATTEMPTS_MAX} tries")

    def _try(self, body: bytes, user_agent: str, address: str, backoff_s: float) -> Answer | float:
        """Posts once: what the collector answered, or how many seconds to wait before the next try."""
        try:
            status, retry_after, text = self._post(body, user_agent, address)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            self._complaints.say(type(error).__name__, f"{self._address.geturl()} does not answer ({error})")
            return backoff_s
        if status == HTTPStatus.OK:
            return _answer(text)
        if status not in TRY_AGAIN:
            raise RefusedError(f"{status} from {self._address.geturl()}/e: {text[:300]}")
        self._complaints.say(f"status {status}", text[:300])
        return _seconds(retry_after, backoff_s)

    def close(self) -> None:
        """Hangs up; the next envelope opens a new connection."""
        if self._line is not None:
            self._line.close()
        self._line = None

    def _post(self, body: bytes, user_agent: str, address: str) -> tuple[int, str | None, str]:
        if self._line is None:
            secure = self._address.scheme == "https"
            kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            self._line = kind(self._address.netloc, timeout=TIMEOUT_S)
        origin = f"{self._address.scheme}://{self._address.netloc}"
        headers = {"Content-Type": "text/plain;charset=UTF-8", "User-Agent": user_agent, "Origin": origin}
        headers["X-Forwarded-For"] = address
        self._line.request("POST", f"{self._address.path.rstrip('/')}/e", body, headers)
        response = self._line.getresponse()
        return (
            response.status,
            response.headers.get("Retry-After"),
            response.read().decode("utf-8", "replace"),
        )


def _answer(text: str) -> Answer:
    verdict = cast("dict[str, object]", json.loads(text))
    rejected = cast("list[dict[str, str]]", verdict.get("rejected", []))
    return Answer(cast("int", verdict["accepted"]), Counter(each["code"] for each in rejected))


def _seconds(retry_after: str | None, otherwise_s: float) -> float:
    """Retry-After as seconds within the limit; a date or nonsense counts as not said."""
    if retry_after is None or not retry_after.strip().isdigit():
        return otherwise_s
    return min(float(retry_after), WAIT_MAX_S)
