"""What a decision comes to for one week: planned from what is locked, before anything is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.models import TimeEntry, Timesheet
from timetracking.rules import approval, routing
from timetracking.services import approvers, timesheets
from timetracking.services.approval_history import Action, Line
from timetracking.services.approvers import Desk

Status, State = TimeEntry.Status, Timesheet.State
APPROVED_ALREADY, REJECTED_ALREADY = (Status.APPROVED, Status.BILLED), (Status.REJECTED,)


@dataclass(frozen=True)
class Decision:
    """What somebody decides on a week. `version` is the one that they were shown (None where a format has none).

    `approve` and `reject` (a reason for each) name entries; both are None for a decision on all that waits for them.
    """

    sheet_id: int
    version: int | None
    approve: frozenset[int] | None = None
    reject: Mapping[int, str] | None = None
    reason: str = ""
    """Why all is rejected; empty where all is approved."""

    @property
    def is_whole(self) -> bool:
        return self.approve is None and self.reject is None


@dataclass
class Plan:
    """What a decision does to one week: nothing where it asks for what holds already."""

    sheet: Timesheet
    entries: list[TimeEntry]
    from_state: str
    to_state: str = ""
    lines: list[Line] = field(default_factory=list)
    firsts: set[int] = field(default_factory=set)
    """Entries that got the first of two approvals."""
    acting_as: dict[int, int] = field(default_factory=dict)
    """In whose place each entry was decided."""
    reason: str = ""

    @property
    def action(self) -> Action:
        kinds = {line.to_status for line in self.lines}
        if Status.REJECTED in kinds or (not kinds and self.reason):
            return Action.DECIDED if len(kinds) > 1 else Action.REJECTED
        return Action.APPROVED if Status.APPROVED in kinds or not kinds else Action.FIRST_APPROVAL

    @property
    def does_something(self) -> bool:
        return bool(self.lines) or self.to_state != self.from_state


def planned(desk: Desk, decision: Decision, sheet: Timesheet, entries: list[TimeEntry]) -> Plan:
    """What the decision does to a week that is locked. Raises what stands against it."""
    plan = Plan(sheet, entries, sheet.state, reason=decision.reason)
    if desk.is_own(sheet.member):
        raise approvers.own_week()
    plan.to_state = whole = plan.from_state
    if decision.is_whole:
        whole = str((State.DECLINED if decision.reason else State.APPROVED).value)
        if sheet.state == whole and (decision.version in (None, sheet.version) or sheet.decided_by_id == desk.actor.pk):
            return plan
    if decision.version is not None and decision.version != sheet.version:
        raise timesheets.stale(sheet)
    if decision.is_whole:
        _plan_whole(desk, decision, plan)
    else:
        _plan_single(desk, decision, plan)
    plan.to_state = _state_after(plan) if plan.entries else whole
    return plan


def _plan_whole(desk: Desk, decision: Decision, plan: Plan) -> None:
    sheet, rejecting = plan.sheet, bool(decision.reason)
    approval.may_decide_week(sheet.state).enforce()
    wanted = approval.REJECTABLE if rejecting else approval.APPROVABLE
    waiting = [entry for entry in plan.entries if entry.status in wanted]
    if rejecting and (sheet.state == State.APPROVED or (plan.entries and not waiting)):
        raise RuleViolation("timesheet_decided", _("This week is decided already. Reopen it to change the decision."))
    if not plan.entries and not (answer := desk.answer(None, sheet.member)).may_decide:
        raise desk.refusal([answer])
    answers = {entry.pk: desk.answer(entry, sheet.member) for entry in waiting}
    mine = [entry for entry in waiting if _may(answers[entry.pk], rejecting)]
    if waiting and not mine:
        raise desk.refusal(answers.values())
    for entry in mine:
        _add(plan, entry, answers[entry.pk], decision.reason)


def _plan_single(desk: Desk, decision: Decision, plan: Plan) -> None:
    asked = dict.fromkeys(decision.approve or (), "") | dict(decision.reject or {})
    entries = {entry.pk: entry for entry in plan.entries}
    for pk, reason in asked.items():
        entry = entries.get(pk)
        if entry is None:
            raise OutOfReach
        if entry.status in (REJECTED_ALREADY if reason else APPROVED_ALREADY):
            continue  # asked for what holds
        if entry.status not in (approval.REJECTABLE if reason else approval.APPROVABLE):
            raise RuleViolation(
                "entry_not_waiting", _("“%(subject)s” is decided already.") % {"subject": entry.subject}
            )
        answer = desk.answer(entry, plan.sheet.member)
        if not _may(answer, bool(reason)):
            raise desk.refusal([answer])
        _add(plan, entry, answer, reason)


def _may(answer: routing.Answer, rejecting: bool) -> bool:
    """Who has given the first of two approvals may still reject."""
    return answer.may_decide or (rejecting and answer.outcome == routing.WAITS)


def _add(plan: Plan, entry: TimeEntry, answer: routing.Answer, reason: str) -> None:
    to = Status.REJECTED if reason else Status.APPROVED
    if not reason and answer.outcome == routing.FIRST:
        plan.firsts.add(entry.pk)
        to = Status.OPEN if entry.status == Status.OPEN else Status.SUBMITTED
    if answer.acting_as is not None:
        plan.acting_as[entry.pk] = answer.acting_as
    plan.lines.append(Line(entry, entry.status, str(to.value), reason))


def _state_after(plan: Plan) -> str:
    after = {line.entry.pk: line.to_status for line in plan.lines}
    counts: dict[str, int] = defaultdict(int)
    for entry in plan.entries:
        counts[after.get(entry.pk, entry.status)] += 1
    waiting = [entry for entry in plan.entries if after.get(entry.pk, entry.status) == Status.SUBMITTED]
    firsts = sum(1 for entry in waiting if entry.first_approved_by_id or entry.pk in plan.firsts)
    return approval.state_of(plan.from_state, counts, first_approvals=firsts)
