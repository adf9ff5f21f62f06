"""The organisation itself: only the one in the path."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts import sessions
from accounts.admin_base.forms import ServiceForm
from accounts.admin_base.records import ServiceAdmin
from accounts.admin_paths import outside
from accounts.models import Membership, Organisation
from accounts.permissions import Permission
from accounts.services import organisations


class OrganisationForm(ServiceForm):
    features = forms.MultipleChoiceField(
        label=_("Features"),
        choices=Organisation.Feature.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


@admin.register(Organisation)
class OwnOrganisationAdmin(ServiceAdmin):
    permission = Permission.MANAGE_ORGANISATION
    form = OrganisationForm
    list_display = ("name", "slug", "time_zone", "currency", "lock_date")
    fields = (
        "name",
        "slug",
        "time_zone",
        "first_weekday",
        "currency",
        "default_hourly_rate",
        "billable_by_default",
        "features",
        "edit_window_hours",
        "future_dates_allowed",
        "lock_date",
        "description_required",
        "task_required",
        "charge_code_required",
        "clock_required",
        "overlap",
        "largest_day",
        "largest_day_minutes",
        "closed_ticket_grace_days",
        "closed_project_grace_days",
        "holiday_calendar",
        "timer_limit_minutes",
        "empty_weeks_allowed",
        "deadline_days",
        "deadline_time",
        "remind_missing_weeks",
        "approval_first",
        "approval_second",
        "billing_increment_minutes",
        "billing_rounding",
        "billing_minimum_minutes",
        "unapproved_invoiced",
        "over_budget",
        "billable_goal_percent",
        "utilisation_goal_percent",
        "legal_name",
        "address",
        "tax_number",
        "tax_name",
        "tax_percent",
        "payment_days",
        "invoice_terms",
        "invoice_prefix",
        "first_invoice_number",
        "require_second_factor",
        "created_at",
    )
    readonly_fields = ("slug", "created_at")

    def get_queryset(self, request: Any) -> QuerySet[Organisation]:
        return super().get_queryset(request).filter(pk=request.organisation.pk)

    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page holds the security policy as well: password and code are asked for again after a while."""
        if not sessions.is_fresh(request):
            with outside():
                return sessions.confirm_first(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def edit(
        self, actor: Membership, row: Organisation, version: int, fields: dict[str, Any], changed: list[str]
    ) -> Organisation:
        return organisations.edit(actor, version=version, **fields)
