"""Who has not sent a week, for the inbox of those who decide: a week at a time, 50 people a page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from accounts.working_time import COLUMNS, Person
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.names import avatar, initials
from timesheets_site.lib.printable import Printable
from timetracking.models import TimeEntry, Timesheet, WeekReminder
from timetracking.rules import approval, deadlines, weeks
from timetracking.selectors.approval_query import A_PAGE, REPORTS, InboxQuery
from timetracking.selectors.marked_up import hm
from timetracking.selectors.targets import targets_of

OLDER = 6


@dataclass(frozen=True, slots=True)
class MissingRow(Printable):
    """One member. `submit_url` is empty where there is nothing to submit; `reminded` is when they were told last."""

    id: int
    name: str
    initials: str
    avatar: int
    week_url: str
    hm: str
    share: str
    state: str
    tone: str
    reminded: str
    submit_url: str


def week_shown(query: InboxQuery) -> dt.date:
    """The week that was asked for, else the last one that is over."""
    if query.week is not None:
        return query.week
    first_weekday = query.actor.organisation.first_weekday
    return weeks.week_containing(query.actor.today(), first_weekday=first_weekday) - weeks.DAY * 7


def missing_members(query: InboxQuery) -> Any:
    """Active members, but the reader, who have not sent the week, and began it or were expected to work in it.

    Three queries: who there is, and their working time.
    """
    start = week_shown(query)
    sheets = Timesheet.objects.filter(member=OuterRef("pk"), week_start=start)
    sent, begun = sheets.exclude(state__in=Timesheet.UNSENT), sheets.filter(state__in=Timesheet.UNSENT)
    people = Membership.objects.people().exclude(pk=query.actor.pk)
    if query.whose == REPORTS:
        people = people.filter(line_manager=query.actor.pk)
    idle = _idle(query.actor.organisation, list(people.order_by().values_list(*COLUMNS, named=True)), start)
    return people.filter(~Q(pk__in=idle) | Q(Exists(begun)), ~Exists(sent))


def _idle(organisation: Organisation, people: list[Person], start: dt.date) -> list[int]:
    """Those of whom nothing was expected in the week: off all of it, not here yet, or without hours to work."""
    last = start + weeks.DAY * 6
    expected = targets_of(organisation, people, start, last)
    return [member.pk for member in people if not expected[member.pk].between(start, last)]


def missing_rows(query: InboxQuery) -> tuple[list[MissingRow], bool]:
    """One page of them by name, and whether there is another. Four queries."""
    start, offset = week_shown(query), (query.page - 1) * A_PAGE
    people = missing_members(query).select_related("user").order_by("display_name", "pk")
    found = list(people[offset : offset + A_PAGE + 1])
    members = found[:A_PAGE]
    ids = [member.pk for member in members]
    states = dict(Timesheet.objects.filter(member__in=ids, week_start=start).values_list("member_id", "state"))
    entries = TimeEntry.objects.filter(timesheet__member__in=ids, timesheet__week_start=start).order_by()
    minutes: dict[int, dict[bool, int]] = {}
    for member_id, billable, total in entries.values_list("member_id", "billable").annotate(Sum("minutes")):
        minutes.setdefault(member_id, {})[billable] = total
    reminded = dict(WeekReminder.objects.filter(member__in=ids, week_start=start).values_list("member_id", "at"))
    maker = _Rows(query, start)
    rows = [
        maker.row(member, states.get(member.pk), minutes.get(member.pk, {}), reminded.get(member.pk))
        for member in members
    ]
    return rows, len(found) > A_PAGE


def older_weeks(query: InboxQuery) -> list[tuple[dt.date, int]]:
    """Earlier weeks that members began and have not sent: how many of each, the latest first."""
    begun = Timesheet.objects.filter(state__in=Timesheet.UNSENT, week_start__lt=week_shown(query))
    begun = begun.filter(Exists(TimeEntry.objects.filter(timesheet=OuterRef("pk"))))
    begun = begun.filter(member__in=Membership.objects.people()).exclude(member=query.actor.pk)
    if query.whose == REPORTS:
        begun = begun.filter(member__line_manager=query.actor.pk)
    counted = begun.order_by("-week_start").values_list("week_start").annotate(Count("pk"))
    return list(counted[:OLDER])


class _Rows:
    def __init__(self, query: InboxQuery, start: dt.date) -> None:
        self.actor, self.start, self.now = query.actor, start, timezone.now()
        self.organisation = query.actor.organisation

    def row(
        self, member: Membership, state: str | None, minutes: dict[bool, int], reminded: dt.datetime | None
    ) -> MissingRow:
        slug, total = self.organisation.slug, sum(minutes.values())
        member.organisation = self.organisation
        may_submit = approval.may_submit(
            state or Timesheet.State.DRAFT, entries=total, empty_allowed=self.organisation.empty_weeks_allowed
        )
        words, tone = self._state(member, state, total)
        agent = f"?agent={member.pk}"
        return MissingRow(
            id=member.pk,
            name=member.display_name,
            initials=initials(member.display_name),
            avatar=avatar(member.pk),
            week_url=address("week-of", slug, self.start) + agent,
            hm=hm(total),
            share=_("%(percent)s%% billable") % {"percent": round(100 * minutes.get(True, 0) / total)} if total else "",
            state=words,
            tone=tone,
            reminded=_("Reminded %(moment)s") % {"moment": dates.moment(reminded, self.actor.zone)} if reminded else "",
            submit_url=address("week-submit", slug, self.start) + agent if may_submit.allowed else "",
        )

    def _state(self, member: Membership, state: str | None, total: int) -> tuple[str, str]:
        if self._is_overdue(member):
            return _("Overdue"), "danger"
        if state == Timesheet.State.SAVED:
            return _("Ready"), "accent"
        return (_("Draft"), "warn") if total else (_("Nothing logged"), "outline")

    def _is_overdue(self, member: Membership) -> bool:
        """On the member's own clock."""
        days, time = self.organisation.deadline_days, self.organisation.deadline_time
        if days is None:
            return False
        return deadlines.due_at(self.start, days=days, time=time, zone=member.zone) <= self.now
