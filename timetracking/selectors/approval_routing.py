"""The routing of `rules.routing` as a condition of the database: which waiting weeks somebody may decide on today.

The rule answers for one line at hand; this finds the weeks among thousands, with what the policy names looked up in
the same query. tests/timetracking/approval/test_routing_query.py holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, Value, When

from accounts.models import Membership
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import ApprovalHandover, TimeEntry, Timesheet
from timetracking.models.approving import approving_members
from timetracking.rules import durations, routing

CAP, NAVIGATION_CAP = 1_000, 99
"""Counts say "1,000+" (beside the navigation, on every page, "99+") beyond this: none has to look at more."""
ALWAYS, NEVER = ~Q(pk__in=()), Q(pk__in=())
"""Not `Q()`: that is nothing, also beside an "or"."""
LINE_MANAGER, PROJECT_MANAGER = "member__line_manager", "project__manager"


class Desk(Protocol):
    """What one person may decide now, as services.approvers looks it up."""

    @property
    def actor(self) -> Membership: ...
    @property
    def approvers(self) -> Mapping[int, Membership]: ...
    @property
    def stands_in_for(self) -> frozenset[int]: ...
    def answer_line(self, line: routing.Line, first: tuple[int, int] | None = None) -> routing.Answer: ...
    def is_own(self, member: Membership) -> bool: ...
    def refusal(self, answers: Iterable[routing.Answer]) -> RuleViolation: ...


def decidable_by(actor: Membership) -> Q:
    """Weeks that wait, and of which the actor may decide on something today, also in the place of others."""
    stages = routing.stages_of(actor.organisation)
    others = approving_members().exclude(pk=actor.pk)
    not_own = ~Q(member=actor.pk) | ~Q(Exists(others))
    if stages == (routing.ANY,):
        return not_own
    people = _People(actor)
    if stages == (routing.LINE,):
        return not_own & people.mine(routing.LINE)
    entries = TimeEntry.objects.filter(timesheet=OuterRef("pk"))
    lines = entries.filter(people.decides(stages), status=TimeEntry.Status.SUBMITTED)
    without_lines = ~Q(Exists(entries)) & (people.mine(routing.LINE) if routing.ANY not in stages else ALWAYS)
    return not_own & (Q(Exists(lines)) | without_lines)


def waiting_for(actor: Membership) -> Any:
    """The waiting weeks that the actor may decide on."""
    return Timesheet.objects.visible_to(actor).waiting().filter(decidable_by(actor))


def capped(rows: Any, cap: int = CAP) -> str:
    """How many there are, in words for a badge: `6`, or `1,000+`. Nothing for none."""
    count = rows.order_by()[: cap + 1].count()
    return f"{durations.grouped(cap)}+" if count > cap else durations.grouped(count) if count else ""


def waiting_count(actor: Membership) -> str:
    """The number beside "Approvals" in the navigation, in one query."""
    return capped(waiting_for(actor), NAVIGATION_CAP)


@dataclass
class _People:
    """Conditions on a line (an entry, or a week without any): whom the policy names for it, and is that the actor?"""

    actor: Membership

    def __post_init__(self) -> None:
        self.approvers = approving_members().values("pk")
        handed = ApprovalHandover.objects.filter(stand_in=self.actor.pk).in_force(self.actor.today())
        self.handed_over = handed.values("approver_id")

    def mine(self, stage: str) -> Q:
        """May the actor, or somebody in whose place they act, give this approval?"""
        if stage == routing.ANY:
            return ALWAYS
        if stage == routing.LINE:
            return (self._fits(LINE_MANAGER) & self._acts_as(LINE_MANAGER)) | _not(self._fits(LINE_MANAGER))
        project = self._fits(PROJECT_MANAGER)
        return (project & self._acts_as(PROJECT_MANAGER)) | (_not(project) & self.mine(routing.LINE))

    def decides(self, stages: tuple[str, ...]) -> Q:
        """Is the line's next approval the actor's?"""
        if len(stages) == 1:
            return self.mine(stages[0])
        one, two = stages
        given = Q(first_approved_by__isnull=False) & (self._given_as(one) | self._given_as(two))
        completes = (self._given_as(one) & self.mine(two)) | (self._given_as(two) & self.mine(one))
        open_to = _not(given) | self._one_person(one, two) | (~Q(first_approved_by=self.actor.pk) & completes)
        return (self.mine(one) | self.mine(two)) & open_to

    def _fits(self, path: str) -> Q:
        """The one whom the policy names is an active manager or admin, and not the member."""
        return Q(**{f"{path}__in": self.approvers}) & ~Q(**{path: F("member")})

    def _acts_as(self, path: str) -> Q:
        return Q(**{path: self.actor.pk}) | Q(**{f"{path}__in": self.handed_over})

    def _given_as(self, stage: str) -> Q:
        """Was the first approval given by, or in the place of, somebody who fits this one?"""
        anybody = Q(first_approved_as__in=self.approvers) & ~Q(first_approved_as=F("member"))
        if stage == routing.ANY:
            return anybody
        line = self._fits(LINE_MANAGER)
        by_line = (line & Q(first_approved_as=F(LINE_MANAGER))) | (_not(line) & anybody)
        if stage == routing.LINE:
            return by_line
        project = self._fits(PROJECT_MANAGER)
        return (project & Q(first_approved_as=F(PROJECT_MANAGER))) | (_not(project) & by_line)

    def _one_person(self, one: str, two: str) -> Q:
        """Both approvals are one and the same person's: theirs is enough."""
        besides = approving_members().exclude(pk=self.actor.pk).exclude(pk=OuterRef("member"))
        alone = ~Q(Exists(besides))
        if routing.ANY in (one, two):
            return alone
        line, project = self._fits(LINE_MANAGER), self._fits(PROJECT_MANAGER)
        if one == two:
            return alone | line | (project if one == routing.PROJECT else NEVER)
        return alone | (line & (_not(project) | Q(**{PROJECT_MANAGER: F(LINE_MANAGER)})))


def _not(condition: Q) -> Q:
    """The opposite, where what is compared may be missing: unknown counts as no."""
    return Q(Case(When(condition, then=Value(False)), default=Value(True), output_field=BooleanField()))
