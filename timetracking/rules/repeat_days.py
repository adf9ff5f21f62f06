"""On which days one piece of work is logged at once: some weekdays of a week, or all days until another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection

from timetracking.rules import weeks


def days(
    day: dt.date,
    weekdays: Collection[int],
    until: dt.date | None,
    *,
    first_weekday: int,
    is_off: Callable[[dt.date], bool],
) -> tuple[list[dt.date], list[dt.date]]:
    """The days to log on, `day` among them, and those that were skipped because they are off.

    Without `until`: the chosen weekdays (Monday = 0) of the week of `day`, off or not, since each was chosen. With it:
    from `day` to `until`, all days or the chosen weekdays, but those that are off.

    >>> monday = dt.date(2026, 6, 15)
    >>> weekend = lambda day: day.weekday() > 4
    >>> [d.day for d in days(monday, {0, 2, 5}, None, first_weekday=0, is_off=weekend)[0]]
    [15, 17, 20]
    >>> logged, skipped = days(monday, (), monday + 7 * weeks.DAY, first_weekday=0, is_off=weekend)
    >>> [d.day for d in logged], [d.day for d in skipped]
    ([15, 16, 17, 18, 19, 22], [20, 21])
    >>> [d.day for d in days(monday, {4}, monday + 14 * weeks.DAY, first_weekday=0, is_off=weekend)[0]]
    [15, 19, 26]
    """
    if until is None:
        first = weeks.week_containing(day, first_weekday=first_weekday)
        chosen = {each for each in weeks.days_of(first, first + 6 * weeks.DAY) if each.weekday() in weekdays}
        return sorted(chosen | {day}), []
    later = [each for each in weeks.days_of(day + weeks.DAY, until) if not weekdays or each.weekday() in weekdays]
    return [day, *(each for each in later if not is_off(each))], [each for each in later if is_off(each)]
