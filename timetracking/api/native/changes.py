"""GET /changes: everything that happened, in order and without gaps, for programs that keep a copy.

A place in the feed is an event of the audit trail and how many of its items were told. Events are told only once none
of before them can still appear, so that a program that goes on from its cursor misses nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Query, Router, Schema
from pydantic import Field

from accounts import audit
from accounts.models import AuditEvent, Membership
from accounts.requests import Request
from timesheets_site.lib.numbers import LARGEST_ID
from timetracking.api.native import entry_records, paging
from timetracking.api.native.entry_schemas import EntryOut
from timetracking.api.native.timesheet_shapes import TimesheetOut, sheets_out
from timetracking.api.refusals import BadRequest
from timetracking.api.values import utc
from timetracking.models import Timesheet
from timetracking.rules.public_events import ENTRY, SHEET, PublicEvent
from timetracking.selectors import public_events

router = Router(tags=["Changes"])
PLACE = re.compile(r"changes(\d{1,19})\.(\d{1,9})")
Told = tuple[AuditEvent, PublicEvent]


class ChangeFilters(Schema):
    after: str | None = Field(None, max_length=60, description="`next` of the last call. Left out: from the beginning.")
    limit: int = Field(paging.MOST, ge=1, le=paging.MOST, description="Items on a page.")


class ChangeOut(Schema):
    """One thing that happened to one record. A record may come up several times; the last one counts."""

    id: str = Field(description="Of this item; the same whenever it is told.")
    type: str = Field(description="`time_entry.created`, `timesheet.approved`, `client.updated`, …")
    object: str
    object_id: int
    at: str = Field(description="When.", json_schema_extra={"format": "date-time"})
    by: int | None = Field(description="The member who did it; null for the product itself.")
    deleted: bool = Field(description="The time entry or week is gone now.")
    record: EntryOut | TimesheetOut | None = Field(
        description="The time entry or week as it is now; null where it is deleted, and for records of other kinds."
    )


class ChangePage(Schema):
    items: list[ChangeOut]
    next: str = Field(description="Where to go on, now or later; there is always one.")
    more: bool = Field(description="Is there more to be had now?")


class NowOut(Schema):
    next: str = Field(description="The feed after everything that has happened.")
    object: Literal["changes"] = "changes"


@router.get("/changes", response=ChangePage, summary="What happened since")
def list_changes(request: Request, asked: Query[ChangeFilters]) -> HttpResponse:
    """One's own time, or for managers everybody's, with deletions; and the records that time hangs on."""
    paging.check_query(request, ChangeFilters)
    member = request.membership
    event_id, told = read_place(asked.after) if asked.after else (0, 0)
    up_to = audit.last_settled()
    first = max(event_id - 1, 0) if told else event_id
    items, place = _page(_told(member, first, up_to, asked.limit + 1), (event_id, told), asked.limit)
    more = place is not None
    if place is None:
        place = max(up_to, event_id), 0
    return JsonResponse({"items": _answered(member, items), "next": place_of(*place), "more": more})


@router.get("/changes/now", response=NowOut, summary="Where the feed ends now")
def changes_now(request: HttpRequest) -> HttpResponse:
    """For a program that reads everything first: ask this, read all lists, then go on with the feed from here."""
    return JsonResponse({"object": "changes", "next": place_of(audit.last_settled(), 0)})


def _told(member: Membership, after: int, up_to: int, at_least: int) -> Iterator[tuple[int, Told]]:
    """Items after an event, each with its place among those of its event; enough for a page, if there are so many."""
    while True:
        events = list(public_events.events_for(member, after=after, up_to=up_to)[:at_least])
        for event in events:
            for number, said in enumerate(public_events.public_types(event)):
                yield number, (event, said)
        if len(events) < at_least:
            return
        after = events[-1].pk


def _page(
    told: Iterable[tuple[int, Told]], start: tuple[int, int], limit: int
) -> tuple[list[Told], tuple[int, int] | None]:
    """The first `limit` items from a place on, and the place behind them; None where these are all."""
    items: list[Told] = []
    last = start
    for number, (event, said) in told:
        if event.pk == start[0] and number < start[1]:
            continue
        if len(items) == limit:
            return items, last
        items.append((event, said))
        last = event.pk, number + 1
    return items, None


def _answered(member: Membership, items: list[Told]) -> list[dict[str, Any]]:
    """The items with their records, which are read with one query for each kind."""
    ids: dict[str, set[int]] = {ENTRY: set(), SHEET: set()}
    for _event, said in items:
        if said.object in ids:
            ids[said.object].add(said.object_id)
    records: dict[str, dict[int, dict[str, Any]]] = {
        ENTRY: entry_records.by_id(member, ids[ENTRY]) if ids[ENTRY] else {},
        SHEET: sheets_by_id(member, ids[SHEET]) if ids[SHEET] else {},
    }
    return [
        {
            "id": f"{event.pk}-{said.object}-{said.object_id}",
            "type": said.type,
            "object": said.object,
            "object_id": said.object_id,
            "at": utc(event.at),
            "by": event.actor_id,
            "deleted": said.object in records and said.object_id not in records[said.object],
            "record": records.get(said.object, {}).get(said.object_id),
        }
        for event, said in items
    ]


def sheets_by_id(member: Membership, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Those of these weeks that the member may see, by their ids."""
    sheets = Timesheet.objects.visible_to(member).filter(pk__in=list(ids)).select_related("member")
    return {sheet["id"]: sheet for sheet in sheets_out(sheets)}


def place_of(event_id: int, told: int) -> str:
    """A place in the feed, as text that says nothing to its reader.

    >>> read_place(place_of(12, 3))
    (12, 3)
    """
    return base64.urlsafe_b64encode(f"changes{event_id}.{told}".encode()).decode().rstrip("=")


def read_place(text: str) -> tuple[int, int]:
    """The event and how many of its items were told. Raises BadRequest `cursor_unreadable`."""
    try:
        padded = text + "=" * (-len(text) % 4)
        found = PLACE.fullmatch(base64.b64decode(padded.encode("ascii"), b"-_", validate=True).decode("ascii"))
    except (binascii.Error, ValueError):
        found = None
    if found is None or int(found[1]) > LARGEST_ID:
        raise BadRequest("This is no place in the feed. Start without one.", "cursor_unreadable", "after")
    return int(found[1]), int(found[2])
