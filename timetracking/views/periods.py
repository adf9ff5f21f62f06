"""Closed periods: what is closed, closing a month for everybody, opening it again for one member."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import once
from accounts.access import requires
from accounts.models import Organisation
from accounts.permissions import Permission
from accounts.requests import Request
from accounts.views.settings import settings_form
from timesheets_site.lib import dates
from timesheets_site.lib.errors import Conflict, RuleViolation
from timesheets_site.lib.forms import refusals_on
from timetracking.forms.periods import CloseMonthForm, LockDateForm, ReopenForm, first_values
from timetracking.selectors.periods import periods_page
from timetracking.services import periods

FEATURE = Organisation.Feature.TIMESHEETS.value
FOLDER = "timetracking/periods"
METHODS = ["GET", "HEAD", "POST"]


@requires(Permission.MANAGE_ORGANISATION, feature=FEATURE)
@require_http_methods(METHODS)
def show(request: Request, slug: str) -> HttpResponse:
    """The page; sent, it closes the month that it showed."""
    if request.method != "POST":
        return _page(request, request.GET.get("month", ""))
    form = CloseMonthForm(request.POST)
    if not form.is_valid():
        return _page(request, "", _("Choose a month, then close it."), 422)
    month = form.cleaned_data["month"]
    try:
        changed = periods.close_month(request.membership, month, version=form.cleaned_data["version"])
    except RuleViolation as refusal:
        return _page(request, f"{month:%Y-%m}", str(refusal), 422)
    except Conflict as conflict:
        request.organisation.lock_date = conflict.current.lock_date
        request.organisation.version = conflict.current.version
        words = _("Somebody changed the settings in the meantime. Look at what closing does now, then close the month.")
        return _page(request, f"{month:%Y-%m}", words, 409)
    closed = {"month": dates.month(month), "day": dates.full(changed.lock_date or month)}
    messages.success(request, _("Closed %(month)s. Time on or before %(day)s takes no more changes.") % closed)
    return redirect("periods", slug=slug)


@requires(Permission.MANAGE_ORGANISATION, feature=FEATURE)
@require_http_methods(METHODS)
def lock_date(request: Request, slug: str) -> HttpResponse:
    """Any day as the lock date, or none."""
    return settings_form(request, LockDateForm, "periods", _("Lock date"))


@requires(Permission.MANAGE_ORGANISATION, feature=FEATURE)
@require_http_methods(METHODS)
def reopen(request: Request, slug: str) -> HttpResponse:
    """Opens the closed period again for one member, for a while."""
    organisation = request.organisation
    first = {**first_values(organisation, timezone.now()), "key": once.new_key()}
    form = ReopenForm(request.POST if request.method == "POST" else None, organisation=organisation, initial=first)
    if form.is_valid():
        member, fields = form.cleaned_data["member"], form.fields_of_service()
        with refusals_on(form):
            once.once(
                request.membership,
                form.cleaned_data["key"],
                "period.reopened",
                lambda: periods.reopen_for(request.membership, member, **fields),
                fingerprint=once.fingerprint({**fields, "member": member.pk}),
            )
            until = dates.moment(fields["until_at"], request.membership.zone)
            words = {"name": member.display_name, "day": dates.full(fields["first_on"]), "moment": until}
            messages.success(request, _("Open for %(name)s from %(day)s, until %(moment)s.") % words)
            return redirect("periods", slug=slug)
    context = {"form": form, "page": "periods"}
    return render(request, f"{FOLDER}/reopen.html", context, status=422 if form.errors else 200)


@requires(Permission.MANAGE_ORGANISATION, feature=FEATURE)
@require_POST
def end_reopening(request: Request, slug: str, reopening_id: int) -> HttpResponse:
    ended = periods.end_reopening(request.membership, reopening_id)
    messages.success(request, _("Closed again for %(name)s.") % {"name": ended.member.display_name})
    return redirect("periods", slug=slug)


def _page(request: Request, month: str, error: str = "", status: int = 200) -> HttpResponse:
    shown = periods_page(request.membership, timezone.now(), month=month, page=request.GET.get("page", "1"))
    context = {"periods": shown, "error": error, "page": "periods", "version": request.organisation.version}
    return render(request, f"{FOLDER}/periods.html", context, status=status)
