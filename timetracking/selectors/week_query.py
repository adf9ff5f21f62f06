"""Which entries a week page shows: the days, the person and the filters."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from urllib.parse import urlencode

from accounts.models import Membership
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

    def entries(self) -> TimeEntryQuerySet:
        """The entries that the page shows, of every day in range, within the actor's reach."""
        entries = TimeEntry.objects.visible_to(self.actor).filter(date__gte=self.first, date__lte=self.last)
        if self.member is not None:
            entries = entries.filter(member=self.member)
        if self.project is not None:
            entries = entries.filter(project=self.project)
        if kind := self.params.get("kind"):
            entries = entries.filter(kind=kind)
        if billable := self.params.get("billable"):
            entries = entries.filter(billable=billable == "yes")
        if status := self.params.get("status"):
            entries = entries.filter(status=status)
        return entries

    def address(self, **changes: str | None) -> str:
        """The query string with some parameters changed (None takes one out), with its question mark."""
        params = {name: value for name, value in {**self.params, **changes}.items() if value}
        return f"?{urlencode(params)}" if params else ""

    @property
    def has_filters(self) -> bool:
        return any(name in self.params for name in ("project", "kind", "billable", "status"))
