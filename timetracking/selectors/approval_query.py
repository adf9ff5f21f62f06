"""Which weeks the approvals inbox shows: their status, whose they are, and which week."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Q, When

from accounts.models import Membership
from timetracking.models import Timesheet
from timetracking.selectors.approval_routing import decidable_by

WAITING, REJECTED, APPROVED, MISSING = STATUSES = ("waiting", "rejected", "approved", "missing")
MINE, REPORTS, EVERYONE = TEAMS = ("mine", "reports", "all")
A_PAGE = 50
STATES = {
    WAITING: Timesheet.WAITING,
    REJECTED: Timesheet.RETURNED,
    APPROVED: frozenset({Timesheet.State.APPROVED}),
}


@dataclass(frozen=True)
class InboxQuery:
    """`team` is one of TEAMS, or empty for what is usual: what waits for the actor, else everyone's.

    `week` is a week's first day; None for all weeks (the last one that is over, where weeks are missing).
    """

    actor: Membership
    status: str = WAITING
    team: str = ""
    week: dt.date | None = None
    page: int = 1
    selects_clean: bool = False

    @property
    def whose(self) -> str:
        if self.team == MINE and self.status != WAITING:
            return EVERYONE
        return self.team or (MINE if self.status == WAITING else EVERYONE)

    def sheets(self, status: str = "") -> Any:
        """The weeks of a tab (this one's unless told otherwise), in no order."""
        status = status or self.status
        found = Timesheet.objects.visible_to(self.actor).filter(state__in=STATES[status])
        if self.week is not None:
            found = found.filter(week_start=self.week)
        return found.filter(self._whose(status))

    def ordered(self) -> Any:
        """What has waited longest comes first; of what is decided, the latest week."""
        found = self.sheets()
        return found.order_by("week_start", "pk") if self.status == WAITING else found.order_by("-week_start", "-pk")

    def _whose(self, status: str) -> Q:
        team = self.whose if status == self.status else InboxQuery(self.actor, status, self.team).whose
        if team == REPORTS:
            return Q(member__line_manager=self.actor.pk)
        return decidable_by(self.actor) if team == MINE else Q()

    def after(self, sheet: Timesheet) -> int | None:
        """The week that is opened after this one: the next in the list; of what waits, else the first of the others."""
        if self.status == MISSING:
            return None
        others, start = self.ordered().exclude(pk=sheet.pk), sheet.week_start
        if self.status != WAITING:
            behind = others.filter(Q(week_start__lt=start) | Q(week_start=start, pk__lt=sheet.pk))
        else:
            later = Q(week_start__gt=start) | Q(week_start=start, pk__gt=sheet.pk)
            behind = others.order_by(Case(When(later, then=0), default=1), "week_start", "pk")
        found: int | None = behind.values_list("pk", flat=True).first()
        return found

    def address(self, **changes: Any) -> str:
        """The query string with some of its parts changed (None takes one out), with its question mark."""
        usual: dict[str, Any] = {
            "status": self.status if self.status != WAITING else None,
            "team": self.team,
            "week": self.week,
            "page": self.page if self.page > 1 else None,
        }
        params = {name: str(value) for name, value in {**usual, **changes}.items() if value}
        return f"?{urlencode(params)}" if params else ""
