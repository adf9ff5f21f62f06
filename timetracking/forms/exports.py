"""The form that asks for the entries of a period as a file. It keeps what was typed; the service decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import once
from accounts.forms.days import check_range, day_input
from accounts.models import Membership
from accounts.permissions import Permission, Reach, reach
from timetracking.filters import BILLABLE
from timetracking.models import TimeEntry
from timetracking.selectors.week_query import EVERYONE

FORMATS = [("csv", _("CSV")), ("xlsx", _("Excel"))]


class EntriesForm(forms.Form):
    """Whose time, which days, which kind of file. `from` and `to` are words of Python's own, so they come by name."""

    kind = forms.CharField(widget=forms.HiddenInput)
    agent = forms.ChoiceField(label=_("Whose time"), required=False)
    entry_kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("Any kind")), *TimeEntry.Kind.choices]
    )
    billable = forms.ChoiceField(label=_("Billable"), required=False, choices=[("", _("Billable or not")), *BILLABLE])
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("Any status")), *TimeEntry.Status.choices]
    )
    format = forms.ChoiceField(
        label=_("File"),
        choices=FORMATS,
        widget=forms.RadioSelect,
        help_text=_("An Excel sheet holds 1,048,576 rows. More go to a further sheet."),
    )
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    field_order = ("kind", "from", "to", "agent", "entry_kind", "billable", "status", "format", "key")
    FILTERS = ("entry_kind", "billable", "status")

    def __init__(self, data: Any = None, *, actor: Membership, kind: str) -> None:
        today = actor.today()
        first = today.replace(day=1)
        initial = {"kind": kind, "from": first, "to": today, "format": "csv", "key": once.new_key()}
        super().__init__(data, initial=initial, auto_id="export_%s")
        fields: dict[str, Any] = self.fields
        fields["from"] = _day(_("First day"), _("Choose the first day."))
        fields["to"] = _day(_("Last day"), _("Choose the last day."), help_text=_("Both days are included."))
        if reach(actor, Permission.EXPORT_TIME) is Reach.ALL:
            members = Membership.objects.exclude(pk=actor.pk).order_by("display_name", "pk")
            others = [(str(pk), name) for pk, name in members.values_list("pk", "display_name")]
            fields["agent"].choices = [(EVERYONE, _("Everybody's time")), ("", _("My own time")), *others]
            self.initial["agent"] = EVERYONE
        else:
            del fields["agent"]
        self.order_fields(self.field_order)

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.FILTERS]

    @property
    def filters(self) -> list[forms.BoundField]:
        """What narrows it down: out of sight until somebody asks, or has chosen one."""
        return [self[name] for name in self.FILTERS]

    @property
    def has_filters(self) -> bool:
        return any(field.value() for field in self.filters)


def _day(label: Any, problem: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=day_input(),
        validators=[check_range],
        help_text=help_text,
        error_messages={"required": problem, "invalid": problem},
    )
