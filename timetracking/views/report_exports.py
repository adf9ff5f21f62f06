"""A report's files: its table, and the entries behind it, as CSV or as a workbook."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from accounts.tenancy import stream_in_scope
from timesheets_site.lib import workbooks
from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.spreadsheets import stream_csv
from timetracking.exports import report_table
from timetracking.exports.report_entries import EntriesFile
from timetracking.selectors import report_address
from timetracking.selectors.report_entries import MOST_AT_ONCE
from timetracking.selectors.report_query import ReportQuery
from timetracking.views.reports import FEATURE

CSV = "text/csv; charset=utf-8"


@requires(Permission.VIEW_REPORTS, feature=FEATURE)
@require_safe
def table_csv(request: Request, slug: str) -> HttpResponseBase:
    """All groups of the table, one row for each combination."""
    try:
        query = report_address.read(request.membership, request.GET)
        grouped = report_table.grouped_for_file(query)
    except RuleViolation as refusal:
        return _refused(refusal)
    columns = workbooks.csv_columns(report_table.columns_of(query))
    rows = stream_csv(columns, report_table.rows_of(grouped))
    return _csv(rows, report_table.file_name(query, "csv"))


@requires(Permission.VIEW_REPORTS, feature=FEATURE)
@require_safe
def table_xlsx(request: Request, slug: str) -> HttpResponseBase:
    try:
        query = report_address.read(request.membership, request.GET)
        grouped = report_table.grouped_for_file(query)
    except RuleViolation as refusal:
        return _refused(refusal)
    book = workbooks.write(
        report_table.columns_of(query),
        report_table.rows_of(grouped),
        title=_("Report"),
        totals=[report_table.total_of(grouped)],
    )
    return _workbook(book, report_table.file_name(query, "xlsx"))


@requires(Permission.VIEW_REPORTS, feature=FEATURE)
@require_safe
def entries_csv(request: Request, slug: str) -> HttpResponseBase:
    """The entries, streamed whatever their number."""
    try:
        query = report_address.read(request.membership, request.GET)
    except RuleViolation as refusal:
        return _refused(refusal)
    file = EntriesFile(query)
    rows = stream_csv(workbooks.csv_columns(file.columns), file.rows(), lines=file.lines)
    return _csv(stream_in_scope(rows, request.organisation.pk), f"{file.name}.csv")


@requires(Permission.VIEW_REPORTS, feature=FEATURE)
@require_safe
def entries_xlsx(request: Request, slug: str) -> HttpResponseBase:
    """The entries as a workbook, as many as fit into a request."""
    try:
        query = report_address.read(request.membership, request.GET)
        _check_size(query)
    except RuleViolation as refusal:
        return _refused(refusal)
    file = EntriesFile(query)
    book = workbooks.write(file.columns, file.rows(), title=_("Entries"), totals=file.totals())
    return _workbook(book, f"{file.name}.xlsx")


def _check_size(query: ReportQuery) -> None:
    if query.entries().order_by()[: MOST_AT_ONCE + 1].count() > MOST_AT_ONCE:
        words = _("These are too many entries for a workbook at once. Ask for it on the page of these entries.")
        raise RuleViolation("too_many_rows", words)


def _csv(rows: Iterator[bytes], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(rows, content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _workbook(book: object, name: str) -> FileResponse:
    return FileResponse(book, as_attachment=True, filename=name, content_type=workbooks.CONTENT_TYPE)


def _refused(refusal: RuleViolation) -> HttpResponse:
    return HttpResponse(str(refusal), status=422, content_type="text/plain; charset=utf-8")
