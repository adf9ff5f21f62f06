"""One of everything that members are told, as the services store it, in each of its variants."""

from __future__ import annotations

from typing import Any

WEEK = {"week_start": "2026-06-08", "sheet_id": 7}
SENT = {**WEEK, "member_id": 3, "member": "Carol Clark", "minutes": 2250, "again": False, "note": "Quarry 9"}
DECIDED = {**WEEK, "by": "Bob Brown", "approved": 9, "rejected": 0, "state": "approved", "reason": ""}
ENTRY = {"entry_id": 5, "subject": "Gizmo 5", "date": "2026-06-11", "week_start": "2026-06-08", "by": "Bob Brown"}
MISSING = {"week_start": "2026-06-08", "due": "2026-06-15T09:00:00+00:00", "overdue": True, "minutes": 850, "by": ""}
BUDGET = {"code": "BCN-1", "name": "Beacon 1", "budget": "minutes", "planned": 7200, "mark": 80, "percent": 83}
INCLUDED = {
    "agreement_id": 1,
    "name": "Marble 2",
    "budget": "minutes",
    "planned": 1200,
    "mark": 80,
    "percent": 80,
    "month": "2026-06-01",
}
CHANGES = ("changed", "deleted", "added", "restored")

FORGOTTEN = {"timer_id": 4, "subject": "Gizmo 5", "started_at": "2026-06-11T15:05:00+00:00"}

SAMPLES: list[tuple[str, dict[str, Any]]] = [
    ("timesheet.submitted", SENT),
    ("timesheet.submitted", {**SENT, "again": True, "note": ""}),
    ("timesheet.reopening_asked", {**WEEK, "member_id": 3, "member": "Carol Clark", "note": "Quarry 9"}),
    ("approvals.handed_over", {"approver": "Bob Brown", "first_on": "2026-06-15", "last_on": "2026-06-19"}),
    ("timesheet.decided", DECIDED),
    ("timesheet.decided", {**DECIDED, "approved": 0, "rejected": 11, "state": "declined", "reason": "Quarry 9"}),
    ("timesheet.decided", {**DECIDED, "rejected": 2, "state": "partiallyDeclined"}),
    ("timesheet.decided", {**DECIDED, "approved": 0, "rejected": 1, "state": "partiallyDeclined"}),
    ("timesheet.decided", {**DECIDED, "approved": 1, "state": "partiallyApproved"}),
    ("timesheet.undone", {**WEEK, "by": "Bob Brown"}),
    ("timesheet.reopened", {**WEEK, "by": "Bob Brown", "reason": "Quarry 9"}),
    *(("time_entry.changed_after_approval", {**ENTRY, "what": what}) for what in CHANGES),
    ("timesheet.missing", MISSING),
    ("timesheet.missing", {**MISSING, "overdue": False, "by": "Bob Brown"}),
    ("timesheet.missing", {**MISSING, "due": None, "overdue": False, "minutes": 0, "by": "Bob Brown"}),
    ("project.budget_reached", BUDGET),
    ("project.budget_reached", {**BUDGET, "budget": "amount", "planned": None, "mark": 100, "percent": 104}),
    ("agreement.budget_reached", INCLUDED),
    ("agreement.budget_reached", {**INCLUDED, "mark": 100, "percent": 120}),
    ("export.ready", {"job_id": 4, "title": "Quarry 9"}),
    ("export.failed", {"job_id": 4, "title": "Quarry 9"}),
    ("timer.forgotten", FORGOTTEN),
    ("timer.stopped", {"timer_id": 4, "subject": "Gizmo 5", "by": "Bob Brown"}),
    ("timer.unplaced", {"timer_id": 4, "subject": "Gizmo 5", "minutes": 42}),
]  # fmt: skip
