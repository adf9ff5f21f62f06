"""Take the decision on one entry back, so that it waits again; the other entries of its week keep theirs.

A whole week is given back by `approval_reversals`, which its member is then free to change.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import audit, lock_date
from accounts.models import Membership
from accounts.permissions import Permission, require
from timesheets_site.lib.errors import Conflict, OutOfReach
from timetracking.models import PeriodReopening, TimeEntry, Timesheet
from timetracking.models.invoices import invoice_number_of
from timetracking.rules import approval, locking
from timetracking.services import approvers, settling, time_entries, timesheets

Status = TimeEntry.Status
UNDECIDED = (Status.OPEN, Status.SUBMITTED)


@transaction.atomic
def reopen(actor: Membership, entry_id: int) -> TimeEntry:
    """An approved or rejected entry is undecided again: submitted in a week that was sent, otherwise open.

    One that is undecided is a harmless success. Raises NotAllowed, OutOfReach, Locked (billed, period_closed), or
    RuleViolation own_week.
    """
    require(actor, Permission.APPROVE_TIMESHEET)
    found = TimeEntry.objects.visible_to(actor).filter(pk=entry_id).first()
    if found is None:
        raise OutOfReach
    lock_date.hold_still(actor.organisation)
    timesheets.held(actor, found.timesheet_id)
    entry: TimeEntry | None = TimeEntry.objects.select_related(*time_entries.DECIDING).filter(pk=entry_id).first()
    if entry is None or entry.timesheet_id != found.timesheet_id:
        raise Conflict(entry)  # it moved, or went, while we waited
    if entry.status in UNDECIDED:
        return entry
    sheet = timesheets.lock_sheet(entry.timesheet_id)
    entry.member.organisation = actor.organisation
    _permit(actor, entry, sheet)
    was = entry.status
    entry.status = approval.status_when_logged(sheet.state)
    entry.rejection_reason = ""
    entry.first_approved_by = entry.first_approved_as = None
    entry.version += 1
    entry.updated_at = timezone.now()
    entry.save()
    other = entry.member if entry.member_id != actor.pk else None
    audit.record(actor, "time_entry.updated", entry, changes={"status": (was, entry.status)}, on_behalf_of=other)
    settling.settle(actor, sheet, entry, was=was, now_is=entry.status, what=settling.CHANGED, member=entry.member)
    return entry


def _permit(actor: Membership, entry: TimeEntry, sheet: Timesheet) -> None:
    now = timezone.now()
    policy = locking.policy_of(actor, now, PeriodReopening.objects.in_force(actor.organisation, now))
    locking.may_change(
        policy,
        status=entry.status,
        date=entry.date,
        created_at=entry.created_at,
        week_state=sheet.state,
        member_id=entry.member_id,
        invoice=invoice_number_of(entry),
    ).enforce()
    if approvers.desk_of(actor).is_own(entry.member):
        raise approvers.own_week()
