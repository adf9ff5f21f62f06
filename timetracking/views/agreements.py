"""An agreement's own page: its terms, and its rates for who may see them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.models import Membership
from accounts.permissions import Permission, can
from accounts.requests import Request
from timetracking.models import Agreement, AgreementRate, Client
from timetracking.models.billing import Rounding
from timetracking.rules import durations
from timetracking.selectors import burn
from timetracking.selectors.records import Worked
from timetracking.views.catalogue import FEATURE, span
from timetracking.views.catalogue_nouns import AGREEMENTS
from timetracking.views.rate_nouns import AGREEMENT_RATES


@requires(Permission.MANAGE_CATALOGUE, feature=FEATURE)
@require_safe
def detail(request: Request, slug: str, pk: int) -> HttpResponse:
    """Terms and this month's included hours; rates for who sees them, to change for who manages them."""
    actor = request.membership
    agreement = get_object_or_404(Agreement.objects.select_related("client", "organisation"), pk=pk)
    context = {
        "record": agreement,
        "dates": span(agreement.starts_on, agreement.ends_on),
        "rounded": rounded_in_words(agreement),
        "burn": burn.of_agreement(actor, agreement),
        "client_url": reverse("client", args=[slug, agreement.client_id]),
        "list_url": AGREEMENTS.list_url(slug, None),
        "edit_url": AGREEMENTS.url("-edit", slug, agreement),
        "restore_url": AGREEMENTS.url("-restore", slug, agreement),
        **_rates(actor, slug, agreement),
    }
    return render(request, "timetracking/agreements/detail.html", context)


def rounded_in_words(terms: Agreement | Client) -> str:
    """`In steps of 15m, up, at least 30m`; empty where the next level decides."""
    if terms.billing_increment_minutes is None:
        return ""
    step = {"step": durations.format_minutes(terms.billing_increment_minutes)}
    text = (
        _("In steps of %(step)s, up") % step
        if terms.billing_rounding == Rounding.UP
        else _("In steps of %(step)s, to the nearest") % step
    )
    if not terms.billing_minimum_minutes:
        return text
    minimum = durations.format_minutes(terms.billing_minimum_minutes)
    return _("%(rounding)s, at least %(minimum)s") % {"rounding": text, "minimum": minimum}


def _rates(actor: Membership, slug: str, agreement: Agreement) -> dict[str, Any]:
    if not can(actor, Permission.SEE_RATES):
        return {"rates": None}
    manages = can(actor, Permission.MANAGE_RATES)
    rows = AgreementRate.objects.active().filter(agreement=agreement)
    rows = rows.select_related("organisation", "agreement", "work_role", "work_type")
    return {
        "columns": AGREEMENT_RATES.columns,
        "rates": [
            {
                "name": str(row),
                "cells": [(column, column.cell(row, Worked(), slug)) for column in AGREEMENT_RATES.columns],
                "edit_url": AGREEMENT_RATES.url("-edit", slug, row) if manages else "",
                "remove_url": AGREEMENT_RATES.url("-archive", slug, row) if manages else "",
                "version": row.version,
            }
            for row in rows
        ],
        "new_rate_url": AGREEMENT_RATES.new_url(slug, agreement) if manages else "",
        "all_rates_url": AGREEMENT_RATES.list_url(slug, agreement) if manages else "",
    }
