"""Where a webhook sends and what it tells. The form cleans; the service decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from timesheets_site.lib.forms import VersionField

LABELS = {
    "time_entry.*": _("Everything about time entries"),
    "time_entry.created": _("A time entry was logged"),
    "time_entry.updated": _("A time entry was changed"),
    "time_entry.deleted": _("A time entry was deleted"),
    "time_entry.approved": _("A time entry was approved"),
    "time_entry.rejected": _("A time entry was rejected"),
    "timesheet.*": _("Everything about timesheets"),
    "timesheet.submitted": _("A week was submitted"),
    "timesheet.approved": _("A week was approved"),
    "timesheet.rejected": _("A week was rejected"),
    "timer.*": _("Everything about timers"),
    "timer.started": _("A timer was started"),
    "timer.stopped": _("A timer was stopped"),
}


class WebhookForm(forms.Form):
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Where each message is posted, like https://example.com/hooks/time. No private addresses."),
    )
    events = forms.MultipleChoiceField(
        label=_("Events"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(pattern, LABELS[pattern]) for pattern in LABELS],
        error_messages={"required": _("Choose at least one event")},
    )
    version = VersionField(required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def values(self) -> dict[str, Any]:
        """What the service takes. Call when the form is valid."""
        return {"url": self.cleaned_data["url"], "events": self.cleaned_data["events"]}
