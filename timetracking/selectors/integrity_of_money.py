"""What must hold about money: amounts follow from minutes and rates, included hours suffice, invoices add up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import TruncMonth

from timetracking.models import Invoice, InvoiceLine, TimeEntry
from timetracking.rules import amounts, rates, rounding
from timetracking.selectors.integrity_reading import BATCH, Finding, batched, former_values, in_batches

ENTRY, LINE, INVOICE = "timetracking.TimeEntry", "timetracking.InvoiceLine", "timetracking.Invoice"
Values = tuple[Any, ...]


def findings() -> Iterator[Finding]:
    yield from _wrong_amounts()
    yield from _wrong_rates()
    yield from _wrongly_rounded()
    yield from _too_much_covered()
    yield from _wrongly_billed()
    yield from _lines_that_differ()
    yield from _wrong_sums()


# --- Entries ----------------------------------------------------------------------------------------------------------


def _unlike(rows: Any, names: tuple[str, ...], told: Callable[[Values], str]) -> Iterator[Finding]:
    """Entries of whose values `told` says what is wrong. Each combination of values is asked about once.

    There are few of them, however many entries there are.
    """
    for values in rows.order_by().values_list(*names).distinct().iterator(BATCH):
        if what := told(values):
            for (pk,) in batched(rows.filter(**_same(names, values)), "pk"):
                yield Finding(ENTRY, pk, what)


def _same(names: tuple[str, ...], values: Values) -> dict[str, Any]:
    named = zip(names, values, strict=True)
    return dict((f"{name}__isnull", True) if value is None else (name, value) for name, value in named)


def _wrong_amounts() -> Iterator[Finding]:
    def told(values: Values) -> str:
        currency, billed, covered, hourly, amount = values
        expected = amounts.amount(billed, covered, hourly, currency)
        return "" if amount == expected else f"has the amount {amount}, but its minutes and rate make it {expected}"

    rows = TimeEntry.unscoped.filter(billable=True)
    names = ("organisation__currency", "billed_minutes", "covered_minutes", "hourly_rate", "amount")
    yield from _unlike(rows, names, told)
    unpaid = TimeEntry.unscoped.filter(billable=False).filter(~Q(amount=0) | ~Q(covered_minutes=0))
    for (pk,) in batched(unpaid, "pk"):
        yield Finding(ENTRY, pk, "is not billable, but has an amount or covered minutes")


def _wrong_rates() -> Iterator[Finding]:
    def told(values: Values) -> str:
        base, multiplier, hourly = values
        expected = rates.Rate(base, multiplier, "").hourly
        return "" if hourly == expected else f"has the rate {hourly}, but {base} times {multiplier} is {expected}"

    decided = TimeEntry.unscoped.exclude(rate_decided_by="")
    yield from _unlike(decided, ("base_rate", "rate_multiplier", "hourly_rate"), told)


def _wrongly_rounded() -> Iterator[Finding]:
    def told(values: Values) -> str:
        minutes, rounded_by, billed = values
        increment = rounding.parse(rounded_by)
        expected = rounding.billed(minutes, increment) if increment else 0
        return "" if billed == expected else f"bills {billed} minutes, but {minutes} by {rounded_by} are {expected}"

    rounded = TimeEntry.unscoped.exclude(rounded_by="")
    yield from _unlike(rounded, ("minutes", "rounded_by", "billed_minutes"), told)


def _too_much_covered() -> Iterator[Finding]:
    """Months of which more is covered than their agreement includes, or included when they were shared out."""
    used = (
        TimeEntry.unscoped.filter(deleted_at__isnull=True, covered_minutes__gt=0)
        .order_by()
        .annotate(month=TruncMonth("date"))
        .values_list("agreement", "agreement__included_minutes_a_month", "month")
        .annotate(used=Sum("covered_minutes"))
    )
    found = [row for row in used.iterator(BATCH) if row[1] is None or row[3] > row[1]]
    former = former_values("agreement", {row[0] for row in found if row[0]}, "included_minutes_a_month")
    for agreement, included, month, minutes in found:
        most = max([included or 0, *(value for value in former.get(agreement, ()) if value is not None)])
        if minutes > most:
            what = f"covers {minutes} minutes of {_name(month)}, and includes {most}"
            yield Finding("timetracking.Agreement", agreement or 0, what)


def _name(month: dt.date) -> str:
    return f"{month:%Y-%m}"


# --- Invoices ---------------------------------------------------------------------------------------------------------


def _wrongly_billed() -> Iterator[Finding]:
    """Billed is what stands on an issued invoice, and nothing else."""
    issued = InvoiceLine.unscoped.filter(live=True, invoice__status=Invoice.Status.ISSUED)
    billed = TimeEntry.unscoped.filter(status=TimeEntry.Status.BILLED)
    for (pk,) in batched(billed.filter(~Exists(issued.filter(entry=OuterRef("pk")))), "pk"):
        yield Finding(ENTRY, pk, "is BILLED, but on no issued invoice")
    for pk, entry in batched(issued.exclude(entry__status=TimeEntry.Status.BILLED), "pk", "entry_id"):
        yield Finding(LINE, pk, f"bills entry {entry}, which is not BILLED")
    for pk, entry in batched(issued.filter(entry__billable=False, entry__no_charge=False), "pk", "entry_id"):
        yield Finding(LINE, pk, f"bills entry {entry}, which is on no invoice")
    void = Q(invoice__status=Invoice.Status.VOID)
    for pk, live in batched(InvoiceLine.unscoped.filter(void & Q(live=True) | ~void & Q(live=False)), "pk", "live"):
        yield Finding(LINE, pk, "is live on a void invoice" if live else "is not live on an invoice that is not void")


def _lines_that_differ() -> Iterator[Finding]:
    """Lines of issued invoices that say something else than their entry: those are locked together."""
    same = Q(
        amount=F("entry__amount"), minutes=F("entry__billed_minutes"), covered_minutes=F("entry__covered_minutes"),
        no_charge=F("entry__no_charge"),
    )  # fmt: skip
    issued = InvoiceLine.unscoped.filter(live=True, invoice__status=Invoice.Status.ISSUED)
    for pk, entry in batched(issued.exclude(same), "pk", "entry_id"):
        yield Finding(LINE, pk, f"says something else than its entry {entry}")


def _wrong_sums() -> Iterator[Finding]:
    sums = (
        InvoiceLine.unscoped.order_by()
        .values_list("invoice")
        .annotate(net=Sum("amount"), minutes=Sum("minutes"), lines=Count("pk"))
    )
    names = ("pk", "currency", "net", "minutes", "tax_percent", "tax", "total")
    invoices = list(batched(Invoice.unscoped.all(), *names))
    for some in in_batches(invoices):
        of_lines = {
            pk: (net, minutes) for pk, net, minutes, _lines in sums.filter(invoice__in=[row[0] for row in some])
        }
        for pk, currency, net, minutes, percent, tax, total in some:
            expected = of_lines.get(pk, (Decimal(0), 0))
            if (net, minutes) != expected:
                what = f"comes to {net} for {minutes} minutes, but its lines to {expected[0]} for {expected[1]}"
                yield Finding(INVOICE, pk, what)
            if tax != amounts.tax(net, percent, currency) or total != net + tax:
                yield Finding(INVOICE, pk, f"has {tax} of tax and a total of {total}, which {net} does not make")
