"""The states of a week and of its entries: what follows from what, and which steps exist.

```
draft ⇄ saved → submitted → approved
                    │  ├──→ partiallyApproved → approved | partiallyDeclined
                    │  └──→ declined | partiallyDeclined → approved | (agent corrects) → submitted
                    └──recall→ draft
approved ──reopen──→ draft;  decided ──undo──→ as it was before
```
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.utils.translation import gettext as _

from timetracking.models.time_entries import TimeEntry
from timetracking.models.timesheets import Timesheet
from timetracking.rules.locking import ALLOWED, BILLER, CLOSED_STATES, MANAGER, MEMBER, Verdict

Status, State = TimeEntry.Status, Timesheet.State
LONGEST_TEXT = 2_000
"""Characters of a note or a reason."""

# --- An entry's status ------------------------------------------------------------------------------------------------


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


def status_when_restored(status: str, week_state: str) -> str:
    """A deleted entry comes back as what it was, or as what its week has become in the meantime.

    >>> [status_when_restored(s, "submitted") for s in ("OPEN", "REJECTED", "SUBMITTED", "APPROVED")]
    ['SUBMITTED', 'SUBMITTED', 'SUBMITTED', 'APPROVED']
    >>> [status_when_restored(s, "draft") for s in ("OPEN", "REJECTED", "SUBMITTED", "APPROVED")]
    ['OPEN', 'REJECTED', 'OPEN', 'APPROVED']
    """
    is_sent = status == Status.SUBMITTED
    if week_state in CLOSED_STATES:
        return str(Status.SUBMITTED.value if status in (Status.OPEN, Status.REJECTED) else status)
    return str(Status.OPEN.value if is_sent else status)


# --- A week's state ---------------------------------------------------------------------------------------------------


def state_of(state: str, statuses: Mapping[str, int], *, first_approvals: int = 0) -> str:
    """The state of a week from the statuses of its entries (how many of each); an unsent week keeps its own.

    `first_approvals` counts entries that have one of the two approvals they need. A week without entries keeps the
    decision on the whole. What was logged into a returned week is still its member's to send, like what was rejected.

    >>> state_of("submitted", {"SUBMITTED": 3}), state_of("submitted", {"APPROVED": 2, "BILLED": 1})
    ('submitted', 'approved')
    >>> state_of("submitted", {"SUBMITTED": 1, "APPROVED": 2})
    'partiallyApproved'
    >>> state_of("submitted", {"SUBMITTED": 3}, first_approvals=1)
    'partiallyApproved'
    >>> state_of("submitted", {"REJECTED": 2}), state_of("partiallyApproved", {"REJECTED": 1, "APPROVED": 2})
    ('declined', 'partiallyDeclined')
    >>> state_of("declined", {"REJECTED": 1, "OPEN": 1}), state_of("draft", {"APPROVED": 2}), state_of("approved", {})
    ('declined', 'draft', 'approved')
    """
    total = sum(statuses.values())
    if state in Timesheet.UNSENT or total == 0:
        return state
    returned = statuses.get(Status.REJECTED, 0) + statuses.get(Status.OPEN, 0)
    approved = statuses.get(Status.APPROVED, 0) + statuses.get(Status.BILLED, 0)
    if returned:
        return str((State.DECLINED if returned == total else State.PARTIALLY_DECLINED).value)
    if approved == total:
        return str(State.APPROVED.value)
    return str((State.PARTIALLY_APPROVED if approved or first_approvals else State.SUBMITTED).value)


def posting_date(week_end: dt.date, lock_date: dt.date | None) -> dt.date:
    """The week's last day, or, in a closed period, the first day after the lock date.

    >>> posting_date(dt.date(2026, 6, 21), dt.date(2026, 5, 31))
    datetime.date(2026, 6, 21)
    >>> posting_date(dt.date(2026, 5, 24), dt.date(2026, 5, 31))
    datetime.date(2026, 6, 1)
    """
    return week_end if lock_date is None or week_end > lock_date else lock_date + dt.timedelta(days=1)


# --- Which steps a week may take --------------------------------------------------------------------------------------


def may_submit(state: str, *, entries: int, empty_allowed: bool, gaps: str = "") -> Verdict:
    """May the week be sent for approval? `entries` is how many it has, `gaps` what they lack, in words.

    >>> may_submit("draft", entries=3, empty_allowed=False).allowed
    True
    >>> may_submit("draft", entries=0, empty_allowed=False).code
    'timesheet_empty'
    >>> may_submit("approved", entries=3, empty_allowed=False).code
    'timesheet_not_open'
    >>> may_submit("draft", entries=3, empty_allowed=False, gaps="2 entries need a description.").code
    'entries_incomplete'
    """
    if state in CLOSED_STATES:
        return _refused("timesheet_not_open", _not_open(state), MANAGER if state == State.APPROVED else MEMBER)
    if not entries and not empty_allowed:
        return _refused("timesheet_empty", _("There is nothing in this week to submit. Log time first."), MEMBER)
    if gaps:
        words = _("%(gaps)s Add what is missing, then submit the week.") % {"gaps": gaps}
        return _refused("entries_incomplete", words, MEMBER)
    return ALLOWED


def may_mark_ready(state: str) -> Verdict:
    """May a draft be marked as ready, or go back from there?

    >>> may_mark_ready("draft").allowed, may_mark_ready("saved").allowed, may_mark_ready("submitted").code
    (True, True, 'timesheet_not_open')
    """
    return ALLOWED if state in Timesheet.UNSENT else _refused("timesheet_not_open", _not_open(state), MANAGER)


def may_recall(state: str, *, submitted_at: dt.datetime | None, decided_at: dt.datetime | None) -> Verdict:
    """May the member take the week back? Until the first decision since it was submitted.

    >>> noon = dt.datetime(2026, 6, 22, 12, tzinfo=dt.UTC)
    >>> may_recall("submitted", submitted_at=noon, decided_at=None).allowed
    True
    >>> may_recall("partiallyApproved", submitted_at=noon, decided_at=noon - dt.timedelta(days=2)).allowed
    True
    >>> may_recall("partiallyApproved", submitted_at=noon, decided_at=noon).code
    'decided_already'
    """
    if state in Timesheet.UNSENT | Timesheet.RETURNED:
        return _refused("timesheet_not_submitted", _("This week is not submitted."), MEMBER)
    if state == State.APPROVED:
        return _refused("decided_already", _not_open(state), MANAGER)
    if decided_at is not None and (submitted_at is None or decided_at >= submitted_at):
        words = _("Somebody has decided on this week already. Ask a manager to reject what has to change.")
        return _refused("decided_already", words, MANAGER)
    return ALLOWED


def may_decide_week(state: str) -> Verdict:
    """May the week as a whole be approved or rejected? Single entries may be decided before it is submitted.

    >>> may_decide_week("submitted").allowed, may_decide_week("declined").allowed, may_decide_week("draft").code
    (True, True, 'timesheet_not_submitted')
    """
    if state in Timesheet.UNSENT:
        words = _("This week is not submitted. Wait for it, or submit it for its member.")
        return _refused("timesheet_not_submitted", words, MEMBER)
    return ALLOWED


def may_reopen(state: str, *, all_billed: bool = False, period: Verdict = ALLOWED) -> Verdict:
    """May a manager give the week back to its member? `period` is whether anything may be written on its last day.

    >>> may_reopen("approved").allowed, may_reopen("submitted").code, may_reopen("approved", all_billed=True).code
    (True, 'timesheet_not_approved', 'billed')
    """
    if state != State.APPROVED:
        return _refused("timesheet_not_approved", _("Only an approved week can be reopened."), MANAGER)
    if all_billed:
        return _refused("billed", _("All of this week is on an invoice. Void the invoice to change it."), BILLER)
    return period


def _not_open(state: str) -> str:
    if state == State.APPROVED:
        return _("This week is approved. Ask a manager to reopen it.")
    return _("This week is submitted already.")


def _refused(code: str, words: str, who_helps: str) -> Verdict:
    return Verdict(False, code, words, who_helps=who_helps)


# --- Which decisions an entry takes -----------------------------------------------------------------------------------

APPROVABLE = frozenset({Status.OPEN, Status.SUBMITTED, Status.REJECTED})
REJECTABLE = frozenset({Status.OPEN, Status.SUBMITTED})
"""What is approved is given back by reopening its week, what is billed by voiding the invoice."""
