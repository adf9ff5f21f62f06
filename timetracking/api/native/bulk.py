"""POST /entries/bulk: many entries in one call; each item gets its own answer, and none stops the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import OperationalError
from django.http import HttpResponse, JsonResponse
from ninja import Router, Schema
from pydantic import Field, ValidationError

from accounts.api_shapes import Refusal
from accounts.models import Membership
from accounts.permissions import Permission, require
from accounts.requests import Request
from timesheets_site.lib.errors import DomainError, OutOfReach
from timesheets_site.lib.numbers import fits
from timetracking.api.native import entry_fields, versions
from timetracking.api.native.entries import READ_WITH
from timetracking.api.native.entry_fields import Records
from timetracking.api.native.entry_records import by_id
from timetracking.api.native.entry_schemas import EntryChange, EntryIn, EntryOut
from timetracking.api.native.schemas import Body, Id, ProblemOut, Version
from timetracking.api.native.surface import problem_of
from timetracking.api.refusals import refusal_of
from timetracking.api.surface import unreadable_input
from timetracking.models import EntryBatch, TimeEntry
from timetracking.services import many_entries
from timetracking.services.many_entries import Delete, Edit, Log, Outcome, Step

router = Router(tags=["Time entries"])
MOST = 1_000
AT_ONCE = 100
"""Items in one transaction, so that others who write get their turn in between."""
DONE = {"create": 201, "update": 200, "delete": 204}


class CreateItem(EntryIn):
    op: Literal["create"]


class UpdateItem(EntryChange):
    op: Literal["update"]
    id: Id


class DeleteItem(Body):
    op: Literal["delete"]
    id: Id
    version: Version | None = None


ITEMS: dict[str, type[CreateItem | UpdateItem | DeleteItem]] = {
    "create": CreateItem,
    "update": UpdateItem,
    "delete": DeleteItem,
}
Item = CreateItem | UpdateItem | DeleteItem


class BulkIn(Body):
    items: list[Any] = Field(
        min_length=1,
        max_length=MOST,
        description='Each with `op`: "create" (and the fields of a new entry), "update" (`id`, `version` and what '
        'shall be other than it is) or "delete" (`id`, `version`). One that can\'t be read is refused by itself.',
    )


class BulkAnswer(Schema):
    index: int = Field(description="The item's place, from 0.")
    status: int = Field(description="As the item would be answered alone: 201, 200, 204, or that of its problem.")
    id: int | None
    entry: EntryOut | None = Field(description="As it is now; null for what was deleted or refused.")
    problem: ProblemOut | None


class BulkOut(Schema):
    items: list[BulkAnswer]


@dataclass
class Place:
    """One item on its way: what was read of it, and what became of it."""

    index: int
    item: Item | None = None
    entry_id: int | None = None
    refusal: Refusal | None = None
    sent: dict[str, Any] = field(default_factory=dict)


@router.post("/entries/bulk", response=BulkOut, summary="Create, change and delete many time entries")
def change_many_entries(request: Request, body: BulkIn) -> HttpResponse:
    """Up to 1,000 items; the answers come in their order. The status of the whole is 200."""
    member = request.membership
    require(member, Permission.LOG_TIME)
    places = [_read(index, sent) for index, sent in enumerate(body.items)]
    readable = [place for place in places if place.item is not None]
    for start in range(0, len(readable), AT_ONCE):
        _carry_out(member, readable[start : start + AT_ONCE])
    kept = [p.entry_id for p in places if p.entry_id and not p.refusal and not isinstance(p.item, DeleteItem)]
    entries = by_id(member, kept)
    return JsonResponse({"items": [_answer(place, entries) for place in places]})


def _read(index: int, sent: Any) -> Place:
    place = Place(index)
    if isinstance(sent, dict) and type(sent.get("id")) is int:  # not a bool
        place.entry_id = sent["id"]
    op = sent.get("op") if isinstance(sent, dict) else None
    schema = ITEMS.get(op) if isinstance(op, str) else None
    if schema is None:
        place.refusal = Refusal(422, "invalid", 'An item has an "op": create, update or delete.', {"op": ["Unknown."]})
        return place
    try:
        place.item = schema.model_validate(sent)
    except ValidationError as error:
        errors = [{"loc": ("body", "item", *each["loc"]), "msg": each["msg"]} for each in error.errors()]
        place.refusal = unreadable_input(errors)
        return place
    place.sent = place.item.model_dump(exclude_unset=True)
    if isinstance(place.item, CreateItem):
        place.entry_id = None
    return place


def _carry_out(member: Membership, places: Sequence[Place]) -> None:
    """Do a block of items; what became of each is noted at its place."""
    records = Records(member, [place.sent for place in places])
    ids = [place.entry_id for place in places if place.entry_id is not None and fits(place.entry_id)]
    entries = TimeEntry.objects.visible_to(member).filter(pk__in=ids).select_related(*READ_WITH).in_bulk()
    steps: list[Step] = []
    for place in places:
        try:
            steps.append(_step(member, place, records, entries))
        except DomainError as refusal:
            place.refusal = refusal_of(refusal)
    if not steps:
        return
    try:
        result = many_entries.carry_out(member, _action(steps), steps)
    except OperationalError as error:  # this block was taken back; what other blocks wrote stays written
        for step in steps:
            step.key.refusal = refusal_of(error)
        return
    for outcome in result.outcomes:
        _note(outcome)


def _step(member: Membership, place: Place, records: Records, entries: dict[int, TimeEntry]) -> Step:
    """Raises OutOfReach or RuleViolation."""
    match place.item:
        case CreateItem() as item:
            worker, fields = entry_fields.of_new(member, item, records)
            return Log(worker, fields, key=place)
        case DeleteItem() as item if fits(item.id):
            return Delete(item.id, versions.known(item.version), key=place)
        case UpdateItem() as item if (entry := entries.get(item.id)) is not None:
            fields = entry_fields.of_change(item, entry, records)
            return Edit(item.id, fields, versions.known(item.version), key=place)
    raise OutOfReach


def _action(steps: Sequence[Step]) -> EntryBatch.Action:
    """What the batch is called, whose Undo takes the block back."""
    if all(isinstance(step, Log) for step in steps):
        return EntryBatch.Action.LOGGED
    if all(isinstance(step, Delete) for step in steps):
        return EntryBatch.Action.DELETED
    return EntryBatch.Action.EDITED


def _note(outcome: Outcome) -> None:
    place: Place = outcome.step.key
    if outcome.refusal is not None:
        place.refusal = refusal_of(outcome.refusal)
    elif outcome.entry is not None:
        place.entry_id = outcome.entry.pk


def _answer(place: Place, entries: dict[int, dict[str, Any]]) -> dict[str, Any]:
    answer: dict[str, Any] = {"index": place.index, "id": place.entry_id, "entry": None, "problem": None}
    if place.refusal is not None or place.item is None:
        refusal = place.refusal or Refusal(500, "", "")
        return {**answer, "status": refusal.status, "problem": problem_of(refusal)}
    return {**answer, "status": DONE[place.item.op], "entry": entries.get(place.entry_id or 0)}
