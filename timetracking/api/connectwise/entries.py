"""/time/entries: list, count, read, create, change, delete, in bulk; what a new one would have, and its history."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from ninja import Router

from accounts.requests import Request
from timesheets_site.lib.errors import OutOfReach
from timetracking.api.bodies import read_json
from timetracking.api.connectwise import (
    entry_audits,
    entry_bulk,
    entry_changes,
    entry_defaults,
    entry_rows,
    entry_schemas,
    listing,
)
from timetracking.api.connectwise.entry_fields import fields_for
from timetracking.api.connectwise.entry_schemas import BULK, ENTRY, LISTED, OPERATIONS, BulkOut, TimeEntryOut
from timetracking.api.connectwise.path_ids import by_path
from timetracking.api.connectwise.sheet_audits import AuditOut
from timetracking.api.connectwise.vocabulary import mount_of
from timetracking.models import TimeEntry

router = Router(tags=["Time entries"], by_alias=True)


def _rows(request: Request) -> Any:
    return TimeEntry.objects.visible_to(request.membership)


def _found(request: Request, entry_id: str) -> TimeEntry:
    entry: TimeEntry = by_path(_rows(request), entry_id)
    return entry


def _told(request: Request, entry_id: int, status: int = 200) -> JsonResponse:
    """The entry as it is now; `fields` chooses what of it is answered."""
    entry = entry_rows.one(request.membership, mount_of(request), entry_id)
    if entry is None:
        raise OutOfReach
    return JsonResponse(listing.only(entry, listing.chosen(request)), status=status)


@router.get("", response=list[TimeEntryOut], summary="Time entries", openapi_extra=entry_schemas.parameters(*LISTED))
def list_entries(request: Request) -> JsonResponse:
    member, words = request.membership, mount_of(request)
    fields = fields_for(member, words)
    return listing.answer(request, _rows(request), fields, lambda rows: entry_rows.written(member, words, rows))


@router.get(
    "/count", response=dict[str, int], summary="How many there are",
    openapi_extra=entry_schemas.parameters("conditions"),
)  # fmt: skip
def count_entries(request: Request) -> JsonResponse:
    return listing.count(request, _rows(request), fields_for(request.membership, mount_of(request)))


@router.post("", response={201: TimeEntryOut}, summary="Log time", openapi_extra=entry_schemas.body(ENTRY))
def create_entry(request: Request) -> JsonResponse:
    """By `timeStart` and `timeEnd`, or by `timeStart` and `actualHours`."""
    return _told(request, entry_changes.create(request.membership, read_json(request)), status=201)


@router.post(
    "/bulk", response=BulkOut, summary="Change many time entries alike", openapi_extra=entry_schemas.body(BULK)
)
def change_entries(request: Request) -> JsonResponse:
    """Each is changed or refused by itself."""
    return JsonResponse(entry_bulk.change(request.membership, mount_of(request), read_json(request)))


@router.post(
    "/defaults", response=TimeEntryOut, summary="What a new time entry would have",
    openapi_extra=entry_schemas.body(ENTRY, required=False),
)  # fmt: skip
def default_entry(request: Request) -> JsonResponse:
    """Nothing is stored."""
    return JsonResponse(entry_defaults.defaults(request.membership, mount_of(request), read_json(request)))


@router.get("/{entry_id}", response=TimeEntryOut, summary="One time entry")
def get_entry(request: Request, entry_id: str) -> JsonResponse:
    return _told(request, _found(request, entry_id).pk)


@router.patch(
    "/{entry_id}", response=TimeEntryOut, summary="Change a time entry",
    openapi_extra=entry_schemas.body({"oneOf": [ENTRY, OPERATIONS]}),
)  # fmt: skip
def change_entry(request: Request, entry_id: str) -> JsonResponse:
    """An object of fields, or a list of patch operations. `status` approves, rejects or opens again."""
    entry = _found(request, entry_id)
    entry_changes.patch(request.membership, mount_of(request), entry.pk, read_json(request))
    return _told(request, entry.pk)


@router.put(
    "/{entry_id}", response=TimeEntryOut, summary="Replace a time entry", openapi_extra=entry_schemas.body(ENTRY)
)
def replace_entry(request: Request, entry_id: str) -> JsonResponse:
    """Fields that are not sent go to their defaults; read-only ones are ignored."""
    entry = _found(request, entry_id)
    entry_changes.replace(request.membership, mount_of(request), entry.pk, read_json(request))
    return _told(request, entry.pk)


@router.delete("/{entry_id}", response={204: None}, summary="Delete a time entry")
def delete_entry(request: Request, entry_id: str) -> HttpResponse:
    """It can be restored for 30 days in the product."""
    found = by_path(TimeEntry.with_deleted.visible_to(request.membership), entry_id)
    entry_changes.delete(request.membership, found.pk)
    return HttpResponse(status=204)


@router.get("/{entry_id}/audits", response=list[AuditOut], summary="What happened to a time entry")
def list_entry_audits(request: Request, entry_id: str) -> JsonResponse:
    return listing.answer_whole(request, _audits(request, entry_id))


@router.get("/{entry_id}/audits/count", response=dict[str, int], summary="How many there are")
def count_entry_audits(request: Request, entry_id: str) -> JsonResponse:
    return JsonResponse({"count": len(_audits(request, entry_id))})


def _audits(request: Request, entry_id: str) -> list[dict[str, Any]]:
    return entry_audits.audits(request.membership, mount_of(request), _found(request, entry_id))
