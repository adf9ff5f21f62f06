"""Words for dates in filters: `today`, `priorMonth`, `currentQuarter`, …, each a span of days."""

from __future__ import annotations

import datetime as dt

DAY = dt.timedelta(days=1)
Span = tuple[dt.date, dt.date]
"""First and last day, both included."""


def _month(year: int, month: int, months: int) -> Span:
    """`months` months from the first of one that may lie outside of 1..12."""
    first = dt.date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
    after = month + months
    return first, dt.date(year + (after - 1) // 12, (after - 1) % 12 + 1, 1) - DAY


def span_of(word: str, as_of: dt.date, *, first_weekday: int = 0) -> Span | None:
    """The days that a word means on `as_of`; None for what is no such word. Weekdays count from Monday = 0.

    >>> [str(day) for day in span_of("priorQuarter", dt.date(2026, 2, 10))]
    ['2025-10-01', '2025-12-31']
    >>> [str(day) for day in span_of("lastWeek", dt.date(2026, 3, 4))]
    ['2026-02-23', '2026-03-01']
    >>> span_of("someday", dt.date(2026, 3, 4)) is None
    True
    """
    quarter = (as_of.month - 1) // 3 * 3 + 1
    try:
        match word:
            case "today":
                return as_of, as_of
            case "yesterday":
                return as_of - DAY, as_of - DAY
            case "currentWeek" | "lastWeek":
                first = as_of - DAY * ((as_of.weekday() - first_weekday) % 7 + (7 if word == "lastWeek" else 0))
                return first, first + 6 * DAY
            case "currentMonth":
                return _month(as_of.year, as_of.month, 1)
            case "priorMonth":
                return _month(as_of.year, as_of.month - 1, 1)
            case "currentQuarter":
                return _month(as_of.year, quarter, 3)
            case "priorQuarter":
                return _month(as_of.year, quarter - 3, 3)
            case "currentYear":
                return _month(as_of.year, 1, 12)
            case "priorYear":
                return _month(as_of.year - 1, 1, 12)
    except (ValueError, OverflowError):  # before the first or after the last day that there is
        return None
    return None
