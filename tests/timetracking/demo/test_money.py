"""The demo's money: rates with a history, included hours that run out, invoices; all of it as the services decide."""

from __future__ import annotations

import copy
import datetime as dt
from decimal import Decimal

import pytest
from django.db.models import Sum

from accounts.tenancy import organisation_scope
from tests.timetracking.demo.conftest import DAY, THURSDAY, findings, firm, member
from timetracking.demo import load
from timetracking.demo.harbourside import ABBOT, INCLUDED, MARLOW, NORTHWIND
from timetracking.demo.stories import STORIES
from timetracking.models import Agreement, Invoice, TimeEntry, WorkRoleRate
from timetracking.rules import coverage as months
from timetracking.rules.rerating import DECIDED
from timetracking.services import coverage
from timetracking.services.entry_decisions import decide
from timetracking.services.rate_book import RateBook
from timetracking.services.time_entries import DECIDING

pytestmark = pytest.mark.django_db
MAY, JUNE = dt.date(2026, 5, 1), dt.date(2026, 6, 1)


@pytest.fixture
def harbourside(loaded):
    organisation = firm("harbourside")
    with organisation_scope(organisation):
        yield organisation


def of_month(agreement: Agreement, month: dt.date):
    first, end = months.month_of(month)
    return TimeEntry.objects.filter(agreement=agreement, date__gte=first, date__lt=end, billable=True)


@pytest.mark.parametrize("slug", STORIES)
def test_each_entry_is_what_the_service_would_decide(loaded, slug):
    with organisation_scope(firm(slug)):
        book = RateBook(firm(slug))
        for entry in TimeEntry.with_deleted.select_related(*DECIDING):
            again = copy.copy(entry)
            decide(again, book)
            assert [getattr(again, name) for name in DECIDED] == [getattr(entry, name) for name in DECIDED]
            if entry.kind != "GENERAL":
                assert entry.work_type is not None and entry.work_role_id == entry.member.default_work_role_id


@pytest.mark.parametrize("slug", STORIES)
def test_sharing_out_the_included_hours_again_changes_nothing(loaded, slug):
    with organisation_scope(firm(slug)):
        admin = member("hannah@harbourside.example" if slug == "harbourside" else "maya@larchstreet.example")
        places = TimeEntry.objects.filter(agreement__included_minutes_a_month__isnull=False, billable=True)
        pools = [pool.whole() for pool in coverage.pools((e.agreement, e.date) for e in places)]
        assert len(pools) >= 3
        assert coverage.share_out(admin, pools) == 0


def test_included_hours_cover_a_part_of_the_month(harbourside):
    agreement = Agreement.objects.get(name=INCLUDED)
    entries = of_month(agreement, MAY)
    assert entries.aggregate(sum=Sum("covered_minutes"))["sum"] == agreement.included_minutes_a_month == 600
    assert entries.filter(covered_minutes__gt=0, amount=0).exists()
    assert entries.filter(covered_minutes=0, amount__gt=0).exists()


def test_rates_rose_some_weeks_ago_and_later_work_costs_more(harbourside):
    rise = max(WorkRoleRate.objects.values_list("starts_on", flat=True))
    assert rise == dt.date(2026, 5, 11)
    by_role = TimeEntry.objects.filter(rate_decided_by="work_role", work_role__name="Level 2 Tech", rate_multiplier=1)
    assert set(by_role.filter(date__lt=rise).values_list("hourly_rate", flat=True)) == {Decimal(80)}
    assert set(by_role.filter(date__gte=rise).values_list("hourly_rate", flat=True)) == {Decimal(84)}


def test_every_source_of_a_rate_and_every_level_of_an_increment_is_there(harbourside):
    entries = TimeEntry.objects.all()
    assert set(entries.values_list("rate_decided_by", flat=True)) >= {"agreement", "project", "work_role", "not_billed"}
    levels = {rounded.partition(":")[0] for rounded in entries.values_list("rounded_by", flat=True)}
    assert levels == {"", "agreement", "client", "organisation"}
    assert entries.filter(rounded_by="client:15:up:30", billed_minutes=30, minutes__lt=30).exists()
    types = set(entries.values_list("work_type__name", flat=True))
    assert types == {None, "Regular", "Overtime", "Travel", "On-site", "Remote"}


def test_last_months_invoices(harbourside):
    invoices = {invoice.client.name: invoice for invoice in Invoice.objects.select_related("client")}
    assert {name: invoice.status for name, invoice in invoices.items()} == {
        ABBOT: "issued", MARLOW: "void", NORTHWIND: "draft",
    }  # fmt: skip
    assert (invoices[ABBOT].reference, invoices[MARLOW].reference) == ("INV-204", "INV-205")
    assert {(invoice.first_on, invoice.last_on) for invoice in invoices.values()} == {(MAY, JUNE - DAY)}
    billed = TimeEntry.objects.filter(status="BILLED")
    assert set(billed.values_list("client__name", flat=True)) == {ABBOT}
    assert invoices[ABBOT].total > invoices[ABBOT].net > 0
    assert invoices[ABBOT].sender["address"] and invoices[ABBOT].recipient["address"]
    with organisation_scope(firm("larch-street")):
        assert Invoice.objects.get().reference == "LS-1"


def test_a_manager_issues_invoices(harbourside):
    assert member("tom@harbourside.example").issues_invoices


def test_later_days_draw_from_what_is_left_of_the_month(loaded):
    load.load(THURSDAY + 12 * DAY)
    assert findings() == []
    with organisation_scope(firm("harbourside")):
        agreement = Agreement.objects.get(name=INCLUDED)
        used = of_month(agreement, JUNE).aggregate(sum=Sum("covered_minutes"))["sum"]
        assert used == agreement.included_minutes_a_month
