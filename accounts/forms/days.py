"""Days that forms take: those for which all arithmetic works."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import DateField, DateInput
from django.utils.translation import gettext_lazy as _

FIRST, LAST = dt.date(2000, 1, 1), dt.date(2999, 12, 31)


def check_range(day: dt.date) -> None:
    """Raises ValidationError for a day outside of the years 2000 to 2999."""
    if not FIRST <= day <= LAST:
        raise ValidationError(_("Choose a day from the year 2000 on."), code="day_out_of_range")


def day_input() -> DateInput:
    return DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def day_field(label: Any) -> DateField:
    """An optional day."""
    return DateField(label=label, required=False, widget=day_input(), validators=[check_range])
