"""Fields of the catalogue's forms: sizes in hours, days, and records that may be chosen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.forms import PlainDecimalField
from timetracking.models import Agreement
from timetracking.models.catalogue import CatalogueRecord
from timetracking.rules import budgets, durations

LONGEST_ID = 18  # digits that every database's integer can hold
HOURS = frozenset({"budget_minutes", "estimate_minutes", "included_minutes_a_month"})


class HoursField(forms.CharField):
    """A budget or an estimate typed as `120`, `120h` or `4h 30m`; the value is whole minutes, or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("Hours, like 120 or 4h 30m."))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return durations.typed(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return budgets.parse_hours(text)
        except RuleViolation as refusal:
            raise ValidationError(str(refusal.message), code=refusal.code) from refusal

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class PeopleField(forms.ModelMultipleChoiceField):
    """Members, as boxes to tick."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> Any:
        for pk in value or ():
            if not str(pk).isdigit() or len(str(pk)) > LONGEST_ID:
                raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().clean(value)


class AgreementField(forms.ModelChoiceField):
    """Agreements, named with their client."""

    def label_from_instance(self, agreement: Agreement) -> str:
        return f"{agreement.client.name}: {agreement.name}"


def field_for(column: models.Field, **kwargs: Any) -> forms.Field | None:
    """The form's field for a model's column, for `Meta.formfield_callback`."""
    if column.name in HOURS:
        return HoursField(label=HOURS_LABELS[column.name], required=False)
    if isinstance(column, models.DateField):
        kwargs["widget"] = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    if isinstance(column, models.DecimalField):
        kwargs |= {"min_value": 0, "form_class": PlainDecimalField}
    if isinstance(column, models.ManyToManyField):
        kwargs["form_class"] = PeopleField
    elif isinstance(column, models.ForeignKey) and column.related_model is Agreement:
        kwargs["form_class"] = AgreementField
    return column.formfield(**kwargs)


HOURS_LABELS = {
    "budget_minutes": _("Budget in hours"),
    "estimate_minutes": _("Estimate in hours"),
    "included_minutes_a_month": _("Included hours a month"),
}


def offered(model: type[models.Model], chosen: list[int]) -> Any:
    """What may be chosen now: active rows (of members those who are people), and what is chosen already."""
    if model is Membership:
        here = Q(is_active=True, is_integration=False)
        return Membership.objects.filter(here | Q(pk__in=chosen)).order_by("display_name", "pk")
    if not issubclass(model, CatalogueRecord):
        raise TypeError(f"{model.__name__} is no reference record.")
    rows = model.objects.filter(Q(archived_at__isnull=True) | Q(pk__in=chosen))
    return rows.select_related("client") if model is Agreement else rows


PLAIN_WORDS: dict[type[forms.Field], dict[str, Any]] = {
    forms.ModelMultipleChoiceField: {
        "required": _("Choose at least one."),
        "invalid_choice": _("Choose from the list."),
    },
    forms.ChoiceField: {"required": _("Choose one of the list."), "invalid_choice": _("Choose one of the list.")},
    forms.DateField: {"required": _("Enter a date."), "invalid": _("Enter a date that exists, like 2026-06-15.")},
    forms.DecimalField: {"invalid": _("Enter a number."), "min_value": _("Enter 0 or more.")},
    forms.IntegerField: {
        "invalid": _("Enter a whole number."),
        "min_value": _("Enter %(limit_value)s or more."),
        "max_value": _("Enter %(limit_value)s or less."),
    },
    forms.Field: {"required": _("Fill this in.")},
}


def say_it_plainly(field: forms.Field) -> None:
    """Messages in the product's own words, most special kind of field first."""
    for kind in reversed(PLAIN_WORDS):
        if isinstance(field, kind):
            field.error_messages.update(PLAIN_WORDS[kind])
    validators: list[Any] = field.validators
    for validator in validators:
        code = getattr(validator, "code", "")
        if code in ("min_value", "max_value") and code in field.error_messages:
            validator.message = field.error_messages[code]
