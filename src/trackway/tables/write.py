"""Events → a file: NDJSON, CSV or Parquet, gzipped where its name says so. Whole or not there: written beside, then put
in place."""

import csv
import gzip
import io
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from trackway.errors import TrackwayError
from trackway.tables.cells import COLUMNS, cells_of, disarm
from trackway.tables.read import Form

STDOUT = Path("-")
ENDINGS: dict[str, Form] = {
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "ndjson",
    ".csv": "csv",
    ".parquet": "parquet",
}
PARQUET_GROUP_ROWS = 100_000


class FileUnwritable(TrackwayError):
    """The file cannot be written; the message says why."""


class Writes(Protocol):
    """Takes events as the API shows them, each as JSON."""

    def write(self, events: Sequence[bytes]) -> None:
        """Write some more."""
        ...

    def close(self) -> None:
        """Write what is left."""
        ...


def form_for(path: Path) -> Form:
    """The form that a name asks for; NDJSON for standard output. Raises FileUnwritable."""
    if path == STDOUT:
        return "ndjson"
    ending = Path(path.name.removesuffix(".gz")).suffix.lower()
    if ending not in ENDINGS:
        raise FileUnwritable(f"{path}: end the name with one of {', '.join(ENDINGS)} (and .gz), or say --format.")
    return ENDINGS[ending]


@contextmanager
def writing(path: Path, form: Form) -> Generator[Writes]:
    """A file to write events into; it takes its name when all is written. Raises FileUnwritable."""
    beside = path.with_name(f".{path.name}.part")
    try:
        with ExitStack() as closing:
            if path == STDOUT:
                out = cast("BinaryIO", sys.stdout.buffer)
            else:
                out = closing.enter_context(beside.open("wb"))
                closing.callback(lambda: beside.unlink(missing_ok=True))
            content = out
            if path.name.endswith(".gz") and form != "parquet":
                content = cast("BinaryIO", closing.enter_context(gzip.GzipFile("", "wb", 6, out, 0)))
            writer = WRITERS[form](content)
            yield writer
            writer.close()
            if content is not out:
                content.close()
            if path != STDOUT:
                out.flush()
                os.fsync(out.fileno())
                beside.replace(path)
    except OSError as error:
        raise FileUnwritable(f"{path} cannot be written: {error.strerror or error}.") from error


class NdjsonWriter:
    """One event a line, as the API shows it."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, events: Sequence[bytes]) -> None:
        """Write some more."""
        for event in events:
            self._out.write(event + b"\n")

    def close(self) -> None:
        """Nothing is left."""


class CsvWriter:
    """RFC 4180, UTF-8, COLUMNS as its header. No cell is a formula."""

    def __init__(self, out: BinaryIO) -> None:
        self._text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
        self._lines: csv.DictWriter[str] = csv.DictWriter(self._text, COLUMNS)
        self._lines.writeheader()

    def write(self, events: Sequence[bytes]) -> None:
        """Write some more."""
        self._lines.writerows({name: cell_text(cell) for name, cell in cells_of(event).items()} for event in events)

    def close(self) -> None:
        """Let go of the file without closing it."""
        self._text.flush()
        self._text.detach()


def cell_text(cell: Any) -> Any:
    """A cell as CSV has it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return disarm(cell) if isinstance(cell, str) else cell


class ParquetWriter:
    """COLUMNS; times as timestamps in ms, UTC; params, utm and unusual as JSON text. Compressed with Zstandard."""

    def __init__(self, out: BinaryIO) -> None:
        arrow: Any = import_module("pyarrow")  # a tenth of a second, and only Parquet needs it
        parquet: Any = import_module("pyarrow.parquet")

        moment = arrow.timestamp("ms", tz="UTC")
        types: dict[str, Any] = {
            "time": moment, "received": moment, "client_time": moment,
            "seq": arrow.int64(), "authenticated": arrow.bool_(), "bot": arrow.bool_(),
        }  # fmt: skip
        self._schema = arrow.schema([(name, types.get(name, arrow.string())) for name in COLUMNS])
        self._table = arrow.Table
        self._file = parquet.ParquetWriter(out, self._schema, compression="zstd")
        self._waiting: list[dict[str, Any]] = []

    def write(self, events: Sequence[bytes]) -> None:
        """Write some more."""
        self._waiting += [cells_of(event) for event in events]
        if len(self._waiting) >= PARQUET_GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._file.write_table(self._table.from_pylist(self._waiting, self._schema))
            self._waiting = []

    def close(self) -> None:
        """Write what is left, and the footer."""
        self._flush()
        self._file.close()


WRITERS = {"ndjson": NdjsonWriter, "csv": CsvWriter, "parquet": ParquetWriter}
