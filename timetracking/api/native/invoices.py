"""Invoices, to be read: what was billed to whom, line by line, as the client reads it. No internal note comes here."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from django.http import JsonResponse
from ninja import Query, Router, Schema
from pydantic import Field

from accounts.permissions import Permission, require
from accounts.requests import Request
from timetracking.api import values
from timetracking.api.native import versions
from timetracking.api.native.named import one
from timetracking.api.native.paging import Paged, PageOut, answer, check_query, take
from timetracking.api.native.schemas import Day, Instant, text_of
from timetracking.models import Client, Invoice, InvoiceLine
from timetracking.models.invoices import recipient_of, sender_of

router = Router(tags=["Invoices"])
LINE = ("id", "entry_id", "date", "group", "agent", "text", "minutes", "covered_minutes", "no_charge", "hourly_rate",
        "amount")  # fmt: skip


class InvoiceFilters(Paged):
    client_id: int | None = Field(None, ge=1)
    status: Literal["draft", "issued", "void"] | None = None
    from_: Day | None = Field(None, alias="from", description="Periods that end on this day or later.")
    to: Day | None = Field(None, description="Periods that begin on this day or earlier.")
    updated_since: Instant | None = Field(None, description="Changed at this instant or later.")


class InvoiceOut(Schema):
    """An invoice without its lines. Amounts are decimal numbers as texts, in `currency`."""

    id: int
    number: str = Field(description="Like INV-204; empty for a draft.")
    status: Literal["draft", "issued", "void"]
    client_id: int
    client_name: str
    first_on: dt.date
    last_on: dt.date = Field(description="Last day of the period.")
    issued_on: dt.date | None
    due_on: dt.date | None
    currency: str
    minutes: int = Field(description="Billed minutes, covered ones and those at no charge included.")
    net: str
    tax_name: str
    tax_percent: str
    tax: str
    total: str
    note: str = Field(description="To the client.")
    void_reason: str
    created_at: dt.datetime
    updated_at: dt.datetime
    issued_at: dt.datetime | None
    voided_at: dt.datetime | None
    version: int


class InvoicesOut(PageOut):
    items: list[InvoiceOut]


class PartyOut(Schema):
    name: str
    address: str
    tax_number: str
    email: str = ""
    terms: str = ""


class InvoiceLineOut(Schema):
    """One entry, as it was when it was billed."""

    id: int
    entry_id: int
    date: dt.date
    group: str
    agent: str
    text: str
    minutes: int
    covered_minutes: int
    no_charge: bool
    hourly_rate: str | None
    amount: str


class WholeInvoiceOut(InvoiceOut):
    sender: PartyOut
    recipient: PartyOut
    lines: list[InvoiceLineOut]


@router.get("/invoices", response=InvoicesOut, summary="Invoices and drafts")
def list_invoices(request: Request, filters: Query[InvoiceFilters]) -> JsonResponse:
    check_query(request, InvoiceFilters)
    require(request.membership, Permission.MANAGE_INVOICES)
    rows = Invoice.objects.select_related("client")
    if filters.client_id is not None:
        rows = rows.filter(client=one(Client.objects, filters.client_id))
    if filters.status is not None:
        rows = rows.filter(status=filters.status)
    if filters.from_ is not None:
        rows = rows.filter(last_on__gte=filters.from_)
    if filters.to is not None:
        rows = rows.filter(first_on__lte=filters.to)
    if filters.updated_since is not None:
        rows = rows.filter(updated_at__gte=filters.updated_since)
    page = take(rows, filters, of="invoices")
    return answer([_out(invoice) for invoice in page.rows], page.next)


@router.get("/invoices/{int:invoice_id}", response=WholeInvoiceOut, summary="One invoice with its lines")
def get_invoice(request: Request, invoice_id: int) -> JsonResponse:
    """A draft shows sender and recipient as they are today, an issued invoice as they were."""
    require(request.membership, Permission.MANAGE_INVOICES)
    invoice: Invoice = one(Invoice.objects.select_related("client"), invoice_id)
    lines = InvoiceLine.objects.filter(invoice=invoice).order_by("group", "date", "pk").values(*LINE)
    whole = _out(invoice) | {
        "sender": invoice.sender or sender_of(request.organisation),
        "recipient": invoice.recipient or recipient_of(invoice.client),
        "lines": [
            {**line, "hourly_rate": text_of(line["hourly_rate"]), "amount": text_of(line["amount"])} for line in lines
        ],
    }
    return versions.answer(whole)


def _out(invoice: Invoice) -> dict[str, Any]:
    return {
        "id": invoice.pk,
        "number": invoice.reference,
        "status": invoice.status,
        "client_id": invoice.client_id,
        "client_name": invoice.recipient.get("name") or invoice.client.name,
        "first_on": invoice.first_on.isoformat(),
        "last_on": invoice.last_on.isoformat(),
        "issued_on": _day(invoice.issued_on),
        "due_on": _day(invoice.due_on),
        "currency": invoice.currency,
        "minutes": invoice.minutes,
        "net": text_of(invoice.net),
        "tax_name": invoice.tax_name,
        "tax_percent": text_of(invoice.tax_percent),
        "tax": text_of(invoice.tax),
        "total": text_of(invoice.total),
        "note": invoice.note,
        "void_reason": invoice.void_reason,
        "created_at": values.utc(invoice.created_at),
        "updated_at": values.utc(invoice.updated_at),
        "issued_at": values.utc(invoice.issued_at),
        "voided_at": values.utc(invoice.voided_at),
        "version": invoice.version,
    }


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
