"""The rows of the approvals inbox: whose week, how much, what is odd about it, who decides."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Case, F, Sum, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.names import avatar, initials
from timesheets_site.lib.printable import Printable
from timetracking.models import TimeEntry, Timesheet
from timetracking.rules import durations, routing, targets, weeks
from timetracking.rules.targets import Targets
from timetracking.selectors.approval_query import APPROVED, WAITING, InboxQuery
from timetracking.selectors.approval_routing import Desk
from timetracking.selectors.marked_up import hm
from timetracking.selectors.targets import targets_of


@dataclass(frozen=True, slots=True)
class Flag(Printable):
    text: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class InboxRow(Printable):
    """One week. `value` names it with the version that is shown; it is empty where the reader can't decide on it."""

    id: int
    value: str
    url: str
    name: str
    initials: str
    avatar: int
    week: str
    minutes: int
    hm: str
    share: str
    flags: tuple[Flag, ...]
    select_label: str
    is_selected: bool
    is_current: bool


def rows_of(
    query: InboxQuery, desk: Desk, sheets: list[Timesheet], chosen: set[int], current: int | None
) -> list[InboxRow]:
    """One page of weeks; `chosen` are ids of those that are selected, `current` is the one that is open."""
    return _Rows(query, desk, sheets, chosen, current).all()


@dataclass
class Sums:
    """A week's minutes, and the lines that still wait: what routing asks of them."""

    minutes: int = 0
    billable: int = 0
    entries: int = 0
    waiting: set[tuple[int | None, tuple[int, int] | None]] | None = None
    off_by_day: dict[dt.date, int] = field(default_factory=dict)
    """Time off, which is a part of the minutes."""

    @property
    def lines(self) -> set[tuple[int | None, tuple[int, int] | None]]:
        """Of a week without entries, the week itself."""
        return {(None, None)} if not self.entries else self.waiting or set()


class _Rows:
    """The rows of one page: everything that is the same for all of them, looked up once."""

    def __init__(
        self, query: InboxQuery, desk: Desk, sheets: list[Timesheet], chosen: set[int], current: int | None
    ) -> None:
        self.query, self.desk, self.sheets, self.chosen, self.current = query, desk, sheets, chosen, current
        self.sums = sums_of([sheet.pk for sheet in sheets])
        self.targets = self._targets() if query.status == WAITING else {}
        self.zone = query.actor.zone
        self.weeks = WeekWords(query.actor)
        self.suffix = query.address()

    def _targets(self) -> dict[int, Targets]:
        """By member, for the weeks of the page."""
        if not self.sheets:
            return {}
        first = min(sheet.week_start for sheet in self.sheets)
        last = max(sheet.week_end for sheet in self.sheets)
        return targets_of(self.query.actor.organisation, [sheet.member for sheet in self.sheets], first, last)

    def all(self) -> list[InboxRow]:
        return [self._row(sheet) for sheet in self.sheets]

    def _row(self, sheet: Timesheet) -> InboxRow:
        name, sums = sheet.member.display_name, self.sums[sheet.pk]
        answers = self._answers(sheet, sums) if self.query.status == WAITING else []
        may_decide = any(answer.may_decide for answer in answers)
        share = round(100 * sums.billable / sums.minutes) if sums.minutes else 0
        week = self.weeks.of(sheet.week_start)
        return InboxRow(
            id=sheet.pk,
            value=f"{sheet.pk}:{sheet.version}" if may_decide else "",
            url=address("approval", self.query.actor.organisation.slug, sheet.pk) + self.suffix,
            name=name,
            initials=initials(name),
            avatar=avatar(sheet.member_id),
            week=week,
            minutes=sums.minutes,
            hm=hm(sums.minutes),
            share=_("%(percent)s%% billable") % {"percent": share},
            flags=tuple(self._flags(sheet, sums, answers)),
            select_label=_("Select %(name)s, %(week)s") % {"name": name, "week": week},
            is_selected=may_decide and sheet.pk in self.chosen,
            is_current=sheet.pk == self.current,
        )

    def _answers(self, sheet: Timesheet, sums: Sums) -> list[routing.Answer]:
        member = sheet.member
        return [
            self.desk.answer_line(routing.Line(member.pk, member.line_manager_id, lead), first)
            for lead, first in sums.lines
        ]

    def _flags(self, sheet: Timesheet, sums: Sums, answers: list[routing.Answer]) -> Iterable[Flag]:
        if self.query.status == WAITING:
            if count := len(sheet.checks):
                yield Flag(ngettext("%(count)s check", "%(count)s checks", count) % {"count": count}, "warn", "warn")
            if (over := self._overtime(sheet, sums)) > 0:
                yield Flag(_("Overtime %(duration)s") % {"duration": durations.format_minutes(over)}, "warn", "clock")
            if sheet.submissions > 1:
                yield Flag(_("Resubmitted"), "accent", "undo")
            yield from self._whose(sheet, answers)
            return
        if sheet.reopening_asked_at is not None and sheet.state == Timesheet.State.APPROVED:
            yield Flag(_("Asks to reopen"), "warn", "msg")
        if sheet.decided_by is not None and sheet.decided_at is not None:
            day = dates.weekday_day_month(sheet.decided_at.astimezone(self.zone).date())
            tone, icon = ("ok", "check") if self.query.status == APPROVED else ("danger", "undo")
            yield Flag(_("%(name)s, %(day)s") % {"name": sheet.decided_by, "day": day}, tone, icon)

    def _overtime(self, sheet: Timesheet, sums: Sums) -> int:
        """Minutes beyond what was expected in the week; below 0 where there are fewer."""
        expected = self.targets[sheet.member_id].by_day(sheet.week_start, sheet.week_end)
        return sums.minutes - targets.idle(sums.off_by_day, expected) - sum(expected.values())

    def _whose(self, sheet: Timesheet, answers: list[routing.Answer]) -> Iterable[Flag]:
        """Who decides, where it is not the reader alone."""
        others = [answer for answer in answers if not answer.may_decide]
        if self.desk.is_own(sheet.member):
            yield Flag(_("Your own week"), "outline", "lock")
        elif others and len(others) < len(answers):
            yield Flag(_("Partly yours"), "outline", "users")
        elif others:
            yield Flag(str(self.desk.refusal(others)), "outline", "lock")
        elif any(first for _lead, first in self.sums[sheet.pk].lines):
            yield Flag(_("Second approval"), "outline", "clipcheck")


class WeekWords:
    """A week in words: `Week 24 · 8 – 14 Jun`, with the year where it is another one."""

    def __init__(self, actor: Membership) -> None:
        self.numbered, self.year = actor.organisation.first_weekday == 0, actor.today().year

    def of(self, start: dt.date) -> str:
        end = start + weeks.DAY * 6
        days = self._days(start, end) if end.year == self.year else dates.day_range(start, end)
        if not self.numbered:
            return days
        return _("Week %(number)s · %(days)s") % {"number": weeks.year_and_period(start)[1], "days": days}

    def _days(self, start: dt.date, end: dt.date) -> str:
        first = str(start.day) if start.month == end.month else dates.day_short(start)
        return f"{first} – {dates.day_short(end)}"


def sums_of(ids: list[int]) -> dict[int, Sums]:
    """The sums of some weeks, in one grouped query."""
    found: dict[int, Sums] = defaultdict(Sums)
    grouped = TimeEntry.objects.filter(timesheet__in=ids).order_by()
    columns = (
        "timesheet_id",
        "billable",
        "status",
        "project__manager_id",
        "first_approved_by_id",
        "first_approved_as_id",
        "off_on",
    )
    off_on = Case(When(charge_code__is_time_off=True, then=F("date")))
    rows = grouped.annotate(off_on=off_on).values_list(*columns).annotate(Sum("minutes"))
    for pk, billable, status, lead, by, acting_as, off, minutes in rows:
        sums = found[pk]
        if off is not None:
            sums.off_by_day[off] = sums.off_by_day.get(off, 0) + minutes
        sums.minutes += minutes
        sums.entries += 1
        if billable:
            sums.billable += minutes
        if status == TimeEntry.Status.SUBMITTED:
            first = (by, acting_as) if by is not None and acting_as is not None else None
            sums.waiting = (sums.waiting or set()) | {(lead, first)}
    return found
