"""The arithmetic of reports: shares, changes, and how much work a person has room for. Whole minutes and percents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction

from timetracking.rules.report_ranges import Days
from timetracking.rules.targets import Targets

WORKING_DAYS_A_WEEK = 5


def percent(part: int, whole: int) -> int | None:
    """Whole percents, halves up; None of nothing.

    >>> percent(1, 8), percent(0, 5), percent(3, 0)
    (13, 0, None)
    """
    return (200 * part + whole) // (2 * whole) if whole > 0 else None


def tenths(part: int, whole: int) -> Fraction | None:
    """A percentage with one decimal, halves up, for spreadsheets.

    >>> tenths(1, 3), tenths(1, 0)
    (Fraction(333, 10), None)
    """
    return Fraction((2000 * part + whole) // (2 * whole), 10) if whole > 0 else None


def change(now: int, before: int) -> int | None:
    """By how many percent something grew; None where there was nothing to compare with.

    >>> change(110, 100), change(99, 100), change(5, 0)
    (10, -1, None)
    """
    if before <= 0:
        return None
    grown = percent(abs(now - before), before) or 0
    return grown if now >= before else -grown


def capacity(
    own: Targets, days: Days | None, *, today: dt.date, off_by_day: Mapping[dt.date, int] | None = None
) -> int:
    """Minutes that a member had to give: the targets of the days up to today, less the time off logged on them.

    On no day is more time off taken away than was expected there, so leave on a holiday is not taken away twice.

    >>> from accounts.working_time import Schedule, WorkingTime
    >>> june = Days(dt.date(2026, 6, 1), dt.date(2026, 6, 30))
    >>> own = Targets(WorkingTime((Schedule(dt.date.min, 2250, 0b0011111),), dt.date(2020, 1, 1)))
    >>> capacity(own, june, today=dt.date(2026, 8, 1), off_by_day={dt.date(2026, 6, 5): 450})
    9450
    >>> capacity(own, june, today=dt.date(2026, 6, 1)), capacity(own, june, today=dt.date(2026, 5, 31))
    (450, 0)
    """
    counted = days.until(today) if days else None
    return own.less(counted.first, counted.last, off_by_day or {}) if counted else 0
