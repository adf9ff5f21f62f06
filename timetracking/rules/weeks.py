"""Which week a day belongs to, how weeks are numbered, and how long a day is. Weekdays count from Monday = 0."""

from __future__ import annotations

import datetime as dt
import zoneinfo

DAY = dt.timedelta(days=1)


def week_containing(day: dt.date, *, first_weekday: int) -> dt.date:
    """First day of the week holding `day`, a member's local day.

    >>> week_containing(dt.date(2026, 6, 18), first_weekday=0)
    datetime.date(2026, 6, 15)
    >>> week_containing(dt.date(2026, 6, 18), first_weekday=6)
    datetime.date(2026, 6, 14)
    """
    return day - dt.timedelta(days=(day.weekday() - first_weekday) % 7)


def days_of(first: dt.date, last: dt.date) -> list[dt.date]:
    """All days from `first` to `last`, both included.

    >>> len(days_of(dt.date(2026, 6, 15), dt.date(2026, 6, 21)))
    7
    """
    return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]


def year_and_period(week_start: dt.date) -> tuple[int, int]:
    """The numbers of a week: the ISO year and week of its fourth day.

    >>> year_and_period(dt.date(2024, 2, 12))
    (2024, 7)
    """
    iso = (week_start + dt.timedelta(days=3)).isocalendar()
    return iso.year, iso.week


def minutes_in_day(day: dt.date, zone: zoneinfo.ZoneInfo) -> int:
    """How long a local day is: 1,440 minutes, or less or more when clocks change in it.

    >>> [minutes_in_day(dt.date(2026, 3, d), zoneinfo.ZoneInfo("Europe/Paris")) for d in (28, 29)]
    [1440, 1380]
    >>> minutes_in_day(dt.date(2026, 10, 25), zoneinfo.ZoneInfo("Europe/Paris"))
    1500
    """
    start = dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
    end = dt.datetime.combine(day + DAY, dt.time(), zone).astimezone(dt.UTC)
    return int((end - start).total_seconds()) // 60
