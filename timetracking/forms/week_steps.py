"""The form of a step of a week: a note where one can be given, and what makes a repeat or a stale page harmless."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from timesheets_site.lib.forms import VersionField
from timetracking.rules import approval


class WeekStepForm(forms.Form):
    """`note_label` is empty for a step without a note. `version` is the week that was shown, `key` a one-time key."""

    note = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=approval.LONGEST_TEXT,
        error_messages={"max_length": _("Use at most 2,000 characters")},
    )
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    version = VersionField()

    def __init__(self, *args: Any, note_label: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if note_label:
            self.fields["note"].label = note_label
        else:
            del self.fields["note"]
