"""What Kimai's clients say and we only keep: tags, meta fields, and "exported" set by hand.

It stands beside the entry. A running timer is no entry yet: what was said of it stands beside its week, under the
number that the entry will have. The entry is read with it, and takes it over with the next change.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Sequence
from typing import Any

from accounts.models import Membership
from timetracking.api.kimai.words import Sheet
from timetracking.models import Timesheet
from timetracking.services import partner_values, timesheets

SURFACE = "kimai"
DAYS_BACK = dt.timedelta(days=45)
"""A timer starts at most 31 days ago, and its week a few days before."""


def of(sheets: Iterable[Sheet]) -> dict[int, dict[str, Any]]:
    """{number: what is kept}; three queries at most, however many there are."""
    sheets = list(sheets)
    entries = [sheet.entry for sheet in sheets if sheet.entry is not None]
    timers = [sheet for sheet in sheets if sheet.timer is not None]
    weeks = {entry.timesheet_id for entry in entries if entry.timer_id}
    if timers:
        since = min(sheet.begin for sheet in timers).date() - DAYS_BACK
        members = {sheet.member.pk for sheet in timers}
        weeks |= set(Timesheet.objects.filter(member__in=members, week_start__gte=since).values_list("pk", flat=True))
    found: dict[int, dict[str, Any]] = {}
    if weeks:
        wanted = {_name(sheet.number): sheet.number for sheet in sheets}
        for values in partner_values.of_timesheets(SURFACE, weeks).values():
            found |= {wanted[name]: kept for name, kept in values.items() if name in wanted}
    return found | partner_values.of_entries(SURFACE, [entry.pk for entry in entries])


def put(sheet: Sheet, values: dict[str, Any]) -> None:
    """Keep these of an entry or a running timer, in the transaction of the service that wrote it.

    Raises RuleViolation `values_too_long`.
    """
    if not values:
        return
    if sheet.entry is not None:
        partner_values.keep(SURFACE, sheet.entry, {**of([sheet]).get(sheet.number, {}), **values})
        return
    week = _week_of(sheet)
    partner_values.keep(SURFACE, week, {_name(sheet.number): {**of([sheet]).get(sheet.number, {}), **values}})


def move(before: Sheet, after: Sheet) -> None:
    """From a timer that was stopped to its first entry."""
    kept = of([before]).get(before.number)
    if kept and before.timer is not None and after.entry is not None:
        partner_values.keep(SURFACE, after.entry, kept)
        partner_values.keep(SURFACE, _week_of(before), {_name(before.number): None})


def all_tags(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The tags in these values, each once, by name."""
    return sorted({tag for values in rows for tag in values.get("tags", ())}, key=str.casefold)


def _week_of(sheet: Sheet) -> Timesheet:
    member: Membership = sheet.member
    zone = zoneinfo.ZoneInfo(sheet.timer.zone) if sheet.timer is not None else member.zone
    return timesheets.lock_week(member, sheet.begin.astimezone(zone).date())


def _name(number: int) -> str:
    return f"timer-{number}"
