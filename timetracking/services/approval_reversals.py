"""Taking decisions back: undo by whoever decided, reopening by a manager. Both are new lines of the history."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import lock_date
from accounts.models import Membership
from accounts.permissions import Permission, require
from accounts.services.notices import Notice, tell
from timesheets_site.lib import texts
from timesheets_site.lib.errors import DomainError, RuleViolation
from timetracking.models import ApprovalEvent, ApprovalLine, PeriodReopening, TimeEntry, Timesheet
from timetracking.rules import approval, locking
from timetracking.services import approval_history, timesheets
from timetracking.services.approval_history import Action, Line, Step
from timetracking.services.approvals import Answer

Status, State = TimeEntry.Status, Timesheet.State


@transaction.atomic
def undo(actor: Membership, sheet_id: int, *, version: int) -> Timesheet:
    """Take back the actor's own decision, as long as nothing else happened to the week.

    `version` is the one that the decision left behind. Raises NotAllowed, OutOfReach, or RuleViolation nothing_to_undo.
    """
    require(actor, Permission.APPROVE_TIMESHEET)
    sheet = timesheets.held(actor, sheet_id)
    last = ApprovalEvent.objects.filter(timesheet=sheet).order_by("-pk").first()
    fits = last is not None and last.action in ApprovalEvent.DECISIONS and last.actor_id == actor.pk
    if last is None or not fits or not last.version == sheet.version == version:
        raise RuleViolation("nothing_to_undo", _("This can't be undone any more. Look at the week's history."))
    now, from_state = timezone.now(), sheet.state
    lines = _taken_back(last, now)
    sheet.version += 1
    sheet.state = last.from_state
    sheet.decided_at, sheet.decided_by = _decision_before(sheet, last)
    sheet.save()
    approval_history.add(actor, [Step(sheet, Action.UNDONE, from_state, lines)], at=now)
    if last.action != Action.FIRST_APPROVAL:
        tell([Notice(sheet.member, "timesheet.undone", _values(actor, sheet))], actor=actor)
    return sheet


def undo_many(actor: Membership, decided: Iterable[tuple[int, int]]) -> list[Answer]:
    """Take back a bulk decision, week by week: (id, version that it left behind). Raises NotAllowed."""
    require(actor, Permission.APPROVE_TIMESHEET)
    answers = []
    for pk, version in decided:
        try:
            answers.append(Answer(pk, undo(actor, pk, version=version)))
        except DomainError as refusal:
            answers.append(Answer(pk, refusal=refusal))
    return answers


@transaction.atomic
def reopen(actor: Membership, sheet_id: int, *, version: int | None, reason: str) -> Timesheet:
    """Give an approved week back to its member as a draft; what is billed stays so.

    Raises NotAllowed, OutOfReach, Conflict, Locked (period_closed, billed), or RuleViolation: reason_required,
    timesheet_not_approved.
    """
    require(actor, Permission.APPROVE_TIMESHEET)
    reason = texts.at_most(reason, approval.LONGEST_TEXT, "reason")
    lock_date.hold_still(actor.organisation)
    sheet = timesheets.held(actor, sheet_id)
    if version is not None and version != sheet.version:
        raise timesheets.stale(sheet)
    approval.may_reopen(sheet.state).enforce()
    if not reason:
        raise RuleViolation("reason_required", _("Say why you reopen this week"), "reason")
    now = timezone.now()
    entries = list(TimeEntry.objects.filter(timesheet=sheet))
    _check_open(actor, sheet, entries, now)
    lines = [Line(entry, entry.status, Status.OPEN.value) for entry in entries if entry.status == Status.APPROVED]
    # Deleted entries too: one that is restored later comes back into a draft.
    TimeEntry.with_deleted.filter(timesheet=sheet, status=Status.APPROVED).repoint(
        status=Status.OPEN, first_approved_by=None, first_approved_as=None, version=F("version") + 1, updated_at=now
    )
    from_state = sheet.state
    sheet.version += 1
    sheet.state, sheet.reopened_at = State.DRAFT.value, now
    sheet.decided_at = sheet.decided_by = sheet.posting_date = sheet.reopening_asked_at = None
    sheet.submitted_at = sheet.submitted_by = sheet.changed_since_at = None
    sheet.checks, sheet.note = [], ""
    sheet.save()
    approval_history.add(actor, [Step(sheet, Action.REOPENED, from_state, lines, reason)], at=now)
    values = {**_values(actor, sheet), "reason": reason}
    tell([Notice(sheet.member, "timesheet.reopened", values)], actor=actor)
    return sheet


def _check_open(actor: Membership, sheet: Timesheet, entries: list[TimeEntry], now: dt.datetime) -> None:
    """A week of which nothing could be changed afterwards is not reopened."""
    reopened = PeriodReopening.objects.in_force(actor.organisation, now)
    policy = locking.policy_of(actor, now, reopened)
    period = locking.may_log(policy, date=sheet.week_end, week_state=State.DRAFT, member_id=sheet.member_id)
    all_billed = bool(entries) and all(entry.status == Status.BILLED for entry in entries)
    approval.may_reopen(sheet.state, all_billed=all_billed, period=period).enforce()


def _taken_back(decision: ApprovalEvent, now: dt.datetime) -> list[Line]:
    """Each entry is again what it was; one that was rejected before has its reason back."""
    told = list(ApprovalLine.objects.filter(event=decision).select_related("entry"))
    rejected = [line.entry_id for line in told if line.from_status == Status.REJECTED]
    reasons = dict(
        ApprovalLine.objects.filter(entry__in=rejected, to_status=Status.REJECTED, event__lt=decision.pk)
        .order_by("pk")
        .values_list("entry_id", "reason")
    )
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for line in told:
        groups[line.from_status, reasons.get(line.entry_id, "")].append(line.entry_id)
    for (status, reason), ids in groups.items():
        TimeEntry.objects.filter(pk__in=ids).update(
            status=status, rejection_reason=reason, version=F("version") + 1, updated_at=now
        )
    firsts = [line.entry_id for line in told if line.to_status not in (Status.APPROVED, Status.REJECTED)]
    TimeEntry.objects.filter(pk__in=firsts).repoint(first_approved_by=None, first_approved_as=None)
    return [Line(line.entry, line.to_status, line.from_status, reasons.get(line.entry_id, "")) for line in told]


def _decision_before(sheet: Timesheet, decision: ApprovalEvent) -> tuple[dt.datetime | None, Membership | None]:
    """When and by whom the week was decided on before this decision, leaving out what was taken back."""
    events = ApprovalEvent.objects.filter(
        timesheet=sheet, pk__lt=decision.pk, action__in=[*ApprovalEvent.DECISIONS, Action.UNDONE]
    )
    taken_back = 0
    for event in events.select_related("actor").order_by("-pk")[:50]:
        if event.action == Action.UNDONE:
            taken_back += 1
        elif taken_back:
            taken_back -= 1
        else:
            return event.at, event.actor
    return None, None


def _values(actor: Membership, sheet: Timesheet) -> dict[str, object]:
    return {"week_start": sheet.week_start.isoformat(), "sheet_id": sheet.pk, "by": actor.display_name}
