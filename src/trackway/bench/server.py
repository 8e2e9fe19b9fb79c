"""Servers under test: processes of their own on throw-away folders, and what the bench asks them."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from trackway.config import environment_for
from trackway.control.database import open_database
from trackway.control.sites import list_sites
from trackway.errors import TrackwayError
from trackway.folder import read_address

STARTS_WITHIN_S = 60.0
ANSWERS_WITHIN_S = 60.0
PASSWORD = "bench-bench"  # noqa: S105 - of a throw-away folder


class Target:
    """A process that answers on a port: `hello`, `collect` (no loader) or `serve` (everything)."""

    def __init__(self, kind: str, data: Path, **settings: str) -> None:
        self.data = data
        self.port = free_port()
        module = ["trackway.bench.target", kind, str(self.port), str(data)]
        if kind == "serve":
            module = ["trackway", "serve", "--port", str(self.port), "--data", str(data)]
        began = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", *module],
            env=environment_for(admin_password=PASSWORD, **settings),
            stdout=subprocess.DEVNULL,
        )
        self._wait_until_it_answers()
        self.start_s = time.perf_counter() - began

    def __enter__(self) -> "Target":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(ANSWERS_WITHIN_S)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def key(self) -> str:
        """The tracker key of its site."""
        engine = open_database(self.data)
        try:
            return list_sites(engine)[0].tracker_key
        finally:
            engine.dispose()

    def token(self) -> str:
        """What lets the bench read."""
        address = read_address(self.data)
        if address is None:
            raise TrackwayError("The server under test has gone.")
        return address.token

    def get(self, path: str) -> Any:
        """A read route's answer."""
        request = urllib.request.Request(  # noqa: S310 - ourselves
            f"{self.url}/api/v1{path}", headers={"Authorization": f"Bearer {self.token()}"}
        )
        with urllib.request.urlopen(request, timeout=ANSWERS_WITHIN_S) as answer:  # noqa: S310
            return json.load(answer)

    def ledger(self) -> dict[str, Any]:
        """The balance of its site."""
        return self.get("/sites/default/ledger?from=0")

    def wait_until_loaded(self) -> float:
        """Wait until nothing is in flight; the seconds that took."""
        began = time.perf_counter()
        while self.ledger()["in_flight"]:
            time.sleep(0.05)
        return time.perf_counter() - began

    def memory_mb(self) -> float:
        """Resident memory now."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.5).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise TrackwayError("The server under test does not start; its own message is above.")


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
