"""Everybody's running timers, for managers: who works on what since when, and stopping them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import requires
from accounts.permissions import Permission
from accounts.requests import Request
from timesheets_site.lib.htmx import render_page
from timetracking.selectors.timer_lists import running_timers
from timetracking.services import timers

FOLDER = "timetracking/timers"


@requires(Permission.APPROVE_TIMESHEET, feature="timesheets")
@require_safe
def show(request: Request, slug: str) -> HttpResponse:
    """The list, longest first."""
    context = {"rows": running_timers(request.membership)}
    return render_page(request, f"{FOLDER}/all.html", f"{FOLDER}/_all.html", context)


@requires(Permission.APPROVE_TIMESHEET, feature="timesheets")
@require_http_methods(["GET", "HEAD", "POST"])
def stop_all(request: Request, slug: str) -> HttpResponse:
    """Stops every timer; GET asks first, for only its own member could take a stop back."""
    if request.method != "POST":
        return render(request, f"{FOLDER}/stop_all.html", {"rows": running_timers(request.membership)})
    stopped = timers.stop_all(request.membership)
    if not stopped:
        messages.info(request, _("No timer was running."))
        return redirect("timers", slug=slug)
    count, waiting = len(stopped), sum(each.unplaced > 0 for each in stopped)
    text = ngettext("%(count)s timer stopped", "%(count)s timers stopped", count) % {"count": count}
    messages.success(request, text)
    if waiting:
        words = ngettext(
            "Time of %(count)s of them could not be filed. Its owner was told and can place it.",
            "Time of %(count)s of them could not be filed. Their owners were told and can place it.",
            waiting,
        )
        messages.warning(request, words % {"count": waiting})
    return redirect("timers", slug=slug)
