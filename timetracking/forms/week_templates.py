"""The form of a template of a usual week: its name, and a line for each record with the minutes of each weekday."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from timesheets_site.lib import dates
from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.forms import VersionField
from timetracking.models import WorkType
from timetracking.models.billing import BillableOption
from timetracking.rules import durations
from timetracking.selectors import picker
from timetracking.services.entry_checks import SUBJECT_LENGTH
from timetracking.services.week_templates import LONGEST_NAME, MOST_LINES, Line

BLANK_LINES = 3
NO_WORK_TYPE = ""


class NameForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_NAME,
        error_messages={
            "required": gettext_lazy("Enter a name"),
            "max_length": gettext_lazy("Use at most 80 characters"),
        },
    )
    version = VersionField(required=False, min_value=1)
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class LineForm(forms.Form):
    """One line; one without a record, a subject and minutes is none."""

    record = forms.CharField(label=gettext_lazy("Linked record"), required=False, max_length=40)
    reference = forms.CharField(
        label=gettext_lazy("Or type a reference"), required=False, max_length=picker.LONGEST_QUERY
    )
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        required=False,
        max_length=SUBJECT_LENGTH,
        error_messages={"max_length": gettext_lazy("Use at most 200 characters")},
    )
    billable_option = forms.ChoiceField(label=gettext_lazy("Billing"), choices=BillableOption.choices, required=False)
    work_type = forms.ChoiceField(label=gettext_lazy("Work type"), required=False)
    remove = forms.BooleanField(label=gettext_lazy("Remove this line"), required=False)

    def __init__(self, *args: Any, work_types: dict[int, WorkType], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.work_types = work_types
        self.chosen: Any = None
        field: Any = self.fields["work_type"]
        names = [(str(pk), str(row)) for pk, row in work_types.items()]
        field.choices = [(NO_WORK_TYPE, _("The usual one")), *names]
        for n, name in enumerate(dates.weekdays_short()):
            self.fields[f"day_{n}"] = forms.CharField(label=name, required=False, max_length=40)

    @property
    def option(self) -> str:
        """The record that is shown as chosen, as the picker names it."""
        return str(self["record"].value() or "")

    @property
    def day_fields(self) -> list[Any]:
        return [self[f"day_{n}"] for n in range(7)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["minutes"] = [self._minutes(f"day_{n}", data.get(f"day_{n}") or "") for n in range(7)]
        text = (data.get("reference") or "").strip()
        self.chosen = picker.find(data["record"]) if data.get("record") else None
        if text:  # what was typed goes before what stood there
            self.chosen = picker.find_reference(text)
        if self.chosen is None and (text or data.get("record")) and not data.get("remove"):
            self.add_error("reference" if text else "record", _("Choose a ticket or project"))
        is_nameless = self.chosen is None and not (data.get("subject") or "").strip()
        if any(data["minutes"]) and is_nameless and not data.get("remove") and not self.errors:
            self.add_error("subject", _("Enter a subject"))
        return data

    @property
    def is_wanted(self) -> bool:
        data = self.cleaned_data  # empty for a line that was left as it was offered
        if not data or data["remove"]:
            return False
        return bool(self.chosen is not None or data["subject"].strip() or any(data["minutes"]))

    def line(self) -> Line:
        """What `services.week_templates` takes; call when the form is valid and wanted."""
        data = self.cleaned_data
        chosen = data["work_type"]
        return Line(
            record=self.chosen,
            subject=data["subject"],
            billable_option=data["billable_option"] or BillableOption.NO_DEFAULT.value,
            work_type=self.work_types[int(chosen)] if chosen else None,
            minutes=data["minutes"],
        )

    def _minutes(self, name: str, text: str) -> int:
        if not text.strip() or text.strip() in ("0", "–", "-"):
            return 0
        try:
            return durations.parse(text).minutes
        except RuleViolation as refusal:
            self.add_error(name, refusal.message)
            return 0


Lines: Any = forms.formset_factory(LineForm, extra=BLANK_LINES, max_num=MOST_LINES, absolute_max=MOST_LINES + 20)


def initial_of(lines: Iterable[Any]) -> list[dict[str, Any]]:
    """What the form shows of lines, stored or new."""
    return [
        {
            "record": picker.token(line.record) if line.record is not None else "",
            "subject": line.subject,
            "billable_option": line.billable_option,
            "work_type": str(line.work_type.pk) if line.work_type else NO_WORK_TYPE,
            **{f"day_{n}": durations.format_minutes(m) if m else "" for n, m in enumerate(line.minutes)},
        }
        for line in lines
    ]
