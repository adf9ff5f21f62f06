"""What a member sees of their own working time: hours, days off, and what is expected of them in the next weeks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts import working_time_rows
from accounts.models import Membership
from accounts.working_time_rows import MembersTime
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable
from timetracking.rules import targets, weeks
from timetracking.rules.targets import Targets
from timetracking.selectors.marked_up import hm
from timetracking.selectors.targets import own_targets

WEEKS_AHEAD = 12
NAMED = (targets.HOLIDAY, targets.DAY_OFF, targets.HALF)


@dataclass(frozen=True, slots=True)
class WeekTarget(Printable):
    """A week, what is expected in it, and the names of what makes it less."""

    url: str
    days: str
    hm: str
    less: str
    is_now: bool


@dataclass(frozen=True)
class OwnTime(Printable):
    time: MembersTime
    weeks: tuple[WeekTarget, ...]


def own_time(member: Membership) -> OwnTime:
    """This week and the next ones; `member` has their organisation. Four queries."""
    today = member.today()
    first = weeks.week_containing(today, first_weekday=member.organisation.first_weekday)
    starts = [first + weeks.DAY * 7 * n for n in range(WEEKS_AHEAD)]
    own = own_targets(member, first, starts[-1] + weeks.DAY * 6)
    rows = tuple(_week(member, own, start, is_now=start == first) for start in starts)
    return OwnTime(working_time_rows.time_of(member, today), rows)


def _week(member: Membership, own: Targets, start: dt.date, *, is_now: bool) -> WeekTarget:
    last = start + weeks.DAY * 6
    made_less = [target for day in weeks.days_of(start, last) if (target := own.on(day)).reason in NAMED]
    names = dict.fromkeys(target.name for target in made_less)
    return WeekTarget(
        address("week-of", member.organisation.slug, start),
        dates.day_range(start, last),
        hm(own.between(start, last)),
        ", ".join(names),
        is_now,
    )
