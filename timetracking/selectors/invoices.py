"""The list of invoices, and the history of one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEvent, Membership
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable
from timetracking.models import Client, Invoice
from timetracking.rules import amounts, durations

Status = Invoice.Status
ROWS_A_PAGE = 50
LONGEST_SEARCH = 200
TONES = {Status.DRAFT: "warn", Status.ISSUED: "ok", Status.VOID: "outline"}


@dataclass(frozen=True)
class Query:
    """What is asked for: a status, a client, part of a number or of a client's name."""

    status: str = ""
    client_id: int | None = None
    q: str = ""
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        return bool(self.status or self.client_id or self.q)

    def address(self, **changed: Any) -> str:
        values = {"status": self.status, "client": self.client_id, "q": self.q, **changed}
        return urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True)
class Tab(Printable):
    label: str
    query: str
    count: int
    is_current: bool


@dataclass(frozen=True)
class Row(Printable):
    name: str
    url: str
    client: str
    client_url: str
    period: str
    date: str
    due: str
    is_past_due: bool
    status: str
    tone: str
    total: str


@dataclass(frozen=True)
class InvoiceList(Printable):
    rows: list[Row]
    tabs: list[Tab]
    clients: list[Client]
    page: Page[Invoice]
    query: Query


def read_query(params: Any) -> Query:
    """The list's address; what can't be read is left out."""
    status, client, page = params.get("status", ""), params.get("client", ""), params.get("page", "")
    return Query(
        status=status if status in Status.values else "",
        client_id=_number(client),
        q=params.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH],
        page=_number(page) or 1,
    )


def invoice_list(actor: Membership, query: Query) -> InvoiceList:
    """One page of invoices, the latest first: drafts, then by number."""
    slug, today = actor.organisation.slug, actor.today()
    found = Invoice.objects.select_related("client")
    if query.client_id:
        found = found.filter(client=query.client_id)
    if query.q:
        found = found.filter(Q(reference__icontains=query.q) | Q(client__name__icontains=query.q))
    counts = dict(found.order_by().values_list("status").annotate(count=Count("pk")))
    if query.status:
        found = found.filter(status=query.status)
    page = Paginator(found.order_by("-created_at", "-pk"), ROWS_A_PAGE).get_page(query.page)
    billed = Invoice.objects.order_by().values("client")
    return InvoiceList(
        rows=[_row(slug, invoice, today) for invoice in page.object_list],
        tabs=_tabs(query, counts),
        clients=list(Client.objects.filter(pk__in=billed)),
        page=page,
        query=query,
    )


def _tabs(query: Query, counts: dict[str, int]) -> list[Tab]:
    listed = [("", _("All"), sum(counts.values()))]
    listed += [(status.value, str(label), counts.get(status.value, 0)) for status, label in TAB_LABELS.items()]
    return [Tab(label, query.address(status=value), count, value == query.status) for value, label, count in listed]


TAB_LABELS = {
    Status.DRAFT: gettext_lazy("Drafts"),
    Status.ISSUED: gettext_lazy("Issued"),
    Status.VOID: gettext_lazy("Void"),
}


def _row(slug: str, invoice: Invoice, today: dt.date) -> Row:
    is_issued = invoice.status == Status.ISSUED
    return Row(
        name=invoice.reference or _("Draft"),
        url=address("invoice", slug, invoice.pk),
        client=invoice.client.name,
        client_url=address("client", slug, invoice.client_id),
        period=dates.day_range(invoice.first_on, invoice.last_on),
        date=dates.full(invoice.issued_on) if invoice.issued_on else "",
        due=dates.full(invoice.due_on) if invoice.due_on and is_issued else "",
        is_past_due=is_issued and invoice.due_on is not None and invoice.due_on < today,
        status=str(invoice.get_status_display()),
        tone=TONES[Status(invoice.status)],
        total=amounts.money(invoice.total, invoice.currency),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


# --- The history of one -----------------------------------------------------------------------------------------------

ACTIONS = {
    "invoice.drafted": gettext_lazy("drafted this invoice"),
    "invoice.updated": gettext_lazy("changed the draft"),
    "invoice.issued": gettext_lazy("issued this invoice"),
    "invoice.voided": gettext_lazy("voided this invoice"),
}
LABELS = {
    "grouping": gettext_lazy("Grouped by"),
    "note": gettext_lazy("Note to the client"),
    "status": gettext_lazy("Status"),
    "reference": gettext_lazy("Invoice number"),
    "reason": gettext_lazy("Reason"),
    "currency": gettext_lazy("Currency"),
    "tax_name": gettext_lazy("Name of the tax"),
    "tax_percent": gettext_lazy("Tax in percent"),
}
COUNTED = {
    "entries": gettext_lazy("Entries"),
    "taken_in": gettext_lazy("Taken in"),
    "left_out": gettext_lazy("Left out"),
    "taken_over": gettext_lazy("Changes taken over"),
}


@dataclass(frozen=True)
class HistoryLine(Printable):
    who: str
    what: str
    when: str
    changes: list[tuple[str, str, str]]


def history_of(actor: Membership, invoice: Invoice) -> list[HistoryLine]:
    """Who did what to an invoice, newest first; moments in the reader's zone."""
    events = AuditEvent.objects.filter(object_type="invoice", object_id=invoice.pk)
    return [
        HistoryLine(
            who=str(event.actor) if event.actor else _("The product"),
            what=str(ACTIONS.get(event.action, event.action)),
            when=dates.moment(event.at, actor.zone),
            changes=list(_changes(event)),
        )
        for event in events.select_related("actor").order_by("-pk")
    ]


def _changes(event: AuditEvent) -> Any:
    first = event.action == "invoice.drafted"
    for name, (before, after) in event.changes.items():
        if name in COUNTED:
            yield str(COUNTED[name]), "", durations.grouped(len(before) + len(after))
        elif name in LABELS and (name not in ("currency",) or not first):
            yield str(LABELS[name]), _plain(name, before) if before and not first else "", _plain(name, after)


def _plain(name: str, value: Any) -> str:
    if value in (None, ""):
        return "–"
    if name == "status":
        return str(Status(value).label)
    if name == "grouping":
        return str(Invoice.Grouping(value).label)
    return str(value)
