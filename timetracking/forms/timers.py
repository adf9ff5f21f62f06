"""The forms of a timer: what it is for, and when it was stopped."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from timesheets_site.lib import dates
from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.forms import VersionField
from timetracking.forms.records import chosen_record
from timetracking.models import Timer
from timetracking.models.billing import BillableOption
from timetracking.rules import local_time
from timetracking.rules.timer_ends import Proposal, Why
from timetracking.selectors import picker
from timetracking.services.entry_checks import SUBJECT_LENGTH, TEXT_LENGTH

NOW, CHOSEN = "now", "chosen"
"""The choices that are no moment yet: the one of sending the form, and one that is typed."""


class TimerForm(forms.Form):
    """What a timer is for. With `timer`, the form changes it while it runs; its version is a hidden field."""

    subject = forms.CharField(
        label=_("What are you working on?"),
        required=False,
        max_length=SUBJECT_LENGTH,
        error_messages={"max_length": _("Use at most 200 characters")},
    )
    record = forms.CharField(label=_("Linked record"), required=False, max_length=40)
    reference = forms.CharField(label=_("Or type a reference"), required=False, max_length=picker.LONGEST_QUERY)
    description = forms.CharField(
        label=_("Description"), required=False, max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": _("Use at most 10,000 characters")},
    )  # fmt: skip
    billable_option = forms.ChoiceField(
        label=_("Billing"), choices=BillableOption.choices, required=False, initial=BillableOption.NO_DEFAULT
    )
    date = forms.DateField(
        label=_("Started on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Enter a date like 2026-06-18")},
    )
    start = forms.TimeField(
        label=_("Started at"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    version = VersionField(required=False, min_value=1)

    def __init__(self, *args: Any, zone: Any, timer: Timer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timer, self.zone = timer, zone
        self.chosen: Any = None
        if timer is None:
            del self.fields["date"], self.fields["start"], self.fields["version"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.chosen = chosen_record(self, data, _("Choose a ticket or project from the list, or leave it empty"))
        self._clean_begin(data)
        return data

    def service_fields(self) -> dict[str, Any]:
        """As `services.timers.start` and `change` take them. Call when the form is valid."""
        data = self.cleaned_data
        fields = {
            "record": self.chosen,
            "subject": data["subject"],
            "description": data["description"],
            "billable_option": data["billable_option"] or BillableOption.NO_DEFAULT.value,
        }
        return {**fields, "started_at": data["started_at"]} if data.get("started_at") else fields

    def _clean_begin(self, data: dict[str, Any]) -> None:
        """The instant at which it began, where another minute was typed than the one that is shown."""
        if self.timer is None or not {"date", "start"} & set(self.changed_data) or self.errors:
            return
        if not data.get("date") or not data.get("start"):
            return self.add_error("start", _("Enter when it began"))
        try:
            data["started_at"] = local_time.instant(data["date"], data["start"], self.zone, field="start")
        except RuleViolation as refusal:
            self.add_error("start", _clock_words(refusal, data["start"]))
        return None


def initial_of(timer: Timer, zone: Any) -> dict[str, Any]:
    """What the form shows of a timer that runs; its start in its member's zone."""
    local = timer.started_at.astimezone(zone)
    return {
        "subject": timer.subject,
        "record": timer.token,
        "description": timer.description,
        "billable_option": timer.billable_option,
        "date": local.date(),
        "start": local.time().replace(second=0, microsecond=0),
        "version": timer.version,
    }


class StopForm(forms.Form):
    """When a timer was stopped: one of some proposals, or a moment in its member's zone."""

    at = forms.ChoiceField(label=_("When did you stop?"), widget=forms.RadioSelect, required=False)
    date = forms.DateField(
        label=_("Date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Enter a date like 2026-06-18")},
    )
    end = forms.TimeField(
        label=_("End"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("Enter a time like 17:30")},
    )

    def __init__(self, *args: Any, timer: Timer, found: list[Proposal], zone: Any, member: Membership, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.timer, self.zone = timer, zone
        field: Any = self.fields["at"]
        field.choices = [
            *((NOW if each.why == Why.NOW else each.at.isoformat(), _words(each, zone)) for each in found),
            *_shown_before(self.data.get("at", ""), found, zone),
            (CHOSEN, _("At another time")),
        ]
        self.fields["date"].widget.attrs |= {
            "min": timer.started_at.astimezone(zone).date().isoformat(),
            "max": timezone.localtime(timezone=zone).date().isoformat(),
        }
        self.ended_at: dt.datetime | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = data.get("at") or (CHOSEN if data.get("end") else "")
        if not chosen and not self.errors:
            self.add_error("at", _("Choose when you stopped"))
        elif chosen == NOW:
            self.ended_at = timezone.now()
        elif chosen and chosen != CHOSEN:
            self.ended_at = dt.datetime.fromisoformat(chosen)
        elif chosen and not {"date", "end"} & set(self.errors):
            self._clean_moment(data)
        return data

    def _clean_moment(self, data: dict[str, Any]) -> None:
        if not data.get("date"):
            self.add_error("date", _("Enter a date"))
        if not data.get("end"):
            self.add_error("end", _("Enter a time like 17:30"))
        if self.errors:
            return
        try:
            self.ended_at = local_time.instant(data["date"], data["end"], self.zone, field="end")
        except RuleViolation as refusal:
            self.add_error("end", _clock_words(refusal, data["end"]))


def _shown_before(sent: str, found: list[Proposal], zone: Any) -> list[tuple[str, str]]:
    """What was proposed when the form was opened and is no proposal any more: it stays a moment."""
    try:
        at = dt.datetime.fromisoformat(sent)
        if at.tzinfo is None or any(at == proposal.at for proposal in found):
            return []
        return [(sent, dates.moment(at, zone))]
    except (ValueError, OverflowError):  # no moment, or none of the zone's calendar
        return []


def _clock_words(refusal: RuleViolation, time: dt.time) -> str:
    """Why a clock time is none; of one that happens twice, what can be typed instead here."""
    if refusal.code != "time_twice":
        return str(refusal.message)
    words = _("%(time)s happens twice on that day. Enter a time before or after that hour.")
    return str(words % {"time": f"{time:%H:%M}"})


def _words(proposal: Proposal, zone: Any) -> str:
    """`Wed 17 June, 18:25: your day was full`."""
    reasons: dict[Why, Any] = {
        Why.TARGET: _("%(moment)s: the hours of that day were done"),
        Why.ENTRY: _("%(moment)s: the end of your last entry"),
        Why.LIMIT: _("%(moment)s: as long as a timer may run"),
        Why.NOW: _("%(moment)s: now, I worked all the time"),
    }
    return str(reasons[proposal.why] % {"moment": dates.moment(proposal.at, zone)})
