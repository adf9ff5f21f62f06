"""What a demo firm's hours cost: rates of roles before and since their rise, terms of agreements, increments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.db.models import Sum

from accounts.models import Membership
from timetracking.demo.firms import RISE_WEEKS_AGO, WEEKS, Firm, Increment
from timetracking.models import Agreement, AgreementRate, TimeEntry, WorkRole, WorkRoleRate, WorkType
from timetracking.rules import weeks
from timetracking.services import catalogue


def of_client(firm: Firm, name: str) -> dict[str, Any]:
    """The billing fields of a client."""
    return {**rounded(firm.increments.get(name)), "billing_address": firm.addresses.get(name, "")}


def rounded(increment: Increment | None) -> dict[str, Any]:
    if increment is None:
        return {}
    return {
        "billing_increment_minutes": increment.minutes,
        "billing_rounding": increment.rounding,
        "billing_minimum_minutes": increment.minimum,
    }


def set_rates(firm: Firm, admin: Membership, agreements: Mapping[str, Agreement], first_day: dt.date) -> None:
    """Rates of the firm's work roles, with a rise since some weeks, and of its agreements."""
    roles = {role.name: role for role in WorkRole.objects.all()}
    types = {work_type.name: work_type for work_type in WorkType.objects.all()}
    rise_on = first_day + (WEEKS - RISE_WEEKS_AGO) * 7 * weeks.DAY
    for name, (before, since) in firm.role_rates.items():
        for day, hourly in ((dt.date(first_day.year - 1, 1, 1), before), (rise_on, since)):
            catalogue.create(admin, WorkRoleRate, work_role=roles[name], starts_on=day, hourly_rate=hourly)
    for wanted in firm.agreements:
        for role, work_type, hourly in wanted.rates:
            catalogue.create(
                admin,
                AgreementRate,
                agreement=agreements[wanted.name],
                work_role=roles.get(role),
                work_type=types.get(work_type),
                hourly_rate=hourly,
            )


def used_money() -> dict[str, Decimal]:
    """What the time on each project costs so far, by its code."""
    sums = TimeEntry.objects.filter(project__isnull=False).order_by().values_list("project__code")
    return dict(sums.annotate(amount=Sum("amount")))


def budget_for(used: Decimal, percent: int) -> Decimal:
    """A budget in whole hundreds of which `used` is about `percent`.

    >>> budget_for(Decimal("8123.40"), 86)
    Decimal('9500')
    """
    return (used * 100 / percent / 100).quantize(Decimal(1), ROUND_CEILING) * 100
