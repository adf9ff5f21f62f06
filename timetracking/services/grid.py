"""What is typed into cells of the weekly grid, carried out by the services that write single and many entries.

A cell is one row (the records of its entries) on one day of a member. Whoever writes says which entries they saw in it:
anything else in it is a conflict. That is asked under the lock of the week, so no two people fill one cell twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership
from accounts.permissions import Permission, require
from timesheets_site.lib.errors import Conflict, DomainError, RuleViolation
from timetracking.models import EntryBatch, TimeEntry
from timetracking.rules import durations, grid_cells, local_time
from timetracking.rules.durations import Reading
from timetracking.rules.grid_cells import NAMES, Do, Seen
from timetracking.services import many_entries
from timetracking.services.many_entries import Delete, Edit, Log, Result, Step

Action = EntryBatch.Action


@dataclass(frozen=True)
class Cell:
    """One cell and what it shall hold: `reading` as it was typed, None where it was cleared.

    `row` has the ids of its records by name, `link` the same as `time_entries.log` takes them. `subject` is that of a
    new entry, and `seen` what was in the cell when it was typed into. `key` is the caller's own name for it.
    """

    row: dict[str, int]
    link: dict[str, Any]
    date: dt.date
    seen: tuple[Seen, ...]
    reading: Reading | None
    subject: str = ""
    key: Any = None


@dataclass(frozen=True)
class Block:
    """What became of several cells. `refused` says why, by the keys of those that stay as they were."""

    result: Result
    refused: dict[Any, DomainError] = field(default_factory=dict)


@transaction.atomic
def fill(actor: Membership, member: Membership, cell: Cell) -> Result:
    """Make a cell hold what was typed: log, change or delete its entry, all with the rules of `time_entries`.

    The result is empty where the cell holds that already; its batch takes the change back. Raises NotAllowed,
    OutOfReach, Conflict (the cell holds something else by now), RuleViolation `cell_has_several` (field `duration`), or
    what logging, editing or deleting raises.
    """
    require(actor, Permission.LOG_TIME, owner=member)
    step = _step(member, cell, _found(actor, member, [cell]))
    return many_entries.carry_out(actor, _action(step), [step], whole=True) if step is not None else Result([])


@transaction.atomic
def fill_all(actor: Membership, member: Membership, cells: Sequence[Cell], *, action: Action = Action.EDITED) -> Block:
    """The same for many cells at once, each by itself, with one batch for all.

    Raises NotAllowed, OutOfReach, or RuleViolation `too_many`.
    """
    require(actor, Permission.LOG_TIME, owner=member)
    found = _found(actor, member, cells)
    steps: list[Step] = []
    refused: dict[Any, DomainError] = {}
    for cell in cells:
        try:
            step = _step(member, cell, found)
        except DomainError as refusal:
            refused[cell.key] = refusal
        else:
            steps += [step] if step is not None else []
    result = many_entries.carry_out(actor, action, steps) if steps else Result([])
    refused |= {outcome.step.key: outcome.refusal for outcome in result.outcomes if outcome.refusal is not None}
    return Block(result, refused)


@transaction.atomic
def change_one(actor: Membership, member: Membership, cell: Cell, entry_id: int) -> Result:
    """Of several entries change the one that was chosen, so that the cell adds up to what was typed.

    One that would have nothing left is deleted. Raises as `fill` does, and RuleViolation `cell_too_full` where the
    others come to more.
    """
    require(actor, Permission.LOG_TIME, owner=member)
    found = _found(actor, member, [cell])
    _compare(cell, found)
    chosen = next((each for each in cell.seen if each.entry_id == entry_id), None)
    if chosen is None or cell.reading is None:
        raise Conflict(None, changed_words())
    left = cell.reading.minutes - sum(each.minutes for each in cell.seen if each.entry_id != entry_id)
    if left < 0:
        words = _("The other entries come to more than %(duration)s. Change one of them first.")
        values = {"duration": durations.format_minutes(cell.reading.minutes)}
        raise RuleViolation("cell_too_full", words % values, "duration")
    step: Step = _delete(member, cell, chosen)
    if left:
        step = _edit(member, cell, chosen, {"minutes": left})
    return many_entries.carry_out(actor, _action(step), [step], whole=True)


@transaction.atomic
def delete_all(actor: Membership, member: Membership, cell: Cell) -> Result:
    """Delete the entries that were seen in a cell, all or none. Raises OutOfReach, Conflict or Locked."""
    require(actor, Permission.LOG_TIME, owner=member)
    _compare(cell, _found(actor, member, [cell]))
    steps = [Delete(each.entry_id, each.version) for each in cell.seen]
    return many_entries.carry_out(actor, Action.DELETED, steps, whole=True) if steps else Result([])


def changed_words() -> str:
    return _("This cell was changed in the meantime.")


# --- From a cell to a step --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """The cell that a step writes into, looked at again once its week is locked and the step is done."""

    member: Membership
    cell: Cell

    def expect(self, written: TimeEntry) -> TimeEntry:
        beside = {name: self.cell.row.get(name) for name in NAMES}
        here = {f"{name}__isnull" if pk is None else name: pk is None or pk for name, pk in beside.items()}
        rest = TimeEntry.objects.filter(member=self.member.pk, date=self.cell.date, **here).exclude(pk=written.pk)
        seen = {each.entry_id: each.minutes for each in self.cell.seen if each.entry_id != written.pk}
        if dict(rest.order_by().values_list("pk", "minutes")) != seen:
            raise Conflict(None, changed_words())
        return written


@dataclass(frozen=True)
class _Log(Log):
    place: _Place = field(kw_only=True)

    def run(self, actor: Membership) -> TimeEntry:
        return self.place.expect(super().run(actor))


@dataclass(frozen=True)
class _Edit(Edit):
    place: _Place = field(kw_only=True)

    def run(self, actor: Membership) -> TimeEntry:
        return self.place.expect(super().run(actor))


@dataclass(frozen=True)
class _Delete(Delete):
    place: _Place = field(kw_only=True)

    def run(self, actor: Membership) -> TimeEntry:
        return self.place.expect(super().run(actor))


def _step(member: Membership, cell: Cell, found: dict[int, TimeEntry]) -> Step | None:
    """What a cell asks for; None where it holds it already. Raises Conflict or `cell_has_several`."""
    _compare(cell, found)
    reading = cell.reading
    plan = grid_cells.plan(cell.seen, reading.minutes if reading else None)
    times: dict[str, Any] = {}
    if reading is not None and reading.started is not None and reading.ended is not None:
        times = _times(member, cell.date, reading, reading.started, reading.ended)
    if plan.do == Do.CHOOSE or (times and len(cell.seen) > 1):
        raise _several(cell)
    if times:
        return _edit(member, cell, cell.seen[0], times) if cell.seen else _log(member, cell, times)
    if plan.do == Do.LOG:
        return _log(member, cell, {"minutes": plan.minutes})
    if plan.do == Do.CHANGE:
        return _edit(member, cell, cell.seen[0], {"minutes": plan.minutes})
    return _delete(member, cell, cell.seen[0]) if plan.do == Do.DELETE else None


def _log(member: Membership, cell: Cell, time: dict[str, Any]) -> Step:
    fields = {**cell.link, "date": cell.date, "subject": cell.subject, **time}
    return _Log(member, fields, key=cell.key, place=_Place(member, cell))


def _edit(member: Membership, cell: Cell, seen: Seen, fields: dict[str, Any]) -> Step:
    return _Edit(seen.entry_id, fields, seen.version, key=cell.key, place=_Place(member, cell))


def _delete(member: Membership, cell: Cell, seen: Seen) -> Step:
    return _Delete(seen.entry_id, seen.version, key=cell.key, place=_Place(member, cell))


def _times(member: Membership, day: dt.date, reading: Reading, start: dt.time, end: dt.time) -> dict[str, Any]:
    """The instants of a range that was typed, in the member's own zone; it may end at midnight."""
    last = day + dt.timedelta(days=1) if end <= start else day
    return {
        "minutes": reading.minutes,
        "started_at": local_time.instant(day, start, member.zone, field="duration"),
        "ended_at": local_time.instant(last, end, member.zone, field="duration"),
        "break_minutes": 0,
    }


def _found(actor: Membership, member: Membership, cells: Sequence[Cell]) -> dict[int, TimeEntry]:
    """The entries that were seen in the cells, as they are now; no query where none were."""
    ids = [each.entry_id for cell in cells for each in cell.seen]
    if not ids:
        return {}
    return {entry.pk: entry for entry in TimeEntry.objects.visible_to(actor).filter(member=member.pk, pk__in=ids)}


def _compare(cell: Cell, found: dict[int, TimeEntry]) -> None:
    """Raises Conflict where an entry that was seen is gone, was changed, or belongs elsewhere."""
    for seen in cell.seen:
        entry = found.get(seen.entry_id)
        if entry is None or (entry.version, entry.minutes, entry.date) != (seen.version, seen.minutes, cell.date):
            raise Conflict(entry, changed_words())
        if {name: pk for name in NAMES if (pk := getattr(entry, f"{name}_id"))} != cell.row:
            raise Conflict(entry, changed_words())


def _several(cell: Cell) -> RuleViolation:
    words = ngettext(
        "This cell has %(count)s entry. Which one should change?",
        "This cell has %(count)s entries. Which one should change?",
        len(cell.seen),
    )
    return RuleViolation("cell_has_several", words % {"count": len(cell.seen)}, "duration")


def _action(step: Step) -> Action:
    return Action(step.did)
