"""What a client owes that is on no invoice yet."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from accounts.models import Membership
from timesheets_site.lib.printable import Printable
from timetracking.models import Client, TimeEntry
from timetracking.models.invoices import unbilled
from timetracking.rules import amounts


@dataclass(frozen=True)
class Unbilled(Printable):
    """What a client owes but was not billed yet: approved, and waiting for approval."""

    count: int
    money: str
    waiting: int


def unbilled_of(actor: Membership, client: Client) -> Unbilled:
    """For the client's page, in one query."""
    ready = Q(live_line__isnull=True)
    if not actor.organisation.unapproved_invoiced:
        ready &= Q(status=TimeEntry.Status.APPROVED)
    else:
        ready &= ~Q(status=TimeEntry.Status.REJECTED)
    waiting = Q(status__in=(TimeEntry.Status.OPEN, TimeEntry.Status.SUBMITTED)) & ~ready
    sums = unbilled(client, None, None).aggregate(
        count=Count("pk", filter=ready), net=Sum("amount", filter=ready), waiting=Count("pk", filter=waiting)
    )
    money = amounts.money(sums["net"] or amounts.ZERO, actor.organisation.currency)
    return Unbilled(sums["count"], money, sums["waiting"])
