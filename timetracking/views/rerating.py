"""Re-rating: choose which entries, look at each change, then apply exactly those."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import requires
from accounts.models import Organisation
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib.errors import Conflict, RuleViolation
from timesheets_site.lib.spreadsheets import stream_csv
from timetracking.exports.rerating import COLUMNS
from timetracking.forms.rerating import ScopeForm, first_values
from timetracking.selectors.rerating import preview, scope_query
from timetracking.services import rerating

FEATURE = Organisation.Feature.TIMESHEETS.value


@requires(Permission.MANAGE_RATES, feature=FEATURE)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Request, slug: str) -> HttpResponse:
    """The preview of the scope in the address; sent, it applies what it showed."""
    if request.method != "POST":
        return _page(request, ScopeForm({**first_values(request.membership.today()), **request.GET.dict()}))
    form = ScopeForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    scope = form.scope()
    try:
        count = rerating.apply(request.membership, scope, fingerprint=request.POST.get("fingerprint", "")[:64])
    except Conflict as conflict:
        return _page(request, form, error=str(conflict), status=409)
    except RuleViolation:
        return _page(request, form)
    words = ngettext("%(count)s entry re-rated.", "%(count)s entries re-rated.", count) % {"count": count}
    messages.success(request, words if count else _("Nothing had to be changed."))
    response = redirect("rerate", slug=slug)
    response["Location"] += f"?{urlencode(scope_query(scope))}"
    return response


@requires(Permission.MANAGE_RATES, feature=FEATURE)
@require_safe
def export(request: Request, slug: str) -> HttpResponse | StreamingHttpResponse:
    """All changes of the preview that it was started from, as CSV."""
    form = ScopeForm({**first_values(request.membership.today()), **request.GET.dict()})
    try:
        if not form.is_valid():
            return redirect("rerate", slug=slug)
        scope = form.scope()
        changes = rerating.plan(request.membership, scope).changes
    except RuleViolation as refusal:
        return HttpResponse(str(refusal), status=422, content_type="text/plain; charset=utf-8")
    response = StreamingHttpResponse(stream_csv(COLUMNS, changes), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="re-rating_{slug}_{scope.first}_{scope.last}.csv"'
    return response


def _page(request: Request, form: ScopeForm, *, error: str = "", status: int = 200) -> HttpResponse:
    context = {"form": form, "page": "rerate", "error": error}
    if form.is_valid():
        scope = form.scope()
        query = scope_query(scope)
        try:
            plan = rerating.plan(request.membership, scope)
        except RuleViolation as refusal:
            form.add_error("first", str(refusal))
        else:
            shown = preview(request.organisation, plan, request.GET.get("page", "1"))
            context |= {"preview": shown, "scope": query, "query": urlencode(query)}
    return render(request, "timetracking/rates/rerate.html", context, status=422 if form.errors else status)
