"""From an entry to the portal's words, and from its words to ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from timesheets_site.lib.errors import DomainError, OutOfReach, RuleViolation
from timetracking.api import values
from timetracking.api.portal.places import number_of
from timetracking.models import Project, Ticket, TimeEntry
from timetracking.models.billing import BillableOption
from timetracking.models.time_entries import TimeEntryQuerySet

Kind = TimeEntry.Kind
COLUMNS = (
    "id", "date", "member__user_id", "member__display_name", "member__user__email", "kind", "subject", "description",
    "billable", "minutes", "ticket_id", "ticket__title", "project_id", "project__name", "created_at", "updated_at",
    "organisation_id", "version",
)  # fmt: skip
FIELDS = {"record": "ticketId", "duration": "minutes", "billable_option": "billable", "member": "agentId"}
"""What our fields are called here."""


def rows_of(entries: TimeEntryQuerySet) -> list[dict[str, Any]]:
    """The entries in the portal's words, oldest first; one query."""
    return [_to_portal(row) for row in entries.order_by("date", "pk").values_list(*COLUMNS)]


def _to_portal(row: tuple[Any, ...]) -> dict[str, Any]:
    (pk, date, user_id, name, email, kind, subject, description, billable, minutes, ticket_id, ticket, project_id,
     project, created_at, updated_at, organisation_id, version) = row  # fmt: skip
    return {
        "id": str(pk),
        "date": date.isoformat(),
        "agentId": str(user_id),
        "agent": {"id": str(user_id), "name": name, "email": email},
        "kind": kind,
        "subject": subject,
        "description": description or None,
        "billable": billable,
        "minutes": minutes,
        "ticketId": str(ticket_id) if ticket_id else None,
        "ticket": {"id": str(ticket_id), "subject": ticket} if ticket_id else None,
        "projectId": str(project_id) if project_id else None,
        "project": {"id": str(project_id), "name": project} if project_id else None,
        "createdAt": values.utc(created_at),
        "updatedAt": values.utc(updated_at),
        "organisationId": str(organisation_id),
        "version": version,
    }


def first_day(text: str) -> dt.date | None:
    """The first day that begins at this instant or later: a day begins at 00:00Z here. None for what is no instant.

    >>> str(first_day("2026-06-01")), str(first_day("2026-06-01T00:00:00Z")), str(first_day("2026-06-01T00:00:01Z"))
    ('2026-06-01', '2026-06-01', '2026-06-02')
    >>> str(first_day("2026-06-01T02:00:00 02:00")), first_day("June"), first_day("9999-12-31T23:00:00Z")
    ('2026-06-01', None, None)
    """
    if len(text) > 60:
        return None
    if "T" in text.strip():
        text = text.strip().replace(" ", "+")  # a plus sign that was sent as it is
    moment = values.instant(text)
    if moment is None:
        return None
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        return moment.date() if moment == midnight else moment.date() + dt.timedelta(days=1)
    except OverflowError:
        return None


def option_of(billable: bool | None) -> str:
    """What was asked: billed, not billed, or (nothing) decide for me."""
    if billable is None:
        return BillableOption.NO_DEFAULT.value
    return BillableOption.BILLABLE.value if billable else BillableOption.DO_NOT_BILL.value


def link_of(kind: str, ticket_id: str | None, project_id: str | None) -> dict[str, Any]:
    """Kind and record, as `time_entries.log` takes them. Runs in the organisation's scope.

    Raises OutOfReach for an unknown record, RuleViolation `link_contradicts` or `link_required`.
    """
    for wanted, name, given in ((Kind.TICKET, "ticketId", ticket_id), (Kind.PROJECT, "projectId", project_id)):
        if given is not None and kind != wanted:
            raise RuleViolation("link_contradicts", f"{kind} time has no {name[:-2]}.", name)
        if given is None and kind == wanted:
            raise RuleViolation("link_required", f"{kind} time needs its {name[:-2]}.", name)
    if ticket_id is not None:
        ticket = Ticket.objects.select_related("client", "agreement").filter(pk=number_of(ticket_id)).first()
        if ticket is None:
            raise OutOfReach
        return {"kind": kind, "ticket": ticket}
    if project_id is not None:
        project = Project.objects.select_related("client", "agreement").filter(pk=number_of(project_id)).first()
        if project is None:
            raise OutOfReach
        return {"kind": kind, "project": project}
    return {"kind": kind}


@contextmanager
def in_their_words(kind: str) -> Iterator[None]:
    """A refusal inside names the field that the portal knows."""
    try:
        yield
    except DomainError as error:
        if error.field == "record" and kind == Kind.PROJECT:
            error.field = "projectId"
        error.field = FIELDS.get(error.field or "", error.field)
        raise
