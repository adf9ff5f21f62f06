"""/entries: read, log, change, delete and restore time entries, one by one."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from accounts.permissions import Permission, require
from accounts.requests import Request
from timesheets_site.lib.errors import OutOfReach
from timesheets_site.lib.numbers import fits
from timetracking.api.native import entry_fields, paging, versions
from timetracking.api.native.entry_filters import EntryFilters, entries_of
from timetracking.api.native.entry_records import COLUMNS, by_id, records
from timetracking.api.native.entry_schemas import DeletedPage, EntryChange, EntryIn, EntryOut, EntryPage
from timetracking.api.native.paging import Paged
from timetracking.api.native.schemas import Instant
from timetracking.api.values import utc
from timetracking.models import TimeEntry
from timetracking.rules.locking import RESTORABLE_DAYS
from timetracking.services import time_entries

router = Router(tags=["Time entries"])
RESTORABLE = dt.timedelta(days=RESTORABLE_DAYS)
READ_WITH = ("ticket", "project", "task", "charge_code", "activity", "client")


class DeletedFilters(Paged):
    since: Instant | None = Field(None, description="Deleted at this instant or later. Left out: in the last 30 days.")


@router.get("/entries", response=EntryPage, summary="List time entries")
def list_entries(request: Request, asked: Query[EntryFilters]) -> HttpResponse:
    """One's own, or for managers everybody's. Deleted ones are not among them."""
    paging.check_query(request, EntryFilters)
    require(request.membership, Permission.VIEW_TIME)
    entries = entries_of(request.membership, asked)
    page = paging.take(entries.values(*COLUMNS), asked, of="entries", key="id")
    return paging.answer(records(request.membership, page.rows), page.next)


@router.post("/entries", response={201: EntryOut}, summary="Log time")
def create_entry(request: Request, body: EntryIn) -> HttpResponse:
    """A new entry; `Location` says where it is."""
    member = request.membership
    found = entry_fields.Records(member, [body.model_dump(exclude_unset=True)])
    worker, fields = entry_fields.of_new(member, body, found)
    entry = time_entries.log(member, member=worker, **fields)
    return _answer(request, entry.pk, status=201)


@router.get("/entries/deleted", response=DeletedPage, summary="List deleted time entries")
def list_deleted_entries(request: Request, asked: Query[DeletedFilters]) -> HttpResponse:
    """What was deleted since when. A restored entry is no longer among them."""
    paging.check_query(request, DeletedFilters)
    member = request.membership
    require(member, Permission.VIEW_TIME)
    since = asked.since or timezone.now() - RESTORABLE
    gone = TimeEntry.with_deleted.visible_to(member).filter(deleted_at__gte=since)
    columns = ("id", "member_id", "version", "deleted_at", "deleted_by_id")
    page = paging.take(gone.values(*columns), asked, of="deleted", key="id")
    items = [
        {**row, "deleted_at": utc(row["deleted_at"]), "restorable_until": utc(row["deleted_at"] + RESTORABLE)}
        for row in page.rows
    ]
    return paging.answer(items, page.next)


@router.get("/entries/{int:entry_id}", response=EntryOut, summary="One time entry")
def get_entry(request: Request, entry_id: int) -> HttpResponse:
    """Its version is in `ETag` as well."""
    require(request.membership, Permission.VIEW_TIME)
    return _answer(request, _own_kind(entry_id))


@router.patch(
    "/entries/{int:entry_id}", response=EntryOut, summary="Change a time entry", openapi_extra=versions.IF_MATCH
)
def change_entry(request: Request, entry_id: int, body: EntryChange) -> HttpResponse:
    """Only the fields that are named. Name the version that was read, by `If-Match` or in the body."""
    member = request.membership
    version = versions.expected(request, body.version)
    found = TimeEntry.objects.visible_to(member).filter(pk=_own_kind(entry_id))
    entry = found.select_related(*READ_WITH).first()
    if entry is None:
        raise OutOfReach
    fields = entry_fields.of_change(body, entry, entry_fields.Records(member, [body.model_dump(exclude_unset=True)]))
    time_entries.edit(member, entry_id, version=version, **fields)
    return _answer(request, entry_id)


@router.delete(
    "/entries/{int:entry_id}", response={204: None}, summary="Delete a time entry", openapi_extra=versions.IF_MATCH
)
def delete_entry(request: Request, entry_id: int) -> HttpResponse:
    """It can be restored for 30 days. Deleting what is deleted is a success."""
    time_entries.delete(request.membership, _own_kind(entry_id), version=versions.expected(request))
    return HttpResponse(status=204)


@router.post(
    "/entries/{int:entry_id}/restore",
    response=EntryOut,
    summary="Restore a deleted time entry",
    openapi_extra=versions.IF_MATCH,
)
def restore_entry(request: Request, entry_id: int) -> HttpResponse:
    """With the same id, within 30 days. Restoring what is there is a success."""
    entry = time_entries.restore(request.membership, _own_kind(entry_id), version=versions.expected(request))
    return _answer(request, entry.pk)


def _own_kind(number: int) -> int:
    """An id that fits; one too large for us is unknown. Raises OutOfReach."""
    if not fits(number):
        raise OutOfReach
    return number


def _answer(request: Request, entry_id: int, *, status: int = 200) -> HttpResponse:
    record = by_id(request.membership, [entry_id]).get(entry_id)
    if record is None:
        raise OutOfReach
    return versions.answer(record, status=status, location=f"/api/v1/entries/{entry_id}" if status == 201 else "")
