"""CSV: a cell written by hand is what Python's own writer makes of it; no text starts a formula; memory stays."""

import csv
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timesheets_site.lib.spreadsheets import BOM, Cells, Column, cell, safe, stream_csv

TEXTS = st.text(st.sampled_from('ab,"\r\n\t =+-@＝\u00a0é\x00'), max_size=12) | st.text(max_size=20)
COLUMNS = [Column("text", lambda row: row[0]), Column("number", lambda row: row[1])]


@given(text=TEXTS)
def test_a_cell_is_what_the_csv_module_writes(text):
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([safe(text), "x"])
    assert f"{cell(text)},x\r\n" == buffer.getvalue()


@given(text=TEXTS)
def test_no_cell_starts_a_formula(text):
    first = safe(text).lstrip(" \u00a0")[:1]
    assert first not in set("=+-@\t\r\n\x00＝＋－＠") or first == ""
    assert Cells()[text] == cell(text)


@given(rows=st.lists(st.tuples(TEXTS, st.integers(0, 9)), max_size=8))
def test_lines_written_at_once_are_those_of_the_columns(rows):
    def lines(some):
        return "".join(f"{cell(text)},{number}\r\n" for text, number in some)

    assert b"".join(stream_csv(COLUMNS, rows, lines=lines)) == b"".join(stream_csv(COLUMNS, rows))


def test_what_no_encoding_knows_is_replaced():
    content = b"".join(stream_csv(COLUMNS, [("a\ud800b", 1)])).decode("utf-8")
    assert content == f"{BOM}text,number\r\na?b,1\r\n"


def test_memory_stays_the_same_whatever_the_number_of_rows():
    def peak(count):
        tracemalloc.start()
        try:
            for _chunk in stream_csv(COLUMNS, ((f"row {n}", n) for n in range(count))):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(20_000) < peak(4_000) * 2  # five times the rows


def test_a_file_that_breaks_off_says_so_in_its_last_row():
    def rows():
        yield from (("a", n) for n in range(3_000))
        raise OSError("the database went away")

    made = []
    with pytest.raises(OSError, match="went away"):
        made.extend(stream_csv(COLUMNS, rows()))
    lines = list(csv.reader(io.StringIO(b"".join(made).decode("utf-8-sig"), newline="")))
    assert lines[-2][1] == "1999"  # of the last whole chunk
    assert (lines[-1][0][:10], lines[-1][1:]) == ("INCOMPLETE", [""])
