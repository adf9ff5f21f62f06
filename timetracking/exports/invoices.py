"""The columns of an invoice's tables, and its totals below them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from timesheets_site.lib.workbooks import Column, Kind
from timetracking.models import Invoice
from timetracking.selectors.invoice_paper import Line, totals_of


def columns_of(invoice: Invoice) -> list[Column]:
    """Neither descriptions nor internal notes are among them."""
    currency = invoice.currency
    return [
        Column(str(invoice.get_grouping_display()), lambda line: line.group, width=32),
        Column(_("Date"), lambda line: line.date, Kind.DATE),
        Column(_("Description"), lambda line: line.text, width=44),
        Column(_("Agent"), lambda line: line.agent),
        Column(_("Hours"), lambda line: line.minutes, Kind.MINUTES, csv_header=_("Minutes")),
        Column(_("Included hours"), lambda line: line.covered_minutes, Kind.MINUTES, csv_header=_("Included minutes")),
        Column(_("Charge"), _charge, width=12),
        Column(_("Hourly rate"), lambda line: None if line.no_charge else line.hourly_rate, Kind.RATE, currency, 16),
        Column(_("Amount"), lambda line: line.amount, Kind.MONEY, currency),
    ]


def totals_rows(invoice: Invoice) -> list[Sequence[Any]]:
    """A row for each of net, tax and total, as wide as the others; minutes stand beside the last."""
    totals = totals_of(invoice)
    rows: list[Sequence[Any]] = []
    for place, (label, amount) in enumerate(totals):
        minutes = invoice.minutes if place == len(totals) - 1 else None
        rows.append((label, None, "", "", minutes, None, "", None, amount))
    return rows


def file_name(invoice: Invoice, slug: str, extension: str) -> str:
    """`invoice_acme_INV-204.pdf`; a draft by its id. Made of our words and of letters that need no quoting."""
    name = invoice.reference.replace("/", "-") or f"draft-{invoice.pk}"
    return f"invoice_{slug}_{name}.{extension}"


def _charge(line: Line) -> str:
    return _("No charge") if line.no_charge else _("Charged")
