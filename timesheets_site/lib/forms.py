"""What forms of every app share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BaseForm

from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.numbers import LARGEST_VERSION


@contextmanager
def refusals_on(form: BaseForm) -> Iterator[None]:
    """A service's RuleViolation becomes an error of its field, or of the whole form where that field is not shown."""
    try:
        yield
    except RuleViolation as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))


class PlainDecimalField(forms.DecimalField):
    """A number without the zeros that its column fills up with: `95` and `95.125`, not `95.0000`."""

    def prepare_value(self, value: Any) -> Any:
        """What was typed stays as it was typed."""
        return format(value.normalize() + 0, "f") if isinstance(value, Decimal) and value.is_finite() else value


class VersionField(forms.IntegerField):
    """The version that was read when the page was made; hidden. One that no record can have is no version at all."""

    widget = forms.HiddenInput

    def __init__(self, *, min_value: int = 0, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, max_value=LARGEST_VERSION, **kwargs)
