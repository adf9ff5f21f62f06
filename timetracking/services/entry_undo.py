"""Undo of an edit: the values before it, read from the trail and written through the same path as any edit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, Membership
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.models import Activity, ChargeCode, Client, Project, Task, Ticket, TimeEntry, WorkRole, WorkType
from timetracking.services import time_entries

RECORDS: dict[str, Any] = {
    "ticket": Ticket,
    "project": Project,
    "task": Task,
    "charge_code": ChargeCode,
    "activity": Activity,
    "client": Client,
}
CATALOGUE: dict[str, Any] = {"work_type": WorkType, "work_role": WorkRole}
INSTANTS = ("started_at", "ended_at")
PLAIN = ("minutes", "break_minutes", "subject", "description", "internal_notes", "billable_option")


def undo_edit(actor: Membership, entry_id: int, *, version: int) -> TimeEntry:
    """Write back what the actor's own last edit changed. `version` is the one that the edit left behind.

    Raises what `time_entries.edit` raises, and RuleViolation `nothing_to_undo` if something else happened since.
    """
    entry = TimeEntry.objects.visible_to(actor).filter(pk=entry_id).first()
    if entry is None:
        raise OutOfReach
    back = fields_back(actor, [entry])[entry_id]
    if isinstance(back, RuleViolation):
        raise back
    return time_entries.edit(actor, entry_id, version=version, **back)


def fields_back(actor: Membership, entries: Iterable[TimeEntry]) -> dict[int, Any]:
    """By entry: what `time_entries.edit` takes to undo the actor's own last edit, or the refusal `nothing_to_undo`.

    That included hours were shared out again is a consequence of edits, and stands in the way of none.
    """
    wanted = {entry.pk: entry for entry in entries}
    events = AuditEvent.objects.filter(object_type="timeentry", object_id__in=wanted)
    told = events.exclude(action="time_entry.coverage_changed").order_by().values("object_id")
    last = AuditEvent.objects.in_bulk([row["last"] for row in told.annotate(last=Max("pk"))])
    by_entry = {event.object_id: event for event in last.values()}
    return {pk: _back(actor, entry, by_entry.get(pk)) for pk, entry in wanted.items()}


def _back(actor: Membership, entry: TimeEntry, last: AuditEvent | None) -> Any:
    if last is None or last.action != "time_entry.updated" or last.actor_id != actor.pk:
        return RuleViolation("nothing_to_undo", _("This can't be undone any more. Look at the entry's history."))
    return _fields(entry, {name: old for name, (old, _new) in last.changes.items()})


def _fields(entry: TimeEntry, before: dict[str, Any]) -> Any:
    fields: dict[str, Any] = {name: before[name] for name in PLAIN if name in before}
    if "date" in before:
        fields["date"] = dt.date.fromisoformat(before["date"])
        fields |= {name: getattr(entry, name) for name in INSTANTS}  # what stayed then, stays now
    for name in INSTANTS:
        if name in before:
            fields[name] = dt.datetime.fromisoformat(before[name]) if before[name] else None
    for name, model in CATALOGUE.items():
        if f"{name}_id" in before:
            pk = before[f"{name}_id"]
            fields[name] = model.objects.get(pk=pk) if pk else None
    if "kind" in before or any(f"{name}_id" in before for name in RECORDS):
        fields["kind"] = before.get("kind", entry.kind)
        for name, model in RECORDS.items():
            pk = before.get(f"{name}_id", getattr(entry, f"{name}_id"))
            fields[name] = model.objects.get(pk=pk) if pk else None
        if fields["kind"] != TimeEntry.Kind.GENERAL:
            del fields["client"]  # it follows from the record
    return fields
