"""The arithmetic of reports: shares, changes, and how much work a person has room for. Whole minutes and percents."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from timetracking.rules.report_ranges import Days, working_days

WORKING_DAYS_A_WEEK = 5
PTO = "PTO"
"""The charge code of time off."""


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
    weekly_minutes: int, days: Days | None, *, joined_on: dt.date, today: dt.date, off_minutes: int = 0
) -> int:
    """Minutes that a member had to give: a fifth of the weekly capacity for each Monday to Friday, less time off.

    Days before they joined and days to come do not count. `off_minutes` is the time off on the days that do.

    >>> june = Days(dt.date(2026, 6, 1), dt.date(2026, 6, 30))
    >>> capacity(2250, june, joined_on=dt.date(2020, 1, 1), today=dt.date(2026, 8, 1), off_minutes=450)
    9450
    >>> capacity(2250, june, joined_on=dt.date(2026, 6, 29), today=dt.date(2026, 8, 1))
    900
    >>> capacity(2250, june, joined_on=dt.date(2020, 1, 1), today=dt.date(2026, 6, 1))
    450
    """
    counted = days.until(today) if days else None
    if counted is None or joined_on > counted.last:
        return 0
    number = working_days(Days(max(counted.first, joined_on), counted.last))
    return max(weekly_minutes * number // WORKING_DAYS_A_WEEK - off_minutes, 0)
