"""Forms of the pages about money: how time is billed, and what stands on invoices."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts import policy_examples
from accounts.forms.policies import AT_ONCE
from accounts.forms.settings import OrganisationForm
from accounts.models import Organisation
from timesheets_site.lib.forms import PlainDecimalField


class NotField(forms.BooleanField):
    """A box that is ticked where the stored value is off: the page asks the other way round."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def clean(self, value: Any) -> Any:
        return not super().clean(value)

    def prepare_value(self, value: Any) -> Any:
        return not value

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was typed, as it would be stored; shown, it is turned around again."""
        return not data

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(not initial, data)

    def in_words(self, value: bool) -> str:
        return _now("off") if value else _now("on")


class BillingForm(OrganisationForm):
    """What decides on rates and amounts where no record does, and the goals that figures are held against."""

    intro = _("Applies to entries saved from now on, where nothing else is said.")
    rerates = True

    unapproved_invoiced = NotField(
        label=_("Invoice approved time only"),
        help_text=_("Decides whether time can be invoiced before anybody has approved it."),
    )

    class Meta:
        model = Organisation
        fields = (
            "default_hourly_rate",
            "currency",
            "billable_by_default",
            "billing_increment_minutes",
            "billing_rounding",
            "billing_minimum_minutes",
            "unapproved_invoiced",
            "over_budget",
            "billable_goal_percent",
            "utilisation_goal_percent",
        )
        field_classes = {"default_hourly_rate": PlainDecimalField}
        labels = {
            "default_hourly_rate": _("Default hourly rate"),
            "currency": _("Currency"),
            "billable_by_default": _("Billable by default"),
            "billing_increment_minutes": _("Billing increment"),
            "billing_rounding": _("Rounding"),
            "billing_minimum_minutes": _("Minimum"),
            "over_budget": _("Over budget"),
            "billable_goal_percent": _("Billable goal"),
            "utilisation_goal_percent": _("Utilisation goal"),
        }
        help_texts = {
            "default_hourly_rate": _("For time that no agreement, project or work role sets a rate for."),
            "currency": _("Three letters, like EUR. All rates and amounts are in it."),
            "billable_by_default": _("For time on tickets and projects that nothing else decides."),
            "billing_increment_minutes": _(
                "What is billed goes in steps of this, where neither the agreement nor the client has an increment. "
                "What was worked is never rounded."
            ),
            "billing_minimum_minutes": _("The least that one entry is billed. Belongs to this increment."),
            "over_budget": _("Decides what happens when time is logged on a project whose budget is used up."),
            "billable_goal_percent": _("The share of all time that is to be billable. Figures are held against it."),
            "utilisation_goal_percent": _("The share of a member's capacity that is to be billable."),
        }

    pairs = {"billing_increment_minutes": "billing_rounding"}
    units = {
        "billing_increment_minutes": _("minutes"),
        "billing_minimum_minutes": _("minutes"),
        "billable_goal_percent": "%",
        "utilisation_goal_percent": "%",
    }
    takes_effect = {
        "currency": _("Counts at once. It is fixed once there is an invoice."),
        "unapproved_invoiced": AT_ONCE,
        "over_budget": AT_ONCE,
        "billable_goal_percent": AT_ONCE,
        "utilisation_goal_percent": AT_ONCE,
    }

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def examples(self, now: Organisation) -> dict[str, Any]:
        step, rounding = now.billing_increment_minutes, now.billing_rounding
        minimum = now.billing_minimum_minutes
        return {
            "default_hourly_rate": policy_examples.default_rate(now.default_hourly_rate, now.currency),
            "currency": _("Another one converts nothing: figures that are stored stay the same numbers."),
            "billable_by_default": policy_examples.billable_by_default(now.billable_by_default),
            "billing_increment_minutes": policy_examples.increment(step, rounding, minimum),
            "billing_minimum_minutes": policy_examples.minimum(step, rounding, minimum),
            "unapproved_invoiced": policy_examples.approved_only(not now.unapproved_invoiced),
            "over_budget": policy_examples.over_budget(now.over_budget),
            "billable_goal_percent": policy_examples.billable_goal(now.billable_goal_percent),
            "utilisation_goal_percent": policy_examples.utilisation_goal(now.utilisation_goal_percent),
        }


class InvoicesForm(OrganisationForm):
    """What stands on every invoice."""

    intro = _("Applies to invoices issued from now on. Those that are issued stay as they are.")

    class Meta:
        model = Organisation
        fields = (
            "legal_name",
            "address",
            "tax_number",
            "tax_name",
            "tax_percent",
            "payment_days",
            "invoice_terms",
            "invoice_prefix",
            "first_invoice_number",
        )
        field_classes = {"tax_percent": PlainDecimalField}
        widgets = {"address": forms.Textarea(attrs={"rows": 4}), "invoice_terms": forms.Textarea(attrs={"rows": 4})}
        labels = {
            "legal_name": _("Legal name"),
            "address": _("Address"),
            "tax_number": _("Tax number"),
            "tax_name": _("Tax"),
            "tax_percent": _("Percent"),
            "payment_days": _("Days to pay"),
            "invoice_terms": _("Terms"),
            "invoice_prefix": _("Numbers"),
            "first_invoice_number": _("First number"),
        }
        help_texts = {
            "legal_name": _("Who sends the invoice. Empty: the organisation's name."),
            "address": _("Stands under the name."),
            "tax_number": _("Stands on the invoice where there is one."),
            "tax_name": _("What the tax is called, like VAT, and how much is added to the net sum."),
            "payment_days": _("Sets the due date, counted from the day of issue."),
            "invoice_terms": _("Stand at the end: how to pay, what happens when it is late."),
            "invoice_prefix": _("What stands before each number, and the number that the first invoice gets."),
        }

    pairs = {"tax_name": "tax_percent", "invoice_prefix": "first_invoice_number"}
    units = {"tax_percent": "%", "payment_days": _("days")}

    def examples(self, now: Organisation) -> dict[str, Any]:
        return {
            "tax_name": policy_examples.tax(now.tax_name, now.tax_percent),
            "payment_days": policy_examples.payment(now.payment_days),
            "invoice_prefix": policy_examples.invoice_number(now.invoice_prefix, now.first_invoice_number),
        }
