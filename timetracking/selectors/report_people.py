"""How much work there was room for: the capacity of those whom a report is about, now and in the period before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from django.db.models import Q

from accounts.models import Membership
from timetracking.rules import report_figures
from timetracking.selectors.report_query import ReportQuery
from timetracking.selectors.report_sums import Worked


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
    """Everybody who counts, in order of name. Weekly minutes are the capacity of a full week."""

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
    """Active members, and those who left but have time here; one query. An agent finds only themself."""
    rows = Membership.objects.order_by("display_name", "pk")
    if query.member is not None:
        rows = rows.filter(pk=query.member.pk)
    else:
        present = [pk for pk, minutes in worked.items() if minutes.minutes or minutes.minutes_before]
        rows = rows.filter(Q(is_active=True) | Q(pk__in=present))
    members, weekly = [], 0
    zone, before = query.actor.organisation.zone, query.days.before
    for pk, name, minutes, joined_at, is_active in rows.values_list(
        "pk", "display_name", "weekly_capacity_minutes", "joined_at", "is_active"
    ):
        own = worked.get(pk, Worked())
        room = partial(report_figures.capacity, minutes, joined_on=joined_at.astimezone(zone).date(), today=query.today)
        now = room(query.days, off_minutes=own.off) if is_active or own.minutes else 0
        earlier = room(before, off_minutes=own.off_before) if is_active or own.minutes_before else 0
        weekly += minutes if is_active else 0
        members.append(Person(pk, name, own.minutes, own.billable, now, earlier))
    return People(tuple(members), weekly)
