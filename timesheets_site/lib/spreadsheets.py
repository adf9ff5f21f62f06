"""Rows to CSV: streamed, RFC 4180, UTF-8 with BOM, and no cell of user text that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

BOM = "\ufeff"
FORMULA_STARTS = frozenset("=+-@\t\r\n\x00＝＋－＠")
ROWS_A_CHUNK = 500


@dataclass(frozen=True)
class Column:
    """A column of an export: its header and how a row's value becomes its cell."""

    header: str
    value: Callable[[Any], Any]


def safe(value: Any) -> Any:
    """Text that can't start a formula: a `'` goes before a dangerous first character, also behind blanks.

    >>> safe("=1+1"), safe("  @cmd"), safe("plain"), safe(-5), safe("")
    ("'=1+1", "'  @cmd", 'plain', -5, '')
    """
    if not isinstance(value, str) or not value:
        return value
    first = value.lstrip(" \u00a0")[:1]
    return f"'{value}" if first in FORMULA_STARTS or value[0] in FORMULA_STARTS else value


def stream_csv(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[bytes]:
    """The file in chunks of some hundred rows, whatever its length; memory stays the same."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([column.header for column in columns])
    yield (BOM + buffer.getvalue()).encode()
    values = [column.value for column in columns]
    for chunk in chunks(rows, ROWS_A_CHUNK):
        buffer.seek(0)
        buffer.truncate()
        writer.writerows([safe(value(row)) for value in values] for row in chunk)
        yield buffer.getvalue().encode("utf-8", "replace")


def chunks(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """
    >>> list(chunks(range(5), 2))
    [[0, 1], [2, 3], [4]]
    """
    chunk = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
