"""The pages about money: what they say, what they store, what they refuse once there are amounts and invoices."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from accounts import policy_examples
from accounts.models import AuditEvent, Organisation
from accounts.services import organisations
from tests import factories
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import Invoice

BILLING, INVOICES = "/o/acme/settings/billing/", "/o/acme/settings/invoices/"


@pytest.fixture
def stored(acme_organisation):
    return lambda: Organisation.objects.get(pk=acme_organisation.pk)


def billing(**typed):
    return {
        "version": 1, "default_hourly_rate": "", "currency": "EUR", "billable_by_default": "on",
        "billing_increment_minutes": "1", "billing_rounding": "up", "billing_minimum_minutes": "0",
        "unapproved_invoiced": "on", "over_budget": "warn", "billable_goal_percent": "80",
        "utilisation_goal_percent": "75", **typed,
    }  # fmt: skip


def invoices(**typed):
    return {
        "version": 1, "legal_name": "", "address": "", "tax_number": "", "tax_name": "", "tax_percent": "0",
        "payment_days": "30", "invoice_terms": "", "invoice_prefix": "INV-", "first_invoice_number": "1", **typed,
    }  # fmt: skip


def an_invoice(alice, number: int | None) -> Invoice:
    now = timezone.now()
    values = {"status": "issued", "number": number, "reference": f"INV-{number}"} if number else {}
    return Invoice.objects.create(
        client=factories.ClientFactory(), first_on="2026-05-01", last_on="2026-05-31", currency="EUR",
        created_at=now, created_by=alice, updated_at=now, **values,
    )  # fmt: skip


def test_what_is_sent_back_unchanged_changes_nothing(as_alice, acme, stored):
    before = Organisation.objects.values().get(pk=acme.pk)
    for n, (path, typed) in enumerate(((BILLING, billing()), (INVOICES, invoices())), 1):
        assert as_alice.post(path, typed | {"version": n})["Location"] == path
    assert not AuditEvent.objects.exists()
    assert Organisation.objects.values().get(pk=acme.pk) == before | {"version": 3}


def test_billing_is_stored_recorded_and_shown(as_alice, acme, stored):
    typed = billing(
        default_hourly_rate="90.5", currency="usd", billing_increment_minutes="15", billing_rounding="nearest",
        billing_minimum_minutes="30", over_budget="refuse", billable_goal_percent="70", utilisation_goal_percent="65",
    )  # fmt: skip
    del typed["billable_by_default"], typed["unapproved_invoiced"]
    assert as_alice.post(BILLING, typed).status_code == 302
    now = stored()
    assert (now.default_hourly_rate, now.currency, now.billable_by_default) == (Decimal("90.5"), "USD", False)
    rounding = (now.billing_increment_minutes, now.billing_rounding, now.billing_minimum_minutes)
    assert rounding == (15, "nearest", 30)
    assert (now.unapproved_invoiced, now.over_budget) == (True, "refuse")  # the page asks the other way round
    assert (now.billable_goal_percent, now.utilisation_goal_percent) == (70, 65)
    changes = AuditEvent.objects.get(action="organisation.settings_changed").changes
    assert changes["default_hourly_rate"] == [None, "90.5"]
    assert changes["unapproved_invoiced"] == [False, True]
    page = as_alice.get(BILLING).content.decode()
    assert 'value="90.5"' in page
    assert "Last changed by Alice Adams" in page


def test_the_box_of_approved_time_reads_as_it_is_asked(as_alice, acme, alice, stored):
    assert as_alice.get(BILLING).context["form"]["unapproved_invoiced"].value() is True
    organisations.edit(alice, version=1, unapproved_invoiced=True)
    assert as_alice.get(BILLING).context["form"]["unapproved_invoiced"].value() is False
    ticked = as_alice.post(BILLING, billing(version=2, currency="EURO"))
    assert ticked.context["form"]["unapproved_invoiced"].value() is True
    stale = as_alice.post(BILLING, billing(version=1))
    assert stale.status_code == 409
    assert "Invoice approved time only: off" in stale.content.decode()
    assert stale.context["form"]["unapproved_invoiced"].value() is True
    assert as_alice.post(BILLING, billing(version=2)).status_code == 302
    assert stored().unapproved_invoiced is False


def test_what_stands_on_invoices_is_stored(as_alice, stored):
    typed = invoices(
        legal_name="Acme Limited", address="1 High Street\r\nBristol", tax_number="GB 1", tax_name="VAT",
        tax_percent="20", payment_days="14", invoice_terms="Pay to 12-34-56.", invoice_prefix="A-",
        first_invoice_number="204",
    )  # fmt: skip
    assert as_alice.post(INVOICES, typed).status_code == 302
    now = stored()
    assert (now.legal_name, now.address.splitlines()) == ("Acme Limited", ["1 High Street", "Bristol"])
    assert (now.tax_number, now.tax_name, now.tax_percent) == ("GB 1", "VAT", 20)
    assert (now.payment_days, now.invoice_terms) == (14, "Pay to 12-34-56.")
    assert (now.invoice_prefix, now.first_invoice_number) == ("A-", 204)
    assert "Now they are called A-204, A-205 and so on" in as_alice.get(INVOICES).content.decode()


@pytest.mark.parametrize(
    ("path", "typed", "field"),
    [
        (BILLING, billing(default_hourly_rate="-1"), "default_hourly_rate"),
        (BILLING, billing(default_hourly_rate="9999999.01"), "default_hourly_rate"),
        (BILLING, billing(default_hourly_rate="1" * 5000), "default_hourly_rate"),
        (BILLING, billing(default_hourly_rate="Infinity"), "default_hourly_rate"),
        (BILLING, billing(default_hourly_rate="NaN"), "default_hourly_rate"),
        (BILLING, billing(currency="EURO"), "currency"),
        (BILLING, billing(currency="E1R"), "currency"),
        (BILLING, billing(billing_increment_minutes="0"), "billing_increment_minutes"),
        (BILLING, billing(billing_increment_minutes="481"), "billing_increment_minutes"),
        (BILLING, billing(billing_rounding="down"), "billing_rounding"),
        (BILLING, billing(billing_minimum_minutes="-1"), "billing_minimum_minutes"),
        (BILLING, billing(over_budget="shout"), "over_budget"),
        (BILLING, billing(billable_goal_percent="101"), "billable_goal_percent"),
        (INVOICES, invoices(legal_name="a\x00"), "legal_name"),
        (INVOICES, invoices(address="a" * 1001), "address"),
        (INVOICES, invoices(tax_percent="100.01"), "tax_percent"),
        (INVOICES, invoices(tax_percent="-1"), "tax_percent"),
        (INVOICES, invoices(payment_days=""), "payment_days"),
        (INVOICES, invoices(invoice_prefix="a b"), "invoice_prefix"),
        (INVOICES, invoices(invoice_prefix="<b>"), "invoice_prefix"),
        (INVOICES, invoices(first_invoice_number="0"), "first_invoice_number"),
        (INVOICES, invoices(first_invoice_number="9" * 30), "first_invoice_number"),
    ],
)
def test_bad_input_gets_the_form_again(as_alice, stored, path, typed, field):
    answer = as_alice.post(path, typed)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert stored().version == 1


def test_only_admins_have_these_pages_also_with_grants(acme, as_bob, as_carol, as_mallory, bob):
    bob.sees_rates = bob.issues_invoices = True
    bob.save()
    for path in (BILLING, INVOICES):
        assert as_bob.get(path).status_code == as_carol.get(path).status_code == 403
        assert as_mallory.get(path).status_code == 404
        assert as_bob.post(path, billing()).status_code == 403


# --- What is settled --------------------------------------------------------------------------------------------------


def refused(alice, **fields):
    with pytest.raises(RuleViolation) as refusal:
        organisations.edit(alice, version=1, **fields)
    return refusal.value.code, refusal.value.field


def test_the_currency_is_fixed_once_there_is_an_invoice(acme, alice, as_alice, stored):
    an_invoice(alice, None)
    assert refused(alice, currency="USD") == ("currency_fixed", "currency")
    answer = as_alice.post(BILLING, billing(currency="USD"))
    assert answer.status_code == 422
    assert "The currency is fixed, since there are invoices in it." in answer.content.decode()
    assert as_alice.post(BILLING, billing(default_hourly_rate="9")).status_code == 302
    assert stored().currency == "EUR"


def test_amounts_keep_to_currencies_with_the_same_decimals(acme, alice, carol):
    factories.TimeEntryFactory(member=carol, project=factories.ProjectFactory(), amount=Decimal("31.71"))
    assert refused(alice, currency="JPY") == ("currency_fixed", "currency")
    assert organisations.edit(alice, version=1, currency="USD").currency == "USD"


def test_used_invoice_numbers_are_not_given_again(acme, alice, stored):
    an_invoice(alice, 7)
    for number in (2, 7):
        assert refused(alice, first_invoice_number=number) == ("number_used", "first_invoice_number")
    organisations.edit(alice, version=1, first_invoice_number=8)
    organisations.edit(alice, version=2, invoice_prefix="A-")  # what does not change is not asked about
    assert stored().first_invoice_number == 8


def test_a_rate_is_not_negative_whoever_sets_it(acme, alice):
    assert refused(alice, default_hourly_rate=Decimal(-1)) == ("negative_amount", "default_hourly_rate")


# --- What they say ----------------------------------------------------------------------------------------------------


def test_each_setting_of_billing_says_its_effect_and_an_example(as_alice, acme):
    for row in as_alice.get(BILLING).context["form"].rows():
        assert row.field.help_text and row.example, row.field.name


@pytest.mark.parametrize(
    ("example", "words"),
    [
        (
            lambda: policy_examples.default_rate(Decimal("95"), "GBP"),
            "Now an hour of such work is 95.00 GBP, and 30m of it 47.50 GBP.",
        ),
        (lambda: policy_examples.increment(15, "up", 0), "Now 52m is billed as 60m, and 7m as 15m."),
        (lambda: policy_examples.increment(15, "nearest", 0), "Now 52m is billed as 45m, and 7m as 0m."),
        (lambda: policy_examples.minimum(1, "up", 15), "Now a call of 4m is billed as 15m."),
        (
            lambda: policy_examples.billable_goal(75),
            "With 75, a week of 40 hours meets it with 30 billable ones.",
        ),
        (
            lambda: policy_examples.utilisation_goal(75),
            "With 75, who works 30 hours a week meets it with 22.5 billable ones.",
        ),
        (lambda: policy_examples.tax("VAT", Decimal("20.00")), "Now 1,000 net has 200.00 of VAT (20 %) added."),
        (lambda: policy_examples.tax("", Decimal(0)), "With 0, nothing is added."),
        (lambda: policy_examples.payment(14), "With 14, an invoice of 23 June is due on 7 July."),
    ],
)
def test_examples(example, words):
    assert example() == words


def test_every_value_has_an_example():
    assert policy_examples.default_rate(None, "EUR")
    for effect in Organisation.Effect.values:
        assert policy_examples.over_budget(effect)
    for on in (True, False):
        assert policy_examples.billable_by_default(on) and policy_examples.approved_only(on)
