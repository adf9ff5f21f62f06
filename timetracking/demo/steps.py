"""Steps of weeks in the past: decided by the rules that bind the services, stored in bulk as the services would."""

from __future__ import annotations

import copy
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import F

from accounts import audit
from accounts.models import Membership, Notification, Organisation
from accounts.services.notices import Notice
from timetracking.models import TimeEntry, Timesheet
from timetracking.rules import approval, routing
from timetracking.services import approval_history, approval_plans, approvals, approvers, timesheets, week_findings
from timetracking.services.approval_history import Action, Line, Step

Status, State = TimeEntry.Status, Timesheet.State


@dataclass
class Week:
    """A sheet with its entries, as the steps so far have left them. `after`: when something was last written in it."""

    sheet: Timesheet
    member: Membership
    entries: list[TimeEntry]
    after: dt.datetime


@dataclass(frozen=True)
class Told:
    """A notice, and when it was given."""

    at: dt.datetime
    actor: Membership
    notice: Notice
    is_read: bool


@dataclass
class Steps:
    """Takes steps one after the other, in memory; `store` writes what came of them, history and trail included.

    What a policy asks of an entry bound nobody yet when the weeks of the past were sent.
    """

    organisation: Organisation
    taken: list[tuple[dt.datetime, Membership, Step]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    edited: list[tuple[dt.datetime, TimeEntry, dict[str, tuple[Any, Any]]]] = field(default_factory=list)
    raised: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    entries: dict[int, TimeEntry] = field(default_factory=dict)
    sheets: dict[int, Timesheet] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.approvers = approvers.active()
        for member in self.approvers.values():
            member.organisation = self.organisation

    def send(self, week: Week, at: dt.datetime, *, note: str = "") -> None:
        """The member submits the week."""
        sheet, from_state = week.sheet, week.sheet.state
        approval.may_submit(from_state, entries=len(week.entries), empty_allowed=False).enforce()
        lines = []
        for entry in week.entries:
            if entry.status in (Status.OPEN, Status.REJECTED):
                lines.append(Line(entry, entry.status, Status.SUBMITTED.value))
                self._write(entry, at, status=Status.SUBMITTED.value, first_approved_by=None, first_approved_as=None)
        counts: dict[str, int] = defaultdict(int)
        for entry in week.entries:
            counts[entry.status] += 1
        sheet.state = approval.state_of(State.SUBMITTED.value, counts)
        sheet.submitted_at, sheet.submitted_by, sheet.note = at, week.member, note
        sheet.submissions += 1
        sheet.checks = week_findings.codes(week.member, sheet.week_start, week.entries, changed=False)
        sheet.posting_date = approval.posting_date(sheet.week_end, self.organisation.lock_date)
        self._take(week, week.member, at, Action.SUBMITTED, from_state, lines, note)

    def mark_ready(self, week: Week, at: dt.datetime) -> None:
        """The member says that the week is complete."""
        from_state = week.sheet.state
        approval.may_mark_ready(from_state).enforce()
        week.sheet.state = State.SAVED.value
        self._take(week, week.member, at, Action.MARKED_READY, from_state, [])

    def decide(
        self,
        week: Week,
        actor: Membership,
        at: dt.datetime,
        *,
        approve: Iterable[int] | None = None,
        reject: Mapping[int, str] | None = None,
        reason: str = "",
    ) -> approval_plans.Plan:
        """Approve or reject, all of the week or single entries (ids); raises what the service would."""
        sheet = week.sheet
        single = None if approve is None else frozenset(approve)
        desk = approvers.Desk(actor, routing.stages_of(self.organisation), self.approvers)
        decision = approval_plans.Decision(sheet.pk, sheet.version, single, reject, reason)
        plan = approval_plans.planned(desk, decision, sheet, week.entries)
        for line in plan.lines:
            first = {}
            if line.entry.pk in plan.firsts:
                as_whom = self.approvers[plan.acting_as[line.entry.pk]]
                first = {"first_approved_by": actor, "first_approved_as": as_whom}
            self._write(line.entry, at, status=line.to_status, rejection_reason=line.reason, **first)
        sheet.state = plan.to_state
        sheet.decided_at, sheet.decided_by = at, actor
        sheet.posting_date = approval.posting_date(sheet.week_end, self.organisation.lock_date)
        self._take(week, actor, at, plan.action, plan.from_state, plan.lines, plan.reason)
        return plan

    def describe(self, week: Week, entry: TimeEntry, at: dt.datetime, text: str) -> None:
        """The member adds a description to an entry that was rejected."""
        self.edited.append((at, entry, {"description": (entry.description, text)}))
        self._write(entry, at, description=text)
        self.sheets[week.sheet.pk] = week.sheet
        week.sheet.version += 1
        week.after = at

    def tell_sent(self, week: Week, at: dt.datetime, *, is_read: bool) -> None:
        for notice in timesheets.submitted_notices(week.sheet, week.entries):
            if notice.to.pk != week.member.pk:
                self.told.append(Told(at, week.member, notice, is_read))

    def tell_decided(self, plan: approval_plans.Plan, actor: Membership, at: dt.datetime, *, is_read: bool) -> None:
        if plan.action != Action.FIRST_APPROVAL:
            self.told.append(Told(at, actor, approvals.notice_of(actor, plan), is_read))

    def addressed(self, week: Week) -> list[Membership]:
        """Who decides on the week, the line manager before a project's."""
        lines = [approvers.line_of(entry, week.member) for entry in week.entries]
        stages = routing.stages_of(self.organisation)
        found = routing.addressed(stages, lines, frozenset(self.approvers))
        return [self.approvers[pk] for pk in sorted(found, key=lambda pk: (pk != week.member.line_manager_id, pk))]

    def store(self) -> None:
        """Write everything."""
        self._store_entries()
        for sheet in self.sheets.values():
            sheet.save()
        self.taken.sort(key=lambda step: (step[0], step[1].pk))
        for (at, _actor), some in groupby(self.taken, key=lambda step: (step[0], step[1].pk)):
            together = list(some)
            approval_history.add(together[0][1], [step for _at, _by, step in together], at=at)
        for at, entry, changes in self.edited:
            audit.record(entry.member, "time_entry.updated", entry, changes=changes, at=at)
        Notification.objects.bulk_create(
            Notification(
                member=each.notice.to,
                actor=each.actor,
                kind=each.notice.kind,
                values=each.notice.values,
                created_at=each.at,
                read_at=each.at + dt.timedelta(minutes=2) if each.is_read else None,
            )
            for each in sorted(self.told, key=lambda told: told.at)
        )

    def _store_entries(self) -> None:
        """Entries that came to the same at the same moment are written together."""
        groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for pk, entry in self.entries.items():
            groups[
                entry.status,
                entry.rejection_reason,
                entry.first_approved_by,
                entry.first_approved_as,
                entry.updated_at,
                self.raised[pk],
            ].append(pk)
        for (status, reason, first_by, first_as, updated_at, raised), ids in groups.items():
            TimeEntry.objects.filter(pk__in=ids).repoint(
                status=status,
                rejection_reason=reason,
                first_approved_by=first_by,
                first_approved_as=first_as,
                updated_at=updated_at,
                version=F("version") + raised,
            )
        for _at, entry, changes in self.edited:
            TimeEntry.objects.filter(pk=entry.pk).update(**{name: after for name, (_before, after) in changes.items()})

    def _write(self, entry: TimeEntry, at: dt.datetime, **values: Any) -> None:
        for name, value in values.items():
            setattr(entry, name, value)
        entry.updated_at = at
        self.raised[entry.pk] += 1
        self.entries[entry.pk] = entry

    def _take(
        self,
        week: Week,
        actor: Membership,
        at: dt.datetime,
        action: str,
        from_state: str,
        lines: list[Line],
        reason: str = "",
    ) -> None:
        sheet = week.sheet
        sheet.version += 1
        week.after = at
        self.sheets[sheet.pk] = sheet
        self.taken.append((at, actor, Step(copy.copy(sheet), action, from_state, lines, reason)))
