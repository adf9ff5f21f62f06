"""Invoices: the list, a draft and what is done to it, an issued one and its files."""

from django.urls import URLPattern, path

from timetracking.urls.time import IdConverter  # noqa: F401  # `<id:…>` is known from there on
from timetracking.views import invoice_draft, invoice_files, invoices

BASE = "o/<slug:slug>/invoices/"
ONE = BASE + "<id:invoice_id>/"

urlpatterns: list[URLPattern] = [
    path(BASE, invoices.listing, name="invoices"),
    path(BASE + "new/", invoice_draft.new, name="invoice-new"),
    path(ONE, invoices.show, name="invoice"),
    path(ONE + "change/", invoice_draft.change, name="invoice-change"),
    path(ONE + "take-over/", invoice_draft.take_over, name="invoice-take-over"),
    path(ONE + "issue/", invoices.issue, name="invoice-issue"),
    path(ONE + "void/", invoices.void, name="invoice-void"),
    path(ONE + "discard/", invoices.discard, name="invoice-discard"),
    path(ONE + "history/", invoices.history, name="invoice-history"),
    path(ONE + "invoice.csv", invoice_files.csv, name="invoice-csv"),
    path(ONE + "invoice.xlsx", invoice_files.xlsx, name="invoice-xlsx"),
    path(ONE + "invoice.pdf", invoice_files.pdf, name="invoice-pdf"),
]
