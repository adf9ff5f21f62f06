"""The entries behind a figure of a report, 50 a page, with the sums of all: those of the cell that led there."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable
from timetracking.rules import amounts, durations
from timetracking.selectors import marked_up
from timetracking.selectors.entry_rows import EntryRow, rows_for
from timetracking.selectors.report_filters import Chip, chips_of
from timetracking.selectors.report_query import ReportQuery
from timetracking.selectors.report_sums import BILLABLE

A_PAGE = 50
MOST_AT_ONCE = 50_000
"""Rows that a request puts into a file; more are made in the background."""


@dataclass(frozen=True, slots=True)
class Entry(Printable):
    row: EntryRow
    day: str
    billed: str
    amount: str


@dataclass(frozen=True)
class EntriesPage(Printable):
    title: str
    chips: tuple[Chip, ...]
    rows: tuple[Entry, ...]
    count: int
    count_label: str
    hours: str
    billable: str
    billed: str
    amount: str
    shows_money: bool
    shows_people: bool
    report_url: str
    csv_url: str
    xlsx_url: str
    query: str
    note: str
    previous_url: str
    next_url: str


def entries_of(query: ReportQuery) -> EntriesPage:
    slug = query.actor.organisation.slug
    url = address("report-entries", slug)
    entries = query.entries()
    money = {"amount": Sum("amount")} if query.shows_money else {}
    sums = entries.order_by().aggregate(
        count=Count("pk"), total=Sum("minutes", default=0), billable_total=BILLABLE,
        billed=Sum("billed_minutes", default=0), **money,
    )  # fmt: skip
    pages = max(-(-sums["count"] // A_PAGE), 1)
    page = min(query.page, pages)
    start = (page - 1) * A_PAGE
    shown = entries.order_by("-date", "-pk")[start : start + A_PAGE]
    rows = rows_for(query.actor, shown)
    billing = {pk: rest for pk, *rest in entries.filter(pk__in=[row.id for row in rows]).order_by().values_list(
        "pk", "billed_minutes", *(["amount"] if query.shows_money else [])
    )}  # fmt: skip
    currency, year = query.actor.organisation.currency, str(query.today.year)
    listed = []
    for row in rows:
        billed, *amount = billing.get(row.id, (0,))
        day = row.date_label if row.date_iso.startswith(year) else f"{row.date_label} {row.date_iso[:4]}"
        words = amounts.money(amount[0], currency) if amount else ""
        listed.append(Entry(row, day, marked_up.hm(billed), words))
    note = ""
    if pages > 1:
        values = {"start": durations.grouped(start + 1), "end": durations.grouped(start + len(rows))}
        note = _("%(start)s–%(end)s of %(total)s") % {**values, "total": durations.grouped(sums["count"])}
    return EntriesPage(
        title=dates.day_range(query.days.first, query.days.last),
        chips=chips_of(query, url),
        rows=tuple(listed),
        count=sums["count"],
        count_label=durations.grouped(sums["count"]),
        hours=durations.format_minutes(sums["total"]),
        billable=durations.format_minutes(sums["billable_total"]),
        billed=durations.format_minutes(sums["billed"]),
        amount=amounts.money(sums.get("amount") or amounts.ZERO, currency) if query.shows_money else "",
        shows_money=query.shows_money,
        shows_people=query.sees_all,
        report_url=address("reports", slug) + query.address(),
        csv_url=address("report-entries-csv", slug) + query.narrowed(),
        xlsx_url=address("report-entries-xlsx", slug) + query.narrowed(),
        query=query.narrowed()[1:],
        note=note,
        previous_url=url + query.narrowed(page=page - 1) if page > 1 else "",
        next_url=url + query.narrowed(page=page + 1) if page < pages else "",
    )
