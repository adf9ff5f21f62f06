"""Entries as they are once rates are decided, and short ways to what most tests begin with."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from accounts.models import AuditEvent
from tests import factories
from timetracking.models import TimeEntry
from timetracking.rules import amounts

DAY = dt.date(2026, 6, 15)
FIRST, LAST = dt.date(2026, 6, 1), dt.date(2026, 6, 30)


def billed_entry(member, *, minutes=60, hourly_rate="80", status="APPROVED", no_charge=False, **fields):
    """A stored entry with billed minutes, rate and amount; approved unless said otherwise."""
    rate = None if hourly_rate is None else Decimal(hourly_rate)
    billable = fields.pop("billable", not no_charge)
    paid = amounts.amount(minutes, fields.get("covered_minutes", 0), rate, member.organisation.currency)
    return factories.TimeEntryFactory(
        member=member, minutes=minutes, billed_minutes=minutes, hourly_rate=rate, base_rate=rate, status=status,
        rate_decided_by="organisation", billable=billable, no_charge=no_charge, amount=paid if billable else 0,
        **{"date": DAY, **fields},
    )  # fmt: skip


def statuses():
    return list(TimeEntry.objects.order_by("pk").values_list("status", flat=True))


def events(prefix="invoice."):
    return list(AuditEvent.objects.filter(action__startswith=prefix).order_by("pk").values_list("action", flat=True))
