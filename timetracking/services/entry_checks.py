"""What a time entry's own values must fulfil, with the field at fault and words for the person who typed."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership, Organisation
from timesheets_site.lib import dates, texts, turns
from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.turns import Place
from timetracking.models import TimeEntry, Timer, WorkRole, WorkType
from timetracking.models.billing import BillableOption
from timetracking.rules import durations, local_time, long_days, overlap, required_fields, weeks

EARLIEST = dt.date(2000, 1, 1)
SUBJECT_LENGTH = 200
TEXT_LENGTH = 10_000
BEYOND_ANY_DAY = 10_000
"""Minutes. What is longer is refused as too long for its day, before anybody computes with it."""
TIMERS_AHEAD = dt.timedelta(minutes=10)


def check_member(member: Membership) -> None:
    if not member.is_active:
        raise RuleViolation("member_inactive", _("This member is deactivated."), "member")


def check_date(member: Membership, day: dt.date | None, *, timer: Timer | None = None) -> None:
    """A local day of `member`: not before 2000, not in the future unless the organisation allows it (a year ahead).

    What a timer counted has its today in the zone in which it was started, some minutes later than now: whole minutes
    end up to a half after the instant, and short timers in a row push each other on.
    """
    if day is None:
        raise RuleViolation("date_required", _("Enter a date"), "date")
    if day < EARLIEST:
        raise RuleViolation("date_too_early", _("Enter a date from 1 January 2000"), "date")
    today = member.today()
    if timer is not None:
        today = (timezone.now() + TIMERS_AHEAD).astimezone(zoneinfo.ZoneInfo(timer.zone)).date()
    if day > today and not member.organisation.future_dates_allowed:
        raise RuleViolation("date_in_future", _("You can log time up to today"), "date")
    if day > today + dt.timedelta(days=366):
        raise RuleViolation("date_too_late", _("Enter a date within a year from today"), "date")


def subject(text: str) -> str:
    """The subject, trimmed. Raises RuleViolation `subject_required` or `subject_too_long`."""
    text = " ".join(texts.readable(text, "subject").split())
    if not text:
        raise RuleViolation("subject_required", _("Enter a subject"), "subject")
    if len(text) > SUBJECT_LENGTH:
        raise RuleViolation("subject_too_long", _("Use at most 200 characters"), "subject")
    return text


def check_texts(entry: TimeEntry) -> None:
    for name in ("description", "internal_notes"):
        if len(texts.readable(getattr(entry, name), name)) > TEXT_LENGTH:
            raise RuleViolation("text_too_long", _("Use at most 10,000 characters"), name)
    if entry.billable_option not in BillableOption.values:
        raise RuleViolation("billable_option_unknown", _("Choose one of the billing options"), "billable_option")


def check_in_use(entry: TimeEntry, name: str, value: Any) -> None:
    """A work type or role that is newly named is not archived. Raises RuleViolation `record_archived`."""
    if isinstance(value, WorkType | WorkRole) and value.is_archived and value.pk != getattr(entry, f"{name}_id"):
        raise RuleViolation("record_archived", _("%(name)s is archived. Choose another.") % {"name": value}, name)


def minutes(entry: TimeEntry, given: int | None) -> int:
    """Whole minutes of the entry: from its instants where both are set, less the break; else what was given."""
    if entry.break_minutes is None or not 0 <= entry.break_minutes < 1440:
        raise RuleViolation("break_unreadable", _("Enter the break in minutes, less than a day"), "break_minutes")
    if entry.started_at and entry.ended_at:
        if entry.ended_at <= entry.started_at:
            raise RuleViolation("ends_before_start", _("The end comes before the start"), "end")
        given = _minutes_between(entry.started_at, entry.ended_at) - entry.break_minutes
        if given < 1:
            raise RuleViolation("break_too_long", _("The break is as long as the work"), "break_minutes")
    if given is None:
        raise RuleViolation("minutes_required", _("Enter a duration"), "duration")
    return _at_least_one(given)


def move_end(entry: TimeEntry, given: int) -> None:
    """Another length of an entry with both clock times, of which neither is named, ends it earlier or later.

    Its start and its break stay. The entry is locked, so that the start is the one that is stored.
    Raises RuleViolation `minutes_too_few`.
    """
    start, end, pause = entry.started_at, entry.ended_at, entry.break_minutes or 0
    if start is None or end is None or _minutes_between(start, end) - pause == given:
        return
    elapsed = min(_at_least_one(given), BEYOND_ANY_DAY) + min(max(pause, 0), BEYOND_ANY_DAY)
    entry.ended_at = start + dt.timedelta(minutes=elapsed)


def move_day(entry: TimeEntry, day: dt.date) -> None:
    """Another day of an entry with clock times, of which neither is named, is the same times of that day, in its zone.

    The entry is locked, so that they are the ones that are stored. Raises RuleViolation `time_skipped`, `time_twice`.
    """
    times = {"started_at": entry.started_at, "ended_at": entry.ended_at}
    for name, at in local_time.shifted(times, day - entry.date, zoneinfo.ZoneInfo(entry.zone)).items():
        setattr(entry, name, at)


def _minutes_between(start: dt.datetime, end: dt.datetime) -> int:
    """Whole minutes, half a minute up."""
    return (int((end - start).total_seconds()) + 30) // 60


def _at_least_one(minutes: int) -> int:
    if minutes < 1:
        raise RuleViolation("minutes_too_few", _("Enter at least 1 minute"), "duration")
    return minutes


def check_required(entry: TimeEntry) -> None:
    """What the organisation needs on an entry. Raises RuleViolation with the code of rules.required_fields."""
    for lack in required_fields.missing(entry.member.organisation, entry):
        raise lack.refusal()


def check_overlap(entry: TimeEntry) -> None:
    """Where the organisation refuses it, no two entries of a member at one time.

    The caller holds the week's lock; work that crosses its last midnight may meet what is written into the next week
    at the same moment, so a member's clock times are stored one after the other. Raises RuleViolation `overlaps`
    (field `start`).
    """
    if entry.member.organisation.overlap != Organisation.Effect.REFUSE:
        return
    if entry.started_at and entry.ended_at:
        turns.alone(Place.CLOCK_TIMES, entry.member_id)
    if other := TimeEntry.objects.overlapping(entry).first():
        raise RuleViolation("overlaps", overlap.words_of(other, entry.member.zone), "start")


def check_not_timed_again(entry: TimeEntry) -> None:
    """What a timer counts again, since its stop was taken back, does not come back beside it.

    Raises RuleViolation `timer_ran_on`.
    """
    timer = entry.timer
    if timer is None:
        return
    if timer.is_running or TimeEntry.objects.filter(timer=timer).overlapping(entry).exists():
        words = _("The timer of this entry ran on after Undo: its minutes are counted there.")
        raise RuleViolation("timer_ran_on", words)


def check_day(entry: TimeEntry, member: Membership, *, grows: bool = True) -> None:
    """Neither an entry nor its member's day exceeds the day's own length; nor the organisation's limit, where `grows`.

    The caller holds the week's lock. Raises RuleViolation `day_too_long` or `day_over_limit` (field `duration`).
    """
    length = weeks.minutes_in_day(entry.date, member.zone)
    total = TimeEntry.objects.beside(entry).minutes_on(entry.date) + entry.minutes
    organisation = member.organisation
    if total > length:
        raise _day_too_long(entry.date, total, length // 60)
    refuses = grows and organisation.largest_day == Organisation.Effect.REFUSE
    if refuses and (words := long_days.words_of(organisation, entry.date, total)):
        raise RuleViolation("day_over_limit", words, "duration")


def _day_too_long(day: dt.date, total: int, hours: int) -> RuleViolation:
    words = ngettext(
        "This would make %(total)s on %(day)s. A day has %(hours)s hour.",
        "This would make %(total)s on %(day)s. A day has %(hours)s hours.",
        hours,
    )
    values = {"total": durations.format_minutes(total), "day": dates.weekday_day_month(day), "hours": hours}
    return RuleViolation("day_too_long", words % values, "duration")
