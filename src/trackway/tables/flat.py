"""Rows of an answer → a file: CSV, or Parquet. Pure.

For what is asked for in one answer; files of all events are `write.py`'s.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any, Literal

from trackway.tables.cells import disarm

FileForm = Literal["csv", "parquet"]
MEDIA_TYPES: dict[FileForm, str] = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """RFC 4180, UTF-8, the columns as its header. No cell is a formula; lists and objects are JSON text."""
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow([disarm(column) for column in columns])
    lines.writerows([csv_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def csv_cell(cell: Any) -> Any:
    """A cell as CSV has it; None is an empty one."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="milliseconds")
    if isinstance(cell, list | dict):
        return disarm(json.dumps(cell, ensure_ascii=False))
    return disarm(cell) if isinstance(cell, str) else cell


def as_parquet(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Each column's type is that of its values: whole numbers, numbers, booleans, moments (UTC), else text."""
    arrow: Any = import_module("pyarrow")  # a tenth of a second, and only Parquet needs it
    parquet: Any = import_module("pyarrow.parquet")
    across = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]
    arrays = [parquet_column(arrow, column) for column in across]
    out = io.BytesIO()
    parquet.write_table(arrow.Table.from_arrays(arrays, names=list(columns)), out, compression="zstd")
    return out.getvalue()


def parquet_column(arrow: Any, cells: list[Any]) -> Any:
    """One column's cells with the narrowest of the types that holds them all."""
    kinds: set[type[Any]] = {type(cell) for cell in cells if cell is not None}
    if kinds == {datetime}:
        return arrow.array(cells, arrow.timestamp("ms", tz="UTC"))
    if kinds == {bool}:
        return arrow.array(cells, arrow.bool_())
    if kinds == {int} and all(cell is None or -(2**63) <= cell < 2**63 for cell in cells):
        return arrow.array(cells, arrow.int64())
    if kinds and kinds <= {int, float}:
        return arrow.array([None if cell is None else float(cell) for cell in cells], arrow.float64())
    return arrow.array([None if cell is None else plain_text(cell) for cell in cells], arrow.string())


def plain_text(cell: Any) -> str:
    """A cell as text; what is no text itself is JSON."""
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="milliseconds")
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
