"""The form that saves a report under a name. It cleans; the service decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import once
from timesheets_site.lib.forms import VersionField
from timetracking.models import SavedReport


class SavedReportForm(forms.Form):
    """`query` holds the choices, `version` is that of the saved report that was shown, `key` a one-time key."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        error_messages={"required": _("Enter a name."), "max_length": _("Use at most 80 characters.")},
    )
    shared = forms.ChoiceField(
        label=_("Shared with"), choices=SavedReport.Shared.choices, required=False, widget=forms.RadioSelect
    )
    query = forms.CharField(required=False, max_length=2_000, widget=forms.HiddenInput)
    version = VersionField(required=False)
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, shares: bool, initial: dict[str, Any]) -> None:
        super().__init__(data, initial={"key": once.new_key(), **initial})
        if not shares:
            del self.fields["shared"]
