"""One set of filters over time entries, for pages now and APIs later. Words are looked up in an allow-list."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from timetracking.models import Project, TimeEntry

BILLABLE = [("yes", _("Billable")), ("no", _("Non-billable"))]


class TimeEntryFilter(django_filters.FilterSet):
    """`agent`, `project` (ids), `kind`, `billable` (yes, no), `status`, `from` and `to` (days, both included)."""

    agent = django_filters.ModelChoiceFilter(
        field_name="member", queryset=lambda _request: Membership.objects.select_related("user")
    )
    project = django_filters.ModelChoiceFilter(queryset=lambda _request: Project.objects.all())
    kind = django_filters.ChoiceFilter(choices=TimeEntry.Kind.choices)
    billable = django_filters.ChoiceFilter(choices=BILLABLE, method="of_billable")
    status = django_filters.ChoiceFilter(choices=TimeEntry.Status.choices)

    class Meta:
        model = TimeEntry
        fields: list[str] = []

    def of_billable(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(billable=value == "yes")


# `from` is a word of Python's own, so these two cannot be written in the class.
TimeEntryFilter.base_filters["from"] = django_filters.DateFilter(field_name="date", lookup_expr="gte")
TimeEntryFilter.base_filters["to"] = django_filters.DateFilter(field_name="date", lookup_expr="lte")
