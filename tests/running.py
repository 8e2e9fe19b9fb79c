"""A real Trackway server in a process of its own, and what tests ask of it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx

STARTS_WITHIN_S = 30
APPEARS_WITHIN_S = 15
PASSWORD = "correct horse battery"


class SiteOf(NamedTuple):
    """A site made for one test."""

    id: str
    key: str
    write: str
    """An API key that may send events."""
    read: str
    """An API key that may read."""


class Running:
    """A server on the folder `data`; settings are given as TRACKWAY_* variables."""

    def __init__(self, data: Path, **settings: str | int | float) -> None:
        self.data = data
        self.port = int(settings.pop("port", 0)) or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = clean_environment() | {
            "TRACKWAY_ADMIN_PASSWORD": PASSWORD,
            "TRACKWAY_DISK_RESERVE_MB": "0",
            **{f"TRACKWAY_{name.upper()}": str(value) for name, value in settings.items()},
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.log = data.parent / f"{data.name}.log"

    def start(self, ready: bool = True) -> None:
        """Start it, and wait until it answers."""
        self.launch()
        if ready:
            wait_for(self._answers, STARTS_WITHIN_S, lambda: self.log.read_text(errors="replace")[-2000:])

    def launch(self) -> None:
        """Start it without waiting."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "trackway", "serve", "--port", str(self.port), "--data", str(self.data)],
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """Kill it with no chance to tidy up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        self._end(signal.SIGTERM)

    def wait(self, seconds: float) -> int:
        """Wait for it to end by itself; its exit code."""
        assert self._process is not None
        return self._process.wait(seconds)

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def token(self) -> str:
        """The folder's own token: an admin's."""
        return str(json.loads((self.data / "server.json").read_text())["token"])

    def line(self, *arguments: str) -> list[str]:
        """The line of a `trackway` command on its folder."""
        return [sys.executable, "-m", "trackway", *arguments, "--data", str(self.data)]

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a `trackway` command on its folder."""
        return subprocess.run(
            self.line(*arguments),
            env=self._environment,
            capture_output=True,
            text=True,
            check=check,
            timeout=60,
        )

    def client(self, token: str | None = None) -> httpx.Client:
        """An HTTP client; as the folder's owner unless another token is given."""
        headers = {"authorization": f"Bearer {token or self.token()}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, verify=False)  # plain http: no certificates

    def get(self, path: str, token: str | None = None, **query: Any) -> Any:
        """A read route's answer, which must be 200. `path` is behind /api/v1."""
        with self.client(token) as client:
            answer = client.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def add_site(self, origins: list[str] | None = None, **settings: Any) -> SiteOf:
        """A new site with a name of its own, and keys for it."""
        with self.client() as client:
            body = {"name": f"site {uuid.uuid4().hex[:10]}", "origins": origins or [], "settings": settings}
            site = client.post("/api/v1/sites", json=body).raise_for_status().json()
            keys = [
                client.post("/api/v1/keys", json={"scope": scope, "site": site["id"]}).raise_for_status().json()
                for scope in ("events:write", "read")
            ]
        return SiteOf(site["id"], site["tracker_key"], keys[0]["secret"], keys[1]["secret"])

    def collect(self, body: Any, key: str | None = None, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """POST to the public route: bytes as they are, anything else as JSON in text/plain."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.post(
            f"{self.url}/e" + (f"?k={key}" if key else ""),
            content=content,
            headers={"content-type": "text/plain", **(headers or {})},
            timeout=30,
        )

    def settled(self, site: str, received: int) -> dict[str, Any]:
        """The site's ledger once `received` events have come and none is in flight."""
        found: dict[str, Any] = {}

        def is_settled() -> bool:
            query: dict[str, Any] = {"from": 0}
            found.update(self.get(f"/sites/{site}/ledger", **query))
            return found["received"] >= received and found["in_flight"] == 0

        wait_for(is_settled, APPEARS_WITHIN_S, lambda: str(found))
        return found

    def events(self, site: str, **query: Any) -> list[dict[str, Any]]:
        """All events of a site that a search finds, page after page."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            asked: dict[str, Any] = {"limit": 1000, **query} | ({"cursor": cursor} if cursor else {})
            page = self.get(f"/sites/{site}/events", **asked)
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                return found

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text(errors="replace")[-2000:]
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/health/live", timeout=2).status_code == 200
        return False

    def _end(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                raise AssertionError(f"it did not stop by itself: {self.log.read_text()[-2000:]}") from None


@contextlib.contextmanager
def live_events(
    running: Running, site: str, resume: str | None = None, **query: Any
) -> Generator[Iterator[tuple[str, Any]]]:
    """The live stream: (id, event) as they come. Reading blocks until the next one."""
    headers = {"last-event-id": resume} if resume else {}
    with (
        running.client() as client,
        client.stream("GET", f"/api/v1/sites/{site}/live", params=query, headers=headers, timeout=30) as answer,
    ):
        assert answer.status_code == 200, answer.read()
        yield parse_stream(answer.iter_lines())


def parse_stream(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """Server-Sent Events, as (id, decoded data)."""
    position = ""
    for line in lines:
        if line.startswith("id: "):
            position = line[4:]
        elif line.startswith("data: "):
            yield position, json.loads(line[6:])


def wait_for(condition: Callable[[], bool], seconds: float, told: Callable[[], str] = lambda: "") -> None:
    """Wait until something holds; fail, telling what is known, when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s. {told()}"
        time.sleep(0.05)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment() -> dict[str, str]:
    """This environment without Trackway's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TRACKWAY_")}


def make_event(**fields: Any) -> dict[str, Any]:
    """A valid event with an id and a uuid of its own."""
    return {"id": str(uuid.uuid4()), "uuid": str(uuid.uuid4()), "action": "test.event", **fields}
