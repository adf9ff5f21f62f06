"""Rows to XLSX: real numbers and dates, a frozen header, at constant memory; and the same columns to CSV.

A column says what its values are (`Kind`), so that one list of columns makes both files. User text is always written
as text and can't start a formula, as in `spreadsheets`.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import IO, Any

from babel.numbers import get_currency_precision

from timesheets_site.lib import spreadsheets

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_576 - 1
"""Rows below a header that a sheet takes; what comes after goes to a further sheet."""
LONGEST_CELL = 32_767
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class Kind(StrEnum):
    TEXT = "text"
    DATE = "date"
    MINUTES = "minutes"
    """Whole minutes: a number of hours in a workbook, minutes in CSV."""
    NUMBER = "number"
    PERCENT = "percent"
    """A number of percent: 85.5."""
    MONEY = "money"
    RATE = "rate"
    """Money that may have more decimals than its currency."""


@dataclass(frozen=True)
class Column:
    """A column of a file: its header, how a row's value is found, and what it is. None is an empty cell.

    `currency` is for money and rates, `width` is about as many characters. `csv_header` is another header for CSV,
    where hours are minutes.
    """

    header: str
    value: Callable[[Any], Any]
    kind: Kind = Kind.TEXT
    currency: str = ""
    width: int = 0
    csv_header: str = ""

    @property
    def format(self) -> str:
        """How a spreadsheet shows it.

        >>> Column("Net", str, Kind.MONEY, "GBP").format, Column("Net", str, Kind.MONEY, "JPY").format
        ('[$GBP] #,##0.00', '[$JPY] #,##0')
        """
        if self.kind is Kind.MONEY:
            decimals = get_currency_precision(self.currency)
            return f"[${self.currency}] #,##0" + ("." + "0" * decimals if decimals else "")
        return _FORMATS[self.kind].replace("¤", f"[${self.currency}]")


_FORMATS = {
    Kind.TEXT: "@",
    Kind.DATE: "yyyy-mm-dd",
    Kind.MINUTES: "#,##0.00",
    Kind.NUMBER: "#,##0.##",
    Kind.PERCENT: '0.0"%"',
    Kind.RATE: "¤ #,##0.00##",
}
_WIDTHS = {Kind.TEXT: 24, Kind.DATE: 12, Kind.MINUTES: 10, Kind.NUMBER: 10, Kind.PERCENT: 10, Kind.MONEY: 16}


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook. `totals` are rows of cells, one for each column, written in bold below the others."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Any]
    totals: Sequence[Sequence[Any]] = ()


def write(
    columns: Sequence[Column], rows: Iterable[Any], *, title: str, totals: Sequence[Sequence[Any]] = ()
) -> IO[bytes]:
    """A workbook of one sheet, as an open temporary file at its start; whoever gets it closes it."""
    return write_sheets([Sheet(title, columns, rows, totals)])


def write_sheets(sheets: Iterable[Sheet], to: IO[bytes] | None = None) -> IO[bytes]:
    """A workbook of some sheets, one after the other, into `to` or a temporary file. Memory stays the same."""
    import xlsxwriter  # slow to load, and needed by few requests

    target: IO[bytes] = to if to is not None else tempfile.TemporaryFile()  # noqa: SIM115  # whoever asked closes it
    book = xlsxwriter.Workbook(target, OPTIONS)
    names: set[str] = set()
    for sheet in sheets:
        _write_sheet(book, sheet, names)
    book.close()
    target.seek(0)
    return target


def csv_columns(columns: Iterable[Column]) -> list[spreadsheets.Column]:
    """The same columns for `spreadsheets.stream_csv`: ISO days, whole minutes, plain decimals."""
    return [spreadsheets.Column(column.csv_header or column.header, _plain(column)) for column in columns]


def csv_rows(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Rows of totals as CSV writes them."""
    return [[_plain_value(value) for value in row] for row in rows]


def _plain(column: Column) -> Callable[[Any], Any]:
    return lambda row: _plain_value(column.value(row))


def _plain_value(value: Any) -> Any:
    """
    >>> _plain_value(dt.date(2026, 6, 1)), _plain_value(Decimal("1E+3")), _plain_value(None), _plain_value(90)
    ('2026-06-01', '1000', '', 90)
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, dt.date) else value


def _write_sheet(book: Any, sheet: Sheet, names: set[str]) -> None:
    formats = [book.add_format({"num_format": column.format}) for column in sheet.columns]
    bold = [book.add_format({"num_format": column.format, "bold": True, "top": 1}) for column in sheet.columns]
    values = [column.value for column in sheet.columns]
    page, at = _new_page(book, sheet, names), 0
    for row in sheet.rows:
        if at == MOST_ROWS:
            page, at = _new_page(book, sheet, names), 0
        at += 1
        _write_row(page, at, sheet.columns, [value(row) for value in values], formats)
    for cells in sheet.totals:
        if at == MOST_ROWS:
            page, at = _new_page(book, sheet, names), 0
        at += 1
        _write_row(page, at, sheet.columns, cells, bold)


def _new_page(book: Any, sheet: Sheet, names: set[str]) -> Any:
    page = book.add_worksheet(_sheet_name(sheet.title, names))
    header = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width or _WIDTHS.get(column.kind, 14))
        page.write_string(0, at, _text(column.header), header)
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    return page


def _write_row(page: Any, at: int, columns: Sequence[Column], cells: Sequence[Any], formats: Sequence[Any]) -> None:
    for place, (column, value, look) in enumerate(zip(columns, cells, formats, strict=True)):
        if value is None or value == "":
            continue
        if isinstance(value, str):
            page.write_string(at, place, _text(value), look)
        elif isinstance(value, dt.date):
            page.write_datetime(at, place, value, look)
        else:
            page.write_number(at, place, Decimal(value) / 60 if column.kind is Kind.MINUTES else value, look)


def _text(value: str) -> str:
    """
    >>> _text("=1+1"), _text("fine"), _text("a\\ud800b")
    ("'=1+1", 'fine', 'a?b')
    """
    safe: str = spreadsheets.safe(value)
    return safe[:LONGEST_CELL].encode("utf-8", "replace").decode()


def _sheet_name(title: str, names: set[str]) -> str:
    """A name that spreadsheets accept, once in a workbook.

    >>> names = set()
    >>> _sheet_name("Hours: 2026/06", names), _sheet_name("Hours: 2026/06", names), _sheet_name("'", names)
    ('Hours 202606', 'Hours 202606 (2)', 'Sheet')
    """
    wanted = "".join(c for c in _text(title) if c not in "[]:*?/\\" and c.isprintable()).strip(" '")[:31] or "Sheet"
    name, count = wanted, 1
    while name.lower() in names:
        count += 1
        name = f"{wanted[: 31 - len(str(count)) - 3]} ({count})"
    names.add(name.lower())
    return name
