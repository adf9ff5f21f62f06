"""The sums of a report, added up by the database: by the groups asked for, by day, by client and project, by member.

Each is one statement on the table of entries alone; names are looked up afterwards. `docs/algorithms/reports.md` says
why there are four, and no wider one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from timesheets_site.lib.errors import RuleViolation
from timetracking.models import TimeEntry
from timetracking.rules import durations
from timetracking.rules.amounts import ZERO
from timetracking.rules.report_ranges import Days
from timetracking.selectors import report_dimensions
from timetracking.selectors.report_query import PENDING, STATUSES, ReportQuery

MOST_GROUPS = 50_000
"""Combinations that a report holds in memory: about 20 MB."""
Kind = TimeEntry.Kind
BILLABLE = Sum("minutes", filter=Q(billable=True), default=0)


@dataclass(slots=True)
class Sums:
    """Whole minutes, and an amount of the organisation's currency (0 for who does not see amounts)."""

    entries: int = 0
    minutes: int = 0
    billable: int = 0
    billed: int = 0
    amount: Decimal = ZERO

    def add(self, other: Sums) -> None:
        self.entries += other.entries
        self.minutes += other.minutes
        self.billable += other.billable
        self.billed += other.billed
        self.amount += other.amount


def total_of(parts: Iterable[Sums]) -> Sums:
    total = Sums()
    for part in parts:
        total.add(part)
    return total


def by_groups(query: ReportQuery) -> list[tuple[tuple[Any, ...], Sums]]:
    """The sums of each combination of the report's one or two groups. Raises RuleViolation: too_many_groups."""
    levels = {f"level_{n}": report_dimensions.expression(code, query) for n, code in enumerate(query.levels)}
    money = {"amounts": Sum("amount")} if query.shows_money else {}
    rows = (
        query.entries()
        .order_by()
        .values_list(*levels.values())
        .annotate(
            number=Count("pk"), total=Sum("minutes"), billable_total=BILLABLE, billed=Sum("billed_minutes"), **money
        )
    )
    rows, depth = list(rows[: MOST_GROUPS + 1]), len(levels)
    if len(rows) > MOST_GROUPS:
        words = _("These are more than %(count)s groups. Choose a shorter period, fewer groups or a filter.")
        raise RuleViolation("too_many_groups", words % {"count": durations.grouped(MOST_GROUPS)}, "by")
    # A range within one week makes its number a constant, and sums without a group have a row even of nothing.
    return [(row[:depth], Sums(*row[depth:])) for row in rows if row[depth]]


@dataclass(slots=True)
class Day:
    """What was logged on one date. Tickets, projects and general time together are all minutes."""

    date: dt.date
    minutes: int
    billable: int
    no_charge: int
    tickets: int
    projects: int
    pending: int
    amount: Decimal = ZERO

    @property
    def general(self) -> int:
        return self.minutes - self.tickets - self.projects


def by_day(query: ReportQuery) -> list[Day]:
    """The days of the report and of the period before that have time, in order: both are read at once."""
    days = Days(query.days.before.first, query.days.last)
    money = {"amounts": Sum("amount")} if query.shows_money else {}
    rows = (
        query.entries(days)
        .order_by("date")
        .values_list("date")
        .annotate(
            total=Sum("minutes"),
            billable_total=BILLABLE,
            free=Sum("minutes", filter=Q(no_charge=True), default=0),
            tickets=Sum("minutes", filter=Q(kind=Kind.TICKET), default=0),
            projects=Sum("minutes", filter=Q(kind=Kind.PROJECT), default=0),
            pending=Sum("minutes", filter=Q(status__in=STATUSES[PENDING]), default=0),
            **money,
        )
    )
    return [Day(*row) for row in rows]


@dataclass(slots=True)
class Share:
    """Minutes of one client or project."""

    minutes: int = 0
    billable: int = 0

    def add(self, minutes: int, billable: int) -> None:
        self.minutes += minutes
        self.billable += billable


def by_client_and_project(query: ReportQuery) -> tuple[dict[Any, Share], dict[Any, Share]]:
    """What each client and each project took; None is time without one."""
    rows = (
        query.entries()
        .order_by()
        .values_list("client_id", "project_id")
        .annotate(total=Sum("minutes"), billable_total=BILLABLE)
    )
    clients: dict[Any, Share] = {}
    projects: dict[Any, Share] = {}
    for client, project, minutes, billable in rows:
        clients.setdefault(client, Share()).add(minutes, billable)
        projects.setdefault(project, Share()).add(minutes, billable)
    return clients, projects


@dataclass(slots=True)
class Worked:
    """One member's minutes in the report's days and in those before."""

    minutes: int = 0
    billable: int = 0
    minutes_before: int = 0
    off_by_day: dict[dt.date, int] = field(default_factory=dict)
    """Time off."""


def by_member(query: ReportQuery) -> dict[int, Worked]:
    """Who worked how much, now and before, by the filters; time off whatever the filters say. Two statements."""
    now, before = query.days, query.days.before
    both = Days(before.first, now.last)
    is_now, is_before = Q(date__gte=now.first), Q(date__lt=now.first)
    worked = (
        query.entries(both)
        .order_by()
        .values_list("member_id")
        .annotate(
            total=Sum("minutes", filter=is_now, default=0),
            billable_total=Sum("minutes", filter=is_now & Q(billable=True), default=0),
            before=Sum("minutes", filter=is_before, default=0),
        )
    )
    found = {member: Worked(*minutes) for member, *minutes in worked}
    if both.first > query.today:
        return found
    off = (
        query.reachable(Days(both.first, min(both.last, query.today)))
        .filter(charge_code__is_time_off=True)
        .order_by()
        .values_list("member_id", "date")
        .annotate(total=Sum("minutes"))
    )
    for member, day, minutes in off:
        found.setdefault(member, Worked()).off_by_day[day] = minutes
    return found
