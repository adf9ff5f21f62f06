"""Invoices: the list, one of them, and the steps that it takes: issue, void, discard. Its history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib import dates
from timesheets_site.lib.errors import Conflict, DomainError, RuleViolation
from timesheets_site.lib.forms import refusals_on
from timesheets_site.lib.htmx import render_page
from timetracking.forms.invoices import VersionForm, VoidForm
from timetracking.models import Invoice
from timetracking.rules import amounts, durations, invoicing
from timetracking.selectors.invoice_draft import draft_page
from timetracking.selectors.invoice_paper import page_of, paper_of
from timetracking.selectors.invoices import history_of, invoice_list, read_query
from timetracking.services import invoices
from timetracking.views.invoice_draft import FOLDER, draft_answer, page_number

FORM = ["GET", "HEAD", "POST"]


@requires(Permission.MANAGE_INVOICES, feature="timesheets")
@require_safe
def listing(request: Request, slug: str) -> HttpResponse:
    """All invoices, by status, client or number; fifty a page."""
    context = {"invoices": invoice_list(request.membership, read_query(request.GET))}
    return render_page(request, f"{FOLDER}/list.html", f"{FOLDER}/_list.html", context)


@requires(Permission.MANAGE_INVOICES, feature="timesheets")
@require_safe
def show(request: Request, slug: str, invoice_id: int) -> HttpResponse:
    """A draft's editor, or an invoice as the client reads it."""
    invoice = invoice_or_404(invoice_id)
    if invoice.status == Invoice.Status.DRAFT:
        return draft_answer(request, invoice)
    paper = paper_of(request.membership, invoice)
    blocks, page = page_of(invoice, paper.groups, page_number(request))
    totals = [(label, amounts.money(value, invoice.currency)) for label, value in paper.totals]
    sums = {group.heading: amounts.money(group.amount, invoice.currency) for group in paper.groups}
    context = {
        "invoice": invoice,
        "paper": paper,
        "blocks": [(block, sums[block.group.heading]) for block in blocks],
        "page": page,
        "totals": totals,
        "is_void": invoice.status == Invoice.Status.VOID,
        "voided": dates.moment(invoice.voided_at, request.membership.zone) if invoice.voided_at else "",
        "is_past_due": invoice.due_on is not None and invoice.due_on < request.membership.today(),
    }
    return render(request, f"{FOLDER}/invoice.html", context)


@requires(Permission.MANAGE_INVOICES, feature="timesheets")
@require_http_methods(FORM)
def issue(request: Request, slug: str, invoice_id: int) -> HttpResponse:
    """Says what will be issued, then issues it. What changed meanwhile is shown on the draft instead."""
    actor, invoice = request.membership, invoice_or_404(invoice_id)
    if request.method != "POST":
        return _ask_to_issue(request, invoice)
    form = VersionForm(request.POST)
    if not form.is_valid():
        return _ask_to_issue(request, invoice, status=422)
    try:
        invoice = invoices.issue(actor, invoice.pk, version=form.cleaned_data["version"])
    except (Conflict, RuleViolation) as refusal:
        return _refused(request, invoice.pk, refusal)
    messages.success(
        request,
        _("Invoice %(number)s issued: %(total)s")
        % {"number": invoice.reference, "total": amounts.money(invoice.total, invoice.currency)},
    )
    return redirect("invoice", slug, invoice.pk)


def _ask_to_issue(request: Request, invoice: Invoice, status: int = 200) -> HttpResponse:
    """The question, or why it can't be issued now."""
    if invoice.status != Invoice.Status.DRAFT:
        return redirect("invoice", request.organisation.slug, invoice.pk)
    draft = draft_page(request.membership, invoice)
    without_rate = invoice.lines.filter(hourly_rate__isnull=True, no_charge=False).count()
    verdict = invoicing.may_issue(invoice.status, lines=draft.count, without_rate=without_rate)
    paper = paper_of(request.membership, invoice)
    organisation = request.membership.organisation
    today = invoices.today_of(organisation)
    context = {
        "invoice": invoice,
        "draft": draft,
        "verdict": verdict,
        "paper": paper,
        "can": verdict.allowed and not draft.is_behind,
        "facts": [
            (_("Client"), invoice.client.name),
            (_("Period"), draft.period),
            (_("Entries"), durations.grouped(draft.count)),
            (_("Invoice date"), dates.full(today)),
            (_("Due"), dates.full(invoicing.due_on(today, organisation.payment_days))),
            *((label, amounts.money(value, invoice.currency)) for label, value in paper.totals),
        ],
    }
    return render(request, f"{FOLDER}/issue.html", context, status=status)


@requires(Permission.MANAGE_INVOICES, feature="timesheets")
@require_http_methods(FORM)
def void(request: Request, slug: str, invoice_id: int) -> HttpResponse:
    """Asks why, then voids an issued invoice; its entries can be billed anew."""
    actor, invoice = request.membership, invoice_or_404(invoice_id)
    form = VoidForm(request.POST if request.method == "POST" else None, initial={"version": invoice.version})
    if form.is_valid():
        fields = form.cleaned_data
        try:
            with refusals_on(form):
                invoice = invoices.void(actor, invoice.pk, version=fields["version"], reason=fields["reason"])
                messages.success(request, _("Invoice %(number)s is void") % {"number": invoice.reference})
                return redirect("invoice", slug, invoice.pk)
        except Conflict as conflict:
            return _refused(request, invoice.pk, conflict)
    verdict = invoicing.may_void(invoice.status)
    count = durations.grouped(invoice.lines.count())
    context: dict[str, Any] = {"invoice": invoice, "form": form, "verdict": verdict, "count": count}
    return render(request, f"{FOLDER}/void.html", context, status=422 if form.errors else 200)


@requires(Permission.MANAGE_INVOICES, feature="timesheets")
@require_http_methods(FORM)
def discard(request: Request, slug: str, invoice_id: int) -> HttpResponse:
    """Asks, then deletes a draft."""
    invoice = invoice_or_404(invoice_id)
    form = VersionForm(request.POST if request.method == "POST" else None, initial={"version": invoice.version})
    if form.is_valid():
        try:
            invoices.discard(request.membership, invoice.pk, version=form.cleaned_data["version"])
        except (Conflict, RuleViolation) as refusal:
            return _refused(request, invoice.pk, refusal)
        messages.success(request, _("Draft for %(client)s discarded") % {"client": invoice.client.name})
        return redirect("invoices", slug)
    if not (verdict := invoicing.may_change(invoice.status)).allowed:
        messages.error(request, verdict.reason)
        return redirect("invoice", slug, invoice.pk)
    context = {"invoice": invoice, "form": form, "back_url": reverse("invoice", args=[slug, invoice.pk])}
    return render(request, f"{FOLDER}/discard.html", context, status=422 if form.errors else 200)


@requires(Permission.MANAGE_INVOICES, feature="timesheets")
@require_safe
def history(request: Request, slug: str, invoice_id: int) -> HttpResponse:
    """Who did what to it, and when."""
    invoice = invoice_or_404(invoice_id)
    context = {"invoice": invoice, "lines": history_of(request.membership, invoice)}
    return render(request, f"{FOLDER}/history.html", context)


def invoice_or_404(invoice_id: int) -> Invoice:
    invoice: Invoice = get_object_or_404(Invoice.objects.select_related("client"), pk=invoice_id)
    return invoice


def _refused(request: Request, invoice_id: int, refusal: DomainError) -> HttpResponse:
    """The invoice as it is now, with why nothing was done."""
    invoice = invoice_or_404(invoice_id)
    if invoice.status == Invoice.Status.DRAFT:
        return draft_answer(request, invoice, problem=str(refusal), status=409)
    messages.error(request, str(refusal))
    return redirect("invoice", request.organisation.slug, invoice.pk)
