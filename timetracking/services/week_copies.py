"""Last week once more: its entries on the same weekdays of another week, or only its rows into that week's grid.

Time off is not copied: who was away last week seldom is again.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import Membership
from accounts.permissions import Permission, require
from timetracking.models import TimeEntry
from timetracking.rules import weeks
from timetracking.services import repetition
from timetracking.services.repetition import Fields, Filling


def source_of(member: Membership, first: dt.date) -> dt.date | None:
    """First day of the week that is copied into the one from `first` on: the last one before it that has entries."""
    earlier = TimeEntry.objects.filter(member=member, date__lt=first).order_by("-date")
    latest = earlier.values_list("date", flat=True).first()
    return None if latest is None else weeks.week_containing(latest, first_weekday=member.organisation.first_weekday)


def wanted(member: Membership, source: dt.date, first: dt.date) -> list[Fields]:
    """The entries of the week from `source` on, each on its weekday of the week from `first` on."""
    return [repetition.fields_of(entry, first + (entry.date - source)) for entry in _worked(member, source)]


def records(member: Membership, source: dt.date) -> list[Any]:
    """What the entries of the week from `source` on hang on, each once, in their order; None for no record at all."""
    found: dict[tuple[str, int], Any] = {}
    for entry in _worked(member, source):
        record = repetition.record_of(entry)
        found.setdefault((type(record).__name__, record.pk if record else 0), record)
    return list(found.values())


def copy(actor: Membership, member: Membership, source: dt.date, first: dt.date) -> Filling:
    """Copy the entries of the week from `source` on into the week from `first` on.

    What is refused (a closed ticket, a locked day, …) doesn't stop the rest; what is there already is not doubled.
    Raises NotAllowed, OutOfReach, or RuleViolation `too_many`.
    """
    require(actor, Permission.LOG_TIME, owner=member)
    return repetition.fill(actor, member, wanted(member, source, first))


def has_time_off(member: Membership, source: dt.date) -> bool:
    """Is something of the week from `source` on left out as time off?"""
    days = {"date__gte": source, "date__lte": source + repetition.LAST_DAY}
    return bool(TimeEntry.objects.filter(member=member, charge_code__is_time_off=True, **days).exists())


def _worked(member: Membership, source: dt.date) -> list[TimeEntry]:
    found = repetition.of_week(member, source)
    return [entry for entry in found if not (entry.charge_code and entry.charge_code.is_time_off)]
