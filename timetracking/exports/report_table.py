"""The table of a report as a file: a row for each combination of its groups, the total below them in a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from timesheets_site.lib.workbooks import Column, Kind
from timetracking.rules.report_figures import tenths
from timetracking.selectors import report_sums, report_table
from timetracking.selectors.report_dimensions import AGENT, DIMENSIONS
from timetracking.selectors.report_people import people_of
from timetracking.selectors.report_query import ReportQuery
from timetracking.selectors.report_sums import Sums
from timetracking.selectors.report_table import Group, Grouped


@dataclass(frozen=True)
class Row:
    names: tuple[str, ...]
    sums: Sums
    capacity: int | None = None


def grouped_for_file(query: ReportQuery) -> Grouped:
    """All groups with their names."""
    capacities = people_of(query, report_sums.by_member(query)).capacities if query.by == AGENT else {}
    grouped = report_table.grouped(query, capacities)
    report_table.name_all(query, grouped.groups)
    return grouped


def columns_of(query: ReportQuery) -> list[Column]:
    """Hours in a workbook, whole minutes in CSV."""
    currency = query.actor.organisation.currency
    columns = [
        Column(str(DIMENSIONS[code].label), lambda row, n=n: row.names[n], width=36)  # type: ignore[misc]  # the place
        for n, code in enumerate(query.levels)
    ]
    columns += [
        Column(_("Entries"), lambda row: row.sums.entries, Kind.NUMBER),
        Column(_("Hours"), lambda row: row.sums.minutes, Kind.MINUTES, csv_header=_("Minutes")),
        Column(
            _("Billable hours"), lambda row: row.sums.billable, Kind.MINUTES, width=14, csv_header=_("Billable minutes")
        ),
        Column(_("Billable share"), lambda row: _percent(row.sums.billable, row.sums.minutes), Kind.PERCENT, width=14),
        Column(_("Billed hours"), lambda row: row.sums.billed, Kind.MINUTES, width=12, csv_header=_("Billed minutes")),
    ]
    if query.by == AGENT and not query.then:
        columns.append(
            Column(_("Capacity"), lambda row: row.capacity, Kind.MINUTES, csv_header=_("Capacity in minutes"))
        )
        columns.append(
            Column(_("Utilisation"), lambda row: _percent(row.sums.billable, row.capacity or 0), Kind.PERCENT, width=12)
        )
    if query.shows_money:
        columns.append(Column(_("Amount"), lambda row: row.sums.amount, Kind.MONEY, currency))
    return columns


def _percent(part: int, whole: int) -> Decimal | None:
    share = tenths(part, whole)
    return None if share is None else Decimal(share.numerator) / share.denominator


def rows_of(grouped: Grouped) -> list[Row]:
    rows = []
    for group in grouped.groups:
        rows += [_row(group, child) for child in group.inner] if grouped.query.then else [_row(group)]
    return rows


def _row(group: Group, child: Group | None = None) -> Row:
    if child is None:
        return Row((group.name.label,), group.sums, group.capacity)
    return Row((group.name.label, child.name.label), child.sums)


def total_of(grouped: Grouped) -> Sequence[Any]:
    """The cells of the last row."""
    total = grouped.total
    capacities = [group.capacity for group in grouped.groups if group.capacity is not None]
    names = (_("Total"), "") if grouped.query.then else (_("Total"),)
    row = Row(names, total, sum(capacities) if capacities else None)
    return [column.value(row) for column in columns_of(grouped.query)]


def file_name(query: ReportQuery, ending: str) -> str:
    return f"report_{query.actor.organisation.slug}_{query.days.first}_{query.days.last}.{ending}"
