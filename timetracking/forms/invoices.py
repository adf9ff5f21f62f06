"""The forms of invoices: what a draft is for, what is changed about it, why an invoice is voided."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts import once
from timesheets_site.lib.forms import VersionField
from timetracking.models import Client, Invoice
from timetracking.rules import invoicing

LAST_MONTH, UNTIL, RANGE = "month", "until", "range"
PERIODS = [
    (LAST_MONTH, _("Last month")),
    (UNTIL, _("Everything unbilled until a day")),
    (RANGE, _("From one day to another")),
]
LONGEST_ID = 18


class NewInvoiceForm(forms.Form):
    """Client, period and grouping. Bound to the address it shows what there is; sent, it makes the draft."""

    client = forms.ModelChoiceField(
        Client.objects.none(),
        label=_("Client"),
        empty_label=_("Choose a client"),
        error_messages={"required": _("Choose a client"), "invalid_choice": _("Choose a client")},
    )
    period = forms.ChoiceField(
        label=_("Period"),
        choices=PERIODS,
        widget=forms.RadioSelect,
        initial=LAST_MONTH,
        error_messages={"required": _("Choose a period"), "invalid_choice": _("Choose a period")},
    )
    first_on = forms.DateField(
        label=_("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Enter a date")},
    )
    last_on = forms.DateField(
        label=_("To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Enter a date")},
    )
    grouping = forms.ChoiceField(
        label=_("Group by"), choices=Invoice.Grouping.choices, initial=Invoice.Grouping.PROJECT, required=False
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.initial.setdefault("key", once.new_key())
        self.fields["client"].queryset = Client.objects.order_by("name", "pk")  # type: ignore[attr-defined]
        first, last = invoicing.month_before(today)
        self.fields["first_on"].initial, self.fields["last_on"].initial = first, last

    def clean(self) -> dict[str, Any]:
        """`days` is the period: its first day (None: as far back as there is time) and its last."""
        data = super().clean() or {}
        if self.errors:
            return data
        first, last = data.get("first_on"), data.get("last_on")
        if data["period"] == LAST_MONTH:
            data["days"] = invoicing.month_before(self.today)
        elif last is None:
            self.add_error("last_on", _now("Enter the last day"))
        elif data["period"] == UNTIL:
            data["days"] = (None, last)
        elif first is None:
            self.add_error("first_on", _now("Enter the first day"))
        elif first > last:
            self.add_error("last_on", _now("Choose a last day that is not before the first"))
        else:
            data["days"] = (first, last)
        data["grouping"] = data.get("grouping") or Invoice.Grouping.PROJECT.value
        return data


class VersionForm(forms.Form):
    """Which version of the invoice was shown."""

    version = VersionField(min_value=1)


class DraftForm(VersionForm):
    """What is changed about a draft: entries that are ticked, beside those that were; grouping; note."""

    grouping = forms.ChoiceField(label=_("Group by"), choices=Invoice.Grouping.choices, required=False)
    note = forms.CharField(
        label=_("Note to the client"),
        help_text=_("It stands above the lines, on the page and in the PDF."),
        required=False,
        strip=True,
        max_length=invoicing.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("Use at most 2,000 characters")},
    )

    def chosen(self) -> tuple[set[int], set[int]]:
        """Entries to take in, and entries to leave out."""
        ticked, were = _ids(self.data, "entry"), _ids(self.data, "was")
        return ticked - were, were - ticked


class VoidForm(VersionForm):
    """Why. It goes into the invoice's history, and stands on its page."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It goes into the invoice's history."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=invoicing.LONGEST_TEXT,
        error_messages={
            "required": _("Say why this invoice is voided"),
            "max_length": _("Use at most 2,000 characters"),
        },
    )


def _ids(data: Any, name: str) -> set[int]:
    return {int(text) for text in data.getlist(name) if text.isascii() and text.isdigit() and len(text) <= LONGEST_ID}
