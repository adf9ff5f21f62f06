"""How much work there was room for: the capacity of those whom a report is about, now and in the period before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from django.db.models import Q

from accounts.models import Membership
from accounts.working_time import COLUMNS
from timetracking.rules import report_figures
from timetracking.selectors.report_query import ReportQuery
from timetracking.selectors.report_sums import Worked
from timetracking.selectors.targets import targets_of


@dataclass(frozen=True)
class Person:
    """One member: minutes by the report's filters, and what they had room for."""

    id: int
    name: str
    minutes: int
    billable: int
    capacity: int
    capacity_before: int


@dataclass(frozen=True)
class People:
    """Everybody who counts, in order of name. Weekly minutes are those of a full week at the period's end, or now."""

    members: tuple[Person, ...]
    weekly: int

    @property
    def capacity(self) -> int:
        return sum(person.capacity for person in self.members)

    @property
    def capacity_before(self) -> int:
        return sum(person.capacity_before for person in self.members)

    @property
    def capacities(self) -> dict[int, int]:
        return {person.id: person.capacity for person in self.members}


def people_of(query: ReportQuery, worked: Mapping[int, Worked]) -> People:
    """Active people, and whoever else has time here; three queries. An agent finds only themself."""
    rows = Membership.objects.order_by("display_name", "pk")
    if query.member is not None:
        rows = rows.filter(pk=query.member.pk)
    else:
        present = [pk for pk, minutes in worked.items() if minutes.minutes or minutes.minutes_before]
        rows = rows.filter(Q(is_active=True, is_integration=False) | Q(pk__in=present))
    people = list(rows.values_list(*COLUMNS, "display_name", "is_active", named=True))
    before, last_counted = query.days.before, max(min(query.days.last, query.today), query.days.first)
    expected = targets_of(query.actor.organisation, people, before.first, query.days.last)
    members, weekly = [], 0
    for row in people:
        own, did = expected[row.pk], worked.get(row.pk, Worked())
        room = partial(report_figures.capacity, own, today=query.today, off_by_day=did.off_by_day)
        now = room(query.days) if row.is_active or did.minutes else 0
        earlier = room(before) if row.is_active or did.minutes_before else 0
        weekly += own.schedule_on(last_counted).weekly_minutes if row.is_active else 0
        members.append(Person(row.pk, row.display_name, did.minutes, did.billable, now, earlier))
    return People(tuple(members), weekly)
