"""Rows to CSV: streamed, RFC 4180, UTF-8 with BOM, and no cell of user text that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

BOM = "\ufeff"
DANGEROUS = re.compile("[ \u00a0]*[=+\\-@\t\r\n\x00＝＋－＠]")
"""Matches text that a spreadsheet might run."""
ROWS_A_CHUNK = 2_000


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
    return f"'{value}" if isinstance(value, str) and DANGEROUS.match(value) else value


def cell(text: str) -> str:
    """Text as a CSV cell of its own: harmless, and quoted where it has to be.

    >>> cell("plain"), cell('a "b", c'), cell("=1+1"), cell("")
    ('plain', '"a ""b"", c"', "'=1+1", '')
    """
    if DANGEROUS.match(text):
        text = f"'{text}"
    if "," in text or '"' in text or "\n" in text or "\r" in text:
        text = text.replace('"', '""')
        return f'"{text}"'
    return text


class Cells(dict[str | None, str]):
    """The cells of texts that come again and again, like names: each is looked at once."""

    def __missing__(self, text: str | None) -> str:
        made = self[text] = cell(text or "")
        return made


def stream_csv(
    columns: Sequence[Column], rows: Iterable[Any], *, lines: Callable[[list[Any]], str] | None = None
) -> Iterator[bytes]:
    """The file in chunks of some thousand rows, whatever its length; memory stays the same.

    `lines` writes some rows at once, with `cell` and a CRLF behind each: for files that grow, since a call of each
    column for each row takes several times as long. Should it fail on the way, the last row says so: servers end an
    answer that breaks off as they end one that is complete.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")

    def written(cells: Iterable[Iterable[Any]]) -> str:
        buffer.seek(0)
        buffer.truncate()
        writer.writerows(cells)
        return buffer.getvalue()

    yield (BOM + written([[column.header for column in columns]])).encode()
    values = [column.value for column in columns]
    try:
        for chunk in chunks(rows, ROWS_A_CHUNK):
            text = lines(chunk) if lines else written([safe(value(row)) for value in values] for row in chunk)
            yield text.encode("utf-8", "replace")
    except Exception:
        failed = _("INCOMPLETE: making this file failed here. Rows are missing. Export it again.")
        yield written([[failed, *[""] * (len(columns) - 1)]]).encode()
        raise


def chunks(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """
    >>> list(chunks(range(5), 2))
    [[0, 1], [2, 3], [4]]
    """
    source = iter(rows)
    while chunk := list(itertools.islice(source, size)):
        yield chunk
