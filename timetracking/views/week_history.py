"""A week's history: every step of its approval."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib.htmx import render_page
from timetracking.rules import weeks
from timetracking.selectors.week_history import history_of
from timetracking.views import week_address

PAGE, FRAGMENT = "timetracking/week/history.html", "timetracking/week/_history.html"


@requires(Permission.VIEW_TIME, feature="timesheets")
@require_safe
def show(request: Request, slug: str, day: dt.date) -> HttpResponse:
    """Who did what to the week and when; `agent` names whose week it is."""
    actor = request.membership
    member = week_address.member_named(actor, request.GET.get("agent", ""), Permission.VIEW_TIME)
    first = weeks.week_containing(day, first_weekday=request.organisation.first_weekday)
    query = "" if member.pk == actor.pk else f"agent={member.pk}"
    context = {"history": history_of(actor, member, first, page=request.GET.get("page", "1")), "query": query}
    return render_page(request, PAGE, FRAGMENT, context)
