"""The log-time form: what was typed, as the values that the service takes. The same for the dialog and the page."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms.days import check_range, day_field
from accounts.models import Membership, Organisation
from accounts.permissions import Permission, can
from timesheets_site.lib import dates
from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.forms import VersionField
from timetracking.models import PeriodReopening, TimeEntry, WorkRole, WorkType
from timetracking.models.billing import BillableOption
from timetracking.models.record_links import kind_of, link_fields
from timetracking.rules import durations, local_time
from timetracking.selectors import picker
from timetracking.services.duplicates import LONGEST_RUN
from timetracking.services.entry_checks import SUBJECT_LENGTH, TEXT_LENGTH

Kind = TimeEntry.Kind
DEFAULT, NO_RECORD = "", "none"
"""Choices of work type and role beside the records: what follows from the rest, and none at all."""
CLOCK = ("date", "start", "end", "break_minutes")


class TimeEntryForm(forms.Form):
    """One entry. With `entry`, the form edits it; its version is a hidden field."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, widget=forms.RadioSelect, required=False)
    record = forms.CharField(label=_("Linked record"), required=False, max_length=40)
    reference = forms.CharField(label=_("Or type a reference"), required=False, max_length=picker.LONGEST_QUERY)
    duration = forms.CharField(
        label=pgettext_lazy("length of time", "Duration"),
        required=False,
        max_length=40,
        help_text=_("1h 30m, 1:30, 1.5 or 90m"),
    )
    date = forms.DateField(
        label=_("Date"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Enter a date"), "invalid": _("Enter a date like 2026-06-18")},
    )
    subject = forms.CharField(
        label=_("Subject"),
        max_length=SUBJECT_LENGTH,
        error_messages={"required": _("Enter a subject"), "max_length": _("Use at most 200 characters")},
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": _("Use at most 10,000 characters")},
    )
    billable = forms.BooleanField(label=_("Billable"), required=False)
    billable_shown = forms.CharField(required=False, max_length=1, widget=forms.HiddenInput)
    """What the box showed when the form was opened: only a changed box overrides the decision."""

    billable_option = forms.ChoiceField(label=_("Billing"), choices=BillableOption.choices, required=False)
    work_type = forms.ChoiceField(label=_("Work type"), required=False)
    work_role = forms.ChoiceField(label=_("Work role"), required=False)
    start = forms.TimeField(
        label=_("Start"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    end = forms.TimeField(
        label=_("End"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    break_minutes = forms.IntegerField(label=_("Break in minutes"), required=False, min_value=0, max_value=1439)
    internal_notes = forms.CharField(
        label=_("Internal note"), required=False, max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Never on an invoice."),
    )  # fmt: skip
    weekdays = forms.MultipleChoiceField(
        label=_("Also on"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("In the week of the date.")
    )
    until = day_field(_("Until"))
    member = forms.ChoiceField(label=_("Person"), required=False)
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    version = VersionField(required=False, min_value=1)

    def __init__(
        self,
        *args: Any,
        actor: Membership,
        entry: TimeEntry | None = None,
        owner: Membership | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.entry = actor, entry
        self.owner = entry.member if entry else owner or actor
        self.chosen: Any = None
        self.records: dict[str, dict[int, Any]] = {}
        if entry is None and can(actor, Permission.LOG_TIME, owner=0):
            people = Membership.objects.filter(is_active=True, is_integration=False)
            self.people = {m.pk: m for m in people.select_related("user")}
            names = [(str(pk), str(m)) for pk, m in self.people.items() if pk != actor.pk]
            blank = [("", _("Choose a person"))] if self.initial.get("member") == "choose" else []
            person: Any = self.fields["member"]
            person.choices = [*blank, (str(actor.pk), _("%(name)s (you)") % {"name": actor}), *names]
            person.error_messages = {"invalid_choice": _("Choose a person from the list")}
        else:
            del self.fields["member"]
        self._offer_days()
        self._offer(WorkType)
        self._offer(WorkRole)
        self._bound_date()
        self._mark_needed()

    def _offer(self, model: type[WorkType] | type[WorkRole]) -> None:
        """What can be chosen of a catalogue; a new entry begins with the default, which the service knows to find.

        There is no field where there is nothing to choose.
        """
        name = "work_type" if model is WorkType else "work_role"
        used = getattr(self.entry, f"{name}_id", None)
        records = {row.pk: row for row in model.objects.filter(Q(archived_at=None) | Q(pk=used)).order_by("name", "pk")}
        if not records:
            del self.fields[name]
            return
        self.records[name] = records
        first = [] if self.entry else [(DEFAULT, self._default_words(records.values()))]
        field: Any = self.fields[name]
        field.choices = [*first, (NO_RECORD, _("None")), *((str(pk), str(row)) for pk, row in records.items())]

    def _offer_days(self) -> None:
        """A new entry can be logged on several days at once: weekdays in the order of the organisation's week."""
        if self.entry is not None:
            del self.fields["weekdays"], self.fields["until"]
            return
        first = self.actor.organisation.first_weekday
        weekdays: Any = self.fields["weekdays"]
        names = dates.weekdays_short(first)
        weekdays.choices = [(str((first + n) % 7), name) for n, name in enumerate(names)]
        self.fields["until"].help_text = _("Days off are left out.")

    def _default_words(self, records: Iterable[Any]) -> str:
        """`Default: Regular`, or whose it is where the person is still to choose."""
        if any(isinstance(row, WorkRole) for row in records):
            if "member" in self.fields and self.owner is self.actor:
                return str(_("The person's own"))
            found = [row for row in records if row.pk == self.owner.default_work_role_id]
        else:
            found = [row for row in records if row.is_default]
        return str(_("Default: %(name)s") % {"name": found[0]} if found else _("Default: none"))

    def _bound_date(self) -> None:
        """What the calendar offers, as far as policies say so; for other people's time the widest of theirs."""
        organisation, now = self.actor.organisation, timezone.now()
        attrs = self.fields["date"].widget.attrs
        if not organisation.future_dates_allowed:
            attrs["max"] = self.owner.today(now).isoformat()
        if organisation.lock_date is not None:
            reopened = PeriodReopening.objects.in_force(organisation, now)
            whose = reopened if "member" in self.fields else {self.owner.pk}
            days = [first for pk, first in reopened.items() if pk in whose]
            attrs["min"] = min([organisation.lock_date + dt.timedelta(days=1), *days]).isoformat()

    def _mark_needed(self) -> None:
        """What the organisation needs is not marked as optional. Who insists on it is the service."""
        organisation = self.actor.organisation
        needs_description = organisation.description_required != Organisation.Required.NEVER
        self.is_optional = {
            "description": not needs_description,
            "start": not organisation.clock_required,
            "charge_code": not organisation.charge_code_required,
            "task": not organisation.task_required,
        }
        if organisation.description_required == Organisation.Required.BILLABLE:
            self.fields["description"].help_text = _("Needed on billable time.")
        elif needs_description:
            self.fields["description"].widget.attrs["aria-required"] = "true"
        if organisation.clock_required:
            for name in ("start", "end"):
                self.fields[name].widget.attrs["aria-required"] = "true"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._clean_member(data)
        self._clean_record(data)
        self._clean_time(data)
        self._clean_days(data)
        return data

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Whose clock is meant: of what is stored that of its day, wherever its member is now."""
        return zoneinfo.ZoneInfo(self.entry.zone) if self.entry is not None else self.owner.zone

    @property
    def minutes_before(self) -> int | None:
        """What `+15m` adds to."""
        return self.entry.minutes if self.entry is not None else None

    @property
    def is_for_several_days(self) -> bool:
        """Call when the form is valid."""
        return bool(self.cleaned_data.get("weekdays") or self.cleaned_data.get("until"))

    def _clean_days(self, data: dict[str, Any]) -> None:
        day, until = data.get("date"), data.get("until")
        if day is not None and (until or data.get("weekdays")):
            try:
                check_range(day)
            except forms.ValidationError as error:
                return self.add_error("date", error)
        if day is None or until is None:
            return None
        if until < day:
            self.add_error("until", _("Choose a day after the date"))
        elif (until - day).days >= LONGEST_RUN:
            self.add_error("until", _("Choose a day at most %(count)s days later") % {"count": LONGEST_RUN - 1})
        return None

    def service_fields(self) -> dict[str, Any]:
        """The cleaned values as `services.time_entries.log` and `edit` take them. Call when the form is valid."""
        data = self.cleaned_data
        fields: dict[str, Any] = {
            "date": data["date"],
            "minutes": data["minutes"],
            "started_at": data["started_at"],
            "ended_at": data["ended_at"],
            "break_minutes": data.get("break_minutes") or 0,
            "subject": data["subject"],
            "description": data.get("description", ""),
            "internal_notes": data.get("internal_notes", ""),
            "billable_option": self._billable_option(data),
        }
        return fields | self.link() | self.catalogue_fields()

    def decisive_fields(self) -> dict[str, Any]:
        """Those of them that decide about billing, as far as they can be read; also of a form that is not complete."""
        names = ("date", "minutes", "started_at", "ended_at")
        return {
            **{name: self.cleaned_data[name] for name in names},
            "break_minutes": self.cleaned_data.get("break_minutes") or 0,
            "billable_option": self._billable_option(self.cleaned_data),
            **self.link(),
            **self.catalogue_fields(),
        }

    @property
    def option_beside_the_box(self) -> str:
        """What the Billing choice asks, whatever the box says."""
        return self.cleaned_data.get("billable_option") or str(BillableOption.NO_DEFAULT)

    def link(self) -> dict[str, Any]:
        return link_fields(self.chosen) if self.chosen else {"kind": self.cleaned_data["kind"]}

    def catalogue_fields(self) -> dict[str, Any]:
        """The work type and role that were chosen, None for none; what is left to the default is not named."""
        chosen = {name: self.cleaned_data.get(name) for name in self.records}
        return {
            name: None if value == NO_RECORD else self.records[name][int(value)]
            for name, value in chosen.items()
            if value
        }

    def _clean_member(self, data: dict[str, Any]) -> None:
        if self.entry is not None or "member" not in self.fields:
            return
        chosen = data.get("member", "")
        if not chosen and self.data.get("member") == "" and self.initial.get("member") == "choose":
            self.add_error("member", _("Choose a person"))
        elif chosen:
            self.owner = self.people[int(chosen)]
            self.owner.organisation = self.actor.organisation

    def _clean_record(self, data: dict[str, Any]) -> None:
        """The record that was picked, else the one whose reference was typed."""
        kind = data.get("kind", "")
        text = (data.get("reference") or "").strip()
        record = picker.find(data["record"]) if data.get("record") else None
        if record is None and text and "record" not in self.errors:
            record = picker.find_reference(text, kind)
        words = {
            Kind.TICKET: _("Choose a ticket"),
            Kind.PROJECT: _("Choose a project"),
            Kind.GENERAL: _("Choose a charge code or activity, or leave it empty"),
        }.get(kind, _("Choose a ticket or project"))
        if record is None and (data.get("record") or text or kind != Kind.GENERAL):
            self.add_error("record", words)
        elif record is not None and kind == Kind.GENERAL and kind_of(record) != Kind.GENERAL and data.get("record"):
            self.add_error("record", _("General time has no ticket or project."))
        else:
            self.chosen = record

    def _clean_time(self, data: dict[str, Any]) -> None:
        """Minutes and instants: from the duration, from start and end, or from a range in the duration field."""
        data["minutes"] = data["started_at"] = data["ended_at"] = None
        start, end, day = data.get("start"), data.get("end"), data.get("date")
        text = (data.get("duration") or "").strip()
        unchanged = self.entry is not None and text == self.initial.get("duration")
        minutes, is_range = None, False
        if text or not (start and end):
            try:
                reading = durations.parse(text, current_minutes=self.minutes_before)
            except RuleViolation as refusal:
                self.add_error("duration", refusal.message)
                return
            minutes = reading.minutes
            if reading.started and reading.ended:
                start, end, is_range = reading.started, reading.ended, True
        data["minutes"] = minutes
        pause = data.get("break_minutes") or 0
        if self.entry is not None and not is_range and not set(CLOCK) & set(self.changed_data):
            self._keep_times(data, self.entry, pause if text and not unchanged else None)
            return
        if day is None or start is None:
            return
        try:
            data["started_at"] = local_time.instant(day, start, self.zone, field="start")
            if end is not None and (unchanged or not text or minutes is None or is_range):
                last = day + dt.timedelta(days=1) if end <= start else day
                data["ended_at"] = local_time.instant(last, end, self.zone, field="end")
            elif minutes is not None:
                data["ended_at"] = data["started_at"] + dt.timedelta(minutes=minutes + pause)
        except RuleViolation as refusal:
            self.add_error(refusal.field, refusal.message)

    @staticmethod
    def _keep_times(data: dict[str, Any], entry: TimeEntry, pause: int | None) -> None:
        """Clock times that nobody touched are the entry's own instants, with their seconds.

        Read from the clock, an hour that the clocks repeat would be refused. `pause` is given where the length is
        another: then the end follows from it.
        """
        data["started_at"], data["ended_at"] = entry.started_at, entry.ended_at
        if pause is not None and entry.started_at is not None:
            data["ended_at"] = entry.started_at + dt.timedelta(minutes=data["minutes"] + pause)

    def _billable_option(self, data: dict[str, Any]) -> str:
        """A changed box asks for Billable or DoNotBill; otherwise what the Billing choice says."""
        shown = data.get("billable_shown")
        if shown in ("0", "1") and data["billable"] != (shown == "1"):
            return str(BillableOption.BILLABLE if data["billable"] else BillableOption.DO_NOT_BILL)
        return self.option_beside_the_box


def initial_of(entry: TimeEntry) -> dict[str, Any]:
    """What the form shows of an entry that exists; clock times in the zone of its day, to the minute."""
    zone = zoneinfo.ZoneInfo(entry.zone)
    record = entry.task or entry.ticket or entry.charge_code or entry.project or entry.activity

    def clock(instant: dt.datetime | None) -> dt.time | None:
        return instant.astimezone(zone).time().replace(second=0, microsecond=0) if instant else None

    return {
        "kind": entry.kind,
        "record": picker.token(record) if record else "",
        "duration": durations.format_minutes(entry.minutes),
        "date": entry.date,
        "subject": entry.subject,
        "description": entry.description,
        "billable": entry.billable,
        "billable_shown": "1" if entry.billable else "0",
        "billable_option": entry.billable_option,
        "work_type": str(entry.work_type_id or NO_RECORD),
        "work_role": str(entry.work_role_id or NO_RECORD),
        "start": clock(entry.started_at),
        "end": clock(entry.ended_at),
        "break_minutes": entry.break_minutes or None,
        "internal_notes": entry.internal_notes,
        "version": entry.version,
    }
