"""Which weeks a `year` and a `period` name: the ISO year and week of a week's fourth day."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import Q

from timetracking.rules.weeks import year_and_period

FIRST = dt.date(1999, 12, 20)
"""Earlier than the week of any work date."""
AHEAD = 3
"""Years from now in which no time is logged any more."""


class Week(NamedTuple):
    start: dt.date
    year: int
    period: int


@functools.lru_cache(maxsize=16)
def weeks_until(last_year: int, first_weekday: int) -> tuple[Week, ...]:
    """Every week that can hold time, in order.

    >>> weeks_until(2026, 0)[0], len(weeks_until(2026, 6))
    (Week(start=datetime.date(1999, 12, 20), year=1999, period=51), 1410)
    """
    start = FIRST + dt.timedelta(days=(first_weekday - FIRST.weekday()) % 7)
    weeks = []
    while start.year <= last_year:
        weeks.append(Week(start, *year_and_period(start)))
        start += dt.timedelta(days=7)
    return tuple(weeks)


def condition(fits: Callable[[Week], bool], *, first_weekday: int, today: dt.date) -> Q:
    """Condition on `week_start` for the weeks that fit: a list of days, the shorter one of those and of the others.

    >>> today = dt.date(2026, 6, 18)
    >>> condition(lambda week: (week.year, week.period) == (2024, 7), first_weekday=0, today=today)
    <Q: (AND: ('week_start__in', [datetime.date(2024, 2, 12)]))>
    >>> condition(lambda week: week.period != 7, first_weekday=6, today=today).negated
    True
    """
    weeks = weeks_until(today.year + AHEAD, first_weekday)
    chosen = [week.start for week in weeks if fits(week)]
    if 2 * len(chosen) <= len(weeks):
        return Q(week_start__in=chosen)
    kept = set(chosen)
    others: Any = [week.start for week in weeks if week.start not in kept]
    return ~Q(week_start__in=others)
