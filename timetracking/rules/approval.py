"""What a change does to an entry's place in the approval: which status it has afterwards."""

from __future__ import annotations

from timetracking.models.time_entries import TimeEntry
from timetracking.rules.locking import CLOSED_STATES

Status = TimeEntry.Status


def status_when_logged(week_state: str) -> str:
    """What is logged or moved into a submitted or approved week waits for a decision.

    >>> status_when_logged("approved"), status_when_logged("draft"), status_when_logged("declined")
    ('SUBMITTED', 'OPEN', 'OPEN')
    """
    return str(Status.SUBMITTED.value if week_state in CLOSED_STATES else Status.OPEN.value)


def status_when_edited(status: str, *, own_entry_with_another_approver: bool) -> str:
    """An approved entry stays approved, unless its own member changed it while somebody else could decide.

    >>> status_when_edited("APPROVED", own_entry_with_another_approver=False)
    'APPROVED'
    >>> status_when_edited("APPROVED", own_entry_with_another_approver=True)
    'SUBMITTED'
    >>> status_when_edited("REJECTED", own_entry_with_another_approver=True)
    'REJECTED'
    """
    if status == Status.APPROVED and own_entry_with_another_approver:
        return str(Status.SUBMITTED.value)
    return status
