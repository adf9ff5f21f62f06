"""check_integrity finds amounts, included hours and invoices that do not add up, and nothing in what services wrote."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests import factories
from tests.timetracking.invoices.billing import DAY, FIRST, LAST, billed_entry
from tests.timetracking.test_check_integrity import break_row, found
from timetracking.models import Invoice, InvoiceLine, TimeEntry
from timetracking.services import catalogue, invoices, time_entries

MONDAY = dt.date(2026, 6, 15)


@pytest.fixture
def priced(acme, alice, carol):
    """Three quarters of an hour of Carol's, of which a quarter is covered; logged by the service."""
    alice.organisation.billing_increment_minutes = 15
    alice.organisation.default_hourly_rate = Decimal(80)
    agreement = factories.AgreementFactory(included_minutes_a_month=15)
    ticket = factories.TicketFactory(client=agreement.client, agreement=agreement)
    entry = time_entries.log(alice, member=carol, kind="TICKET", ticket=ticket, date=MONDAY, minutes=40, subject="x")
    assert (entry.billed_minutes, entry.covered_minutes, entry.amount) == (45, 15, Decimal(40))
    assert found() == []
    return entry


@pytest.fixture
def client_(acme):
    return factories.ClientFactory()


@pytest.fixture
def billed(alice, carol, client_):
    """Two entries of Carol's on an issued invoice, one of them at no charge."""
    project = factories.ProjectFactory(client=client_)
    entries = [billed_entry(carol, project=project), billed_entry(carol, project=project, no_charge=True)]
    invoice = invoices.draft(alice, client=client_, first_on=FIRST, last_on=LAST)
    invoices.issue(alice, invoice.pk, version=invoice.version)
    assert found() == []
    return entries


# --- Entries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ({"amount": Decimal("40.01")}, "has the amount 40.01, but its minutes and rate make it 40.00"),
        ({"covered_minutes": 0}, "has the amount 40, but its minutes and rate make it 60.00"),
        ({"base_rate": Decimal(70)}, "has the rate 80.0000, but 70.0000 times 1.000 is 70.0000"),
        ({"rate_multiplier": Decimal("1.5")}, "has the rate 80.0000, but 80.0000 times 1.500 is 120.0000"),
        ({"base_rate": None}, "has the rate 80.0000, but None times 1.000 is None"),
        (
            {"minutes": 50},
            "bills 45 minutes, but 50 by organisation:15:up:0 are 60",
        ),
    ],
)
def test_what_does_not_follow_from_the_entrys_own_values(priced, broken, what):
    factories.TimeEntryFactory(member=priced.member, date=MONDAY)  # of which nothing is decided
    break_row(priced, **broken)
    assert found() == [("TimeEntry", priced.pk, what)]


def test_covered_minutes_of_what_is_not_billed(priced):
    break_row(priced, billable=False, no_charge=True, amount=0)
    assert found() == [("TimeEntry", priced.pk, "is not billable, but has an amount or covered minutes")]


def test_each_of_the_entries_with_the_same_wrong_values_is_named(priced, alice, carol):
    twin = time_entries.log(
        alice, member=carol, kind="TICKET", ticket=priced.ticket, date=MONDAY, minutes=40, subject="y"
    )
    TimeEntry.unscoped.update(amount=Decimal(7), covered_minutes=0)
    assert [line[:2] for line in found()] == [("TimeEntry", priced.pk), ("TimeEntry", twin.pk)]


def test_the_amount_is_in_the_currencys_own_decimals(priced, acme):
    type(acme).objects.filter(pk=acme.pk).update(currency="JPY")
    assert found() == []
    break_row(priced, covered_minutes=14)
    assert [line[2] for line in found()] == ["has the amount 40, but its minutes and rate make it 41"]


# --- Included hours ---------------------------------------------------------------------------------------------------


def test_more_is_covered_than_the_agreement_includes(priced, alice):
    agreement = priced.agreement
    break_row(agreement, included_minutes_a_month=14)
    assert found() == [("Agreement", agreement.pk, "covers 15 minutes of 2026-06, and includes 14")]
    break_row(agreement, included_minutes_a_month=None)
    assert found() == [("Agreement", agreement.pk, "covers 15 minutes of 2026-06, and includes 0")]
    break_row(priced, deleted_at=priced.created_at)
    assert found() == []


def test_what_was_included_when_it_was_shared_out_is_no_break(priced, alice):
    agreement = priced.agreement
    agreement = catalogue.edit(alice, agreement, version=agreement.version, included_minutes_a_month=5)
    assert found() == []
    break_row(priced, covered_minutes=45, amount=0)
    assert found() == [("Agreement", agreement.pk, "covers 45 minutes of 2026-06, and includes 15")]


def test_each_month_has_its_own(priced, alice, carol):
    last_month = MONDAY - dt.timedelta(days=30)
    time_entries.log(alice, member=carol, kind="TICKET", ticket=priced.ticket, date=last_month, minutes=40, subject="x")
    assert TimeEntry.objects.filter(covered_minutes=15).count() == 2
    assert found() == []


# --- Invoices ---------------------------------------------------------------------------------------------------------


def test_a_void_invoice_and_a_draft_are_in_order(billed, alice, client_):
    invoice = Invoice.objects.get()
    invoices.void(alice, invoice.pk, version=invoice.version, reason="Wrong month")
    assert found() == []
    invoices.draft(alice, client=client_, first_on=FIRST, last_on=LAST)
    assert found() == []


def test_billed_without_an_invoice_and_on_one_without_being_billed(billed, carol):
    stray = billed_entry(carol, project=factories.ProjectFactory(), status="BILLED", date=DAY)
    assert found() == [("TimeEntry", stray.pk, "is BILLED, but on no issued invoice")]
    break_row(stray, status="APPROVED")
    break_row(billed[0], status="APPROVED")
    line = InvoiceLine.objects.get(entry=billed[0])
    assert found() == [("InvoiceLine", line.pk, f"bills entry {billed[0].pk}, which is not BILLED")]


def test_on_an_invoice_what_is_not_billed(billed):
    break_row(billed[1], no_charge=False)
    line = InvoiceLine.objects.get(entry=billed[1])
    assert found() == [
        ("InvoiceLine", line.pk, f"bills entry {billed[1].pk}, which is on no invoice"),
        ("InvoiceLine", line.pk, f"says something else than its entry {billed[1].pk}"),
    ]


def test_a_line_that_says_something_else_than_its_entry(billed):
    line = InvoiceLine.objects.get(entry=billed[0])
    break_row(billed[0], billed_minutes=30, amount=Decimal(40))
    assert found() == [("InvoiceLine", line.pk, f"says something else than its entry {billed[0].pk}")]


def test_lines_that_live_on_after_their_invoice_or_died_before(billed, alice):
    invoice, line = Invoice.objects.get(), InvoiceLine.objects.get(entry=billed[1])
    break_row(line, live=False)
    assert found() == [
        ("TimeEntry", billed[1].pk, "is BILLED, but on no issued invoice"),
        ("InvoiceLine", line.pk, "is not live on an invoice that is not void"),
    ]
    break_row(line, live=True)
    invoices.void(alice, invoice.pk, version=invoice.version, reason="Wrong month")
    break_row(line, live=True)
    assert found() == [("InvoiceLine", line.pk, "is live on a void invoice")]


def test_an_invoice_that_does_not_add_up(acme, alice, carol, client_):
    billed_entry(carol, project=factories.ProjectFactory(client=client_))
    invoice = invoices.draft(alice, client=client_, first_on=FIRST, last_on=LAST)
    assert (invoice.net, found()) == (80, [])
    break_row(invoice, net=Decimal(81), total=Decimal(81))
    what = "comes to 81 for 60 minutes, but its lines to 80 for 60"
    assert found() == [("Invoice", invoice.pk, what)]
    break_row(invoice, net=Decimal(80), tax=Decimal(16), total=Decimal(96))
    assert found() == [("Invoice", invoice.pk, "has 16 of tax and a total of 96, which 80 does not make")]
    break_row(invoice, tax=0, total=Decimal(80), minutes=59)
    assert found() == [("Invoice", invoice.pk, "comes to 80 for 59 minutes, but its lines to 80 for 60")]
