"""What is decided about an entry on each write: whether it is billed, how many minutes, at which rate, how much.

The questions are those of `rules.billable`, `rules.rounding`, `rules.rates` and `rules.amounts`; here they get their
values. The form's preview, logging, editing, re-rating and the demo all decide by `decide`.
"""

from __future__ import annotations

import datetime as dt

from timetracking.models import Agreement, TimeEntry
from timetracking.rules import amounts, billable, rates, rounding
from timetracking.services.rate_book import RateBook


def terms_of(agreement: Agreement | None, on: dt.date) -> Agreement | None:
    """The agreement, where that day lies within its dates."""
    if agreement is None or on < agreement.starts_on or (agreement.ends_on is not None and on > agreement.ends_on):
        return None
    return agreement


def decide(entry: TimeEntry, book: RateBook) -> None:
    """Set the decided fields (`rules.rerating.DECIDED`) of an entry whose other values are set; nothing is stored.

    Covered minutes stay as they are, as far as they fit: `services.coverage` shares them out.
    """
    terms = terms_of(entry.agreement, entry.date)
    _decide_billable(entry, terms, book)
    if not (entry.billable or entry.no_charge):
        _on_no_invoice(entry)
        return
    increment = increment_of(entry, terms, book)
    entry.rounded_by = str(increment)
    entry.billed_minutes = rounding.billed(entry.minutes, increment)
    has_hours = entry.billable and terms is not None and terms.included_minutes_a_month is not None
    entry.covered_minutes = min(entry.covered_minutes, entry.billed_minutes) if has_hours else 0
    rate = rates.decide(
        agreement=book.offers(terms) if terms else (),
        project=entry.project.hourly_rate if entry.project else None,
        role=book.role_rates(entry.work_role_id),
        organisation=book.organisation.default_hourly_rate,
        multiplier=entry.work_type.multiplier if entry.work_type else rates.ONE,
        work_role=entry.work_role_id,
        work_type=entry.work_type_id,
        on=entry.date,
    )
    entry.base_rate, entry.rate_multiplier = rate.base, rate.multiplier
    entry.hourly_rate, entry.rate_decided_by = rate.hourly, rate.source
    set_amount(entry, book.organisation.currency)


def set_amount(entry: TimeEntry, currency: str) -> None:
    """The amount that follows from the entry's minutes and rate; 0 for what is not billed."""
    paid = entry.billed_minutes if entry.billable else 0
    entry.amount = amounts.amount(paid, entry.covered_minutes if paid else 0, entry.hourly_rate, currency)


def increment_of(entry: TimeEntry, terms: Agreement | None, book: RateBook) -> rounding.Increment:
    """By which steps the entry is rounded: the agreement's, the client's, else the organisation's."""
    levels = [(level.value, level_of) for level, level_of in (
        (rounding.Level.AGREEMENT, terms),
        (rounding.Level.CLIENT, entry.client),
        (rounding.Level.ORGANISATION, book.organisation),
    ) if level_of is not None]  # fmt: skip
    return rounding.first_set(
        (level, of.billing_increment_minutes, of.billing_rounding, of.billing_minimum_minutes) for level, of in levels
    )


def _decide_billable(entry: TimeEntry, terms: Agreement | None, book: RateBook) -> None:
    decision = billable.decide(
        kind=entry.kind,
        option=entry.billable_option,
        ticket_flag=entry.ticket.billable_flag if entry.ticket else None,
        project_flag=entry.project.billable_flag if entry.project else None,
        agreement_option=terms.billable_option if terms else "NoDefault",
        work_type_option=entry.work_type.billable_option if entry.work_type else "NoDefault",
        organisation_default=book.organisation.billable_by_default,
    )
    entry.billable, entry.no_charge = decision.billable, decision.no_charge
    entry.billable_decided_by = decision.decided_by


def _on_no_invoice(entry: TimeEntry) -> None:
    rate = rates.NOT_BILLED
    entry.billed_minutes = entry.covered_minutes = 0
    entry.rounded_by = ""
    entry.base_rate, entry.rate_multiplier = rate.base, rate.multiplier
    entry.hourly_rate, entry.rate_decided_by = rate.hourly, rate.source
    entry.amount = amounts.ZERO
