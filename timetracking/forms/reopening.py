"""The form that gives an approved week back."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from timesheets_site.lib.forms import VersionField
from timetracking.rules import approval


class ReopenWeekForm(forms.Form):
    """Why, and the version of the week that was shown. `stale` says what happened to it in the meantime."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Its member sees it, and it goes into the week's history."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=approval.LONGEST_TEXT,
        error_messages={"required": _("Say why you reopen this week"), "max_length": _("Use at most 2,000 characters")},
    )
    version = VersionField()
    stale = ""
