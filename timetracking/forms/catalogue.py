"""Forms of the catalogue, one per noun. They clean what was typed; the service decides and stores."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db import models
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from accounts import once
from accounts.models import Membership
from accounts.permissions import Permission, can
from timesheets_site.lib.forms import PlainDecimalField, VersionField
from timetracking.forms.catalogue_fields import HoursField, field_for, offered, say_it_plainly
from timetracking.models import (
    Activity,
    Agreement,
    AgreementRate,
    ChargeCode,
    Client,
    Project,
    Task,
    Ticket,
    WorkRole,
    WorkRoleRate,
    WorkType,
)
from timetracking.models.billing import BillableOption
from timetracking.rules import references
from timetracking.services.catalogue_nouns import NOUNS

NOTHING = "\u2013"


class CatalogueForm(forms.ModelForm):
    """A new record carries a one-time key, one that is edited its version; money is there for who may see rates."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    version = VersionField(label=_("Version"), min_value=1)
    hints: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, actor: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        noun = NOUNS[self._meta.model]
        is_new = self.instance.pk is None
        hidden = set(noun.money) if not can(actor, Permission.SEE_RATES) else set()
        hidden |= {"version"} if is_new else {"key", *noun.fixed}
        for name in hidden:
            self.fields.pop(name, None)
        if is_new:
            self.fields["key"].initial = once.new_key
        else:
            self.fields["version"].initial = self.instance.version
        for name, field in self.fields.items():
            self._offer(name, field)
            say_it_plainly(field)
            if name == "billable_option":  # which is the entry's word where it leaves the question to this record
                _leave_open(field)
            field.help_text = self.hints.get(name, field.help_text)

    def _offer(self, name: str, field: forms.Field) -> None:
        if not isinstance(field, forms.ModelChoiceField):
            return
        if isinstance(field, forms.ModelMultipleChoiceField):
            chosen = [row.pk for row in getattr(self.instance, name).all()] if self.instance.pk else []
        else:
            present = getattr(self.instance, f"{name}_id")
            chosen = [present] if present else []
        rows: Any = field.queryset
        field.queryset = offered(rows.model, chosen)

    def _post_clean(self) -> None:
        """The record stays as it is stored: the service fills it, and answers what does not fit."""

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes: the noun's own fields, as cleaned."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("key", "version")}

    def shown(self, name: str, value: Any) -> str:
        """A value of a field as a person reads it, for putting two versions side by side."""
        field = self.fields[name]
        if isinstance(value, list | tuple | models.QuerySet):
            return ", ".join(str(row) for row in value) or NOTHING
        if value in (None, ""):
            return NOTHING
        if isinstance(field, HoursField | PlainDecimalField):
            return str(field.prepare_value(value))
        if isinstance(field, forms.ModelChoiceField):
            return field.label_from_instance(value)
        if isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            return str(dict(choices).get(value, value))
        return str(formats.localize(value))


def _leave_open(field: Any) -> None:
    open_option = BillableOption.NO_DEFAULT.value
    field.choices = [(value, _("Not set") if value == open_option else label) for value, label in field.choices]


def stored_value(record: models.Model, name: str) -> Any:
    """What a record holds for a form's field: a value, a row, or a list of rows."""
    value = getattr(record, name)
    return list(value.all()) if hasattr(value, "all") else value


class RoundedForm(CatalogueForm):
    """Of a noun with a billing increment of its own: what is left out of its rounding is as usual."""

    AS_USUAL = ("billing_rounding", "billing_minimum_minutes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.AS_USUAL:
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        for name in self.AS_USUAL:
            if name in values and values[name] in (None, ""):
                values[name] = self._meta.model._meta.get_field(name).get_default()
        return values


ROUNDING_HINTS: dict[str, Any] = {
    "billing_rounding": _("How worked minutes become billed minutes. What was worked is never rounded."),
    "billing_minimum_minutes": _("The least that one entry is billed. Counts, like the rounding, with an increment."),
}


class ClientForm(RoundedForm):
    class Meta:
        model = Client
        fields = NOUNS[Client].fields
        formfield_callback = field_for

    hints: ClassVar[dict[str, Any]] = {
        "identifier": _("A short name that other systems know the client by."),
        "billing_increment_minutes": _("Each entry is billed in steps of this. Empty: as the organisation does."),
        **ROUNDING_HINTS,
        "billing_address": _("Stands on invoices."),
        "tax_number": _("Of the client, for invoices."),
    }


class AgreementForm(RoundedForm):
    class Meta:
        model = Agreement
        fields = NOUNS[Agreement].fields
        formfield_callback = field_for

    hints: ClassVar[dict[str, Any]] = {
        "billing_increment_minutes": _("Each entry is billed in steps of this. Empty: as the client does."),
        **ROUNDING_HINTS,
        "included_minutes_a_month": _(
            "Prepaid hours that are not billed again, like 10 or 4h 30m. Billable time uses them up by its date."
        ),
    }


class ProjectForm(CatalogueForm):
    class Meta:
        model = Project
        fields = NOUNS[Project].fields
        formfield_callback = field_for

    hints: ClassVar[dict[str, Any]] = {
        "code": _("Stands in addresses, like PRJ-112."),
        "billable": _("Decides for time on this project, unless an entry says otherwise."),
    }


class TaskForm(CatalogueForm):
    class Meta:
        model = Task
        fields = tuple(name for name in NOUNS[Task].fields if name != "project")
        formfield_callback = field_for


class TicketForm(CatalogueForm):
    class Meta:
        model = Ticket
        fields = NOUNS[Ticket].fields
        formfield_callback = field_for

    hints: ClassVar[dict[str, Any]] = {
        "number": _("Empty: the next free number."),
        "billable": _("Decides for time on this ticket, unless an entry says otherwise."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = forms.IntegerField(
            label=_("Number"),
            help_text=self.hints["number"] if self.instance.pk is None else "",
            required=self.instance.pk is not None,
            min_value=1,
            max_value=references.HIGHEST_TICKET_NUMBER,
        )
        say_it_plainly(number)
        self.fields["number"] = number


class ChargeCodeForm(CatalogueForm):
    class Meta:
        model = ChargeCode
        fields = NOUNS[ChargeCode].fields
        formfield_callback = field_for

    hints: ClassVar[dict[str, Any]] = {
        "code": _("Short, like MTNG or PTO."),
        "project": _("Time on the code is then that project's time."),
        "is_time_off": _("Leave: it lowers what is expected of its member, and counts as no work in utilisation."),
    }


class ActivityForm(CatalogueForm):
    class Meta:
        model = Activity
        fields = NOUNS[Activity].fields
        formfield_callback = field_for


class WorkTypeForm(CatalogueForm):
    class Meta:
        model = WorkType
        fields = NOUNS[WorkType].fields
        formfield_callback = field_for

    hints: ClassVar[dict[str, Any]] = {
        "multiplier": _("The rate of an hour is multiplied by this, whichever rate it is: 1.5 for overtime."),
        "billable_option": _("Decides where neither the entry, its ticket or project nor the agreement does."),
        "is_default": _("Entries that name no work type get this one. One work type at most has it."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_default"].label = _("Use where none is named")


class WorkRoleForm(CatalogueForm):
    class Meta:
        model = WorkRole
        fields = NOUNS[WorkRole].fields
        formfield_callback = field_for


class WorkRoleRateForm(CatalogueForm):
    class Meta:
        model = WorkRoleRate
        fields = tuple(name for name in NOUNS[WorkRoleRate].fields if name != "work_role")
        formfield_callback = field_for

    hints: ClassVar[dict[str, Any]] = {
        "starts_on": _("Work on this day and later has this rate, until the role's next one begins."),
        "hourly_rate": _("In the organisation's currency, before the work type's multiplier."),
    }


class AgreementRateForm(CatalogueForm):
    class Meta:
        model = AgreementRate
        fields = tuple(name for name in NOUNS[AgreementRate].fields if name != "agreement")
        formfield_callback = field_for

    hints: ClassVar[dict[str, Any]] = {
        "work_role": _("Empty: for every role. A rate for the role and the type goes before one for less."),
        "work_type": _("Empty: for every work type."),
        "hourly_rate": _("In the organisation's currency. The work type's multiplier still applies to it."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, empty in (("work_role", _("Every role")), ("work_type", _("Every work type"))):
            field: Any = self.fields[name]
            field.empty_label = empty
