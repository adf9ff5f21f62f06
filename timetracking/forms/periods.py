"""Forms about closed periods. They clean; the services decide."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.days import check_range, day_input
from accounts.forms.settings import OrganisationForm
from accounts.models import Membership, Organisation
from timesheets_site.lib.forms import VersionField, refusals_on
from timetracking.rules import local_time
from timetracking.services.periods import REASON_LENGTH


class CloseMonthForm(forms.Form):
    """Which month, and the version of the settings that were seen. Both are hidden: the page shows what they mean."""

    month = forms.DateField(input_formats=["%Y-%m"], widget=forms.HiddenInput, validators=[check_range])
    version = VersionField()


class LockDateForm(OrganisationForm):
    class Meta:
        model = Organisation
        fields = ("lock_date",)
        widgets = {"lock_date": day_input()}
        help_texts = {
            "lock_date": _(
                "Time on or before this day is closed for everybody. With 31 May, nothing of May can be logged, "
                "changed or deleted any more. An earlier day opens what lies between; empty, everything is open."
            ),
        }

    takes_effect = {"lock_date": _("Counts at once.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lock_date"].validators.append(check_range)


class ReopenForm(forms.Form):
    """For whom, from which day on, until when. The moment is of the organisation's zone."""

    member = forms.ModelChoiceField(
        label=_("Member"), queryset=Membership.objects.filter(is_active=True), empty_label=_("Choose a person")
    )
    first_on = forms.DateField(
        label=_("Open from"),
        widget=day_input(),
        validators=[check_range],
        help_text=_("The first day that is open again; all later ones are."),
    )
    until_on = forms.DateField(label=_("Until"), widget=day_input(), validators=[check_range])
    until_time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=REASON_LENGTH,
        help_text=_("For the audit log, like “forgot the trade fair”."),
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation
        until = self.fields["until_time"]
        until.help_text = _("In the time zone %(zone)s.") % {"zone": organisation.time_zone.replace("_", " ")}

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        day, time = values.get("until_on"), values.get("until_time")
        if day is not None and time is not None:
            with refusals_on(self):
                values["until_at"] = local_time.instant(day, time, self.organisation.zone, field="until_time")
        return values

    def fields_of_service(self) -> dict[str, Any]:
        """What `services.periods.reopen_for` takes besides the member. Call when the form is valid."""
        return {name: self.cleaned_data[name] for name in ("first_on", "until_at", "reason")}


def first_values(organisation: Organisation, now: dt.datetime) -> dict[str, Any]:
    """The last closed month, until tomorrow evening."""
    today = now.astimezone(organisation.zone).date()
    first_on = organisation.lock_date.replace(day=1) if organisation.lock_date else None
    return {"first_on": first_on, "until_on": today + dt.timedelta(days=1), "until_time": dt.time(18)}
