"""A member's own working time, to read; admins change it on the member's page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from timetracking.selectors.own_working_time import own_time


@requires(Permission.VIEW_TIME, feature="timesheets")
@require_safe
def show(request: Request, slug: str) -> HttpResponse:
    """The reader's own, whoever they are."""
    context = {"page": "working-time", "own": own_time(request.membership), "member": request.membership}
    return render(request, "timetracking/working_time/own.html", context)
