"""Forms of what is done again: on which days, to which day, how an entry is split, which record is a favourite."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.days import FIRST, LAST, day_field
from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.forms import VersionField
from timetracking.forms.records import chosen_record
from timetracking.models import TimeEntry
from timetracking.models.billing import BillableOption
from timetracking.models.record_links import link_fields
from timetracking.rules import durations
from timetracking.selectors import picker
from timetracking.services.entry_checks import SUBJECT_LENGTH

MOST_DAYS = 60


def read_day(text: str) -> dt.date | None:
    """A day of an address or a form, None for none that can be one."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST <= day <= LAST else None


class DaysForm(forms.Form):
    """The days that an entry is repeated on: those that were ticked, and another one."""

    other = day_field(_("Another day"))
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, ticked: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ticked = [day for text in ticked[:MOST_DAYS] if (day := read_day(text)) is not None]

    @property
    def days(self) -> list[dt.date]:
        """All that were chosen, each once, in order; call when the form is valid."""
        other = self.cleaned_data["other"]
        return sorted({*self.ticked, *([other] if other else [])})


class MoveForm(forms.Form):
    """One day, from its button or from the calendar, and the version that was shown."""

    day = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    other = day_field(_("Another day"))
    version = VersionField(required=False, min_value=1)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["to"] = read_day(data.get("day") or "") or data.get("other")
        if data["to"] is None and not self.errors:
            self.add_error("other", _("Choose a day"))
        return data


class SplitForm(forms.Form):
    """How much stays, and what the rest is for: the same record unless another one is chosen."""

    minutes = forms.CharField(label=_("Stays on this entry"), required=False, max_length=40)
    record = forms.CharField(label=_("The rest goes to"), required=False, max_length=40)
    reference = forms.CharField(label=_("Or type a reference"), required=False, max_length=picker.LONGEST_QUERY)
    subject = forms.CharField(
        label=_("Subject of the rest"),
        required=False,
        max_length=SUBJECT_LENGTH,
        error_messages={"max_length": _("Use at most 200 characters")},
    )
    billable_option = forms.ChoiceField(label=_("Billing of the rest"), choices=BillableOption.choices, required=False)
    version = VersionField(required=False, min_value=1)

    def __init__(self, *args: Any, entry: TimeEntry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entry = entry
        self.chosen: Any = None

    def clean_minutes(self) -> int:
        """Whole minutes of what stays."""
        try:
            return durations.parse(self.cleaned_data["minutes"]).minutes
        except RuleViolation as refusal:
            raise forms.ValidationError(str(refusal.message)) from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.chosen = chosen_record(self, data, _("Choose a ticket or project"))
        return data

    def rest(self) -> dict[str, Any]:
        """What differs from the entry in its second part, as `services.splitting.split` takes it."""
        data = self.cleaned_data
        fields: dict[str, Any] = link_fields(self.chosen) if self.chosen is not None else {}
        if data["subject"].strip():
            fields["subject"] = data["subject"]
        if data["billable_option"]:
            fields["billable_option"] = data["billable_option"]
        return fields
