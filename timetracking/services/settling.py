"""What a changed entry does to its week: a week that was sent is derived anew, and its history says what changed."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import Membership
from accounts.services.notices import Notice, tell
from timetracking.models import TimeEntry, Timesheet
from timetracking.rules import approval
from timetracking.rules.locking import CLOSED_STATES
from timetracking.services import approval_history, approvers, week_findings
from timetracking.services.approval_history import Action, Line, Step

Status, State = TimeEntry.Status, Timesheet.State
ADDED, CHANGED, DELETED, RESTORED = "added", "changed", "deleted", "restored"


def settle(
    actor: Membership, sheet: Timesheet, entry: TimeEntry, *, was: str, now_is: str, what: str, member: Membership
) -> None:
    """Bring a week in step with an entry of it that was just written; the caller holds the week's lock.

    `was` and `now_is` are the entry's status before and after, empty where it was not, or is no longer, in the week.
    The entry's member is told of changes that somebody else made to what was approved. Costs nothing for a draft.
    """
    was_sent, was_approved = sheet.state in CLOSED_STATES, Status.APPROVED in (was, now_is)
    if sheet.state in Timesheet.UNSENT and not was_approved:
        return
    from_state, now = sheet.state, timezone.now()
    sheet.member = member
    entries = approvers.entries_of([sheet])[sheet.pk]
    sheet.state = _state(sheet, entries)
    if was_sent or was_approved or sheet.state != from_state:
        line = Line(entry, was, now_is)
        approval_history.add(actor, [Step(sheet, Action.CHANGED, from_state, [line])], at=now)
    if was_sent:
        sheet.changed_since_at = now
        sheet.checks = week_findings.codes(member, sheet.week_start, entries, changed=True)
    if sheet.state == State.APPROVED and from_state != State.APPROVED:
        sheet.posting_date = approval.posting_date(sheet.week_end, member.organisation.lock_date)
    sheet.save()
    if was == Status.APPROVED or from_state == State.APPROVED:
        _tell(actor, member, sheet, entry, what, now)


def _state(sheet: Timesheet, entries: list[TimeEntry]) -> str:
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry.status] = counts.get(entry.status, 0) + 1
    firsts = sum(1 for e in entries if e.status == Status.SUBMITTED and e.first_approved_by_id)
    return approval.state_of(sheet.state, counts, first_approvals=firsts)


def _tell(
    actor: Membership, member: Membership, sheet: Timesheet, entry: TimeEntry, what: str, now: dt.datetime
) -> None:
    values = {
        "entry_id": entry.pk,
        "subject": entry.subject,
        "date": entry.date.isoformat(),
        "week_start": sheet.week_start.isoformat(),
        "by": actor.display_name,
        "what": what,
    }
    tell([Notice(member, "time_entry.changed_after_approval", values)], actor=actor)
