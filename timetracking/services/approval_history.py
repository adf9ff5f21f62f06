"""The history of approvals: the only code that adds to it. One step of one week is an event with a line per entry."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts import audit
from accounts.models import Membership
from timetracking.models import ApprovalEvent, ApprovalLine, TimeEntry, Timesheet

Action = ApprovalEvent.Action
LINES_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """What a step did to one entry; statuses are empty where the entry was not, or is no longer, in the week."""

    entry: TimeEntry
    from_status: str
    to_status: str
    reason: str = ""


@dataclass(frozen=True)
class Step:
    """One step: `sheet` is as the step left it, its version included."""

    sheet: Timesheet
    action: str
    from_state: str
    lines: Sequence[Line] = field(default_factory=list)
    reason: str = ""
    stood_in_for: Membership | None = None


def add(actor: Membership | None, steps: Sequence[Step], *, at: dt.datetime) -> list[ApprovalEvent]:
    """Write the steps into the history, and each into the audit trail, in the transaction of the change.

    `at` is now, except where history itself is loaded.
    """
    events = ApprovalEvent.objects.bulk_create(
        ApprovalEvent(
            timesheet=step.sheet,
            action=step.action,
            actor=actor,
            stood_in_for=step.stood_in_for,
            at=at,
            from_state=step.from_state,
            to_state=step.sheet.state,
            reason=step.reason,
            version=step.sheet.version,
        )
        for step in steps
    )
    lines = [
        ApprovalLine(
            event=event, entry=line.entry, from_status=line.from_status, to_status=line.to_status, reason=line.reason
        )
        for event, step in zip(events, steps, strict=True)
        for line in step.lines
    ]
    ApprovalLine.objects.bulk_create(lines, batch_size=LINES_AT_ONCE)
    by_action: dict[str, list[audit.Told]] = defaultdict(list)
    for step in steps:
        if step.action != Action.CHANGED or step.from_state != step.sheet.state:
            by_action[step.action].append(audit.Told(step.sheet, _changes(step), _other(actor, step.sheet.member)))
    for action, told in by_action.items():
        audit.record_all(actor, f"timesheet.{action}", told, at=at)
    return list(events)


def _changes(step: Step) -> dict[str, tuple[Any, Any]]:
    """The state, the reason, and which entries went from which status to which."""
    changes: dict[str, tuple[Any, Any]] = {}
    if step.from_state != step.sheet.state:
        changes["state"] = (step.from_state, step.sheet.state)
    if step.lines:
        before: dict[str, list[int]] = defaultdict(list)
        after: dict[str, list[int]] = defaultdict(list)
        for line in step.lines:
            before[line.from_status].append(line.entry.pk)
            after[line.to_status].append(line.entry.pk)
        changes["entries"] = (dict(before), dict(after))
    if step.reason:
        changes["reason"] = ("", step.reason)
    return changes


def _other(actor: Membership | None, member: Membership) -> Membership | None:
    return member if actor is not None and member.pk != actor.pk else None
