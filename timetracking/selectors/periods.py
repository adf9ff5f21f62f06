"""What the page about closed periods shows: what is closed, what closing a month leaves behind, who may write again."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership, Organisation
from timesheets_site.lib import dates
from timetracking.models import PeriodReopening, TimeEntry, Timesheet
from timetracking.rules import months

NAMED = 8
PAST_A_PAGE = 20
WEEK_LEFT = dt.timedelta(days=6)


@dataclass(frozen=True)
class Month:
    """One month to choose. `value` is how the address and the form name it."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Unfinished:
    """What is still open up to the end of a month: weeks by where they stand, and who has no time in the month."""

    value: str
    month: str
    example_day: str
    span: str
    not_sent: int
    waiting: int
    returned: int
    silent: int
    silent_names: str

    @property
    def is_clean(self) -> bool:
        return not (self.not_sent or self.waiting or self.returned or self.silent)


@dataclass(frozen=True)
class Reopened:
    """One reopening, in words; moments in the reader's zone."""

    pk: int
    member: str
    first_on: str
    until: str
    reason: str
    by: str
    ended: str


@dataclass(frozen=True)
class PeriodsPage:
    lock_date: str
    months: list[Month]
    unfinished: Unfinished | None
    next_month: str
    """The month that can be closed next, where none can now."""
    next_from: str
    in_force: list[Reopened]
    past: list[Reopened]
    past_page: Page


def periods_page(reader: Membership, now: dt.datetime, *, month: str, page: str) -> PeriodsPage:
    """The page, for a month named like `2026-05`, or the last that is over. The number of queries is constant."""
    organisation = reader.organisation
    today = now.astimezone(organisation.zone).date()
    offered = months.to_close(today, organisation.lock_date)
    chosen = next((first for first in offered if f"{first:%Y-%m}" == month), offered[0] if offered else None)
    this_month = today.replace(day=1)
    live = Q(ended_at=None, until_at__gt=now)
    rows = PeriodReopening.objects.select_related("member", "opened_by")
    past = Paginator(rows.exclude(live).order_by("-pk"), PAST_A_PAGE).get_page(page)
    return PeriodsPage(
        lock_date=dates.full(organisation.lock_date) if organisation.lock_date else "",
        months=[Month(f"{first:%Y-%m}", dates.month(first), first == chosen) for first in offered],
        unfinished=_unfinished(organisation, chosen) if chosen else None,
        next_month=dates.month(this_month),
        next_from=dates.full(months.next_month(this_month)),
        in_force=[_reopened(row, reader.zone) for row in rows.filter(live).order_by("until_at", "pk")],
        past=[_reopened(row, reader.zone) for row in past.object_list],
        past_page=past,
    )


def _unfinished(organisation: Organisation, month: dt.date) -> Unfinished:
    last = months.last_day(month)
    silent, names = _silent(organisation, month, last)
    states = _weeks_by_state(organisation.lock_date, last)
    return Unfinished(
        value=f"{month:%Y-%m}",
        month=dates.month(month),
        example_day=dates.weekday_day_month(last),
        span=_span(organisation.lock_date, last),
        not_sent=sum(states[state] for state in Timesheet.UNSENT),
        waiting=sum(states[state] for state in Timesheet.WAITING),
        returned=sum(states[state] for state in Timesheet.RETURNED),
        silent=silent,
        silent_names=names,
    )


def _span(lock_date: dt.date | None, last: dt.date) -> str:
    """The days that closing would close."""
    if lock_date is None:
        return _("everything up to %(day)s") % {"day": dates.full(last)}
    return dates.day_range(lock_date + dt.timedelta(days=1), last)


def _weeks_by_state(lock_date: dt.date | None, last: dt.date) -> Counter[str]:
    """How many weeks with time on the days that closing would close are in which state."""
    sheets, entries = Timesheet.objects.filter(week_start__lte=last), TimeEntry.objects.filter(date__lte=last)
    if lock_date is not None:
        sheets = sheets.filter(week_start__gt=lock_date - WEEK_LEFT)
        entries = entries.filter(date__gt=lock_date)
    with_time = sheets.filter(Exists(entries.filter(timesheet=OuterRef("pk")))).order_by()
    counted: Any = with_time.values_list("state").annotate(count=Count("pk"))
    return Counter(dict(counted))


def _silent(organisation: Organisation, month: dt.date, last: dt.date) -> tuple[int, str]:
    """Active members without time in the month, who had joined by its end: how many, and the first names of them."""
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), organisation.zone)
    worked = TimeEntry.objects.filter(member=OuterRef("pk"), date__gte=month, date__lte=last)
    silent = Membership.objects.people().filter(~Exists(worked), joined_at__lt=end)
    count = silent.count()
    names = ", ".join(silent.values_list("display_name", flat=True)[:NAMED])
    if count > NAMED:
        others = ngettext("%(names)s and %(count)d other", "%(names)s and %(count)d others", count - NAMED)
        names = others % {"names": names, "count": count - NAMED}
    return count, names


def _reopened(row: PeriodReopening, zone: dt.tzinfo) -> Reopened:
    return Reopened(
        pk=row.pk,
        member=row.member.display_name,
        first_on=dates.full(row.first_on),
        until=dates.moment(row.until_at, zone),
        reason=row.reason,
        by=row.opened_by.display_name,
        ended=dates.moment(row.ended_at, zone) if row.ended_at else "",
    )
