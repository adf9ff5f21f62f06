"""Under which week's sheet an entry is filed: that of its date, unless a partner's format says another one."""

from __future__ import annotations

import datetime as dt

from accounts.models import Membership
from timetracking.models import TimeEntry, Timesheet
from timetracking.rules import approval, locking
from timetracking.services import coverage, entry_checks, timesheets


def hold(drawn: list[coverage.Pool], member: Membership, days: set[dt.date]) -> None:
    """Hold what an entry draws from; and the week of its date with the one it is filed under, where these are two.

    The sum of a day is kept by the lock of the day's own week, so whoever writes from under another sheet needs both:
    a sheet that is not there yet is kept from being opened meanwhile.
    """
    starts = {(member.pk, timesheets.first_day_of(member, day)) for day in days}
    several = len(starts) > 1
    coverage.hold(drawn, places=[(member.pk, day) for day in days], always=several)
    if several:
        timesheets.hold_unopened(member.organisation, starts)


def filed_on(entry: TimeEntry) -> dt.date:
    """A day of the week whose sheet an entry is filed under: its date, but for what a partner filed elsewhere."""
    sheet = entry.timesheet
    return entry.date if sheet.week_start <= entry.date <= sheet.week_end else sheet.week_start


def move(policy: locking.Policy, entry: TimeEntry, sheet: Timesheet, day: dt.date, week: dt.date | None) -> Timesheet:
    """The sheet that the entry belongs to with this date; the entry is told of it. The caller has locked both."""
    target, moves = sheet, day != entry.date
    if moves:
        entry_checks.check_date(entry.member, day)
    home = week or (day if moves else None)
    if home is not None and not sheet.week_start <= home <= sheet.week_end:
        target = timesheets.lock_week(entry.member, home)
    if moves or target.pk != sheet.pk:
        locking.may_log(policy, date=day, week_state=target.state, member_id=entry.member_id).enforce()
    if target.pk != sheet.pk:
        entry.timesheet, entry.status = target, approval.status_when_logged(target.state)
    return target
