"""Who may decide in an organisation today, in whose place, and who is told of what waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Membership
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import ApprovalHandover, TimeEntry, Timesheet
from timetracking.models.approving import ROLES, approving_members
from timetracking.rules import routing

DECIDED_ON = ("organisation", "timesheet", "minutes", "subject", "status", "first_approved_by", "first_approved_as",
              "project__manager")  # fmt: skip


def active() -> dict[int, Membership]:
    """The active managers and admins of the organisation, by id."""
    return {member.pk: member for member in approving_members().select_related("user")}


def is_another(than: Membership) -> bool:
    """Is there an active manager or admin besides this member?"""
    return bool(approving_members().exclude(pk=than.pk).exists())


@dataclass(frozen=True)
class Desk:
    """What one person may decide now: looked up once for any number of weeks."""

    actor: Membership
    stages: tuple[str, ...]
    approvers: dict[int, Membership]
    stands_in_for: frozenset[int] = field(default_factory=frozenset)

    def answer(self, entry: TimeEntry | None, member: Membership) -> routing.Answer:
        """What it comes to when the actor approves this entry of `member`; None for a week without entries."""
        return self.answer_line(line_of(entry, member), _first_approval(entry))

    def answer_line(self, line: routing.Line, first: tuple[int, int] | None = None) -> routing.Answer:
        """The same from what routing asks: `first` is who gave the first of two approvals, and in whose place."""
        return routing.answer(
            self.stages,
            line,
            approvers=frozenset(self.approvers),
            actor=self.actor.pk,
            stands_in_for=self.stands_in_for,
            first=first,
        )

    def is_own(self, member: Membership) -> bool:
        """Is it the actor's own week, while somebody else could decide on it?"""
        return member.pk == self.actor.pk and bool(set(self.approvers) - {self.actor.pk})

    def refusal(self, answers: Iterable[routing.Answer]) -> RuleViolation:
        """Why the actor can't decide on any of these lines, and who can."""
        listed = list(answers)
        if any(answer.outcome == routing.OWN for answer in listed):
            return own_week()
        waits_for = frozenset[int]().union(*(answer.waits_for for answer in listed))
        names = ", ".join(sorted(str(self.approvers[pk]) for pk in waits_for if pk in self.approvers)[:3])
        if any(answer.outcome == routing.WAITS for answer in listed):
            return RuleViolation(
                "second_approval_needed", _("It waits for a second approval: %(names)s.") % {"names": names}
            )
        return RuleViolation("not_your_line", _("%(names)s decides on this.") % {"names": names})


def _first_approval(entry: TimeEntry | None) -> tuple[int, int] | None:
    if entry is None or entry.first_approved_by_id is None or entry.first_approved_as_id is None:
        return None
    return entry.first_approved_by_id, entry.first_approved_as_id


def own_week() -> RuleViolation:
    return RuleViolation("own_week", _("Another manager must approve your week."))


def desk_of(actor: Membership) -> Desk:
    """What `actor` may decide today (their local day), with at most two queries.

    A program with the role of a manager decides where any manager may; nobody waits for it, and to nobody else it is
    one who could.
    """
    stages, approvers = routing.stages_of(actor.organisation), active()
    if actor.is_integration and actor.role in ROLES:
        approvers[actor.pk] = actor
    return Desk(actor, stages, approvers, stands_in_for(actor) if stages != (routing.ANY,) else frozenset())


def stands_in_for(actor: Membership) -> frozenset[int]:
    """Those who have handed their decisions to `actor` for today."""
    live = ApprovalHandover.objects.filter(stand_in=actor).in_force(actor.today())
    return frozenset(live.values_list("approver_id", flat=True))


def line_of(entry: TimeEntry | None, member: Membership) -> routing.Line:
    project = entry.project if entry else None
    return routing.Line(member.pk, member.line_manager_id, project.manager_id if project else None)


def listeners(sheet: Timesheet, entries: Iterable[TimeEntry]) -> list[Membership]:
    """Who is told that the week waits: those whom the policy names, and who stands in for them today.

    Where any manager may decide, the line manager is told, or everybody who may decide if there is none.
    """
    approvers, member = active(), sheet.member
    ids = frozenset(approvers)
    lines = [line_of(entry, member) for entry in entries] or [line_of(None, member)]
    found = set(routing.addressed(routing.stages_of(member.organisation), lines, ids))
    live = ApprovalHandover.objects.filter(approver__in=found).in_force(member.today())
    found |= set(live.values_list("stand_in_id", flat=True)) & ids
    return [approvers[pk] for pk in sorted(found)]


def entries_of(sheets: Iterable[Timesheet], *, to_decide: bool = False) -> dict[int, list[TimeEntry]]:
    """The entries of some weeks with their projects, by week, in one query.

    `to_decide` reads only the columns that a decision asks for: in bulk the others cost more than the decision.
    """
    found: dict[int, list[Any]] = {sheet.pk: [] for sheet in sheets}
    entries = TimeEntry.objects.filter(timesheet__in=list(found)).select_related("project").order_by("date", "pk")
    for entry in entries.only(*DECIDED_ON) if to_decide else entries:
        found[entry.timesheet_id].append(entry)
    return found
