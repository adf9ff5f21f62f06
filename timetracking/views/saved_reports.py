"""Reports under a name: the list, saving one, opening it, changing and deleting it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import once
from accounts.access import requires
from accounts.models import Membership
from accounts.permissions import Permission, can
from accounts.requests import Request
from timesheets_site.lib import dates
from timesheets_site.lib.errors import Conflict, OutOfReach, RuleViolation
from timesheets_site.lib.forms import refusals_on
from timetracking.forms.reports import SavedReportForm
from timetracking.models import SavedReport
from timetracking.selectors import report_address
from timetracking.selectors import saved_reports as selectors
from timetracking.selectors.report_dimensions import DIMENSIONS
from timetracking.selectors.report_filters import chips_of, range_labels
from timetracking.selectors.report_query import ReportQuery
from timetracking.services import saved_reports
from timetracking.views.reports import FEATURE, FOLDER


@requires(Permission.VIEW_REPORTS, feature=FEATURE)
@require_safe
def listing(request: Request, slug: str) -> HttpResponse:
    """Own ones and shared ones."""
    return render(request, f"{FOLDER}/saved.html", {"saved": selectors.lines(request.membership), "slug": slug})


@requires(Permission.VIEW_REPORTS, feature=FEATURE)
@require_safe
def open_saved(request: Request, slug: str, report_id: int) -> HttpResponse:
    """The report of its choices. What only others may ask for (colleagues, amounts) is left out of them."""
    saved = selectors.found(request.membership, report_id)
    words = dict(parse_qsl(saved.query))
    query = report_address.read(request.membership, {})
    if not query.sees_all:
        words.pop("agent", None)
    if not query.shows_money and words.get("sort", "").endswith("amount"):
        del words["sort"]
    words["saved"] = str(saved.pk)
    return redirect(f"{reverse('reports', args=[slug])}?{urlencode(words)}")


@requires(Permission.VIEW_REPORTS, feature=FEATURE)
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: Request, slug: str) -> HttpResponse:
    """Asks for a name, then keeps the choices of the address."""
    actor = request.membership
    sent = request.POST if request.method == "POST" else None
    query, error = _read(actor, QueryDict(sent.get("query", "")) if sent is not None else request.GET)
    form = SavedReportForm(sent, shares=_shares(actor), initial={"query": query.canonical, "shared": ""})
    if error:
        form.add_error(None, error) if sent is not None else messages.error(request, error)
    if sent is not None and form.is_valid():
        fields = {"name": form.cleaned_data["name"], "shared": form.cleaned_data.get("shared", "")}
        fields["query"] = query.canonical
        with refusals_on(form):
            pk, _again = once.once(
                actor,
                form.cleaned_data["key"],
                "report.saved",
                lambda: saved_reports.keep(actor, **fields),
                fingerprint=once.fingerprint(fields),
            )
            messages.success(request, _("Saved as “%(name)s”") % {"name": fields["name"].strip()})
            return redirect("report-saved", slug=slug, report_id=pk)
    context = {
        "form": form,
        "title": _("Save this view"),
        "choices": _choices(query),
        "submit_label": _("Save view"),
        "back_url": reverse("reports", args=[slug]) + query.address(),
        "slug": slug,
    }
    return render(request, f"{FOLDER}/save.html", context, status=422 if form.errors else 200)


@requires(Permission.VIEW_REPORTS, feature=FEATURE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, slug: str, report_id: int) -> HttpResponse:
    """Renames it, shares it otherwise; an address that names choices keeps those in it from then on."""
    actor = request.membership
    saved = selectors.found(actor, report_id)
    if not selectors.may_change(actor, saved):
        raise OutOfReach
    sent = request.POST if request.method == "POST" else None
    given = QueryDict(sent.get("query", "")) if sent is not None else request.GET
    query, error = _read(actor, given or QueryDict(saved.query))
    kept = query.canonical if given and not error else saved.query
    form = SavedReportForm(sent, shares=_shares(actor), initial=_initial(saved, kept))
    status = 200
    if error and sent is not None:
        form.add_error(None, error)
    if sent is not None and form.is_valid():
        fields: dict[str, str] = {"name": form.cleaned_data["name"], "query": kept}
        if "shared" in form.cleaned_data:
            fields["shared"] = form.cleaned_data["shared"]
        try:
            with refusals_on(form):
                saved_reports.change(actor, report_id, version=form.cleaned_data["version"] or 0, **fields)
                messages.success(request, _("“%(name)s” changed") % {"name": fields["name"].strip()})
                return redirect("report-saved", slug=slug, report_id=report_id)
        except Conflict as conflict:
            form = SavedReportForm(
                shares=_shares(actor), initial={**_initial(conflict.current, kept), "name": fields["name"]}
            )
            messages.error(request, str(conflict))
            status = 409
    context = {
        "form": form,
        "saved": saved,
        "title": saved.name,
        "choices": _choices(query),
        "submit_label": _("Save changes"),
        "back_url": reverse("report-saved", args=[slug, report_id]),
        "delete_url": reverse("report-saved-delete", args=[slug, report_id]),
        "slug": slug,
    }
    return render(request, f"{FOLDER}/save.html", context, status=422 if form.errors else status)


@requires(Permission.VIEW_REPORTS, feature=FEATURE)
@require_POST
def delete(request: Request, slug: str, report_id: int) -> HttpResponse:
    """Deletes it. A version that is old is refused: somebody has just changed it."""
    saved = selectors.found(request.membership, report_id)
    text = request.POST.get("version", "")
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    saved_reports.delete(request.membership, report_id, version=version)
    messages.success(request, _("“%(name)s” deleted") % {"name": saved.name})
    return redirect("reports-saved", slug=slug)


def _initial(saved: SavedReport, query: str) -> dict[str, object]:
    return {"name": saved.name, "shared": saved.shared, "query": query, "version": saved.version}


def _shares(actor: Membership) -> bool:
    return can(actor, Permission.APPROVE_TIMESHEET)


def _read(actor: Membership, data: QueryDict) -> tuple[ReportQuery, str]:
    """The query of some words, or the usual one and what is wrong with them."""
    try:
        return report_address.read(actor, data), ""
    except RuleViolation as refusal:
        return report_address.read(actor, {}), str(refusal)


def _choices(query: ReportQuery) -> list[str]:
    """What a report would show, in words."""
    word = query.params.get("range", "")
    days = dates.day_range(query.days.first, query.days.last)
    if "from" not in query.params and "to" not in query.params:
        names = range_labels()
        days = _("%(range)s (now %(days)s)") % {"range": names.get(word, names["this_quarter"]), "days": days}
    groups = " / ".join(str(DIMENSIONS[code].label) for code in query.levels)
    return [days, _("Grouped by %(groups)s") % {"groups": groups}, *(chip.label for chip in chips_of(query, ""))]
