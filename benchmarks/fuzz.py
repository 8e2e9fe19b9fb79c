"""Fuzz: requests that no honest client would send, for some minutes, against the collect routes of a real server.

    python benchmarks/fuzz.py [--minutes 10] [--seed N]

Every answer must be one of the contract, with the one error shape; never a 500, never a dropped connection. The
server must stay ready, and its ledger must count exactly what the answers of 200 said. It stops by itself, sends to
this machine only, and ends with exit code 1 when something odd was found; the seed makes a run repeatable.
"""

# pyright: basic

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from typing import Any

import msgspec
from mutate import Case, Target, make_case
from server import Server, started

from trackway.errors import STATUS_BY_CODE

CALLERS = 6
ANSWER_WITHIN_S = 20
HEAD_BYTES_MAX = 64 * 1024
ODD_SHOWN = 5
SETTLES_WITHIN_S = 120
STATUSES = {200, 204, 400, 401, 403, 405, 413, 429, 503}
REJECTIONS = {
    "action_missing",
    "action_invalid",
    "action_too_long",
    "label_invalid",
    "time_invalid",
    "time_too_old",
    "uuid_missing",
    "uuid_invalid",
    "id_invalid",
    "params_invalid",
    "params_too_large",
    "param_missing",
    "param_type",
    "server_only",
    "event_invalid",
}


class Findings:
    """What came back: counts, and everything odd with the request that brought it about."""

    def __init__(self) -> None:
        self.cases: Counter[str] = Counter()
        self.answers: Counter[tuple[int, str]] = Counter()
        self.rejections: Counter[str] = Counter()
        self.no_http: Counter[str] = Counter()
        self.received = 0
        """Events in answers of 200: what the ledger must say."""
        self.unsure = 0
        """Damaged HTTP whose answer could not be read: their events may or may not be in the ledger."""
        self.odd: list[str] = []

    def note_odd(self, why: str, case: Case) -> None:
        """Keep it for the end."""
        self.odd.append(f"{why}\n      {case.kind}: {case.request[:600]!r}")

    def answered(self, case: Case, status: int, body: bytes) -> None:
        """Judge one whole answer."""
        try:
            told: Any = msgspec.json.decode(body) if body else None
        except msgspec.DecodeError:
            told = None
        fault = fault_in(status, told) if case.sound or status == 200 else ("a 5xx" if status >= 500 else "")
        if fault:
            self.note_odd(f"{status} {body[:200]!r}: {fault}", case)
        if status == 200 and isinstance(told, dict):
            self.received += told.get("accepted", 0) + len(told.get("rejected", []))
            self.rejections.update(one.get("code") for one in told.get("rejected", []))
        if case.sound:
            self.answers[status, code_in(told)] += 1
        else:
            self.no_http[f"{status}"] += 1


def fault_in(status: int, told: Any) -> str:
    """What is wrong with an answer by the contract; empty when nothing is."""
    if status not in STATUSES:
        return "not a status of the contract"
    if status == 204 or (status == 403 and told is None):
        return ""  # a preflight's answer
    if status == 200:
        good = isinstance(told, dict) and set(told) == {"accepted", "rejected", "now"}
        good = good and all(set(one) == {"index", "id", "code", "message", "field"} for one in told["rejected"])
        return "" if good and {one["code"] for one in told["rejected"]} <= REJECTIONS else "not the shape of a 200"
    error = told.get("error") if isinstance(told, dict) else None
    if not isinstance(error, dict) or set(error) != {"code", "message", "field"}:
        return "not the one error shape"
    return "" if STATUS_BY_CODE.get(error["code"]) == status else "the code does not belong to the status"


def code_in(told: Any) -> str:
    """An answer's error code."""
    return str(told["error"].get("code")) if isinstance(told, dict) and isinstance(told.get("error"), dict) else ""


def main() -> None:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    asked = parser.parse_args()
    with started() as server:
        body = {"scope": "events:write", "site": server.site}
        target = Target(server.key, server.get("/api/v1/keys", body)[1]["secret"])
        print(f"seed {asked.seed}, {asked.minutes:g} minutes", flush=True)
        findings, memory = Findings(), server.resident_mb()
        asyncio.run(fuzz(server, target, findings, asked.minutes * 60, asked.seed))
        good = report(server, findings)
        print(f"memory {memory:.0f} MB before, {server.resident_mb():.0f} MB after")
    sys.exit(0 if good else 1)


async def fuzz(server: Server, target: Target, findings: Findings, seconds: float, seed: int) -> None:
    """Some callers at once, each with its own chance."""
    until = time.monotonic() + seconds
    await asyncio.gather(
        *(call(server, target, findings, until, random.Random(seed * CALLERS + n)) for n in range(CALLERS))
    )


async def call(server: Server, target: Target, findings: Findings, until: float, chance: random.Random) -> None:
    """Case after case until the time is up or the server is gone."""
    while time.monotonic() < until and server.process.poll() is None:
        case = make_case(chance, target)
        findings.cases[case.kind] += 1
        try:
            status, body = await asyncio.wait_for(ask(server.port, case.request), ANSWER_WITHIN_S)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            if case.sound:
                findings.note_odd(f"no answer: {error!r}", case)
            else:
                findings.no_http[type(error).__name__] += 1
            findings.unsure += 1
        else:
            findings.answered(case, status, body)


async def ask(port: int, request: bytes) -> tuple[int, bytes]:
    """Send a request on a connection of its own, say that nothing more comes, and read the whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=HEAD_BYTES_MAX)
    try:
        sending = asyncio.ensure_future(send(writer, request))
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        body = await reader.readexactly(length)
        sending.cancel()
        return status, body
    finally:
        writer.close()


async def send(writer: asyncio.StreamWriter, request: bytes) -> None:
    """Write while the answer may come already: a body over the limit is refused before it is whole."""
    try:
        writer.write(request)
        await writer.drain()
    except OSError:
        return


def report(server: Server, findings: Findings) -> bool:
    """Print everything; whether all was as it must be."""
    alive = server.process.poll() is None
    ledger = server.settled(SETTLES_WITHIN_S) if alive else {}
    ready, parts = server.ready() if alive else (False, {})
    print(f"{findings.cases.total():,} cases")
    for kind, n in sorted(findings.cases.items()):
        print(f"  {n:8,}  {kind}")
    print("answers to sound HTTP")
    for (status, code), n in sorted(findings.answers.items()):
        print(f"  {n:8,}  {status} {code}")
    print("rejected events:", ", ".join(f"{code} {n:,}" for code, n in findings.rejections.most_common()))
    print("answers to damaged HTTP:", dict(findings.no_http))
    counts = {name: ledger.get(name) for name in ("received", "stored", "duplicates", "in_flight", "balanced")}
    print(f"ready: {ready} {parts}\nledger: {counts}, rejected {sum(ledger.get('rejected', {}).values()):,}")
    over = ledger.get("received", -1) - findings.received
    exact = 0 <= over <= findings.unsure * 20
    print(
        f"received by the answers of 200: {findings.received:,}; {over} more in the ledger ({findings.unsure} unsure)"
    )
    print(f"odd: {len(findings.odd)}")
    for one in findings.odd[:ODD_SHOWN]:
        print(f"  - {one}")
    balanced = bool(ledger.get("balanced")) and not ledger.get("in_flight")
    good = alive and ready and balanced and exact
    if not good:
        print(f"the end of the server's log:\n{server.log_end()}")
    return good and not findings.odd


if __name__ == "__main__":
    main()
