"""What an event of the audit trail is called outside: the types that the feed of changes and webhooks tell of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from timetracking.models.time_entries import TimeEntry
from timetracking.models.timesheets import Timesheet

ENTRY, SHEET, TIMER = "time_entry", "timesheet", "timer"
Status, State = TimeEntry.Status, Timesheet.State

OBJECTS = {
    "timeentry": ENTRY,
    "timesheet": SHEET,
    "timer": TIMER,
    "client": "client",
    "agreement": "agreement",
    "project": "project",
    "task": "task",
    "ticket": "ticket",
    "chargecode": "charge_code",
    "activity": "activity",
    "worktype": "work_type",
    "workrole": "work_role",
    "invoice": "invoice",
}
"""The model that an event is about → what it is called outside."""
RECORDS = frozenset(OBJECTS) - {"timeentry", "timesheet", "timer", "invoice"}
"""Those of the catalogue."""

ACTIONS = {
    "timeentry": {
        "time_entry.logged": "time_entry.created",
        **{
            name: name
            for name in (
                "time_entry.updated", "time_entry.deleted", "time_entry.restored", "time_entry.billed",
                "time_entry.unbilled", "time_entry.rerated", "time_entry.coverage_changed",
            )
        },
    },
    "timesheet": {
        name: name
        for name in (
            "timesheet.marked_ready", "timesheet.back_to_draft", "timesheet.submitted", "timesheet.recalled",
            "timesheet.first_approval", "timesheet.approved", "timesheet.rejected", "timesheet.decided",
            "timesheet.undone", "timesheet.reopened", "timesheet.changed", "timesheet.reopening_asked",
        )
    },
    "timer": {
        name: name
        for name in ("timer.started", "timer.stopped", "timer.changed", "timer.discarded", "timer.resumed")
    },
    "invoice": {
        name: name
        for name in ("invoice.drafted", "invoice.updated", "invoice.issued", "invoice.voided", "invoice.discarded")
    },
    **{
        model: {f"{OBJECTS[model]}.{verb}": f"{OBJECTS[model]}.{verb}"
                for verb in ("created", "updated", "archived", "restored")}
        for model in RECORDS
    },
}  # fmt: skip
"""By the model: the action in the trail → its type. What is not here is nobody's business outside."""

OF_STATE = {
    State.APPROVED: "timesheet.approved",
    State.DECLINED: "timesheet.rejected",
    State.PARTIALLY_DECLINED: "timesheet.rejected",
    State.PARTIALLY_APPROVED: "timesheet.partly_approved",
}
BY_STATE = frozenset({"timesheet.approved", "timesheet.rejected", "timesheet.decided", "timesheet.changed"})
"""Steps whose type is that of the state they led to: a decision on single entries decides no week."""
OF_STATUS = {
    Status.OPEN: "time_entry.reopened",
    Status.SUBMITTED: "time_entry.submitted",
    Status.APPROVED: "time_entry.approved",
    Status.REJECTED: "time_entry.rejected",
}


class PublicEvent(NamedTuple):
    """`type` is `noun.past_tense`; `object` is the noun."""

    type: str
    object: str
    object_id: int


def public_types(action: str, model: str, object_id: int, changes: Mapping[str, Any]) -> list[PublicEvent]:
    """What one event of the trail says outside, in a fixed order; nothing for what stays inside.

    A step of a week also tells of each entry that it gave another status.

    >>> [each.type for each in public_types("time_entry.logged", "timeentry", 7, {})]
    ['time_entry.created']
    >>> entries = [{"SUBMITTED": [7, 8]}, {"APPROVED": [7], "REJECTED": [8]}]
    >>> changes = {"state": ["submitted", "partiallyDeclined"], "entries": entries}
    >>> [(each.type, each.object_id) for each in public_types("timesheet.decided", "timesheet", 3, changes)]
    [('timesheet.rejected', 3), ('time_entry.approved', 7), ('time_entry.rejected', 8)]
    >>> public_types("member.role_changed", "membership", 1, {})
    []
    """
    known = ACTIONS.get(model, {}).get(action)
    if known is None:
        return []
    told = [PublicEvent(_type_of(known, changes), OBJECTS[model], object_id)]
    if model == "timesheet" and action != "timesheet.changed":  # there the entry has an event of its own
        told += _entries(changes)
    return told


def _type_of(known: str, changes: Mapping[str, Any]) -> str:
    if known not in BY_STATE:
        return known
    states = changes.get("state")
    return OF_STATE.get(states[1], "timesheet.updated") if states else "timesheet.updated"


def _entries(changes: Mapping[str, Any]) -> list[PublicEvent]:
    """Each entry whose status a step changed, by its id."""
    before: Mapping[str, Sequence[int]]
    after: Mapping[str, Sequence[int]]
    before, after = changes.get("entries") or ({}, {})
    was = {pk: status for status, pks in before.items() for pk in pks}
    became = {pk: status for status, pks in after.items() for pk in pks}
    return [
        PublicEvent(OF_STATUS[Status(status)], ENTRY, pk)
        for pk, status in sorted(became.items())
        if status in OF_STATUS and was.get(pk) != status
    ]
