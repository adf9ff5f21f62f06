"""Approve and reject: one week, single entries of it, or many weeks at once. All ways lead through one decision.

A decision is planned for each week by itself (a refusal stops that week only), then what was planned is written for
all of them together: locks, entries, states, history, trail and notices, in one transaction for each `AT_ONCE` weeks.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import lock_date
from accounts.models import Membership
from accounts.permissions import Permission, require
from accounts.services.notices import Notice, tell
from timesheets_site.lib import texts
from timesheets_site.lib.errors import DomainError, OutOfReach, RuleViolation
from timetracking.models import ApprovalEvent, TimeEntry, Timesheet
from timetracking.rules import approval
from timetracking.services import approval_history, approvers
from timetracking.services.approval_history import Action, Step
from timetracking.services.approval_plans import Decision, Plan, planned
from timetracking.services.approvers import Desk

Status = TimeEntry.Status
AT_ONCE = 50
MOST = 1_000
"""Weeks in one bulk decision."""


@dataclass(frozen=True)
class Answer:
    """What became of a decision: the week as it is now, or why it was refused."""

    sheet_id: int
    sheet: Timesheet | None = None
    refusal: DomainError | None = None
    event: ApprovalEvent | None = None
    minutes: int = 0


def approve(actor: Membership, sheet_id: int, *, version: int | None) -> Answer:
    """Approve all of a week that the actor may decide on.

    Approved already is a harmless success. Raises NotAllowed, OutOfReach, Conflict (it changed since it was shown), or
    RuleViolation: own_week, not_your_line, second_approval_needed, timesheet_not_submitted.
    """
    return _one(actor, Decision(sheet_id, version))


def reject(actor: Membership, sheet_id: int, *, version: int | None, reason: str) -> Answer:
    """Give a week back to its member with a reason. Raises as `approve` does, reason_required, timesheet_decided."""
    return _one(actor, Decision(sheet_id, version, reason=_reason(reason)))


def decide(
    actor: Membership,
    sheet_id: int,
    *,
    version: int | None,
    approve: Collection[int] = (),
    reject: Mapping[int, str] | None = None,
) -> Answer:
    """Approve some entries (ids) of a week and reject others (with a reason for each), submitted or not.

    What is named in neither waits on. Raises as `approve` and `reject` do, with the field `reason-<id>` where one is
    missing, and RuleViolation entry_not_waiting, entry_twice.
    """
    reasons = {pk: _reason(reason, f"reason-{pk}") for pk, reason in (reject or {}).items()}
    if set(approve) & set(reasons):
        raise RuleViolation("entry_twice", _("An entry can be approved or rejected, not both."))
    return _one(actor, Decision(sheet_id, version, frozenset(approve), reasons))


def approve_many(actor: Membership, shown: Sequence[tuple[int, int | None]]) -> list[Answer]:
    """Approve whole weeks, given as (id, version that was shown); the answers come in the same order.

    Raises NotAllowed, or RuleViolation too_many (over 1,000).
    """
    return _many(actor, [Decision(pk, version) for pk, version in shown])


def reject_many(actor: Membership, shown: Sequence[tuple[int, int | None]], *, reason: str) -> list[Answer]:
    """Give whole weeks back, for one reason. Raises as `approve_many` does, and reason_required."""
    reason = _reason(reason)
    return _many(actor, [Decision(pk, version, reason=reason) for pk, version in shown])


def _reason(text: str, name: str = "reason") -> str:
    text = texts.at_most(text, approval.LONGEST_TEXT, name)
    if not text:
        raise RuleViolation("reason_required", _("Say why, so that it can be fixed"), name)
    return text


def _one(actor: Membership, decision: Decision) -> Answer:
    [answer] = _many(actor, [decision])
    if answer.refusal is not None:
        raise answer.refusal
    return answer


def _many(actor: Membership, decisions: Sequence[Decision]) -> list[Answer]:
    require(actor, Permission.APPROVE_TIMESHEET)
    if len(decisions) > MOST:
        raise RuleViolation("too_many", _("Choose at most 1,000 weeks at once. Nothing was changed."))
    answers: list[Answer] = []
    for start in range(0, len(decisions), AT_ONCE):
        answers += _decided(actor, decisions[start : start + AT_ONCE])
    return answers


@transaction.atomic
def _decided(actor: Membership, decisions: Sequence[Decision]) -> list[Answer]:
    lock_date.hold_still(actor.organisation)  # the posting date follows from it
    sheets = _locked(actor, [decision.sheet_id for decision in decisions])
    entries = approvers.entries_of(sheets.values(), to_decide=True)
    desk = approvers.desk_of(actor)
    answers: dict[int, Answer] = {}
    plans: list[Plan] = []
    for decision in decisions:
        pk = decision.sheet_id
        if pk in answers:
            continue  # named twice: decided once
        try:
            if pk not in sheets:
                raise OutOfReach
            plan = planned(desk, decision, sheets[pk], entries[pk])
        except DomainError as refusal:
            answers[pk] = Answer(pk, sheets.get(pk), refusal)
            continue
        answers[pk] = Answer(pk, plan.sheet)
        if plan.does_something:
            plans.append(plan)
    for plan, event in zip(plans, _written(desk, plans), strict=True):
        minutes = sum(line.entry.minutes for line in plan.lines)
        answers[plan.sheet.pk] = Answer(plan.sheet.pk, plan.sheet, event=event, minutes=minutes)
    return [answers[decision.sheet_id] for decision in decisions]


def _locked(actor: Membership, ids: Sequence[int]) -> dict[int, Timesheet]:
    """The weeks within reach, locked in one order, so that two bulk decisions never wait for each other in a circle."""
    found = Timesheet.objects.visible_to(actor).select_for_update(of=("self",)).select_related("member__user")
    sheets = {sheet.pk: sheet for sheet in found.filter(pk__in=ids).order_by("pk")}
    for sheet in sheets.values():
        sheet.member.organisation = actor.organisation
    return sheets


# --- Writing ----------------------------------------------------------------------------------------------------------


def _written(desk: Desk, plans: Sequence[Plan]) -> list[ApprovalEvent]:
    if not plans:
        return []
    actor, now = desk.actor, timezone.now()
    _write_entries(desk, plans, now)
    for plan in plans:
        sheet = plan.sheet
        sheet.version += 1
        sheet.state = plan.to_state
        sheet.decided_at, sheet.decided_by, sheet.reopening_asked_at = now, actor, None
        if sheet.state not in Timesheet.UNSENT:
            sheet.posting_date = approval.posting_date(sheet.week_end, actor.organisation.lock_date)
    _write_sheets(actor, plans, now)
    events = approval_history.add(actor, [_step(desk, plan) for plan in plans], at=now)
    tell([notice_of(actor, plan) for plan in plans if plan.action != Action.FIRST_APPROVAL], actor=actor)
    return events


def _write_entries(desk: Desk, plans: Sequence[Plan], now: dt.datetime) -> None:
    """Entries that come to the same are written together."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    firsts: dict[int, list[int]] = defaultdict(list)
    for plan in plans:
        for line in plan.lines:
            groups[line.to_status, line.reason].append(line.entry.pk)
        for pk in plan.firsts:
            firsts[plan.acting_as[pk]].append(pk)
    for (status, reason), ids in groups.items():
        TimeEntry.objects.filter(pk__in=ids).update(
            status=status, rejection_reason=reason, version=F("version") + 1, updated_at=now
        )
    for acting_as, ids in firsts.items():
        TimeEntry.objects.filter(pk__in=ids).repoint(
            first_approved_by=desk.actor, first_approved_as=desk.approvers[acting_as]
        )


def _write_sheets(actor: Membership, plans: Sequence[Plan], now: dt.datetime) -> None:
    groups: dict[tuple[str, dt.date | None], list[int]] = defaultdict(list)
    for plan in plans:
        groups[plan.sheet.state, plan.sheet.posting_date].append(plan.sheet.pk)
    for (state, posting_date), ids in groups.items():
        Timesheet.objects.filter(pk__in=ids).repoint(
            state=state,
            posting_date=posting_date,
            decided_at=now,
            decided_by=actor,
            reopening_asked_at=None,
            version=F("version") + 1,
        )


def _step(desk: Desk, plan: Plan) -> Step:
    others = set(plan.acting_as.values()) - {desk.actor.pk}
    stood_in_for = desk.approvers.get(min(others)) if others else None
    return Step(plan.sheet, plan.action, plan.from_state, plan.lines, plan.reason, stood_in_for)


def notice_of(actor: Membership, plan: Plan) -> Notice:
    """What the week's member is told of a decision."""
    by_status: dict[str, int] = defaultdict(int)
    for line in plan.lines:
        by_status[line.to_status] += 1
    values = {
        "week_start": plan.sheet.week_start.isoformat(),
        "sheet_id": plan.sheet.pk,
        "by": actor.display_name,
        "approved": by_status[Status.APPROVED],
        "rejected": by_status[Status.REJECTED],
        "state": plan.sheet.state,
        "reason": plan.reason,
    }
    return Notice(plan.sheet.member, "timesheet.decided", values)
