"""Invoices of the demo's firms for last month: issued, void, or a draft that waits for whoever looks."""

from __future__ import annotations

import datetime as dt

from accounts.models import Membership
from timesheets_site.lib.errors import RuleViolation
from timetracking.demo.firms import DemoInvoice, Firm
from timetracking.models import Client
from timetracking.rules import coverage, weeks
from timetracking.services import invoices


def bill(firm: Firm, admin: Membership, today: dt.date) -> None:
    """Draft the firm's invoices for the month before this one, and take them as far as its data says."""
    last_on = coverage.month_of(today)[0] - weeks.DAY
    first_on = last_on.replace(day=1)
    clients = {client.name: client for client in Client.objects.all()}
    for wanted in firm.invoices:
        _bill(admin, wanted, clients[wanted.client], first_on, last_on)


def _bill(admin: Membership, wanted: DemoInvoice, client: Client, first_on: dt.date, last_on: dt.date) -> None:
    try:
        invoice = invoices.draft(
            admin, client=client, first_on=first_on, last_on=last_on, grouping=wanted.grouping, note=wanted.note
        )
    except RuleViolation:  # nothing of that month is approved yet
        return
    if wanted.becomes != "draft":
        invoice = invoices.issue(admin, invoice.pk, version=invoice.version)
    if wanted.becomes == "void":
        invoices.void(admin, invoice.pk, version=invoice.version, reason=wanted.void_reason)
