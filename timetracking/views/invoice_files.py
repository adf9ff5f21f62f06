"""An invoice as a file: CSV, XLSX, and the PDF that a client is sent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from operator import itemgetter
from typing import TypeVar

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from accounts.tenancy import stream_in_scope
from timesheets_site.lib import workbooks
from timesheets_site.lib.spreadsheets import Column, stream_csv
from timetracking.exports import invoice_pdf
from timetracking.exports import invoices as tables
from timetracking.models import Invoice
from timetracking.selectors.invoice_paper import lines_of, paper_of
from timetracking.views.invoices import invoice_or_404

Answer = TypeVar("Answer", bound=HttpResponse | StreamingHttpResponse)


@requires(Permission.MANAGE_INVOICES, feature="timesheets")
@require_safe
def csv(request: Request, slug: str, invoice_id: int) -> StreamingHttpResponse:
    """Its lines and totals, in minutes."""
    invoice = invoice_or_404(invoice_id)
    columns = workbooks.csv_columns(tables.columns_of(invoice))
    lines = ([column.value(line) for column in columns] for line in lines_of(invoice))
    cells = [Column(column.header, itemgetter(place)) for place, column in enumerate(columns)]
    rows = stream_csv(cells, chain(lines, workbooks.csv_rows(tables.totals_rows(invoice))))
    streamed: Iterator[bytes] = stream_in_scope(rows, request.organisation.pk)
    response = StreamingHttpResponse(streamed, content_type="text/csv; charset=utf-8")
    return _named(response, invoice, slug, "csv")


@requires(Permission.MANAGE_INVOICES, feature="timesheets")
@require_safe
def xlsx(request: Request, slug: str, invoice_id: int) -> FileResponse:
    """The same with real numbers and dates, in hours."""
    invoice = invoice_or_404(invoice_id)
    title = invoice.reference or str(invoice)
    book = workbooks.write(
        tables.columns_of(invoice), lines_of(invoice), title=title, totals=tables.totals_rows(invoice)
    )
    return _named(FileResponse(book, content_type=workbooks.CONTENT_TYPE), invoice, slug, "xlsx")


@requires(Permission.MANAGE_INVOICES, feature="timesheets")
@require_safe
def pdf(request: Request, slug: str, invoice_id: int) -> HttpResponse:
    """The document; a draft says on each page that it is one."""
    invoice = invoice_or_404(invoice_id)
    document = invoice_pdf.pdf_of(paper_of(request.membership, invoice), lines_of(invoice))
    return _named(HttpResponse(document, content_type="application/pdf"), invoice, slug, "pdf")


def _named(response: Answer, invoice: Invoice, slug: str, extension: str) -> Answer:
    response["Content-Disposition"] = f'attachment; filename="{tables.file_name(invoice, slug, extension)}"'
    return response
