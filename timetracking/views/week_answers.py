"""What is answered after a step of a week: its status, figures and days as they are now, one toast, one announcement.

Without htmx the same words come as a banner on the week page.
"""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.requests import Request
from timesheets_site.lib.errors import DomainError
from timesheets_site.lib.htmx import wants_fragment
from timetracking.rules import weeks
from timetracking.selectors.week import WeekPage
from timetracking.views.answers import changed_parts, open_week

STATUS = "week-status"


def week_url(request: Request, member: Membership, first: dt.date) -> str:
    """The page of a member's week."""
    url = reverse("week-of", args=[request.organisation.slug, first])
    return url if member.pk == request.membership.pk else f"{url}?agent={member.pk}"


def shown_week(request: Request, first: dt.date) -> WeekPage | None:
    """The week page that the browser has open, with the days of this week."""
    return open_week(request, frozenset(weeks.days_of(first, first + dt.timedelta(days=6))))


def after_step(
    request: Request, member: Membership, first: dt.date, text: str, *, undo_url: str = "", undo_label: str = ""
) -> HttpResponse:
    """The week after a step that was done. `undo_url` is where a POST takes it back."""
    url = week_url(request, member, first)
    if not wants_fragment(request):
        messages.success(request, text, extra_tags=undo_url)
        return HttpResponseRedirect(url)
    page = shown_week(request, first)
    toast = {
        "text": text,
        "undo_url": undo_url,
        "undo_label": undo_label,
        "link_url": url if page is None else "",
        "link_label": _("Show the week"),
    }
    return changed_parts(request, page, toast, f"{text}.", focus=STATUS)


def refused_step(
    request: Request, member: Membership, first: dt.date, refusal: DomainError, status: int = 409
) -> HttpResponse:
    """A step that is refused: the reason, and the week as it is now."""
    if not wants_fragment(request):
        messages.error(request, str(refusal))
        return HttpResponseRedirect(week_url(request, member, first))
    toast = {"text": str(refusal), "tone": "danger"}
    return changed_parts(request, shown_week(request, first), toast, str(refusal), status=status, focus=STATUS)
