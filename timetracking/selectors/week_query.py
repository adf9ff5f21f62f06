"""Which entries a week page shows: the days, the person and the filters."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from accounts.models import Membership
from accounts.permissions import Permission, within_reach
from timetracking.models import Project, TimeEntry
from timetracking.models.time_entries import TimeEntryQuerySet

EVERYONE = "all"


@dataclass(frozen=True)
class WeekQuery:
    """`first` and `last` are local days, both included. `member` is None for everyone."""

    actor: Membership
    first: dt.date
    last: dt.date
    member: Membership | None
    params: dict[str, str] = field(default_factory=dict)
    project: Project | None = None
    today: dt.date = dt.date.min

    @property
    def is_custom(self) -> bool:
        """A range of days that somebody chose, instead of a week."""
        return "from" in self.params or "to" in self.params

    @property
    def is_week(self) -> bool:
        return not self.is_custom

    @property
    def is_own(self) -> bool:
        return self.member is not None and self.member.pk == self.actor.pk

    def entries(self, among: TimeEntryQuerySet | None = None) -> TimeEntryQuerySet:
        """The entries (all, or `among` some) that the page shows, of every day in range, within the actor's reach."""
        conditions: dict[str, Any] = {"date__gte": self.first, "date__lte": self.last}
        if self.member is not None:
            conditions["member"] = self.member.pk
        if self.project is not None:
            conditions["project"] = self.project.pk
        if billable := self.params.get("billable"):
            conditions["billable"] = billable == "yes"
        conditions |= {name: self.params[name] for name in ("kind", "status") if name in self.params}
        found = among if among is not None else TimeEntry.objects
        return found.filter(within_reach(self.actor, Permission.VIEW_TIME, field="member"), **conditions)

    def address(self, **changes: str | None) -> str:
        """The query string with some parameters changed (None takes one out), with its question mark."""
        params = {name: value for name, value in {**self.params, **changes}.items() if value}
        return f"?{urlencode(params)}" if params else ""

    @property
    def has_filters(self) -> bool:
        return any(name in self.params for name in ("project", "kind", "billable", "status"))
