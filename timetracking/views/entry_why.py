"""The decision on an entry: while it is typed, and why it was decided so."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib.errors import OutOfReach
from timesheets_site.lib.htmx import render_page
from timetracking.forms.time_entries import TimeEntryForm, initial_of
from timetracking.models import TimeEntry
from timetracking.selectors import entry_why
from timetracking.services import coverage, entry_preview
from timetracking.services.time_entries import DECIDING
from timetracking.views.entries import editable_or_404
from timetracking.views.entry_decision import typed_in

FOLDER = "timetracking/time_entries"


@requires(Permission.LOG_TIME, feature="timesheets")
@require_safe
def decision(request: Request, slug: str) -> HttpResponse:
    """What would be decided about the values in the address; of the entry that `entry` names, if it names one."""
    actor, wanted = request.membership, request.GET.get("entry", "")
    entry = editable_or_404(actor, int(wanted)) if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else None
    form = TimeEntryForm(request.GET, actor=actor, entry=entry, initial=initial_of(entry) if entry else {})
    context = {"decision": typed_in(form)}
    return render_page(request, f"{FOLDER}/decision_page.html", f"{FOLDER}/_decision.html", context)


@requires(Permission.VIEW_TIME, feature="timesheets")
@require_safe
def why(request: Request, slug: str, entry_id: int) -> HttpResponse:
    """Each question about the entry's billing with its answer; of a deleted one too."""
    actor = request.membership
    rows = TimeEntry.with_deleted.visible_to(actor).select_related(*DECIDING, "work_role", "charge_code")
    entry = rows.filter(pk=entry_id).first()
    if entry is None:
        raise OutOfReach
    entry.member.organisation = actor.organisation
    today = entry_preview.as_of_today(entry)
    context = {"why": entry_why.why(actor, entry, today, coverage.share_of(entry))}
    return render_page(request, f"{FOLDER}/why.html", f"{FOLDER}/_why.html", context)
