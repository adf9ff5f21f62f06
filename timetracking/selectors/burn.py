"""How much of a budget is used: a project's in money, an agreement's included hours month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, Sum

from accounts.models import Membership
from accounts.permissions import Permission, Reach, reach
from timesheets_site.lib import dates
from timetracking.models import Agreement, Project, TimeEntry
from timetracking.models.amounts import PARTS
from timetracking.rules import amounts, budgets, coverage, weeks
from timetracking.rules.budgets import FORECAST_WEEKS, Usage

MONTHS_SHOWN = 6


# --- A project's money ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MoneyCard:
    """What a project's entries come to, in words; and how much of its budget that is."""

    usage: Usage
    used: str
    planned: str
    left: str
    """Empty where nothing was planned; without its sign where the budget is overrun."""
    weekly: str
    runs_out: str
    """The day, in words; empty where it cannot be said."""

    @property
    def bar(self) -> int:
        """Percent of the meter."""
        return min(self.usage.percent or 0, 100)


def sees_money(actor: Membership) -> bool:
    """Whether sums over everybody's time may be shown in money."""
    return reach(actor, Permission.SEE_RATES) is Reach.ALL


def money_of(actor: Membership, project: Project) -> MoneyCard | None:
    """None for who does not see everybody's money. One query; the forecast goes by the last four full weeks."""
    if not sees_money(actor):
        return None
    today, currency = actor.today(), actor.organisation.currency
    this_week = weeks.week_containing(today, first_weekday=actor.organisation.first_weekday)
    recent = Q(date__gte=this_week - FORECAST_WEEKS * 7 * weeks.DAY, date__lt=this_week)
    sums = TimeEntry.objects.filter(project=project).aggregate(
        used=Sum("amount"), recent=Sum("amount", filter=recent)
    )  # fmt: skip
    usage = budgets.of_money(sums["used"] or amounts.ZERO, project.budget_amount)
    weekly = budgets.of_money(sums["recent"] or amounts.ZERO, None).used // FORECAST_WEEKS
    ends = budgets.runs_out_on(usage.left, weekly, today=today)

    def words(thousandths: int | None) -> str:
        return "" if thousandths is None else amounts.money(Decimal(thousandths) / PARTS, currency)

    return MoneyCard(
        usage=usage,
        used=words(usage.used),
        planned=words(usage.planned),
        left=words(None if usage.left is None else abs(usage.left)),
        weekly=words(weekly),
        runs_out=dates.full(ends) if ends else "",
    )


# --- An agreement's hours ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Month:
    """Billed minutes that claim a month's included ones, and how many of them were covered."""

    label: str
    usage: Usage
    covered: int

    @property
    def beyond(self) -> int:
        """What is billed on top."""
        return self.usage.used - self.covered

    @property
    def bar(self) -> int:
        return min(self.usage.percent or 0, 100)


@dataclass(frozen=True)
class AgreementBurn:
    now: Month
    """The present month, whether the agreement is in force in it or not."""
    months: list[Month]
    """The last ones, the present first, as far back as the agreement goes."""


def of_agreement(actor: Membership, agreement: Agreement) -> AgreementBurn | None:
    """None without included hours. One query."""
    if agreement.included_minutes_a_month is None:
        return None
    this, end = coverage.month_of(actor.today())
    firsts = [this]
    while len(firsts) < MONTHS_SHOWN and firsts[-1] > agreement.starts_on:
        firsts.append(coverage.month_of(firsts[-1] - weeks.DAY)[0])
    claimed, covered = dict.fromkeys(firsts, 0), dict.fromkeys(firsts, 0)
    entries = TimeEntry.objects.filter(agreement=agreement, date__gte=firsts[-1], date__lt=end)
    daily = entries.claiming_hours().order_by().values_list("date")
    for day, minutes, shares in daily.annotate(minutes=Sum("billed_minutes"), shares=Sum("covered_minutes")):
        month, _next = coverage.month_of(day)
        claimed[month] += minutes
        covered[month] += shares
    included = agreement.included_minutes_a_month
    months = [Month(dates.month(first), Usage(claimed[first], included), covered[first]) for first in firsts]
    return AgreementBurn(months[0], months)


def this_month(agreements: Iterable[Agreement], today: dt.date) -> dict[int, Usage]:
    """Of the present month, by the agreement's id; only those that include hours. One query, or none."""
    included = {each.pk: each.included_minutes_a_month for each in agreements if each.included_minutes_a_month}
    if not included:
        return {}
    first, end = coverage.month_of(today)
    entries = TimeEntry.objects.filter(agreement__in=included, date__gte=first, date__lt=end)
    used = dict(entries.claiming_hours().order_by().values_list("agreement").annotate(sum=Sum("billed_minutes")))
    return {pk: Usage(used.get(pk, 0), minutes) for pk, minutes in included.items()}
