"""The address of a week page, read into the query that it stands for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.forms.days import FIRST, LAST
from accounts.models import Membership
from accounts.permissions import Permission, Reach, can, reach
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timetracking.filters import TimeEntryFilter
from timetracking.models import TimeEntry
from timetracking.rules import weeks
from timetracking.selectors.week_query import EVERYONE, WeekQuery

LONGEST_RANGE = 366
NAMES = ("agent", "project", "kind", "billable", "status", "from", "to")


def read(
    actor: Membership,
    day: dt.date | None,
    data: QueryDict | dict[str, str],
    *,
    longest: int | None = LONGEST_RANGE,
) -> WeekQuery:
    """The query of an address. `day` is any day of the week to show; None is today's week in the actor's own zone.

    `longest` is how many days a range may have at most, None for any.

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
        if longest is not None and (last - first).days >= longest:
            raise RuleViolation("range_too_long", _("Choose a range of at most 366 days."), "to")
    return WeekQuery(actor, first, last, member, params, cleaned.get("project"), today)


def member_named(actor: Membership, text: str, permission: Permission) -> Membership:
    """Whose week an address means by its `agent`, the actor's own without one.

    Raises OutOfReach for nobody, and for anybody of whom the actor does not hold the permission.
    """
    if text in ("", str(actor.pk)):
        return actor
    found = Membership.objects.select_related("user")
    member = found.filter(pk=int(text)).first() if text.isascii() and text.isdigit() and len(text) < 19 else None
    if member is None or not can(actor, permission, owner=member.pk):
        raise OutOfReach
    member.organisation = actor.organisation
    return member


def _clean(params: dict[str, str]) -> dict[str, Any]:
    filters = TimeEntryFilter(params, queryset=TimeEntry.objects.none())
    if filters.is_valid():
        cleaned = dict(filters.form.cleaned_data)
        for name in ("from", "to"):
            if cleaned[name] is not None and not FIRST <= cleaned[name] <= LAST:
                raise RuleViolation("filter_unreadable", _("Choose a day from the year 2000 on."), name)
        return cleaned
    for name in ("agent", "project"):
        if name in filters.errors:
            raise OutOfReach
    name = next(iter(filters.errors))
    words = {
        "from": _("Choose the first day from the calendar."),
        "to": _("Choose the last day from the calendar."),
    }
    raise RuleViolation("filter_unreadable", words.get(name, _("Choose one of the filter's own values.")), name)
