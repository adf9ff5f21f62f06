"""How a week, its entries and its history are written."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Literal

from django.db.models import Count, Q, Sum
from ninja import Schema
from pydantic import Field

from timetracking.api import values
from timetracking.models import ApprovalEvent, ApprovalLine, TimeEntry, Timesheet
from timetracking.rules import weeks

State = Literal["draft", "saved", "submitted", "partiallyApproved", "approved", "partiallyDeclined", "declined"]
NOTHING = {"minutes": 0, "billable_minutes": 0, "entries": 0, "waiting": 0}


class TotalsOut(Schema):
    minutes: int
    billable_minutes: int
    entries: int
    waiting: int = Field(description="Entries that wait for a decision.")


class TimesheetOut(Schema):
    """One member's week. Its version grows with every change in it, those of its entries too."""

    id: int
    member_id: int
    member_name: str
    week_start: dt.date
    week_end: dt.date
    year: int = Field(description="ISO year of the week's fourth day.")
    period: int = Field(description="ISO week of the week's fourth day.")
    state: State
    totals: TotalsOut
    submitted_at: dt.datetime | None
    submitted_by_id: int | None
    decided_at: dt.datetime | None
    decided_by_id: int | None
    posting_date: dt.date | None
    note: str
    checks: list[str] = Field(description="What looked odd when it was submitted, by code.")
    changed_since_at: dt.datetime | None
    reopened_at: dt.datetime | None
    created_at: dt.datetime
    version: int


class SheetEntryOut(Schema):
    id: int
    date: dt.date
    minutes: int
    kind: str
    subject: str
    billable: bool
    status: str
    rejection_reason: str
    version: int


class DecidedLineOut(Schema):
    entry_id: int
    from_status: str
    to_status: str
    reason: str


class StepOut(Schema):
    """A line of the approval history, which nobody changes."""

    id: int
    at: dt.datetime
    action: str
    actor_id: int | None
    stood_in_for_id: int | None
    from_state: str
    to_state: str
    reason: str
    version: int = Field(description="The week's version that this step left behind.")
    lines: list[DecidedLineOut]


class WholeTimesheetOut(TimesheetOut):
    entries: list[SheetEntryOut]
    history: list[StepOut] = Field(description="Newest first.")


def sheets_out(sheets: Iterable[Timesheet]) -> list[dict[str, Any]]:
    """Weeks with their members loaded, and what is in them: one query for all."""
    found = list(sheets)
    totals = _totals([sheet.pk for sheet in found])
    return [_sheet(sheet, totals.get(sheet.pk, NOTHING)) for sheet in found]


def whole_sheet_out(sheet: Timesheet) -> dict[str, Any]:
    """A week with its entries and its history. Four queries."""
    [told] = sheets_out([sheet])
    entries = TimeEntry.objects.filter(timesheet=sheet).order_by("date", "pk")
    columns = ("id", "date", "minutes", "kind", "subject", "billable", "status", "rejection_reason", "version")
    return {**told, "entries": list(entries.values(*columns)), "history": _history(sheet)}


def _totals(ids: list[int]) -> dict[int, dict[str, int]]:
    rows = TimeEntry.objects.filter(timesheet__in=ids).order_by().values("timesheet_id")
    sums = rows.annotate(
        total=Sum("minutes"),
        billable_total=Sum("minutes", filter=Q(billable=True), default=0),
        number=Count("pk"),
        pending=Count("pk", filter=Q(status=TimeEntry.Status.SUBMITTED)),
    )
    return {
        row["timesheet_id"]: {
            "minutes": row["total"],
            "billable_minutes": row["billable_total"],
            "entries": row["number"],
            "waiting": row["pending"],
        }
        for row in sums
    }


def _sheet(sheet: Timesheet, totals: dict[str, int]) -> dict[str, Any]:
    year, period = weeks.year_and_period(sheet.week_start)
    return {
        "id": sheet.pk,
        "member_id": sheet.member_id,
        "member_name": sheet.member.display_name,
        "week_start": sheet.week_start.isoformat(),
        "week_end": sheet.week_end.isoformat(),
        "year": year,
        "period": period,
        "state": sheet.state,
        "totals": totals,
        "submitted_at": values.utc(sheet.submitted_at),
        "submitted_by_id": sheet.submitted_by_id,
        "decided_at": values.utc(sheet.decided_at),
        "decided_by_id": sheet.decided_by_id,
        "posting_date": sheet.posting_date.isoformat() if sheet.posting_date else None,
        "note": sheet.note,
        "checks": sheet.checks,
        "changed_since_at": values.utc(sheet.changed_since_at),
        "reopened_at": values.utc(sheet.reopened_at),
        "created_at": values.utc(sheet.created_at),
        "version": sheet.version,
    }


def _history(sheet: Timesheet) -> list[dict[str, Any]]:
    lines = defaultdict(list)
    told = ApprovalLine.objects.filter(event__timesheet=sheet).order_by("pk")
    for line in told.values("event_id", "entry_id", "from_status", "to_status", "reason"):
        lines[line.pop("event_id")].append(line)
    columns = ("id", "at", "action", "actor_id", "stood_in_for_id", "from_state", "to_state", "reason", "version")
    events = ApprovalEvent.objects.filter(timesheet=sheet).order_by("-pk").values(*columns)
    return [{**event, "at": values.utc(event["at"]), "lines": lines[event["id"]]} for event in events]
