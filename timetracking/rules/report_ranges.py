"""Which days a report is about: those that a word stands for, the days before, and how they are cut into weeks.

A range has a first and a last day, both included, as people say it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from timetracking.rules import months, weeks

DAY = weeks.DAY
FIRST_YEAR, LAST_YEAR = 2000, 2099
LONGEST_DAYS = 3_660
"""Ten years."""

THIS_WEEK, LAST_WEEK = "this_week", "last_week"
THIS_MONTH, LAST_MONTH = "this_month", "last_month"
THIS_QUARTER, LAST_QUARTER = "this_quarter", "last_quarter"
THIS_YEAR, LAST_YEAR_WORD = "this_year", "last_year"
WORDS = (
    THIS_WEEK, LAST_WEEK, THIS_MONTH, LAST_MONTH, THIS_QUARTER, LAST_QUARTER, THIS_YEAR, LAST_YEAR_WORD,
)  # fmt: skip
USUAL = THIS_QUARTER


@dataclass(frozen=True, slots=True)
class Days:
    """Local days, both included."""

    first: dt.date
    last: dt.date

    @property
    def count(self) -> int:
        """
        >>> Days(dt.date(2026, 6, 1), dt.date(2026, 6, 30)).count
        30
        """
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Days:
        """The days right before, as many.

        >>> Days(dt.date(2026, 6, 1), dt.date(2026, 6, 30)).before
        Days(first=datetime.date(2026, 5, 2), last=datetime.date(2026, 5, 31))
        """
        return Days(self.first - DAY * self.count, self.first - DAY)

    def until(self, day: dt.date) -> Days | None:
        """Those up to `day`; None where all come later."""
        return None if day < self.first else Days(self.first, min(self.last, day))


def named(word: str, today: dt.date, *, first_weekday: int) -> Days:
    """The days that one of `WORDS` stands for on a day.

    >>> named("last_week", dt.date(2026, 6, 18), first_weekday=0)
    Days(first=datetime.date(2026, 6, 8), last=datetime.date(2026, 6, 14))
    >>> named("last_quarter", dt.date(2026, 2, 18), first_weekday=0)
    Days(first=datetime.date(2025, 10, 1), last=datetime.date(2025, 12, 31))
    >>> named("this_year", dt.date(2026, 2, 18), first_weekday=0).count
    365
    """
    if word in (THIS_WEEK, LAST_WEEK):
        first = weeks.week_containing(today, first_weekday=first_weekday)
        return _or_before(Days(first, first + DAY * 6), word == LAST_WEEK)
    month = today.replace(day=1)
    if word in (THIS_MONTH, LAST_MONTH):
        first = month if word == THIS_MONTH else _months_before(month, 1)
        return Days(first, months.last_day(first))
    if word in (THIS_QUARTER, LAST_QUARTER):
        quarter = month.replace(month=(month.month - 1) // 3 * 3 + 1)
        first = quarter if word == THIS_QUARTER else _months_before(quarter, 3)
        return Days(first, months.last_day(_months_before(first, -2)))
    year = today.year - (word == LAST_YEAR_WORD)
    return Days(dt.date(year, 1, 1), dt.date(year, 12, 31))


def _or_before(days: Days, is_before: bool) -> Days:
    return days.before if is_before else days


def _months_before(month: dt.date, count: int) -> dt.date:
    """
    >>> _months_before(dt.date(2026, 1, 1), 1), _months_before(dt.date(2026, 11, 1), -2)
    (datetime.date(2025, 12, 1), datetime.date(2027, 1, 1))
    """
    number = month.year * 12 + month.month - 1 - count
    return dt.date(number // 12, number % 12 + 1, 1)


def week_starts(days: Days, *, first_weekday: int) -> list[dt.date]:
    """The first days of the weeks that the range touches.

    >>> [day.day for day in week_starts(Days(dt.date(2026, 6, 3), dt.date(2026, 6, 15)), first_weekday=0)]
    [1, 8, 15]
    """
    first = weeks.week_containing(days.first, first_weekday=first_weekday)
    return [first + DAY * n for n in range(0, (days.last - first).days + 1, 7)]


def month_starts(days: Days) -> list[dt.date]:
    """The first days of the months that the range touches.

    >>> [day.month for day in month_starts(Days(dt.date(2025, 12, 31), dt.date(2026, 2, 1)))]
    [12, 1, 2]
    """
    month, found = days.first.replace(day=1), []
    while month <= days.last:
        found.append(month)
        month = months.next_month(month)
    return found
