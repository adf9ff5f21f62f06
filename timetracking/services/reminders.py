"""Reminders of weeks that are overdue: by the product once for each week, and by an approver who asks for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, jobs, working_time
from accounts.models import Membership, Organisation
from accounts.permissions import Permission, require
from accounts.services.notices import Notice, tell
from timesheets_site.lib import dates
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.models import TimeEntry, Timesheet, WeekReminder
from timetracking.rules import deadlines, targets, weeks

KIND = "timesheet.missing"
BY_HAND_EVERY = dt.timedelta(hours=1)
LONGEST_AGO = dt.timedelta(days=60)
"""More than from a week's first day to the last reminder of it: 7 days, up to 28 of deadline, and LATEST."""
LATEST = dt.timedelta(days=7, hours=1)  # past its deadline; two deadlines are up to an hour more than a week apart


# --- By the product ---------------------------------------------------------------------------------------------------


def remind_missing() -> int:
    """Tell everybody who misses the last week that was due, in every organisation; how many were told.

    Each is told once per week, however many workers ask at the same time. What fails in one organisation is logged and
    keeps no other from being asked; at the end it is raised.
    """
    now = timezone.now()
    asking = Organisation.objects.filter(is_active=True, remind_missing_weeks=True, deadline_days__isnull=False)
    return jobs.in_each(
        asking.order_by("pk"),
        lambda organisation: _remind_in(organisation, now),
        feature=Organisation.Feature.TIMESHEETS,
        what="reminding",
    )


def _remind_in(organisation: Organisation, now: dt.datetime) -> int:
    overdue = list(_overdue(organisation, now))
    settled = _settled({week_start for _member, week_start, _due in overdue})
    missing = [each for each in overdue if (each[0].pk, each[1]) not in settled]
    return sum(_remind_once(member, week_start, due, now) for member, week_start, due in missing)


def _overdue(organisation: Organisation, now: dt.datetime) -> Iterator[tuple[Membership, dt.date, dt.datetime]]:
    """Of whom something was expected in the last week that was due on their own clock: that week, and since when."""
    days = organisation.deadline_days
    if days is None:
        return
    members = list(Membership.objects.people().select_related("user").order_by("pk"))
    today = now.date()
    expected = targets.of(working_time.read(organisation, members, today - LONGEST_AGO, today + weeks.DAY))
    for member in members:
        member.organisation = organisation
        week_start, due = deadlines.last_due_week(
            now,
            first_weekday=organisation.first_weekday,
            days=days,
            time=organisation.deadline_time,
            zone=member.zone,
        )
        is_recent = now - due <= LATEST
        if is_recent and expected[member.pk].between(week_start, week_start + 6 * weeks.DAY):
            yield member, week_start, due


def _settled(starts: Iterable[dt.date]) -> set[tuple[int, dt.date]]:
    """Members and weeks that need no reminder: sent, or reminded of before."""
    sent = Timesheet.objects.filter(week_start__in=starts).exclude(state__in=Timesheet.UNSENT)
    reminded = WeekReminder.objects.filter(week_start__in=starts)
    return {*sent.values_list("member_id", "week_start"), *reminded.values_list("member_id", "week_start")}


@transaction.atomic
def _remind_once(member: Membership, week_start: dt.date, due: dt.datetime, now: dt.datetime) -> bool:
    """Tell this member, unless another worker did, or the week was sent, in the meantime."""
    if _is_sent(member, week_start):
        return False
    _row, is_first = WeekReminder.objects.get_or_create(member=member, week_start=week_start, defaults={"at": now})
    if not is_first:
        return False
    tell([_notice(member, week_start, due, now)], actor=None)
    return True


# --- By an approver ---------------------------------------------------------------------------------------------------


@transaction.atomic
def remind(actor: Membership, member_id: int, week_start: dt.date) -> Membership:
    """Remind a member of a week that began and is not sent, at most once an hour.

    Raises NotAllowed, OutOfReach, or RuleViolation: reminds_self, week_sent, reminded_already.
    """
    require(actor, Permission.APPROVE_TIMESHEET)
    organisation = actor.organisation
    member = Membership.objects.people().select_related("user").filter(pk=member_id).first()
    is_week = week_start == weeks.week_containing(week_start, first_weekday=organisation.first_weekday)
    if member is None or not is_week:
        raise OutOfReach
    member.organisation = organisation
    if week_start > member.today():
        raise OutOfReach
    names = {"name": member.display_name}
    if member.pk == actor.pk:
        raise RuleViolation("reminds_self", _("This is your own week."))
    if _is_sent(member, week_start):
        raise RuleViolation("week_sent", _("%(name)s has submitted this week.") % names)
    now = timezone.now()
    row, is_first = WeekReminder.objects.get_or_create(member=member, week_start=week_start, defaults={"at": now})
    long_ago = WeekReminder.objects.filter(pk=row.pk, at__lte=now - BY_HAND_EVERY)
    if not is_first and not long_ago.update(at=now):
        text = _("%(name)s was reminded on %(moment)s. Wait an hour before the next reminder.")
        raise RuleViolation("reminded_already", text % {**names, "moment": dates.moment(row.at, actor.zone)})
    due = None
    if organisation.deadline_days is not None:
        time = organisation.deadline_time
        due = deadlines.due_at(week_start, days=organisation.deadline_days, time=time, zone=member.zone)
    tell([_notice(member, week_start, due, now, by=actor)], actor=actor)
    audit.record(actor, "timesheet.reminded", member, changes={"week_start": (None, week_start)})
    return member


# --- What both need ---------------------------------------------------------------------------------------------------


def _is_sent(member: Membership, week_start: dt.date) -> bool:
    sheets = Timesheet.objects.filter(member=member, week_start=week_start)
    return bool(sheets.exclude(state__in=Timesheet.UNSENT).exists())


def _notice(
    member: Membership, week_start: dt.date, due: dt.datetime | None, now: dt.datetime, by: Membership | None = None
) -> Notice:
    entries = TimeEntry.objects.filter(timesheet__member=member, timesheet__week_start=week_start)
    values = {
        "week_start": week_start.isoformat(),
        "due": due.isoformat() if due else None,
        "overdue": due is not None and due <= now,
        "minutes": entries.aggregate(sum=Sum("minutes", default=0))["sum"],
        "by": by.display_name if by else "",
    }
    return Notice(member, KIND, values)
