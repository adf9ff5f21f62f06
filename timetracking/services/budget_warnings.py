"""Telling of budgets that reached 80 or 100 %: once for each mark, apart from the writing that made them reach it.

The worker asks now and then. Only records with a budget are looked at: two sums an organisation for projects, one for
agreements, whose budget is the included hours of the present month. Who stores the mark tells, so of two workers one
does. Where a budget grew, or time went, so that a mark is no longer reached, it is forgotten, and may come again.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from accounts import jobs
from accounts.models import Membership, Organisation
from accounts.permissions import Permission, Reach, can, reach
from accounts.services.notices import Notice, tell
from timetracking.models import Agreement, BudgetWarning, Project, TimeEntry
from timetracking.rules import budgets, coverage
from timetracking.rules.amounts import ZERO
from timetracking.rules.budgets import Usage

MINUTES, AMOUNT = "minutes", "amount"
PROJECT, AGREEMENT = "project.budget_reached", "agreement.budget_reached"


@dataclass(frozen=True)
class Burn:
    """How much of one budget is used. `month` is an agreement's, the budget of a project has none."""

    record: Project | Agreement
    budget: str
    usage: Usage
    month: dt.date | None = None

    @property
    def key(self) -> dict[str, Any]:
        """What its warnings are stored under."""
        is_project = isinstance(self.record, Project)
        return {
            "project": self.record if is_project else None,
            "agreement": None if is_project else self.record,
            "month": self.month,
            "budget": self.budget,
        }

    @property
    def place(self) -> tuple[int | None, int | None, dt.date | None, str]:
        """The same as ids."""
        key = self.key
        return key["project"] and key["project"].pk, key["agreement"] and key["agreement"].pk, self.month, self.budget


def warn() -> int:
    """Look at all budgets of all organisations; how many marks were told of.

    What fails in one organisation is logged and keeps no other from being asked; at the end it is raised.
    """
    now = timezone.now()
    return jobs.in_each(
        Organisation.objects.filter(is_active=True).order_by("pk"),
        lambda organisation: _warn_in(organisation, now),
        feature=Organisation.Feature.TIMESHEETS,
        what="warning of budgets",
    )


def _warn_in(organisation: Organisation, now: dt.datetime) -> int:
    """Writes only where a mark is new, or is no longer reached."""
    found = list(burns(organisation, now))
    if not found:
        return 0
    stored: dict[Any, set[int]] = defaultdict(set)
    for *place, mark in BudgetWarning.objects.values_list("project", "agreement", "month", "budget", "percent"):
        stored[tuple(place)].add(mark)
    changed = [burn for burn in found if stored[burn.place] != set(burn.usage.marks)]
    return sum(_settle(organisation, burn, now) for burn in changed)


# --- How much is used -------------------------------------------------------------------------------------------------


def burns(organisation: Organisation, now: dt.datetime) -> Iterator[Burn]:
    """Every budget that somebody still works on; none is missing because nothing is logged on it."""
    yield from _of_projects()
    month, end = coverage.month_of(now.astimezone(ZoneInfo(organisation.time_zone)).date())
    yield from _of_agreements(month, end)


def _of_projects() -> Iterator[Burn]:
    has_budget = Q(budget_minutes__isnull=False) | Q(budget_amount__isnull=False)
    open_ones = Project.objects.active().exclude(status=Project.Status.CLOSED)
    projects = list(open_ones.filter(has_budget).select_related("manager__user"))
    in_time = [project for project in projects if project.budget_minutes is not None]
    in_money = [project for project in projects if project.budget_amount is not None]
    minutes, amounts = _sums("minutes", in_time), _sums("amount", in_money)
    for project in in_time:
        yield Burn(project, MINUTES, Usage(minutes.get(project.pk, 0), project.budget_minutes))
    for project in in_money:
        used = budgets.of_money(amounts.get(project.pk, ZERO), project.budget_amount)
        yield Burn(project, AMOUNT, used)


def _sums(field: str, projects: list[Project]) -> dict[int, Any]:
    if not projects:
        return {}
    entries = TimeEntry.objects.filter(project__in=projects).order_by()
    return dict(entries.values_list("project").annotate(sum=Sum(field)))


def _of_agreements(month: dt.date, end: dt.date) -> Iterator[Burn]:
    """Billed minutes that claim the month's included hours, of the days on which the agreement is in force."""
    in_force = Q(starts_on__lt=end) & (Q(ends_on__isnull=True) | Q(ends_on__gte=month))
    agreements = list(Agreement.objects.active().filter(in_force, included_minutes_a_month__gt=0))
    if not agreements:
        return
    entries = TimeEntry.objects.filter(agreement__in=agreements, date__gte=month, date__lt=end)
    sums = dict(entries.claiming_hours().order_by().values_list("agreement").annotate(sum=Sum("billed_minutes")))
    for agreement in agreements:
        yield Burn(agreement, MINUTES, Usage(sums.get(agreement.pk, 0), agreement.included_minutes_a_month), month)


# --- Marks ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def _settle(organisation: Organisation, burn: Burn, now: dt.datetime) -> bool:
    """Forget the marks that are no longer reached, store those that are; whether there was something to tell.

    Of several marks reached at once the highest is told.
    """
    reached = burn.usage.marks
    BudgetWarning.objects.filter(**burn.key).exclude(percent__in=reached).delete()
    new = [mark for mark in reached if _is_first(burn, mark, now)]
    if not new:
        return False
    kind = PROJECT if isinstance(burn.record, Project) else AGREEMENT
    values = _values(burn, max(new))
    tell([Notice(member, kind, values) for member in _listeners(organisation, burn)], actor=None)
    return True


def _is_first(burn: Burn, mark: int, now: dt.datetime) -> bool:
    _row, is_first = BudgetWarning.objects.get_or_create(**burn.key, percent=mark, defaults={"at": now})
    return bool(is_first)


def _values(burn: Burn, mark: int) -> dict[str, Any]:
    """What the notice says; of money no more than percents."""
    record = burn.record
    values = {"mark": mark, "percent": burn.usage.percent, "budget": burn.budget}
    if isinstance(record, Project):
        planned = burn.usage.planned if burn.budget == MINUTES else None
        return {**values, "code": record.code, "name": record.name, "planned": planned}
    month = burn.month.isoformat() if burn.month else ""
    return {**values, "agreement_id": record.pk, "name": record.name, "planned": burn.usage.planned, "month": month}


def _listeners(organisation: Organisation, burn: Burn) -> list[Membership]:
    """The project's manager, or the managers of an agreement's projects; the admins where there is nobody."""
    if isinstance(burn.record, Project):
        managers = [burn.record.manager]
    else:
        projects = Project.objects.active().filter(agreement=burn.record, manager__isnull=False)
        managers = [project.manager for project in projects.select_related("manager__user")]
    members = {member.pk: member for member in managers if member is not None}
    return list(_may_know(organisation, burn, members.values())) or list(
        _may_know(organisation, burn, Membership.objects.filter(role=Membership.Role.ADMIN).select_related("user"))
    )


def _may_know(organisation: Organisation, burn: Burn, members: Iterable[Membership]) -> Iterator[Membership]:
    """Those who work here, can open the page that it is about and, of money, see everybody's."""
    for member in members:
        member.organisation = organisation
        sees = burn.budget != AMOUNT or reach(member, Permission.SEE_RATES) is Reach.ALL
        opens = isinstance(burn.record, Project) or can(member, Permission.MANAGE_CATALOGUE)
        works_here = member.is_active and member.user.is_active and not member.is_integration
        if works_here and sees and opens:
            yield member
