"""CSV, XLSX and PDF: they agree with the page, run nothing, and say nothing that the client must not read."""

import csv
import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pypdf
import pytest
from django.urls import reverse

from tests import factories
from tests.timetracking.invoices.billing import FIRST, LAST, billed_entry
from timetracking.exports import invoice_pdf
from timetracking.models import TimeEntry
from timetracking.selectors.invoice_paper import Line, lines_of, paper_of
from timetracking.services import invoices

pytestmark = pytest.mark.django_db
SECRET = "Zebra-49"  # stands in what no client may read


@pytest.fixture
def organisation(alice):
    found = alice.organisation
    found.legal_name, found.address, found.tax_number = "Acme Ltd", "1 Street\nLeeds", "GB 123"
    found.tax_name, found.tax_percent, found.invoice_terms = "VAT", Decimal(20), "Pay within 30 days"
    found.save()
    return found


@pytest.fixture
def issued(alice, client_, entries, organisation, carol, project):
    billed_entry(carol, project=project, subject="=HYPERLINK(1)", no_charge=True, minutes=45)
    TimeEntry.objects.update(internal_notes=f"Internal {SECRET}", description=f"Described {SECRET}")
    draft = invoices.draft(alice, client=client_, first_on=FIRST, last_on=LAST, note="Thank you")
    return invoices.issue(alice, draft.pk, version=draft.version)


def fetched(client, name, invoice):
    answer = client.get(reverse(name, args=["acme", invoice.pk]))
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body, answer


def pdf_text(body):
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages)


def test_csv_has_the_lines_and_the_totals(as_alice, issued):
    body, answer = fetched(as_alice, "invoice-csv", issued)
    assert answer["Content-Disposition"] == 'attachment; filename="invoice_acme_INV-1.csv"'
    assert body.startswith(b"\xef\xbb\xbf") and b"\r\n" in body
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert rows[0][:6] == ["Project", "Date", "Description", "Agent", "Minutes", "Included minutes"]
    assert {len(row) for row in rows} == {9}
    lines, (net, tax, total) = rows[1:-3], rows[-3:]
    assert ["'=HYPERLINK(1)", "No charge", "0"] in [[row[2], row[6], row[8]] for row in lines]
    assert [Decimal(row[8]) for row in (net, tax, total)] == [issued.net, issued.tax, issued.total]
    assert sum(Decimal(row[8]) for row in lines) == issued.net
    assert sum(int(row[4]) for row in lines) == int(total[4]) == issued.minutes == 135


def test_xlsx_has_numbers_and_dates(as_alice, issued):
    body, answer = fetched(as_alice, "invoice-xlsx", issued)
    assert answer["Content-Disposition"] == 'attachment; filename="invoice_acme_INV-1.xlsx"'
    sheet = openpyxl.load_workbook(io.BytesIO(body))["INV-1"]
    rows = list(sheet.iter_rows(values_only=True))
    assert sheet.freeze_panes == "A2"
    assert isinstance(rows[1][1], dt.datetime) and isinstance(rows[1][4], float | int)
    assert "'=HYPERLINK(1)" in [row[2] for row in rows]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert rows[-1][0] == "Total" and Decimal(str(rows[-1][8])) == issued.total
    assert rows[-1][4] == pytest.approx(135 / 60)


def test_the_pdf_can_be_sent_to_a_client(as_alice, issued):
    body, answer = fetched(as_alice, "invoice-pdf", issued)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="invoice_acme_INV-1.pdf"'
    text = pdf_text(body)
    for words in (
        "Invoice INV-1", "Acme Ltd", "1 Street", "GB 123", "Harbourside", "1 Quay", "Thank you", "BCN-1 Beacon",
        "Rollout", "=HYPERLINK(1)", "No charge", "VAT 20%", "€127.75", "€25.55", "€153.30", "Pay within 30 days",
        "Page 1 of 1",
    ):  # fmt: skip
        assert words in text, words
    assert "Draft" not in text
    reader = pypdf.PdfReader(io.BytesIO(body))
    assert reader.metadata.title == "Invoice INV-1"
    assert "/StructTreeRoot" in reader.trailer["/Root"] and b"pdfuaid:part" in body


def test_a_draft_says_that_it_is_one(as_alice, alice, client_, entries, organisation):
    draft = invoices.draft(alice, client=client_, first_on=FIRST, last_on=LAST)
    body, answer = fetched(as_alice, "invoice-pdf", draft)
    assert f"draft-{draft.pk}.pdf" in answer["Content-Disposition"]
    assert "Draft" in pdf_text(body) and "Acme Ltd" in pdf_text(body)


def test_a_void_one_says_so(as_alice, alice, issued):
    invoices.void(alice, issued.pk, version=None, reason="Wrong")
    body, _answer = fetched(as_alice, "invoice-pdf", issued)
    assert "Void" in pdf_text(body)


def test_internal_notes_and_descriptions_are_nowhere(as_alice, alice, issued):
    """The marker is in every entry; it would be found if anything printed it."""
    invoices.void(alice, issued.pk, version=None, reason="Wrong")
    draft = invoices.draft(alice, client=issued.client, first_on=FIRST, last_on=LAST)
    for invoice in (issued, draft):
        csv_body, _ = fetched(as_alice, "invoice-csv", invoice)
        xlsx_body, _ = fetched(as_alice, "invoice-xlsx", invoice)
        pdf_body, _ = fetched(as_alice, "invoice-pdf", invoice)
        book = openpyxl.load_workbook(io.BytesIO(xlsx_body))
        cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
        page, _ = fetched(as_alice, "invoice", invoice)
        issue_or_void = "invoice-issue" if invoice is draft else "invoice-history"
        asked, _ = fetched(as_alice, issue_or_void, invoice)
        for text in (csv_body.decode(), " ".join(cells), pdf_text(pdf_body), page.decode(), asked.decode()):
            assert SECRET not in text
            assert "Rollout" in text or "INV-1" in text or "Issue this invoice?" in text  # it is the right text


def test_text_is_never_markup(alice, client_, carol, project):
    subject = '#import "x" *bold* $x^2$ \\ "quoted" <tag> // not a comment'
    billed_entry(carol, project=project, subject=subject)
    draft = invoices.draft(alice, client=client_, first_on=FIRST, last_on=LAST)
    text = pdf_text(invoice_pdf.pdf_of(paper_of(alice, draft), lines_of(draft))).replace("\n", " ")
    assert '#import "x" *bold* $x^2$ \\ "quoted" <tag> // not a comment' in " ".join(text.split())


def test_the_hours_of_the_lines_make_the_hours_below_them(alice, client_, carol, project):
    for subject in ("First", "Second", "Third"):
        billed_entry(carol, project=project, subject=subject, minutes=20)
    draft = invoices.draft(alice, client=client_, first_on=FIRST, last_on=LAST)
    text = pdf_text(invoice_pdf.pdf_of(paper_of(alice, draft), lines_of(draft)))
    assert text.count("0:20") == 3 and "Beacon 1:00 €80.01" in text


def test_letters_that_no_font_has_still_make_a_pdf(alice, client_, carol, project):
    billed_entry(carol, project=project, subject="Visit \U00012000 done \u202e")
    draft = invoices.draft(alice, client=client_, first_on=FIRST, last_on=LAST)
    assert "Visit" in pdf_text(invoice_pdf.pdf_of(paper_of(alice, draft), lines_of(draft)))


def test_the_head_of_a_table_is_on_every_page(alice, client_, entries):
    draft = invoices.draft(alice, client=client_, first_on=FIRST, last_on=LAST)
    paper = paper_of(alice, draft)
    day = factories.TimeEntryFactory._meta.model.objects.first().date
    lines = [
        Line(paper.groups[0].heading, day, "Carol", f"Work {n}", 60, 0, False, Decimal(80), Decimal(80))
        for n in range(90)
    ]
    pages = pypdf.PdfReader(io.BytesIO(invoice_pdf.pdf_of(paper, lines))).pages
    assert len(pages) > 2
    for number, page in enumerate(pages[:-1], 1):
        text = page.extract_text()
        assert "Description Hours Rate Amount" in text and f"Page {number} of {len(pages)}" in text
