"""Invoices: what billed the approved time of a client, line by line."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from accounts.tenancy import OrganisationOwned
from timetracking.models.amounts import AmountField
from timetracking.models.catalogue import Client
from timetracking.models.time_entries import TimeEntry


class Invoice(OrganisationOwned):
    """The record that bills approved time of one client and period. Once issued only its status changes."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Issued")
        VOID = "void", _("Void")

    class Grouping(models.TextChoices):
        """What the lines are put together by, for the client to read."""

        PROJECT = "project", _("Project")
        TICKET = "ticket", _("Ticket or project")
        ROLE = "role", _("Work role")

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("client"))
    status = models.CharField(_("status"), max_length=6, choices=Status.choices, default=Status.DRAFT)
    first_on = models.DateField(_("from"))
    last_on = models.DateField(_("to"))
    """The period's last day, included."""
    grouping = models.CharField(_("grouped by"), max_length=7, choices=Grouping.choices, default=Grouping.PROJECT)
    note = models.TextField(_("note to the client"), blank=True, max_length=2_000)
    currency = models.CharField(max_length=3)

    # Set when it is issued
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    reference = models.CharField(_("invoice number"), max_length=20, blank=True)
    """Prefix and number as they were when it was issued: `INV-204`."""
    issued_on = models.DateField(_("date"), null=True, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    issued_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sender = models.JSONField(default=dict)
    """The organisation as it was then: legal name, address, tax number, terms."""
    recipient = models.JSONField(default=dict)
    """The client as it was then: name, address, tax number."""

    # Kept in step with the lines
    minutes = models.PositiveIntegerField(default=0)
    """Billed minutes, covered ones and those at no charge included."""
    net = AmountField(_("net"), default=0)
    tax_name = models.CharField(max_length=20, blank=True)
    tax_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    tax = AmountField(_("tax"), default=0)
    total = AmountField(_("total"), default=0)

    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    void_reason = models.TextField(_("why it was voided"), blank=True, max_length=2_000)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-number", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="invoice_number_once"),
            models.UniqueConstraint(
                fields=["organisation", "reference"], condition=~Q(reference=""), name="invoice_reference_once"
            ),
            models.CheckConstraint(
                condition=Q(status="draft", number__isnull=True) | ~Q(status="draft") & Q(number__isnull=False),
                name="invoice_number_once_issued",
            ),
            models.CheckConstraint(condition=Q(last_on__gte=models.F("first_on")), name="invoice_period_in_order"),
            models.CheckConstraint(
                condition=Q(total=models.F("net") + models.F("tax")), name="invoice_total_is_net_and_tax"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "client", "status"], name="invoice_by_client"),
            models.Index(fields=["organisation", "status", "created_at"], name="invoice_by_status"),
        ]

    def __str__(self) -> str:
        return self.reference or str(_("Draft invoice"))


class InvoiceLine(OrganisationOwned):
    """One time entry on an invoice, with what was billed for it as it was then."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines", db_index=False)
    entry = models.ForeignKey(TimeEntry, on_delete=models.PROTECT, related_name="invoice_lines", db_index=False)
    live = models.BooleanField(default=True)
    """False once the invoice is void: the entry may be billed anew."""
    entry_version = models.PositiveIntegerField()
    """The version of the entry that these values were taken from."""
    date = models.DateField(_("date"))
    group = models.CharField(_("group"), max_length=300)
    """Heading that the line stands under: a project, a ticket, a work role."""
    agent = models.CharField(_("agent"), max_length=150)
    text = models.CharField(_("text"), max_length=200)
    """The entry's subject. Its internal note never comes here."""
    minutes = models.PositiveIntegerField()
    """Billed minutes."""
    covered_minutes = models.PositiveIntegerField(default=0)
    no_charge = models.BooleanField(default=False)
    hourly_rate = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    amount = AmountField(default=0)

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        ordering = ["invoice", "group", "date", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["entry"], condition=Q(live=True), name="entry_on_one_live_invoice"),
            models.UniqueConstraint(fields=["invoice", "entry"], name="entry_once_on_an_invoice"),
        ]
        indexes = [models.Index(fields=["entry"], name="invoice_line_by_entry")]

    def __str__(self) -> str:
        return self.text


def unbilled(client: Client | int, first_on: dt.date | None, last_on: dt.date | None) -> Any:
    """The client's entries that a draft could take in, or that would have to be approved or priced first.

    What is on an issued invoice is not among them. `draft` is the draft that has an entry, if one has.
    """
    entries = TimeEntry.objects.filter(Q(billable=True) | Q(no_charge=True), client=client)
    if first_on is not None:
        entries = entries.filter(date__gte=first_on)
    if last_on is not None:
        entries = entries.filter(date__lte=last_on)
    live = FilteredRelation("invoice_lines", condition=Q(invoice_lines__live=True))
    return entries.exclude(status=TimeEntry.Status.BILLED).annotate(live_line=live, draft=F("live_line__invoice"))


def invoices_of(entry_ids: Any) -> dict[int, tuple[int, str]]:
    """Id and number of the issued invoice that bills each of these entries; drafts and void ones bill nothing."""
    lines = InvoiceLine.objects.filter(entry__in=entry_ids, live=True, invoice__status=Invoice.Status.ISSUED)
    return {entry: (pk, ref) for entry, pk, ref in lines.values_list("entry", "invoice", "invoice__reference")}


def invoice_number_of(entry: TimeEntry) -> str:
    """The number of the invoice that bills an entry; empty, and without a query, for what is not billed."""
    if entry.status != TimeEntry.Status.BILLED:
        return ""
    return invoices_of([entry.pk]).get(entry.pk, (0, ""))[1]


def sender_of(organisation: Organisation) -> dict[str, str]:
    """Who sends an invoice, as it stands on it."""
    return {
        "name": organisation.legal_name or organisation.name,
        "address": organisation.address,
        "tax_number": organisation.tax_number,
        "terms": organisation.invoice_terms,
    }


def recipient_of(client: Client) -> dict[str, str]:
    """Who gets an invoice, as it stands on it."""
    return {
        "name": client.name,
        "address": client.billing_address,
        "email": client.billing_email,
        "tax_number": client.tax_number,
    }
