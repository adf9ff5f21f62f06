"""What is known of members' working time in some days: two queries, however many members and days.

What follows from it for a day is `timetracking.rules.targets`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import Q

from accounts import holiday_calendars
from accounts.models import CapacityChange, DayOff, Organisation


class Person(Protocol):
    """A membership, or a row of its `COLUMNS`."""

    pk: int
    weekly_capacity_minutes: int
    working_weekdays: int
    holiday_calendar: str
    joined_at: dt.datetime


COLUMNS = ("pk", "weekly_capacity_minutes", "working_weekdays", "holiday_calendar", "joined_at")
"""What `read` needs of a membership, for who reads no more of it than that."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """From a day on: the minutes of a full week, and on which weekdays (a bit for each, the lowest is Monday)."""

    starts_on: dt.date
    weekly_minutes: int
    weekdays: int


@dataclass(frozen=True, slots=True)
class Free:
    """Days off (both included), or such as are worked though they are holidays: `DayOff`, without whose it is."""

    first_on: dt.date
    last_on: dt.date
    part: str
    name: str


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """One member's. Schedules are in the order of their first days; the first one counts from ever on."""

    schedules: tuple[Schedule, ...]
    joined_on: dt.date = dt.date.min
    """The first day on which anything is expected."""
    free: tuple[Free, ...] = ()
    holidays: Mapping[dt.date, str] = field(default_factory=dict)


def read(
    organisation: Organisation, members: Collection[Person], first: dt.date, last: dt.date
) -> dict[int, WorkingTime]:
    """The working time of members of one organisation, by their ids, for the days from `first` to `last` included.

    Of each membership only `COLUMNS` are asked. They joined on a day of the organisation's own calendar. No query for
    nobody.
    """
    if not members:
        return {}
    ids = [member.pk for member in members]
    narrow: dict[str, Any] = {"member": ids[0]} if len(ids) == 1 else {}
    changes: dict[int, list[Schedule]] = defaultdict(list)
    dated = CapacityChange.objects.filter(starts_on__lte=last, **narrow).order_by("starts_on")
    for pk, *values in dated.values_list("member_id", "starts_on", "weekly_capacity_minutes", "working_weekdays"):
        changes[pk].append(Schedule(*values))
    own: dict[int | None, list[Free]] = defaultdict(list)
    whose = Q(member=ids[0]) | Q(member=None) if narrow else Q()
    rows = DayOff.objects.filter(whose, last_on__gte=first, first_on__lte=last).order_by("first_on", "pk")
    for pk, *values in rows.values_list("member_id", "first_on", "last_on", "part", "name"):
        own[pk].append(Free(*values))
    zone, everybodys = organisation.zone, own[None]
    calendars: dict[str, Mapping[dt.date, str]] = {}
    found = {}
    for member in members:
        code = holiday_calendars.in_force(member.holiday_calendar, organisation.holiday_calendar)
        if code not in calendars:
            calendars[code] = holiday_calendars.days_of(code, first, last)
        before = Schedule(dt.date.min, member.weekly_capacity_minutes, member.working_weekdays)
        found[member.pk] = WorkingTime(
            schedules=(before, *changes.get(member.pk, ())),
            joined_on=member.joined_at.astimezone(zone).date(),
            free=(*own.get(member.pk, ()), *everybodys),
            holidays=calendars[code],
        )
    return found
