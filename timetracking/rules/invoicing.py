"""What comes on an invoice, under which heading, at what total; and which steps an invoice may take.

```
draft → issued → void
  └──→ discarded
```
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from timetracking.models.invoices import Invoice, InvoiceLine
from timetracking.models.time_entries import TimeEntry
from timetracking.rules import amounts, months
from timetracking.rules.locking import ALLOWED, BILLER, Verdict
from timetracking.rules.references import ticket_reference

Status, Grouping = TimeEntry.Status, Invoice.Grouping
LONGEST_TEXT = 2_000
"""Characters of a note to the client, or of the reason why an invoice was voided."""

# --- Which entries ----------------------------------------------------------------------------------------------------


class Standing(StrEnum):
    """What an entry is to an invoice."""

    READY = "ready"
    NO_RATE = "no_rate"
    WAITING = "waiting"
    REJECTED = "rejected"
    ON_ANOTHER = "on_another"
    NEVER = "never"


def standing(
    *,
    status: str,
    billable: bool,
    no_charge: bool,
    hourly_rate: Decimal | None,
    unapproved_invoiced: bool,
    on_another: bool = False,
) -> Standing:
    """May an entry come on an invoice now, or why not? `on_another` is whether a live invoice has it already.

    >>> common = {"billable": True, "no_charge": False, "hourly_rate": Decimal(80), "unapproved_invoiced": False}
    >>> [standing(status=status, **common).value for status in ("APPROVED", "SUBMITTED", "REJECTED", "BILLED")]
    ['ready', 'waiting', 'rejected', 'on_another']
    >>> waived = {**common, "unapproved_invoiced": True}
    >>> [standing(status=status, **waived).value for status in ("OPEN", "SUBMITTED", "REJECTED")]
    ['ready', 'ready', 'rejected']
    >>> standing(status="APPROVED", **{**common, "hourly_rate": None}).value
    'no_rate'
    >>> standing(status="APPROVED", **{**common, "billable": False, "no_charge": True, "hourly_rate": None}).value
    'ready'
    >>> standing(status="APPROVED", **{**common, "billable": False}).value
    'never'
    """
    if not billable and not no_charge:
        return Standing.NEVER
    if status == Status.BILLED or on_another:
        return Standing.ON_ANOTHER
    if status == Status.REJECTED:
        return Standing.REJECTED
    if status != Status.APPROVED and not unapproved_invoiced:
        return Standing.WAITING
    return Standing.NO_RATE if billable and hourly_rate is None else Standing.READY


class Difference(StrEnum):
    """What became of an entry since it was put on a draft."""

    DELETED = "deleted"
    MOVED = "moved"
    NOT_BILLED = "not_billed"
    REJECTED = "rejected"
    WAITING = "waiting"
    AMOUNT = "amount"
    CHANGED = "changed"


DROPPED = frozenset(
    {Difference.DELETED, Difference.MOVED, Difference.NOT_BILLED, Difference.REJECTED, Difference.WAITING}
)
"""What takes the line off the draft once the changes are taken over."""
DIFFERENCE_WORDS = {
    Difference.DELETED: gettext_lazy("It was deleted."),
    Difference.MOVED: gettext_lazy("It belongs to another client or period now."),
    Difference.NOT_BILLED: gettext_lazy("It is not billed any more."),
    Difference.REJECTED: gettext_lazy("It was rejected."),
    Difference.WAITING: gettext_lazy("It is not approved any more."),
    Difference.AMOUNT: gettext_lazy("Its time or amount changed."),
    Difference.CHANGED: gettext_lazy("It was changed."),
}


@dataclass(frozen=True, slots=True)
class Billed:
    """What a line copies of its entry."""

    version: int
    minutes: int
    covered_minutes: int
    no_charge: bool
    hourly_rate: Decimal | None
    amount: Decimal


def difference(line: Billed, now: Billed, *, belongs: bool, deleted: bool, standing: Standing) -> Difference | None:
    """How an entry differs from its line; None if it is just as it was.

    `belongs` is whether it still is for the invoice's client and period. `standing` leaves this invoice out.

    >>> line = Billed(3, 60, 0, False, Decimal(80), Decimal(80))
    >>> same = {"belongs": True, "deleted": False, "standing": Standing.READY}
    >>> difference(line, line, **same) is None
    True
    >>> str(difference(line, Billed(4, 60, 0, False, Decimal(80), Decimal(80)), **same))
    'changed'
    >>> str(difference(line, Billed(3, 60, 30, False, Decimal(80), Decimal(40)), **same))
    'amount'
    >>> str(difference(line, line, **{**same, "standing": Standing.WAITING}))
    'waiting'
    """
    if deleted:
        return Difference.DELETED
    if not belongs:
        return Difference.MOVED
    by_standing = {
        Standing.NEVER: Difference.NOT_BILLED,
        Standing.REJECTED: Difference.REJECTED,
        Standing.WAITING: Difference.WAITING,
    }
    if standing in by_standing:
        return by_standing[standing]
    if (line.minutes, line.covered_minutes, line.no_charge, line.hourly_rate, line.amount) != (
        now.minutes, now.covered_minutes, now.no_charge, now.hourly_rate, now.amount
    ):  # fmt: skip
        return Difference.AMOUNT
    return Difference.CHANGED if line.version != now.version else None


def standing_of(entry: TimeEntry, unapproved_invoiced: bool, on_another: bool = False) -> Standing:
    """`standing` of a stored entry."""
    return standing(
        status=entry.status,
        billable=entry.billable,
        no_charge=entry.no_charge,
        hourly_rate=entry.hourly_rate,
        unapproved_invoiced=unapproved_invoiced,
        on_another=on_another,
    )


def difference_of(
    invoice: Invoice, line: InvoiceLine, entry: TimeEntry, unapproved_invoiced: bool
) -> Difference | None:
    """`difference` of a stored line and its entry."""
    return difference(
        Billed(line.entry_version, line.minutes, line.covered_minutes, line.no_charge, line.hourly_rate, line.amount),
        Billed(
            entry.version, entry.billed_minutes, entry.covered_minutes, entry.no_charge, entry.hourly_rate, entry.amount
        ),
        belongs=entry.client_id == invoice.client_id and invoice.first_on <= entry.date <= invoice.last_on,
        deleted=entry.deleted_at is not None,
        standing=standing_of(entry, unapproved_invoiced),
    )


# --- Headings and totals ----------------------------------------------------------------------------------------------


def heading(grouping: str, *, ticket: tuple[int, str] | None, project: tuple[str, str] | None, role: str) -> str:
    """The heading that a line stands under; `ticket` and `project` are number or code, and title.

    >>> vpn, rollout = (4846, "VPN drops"), ("BCN-1", "Rollout")
    >>> [heading(grouping, ticket=vpn, project=None, role="Engineer") for grouping in ("project", "ticket", "role")]
    ['Support tickets', 'TKT-4846 VPN drops', 'Engineer']
    >>> [heading(grouping, ticket=None, project=rollout, role="") for grouping in ("project", "ticket", "role")]
    ['BCN-1 Rollout', 'BCN-1 Rollout', 'Other work']
    """
    if grouping == Grouping.ROLE:
        words = role or _("Other work")
    elif project is not None:
        words = " ".join(project)
    elif ticket is None:
        words = _("Other work")
    else:
        words = f"{ticket_reference(ticket[0])} {ticket[1]}" if grouping == Grouping.TICKET else _("Support tickets")
    return words[:300]


def heading_of(entry: TimeEntry, grouping: str) -> str:
    """`heading` of a stored entry, whose ticket, project and work role are at hand."""
    ticket, project = entry.ticket, entry.project
    return heading(
        grouping,
        ticket=(ticket.number, ticket.title) if ticket else None,
        project=(project.code, project.name) if project else None,
        role=entry.work_role.name if entry.work_role else "",
    )


@dataclass(frozen=True, slots=True)
class Totals:
    minutes: int
    net: Decimal
    tax: Decimal
    total: Decimal


def totals(minutes: int, net: Decimal, tax_percent: Decimal, currency: str) -> Totals:
    """What stands at the end: tax on the sum of the lines, rounded once.

    >>> totals(90, Decimal("99.99"), Decimal(20), "GBP")
    Totals(minutes=90, net=Decimal('99.99'), tax=Decimal('20.00'), total=Decimal('119.99'))
    """
    tax = amounts.tax(net, tax_percent, currency)
    return Totals(minutes, net, tax, net + tax)


# --- Numbers and days -------------------------------------------------------------------------------------------------


def next_number(last: int | None, first: int) -> int:
    """The number after the last one that was used; void invoices keep theirs.

    >>> next_number(None, 204), next_number(204, 1)
    (204, 205)
    """
    return first if last is None else last + 1


def due_on(issued_on: dt.date, payment_days: int) -> dt.date:
    """
    >>> due_on(dt.date(2026, 6, 30), 30)
    datetime.date(2026, 7, 30)
    """
    return issued_on + dt.timedelta(days=payment_days)


def month_before(today: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the month before.

    >>> month_before(dt.date(2026, 3, 31))
    (datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
    """
    last = today.replace(day=1) - months.DAY
    return last.replace(day=1), last


# --- Which steps it may take ------------------------------------------------------------------------------------------


def may_change(status: str) -> Verdict:
    """May lines, note or grouping be changed, or the draft be discarded?

    >>> may_change("draft").allowed, may_change("issued").code, may_change("void").code
    (True, 'invoice_issued', 'invoice_void')
    """
    if status == Invoice.Status.ISSUED:
        words = _("This invoice is issued. Void it and draft another to change what it says.")
        return Verdict(False, "invoice_issued", words, who_helps=BILLER)
    if status == Invoice.Status.VOID:
        return Verdict(False, "invoice_void", _("This invoice is void."), who_helps=BILLER)
    return ALLOWED


def may_issue(status: str, *, lines: int, without_rate: int) -> Verdict:
    """May the draft be issued? `without_rate` is how many billed lines have no rate.

    >>> may_issue("draft", lines=2, without_rate=0).allowed, may_issue("draft", lines=0, without_rate=0).code
    (True, 'invoice_empty')
    >>> may_issue("draft", lines=2, without_rate=1).code, may_issue("void", lines=2, without_rate=0).code
    ('no_rate', 'invoice_void')
    """
    if not (changeable := may_change(status)).allowed:
        return changeable
    if not lines:
        words = _("There is nothing on this invoice. Take time in first, or discard the draft.")
        return Verdict(False, "invoice_empty", words, who_helps=BILLER)
    if without_rate:
        words = _("Some time on this invoice has no rate. Set one and take over the changes, or leave it out.")
        return Verdict(False, "no_rate", words, who_helps=BILLER)
    return ALLOWED


def may_void(status: str) -> Verdict:
    """
    >>> may_void("issued").allowed, may_void("draft").code, may_void("void").code
    (True, 'invoice_draft', 'invoice_void')
    """
    if status == Invoice.Status.DRAFT:
        return Verdict(False, "invoice_draft", _("This is a draft. Discard it instead."), who_helps=BILLER)
    return ALLOWED if status == Invoice.Status.ISSUED else may_change(status)
