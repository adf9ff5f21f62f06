"""A report's files: real types in a workbook, harmless text, names that are ours, and the queue for what is large."""

from __future__ import annotations

import csv
import datetime as dt
import io

import openpyxl
import pytest

from timetracking.exports import report_entries
from timetracking.services import export_jobs

QUARTER = "?from=2026-04-20&to=2026-06-18"
NAME = "acme_2026-04-20_2026-06-18"


def content(response) -> bytes:
    return b"".join(response.streaming_content)


def sheet_of(response):
    return openpyxl.load_workbook(io.BytesIO(content(response))).active


def test_the_table_as_csv_and_as_workbook(work, as_alice):
    answer = as_alice.get(f"/o/acme/reports/export.csv{QUARTER}&by=agent")
    assert answer["Content-Disposition"] == f'attachment; filename="report_{NAME}.csv"'
    rows = list(csv.DictReader(io.StringIO(content(answer).decode("utf-8-sig"))))
    assert {row["Agent"] for row in rows} == {"Alice Adams", "Bob Brown", "Carol Clark"}
    answer = as_alice.get(f"/o/acme/reports/export.xlsx{QUARTER}&by=agent")
    assert f"report_{NAME}.xlsx" in answer["Content-Disposition"]
    sheet = sheet_of(answer)
    head = [cell.value for cell in sheet[1]]
    assert head == [
        "Agent", "Entries", "Hours", "Billable hours", "Billable share", "Billed hours", "Capacity", "Utilisation",
        "Amount",
    ]  # fmt: skip
    assert sheet.freeze_panes == "A2"
    total = sum(fact.minutes for fact in work)
    assert sheet.max_row == 5 and sheet[5][0].value == "Total"
    assert sheet[5][2].value == pytest.approx(total / 60)
    assert sum(sheet[n][2].value for n in (2, 3, 4)) == pytest.approx(sheet[5][2].value)
    assert "EUR" in sheet[5][8].number_format
    assert float(sheet[5][8].value) == float(sum(fact.amount for fact in work))


def test_the_entries_as_a_workbook_have_real_types(work, as_alice):
    sheet = sheet_of(as_alice.get(f"/o/acme/reports/entries/export.xlsx{QUARTER}"))
    head = {cell.value: place for place, cell in enumerate(sheet[1])}
    assert sheet.max_row == len(work) + 2 and sheet.freeze_panes == "A2"
    first, last = sheet[2], sheet[sheet.max_row]
    assert isinstance(first[head["Date"]].value, dt.datetime)
    assert isinstance(first[head["Hours"]].value, int | float)
    assert "EUR" in first[head["Amount"]].number_format
    assert last[head["Hours"]].value == pytest.approx(sum(fact.minutes for fact in work) / 60)
    assert last[head["Billed hours"]].value == pytest.approx(sum(fact.billed for fact in work) / 60)
    assert float(last[head["Amount"]].value) == float(sum(fact.amount for fact in work))
    subjects = {row[head["Subject"]].value for row in sheet.iter_rows(min_row=2)}
    assert "'=1+1" in subjects and "=1+1" not in subjects


def test_no_text_of_a_csv_is_a_formula(work, as_alice):
    answer = as_alice.get(f"/o/acme/reports/entries/export.csv{QUARTER}")
    assert answer["Content-Disposition"] == f'attachment; filename="time_{NAME}.csv"'
    rows = list(csv.DictReader(io.StringIO(content(answer).decode("utf-8-sig"))))
    assert {row["Subject"] for row in rows} == {"Call", "'=1+1", 'With "quotes", and more'}
    assert [row["Date"] for row in rows] == sorted(row["Date"] for row in rows)
    assert {row["Billing"] for row in rows} == {"Billable", "NoCharge", "DoNotBill"}


def test_too_many_for_a_request_are_made_in_the_background(work, as_alice, alice, monkeypatch):
    for module in ("selectors.report_entries", "views.reports", "views.report_exports"):
        monkeypatch.setattr(f"timetracking.{module}.MOST_AT_ONCE", 10)
    page = as_alice.get(f"/o/acme/reports/entries/{QUARTER}&kind=TICKET").content.decode()
    assert "Make a CSV file" in page and 'value="report_entries"' in page
    assert as_alice.get(f"/o/acme/reports/entries/export.xlsx{QUARTER}").status_code == 422
    sent = {"kind": "report_entries", "query": f"{QUARTER[1:]}&kind=TICKET", "format": "csv", "key": ""}
    assert as_alice.post("/o/acme/data/exports/ask/", sent).status_code == 302
    job = export_jobs.ExportJob.objects.get()
    assert job.file_name == f"time_{NAME}.csv"
    export = export_jobs.open_for(alice, "report_entries", {"query": f"{QUARTER[1:]}&kind=TICKET"})
    tickets = [fact for fact in work if fact.kind == "TICKET"]
    assert export.count() == len(tickets) == len(list(export.rows()))


def test_a_job_sees_what_its_asker_sees(work, carol, bob):
    export = report_entries.opened(carol, {"query": QUARTER[1:]})
    assert export.count() == sum(fact.agent == carol.pk for fact in work)
    assert "Amount" not in [column.header for column in report_entries.opened(bob, {}).columns]


def test_the_csv_streams_in_pieces(work, as_alice, monkeypatch):
    monkeypatch.setattr("timesheets_site.lib.spreadsheets.ROWS_A_CHUNK", 10)
    answer = as_alice.get(f"/o/acme/reports/entries/export.csv{QUARTER}")
    assert len(list(answer.streaming_content)) == 1 + len(work) // 10
