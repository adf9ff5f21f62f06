"""A client's own page: their projects, tickets and agreements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.permissions import Permission, can
from accounts.requests import Request
from timetracking.models import Agreement, Client, Project, Ticket
from timetracking.selectors import burn
from timetracking.selectors.records import Worked, worked_on
from timetracking.selectors.unbilled import unbilled_of
from timetracking.views.agreements import rounded_in_words
from timetracking.views.catalogue import FEATURE, span
from timetracking.views.catalogue_nouns import CLIENTS, TONES

SHOWN = 20


@requires(Permission.VIEW_CATALOGUE, feature=FEATURE)
@require_safe
def detail(request: Request, slug: str, pk: int) -> HttpResponse:
    """What is open for the client; the lists have the rest. Agreements are for those who manage the catalogue."""
    actor = request.membership
    client = get_object_or_404(Client, pk=pk)
    manages, bills = can(actor, Permission.MANAGE_CATALOGUE), can(actor, Permission.MANAGE_INVOICES)
    projects = list(Project.objects.active().filter(client=client).exclude(status=Project.Status.CLOSED)[:SHOWN])
    tickets = list(Ticket.objects.active().filter(client=client).exclude(status=Ticket.Status.CLOSED)[:SHOWN])
    worked_projects = worked_on("project", [project.pk for project in projects])
    worked_tickets = worked_on("ticket", [ticket.pk for ticket in tickets])
    context = {
        "record": client,
        "rounded": rounded_in_words(client),
        "manages": manages,
        "projects": [_line("project", slug, row, row.code, row.name, worked_projects) for row in projects],
        "tickets": [_line("ticket", slug, row, row.reference, row.title, worked_tickets) for row in tickets],
        "agreements": _agreements(slug, client, actor.today()) if manages else [],
        "unbilled": unbilled_of(actor, client) if bills else None,
        "invoices_url": f"{reverse('invoices', args=[slug])}?client={client.pk}",
        "new_invoice_url": f"{reverse('invoice-new', args=[slug])}?client={client.pk}",
        "list_url": CLIENTS.list_url(slug, None),
        "edit_url": CLIENTS.url("-edit", slug, client),
        "restore_url": CLIENTS.url("-restore", slug, client),
        "projects_url": f"{reverse('projects', args=[slug])}?client={client.pk}",
        "tickets_url": f"{reverse('tickets', args=[slug])}?client={client.pk}",
        "new_project_url": f"{reverse('project-new', args=[slug])}?client={client.pk}" if manages else "",
        "new_ticket_url": f"{reverse('ticket-new', args=[slug])}?client={client.pk}" if manages else "",
        "new_agreement_url": f"{reverse('agreement-new', args=[slug])}?client={client.pk}" if manages else "",
    }
    return render(request, "timetracking/clients/detail.html", context)


def _agreements(slug: str, client: Client, today: dt.date) -> list[dict[str, Any]]:
    """With how much of this month's included hours is used, where there are any."""
    agreements = list(Agreement.objects.active().filter(client=client))
    used = burn.this_month(agreements, today)
    return [
        {
            "url": reverse("agreement", args=[slug, agreement.pk]),
            "name": agreement.name,
            "dates": span(agreement.starts_on, agreement.ends_on),
            "usage": used.get(agreement.pk),
        }
        for agreement in agreements
    ]


def _line(name: str, slug: str, row: Any, reference: str, title: str, worked: Mapping[int, Worked]) -> dict[str, Any]:
    return {
        "url": reverse(name, args=[slug, reference]),
        "reference": reference,
        "title": title,
        "status": row.get_status_display(),
        "tone": TONES.get(row.status, ""),
        "minutes": worked.get(row.pk, Worked()).minutes,
    }
