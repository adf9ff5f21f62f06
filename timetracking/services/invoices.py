"""Draft, issue, void and discard invoices. What is on a draft, and how it is changed, is in `invoice_lines`.

Issuing and voiding take their locks in one order with every writer of entries: the lock date, the invoice, included
hours, weeks by their ids, entries, and last the turn for numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, lock_date
from accounts.models import Membership, Organisation
from accounts.permissions import Permission, require
from timesheets_site.lib import texts, turns
from timesheets_site.lib.errors import Conflict, RuleViolation
from timesheets_site.lib.turns import Place
from timetracking.models import Client, Invoice, InvoiceLine, TimeEntry
from timetracking.models.invoices import recipient_of, sender_of, unbilled
from timetracking.rules import invoicing
from timetracking.services import coverage, invoice_lines, invoice_weeks

Status = Invoice.Status
FIRST_VALUES = ("client_id", "first_on", "last_on", "grouping", "note", "currency", "net", "total")


@transaction.atomic
def draft(
    actor: Membership,
    *,
    client: Client,
    first_on: dt.date | None,
    last_on: dt.date,
    grouping: str = Invoice.Grouping.PROJECT,
    note: str = "",
) -> Invoice:
    """Put everything that can be billed to a client on a draft; `first_on` None begins with the earliest of it.

    Raises NotAllowed, Conflict (somebody drafts the same time just now), or RuleViolation: period_order,
    nothing_to_bill, grouping_unknown, text_too_long.
    """
    require(actor, Permission.MANAGE_INVOICES)
    if first_on is not None and first_on > last_on:
        raise RuleViolation("period_order", _("Choose a last day that is not before the first"), "last_on")
    offered = unbilled(client, first_on, last_on).select_related(*invoice_lines.READ).order_by("pk")
    entries = invoice_lines.ready(actor, offered)
    if not entries:
        raise RuleViolation("nothing_to_bill", _("There is nothing to bill to this client in these days."))
    now = timezone.now()
    invoice = Invoice(
        client=client,
        first_on=first_on or min(entry.date for entry in entries),
        last_on=last_on,
        grouping=invoice_lines.known_grouping(grouping),
        note=texts.at_most(note, invoicing.LONGEST_TEXT, "note"),
        created_at=now,
        created_by=actor,
        updated_at=now,
        version=0,
    )
    invoice_lines.take_settings(invoice, actor.organisation)
    invoice.save(force_insert=True)
    invoice_lines.add(invoice, entries)
    invoice_lines.store(actor, invoice)
    first = audit.snapshot(invoice, FIRST_VALUES)
    changes: dict[str, tuple[Any, Any]] = {name: (None, value) for name, value in first.items() if value != ""}
    changes["entries"] = ([], [entry.pk for entry in entries])
    audit.record(actor, "invoice.drafted", invoice, changes=changes)
    return invoice


@transaction.atomic
def discard(actor: Membership, invoice_id: int, *, version: int | None) -> None:
    """Delete a draft; its time can be put on another one.

    Raises NotAllowed, OutOfReach, Conflict, or RuleViolation: invoice_issued, invoice_void.
    """
    invoice = invoice_lines.held(actor, invoice_id, version)
    invoicing.may_change(invoice.status).enforce()
    values = audit.snapshot(invoice, FIRST_VALUES)
    changes: dict[str, tuple[Any, Any]] = {name: (value, None) for name, value in values.items() if value != ""}
    changes["entries"] = (list(invoice_weeks.entry_ids(invoice).values_list("entry", flat=True)), [])
    audit.record(actor, "invoice.discarded", invoice, changes=changes)
    InvoiceLine.objects.filter(invoice=invoice).delete()
    invoice.delete()


@transaction.atomic
def issue(actor: Membership, invoice_id: int, *, version: int | None) -> Invoice:
    """Give the draft its number and lock its entries: they are billed.

    Compares each entry with its line; where one differs nothing is issued, and the Conflict names it. `version` is the
    draft's that was shown; issued already from it, the invoice is a harmless success. Today is the organisation's.
    Raises NotAllowed, OutOfReach, Conflict, or RuleViolation: invoice_empty, no_rate, invoice_void, reference_taken.
    """
    require(actor, Permission.MANAGE_INVOICES)
    lock_date.hold_still(actor.organisation)
    invoice = invoice_lines.held(actor, invoice_id, None)
    if invoice.status == Status.ISSUED and version in (None, invoice.version - 1, invoice.version):
        return invoice
    _expect(invoice, version)
    invoicing.may_change(invoice.status).enforce()
    invoice_weeks.hold(invoice)
    entries = _locked_entries(invoice)
    lines, without_rate = invoice_lines.without_rate(invoice)
    invoicing.may_issue(invoice.status, lines=lines, without_rate=without_rate).enforce()
    organisation = Organisation.objects.get(pk=actor.organisation_id)  # as it is now, not when the request began
    _check_unchanged(actor, organisation, invoice, entries)
    _stamp(actor, organisation, invoice)
    _write_entries(actor, entries, TimeEntry.Status.BILLED, "time_entry.billed", ("", invoice.reference), invoice)
    changes = {
        "status": (Status.DRAFT.value, Status.ISSUED.value),
        "reference": ("", invoice.reference),
        "total": (None, invoice.total),
    }
    audit.record(actor, "invoice.issued", invoice, changes=changes, at=invoice.issued_at)
    return invoice


@transaction.atomic
def void(actor: Membership, invoice_id: int, *, version: int | None, reason: str) -> Invoice:
    """Take an issued invoice back: its number stays taken, its entries are approved again and can be billed anew.

    Void already is a harmless success. Raises NotAllowed, OutOfReach, Conflict, or RuleViolation: reason_required,
    text_too_long, invoice_draft.
    """
    require(actor, Permission.MANAGE_INVOICES)
    reason = texts.at_most(reason, invoicing.LONGEST_TEXT, "reason")
    lock_date.hold_still(actor.organisation)
    invoice = invoice_lines.held(actor, invoice_id, None)
    if invoice.status == Status.VOID and version in (None, invoice.version - 1, invoice.version):
        return invoice
    _expect(invoice, version)
    invoicing.may_void(invoice.status).enforce()
    if not reason:
        raise RuleViolation("reason_required", _("Say why this invoice is voided"), "reason")
    drawn = invoice_weeks.hold(invoice)
    entries = _locked_entries(invoice)
    invoice.status = Status.VOID.value
    invoice.voided_at = invoice.updated_at = timezone.now()
    invoice.voided_by, invoice.void_reason = actor, reason
    invoice.version += 1
    invoice.save()
    InvoiceLine.objects.filter(invoice=invoice).update(live=False)
    _write_entries(actor, entries, TimeEntry.Status.APPROVED, "time_entry.unbilled", (invoice.reference, ""), invoice)
    coverage.share_out(actor, drawn)
    changes = {"status": (Status.ISSUED.value, Status.VOID.value), "reason": ("", reason)}
    audit.record(actor, "invoice.voided", invoice, changes=changes, at=invoice.voided_at)
    return invoice


# --- Parts of these ---------------------------------------------------------------------------------------------------


def _expect(invoice: Invoice, version: int | None) -> None:
    if version is not None and version != invoice.version:
        raise invoice_lines.stale(invoice)


def _locked_entries(invoice: Invoice) -> list[TimeEntry]:
    """The entries, locked, in the order of their ids; rows that only refer to them need not wait."""
    rows = invoice_lines.entries_of(invoice_weeks.entry_ids(invoice))
    return list(rows.select_for_update(of=("self",), no_key=True))


def _check_unchanged(
    actor: Membership, organisation: Organisation, invoice: Invoice, entries: Iterable[TimeEntry]
) -> None:
    """Nothing may be billed that is not what the draft says. Raises Conflict."""
    if invoice_lines.settings_changed(invoice, organisation):
        words = _("The organisation's currency or tax changed since. Take over the changes, then issue the invoice.")
        raise Conflict(invoice, words)
    compared = invoice_lines.compare(actor, invoice, entries)
    differing = [each.entry for each in compared if each.difference is not None]
    if differing:
        words = _("%(entries)s changed since. Take over the changes, then issue the invoice.")
        raise Conflict(invoice, words % {"entries": invoice_lines.named(differing)})


def _stamp(actor: Membership, organisation: Organisation, invoice: Invoice) -> None:
    """Number, days, and who sends it to whom, as they are now."""
    now = timezone.now()
    turns.alone(Place.INVOICE_NUMBERS, organisation.pk)
    last = Invoice.objects.aggregate(last=Max("number"))["last"]
    invoice.number = invoicing.next_number(last, organisation.first_invoice_number)
    invoice.reference = f"{organisation.invoice_prefix}{invoice.number}"
    if Invoice.objects.filter(reference=invoice.reference).exists():
        words = _("There is an invoice %(number)s already. Ask an admin to change the prefix of invoice numbers.")
        raise RuleViolation("reference_taken", words % {"number": invoice.reference})
    invoice.issued_on = today_of(organisation, now)
    invoice.due_on = invoicing.due_on(invoice.issued_on, organisation.payment_days)
    invoice.issued_at = invoice.updated_at = now
    invoice.issued_by = actor
    invoice.sender, invoice.recipient = sender_of(organisation), recipient_of(invoice.client)
    invoice.status = Status.ISSUED.value
    invoice.version += 1
    invoice.save()


def today_of(organisation: Organisation, now: dt.datetime | None = None) -> dt.date:
    """The day that an invoice issued now is dated: the organisation's local one."""
    return (now or timezone.now()).astimezone(organisation.zone).date()


def _write_entries(
    actor: Membership,
    entries: list[TimeEntry],
    status: TimeEntry.Status,
    action: str,
    reference: tuple[str, str],
    invoice: Invoice,
) -> None:
    """Give all entries one status, tell of each, and bring their weeks in step."""
    at = invoice.updated_at
    TimeEntry.with_deleted.filter(pk__in=invoice_weeks.entry_ids(invoice)).update(
        status=status.value, version=F("version") + 1, updated_at=at
    )
    told = [
        audit.Told(entry, {"status": (entry.status, status.value), "invoice": reference}, _other(actor, entry))
        for entry in entries
    ]
    audit.record_all(actor, action, told, at=at)
    invoice_weeks.settle(actor, entries, to_status=status.value, at=at)


def _other(actor: Membership, entry: TimeEntry) -> Membership | None:
    return entry.member if entry.member_id != actor.pk else None
