"""Which entries a week page shows: the days, the person and the filters, read from the address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission, Reach, reach
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.filters import TimeEntryFilter
from timetracking.models import Project, TimeEntry
from timetracking.models.time_entries import TimeEntryQuerySet
from timetracking.rules import weeks

EVERYONE = "all"
LONGEST_RANGE = 366
NAMES = ("agent", "project", "kind", "billable", "status", "from", "to")


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


def read(actor: Membership, day: dt.date | None, data: QueryDict | dict[str, str]) -> WeekQuery:
    """The query of an address. `day` is any day of the week to show; None is today's week in the actor's own zone.

    Raises OutOfReach for an agent or project that the actor can't see, RuleViolation for values that can't be read.
    """
    today = actor.today()
    first = weeks.week_containing(day or today, first_weekday=actor.organisation.first_weekday)
    last = first + dt.timedelta(days=6)
    params = {name: value for name in NAMES if (value := str(data.get(name, "")).strip())}
    if not params:
        return WeekQuery(actor, first, last, actor, today=today)
    everyone = params.get("agent") == EVERYONE
    if everyone and reach(actor, Permission.VIEW_TIME) is not Reach.ALL:
        raise OutOfReach
    cleaned = _clean({name: value for name, value in params.items() if not (name == "agent" and everyone)})
    member = None if everyone else cleaned.get("agent") or actor
    if member is not None and member.pk != actor.pk:
        if reach(actor, Permission.VIEW_TIME) is not Reach.ALL:
            raise OutOfReach
        member.organisation = actor.organisation
    if "from" in params or "to" in params:
        first = cleaned.get("from") or cleaned["to"]
        last = cleaned.get("to") or cleaned["from"]
        if first > last:
            raise RuleViolation("range_backwards", _("The range ends before it begins."), "to")
        if (last - first).days >= LONGEST_RANGE:
            raise RuleViolation("range_too_long", _("Choose a range of at most 366 days."), "to")
    return WeekQuery(actor, first, last, member, params, cleaned.get("project"), today)


def _clean(params: dict[str, str]) -> dict[str, Any]:
    filters = TimeEntryFilter(params, queryset=TimeEntry.objects.none())
    if filters.is_valid():
        return dict(filters.form.cleaned_data)
    for name in ("agent", "project"):
        if name in filters.errors:
            raise OutOfReach
    name = next(iter(filters.errors))
    words = {
        "from": _("Choose the first day from the calendar."),
        "to": _("Choose the last day from the calendar."),
    }
    raise RuleViolation("filter_unreadable", words.get(name, _("Choose one of the filter's own values.")), name)
