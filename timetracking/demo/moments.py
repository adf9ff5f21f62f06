"""When the demo's people sent and decided weeks: in the hours in which people do that, and never after now."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from timetracking.rules import weeks

FRIDAY, MONDAY = 4, 0
MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Moments:
    """Moments around the end of a member's week, in the firm's zone; the same on every run."""

    slug: str
    zone: dt.tzinfo
    now: dt.datetime

    def sent(self, person: str, week_start: dt.date, *, after: dt.datetime) -> dt.datetime | None:
        """On Friday when the work is done, or on Monday morning; None where there was no time for it yet.

        `after` is when the last piece of work was written down.
        """
        dice = self._dice(person, week_start)
        last_day = _first(week_start, FRIDAY)
        friday = self._on(last_day, 16 * 60 + 40 + dice.randrange(70))
        if after.astimezone(self.zone).date() == last_day:
            friday = max(friday, after + dice.randrange(4, 20) * MINUTE)
        monday = self._on(_first(week_start + 7 * weeks.DAY, MONDAY), 8 * 60 + 20 + dice.randrange(80))
        evening = self._on(week_start + 6 * weeks.DAY, 18 * 60 + 30 + dice.randrange(50))
        wanted = (friday, monday) if dice.random() < 0.75 else (monday,)
        return self._fitting((*wanted, evening), after)

    def sent_late(self, person: str, week_start: dt.date, *, after: dt.datetime) -> dt.datetime | None:
        """On the Tuesday after the week, when it was overdue."""
        dice = self._dice(person, week_start)
        tuesday = _first(week_start + 7 * weeks.DAY, MONDAY) + weeks.DAY
        return self._fitting((self._on(tuesday, 17 * 60 + 10 + dice.randrange(60)),), after)

    def decided(self, approver: str, week_start: dt.date, *, after: dt.datetime, turn: int = 0) -> dt.datetime | None:
        """On Monday before noon, all that is there at once; the second of two approvers (`turn` 1) a day later.

        `after` is when the week was sent. Who looks before Monday does so in the evening of the week's last day.
        """
        dice = self._dice(approver, week_start)
        monday = self._on(_first(week_start + 7 * weeks.DAY, MONDAY) + turn * weeks.DAY, 10 * 60 + dice.randrange(90))
        day_after = self.day_after(after) + (5 + 40 * turn) * MINUTE
        evening = self._on(week_start + 6 * weeks.DAY, 20 * 60 + 30 + 20 * turn)
        return self._fitting((monday, evening, day_after, after + 9 * MINUTE), after)

    def day_after(self, moment: dt.datetime) -> dt.datetime:
        """The next morning, or soon after where that is not yet."""
        morning = self._on(moment.astimezone(self.zone).date() + weeks.DAY, 9 * 60 + 10)
        return morning if morning < self.now else moment + 12 * MINUTE

    def _fitting(self, wanted: tuple[dt.datetime, ...], after: dt.datetime) -> dt.datetime | None:
        return next((at for at in wanted if after + 3 * MINUTE < at < self.now), None)

    def _dice(self, person: str, week_start: dt.date) -> random.Random:
        return random.Random(f"{self.slug} {person} {week_start} sent")  # noqa: S311  # no secret hangs on it

    def _on(self, day: dt.date, minutes: int) -> dt.datetime:
        """An instant from minutes on the wall after the day's midnight."""
        wall = dt.time(minutes // 60, minutes % 60)
        return dt.datetime.combine(day, wall, self.zone).astimezone(dt.UTC)


def _first(day: dt.date, weekday: int) -> dt.date:
    """The first day from `day` on that is this weekday.

    >>> _first(dt.date(2026, 6, 14), 4), _first(dt.date(2026, 6, 15), 0)
    (datetime.date(2026, 6, 19), datetime.date(2026, 6, 15))
    """
    return day + (weekday - day.weekday()) % 7 * weeks.DAY
