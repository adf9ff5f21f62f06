"""The minutes of a week page, by day, kind and billable, in one query; every figure of the page adds these up."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Sum

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

    @property
    def total(self) -> int:
        return sum(self.by_day.values())

    @property
    def billable(self) -> int:
        return sum(self.billable_by_day.values())


def totals_of(query: WeekQuery) -> Totals:
    grouped = query.entries().order_by().values_list("date", "kind", "billable").annotate(Sum("minutes"), Count("id"))
    return _added(grouped)


def totals_of_rows(rows: Iterable[EntryRow]) -> Totals:
    """The same from rows, where they are all there."""
    return _added((dt.date.fromisoformat(r.date_iso), r.kind.upper(), r.billable, r.minutes, 1) for r in rows)


def _added(parts: Iterable[tuple[dt.date, str, bool, int, int]]) -> Totals:
    result = Totals(defaultdict(int), defaultdict(int), defaultdict(int), defaultdict(int), defaultdict(int))
    for day, kind, is_billable, minutes, count in parts:
        result.by_day[day] += minutes
        result.by_kind[kind] += minutes
        result.entries_by_kind[kind] += count
        result.entries_by_day[day] += count
        if is_billable:
            result.billable_by_day[day] += minutes
    return result
