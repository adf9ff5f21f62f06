"""The week page and its CSV."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from accounts.tenancy import stream_in_scope
from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.htmx import render_page, trigger
from timesheets_site.lib.spreadsheets import stream_csv
from timesheets_site.lib.workbooks import csv_columns
from timetracking.exports import time_entries as columns
from timetracking.rules import weeks
from timetracking.selectors.week import week_page
from timetracking.views import week_address

PAGE, BODY = "timetracking/week/week.html", "timetracking/week/_body.html"


@requires(Permission.VIEW_TIME, feature="timesheets")
@require_safe
def show(request: Request, slug: str, day: dt.date | None = None) -> HttpResponse:
    """The week that holds `day`, or today's; with `from` and `to` any range of days."""
    member = request.membership
    if day is not None:
        first = weeks.week_containing(day, first_weekday=member.organisation.first_weekday)
        if first != day:
            query = request.META.get("QUERY_STRING", "")
            return HttpResponseRedirect(reverse("week-of", args=[slug, first]) + (f"?{query}" if query else ""))
    try:
        query = week_address.read(member, day, request.GET)
    except RuleViolation as refusal:
        query = week_address.read(member, day, {})
        context = {"week": week_page(query), "filter_error": refusal.message}
        return render_page(request, PAGE, BODY, context, status=422)
    page = week_page(query, page=_page_number(request))
    return trigger(render_page(request, PAGE, BODY, {"week": page}), say={"text": page.summary})


@requires(Permission.EXPORT_TIME, feature="timesheets")
@require_safe
def export(request: Request, slug: str, day: dt.date) -> HttpResponse | StreamingHttpResponse:
    """Exactly the entries of the page that it was started from, as CSV."""
    try:
        query = week_address.read(request.membership, day, request.GET)
    except RuleViolation as refusal:
        return HttpResponse(str(refusal), status=422, content_type="text/plain; charset=utf-8")
    rows = stream_csv(csv_columns(columns.COLUMNS), columns.rows_of(query.entries()), lines=columns.writer())
    response = StreamingHttpResponse(
        stream_in_scope(rows, request.organisation.pk), content_type="text/csv; charset=utf-8"
    )
    name = f"timesheet_{slug}_{query.first}_{query.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _page_number(request: Request) -> int:
    text = request.GET.get("page", "")
    return min(max(int(text), 1), 10_000) if text.isascii() and text.isdigit() and len(text) < 6 else 1
