"""The approvals inbox, and one week of it: look, decide, take back, reopen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib.errors import Conflict, DomainError, NotAllowed, OutOfReach, RuleViolation
from timesheets_site.lib.forms import refusals_on
from timesheets_site.lib.htmx import wants_fragment
from timetracking.forms import approvals as forms
from timetracking.forms.reopening import ReopenWeekForm
from timetracking.models import Timesheet
from timetracking.rules import approval, durations, weeks
from timetracking.selectors.approval_query import InboxQuery
from timetracking.selectors.approval_review import Typed, sheet_for
from timetracking.services import approval_reversals, approvals
from timetracking.services.approval_history import Action
from timetracking.services.approvals import Answer
from timetracking.views import approval_address, approval_answers
from timetracking.views.approval_answers import FOLDER, Done

FIELD = "reason-"


@requires(Permission.APPROVE_TIMESHEET, feature="timesheets")
@require_safe
def inbox(request: Request, slug: str) -> HttpResponse:
    """The list: what waits, what was rejected or approved, what is not submitted."""
    query = approval_address.read(request.membership, request.GET)
    if wants_fragment(request):
        return approval_answers.list_only(request, query)
    return approval_answers.page(request, query)


@requires(Permission.APPROVE_TIMESHEET, feature="timesheets")
@require_safe
def review(request: Request, slug: str, sheet_id: int) -> HttpResponse:
    """One week, beside the list where there is room."""
    query = approval_address.read(request.membership, request.GET)
    if wants_fragment(request):
        return approval_answers.open_review(request, query, sheet_id)
    return approval_answers.page(request, query, sheet_id)


@requires(Permission.APPROVE_TIMESHEET, feature="timesheets")
@require_POST
def decide(request: Request, slug: str, sheet_id: int) -> HttpResponse:
    """Approve or reject the week, or its entries one by one; the next week opens."""
    actor, query = request.membership, approval_address.read(request.membership, request.GET)
    sheet, sent = sheet_for(actor, sheet_id), forms.decided(request.POST)
    following = query.after(sheet)
    try:
        answer = _decide(request, sheet, sent)
    except (NotAllowed, OutOfReach):
        raise
    except DomainError as refusal:
        return _refused(request, query, sheet, sent, refusal)
    return approval_answers.after_decision(request, query, following, _done(sheet, answer, sent, query))


def _decide(request: Request, sheet: Timesheet, sent: forms.Decided) -> Answer:
    actor, pk, version = request.membership, sheet.pk, sent.version
    if sent.whole == forms.REJECT:
        return approvals.reject(actor, pk, version=version, reason=sent.reason)
    if sent.whole == forms.APPROVE and sheet.state not in Timesheet.UNSENT:
        return approvals.approve(actor, pk, version=version)
    if not (sent.approved or sent.rejected):
        raise RuleViolation("nothing_chosen", _("Approve or reject at least one entry."))
    if sent.missing(sheet.member.display_name):
        raise RuleViolation("reason_required", _("Say why for each entry that you reject."), FIELD)
    return approvals.decide(actor, pk, version=version, approve=sent.approved, reject=sent.rejected)


def _refused(
    request: Request, query: InboxQuery, sheet: Timesheet, sent: forms.Decided, refusal: DomainError
) -> HttpResponse:
    """The week again, with everything that was typed: 422 where something is missing, 409 where things changed."""
    words, name, focus = str(refusal), refusal.field or "", approval_answers.HEADING
    errors: dict[int, str] = {}
    if name.startswith(FIELD):
        errors = sent.missing(sheet.member.display_name) or {int(name.removeprefix(FIELD)): words}
        focus = f"reason-{next(iter(errors))}"
    elif name == "reason":
        focus = "week-reason"
    typed = Typed(
        choices=sent.choices,
        reasons=sent.reasons,
        errors=errors,
        reason=sent.reason,
        reason_error=words if name == "reason" else "",
        shown=sent.shown if isinstance(refusal, Conflict) else None,
        message=words,
    )
    is_typed = bool(name) or refusal.code == "nothing_chosen"
    status = 422 if is_typed and not isinstance(refusal, Conflict) else 409
    return approval_answers.refused_review(request, query, sheet.pk, typed, status=status, focus=focus)


def _done(sheet: Timesheet, answer: Answer, sent: forms.Decided, query: InboxQuery) -> Done:
    """What the decision came to, and the address that takes it back."""
    event, after = answer.event, answer.sheet
    values = {
        "number": weeks.year_and_period(sheet.week_start)[1],
        "name": sheet.member.display_name,
        "duration": durations.format_minutes(answer.minutes),
    }
    if event is None or after is None:
        return Done(_("Week %(number)s of %(name)s was decided so already") % values)
    undo = reverse("approval-undo", args=[query.actor.organisation.slug, sheet.pk]) + query.address(
        version=after.version
    )
    if event.action == Action.FIRST_APPROVAL:
        words = _("First approval given for week %(number)s of %(name)s, %(duration)s")
    elif after.state == Timesheet.State.APPROVED:
        words = _("Week %(number)s of %(name)s approved, %(duration)s")
    elif event.action == Action.REJECTED and after.state == Timesheet.State.DECLINED:
        words = _("Week %(number)s of %(name)s rejected")
    else:
        return Done(_in_part(sheet, sent), undo)
    return Done(words % values, undo)


def _in_part(sheet: Timesheet, sent: forms.Decided) -> str:
    approved, rejected, name = len(sent.approved), len(sent.rejected), sheet.member.display_name
    values = {"approved": approved, "rejected": rejected, "name": name}
    if sent.whole == forms.REJECT:
        return _("Your part of the week of %(name)s rejected") % values
    if approved and rejected:
        return _("%(name)s: %(approved)s approved, %(rejected)s rejected") % values
    if rejected:
        words = ngettext("%(name)s: %(rejected)s entry rejected", "%(name)s: %(rejected)s entries rejected", rejected)
        return words % values
    words = ngettext("%(name)s: %(approved)s entry approved", "%(name)s: %(approved)s entries approved", approved)
    return words % values


@requires(Permission.APPROVE_TIMESHEET, feature="timesheets")
@require_POST
def undo(request: Request, slug: str, sheet_id: int) -> HttpResponse:
    """Takes back the person's own decision, as long as nothing else happened; the week is open again."""
    actor, query = request.membership, approval_address.read(request.membership, request.GET)
    sheet = sheet_for(actor, sheet_id)
    version = request.GET.get("version", "")
    try:
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
        approval_reversals.undo(actor, sheet_id, version=number)
    except RuleViolation as refusal:
        return approval_answers.after_decision(request, query, sheet_id, Done(str(refusal), tone="danger"))
    values = {"number": weeks.year_and_period(sheet.week_start)[1], "name": sheet.member.display_name}
    done = Done(_("Decision on week %(number)s of %(name)s taken back") % values)
    return approval_answers.after_decision(request, query, sheet_id, done)


@requires(Permission.APPROVE_TIMESHEET, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: Request, slug: str, sheet_id: int) -> HttpResponse:
    """Asks why, then gives an approved week back to its member as a draft."""
    actor, query = request.membership, approval_address.read(request.membership, request.GET)
    sheet = sheet_for(actor, sheet_id)
    back = reverse("approval", args=[slug, sheet_id]) + query.address()
    values = {"number": weeks.year_and_period(sheet.week_start)[1], "name": sheet.member.display_name}
    form = ReopenWeekForm(request.POST if request.method == "POST" else None, initial={"version": sheet.version})
    status = 200
    if form.is_valid():
        fields = form.cleaned_data
        try:
            with refusals_on(form):
                approval_reversals.reopen(actor, sheet_id, version=fields["version"], reason=fields["reason"])
                messages.success(request, _("Week %(number)s of %(name)s is open again. They are told why.") % values)
                return redirect(back)
        except Conflict as conflict:
            form = ReopenWeekForm(initial={"version": conflict.current.version, "reason": fields["reason"]})
            form.stale = str(conflict)
            status = 409
    context: dict[str, Any] = {
        "form": form,
        "title": _("Reopen week %(number)s of %(name)s?") % values,
        "verdict": approval.may_reopen(sheet.state),
        "back_url": back,
    }
    return render(request, f"{FOLDER}/reopen.html", context, status=422 if form.errors else status)
