"""Dated changes of hours, days off and public holidays as rows of plain words, for the pages that list them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import holiday_calendars, weekdays
from accounts.models import CapacityChange, DayOff, Membership, Organisation
from timesheets_site.lib import dates
from timesheets_site.lib.printable import Printable

Part = DayOff.Part
PAST_SHOWN = 20
"""Days off that are over; those of today and to come are all shown."""


@dataclass(frozen=True, slots=True)
class ChangeRow(Printable):
    """From a day on. `state` is empty, or says that it is the one that counts today."""

    id: int
    day: str
    hours: str
    weekdays: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class DayOffRow(Printable):
    id: int
    name: str
    days: str
    part: str
    is_whole: bool
    is_everybodys: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class HolidayRow(Printable):
    """A public holiday. `worked` names the line that says it is worked, `iso` is for a new one that does."""

    iso: str
    day: str
    name: str
    worked: str


@dataclass(frozen=True, slots=True)
class Year(Printable):
    number: int
    rows: tuple[HolidayRow, ...]


@dataclass(frozen=True)
class MembersTime(Printable):
    """A member's working time. `plain` are the hours and weekdays from the beginning on."""

    hours: str
    weekdays: str
    calendar: str
    changes: tuple[ChangeRow, ...]
    plain_is_now: bool
    days_off: tuple[DayOffRow, ...]


def time_of(member: Membership, today: dt.date) -> MembersTime:
    """What an admin keeps of a member, with everybody's days off; `member` has its organisation. Two queries."""
    organisation = member.organisation
    changes = list(CapacityChange.objects.filter(member=member).order_by("starts_on"))
    now = max((change.starts_on for change in changes if change.starts_on <= today), default=None)
    code = holiday_calendars.in_force(member.holiday_calendar, organisation.holiday_calendar)
    rows = [
        ChangeRow(
            change.pk,
            dates.full(change.starts_on),
            hours_of(change.weekly_capacity_minutes),
            weekdays.in_words(change.working_weekdays, organisation.first_weekday),
            change.starts_on == now,
        )
        for change in changes
    ]
    return MembersTime(
        hours=member.weekly_capacity_hours,
        weekdays=weekdays.in_words(member.working_weekdays, organisation.first_weekday),
        calendar=holiday_calendars.name_of(code) or _("None"),
        changes=tuple(rows),
        plain_is_now=now is None,
        days_off=days_off(Q(member=member) | Q(member=None), today),
    )


def everybodys_days_off(today: dt.date) -> tuple[DayOffRow, ...]:
    """One query."""
    return days_off(Q(member=None), today)


def days_off(whose: Q, today: dt.date) -> tuple[DayOffRow, ...]:
    """Those of today and to come first, then the latest that are over. One query."""
    found = list(DayOff.objects.filter(whose).order_by("-last_on", "pk")[: 500 + PAST_SHOWN])
    ahead = [_day_off_row(row, is_over=False) for row in reversed(found) if row.last_on >= today]
    over = [_day_off_row(row, is_over=True) for row in found if row.last_on < today]
    return (*ahead, *over[:PAST_SHOWN])


def _day_off_row(row: DayOff, *, is_over: bool) -> DayOffRow:
    return DayOffRow(
        row.pk,
        row.name,
        dates.weekday_day_month(row.first_on) + f" {row.first_on.year}"
        if row.first_on == row.last_on
        else dates.day_range(row.first_on, row.last_on),
        str(Part(row.part).label),
        row.part == Part.WHOLE,
        row.member_id is None,
        is_over,
    )


def holidays_of(organisation: Organisation, year: int) -> tuple[Year, ...]:
    """The public holidays of the organisation in a year and the next, as its calendar has them. One query."""
    first, last = dt.date(year, 1, 1), dt.date(year + 1, 12, 31)
    exceptions = DayOff.objects.filter(member=None, part=Part.WORKED, last_on__gte=first, first_on__lte=last)
    worked: list[tuple[dt.date, dt.date, str]] = list(exceptions.values_list("first_on", "last_on", "name"))

    def row(day: dt.date, name: str) -> HolidayRow:
        why = next((words for start, end, words in worked if start <= day <= end), "")
        return HolidayRow(day.isoformat(), dates.weekday_day_month(day), name, why)

    days = holiday_calendars.days_of(organisation.holiday_calendar, first, last)
    return tuple(
        Year(number, tuple(row(day, name) for day, name in days.items() if day.year == number))
        for number in (year, year + 1)
    )


def hours_of(minutes: int) -> str:
    """`37.5`"""
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".")
