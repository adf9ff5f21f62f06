"""What is sent to write a timesheet or a timer: read field by field, everything that is wrong named at once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from timesheets_site.lib.numbers import LARGEST_ID
from timetracking.api import values
from timetracking.api.bodies import read_fields

NUMBER = re.compile(r"\s*([0-9]{1,6}(?:\.[0-9]{1,9})?)\s*", re.ASCII)
WHOLE = re.compile(r"\s*([0-9]{1,18})\s*", re.ASCII)
LONGEST = 40


class Fields:
    """The body's fields, form-encoded or JSON, with what is wrong with those that were asked for."""

    def __init__(self, request: HttpRequest) -> None:
        self.sent = read_fields(request)
        self.errors: dict[str, list[str]] = {}

    def ask(self, name: str, read: Callable[[Any], Any], words: str, *, required: bool = True) -> Any:
        """The field's value; None, and an error, where it is missing or `read` makes nothing of it."""
        value = self.sent.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if required:
                self.errors[name] = [f"The {name.replace('_', ' ')} field is required."]
            return None
        found = read(value)
        if found is None:
            self.errors[name] = [f"The {name.replace('_', ' ')} {words}"]
        return found

    def id(self, name: str, *, required: bool = True) -> int | None:
        found: int | None = self.ask(name, whole_number, "must be an integer.", required=required)
        return found

    def day(self, name: str) -> dt.date | None:
        found: dt.date | None = self.ask(name, day, "is not a valid date.")
        return found

    def duration(self) -> int | None:
        """Whole minutes, half up, of the fields hours and minutes; at least one."""
        hours, minutes = (self.ask(each, number, "must be a number, at least 0.") for each in ("hours", "minutes"))
        if hours is None or minutes is None:
            return None
        total = int((hours * 60 + minutes).quantize(Decimal(1), ROUND_HALF_UP))
        if total < 1:
            self.errors["minutes"] = ["The duration must be at least one minute."]
            return None
        return total

    def check(self) -> None:
        """Raises ValidationError if anything is wrong so far."""
        if self.errors:
            raise ValidationError(self.errors)


def number(value: Any) -> Decimal | None:
    """A number of at least 0; None for what is none.

    >>> number("1.5"), number(45), number(0.25), number("-1"), number("NaN"), number(True), number([1])
    (Decimal('1.5'), Decimal('45'), Decimal('0.25'), None, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > LONGEST:
        return None
    match = NUMBER.fullmatch(str(value))
    return Decimal(match[1]) if match else None


def whole_number(value: Any) -> int | None:
    """An id; what is larger than any is the largest, which nothing has.

    >>> whole_number("43"), whole_number(43), whole_number("4.5"), whole_number(None), whole_number(10**30)
    (43, 43, None, None, 9223372036854775807)
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if isinstance(value, int):
        return min(value, LARGEST_ID) if value >= 0 else None
    match = WHOLE.fullmatch(value) if len(value) <= LONGEST else None
    return int(match[1]) if match else None


def day(value: Any) -> dt.date | None:
    """A calendar day; of a date with a time its day as it is written.

    >>> day("2026-06-20"), day("2026-06-20 10:00:00"), day("20/06/2026"), day(20260620)
    (datetime.date(2026, 6, 20), datetime.date(2026, 6, 20), None, None)
    """
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    text = value.strip()
    return values.day(text) or (values.day(text[:10]) if values.instant(text) else None)
