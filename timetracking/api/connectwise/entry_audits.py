"""What happened to a time entry, in this format's words: the trail of changes and the steps of approval."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import AuditEvent, Membership
from timetracking.api import values as wire
from timetracking.api.connectwise.entry_rows import sees_rates
from timetracking.api.connectwise.references import member_reference
from timetracking.api.connectwise.vocabulary import Words, entry_word
from timetracking.models import ApprovalEvent, ApprovalLine, TimeEntry

NAMES = {
    "member_id": "member", "date": "date", "minutes": "actualHours", "started_at": "timeStart", "ended_at": "timeEnd",
    "break_minutes": "hoursDeduct", "ticket_id": "ticket", "project_id": "project", "task_id": "projectTicket",
    "charge_code_id": "chargeCode", "activity_id": "activity", "client_id": "company", "agreement_id": "agreement",
    "description": "notes", "internal_notes": "internalNotes", "billable_option": "billableOption",
    "work_type_id": "workType", "work_role_id": "workRole", "billed_minutes": "hoursBilled",
    "covered_minutes": "agreementHours", "hourly_rate": "hourlyRate", "status": "status",
}  # fmt: skip
HOURS = frozenset({"minutes", "break_minutes", "billed_minutes", "covered_minutes"})
RATES = frozenset({"hourly_rate", "covered_minutes"})
LONGEST = 500
"""Characters of one value."""


def audits(actor: Membership, words: Words, entry: TimeEntry) -> list[dict[str, Any]]:
    """Oldest first, numbered from 1. Rates only for who may see them."""
    hidden = frozenset() if sees_rates(actor, entry.member_id) else RATES
    events = AuditEvent.objects.filter(object_type="timeentry", object_id=entry.pk).select_related("actor__user")
    lines = ApprovalLine.objects.filter(entry=entry).exclude(event__action=ApprovalEvent.Action.CHANGED)
    told = [(event.at, 0, event.pk, _change(event, words, hidden)) for event in events]
    told += [(line.event.at, 1, line.pk, _step(line, words)) for line in lines.select_related("event__actor__user")]
    told.sort(key=lambda each: each[:3])
    return [{"id": number, **audit} for number, (*_order, audit) in enumerate(told, start=1)]


def _change(event: AuditEvent, words: Words, hidden: frozenset[str]) -> dict[str, Any]:
    changes = {name: pair for name, pair in event.changes.items() if name in NAMES and name not in hidden}
    old, new = ({name: pair[side] for name, pair in changes.items()} for side in (0, 1))
    what = event.action.partition(".")[2].replace("_", " ")
    named = ", ".join(NAMES[name] for name in changes)
    message = f"Time entry {what}" + (f": {named}" if named and event.action == "time_entry.updated" else "")
    return _audit(event.actor, event.at, message, _in_words(old, words), _in_words(new, words))


def _step(line: ApprovalLine, words: Words) -> dict[str, Any]:
    was, became = ({"status": status} for status in (line.from_status, line.to_status))
    what = line.event.action.replace("_", " ")
    message = f"Time entry {what}" + (f": {line.reason}" if line.reason else "")
    return _audit(line.event.actor, line.event.at, message, _in_words(was, words), _in_words(became, words))


def _audit(actor: Membership | None, at: dt.datetime, message: str, old: str, new: str) -> dict[str, Any]:
    member = member_reference(actor.pk, actor.user.email, actor.display_name) if actor else None
    return {
        "member": member,
        "source": "API",
        "type": "TimeEntry",
        "message": message[:LONGEST],
        "oldValue": old,
        "newValue": new,
        "_info": {"lastUpdated": wire.utc(at) or ""},
    }


def _in_words(values: dict[str, Any], words: Words) -> str:
    """`actualHours: 1.25; notes: …`; what is empty is left out."""
    told = ((NAMES[name], _value(name, value, words)) for name, value in values.items() if value not in (None, ""))
    return "; ".join(f"{name}: {value}" for name, value in told)


def _value(name: str, value: Any, words: Words) -> str:
    if name in HOURS and isinstance(value, int):
        return f"{wire.hours_of(value):g}"
    if name == "status" and value in TimeEntry.Status.values:
        return entry_word(words, value)
    if name in ("started_at", "ended_at") and isinstance(value, str):
        return wire.utc(wire.instant(value)) or value
    return str(value)[:LONGEST]
