"""Sets of weekdays, stored as a number: a bit for each, the lowest is Monday."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from accounts.models.working_time import MONDAY_TO_FRIDAY


def bits_of(weekdays: Iterable[int]) -> int:
    """
    >>> bits_of([0, 1, 3])
    11
    """
    return sum(1 << weekday for weekday in set(weekdays))


def listed(bits: int, first_weekday: int = 0) -> list[int]:
    """The weekdays, in the order of a week that begins on `first_weekday`.

    >>> listed(0b1000011, first_weekday=6)
    [6, 0, 1]
    """
    order = [(first_weekday + n) % 7 for n in range(7)]
    return [weekday for weekday in order if bits >> weekday & 1]


def choices(first_weekday: int = 0) -> list[tuple[int, str]]:
    """All of them with their names, in the order of the organisation's week."""
    return [(weekday, str(WEEKDAYS[weekday])) for weekday in listed(0b1111111, first_weekday)]


def in_words(bits: int, first_weekday: int = 0) -> str:
    """`Monday to Friday`, `Mon, Tue, Thu`."""
    if bits == MONDAY_TO_FRIDAY:
        return _("Monday to Friday")
    return ", ".join(str(WEEKDAYS_ABBR[weekday]) for weekday in listed(bits, first_weekday)) or _("None")
