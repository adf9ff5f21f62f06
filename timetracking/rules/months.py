"""Which months can be closed. Months are named by their first day."""

from __future__ import annotations

import datetime as dt

DAY = dt.timedelta(days=1)
OFFERED = 12


def last_day(month: dt.date) -> dt.date:
    """
    >>> last_day(dt.date(2024, 2, 1))
    datetime.date(2024, 2, 29)
    """
    return (month.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def next_month(month: dt.date) -> dt.date:
    return last_day(month) + DAY


def to_close(today: dt.date, lock_date: dt.date | None) -> list[dt.date]:
    """The months that are over and not closed to their end, latest first, at most twelve.

    >>> [month.month for month in to_close(dt.date(2026, 6, 18), dt.date(2026, 3, 31))]
    [5, 4]
    >>> to_close(dt.date(2026, 6, 18), dt.date(2026, 5, 31))
    []
    >>> len(to_close(dt.date(2026, 6, 18), None))
    12
    """
    found: list[dt.date] = []
    month = (today.replace(day=1) - DAY).replace(day=1)
    while len(found) < OFFERED and (lock_date is None or last_day(month) > lock_date):
        found.append(month)
        month = (month - DAY).replace(day=1)
    return found
