"""A ticket's own page: what it is about, and its time."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.permissions import Permission, can
from accounts.requests import Request
from timesheets_site.lib.htmx import render_page
from timetracking.models import Ticket
from timetracking.rules import closed_records
from timetracking.selectors import picker, record_time
from timetracking.views.catalogue import FEATURE, log_url
from timetracking.views.catalogue_nouns import TICKETS, TONES


@requires(Permission.VIEW_CATALOGUE, feature=FEATURE)
@require_safe
def detail(request: Request, slug: str, ref: int) -> HttpResponse:
    """The page; asked by its Time card, the parts that a changed entry changes."""
    actor = request.membership
    ticket = get_object_or_404(Ticket.objects.select_related("client", "agreement", "assignee"), number=ref)
    page, rows = record_time.entries_on(actor, ticket, request.GET.get("page", "1"))
    names = record_time.sees_names(actor)
    standing = closed_records.standing_of(ticket, closed_records.grace_of(actor, timezone.now()))
    context = {
        "record": ticket,
        "tone": TONES.get(ticket.status, ""),
        "card": record_time.time_card(ticket),
        "page": page,
        "rows": rows,
        "names": names,
        "heading": _("Time on this ticket") if names else _("Your time on this ticket"),
        "here": request.get_full_path(),
        "client_url": reverse("client", args=[slug, ticket.client_id]),
        "log_url": log_url(slug, ticket) if standing.takes_time else "",
        "token": f"ticket:{ticket.pk}",
        "starred": picker.is_favourite(actor, ticket),
        "grace": closed_records.grace_words(standing, ticket),
        "manages": can(actor, Permission.MANAGE_CATALOGUE),
        "list_url": TICKETS.list_url(slug, None),
        "edit_url": TICKETS.url("-edit", slug, ticket),
        "restore_url": TICKETS.url("-restore", slug, ticket),
    }
    return render_page(request, "timetracking/tickets/detail.html", "timetracking/tickets/_time.html", context)
