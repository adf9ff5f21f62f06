"""The minutes of a week page, by day, kind and billable, in one query; every figure of the page adds these up."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Sum, Value

from timetracking.rules import targets
from timetracking.rules.targets import Targets
from timetracking.selectors.entry_rows import EntryRow
from timetracking.selectors.week_query import WeekQuery


@dataclass
class Totals:
    """Whole minutes, and numbers of entries."""

    by_day: dict[dt.date, int]
    billable_by_day: dict[dt.date, int]
    by_kind: dict[str, int]
    entries_by_kind: dict[str, int]
    entries_by_day: dict[dt.date, int]
    off_by_day: dict[dt.date, int]
    """Time off, which is a part of `by_day`."""

    @property
    def total(self) -> int:
        return sum(self.by_day.values())

    @property
    def billable(self) -> int:
        return sum(self.billable_by_day.values())

    def towards(self, own: Targets) -> int:
        """The minutes that count towards a member's targets: all but time off where nothing was expected."""
        return self.total - targets.idle(self.off_by_day, {day: own.on(day).minutes for day in self.off_by_day})


def totals_of(query: WeekQuery) -> Totals:
    # Nothing is expected of everyone together, so nobody asks what of it was time off.
    off: Any = F("charge_code__is_time_off") if query.member else Value(False)
    grouped = query.entries().order_by().annotate(off=off).values_list("date", "kind", "billable", "off")
    return _added(grouped.annotate(Sum("minutes"), Count("id")))


def totals_of_rows(rows: Iterable[EntryRow]) -> Totals:
    """The same from rows, where they are all there."""
    return _added(
        (dt.date.fromisoformat(r.date_iso), r.kind.upper(), r.billable, r.is_time_off, r.minutes, 1) for r in rows
    )


def _added(parts: Iterable[tuple[dt.date, str, bool, bool | None, int, int]]) -> Totals:
    result = Totals(*(defaultdict(int) for _sum in range(6)))
    for day, kind, is_billable, is_time_off, minutes, count in parts:
        result.by_day[day] += minutes
        result.by_kind[kind] += minutes
        result.entries_by_kind[kind] += count
        result.entries_by_day[day] += count
        if is_billable:
            result.billable_by_day[day] += minutes
        if is_time_off:
            result.off_by_day[day] += minutes
    return result
