"""How much a member is expected to work on a day, and what makes it less: their working time, holidays, days off.

Nothing of it is stored: a change of working time counts for all days from its own on, those that are past included.
`docs/algorithms/targets.md` explains it.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from accounts.models import DayOff
from accounts.working_time import Free, Schedule, WorkingTime

DAY = dt.timedelta(days=1)
WEEKDAYS = 7
PLAIN, NOT_HERE, WEEKDAY, HOLIDAY, DAY_OFF, HALF = "", "not_here", "weekday", "holiday", "day_off", "half"
"""Why a day's target is what it is. `WEEKDAY`: not worked in any week."""


@dataclass(frozen=True, slots=True)
class DayTarget:
    """Minutes expected on a day; what makes them less, and what that is called (empty but for holidays, days off)."""

    minutes: int
    reason: str = PLAIN
    name: str = ""

    @property
    def is_off(self) -> bool:
        """Whether the whole day is free for its member."""
        return self.reason in (WEEKDAY, HOLIDAY, DAY_OFF)


@lru_cache(maxsize=1_024)
def split(weekly_minutes: int, weekdays: int) -> tuple[int, ...]:
    """The minutes of each weekday from Monday on: evenly, with one more on the first ones where it does not come out.

    >>> split(2250, 0b0011111)
    (450, 450, 450, 450, 450, 0, 0)
    >>> split(1001, 0b0001011), sum(split(1001, 0b0001011))
    ((334, 334, 0, 333, 0, 0, 0), 1001)
    >>> split(600, 0)
    (0, 0, 0, 0, 0, 0, 0)
    """
    worked = [weekday for weekday in range(WEEKDAYS) if weekdays >> weekday & 1]
    if not worked:
        return (0,) * WEEKDAYS
    each, rest = divmod(weekly_minutes, len(worked))
    return tuple(each + (worked.index(weekday) < rest) if weekday in worked else 0 for weekday in range(WEEKDAYS))


def halved(minutes: int) -> int:
    """Half up, as everything that is rounded here.

    >>> halved(450), halved(451)
    (225, 226)
    """
    return (minutes + 1) // 2


def idle(off_by_day: Mapping[dt.date, int], expected: Mapping[dt.date, int]) -> int:
    """Of the time off that was logged on some days, what counts for nothing: what goes beyond the day's target.

    Time off fills what was expected on its day. On a holiday or a day off nothing was, so it is neither work nor
    overtime.

    >>> monday, tuesday = dt.date(2026, 12, 21), dt.date(2026, 12, 22)
    >>> idle({monday: 450, tuesday: 450}, {monday: 450, tuesday: 0})
    450
    """
    return sum(max(minutes - expected.get(day, 0), 0) for day, minutes in off_by_day.items())


class Targets:
    """One member's targets, for the days for which their working time was read.

    >>> monday, friday = dt.date(2026, 12, 21), dt.date(2026, 12, 25)
    >>> week = (Schedule(dt.date.min, 2250, 0b0011111),)
    >>> eve = Free(dt.date(2026, 12, 24), dt.date(2026, 12, 24), "half", "Christmas Eve")
    >>> own = Targets(WorkingTime(week, free=(eve,), holidays={friday: "Christmas Day"}))
    >>> own.on(monday), own.on(friday)
    (DayTarget(minutes=450, reason='', name=''), DayTarget(minutes=0, reason='holiday', name='Christmas Day'))
    >>> own.on(eve.first_on)
    DayTarget(minutes=225, reason='half', name='Christmas Eve')
    >>> own.between(monday, monday + 6 * DAY)
    1575
    """

    def __init__(self, known: WorkingTime) -> None:
        self.known = known
        self._starts = [schedule.starts_on for schedule in known.schedules]
        self._less: dict[dt.date, tuple[str, str]] | None = None

    def schedule_on(self, day: dt.date) -> Schedule:
        """What counts on a day before anything makes it less."""
        return self.known.schedules[max(bisect_right(self._starts, day) - 1, 0)]

    def plain(self, day: dt.date) -> int:
        """The minutes of the weekday, whether or not the day is free."""
        schedule = self.schedule_on(day)
        return split(schedule.weekly_minutes, schedule.weekdays)[day.weekday()]

    def on(self, day: dt.date) -> DayTarget:
        """The target of a day.

        Whole days off beat half ones, a public holiday is whole and names itself first, also on a weekday that is not
        worked; a day that is said to be worked is no holiday.
        """
        if day < self.known.joined_on:
            return DayTarget(0, NOT_HERE)
        schedule, plain = self.schedule_on(day), self.plain(day)
        reason, name = self._made_less().get(day, (PLAIN, ""))
        if reason in (HOLIDAY, DAY_OFF):
            return DayTarget(0, reason, name)
        if not schedule.weekdays >> day.weekday() & 1:
            return DayTarget(0, WEEKDAY)
        return DayTarget(halved(plain), HALF, name) if reason == HALF else DayTarget(plain)

    def between(self, first: dt.date, last: dt.date) -> int:
        """The sum of the targets from `first` to `last`, both included; 0 where `last` comes first.

        It is not added up day by day: whole weeks at once, less what holidays and days off take away.
        """
        first = max(first, self.known.joined_on)
        if last < first:
            return 0
        total = sum(_plain_between(schedule, *span) for schedule, span in self._spans(first, last))
        taken = (self.plain(day) - self.on(day).minutes for day in self._made_less() if first <= day <= last)
        return total - sum(taken)

    def by_day(self, first: dt.date, last: dt.date) -> dict[dt.date, int]:
        """The minutes of each day from `first` to `last`, both included."""
        return {day: self.on(day).minutes for n in range((last - first).days + 1) for day in (first + DAY * n,)}

    def less(self, first: dt.date, last: dt.date, off_by_day: Mapping[dt.date, int]) -> int:
        """`between`, less the time off that was logged in these days: on no day more of it than was expected there.

        >>> monday = dt.date(2026, 12, 21)
        >>> own = Targets(WorkingTime((Schedule(dt.date.min, 2250, 0b0011111),), holidays={monday: "Solstice"}))
        >>> own.less(monday, monday + 4 * DAY, {monday: 450, monday + DAY: 300})
        1500
        """
        days = [(day, minutes) for day, minutes in off_by_day.items() if first <= day <= last]
        return self.between(first, last) - sum(min(minutes, self.on(day).minutes) for day, minutes in days)

    def _spans(self, first: dt.date, last: dt.date) -> Iterator[tuple[Schedule, tuple[dt.date, dt.date]]]:
        """The parts of these days in which one schedule counts, with it."""
        schedules = self.known.schedules
        for place, schedule in enumerate(schedules):
            starts = first if place == 0 else max(first, schedule.starts_on)
            ends = min(last, schedules[place + 1].starts_on - DAY) if place + 1 < len(schedules) else last
            if starts <= ends:
                yield schedule, (starts, ends)

    def _made_less(self) -> dict[dt.date, tuple[str, str]]:
        """Reason and name by day, for the days that are no plain ones whatever their weekday; put together once."""
        if self._less is None:
            self._less = _made_less(self.known)
        return self._less


def of(known: Mapping[int, WorkingTime]) -> dict[int, Targets]:
    """The targets of members, by their ids, from what `accounts.working_time.read` found."""
    return {pk: Targets(working_time) for pk, working_time in known.items()}


def _made_less(known: WorkingTime) -> dict[dt.date, tuple[str, str]]:
    found: dict[dt.date, tuple[str, str]] = {}
    worked = {day for free in known.free if free.part == DayOff.Part.WORKED for day in _days_of(free)}
    for reason, part in ((HALF, DayOff.Part.HALF), (DAY_OFF, DayOff.Part.WHOLE)):
        for free in reversed([free for free in known.free if free.part == part]):  # the first one names the day
            found.update(dict.fromkeys(_days_of(free), (reason, free.name)))
    found.update({day: (HOLIDAY, name) for day, name in known.holidays.items() if day not in worked})
    return found


def _days_of(free: Free) -> list[dt.date]:
    return [free.first_on + DAY * n for n in range((free.last_on - free.first_on).days + 1)]


def _plain_between(schedule: Schedule, first: dt.date, last: dt.date) -> int:
    """A schedule's minutes over some days, as if none were free."""
    minutes = split(schedule.weekly_minutes, schedule.weekdays)
    whole, rest = divmod((last - first).days + 1, WEEKDAYS)
    start = first.weekday()
    return whole * sum(minutes) + sum(minutes[(start + n) % WEEKDAYS] for n in range(rest))
