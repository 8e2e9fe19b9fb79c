"""A Trackway server of a benchmark's own: on a folder thrown away afterwards, asked over HTTP like any other.

It must never outlive the benchmark, and never touch a folder or a server that was there before.
"""

# pyright: basic

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

STARTS_WITHIN_S = 60
STOPS_WITHIN_S = 60
LOG_SHOWN = 2_000
ALL_TIMES = "from=0&to=4503599627370496"


class Server:
    """The running server: its port, its default site, and what can be seen of it from outside."""

    def __init__(self, data: Path, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.data = data
        self.log = log
        self.port = port
        self.process = process
        self.key = ""
        self.site = ""

    @property
    def token(self) -> str:
        """The folder's own token: an admin's."""
        return str(json.loads((self.data / "server.json").read_text())["token"])

    def get(self, path: str, posted: dict[str, Any] | None = None) -> tuple[int, Any]:
        """Status and decoded body, as the folder's owner; a POST when something is `posted`. Raises OSError."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            headers={"authorization": f"Bearer {self.token}", "content-type": "application/json"},
            data=None if posted is None else json.dumps(posted).encode(),
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            status, body = refused.code, refused.read()
        return status, json.loads(body) if body[:1] in (b"{", b"[") else body.decode()

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether it is ready, and its parts."""
        status, body = self.get("/health/ready")
        return status == 200, body["parts"]

    def ledger(self) -> dict[str, Any]:
        """The default site's ledger of all times."""
        return self.get(f"/api/v1/sites/{self.site}/ledger?{ALL_TIMES}")[1]

    def settled(self, within_s: float) -> dict[str, Any]:
        """The ledger once nothing is in flight, or as it is when the time is up."""
        deadline = time.monotonic() + within_s
        ledger = self.ledger()
        while ledger["in_flight"] and time.monotonic() < deadline:
            time.sleep(1)
            ledger = self.ledger()
        return ledger

    def metric(self, name: str) -> float:
        """One value of /metrics, by its name and labels as they stand there."""
        for line in self.get("/metrics")[1].splitlines():
            if line.startswith(name + " "):
                return float(line.rpartition(" ")[2])
        return 0.0

    def log_end(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-LOG_SHOWN:]

    def resident_mb(self) -> float:
        """Its resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def spool_mb(self) -> float:
        """What the spool takes on the disk, its log included."""
        sizes = [path.stat().st_size for path in self.data.glob("spool.sqlite*")]
        return sum(sizes) / 1024 / 1024


@contextlib.contextmanager
def started() -> Iterator[Server]:
    """A server that has answered; ended and its folder removed on the way out."""
    with tempfile.TemporaryDirectory(prefix="trackway-") as folder:
        data, port, log_path = Path(folder) / "data", free_port(), Path(folder) / "log"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TRACKWAY_")}
        with log_path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "trackway", "serve", "--port", str(port), "--data", str(data)],
                stdout=log,
                stderr=log,
                env=environment,
            )
        server = Server(data, port, process, log_path)
        try:
            wait_until_ready(server)
            found = server.get("/api/v1/sites")[1]["items"][0]
            server.site, server.key = found["id"], found["tracker_key"]
            yield server
        finally:
            end(process)


def wait_until_ready(server: Server) -> None:
    """Raises RuntimeError with the end of its log when it does not get ready."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and server.process.poll() is None:
        with contextlib.suppress(OSError):
            if server.ready()[0]:
                return
        time.sleep(0.2)
    raise RuntimeError(f"the server did not start: {server.log_end()}")


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to stop; make it, when it does not."""
    process.terminate()
    try:
        process.wait(STOPS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
