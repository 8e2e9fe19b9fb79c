"""`trackway import`: a file of events into a site. Sent again it changes nothing: events are known by their ids.

Through the running server; without one, by opening the folder as a server does, without listening.
"""

import asyncio
import contextlib
import secrets
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from trackway.books import BalanceFilter
from trackway.collect.app import SERVER_EVENTS_MAX, encode_answer
from trackway.collect.imports import judge_import, take_import
from trackway.commands import place
from trackway.commands.ask import ServerSays, ask
from trackway.commands.opened import opened_folder
from trackway.commands.plain import plain
from trackway.commands.site import Json, as_text
from trackway.control.directory import Directory, now_ms
from trackway.control.sites import find_site
from trackway.errors import TrackwayError
from trackway.folder import Address, is_held, read_address
from trackway.tables.read import EventFile, Form, open_events, with_id

BATCH_EVENTS = 5_000
BATCH_BYTES = 4 * 1024 * 1024
STORED_WITHIN_S = 120
BUSY_TRIES = 100
LOOK_S = 0.05
EXAMPLES_MAX = 20
DAY_MS = 86_400_000
assert BATCH_EVENTS <= SERVER_EVENTS_MAX

Take = Callable[[bytes], Awaitable[dict[str, Any]]]
"""Takes lines; gives the answer of the collect routes."""
Balance = Callable[[], Awaitable[dict[str, Any]]]
"""The ledger's balance of this import."""


class Report(msgspec.Struct):
    """What became of a file. `stored` and `duplicates` (stored before) are None in a dry run."""

    file: str
    site: str
    name: str
    dry_run: bool
    read: int = 0
    accepted: int = 0
    stored: int | None = None
    duplicates: int | None = None
    rejected: Counter[str] = Counter()
    examples: list[dict[str, Any]] = []
    """The first refused events: line, code, message."""


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="NDJSON, CSV or Parquet, gzipped or not.")],
    site: Annotated[str, typer.Option(help="The site.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be refused, and why.")] = False,
    form: Annotated[Form | None, typer.Option("--format", help="What the file is, if it cannot be told.")] = None,
    as_json: Json = False,
) -> None:
    """Import a file of events. Doing it again changes nothing; what is refused goes to the quarantine."""
    found = find_site(place.engine(), site)
    report = Report(str(file), found.id, f"import-{secrets.token_hex(4)}", dry_run)
    opened = open_events(file, form)
    with contextlib.closing(opened.raw), contextlib.closing(opened.content):
        asyncio.run(run(opened, report))
    print(as_text(msgspec.to_builtins(report)) if as_json else told(report))


async def run(file: EventFile, report: Report) -> None:
    """Send the file's lines by batches, and wait until what was taken is stored."""
    address = read_address(place.data) if is_held(place.data) else None
    way = dry(report) if report.dry_run else by_server(address, report) if address else by_folder(report)
    async with way as (take, balance):
        for numbers, lines in batches(file):
            note(report, numbers, await take(b"\n".join(lines)))
        if balance is not None:
            await await_stored(report, balance)


def batches(file: EventFile) -> Iterator[tuple[list[int], list[bytes]]]:
    """The file's lines, each with an id, by batches; a progress bar tells how much of the file was read."""
    numbers, lines, held = list[int](), list[bytes](), 0
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(Path(file.name).name, total=file.size)
        for number, line in file.lines():
            numbers.append(number)
            lines.append(with_id(line))
            held += len(line)
            if len(lines) >= BATCH_EVENTS or held >= BATCH_BYTES:
                yield numbers, lines
                numbers, lines, held = [], [], 0
                progress.update(task, completed=file.raw.tell())
        if lines:
            yield numbers, lines


def note(report: Report, numbers: list[int], answer: dict[str, Any]) -> None:
    """Add an answer to the report."""
    report.read += len(numbers)
    report.accepted += answer["accepted"]
    for why in answer["rejected"]:
        report.rejected[why["code"]] += 1
        if len(report.examples) < EXAMPLES_MAX:
            message = f"{why['message']}".replace(f"events[{why['index']}].", "")
            report.examples.append({"line": numbers[why["index"]], "code": why["code"], "message": message})


@contextlib.asynccontextmanager
async def dry(report: Report) -> AsyncGenerator[tuple[Take, None]]:
    """Judge by what the site has declared now; keep nothing."""
    directory = Directory(place.engine())
    site, catalogue = find_site(place.engine(), report.site), directory.catalogue(report.site)

    async def take(lines: bytes) -> dict[str, Any]:
        record = judge_import(site, catalogue, report.name, lines, int(time.time() * 1000))
        refused = [refusal.why for refusal in record.refused]
        return dict(msgspec.json.decode(encode_answer(len(record.events), refused, record.received)))

    try:
        yield take, None
    finally:
        directory.close()


@contextlib.asynccontextmanager
async def by_server(address: Address, report: Report) -> AsyncGenerator[tuple[Take, Balance]]:
    """Send to the running server; wait where it asks for it."""
    path = f"/api/v1/sites/{quote(report.site)}"

    async def take(lines: bytes) -> dict[str, Any]:
        for _ in range(BUSY_TRIES):
            try:
                return dict(ask(address, f"{path}/imports/{report.name}", lines))
            except ServerSays as said:
                if said.retry_after_s is None:
                    raise
                await asyncio.sleep(said.retry_after_s)
        raise TrackwayError("The server goes on saying that it is busy; import the file again later: nothing doubles.")

    async def balance() -> dict[str, Any]:
        return dict(ask(address, f"{path}/ledger?gaps=false&key={report.name}"))

    yield take, balance


@contextlib.asynccontextmanager
async def by_folder(report: Report) -> AsyncGenerator[tuple[Take, Balance]]:
    """Open the folder as a server does."""
    async with opened_folder() as (parts, _):
        site, now = find_site(parts.engine, report.site), now_ms()
        wanted = BalanceFilter(site.id, now - DAY_MS, now + DAY_MS, DAY_MS, report.name)

        async def take(lines: bytes) -> dict[str, Any]:
            catalogue = parts.directory.catalogue(site.id)
            answer = await take_import(parts.spool, parts.ledger, site, catalogue, report.name, lines)
            return dict(msgspec.json.decode(answer))

        async def balance() -> dict[str, Any]:
            return await asyncio.to_thread(parts.ledger.balance, wanted)

        yield take, balance


async def await_stored(report: Report, balance: Balance) -> None:
    """Wait until the loader is done with what was taken; what waits for longer is safe and will be."""
    deadline = time.monotonic() + STORED_WITHIN_S
    while (counted := await balance())["in_flight"] and time.monotonic() < deadline:  # noqa: ASYNC110 - another thread ends it
        await asyncio.sleep(LOOK_S)
    report.stored, report.duplicates = counted["stored"], counted["duplicates"]


def told(report: Report) -> str:
    """The report for people."""
    refused = sum(report.rejected.values())
    would = "would be " if report.dry_run else ""
    lines = [f"{report.read} events read, {report.accepted} {would}accepted, {refused} {would}refused"]
    if report.stored is not None:
        waiting = report.accepted - report.stored - (report.duplicates or 0)
        lines[0] += f"; {report.stored} stored, {report.duplicates} were stored before"
        lines[0] += f", {waiting} still on their way" if waiting > 0 else ""
    lines += [f"  {n} x {code}" for code, n in report.rejected.most_common()]
    lines += [f"  line {one['line']}: {one['code']}: {plain(one['message'])}" for one in report.examples]
    if refused and not report.dry_run:
        lines.append(f"The refused ones are in the quarantine, sent with the key {report.name}.")
    return "\n".join(lines)
