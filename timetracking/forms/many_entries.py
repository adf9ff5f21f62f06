"""What is changed in many entries at once: each field has a value or is left as it is in each entry."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.days import check_range
from accounts.models import Membership
from timetracking.models import WorkRole, WorkType
from timetracking.models.billing import BillableOption
from timetracking.models.record_links import link_fields
from timetracking.selectors import picker
from timetracking.services.entry_checks import SUBJECT_LENGTH, TEXT_LENGTH

AS_IT_IS, NO_RECORD = "", "none"
"""Choices beside the values: nothing is changed, and none at all."""


class ManyEntriesForm(forms.Form):
    """Every field may be left as it is, but not all of them."""

    date = forms.DateField(
        label=gettext_lazy("Date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[check_range],
        error_messages={"invalid": gettext_lazy("Enter a date like 2026-06-18")},
    )
    record = forms.ChoiceField(
        label=gettext_lazy("Linked record"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose a ticket or project")},
    )
    reference = forms.CharField(
        label=gettext_lazy("Or type a reference"),
        required=False,
        max_length=picker.LONGEST_QUERY,
        help_text=gettext_lazy("For example TKT-4846, or the code of a project."),
    )
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        required=False,
        max_length=SUBJECT_LENGTH,
        error_messages={"max_length": gettext_lazy("Use at most 200 characters")},
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Takes the place of what is there."),
        error_messages={"max_length": gettext_lazy("Use at most 10,000 characters")},
    )
    billable_option = forms.ChoiceField(label=gettext_lazy("Billing"), required=False)
    work_type = forms.ChoiceField(label=gettext_lazy("Work type"), required=False)
    work_role = forms.ChoiceField(label=gettext_lazy("Work role"), required=False)

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.catalogue: dict[str, dict[int, Any]] = {}
        unchanged = (AS_IT_IS, _("Leave as it is"))
        self._choices("billable_option", [unchanged, *BillableOption.choices])
        groups = [
            (group.label, [(each.value, " · ".join(filter(None, (each.title, each.detail)))) for each in group.options])
            for group in picker.suggestions(actor)
        ]
        self._choices("record", [unchanged, *groups])
        models: list[tuple[str, Any]] = [("work_type", WorkType), ("work_role", WorkRole)]
        for name, model in models:
            rows = {row.pk: row for row in model.objects.active().order_by("name", "pk")}
            self.catalogue[name] = rows
            named = [(str(pk), str(row)) for pk, row in rows.items()]
            self._choices(name, [unchanged, (NO_RECORD, _("None")), *named])
            if not rows:
                del self.fields[name]

    def _choices(self, name: str, choices: list[Any]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    @property
    def sent(self) -> list[tuple[str, str]]:
        """Names and values as they were typed, to be sent again."""
        return [(name, str(self[name].value() or "")) for name in self.fields]

    @cached_property
    def chosen(self) -> Any:
        """The record that was picked, else the one whose reference was typed; None for none."""
        data = self.cleaned_data
        if text := data.get("reference", "").strip():
            return picker.find_reference(text)
        return picker.find(data["record"]) if data.get("record") else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.cleaned_data = data
        if data.get("reference", "").strip() and self.chosen is None:
            self.add_error("reference", _("Nothing has this reference."))
        if not self.errors and not self.changes():
            raise forms.ValidationError(_("Choose at least one thing to change."))
        return data

    def changes(self) -> dict[str, Any]:
        """The fields that change, as `services.time_entries.edit` takes them. Call when the form is valid."""
        data = self.cleaned_data
        fields: dict[str, Any] = {
            name: data[name] for name in ("date", "subject", "description", "billable_option") if data.get(name)
        }
        for name, rows in self.catalogue.items():
            if value := data.get(name):
                fields[name] = None if value == NO_RECORD else rows[int(value)]
        return fields | (link_fields(self.chosen) if self.chosen is not None else {})
