"""Which entries to re-rate."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.forms.days import check_range, day_input
from accounts.models import Membership
from timetracking.models import Agreement, Client, Project
from timetracking.rules.rerating import Scope

LONGEST = 366  # days
NAMED = ("client", "project", "agreement", "member")


class ScopeForm(forms.Form):
    """Days, and perhaps one client, project, agreement or member."""

    first = forms.DateField(label=_("From"), widget=day_input(), validators=[check_range])
    last = forms.DateField(label=_("To"), widget=day_input(), validators=[check_range])
    client = forms.ModelChoiceField(
        label=_("Client"), queryset=Client.objects.all(), required=False, empty_label=_("All clients")
    )
    project = forms.ModelChoiceField(
        label=_("Project"), queryset=Project.objects.all(), required=False, empty_label=_("All projects")
    )
    agreement = forms.ModelChoiceField(
        label=_("Agreement"), queryset=Agreement.objects.all(), required=False, empty_label=_("All agreements")
    )
    member = forms.ModelChoiceField(
        label=_("Person"), queryset=Membership.objects.all(), required=False, empty_label=_("Everyone")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        related: dict[str, QuerySet[Any]] = {
            "agreement": Agreement.objects.select_related("client"),
            "member": Membership.objects.select_related("user"),
        }
        for name, queryset in related.items():
            field: Any = self.fields[name]
            field.queryset = queryset
        agreement: Any = self.fields["agreement"]
        agreement.label_from_instance = lambda each: f"{each.client} · {each}"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day comes before the first"))
        elif first and last and (last - first).days >= LONGEST:
            self.add_error("last", _("Choose at most 366 days"))
        return data

    def scope(self) -> Scope:
        """Call when the form is valid."""
        data = self.cleaned_data
        named = {name: data[name].pk if data[name] else None for name in NAMED}
        return Scope(data["first"], data["last"], **named)


def first_values(today: dt.date) -> dict[str, dt.date]:
    """The last three months, from the first day of a month on."""
    month = today.replace(day=1)
    for _month in range(2):
        month = (month - dt.timedelta(days=1)).replace(day=1)
    return {"first": month, "last": today}
