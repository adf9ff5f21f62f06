"""A week as one thing with its entries, as formats know it that make and delete sheets: all of it, or nothing.

Who uses it opens a transaction, calls `hold` with all that will be written, and only then writes. Keep the order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission, Reach, reach, require
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.models import TimeEntry, Timesheet
from timetracking.rules import weeks
from timetracking.services import entry_checks, many_entries, timesheets
from timetracking.services.many_entries import Step

LATEST = dt.timedelta(days=366)


def check(actor: Membership, member: Membership, week_start: dt.date) -> None:
    """May this week of `member` be made into a sheet? Ask before `hold`.

    Raises NotAllowed, OutOfReach, or RuleViolation: member_inactive, date_too_early, date_too_late, not_a_week.
    """
    require(actor, Permission.LOG_TIME, owner=member)
    entry_checks.check_member(member)
    if week_start < entry_checks.EARLIEST - weeks.DAY * 6:
        raise RuleViolation("date_too_early", _("Enter a date from 1 January 2000"), "week_start")
    if week_start > member.today() + LATEST:
        raise RuleViolation("date_too_late", _("Enter a date within a year from today"), "week_start")
    if week_start != timesheets.first_day_of(member, week_start):
        raise RuleViolation("not_a_week", _("No week begins on this day."), "week_start")


def hold(actor: Membership, member: Membership, week_start: dt.date, steps: Iterable[Step]) -> None:
    """Lock a week and everything that the steps touch, in the one order. Raises RuleViolation `too_many`."""
    many_entries.hold(actor, steps, weeks_too=[(member.pk, week_start)])


def take(member: Membership, week_start: dt.date) -> Timesheet:
    """The sheet of a week that is to be filled: opened, or the one that is there, open and empty.

    Call `check` and `hold` before. Raises RuleViolation `timesheet_exists`.
    """
    sheet = timesheets.lock_week(member, week_start)
    is_open = sheet.state in Timesheet.UNSENT | Timesheet.RETURNED
    if not is_open or TimeEntry.objects.filter(timesheet=sheet).exists():
        raise RuleViolation("timesheet_exists", _("This week has a timesheet already. Change that one."), "week_start")
    sheet.member = member
    return sheet


def check_lines(actor: Membership, sheet: Timesheet) -> None:
    """May lines of this sheet be written by a format that keeps approved sheets closed to everybody?

    Raises NotAllowed, OutOfReach, or RuleViolation `week_approved`.
    """
    require(actor, Permission.EDIT_TIME, owner=sheet.member_id)
    if sheet.state == Timesheet.State.APPROVED:
        raise RuleViolation("week_approved", _("This timesheet is approved. Reopen it first."))


def check_header(actor: Membership, sheet: Timesheet) -> None:
    """May what a format keeps of this sheet be other than it is? Not by an agent who has sent it.

    Raises NotAllowed, OutOfReach, or RuleViolation `week_sent`.
    """
    require(actor, Permission.EDIT_TIME, owner=sheet.member_id)
    is_open = sheet.state in Timesheet.UNSENT | Timesheet.RETURNED
    if not is_open and reach(actor, Permission.EDIT_TIME) is not Reach.ALL:
        raise RuleViolation("week_sent", _("This timesheet was submitted. Recall it, or ask a manager to reopen it."))


def clear(actor: Membership, sheet: Timesheet) -> None:
    """Take a sheet back if it is submitted, and delete what is in it: all of it, or nothing. Call `hold` before.

    The week stays, with its history; its entries can be restored. Raises NotAllowed, OutOfReach, Locked, or
    RuleViolation: week_approved, decided_already.
    """
    check_lines(actor, sheet)
    if sheet.state in Timesheet.WAITING:
        timesheets.recall(actor, sheet.pk)
    steps = [many_entries.Delete(pk) for pk in entries_of(sheet)]
    if steps:
        many_entries.carry_out(actor, many_entries.Action.DELETED, steps, whole=True)


def entries_of(sheet: Timesheet) -> list[int]:
    """The ids of what is in a sheet."""
    return list(TimeEntry.objects.filter(timesheet=sheet).order_by("pk").values_list("pk", flat=True))


def again(actor: Membership, sheet_id: int) -> Timesheet:
    """A sheet as it is now that its week is held. Raises OutOfReach."""
    found = Timesheet.objects.visible_to(actor).select_related("member__user")
    sheet: Timesheet | None = found.filter(pk=sheet_id).first()
    if sheet is None:
        raise OutOfReach
    sheet.member.organisation = actor.organisation
    return sheet
