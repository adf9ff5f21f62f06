"""Handing approvals over to a colleague: who stands in for whom, a new handover, ending one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import once
from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib import dates
from timesheets_site.lib.forms import refusals_on
from timetracking.forms.handovers import HandoverForm
from timetracking.rules import routing
from timetracking.selectors.handovers import handovers_of
from timetracking.services import handovers

FOLDER = "timetracking/approvals"


@requires(Permission.APPROVE_TIMESHEET, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Request, slug: str) -> HttpResponse:
    """The page; sent, it hands over."""
    actor = request.membership
    form = HandoverForm(request.POST if request.method == "POST" else None, actor=actor)
    if form.is_valid():
        fields = {name: value for name, value in form.cleaned_data.items() if name != "key"}
        with refusals_on(form):
            once.once(
                actor,
                form.cleaned_data["key"],
                "approvals.handed_over",
                lambda: handovers.hand_over(actor, **fields),
                fingerprint=once.fingerprint({n: getattr(value, "pk", value) for n, value in fields.items()}),
            )
            days = dates.day_range(fields["first_on"], fields["last_on"])
            values = {"name": fields["stand_in"].display_name, "days": days}
            messages.success(request, _("%(name)s stands in: %(days)s") % values)
            return redirect("handovers", slug=slug)
    context = {
        "form": form,
        "handovers": handovers_of(actor, page=request.GET.get("page", "1")),
        "any_manager": routing.stages_of(request.organisation) == (routing.ANY,),
        "slug": slug,
    }
    return render(request, f"{FOLDER}/handovers.html", context, status=422 if form.errors else 200)


@requires(Permission.APPROVE_TIMESHEET, feature="timesheets")
@require_POST
def end(request: Request, slug: str, handover_id: int) -> HttpResponse:
    """Ends a handover now."""
    ended = handovers.end(request.membership, handover_id)
    messages.success(request, _("%(name)s does not stand in any more.") % {"name": ended.stand_in.display_name})
    return redirect("handovers", slug=slug)
