"""XLSX: real numbers and dates, nothing that a spreadsheet would run, as many rows as there are."""

import datetime as dt
from decimal import Decimal

import openpyxl
import pytest

from timesheets_site.lib import workbooks
from timesheets_site.lib.workbooks import Column, Kind, Sheet

ROWS = [
    {"day": dt.date(2026, 6, 15), "text": "=1+1", "minutes": 50, "net": Decimal("1234.5"), "rate": Decimal("95.125")},
    {"day": None, "text": "https://example.test/", "minutes": 0, "net": Decimal(0), "rate": None},
    {"day": dt.date(2026, 6, 16), "text": "a\ud800\x01\u202e", "minutes": 90, "net": Decimal("-0.01"), "rate": None},
]
COLUMNS = [
    Column("Day", lambda row: row["day"], Kind.DATE),
    Column("Text", lambda row: row["text"]),
    Column("Hours", lambda row: row["minutes"], Kind.MINUTES),
    Column("Net", lambda row: row["net"], Kind.MONEY, "GBP"),
    Column("Rate", lambda row: row["rate"], Kind.RATE, "GBP"),
]


def read(*args, **kwargs):
    with workbooks.write(*args, **kwargs) as file:
        return openpyxl.load_workbook(file)


def test_values_keep_their_types_and_text_is_never_a_formula():
    book = read(COLUMNS, ROWS, title="Time", totals=[("", "Total", 140, Decimal("1234.49"), None)])
    sheet = book["Time"]
    assert sheet.freeze_panes == "A2"
    cells = list(sheet.iter_rows())
    assert [cell.value for cell in cells[0]] == ["Day", "Text", "Hours", "Net", "Rate"]
    assert [cell.value for cell in cells[1]] == [
        dt.datetime(2026, 6, 15),  # noqa: DTZ001  # a workbook knows no zones
        "'=1+1",
        pytest.approx(50 / 60),
        1234.5,
        95.125,
    ]
    assert [cell.data_type for cell in cells[1]] == ["d", "s", "n", "n", "n"]
    assert cells[1][3].number_format == "[$GBP] #,##0.00"
    assert cells[2][0].value is None
    assert cells[2][1].hyperlink is None
    assert cells[3][1].value.startswith("a?")
    assert [cell.value for cell in cells[4]] == [None, "Total", pytest.approx(140 / 60), 1234.49, None]
    assert cells[4][1].font.bold
    assert sum(row[2].value for row in cells[1:4]) == pytest.approx(cells[4][2].value, abs=1e-9)


def test_what_does_not_fit_a_sheet_goes_on_in_the_next(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_ROWS", 2)
    book = read(COLUMNS, ROWS, title="Time")
    assert book.sheetnames == ["Time", "Time (2)"]
    assert [sheet.max_row for sheet in book] == [3, 2]


def test_sheets_of_several_kinds_in_one_book():
    with workbooks.write_sheets([Sheet("Time", COLUMNS, ROWS), Sheet("Time", COLUMNS[:2], [])]) as file:
        book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["Time", "Time (2)"]
    assert [cell.value for cell in book["Time (2)"][1]] == ["Day", "Text"]


def test_the_same_columns_make_a_csv():
    columns = workbooks.csv_columns(COLUMNS)
    assert [column.value(ROWS[0]) for column in columns] == ["2026-06-15", "=1+1", 50, "1234.5", "95.125"]
