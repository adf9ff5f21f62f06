"""The form that asks for the entries of a period as a file. It keeps what was typed; the service decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import once
from accounts.forms.days import check_range, day_input
from accounts.models import Membership
from accounts.permissions import Permission, Reach, reach
from timetracking.selectors.week_query import EVERYONE

FORMATS = [("csv", _("CSV")), ("xlsx", _("Excel"))]


class EntriesForm(forms.Form):
    """Whose time, which days, which kind of file. `from` and `to` are words of Python's own, so they come by name."""

    kind = forms.CharField(widget=forms.HiddenInput)
    agent = forms.ChoiceField(label=_("Whose time"), required=False)
    format = forms.ChoiceField(label=_("File"), choices=FORMATS, widget=forms.RadioSelect)
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    field_order = ("kind", "from", "to", "agent", "format", "key")

    def __init__(self, data: Any = None, *, actor: Membership, kind: str) -> None:
        today = actor.today()
        first = today.replace(day=1)
        initial = {"kind": kind, "from": first, "to": today, "format": "csv", "key": once.new_key()}
        super().__init__(data, initial=initial, auto_id="export_%s")
        fields: dict[str, Any] = self.fields
        fields["from"] = _day(_("First day"), _("Choose the first day."))
        fields["to"] = _day(_("Last day"), _("Choose the last day."), help_text=_("Both days are included."))
        fields["agent"].choices = [("", _("My own time"))]
        if reach(actor, Permission.EXPORT_TIME) is Reach.ALL:
            fields["agent"].choices = [(EVERYONE, _("Everybody's time")), ("", _("My own time"))]
            self.initial["agent"] = EVERYONE
        else:
            del fields["agent"]
        self.order_fields(self.field_order)


def _day(label: Any, problem: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=day_input(),
        validators=[check_range],
        help_text=help_text,
        error_messages={"required": problem, "invalid": problem},
    )
