"""/api/helpdesk/time: entries of a person or, for managers, of a colleague, in all of the caller's organisations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Query, Router

from accounts.api_shapes import Refusal
from accounts.models import Membership
from accounts.permissions import Permission, can
from timesheets_site.lib.errors import Conflict, NotAllowed, OutOfReach, RuleViolation
from timesheets_site.lib.numbers import fits
from timetracking.api.portal import mapping, places
from timetracking.api.portal.shapes import EntryIn, EntryOut, EntryPatch, RefusalOut
from timetracking.api.portal.surface import SURFACE
from timetracking.api.refusals import BadRequest
from timetracking.models import Project, Ticket, TimeEntry
from timetracking.services import time_entries

LONGEST_RANGE = dt.timedelta(days=366)
REFUSALS = {400: RefusalOut, 401: RefusalOut, 403: RefusalOut, 404: RefusalOut, 429: RefusalOut, 503: RefusalOut}
WRITING = {**REFUSALS, 409: RefusalOut, 412: RefusalOut, 422: RefusalOut}
router = Router(tags=["Time"])


@router.get("/helpdesk/time", response={200: list[EntryOut], **REFUSALS}, summary="Entries of a range of days")
def list_entries(
    request: HttpRequest,
    since: str = Query(..., alias="from", description="An instant or a day; days from here on"),
    until: str = Query(..., alias="to", description="An instant or a day; days before it"),
    agent_id: str | None = Query(None, alias="agentId", description="The id of another user"),
    organisation_id: str | None = Query(None, alias="organisationId"),
) -> HttpResponse:
    """Half-open: `from` counts, `to` does not. At most 366 days. Oldest first."""
    first, end = _range(since, until)
    found: list[dict[str, Any]] = []
    known = readable = False
    for member in places.memberships(request, organisation_id):
        with places.entered(member):
            agent = member if agent_id is None else places.colleague(member, agent_id)
            if agent is None:
                continue
            known = True
            if can(member, Permission.VIEW_TIME, owner=agent):
                readable = True
                entries = TimeEntry.objects.visible_to(member).filter(member=agent.pk, date__gte=first, date__lt=end)
                found += mapping.rows_of(entries)
    if agent_id is not None and not known:
        raise OutOfReach
    if known and not readable:
        raise _not_theirs()
    found.sort(key=lambda row: (row["date"], int(row["id"])))
    return JsonResponse(found, safe=False)


@router.post("/helpdesk/time", response={201: EntryOut, **WRITING}, summary="Log time")
def create_entry(request: HttpRequest, body: EntryIn) -> HttpResponse:
    """For the caller or, by managers, for a colleague."""
    with places.entered(_place_of(request, body)) as member:
        agent = member if body.agent_id is None else places.colleague(member, body.agent_id)
        if agent is None:
            raise OutOfReach
        if not can(member, Permission.LOG_TIME, owner=agent):
            raise _not_theirs()
        with mapping.in_their_words(body.kind):
            entry = time_entries.log(
                member,
                member=agent,
                date=body.date,
                minutes=body.minutes,
                subject=body.subject,
                description=body.description or "",
                billable_option=mapping.option_of(body.billable),
                **mapping.link_of(body.kind, body.ticket_id, body.project_id),
            )
        return _answer(entry.pk, status=201)


@router.get("/helpdesk/time/{entry_id}", response={200: EntryOut, **REFUSALS}, summary="One entry")
def read_entry(request: HttpRequest, entry_id: str) -> HttpResponse:
    with places.entered(places.of_entry(request, entry_id)):
        return _answer(places.number_of(entry_id))


@router.patch("/helpdesk/time/{entry_id}", response={200: EntryOut, **WRITING}, summary="Change an entry")
def change_entry(request: HttpRequest, entry_id: str, body: EntryPatch) -> HttpResponse:
    """What is left out stays. What was read may be sent back whole."""
    with places.entered(places.of_entry(request, entry_id)) as member:
        entry = TimeEntry.objects.visible_to(member).select_related("member").get(pk=places.number_of(entry_id))
        try:
            with mapping.in_their_words(body.kind if "kind" in body.model_fields_set else entry.kind):
                fields = _changes(entry, body)
                time_entries.edit(member, entry.pk, version=_version(request, body.version), **fields)
        except Conflict as conflict:
            return _changed_meanwhile(request, conflict)
        return _answer(entry.pk)


@router.delete("/helpdesk/time/{entry_id}", response={204: None, **WRITING}, summary="Delete an entry")
def delete_entry(request: HttpRequest, entry_id: str) -> HttpResponse:
    with places.entered(places.of_entry(request, entry_id)) as member:
        try:
            time_entries.delete(member, places.number_of(entry_id), version=_version(request, None))
        except Conflict as conflict:
            return _changed_meanwhile(request, conflict)
    return HttpResponse(status=204)


def _range(since: str, until: str) -> tuple[dt.date, dt.date]:
    """The first day, and the one after the last. Raises BadRequest."""
    days = []
    for name, text in (("from", since), ("to", until)):
        day = mapping.first_day(text)
        if day is None:
            raise BadRequest("Enter an instant like 2026-06-01T00:00:00Z, or a day.", field=name)
        days.append(day)
    first, end = days
    if first > end:
        raise BadRequest("The range ends before it begins.", field="to")
    if end - first > LONGEST_RANGE:
        raise BadRequest("Ask for at most 366 days at once.", field="to")
    return first, end


def _not_theirs() -> NotAllowed:
    return NotAllowed("not_allowed", "Only managers and admins may do this for somebody else.", "agentId")


def _place_of(request: HttpRequest, body: EntryIn) -> Membership:
    """The membership in the organisation that the record, or the body, names. Raises OutOfReach, RuleViolation."""
    if body.kind == "TICKET" and body.ticket_id is not None:
        return places.of_record(request, Ticket, body.ticket_id, body.organisation_id)
    if body.kind == "PROJECT" and body.project_id is not None:
        return places.of_record(request, Project, body.project_id, body.organisation_id)
    members = places.memberships(request, body.organisation_id)
    if not members:
        raise OutOfReach
    if len(members) > 1:
        words = "Name the organisation: you belong to several."
        raise RuleViolation("organisation_needed", words, "organisationId")
    return members[0]


def _changes(entry: TimeEntry, body: EntryPatch) -> dict[str, Any]:
    """What `time_entries.edit` is to change. Raises OutOfReach, RuleViolation."""
    sent = body.model_fields_set
    if "agent_id" in sent and body.agent_id not in (None, str(entry.member.user_id)):
        raise RuleViolation("agent_fixed", "An entry stays with its agent: log another one.", "agentId")
    fields: dict[str, Any] = {name: getattr(body, name) for name in ("date", "minutes", "subject") if name in sent}
    if "description" in sent:
        fields["description"] = body.description or ""
    link = _link(entry, body)
    fields |= link
    if "billable" in sent and (link or body.billable != entry.billable):
        fields["billable_option"] = mapping.option_of(body.billable)
    return fields


def _link(entry: TimeEntry, body: EntryPatch) -> dict[str, Any]:
    """The record, where another one is named; else nothing, so that what hangs on it (a task) stays."""
    sent = body.model_fields_set
    kind = body.kind if "kind" in sent else entry.kind
    same = kind == entry.kind
    ids = {name: str(pk) if same and (pk := getattr(entry, name)) else None for name in ("ticket_id", "project_id")}
    asked = {name: getattr(body, name) if name in sent else now for name, now in ids.items()}
    return {} if same and asked == ids else mapping.link_of(kind, asked["ticket_id"], asked["project_id"])


def _version(request: HttpRequest, in_body: int | None) -> int | None:
    """The version that was read, by `If-Match` or in the body; None where none is named. 0, which never fits, for what
    can be none."""
    header = request.headers.get("If-Match", "").strip()
    if header in ("", "*"):
        return in_body if in_body is None or fits(in_body) else 0
    return places.number_of(header.removeprefix("W/").strip('"'))


def _changed_meanwhile(request: HttpRequest, conflict: Conflict) -> HttpResponse:
    by_header = request.headers.get("If-Match", "").strip() not in ("", "*")
    return SURFACE.refuse(request, Refusal(412 if by_header else 409, conflict.code, str(conflict)))


def _answer(entry_id: int, *, status: int = 200) -> HttpResponse:
    """The entry as it is stored now, with its version as `ETag`."""
    (row,) = mapping.rows_of(TimeEntry.objects.filter(pk=entry_id))
    response = JsonResponse(row, status=status)
    response["ETag"] = f'"{row["version"]}"'
    return response
