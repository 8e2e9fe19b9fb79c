"""A file of events → lines of JSON with their numbers. NDJSON, CSV and Parquet, each gzipped or not.

What a file is, is seen from its first bytes; the ending of its name only tells CSV from tab-separated text.
"""

import csv
import gzip
import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple, cast
from uuid import UUID, uuid5

import msgspec

from trackway.errors import TrackwayError
from trackway.tables.cells import OURS, Cell, event_of

Form = Literal["ndjson", "csv", "parquet"]
FORMS: tuple[Form, ...] = ("ndjson", "csv", "parquet")
GZIP, PARQUET, BOM = b"\x1f\x8b", b"PAR1", b"\xef\xbb\xbf"
LINE_BYTES_MAX = 8 * 1024 * 1024
PARQUET_ROWS = 2_000
NO_ID = UUID("6e1b54a2-7f0c-5d0e-9b8a-4c1f7a52d9e3")
"""The namespace of ids made for events that have none (RFC 9562, 5.5)."""


class FileUnreadable(TrackwayError):
    """The file cannot be read as events; the message says what to do."""


class EventFile(NamedTuple):
    """An open file of events. `raw` is the file itself, whose place tells how far it was read; `size` its bytes."""

    name: str
    form: Form
    raw: BinaryIO
    content: BinaryIO
    size: int

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Each event as one line of JSON, with the number of its line (1 is the first, a CSV's header among them).

        Raises FileUnreadable where nothing more can be read.
        """
        try:
            yield from READERS[self.form](self)
        except (OSError, EOFError, UnicodeDecodeError, csv.Error, ValueError) as error:
            raise FileUnreadable(f"{self.name} cannot be read any further as {self.form}: {error}.") from error


def open_events(path: Path, form: Form | None = None) -> EventFile:
    """Open a file. The caller closes `raw` and `content`. Raises FileUnreadable."""
    try:
        raw = path.open("rb")
        size = path.stat().st_size
    except OSError as error:
        raise FileUnreadable(f"{path} cannot be opened: {error.strerror}.") from error
    content = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if peek(raw, 2) == GZIP else raw
    try:
        start = peek(content, 512)
    except (OSError, EOFError) as error:
        raise FileUnreadable(f"{path} begins like gzip and is none: {error}.") from error
    return EventFile(str(path), form or form_of(path, start), raw, content, size)


def peek(file: BinaryIO, n: int) -> bytes:
    """The file's first bytes, left to be read again."""
    start = file.read(n)
    file.seek(0)
    return start


def form_of(path: Path, start: bytes) -> Form:
    """What the file is. Raises FileUnreadable for what is none of the three."""
    if start.startswith(PARQUET):
        return "parquet"
    text = start.removeprefix(BOM).lstrip()
    if text.startswith(b"{") or not text:
        return "ndjson"
    if text.startswith(b"["):
        raise FileUnreadable(f"{path} is one JSON array; make it one object a line, as `jq -c '.[]'` does.")
    if b"\0" in start:
        raise FileUnreadable(f"{path} is none of {', '.join(FORMS)} (gzipped or not); say --format if it is.")
    return "csv"


def read_ndjson(file: EventFile) -> Iterator[tuple[int, bytes]]:
    """Lines as they are; empty ones left out."""
    for number in range(1, 2**63):
        line = file.content.readline(LINE_BYTES_MAX + 1)
        if not line:
            return
        if len(line) > LINE_BYTES_MAX:
            raise FileUnreadable(f"{file.name}: line {number} is longer than {LINE_BYTES_MAX} bytes.")
        if number == 1:
            line = line.removeprefix(BOM)
        if line.strip():
            yield number, line.strip()


def read_csv(file: EventFile) -> Iterator[tuple[int, bytes]]:
    """Lines by the names in the header. A line with more cells than the header is no event, and refused as it is."""
    csv.field_size_limit(LINE_BYTES_MAX)
    text = io.TextIOWrapper(file.content, encoding="utf-8-sig", newline="")
    header = text.readline()
    text.seek(0)
    tabs = header.count("\t") > header.count(",")
    semicolons = header.count(";") > max(header.count(","), header.count("\t"))
    lines = csv.DictReader(text, delimiter="\t" if tabs else ";" if semicolons else ",", strict=True)
    if "action" not in (lines.fieldnames or ()):
        raise FileUnreadable(f"{file.name} has no column `action` in its first line; name the columns there.")
    ours = OURS.issubset(lines.fieldnames or ())
    for cells in lines:
        whole = None not in cells
        event: Any = event_of({name: Cell(cell or "") for name, cell in cells.items()}, ours) if whole else cells[None]
        yield lines.line_num, msgspec.json.encode(event)


def read_parquet(file: EventFile) -> Iterator[tuple[int, bytes]]:
    """Rows in order, the first as number 1."""
    parquet: Any = import_module("pyarrow.parquet")  # a tenth of a second, and only Parquet needs it

    with closing(tempfile.TemporaryFile()) as copy:
        source: Any = file.content
        if file.content is not file.raw:
            shutil.copyfileobj(file.content, copy)
            source = copy
        table: Any = parquet.ParquetFile(source)
        names: frozenset[str] = frozenset(table.schema_arrow.names)
        if "action" not in names:
            raise FileUnreadable(f"{file.name} has no column `action`.")
        ours, number = OURS.issubset(names), 0
        for batch in table.iter_batches(PARQUET_ROWS):
            for cells in batch.to_pylist():
                number += 1
                yield number, msgspec.json.encode(event_of(cells, ours))


READERS = {"ndjson": read_ndjson, "csv": read_csv, "parquet": read_parquet}


def with_id(line: bytes) -> bytes:
    """The line with an id made of what it says, where it has none: read twice, it is the same event.

    What is no JSON object stays as it is.
    """
    try:
        event = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return line
    if not isinstance(event, dict) or cast("dict[str, Any]", event).get("id") is not None:
        return line
    said = msgspec.json.encode(event, order="sorted")
    return msgspec.json.encode({"id": str(uuid5(NO_ID, said.decode("utf-8", "replace"))), **event})
