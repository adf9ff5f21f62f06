"""What of an organisation's money is settled once there are amounts and invoices: its currency, used numbers."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from accounts.models import Organisation
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import Invoice, TimeEntry
from timetracking.rules import amounts, rates


def check(organisation: Organisation, changed: Collection[str]) -> None:
    """Refuse what contradicts what is stored. Raises RuleViolation: currency_fixed, number_used, amount_too_large."""
    if "currency" in changed:
        _check_currency(organisation)
    if "first_invoice_number" in changed:
        _check_first_number(organisation)
    rate = organisation.default_hourly_rate
    if "default_hourly_rate" in changed and rate is not None and rate > rates.LARGEST_RATE:
        raise RuleViolation("amount_too_large", _("Enter 9,999,999 or less."), "default_hourly_rate")


def _check_currency(organisation: Organisation) -> None:
    if Invoice.objects.exists():
        text = _("The currency is fixed, since there are invoices in it.")
        raise RuleViolation("currency_fixed", text, "currency")
    stored = Organisation.objects.values_list("currency", flat=True).get(pk=organisation.pk)
    same_places = amounts.minor_unit(stored) == amounts.minor_unit(organisation.currency)
    if not same_places and TimeEntry.with_deleted.exclude(amount=0).exists():
        text = _("Entries carry amounts already, and this currency has other decimals. Choose one with the same.")
        raise RuleViolation("currency_fixed", text, "currency")


def _check_first_number(organisation: Organisation) -> None:
    used = Invoice.objects.filter(number__gte=organisation.first_invoice_number).order_by("-number")
    highest = used.values_list("number", flat=True).first()
    if highest is not None:
        text = _("Invoice number %(number)s is used already. Choose a higher one.") % {"number": highest}
        raise RuleViolation("number_used", text, "first_invoice_number")
