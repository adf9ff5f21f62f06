"""The organisation's settings, for its admins, and the audit log."""

from __future__ import annotations

import copy
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import selectors
from accounts.access import requires
from accounts.forms.billing import BillingForm, InvoicesForm
from accounts.forms.conflicts import show_stored
from accounts.forms.members import AuditFilter
from accounts.forms.policies import ApprovalPoliciesForm, TimePoliciesForm
from accounts.forms.settings import GeneralForm, OrganisationForm, SecurityForm
from accounts.forms.working_time import HolidaysForm
from accounts.permissions import Permission
from accounts.requests import Request
from accounts.services import organisations, second_factor
from timesheets_site.lib.errors import Conflict
from timesheets_site.lib.forms import refusals_on

METHODS = ["GET", "HEAD", "POST"]
STORED = 302


@requires(Permission.MANAGE_ORGANISATION)
@require_http_methods(METHODS)
def general(request: Request, slug: str) -> HttpResponse:
    fixed = organisations.weekday_is_fixed()
    return settings_form(request, GeneralForm, "settings-general", _("General"), weekday_fixed=fixed)


@requires(Permission.MANAGE_ORGANISATION)
@require_http_methods(METHODS)
def policies(request: Request, slug: str) -> HttpResponse:
    return settings_form(request, TimePoliciesForm, "settings-policies", _("Time policies"))


@requires(Permission.MANAGE_ORGANISATION)
@require_http_methods(METHODS)
def billing(request: Request, slug: str) -> HttpResponse:
    return settings_form(request, BillingForm, "settings-billing", _("Billing"))


@requires(Permission.MANAGE_ORGANISATION)
@require_http_methods(METHODS)
def invoices(request: Request, slug: str) -> HttpResponse:
    return settings_form(request, InvoicesForm, "settings-invoices", _("Invoices"))


@requires(Permission.MANAGE_ORGANISATION)
@require_http_methods(METHODS)
def approvals(request: Request, slug: str) -> HttpResponse:
    return settings_form(request, ApprovalPoliciesForm, "settings-approvals", _("Weeks and approvals"))


@requires(Permission.MANAGE_ORGANISATION)
@require_http_methods(METHODS)
def security(request: Request, slug: str) -> HttpResponse:
    without = not second_factor.has_device(request.user)
    return settings_form(request, SecurityForm, "settings-security", _("Security"), without_device=without)


def settings_form(
    request: Request, form_class: type[OrganisationForm], page: str, title: str, **options: Any
) -> HttpResponse:
    """One form of settings: show it, or store it and show it again; 409 with both versions if it was stale."""
    organisation = request.organisation
    # A copy: the form writes what was typed into it, and the frame around the page shows what is stored.
    form = form_class(request.POST if request.method == "POST" else None, instance=copy.copy(organisation), **options)
    status = store(request, form)
    if status == STORED:
        return redirect(page, slug=organisation.slug)
    context = {"form": form, "page": page, "title": title, "last": selectors.last_settings_change(organisation)}
    return render(request, "accounts/settings/form.html", context, status=status)


def store(request: Request, form: OrganisationForm | HolidaysForm) -> int:
    """Store what was sent. STORED, or the status with which the form is shown: 200 as it is, 422, or 409 with both
    versions if it was stale.
    """
    if not form.is_valid():
        return 422 if form.errors else 200
    try:
        with refusals_on(form):
            organisations.edit(request.membership, version=form.cleaned_data["version"], **form.values())
            messages.success(request, _("Changes saved."))
            return STORED
    except Conflict as conflict:
        show_stored(form, conflict.current)
        return 409
    return 422


@requires(Permission.VIEW_AUDIT)
@require_safe
def audit_log(request: Request, slug: str) -> HttpResponse:
    """Who did what and when, 50 a page; filters are in the address."""
    form = AuditFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {"member": None, "action": "", "first": None, "last": None}
    page, rows = selectors.audit_page(request.membership, request.GET.get("page"), **chosen)
    query = request.GET.copy()
    query.pop("page", None)
    context = {"form": form, "page_of_rows": page, "rows": rows, "query": query.urlencode(), "page": "settings-audit"}
    return render(request, "accounts/settings/audit.html", context, status=422 if form.errors else 200)
