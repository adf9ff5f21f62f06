"""GET /reports: the figures of a report page, by the same words and with the same sums."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

from django.http import JsonResponse
from ninja import Query, Router, Schema
from pydantic import Field

from accounts.permissions import Permission, require
from accounts.requests import Request
from timesheets_site.lib.snapshots import one_moment
from timetracking.api.native.paging import check_query
from timetracking.api.native.schemas import text_of
from timetracking.rules.report_figures import percent
from timetracking.selectors import report_address, report_dimensions, report_sums, report_table
from timetracking.selectors.report_dimensions import CALENDAR
from timetracking.selectors.report_people import people_of
from timetracking.selectors.report_query import ReportQuery
from timetracking.selectors.report_sums import Sums
from timetracking.selectors.report_table import Group

router = Router(tags=["Reports"])
Dimension = Literal[
    "client", "project", "task", "ticket", "agent", "work_type", "work_role", "charge_code", "week", "month"
]
Word = Field(None, max_length=20)
RecordId = Field(None, max_length=19, description="An id, or `none` for entries without one.")
GROUPS_A_PAGE = 200


class ReportFilters(Schema):
    """The words of a report page's address; what is copied from there works here."""

    range: str | None = Field(None, max_length=20, description="Like this_month, last_week; left out: the usual one.")
    from_: str | None = Field(None, alias="from", max_length=10, description="First day; with it, `range` is ignored.")
    to: str | None = Field(None, max_length=10, description="Last day, included.")
    client: str | None = RecordId
    project: str | None = RecordId
    task: str | None = RecordId
    ticket: str | None = RecordId
    work_type: str | None = RecordId
    work_role: str | None = RecordId
    charge_code: str | None = RecordId
    agent: str | None = Field(None, max_length=19, description="A member's id. Agents see their own time alone.")
    kind: Literal["TICKET", "PROJECT", "GENERAL"] | None = None
    billable: Literal["yes", "free", "no"] | None = None
    status: str | None = Field(None, max_length=20, description="OPEN, SUBMITTED, …; or sent, done, pending.")
    by: Dimension | None = None
    then: str | None = Field(None, max_length=20, description="A second level: one of those of `by`.")
    sort: str | None = Field(None, max_length=20, description="name, minutes, billable, …; a minus turns it round.")
    page: int = Field(1, ge=1, le=10_000, description=f"{GROUPS_A_PAGE} groups on each.")


class SumsOut(Schema):
    entries: int
    minutes: int
    billable_minutes: int
    billable_percent: int | None = Field(description="Of the minutes; null where there are none.")
    billed_minutes: int = Field(description="After rounding.")
    amount: str | None = Field(description="Null for who does not see the amounts of all that the report holds.")


class InnerOut(SumsOut):
    key: int | str | None = Field(description="The record's id, or the first day of a week or month.")
    name: str


class GroupOut(InnerOut):
    groups: list[InnerOut]


class ReportOut(Schema):
    first_on: dt.date
    last_on: dt.date
    by: str
    then: str
    currency: str
    total: SumsOut
    capacity_minutes: int = Field(description="What the people of the report had to give up to today.")
    groups: list[GroupOut]
    page: int
    pages: int


@router.get("/reports", response=ReportOut, summary="A report")
def run_report(request: Request, filters: Query[ReportFilters]) -> JsonResponse:
    """Minutes and amounts by up to two levels; the total of the parts is always the total."""
    check_query(request, ReportFilters)
    require(request.membership, Permission.VIEW_REPORTS)
    query = report_address.read(request.membership, request.GET)
    with one_moment():
        people = people_of(query, report_sums.by_member(query))
        table = report_table.grouped(query, people.capacities)
    pages = max(-(-len(table.groups) // GROUPS_A_PAGE), 1)
    page = min(filters.page, pages)
    shown = table.groups[(page - 1) * GROUPS_A_PAGE : page * GROUPS_A_PAGE]
    report_table.name_all(query, shown)
    told = {
        "first_on": query.days.first.isoformat(),
        "last_on": query.days.last.isoformat(),
        "by": query.by,
        "then": query.then,
        "currency": request.organisation.currency,
        "total": _sums(query, table.total),
        "capacity_minutes": people.capacity,
        "groups": _groups(query, shown),
        "page": page,
        "pages": pages,
    }
    return JsonResponse(told)


def _groups(query: ReportQuery, groups: list[Group]) -> list[dict[str, Any]]:
    outer, inner = _keys(query.by, query), _keys(query.then, query)
    return [
        {
            **_named(query, group, outer),
            "groups": [_named(query, child, inner) for child in group.inner],
        }
        for group in groups
    ]


def _keys(code: str, query: ReportQuery) -> Mapping[Any, str]:
    """The first days of the weeks or months that stand as numbers within the report."""
    if code not in CALENDAR:
        return {}
    return {number: day.isoformat() for number, day in enumerate(report_dimensions.starts(code, query))}


def _named(query: ReportQuery, group: Group, days: Mapping[Any, str]) -> dict[str, Any]:
    return {"key": days.get(group.key, group.key), "name": str(group.name.label), **_sums(query, group.sums)}


def _sums(query: ReportQuery, sums: Sums) -> dict[str, Any]:
    return {
        "entries": sums.entries,
        "minutes": sums.minutes,
        "billable_minutes": sums.billable,
        "billable_percent": percent(sums.billable, sums.minutes),
        "billed_minutes": sums.billed,
        "amount": text_of(sums.amount) if query.shows_money else None,
    }
