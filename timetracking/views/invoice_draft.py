"""A draft: what it begins with, and how it is changed until it is issued."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import once
from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib import dates
from timesheets_site.lib.errors import Conflict, RuleViolation
from timesheets_site.lib.forms import refusals_on
from timetracking.forms.invoices import DraftForm, NewInvoiceForm, VersionForm
from timetracking.models import Invoice
from timetracking.selectors.invoice_draft import draft_page, entries_under, offer_for
from timetracking.services import invoice_lines, invoices

FOLDER = "timetracking/invoices"


@requires(Permission.MANAGE_INVOICES, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request, slug: str) -> HttpResponse:
    """Choose client and period, see what there is to bill, make the draft."""
    actor = request.membership
    today = actor.today()
    if request.method != "POST":
        asked = NewInvoiceForm(request.GET, today=today) if "period" in request.GET else None
        form = asked or NewInvoiceForm(today=today, initial={"client": _client_id(request)})
        return _new_page(request, form, 422 if asked and asked.errors else 200)
    form = NewInvoiceForm(request.POST, today=today)
    if form.is_valid():
        values = form.cleaned_data
        fields = {"client": values["client"], "grouping": values["grouping"]}
        first, last = values["days"]
        try:
            with refusals_on(form):
                pk, _again = once.once(
                    actor,
                    values["key"],
                    "invoice.drafted",
                    lambda: invoices.draft(actor, first_on=first, last_on=last, **fields),
                    fingerprint=once.fingerprint({**fields, "client": values["client"].pk, "days": values["days"]}),
                )
                return redirect("invoice", slug, pk)
        except Conflict as conflict:
            form.add_error(None, str(conflict))
            return _new_page(request, form, 409)
    return _new_page(request, form, 422)


def _new_page(request: Request, form: NewInvoiceForm, status: int) -> HttpResponse:
    offer = period = None
    if form.is_bound and "days" in form.cleaned_data:
        first, last = form.cleaned_data["days"]
        offer = offer_for(request.membership, form.cleaned_data["client"], first, last, form.cleaned_data["grouping"])
        period = dates.day_range(first or offer.first_on or last, last)
    hidden = {
        name: form.data.get(name, "") for name in ("client", "period", "first_on", "last_on", "grouping")
    }  # what was asked for, sent once more to make the draft
    context = {
        "form": form,
        "offer": offer,
        "period": period,
        "hidden": hidden.items(),
        "key": once.new_key(),
        "heading": Invoice.Grouping(form.cleaned_data["grouping"]).label if offer else "",
        "client": form.cleaned_data.get("client") if form.is_bound else None,
    }
    return render(request, f"{FOLDER}/new.html", context, status=status)


@requires(Permission.MANAGE_INVOICES, feature="timesheets")
@require_POST
def change(request: Request, slug: str, invoice_id: int) -> HttpResponse:
    """Stores what was ticked, grouped and noted; `then` says where to go on."""
    actor, invoice = request.membership, _draft_or_404(invoice_id)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return draft_answer(request, invoice, form=form, status=422)
    take_in, leave_out = form.chosen()
    if heading := request.POST.get("group_in"):
        take_in |= set(entries_under(actor, invoice, heading, included=False))
    if heading := request.POST.get("group_out", "").replace("\x00", ""):
        leave_out |= set(entries_under(actor, invoice, heading, included=True))
    try:
        after = invoice_lines.change(
            actor,
            invoice.pk,
            version=form.cleaned_data["version"],
            take_in=take_in - leave_out,
            leave_out=leave_out,
            grouping=form.cleaned_data["grouping"] or None,
            note=form.cleaned_data["note"],
        )
    except (Conflict, RuleViolation) as refusal:
        return draft_answer(request, _draft_or_404(invoice.pk), form=form, problem=str(refusal), status=409)
    if request.POST.get("then") == "issue":
        return redirect("invoice-issue", slug, invoice.pk)
    if after.version != invoice.version:
        messages.success(request, _("Draft saved"))
    return redirect(_address_of_page(request, slug, invoice.pk))


@requires(Permission.MANAGE_INVOICES, feature="timesheets")
@require_POST
def take_over(request: Request, slug: str, invoice_id: int) -> HttpResponse:
    """Brings the lines in step with their entries."""
    invoice = _draft_or_404(invoice_id)
    form = VersionForm(request.POST)
    if not form.is_valid():
        return draft_answer(request, invoice, status=422)
    try:
        invoice_lines.take_over(request.membership, invoice.pk, version=form.cleaned_data["version"])
    except (Conflict, RuleViolation) as refusal:
        return draft_answer(request, _draft_or_404(invoice.pk), problem=str(refusal), status=409)
    messages.success(request, _("Changes taken over"))
    return redirect("invoice", slug, invoice.pk)


def draft_answer(
    request: Request, invoice: Invoice, *, form: DraftForm | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    """The editor; after a refusal with why, and with all that was typed and ticked. An issued invoice opens itself."""
    if invoice.status != Invoice.Status.DRAFT:
        messages.error(request, problem or _("This invoice is issued. Void it and draft another."))
        return redirect("invoice", request.organisation.slug, invoice.pk)
    shown: dict[str, Any] = {"version": invoice.version, "grouping": invoice.grouping, "note": invoice.note}
    ticks: tuple[set[int], set[int]] = (set(), set())
    if form is not None:
        ticks = form.chosen()
        shown |= {name: form.data[name] for name in ("grouping", "note") if name in form.data}
    if form is None or not form.errors:
        form = DraftForm(initial=shown)
    context = {
        "invoice": invoice,
        "draft": draft_page(request.membership, invoice, page_number(request), ticks),
        "form": form,
        "problem": problem,
    }
    return render(request, f"{FOLDER}/draft.html", context, status=status)


def page_number(request: Request) -> int:
    text = request.GET.get("page", "")
    return min(max(int(text), 1), 10_000) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _address_of_page(request: Request, slug: str, invoice_id: int) -> str:
    url = redirect("invoice", slug, invoice_id).url
    return f"{url}?page={page_number(request)}" if page_number(request) > 1 else url


def _draft_or_404(invoice_id: int) -> Invoice:
    invoice: Invoice = get_object_or_404(Invoice.objects.select_related("client"), pk=invoice_id)
    return invoice


def _client_id(request: Request) -> str:
    text = request.GET.get("client", "")
    return text if text.isascii() and text.isdigit() and len(text) < 10 else ""
