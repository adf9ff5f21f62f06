"""The report page and the entries behind its figures."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import once
from accounts.access import requires
from accounts.models import Membership
from accounts.permissions import Permission, can
from accounts.requests import Request
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timesheets_site.lib.htmx import render_page, trigger
from timetracking.exports import report_entries
from timetracking.models import SavedReport
from timetracking.selectors import report_address, saved_reports
from timetracking.selectors.report_entries import MOST_AT_ONCE, entries_of
from timetracking.selectors.report_query import ReportQuery
from timetracking.selectors.reports import report_of

FOLDER = "timetracking/reports"
FEATURE = "timesheets"


@requires(Permission.VIEW_REPORTS, feature=FEATURE)
@require_safe
def show(request: Request, slug: str) -> HttpResponse:
    """The report of an address; what it can't say is told, beside the usual report."""
    actor, error, status = request.membership, "", 200
    try:
        query = report_address.read(actor, request.GET)
        report = report_of(query)
    except RuleViolation as refusal:
        instead = {"by": "month"} if refusal.code == "too_many_groups" else {}
        query, error, status = report_address.read(actor, instead), str(refusal), 422
        report = report_of(query)
    context = {
        "report": report,
        "filter_error": error,
        "slug": slug,
        **_saved(actor, query),
    }
    response = render_page(request, f"{FOLDER}/page.html", f"{FOLDER}/_body.html", context, status=status)
    return trigger(response, say={"text": error or report.summary})


def _saved(actor: Membership, query: ReportQuery) -> dict[str, Any]:
    """The saved report that the address began with, if any, and the menu of all."""
    pk = int(query.params.get("saved", 0))
    current: SavedReport | None = None
    if pk:
        try:
            current = saved_reports.found(actor, pk)
        except OutOfReach:
            current = None  # deleted, or no longer shared: its choices are in the address all the same
    return {
        "current": current,
        "may_change": current is not None and saved_reports.may_change(actor, current),
        "is_changed": current is not None and current.query != query.canonical,
        "saved": saved_reports.lines(actor, current=pk, most=saved_reports.IN_MENU),
    }


@requires(Permission.VIEW_REPORTS, feature=FEATURE)
@require_safe
def entries(request: Request, slug: str) -> HttpResponse:
    """The entries behind a figure, 50 a page."""
    actor, error, status = request.membership, "", 200
    try:
        query = report_address.read(actor, request.GET)
    except RuleViolation as refusal:
        query, error, status = report_address.read(actor, {}), str(refusal), 422
    page = entries_of(query)
    context = {
        "page": page,
        "filter_error": error,
        "slug": slug,
        "in_background": page.count > MOST_AT_ONCE and can(actor, Permission.ASK_EXPORT),
        "kind": report_entries.CODE,
        "key": once.new_key(),
        "here": request.get_full_path(),
    }
    return render(request, f"{FOLDER}/entries.html", context, status=status)
