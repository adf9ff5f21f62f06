"""Weeks: read, and the steps that their member takes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import JsonResponse
from ninja import Query, Router
from pydantic import Field

from accounts.models import Membership
from accounts.permissions import Permission, require
from accounts.requests import Request
from timesheets_site.lib.errors import RuleViolation
from timetracking.api.native import versions
from timetracking.api.native.named import member_of, one, seen_member
from timetracking.api.native.paging import Paged, PageOut, answer, check_query, take
from timetracking.api.native.schemas import Body, Day, Id, Version
from timetracking.api.native.timesheet_shapes import (
    State,
    TimesheetOut,
    WholeTimesheetOut,
    sheets_out,
    whole_sheet_out,
)
from timetracking.models import Timesheet
from timetracking.rules.approval import LONGEST_TEXT
from timetracking.rules.report_ranges import FIRST_YEAR, LAST_YEAR
from timetracking.services import timesheets

router = Router(tags=["Timesheets"])


class TimesheetFilters(Paged):
    member_id: int | None = Field(None, ge=1, description="Whose; left out: everybody's that one sees.")
    state: State | None = None
    from_: Day | None = Field(None, alias="from", description="Weeks that hold this day, or are later.")
    to: Day | None = Field(None, description="Weeks that hold this day, or are earlier.")


class TimesheetsOut(PageOut):
    items: list[TimesheetOut]


class StepIn(Body):
    version: Version | None = None


class SubmitIn(StepIn):
    note: Annotated[str, Field(max_length=LONGEST_TEXT, description="For those who decide.")] = ""


class WeekIn(SubmitIn):
    """A week by its member and any of its days, for one that has no timesheet yet."""

    member_id: Id | None = Field(None, description="Whose; left out: one's own.")
    date: Day


def rows_for(member: Membership) -> Any:
    return Timesheet.objects.visible_to(member).select_related("member__user")


def sheet_for(member: Membership, sheet_id: int) -> Timesheet:
    """A week within reach, its member ready for the services. Raises OutOfReach."""
    sheet: Timesheet = one(rows_for(member), sheet_id)
    sheet.member.organisation = member.organisation
    return sheet


def told(request: Request, sheet_id: int) -> JsonResponse:
    """The week as it is now, whole."""
    sheet = sheet_for(request.membership, sheet_id)
    return versions.answer(whole_sheet_out(sheet))


@router.get("/timesheets", response=TimesheetsOut, summary="Weeks of oneself, or of all whom one sees")
def list_timesheets(request: Request, filters: Query[TimesheetFilters]) -> JsonResponse:
    check_query(request, TimesheetFilters)
    require(request.membership, Permission.VIEW_TIME)
    rows = rows_for(request.membership)
    if filters.member_id is not None:
        rows = rows.filter(member=seen_member(request.membership, filters.member_id))
    if filters.state is not None:
        rows = rows.filter(state=filters.state)
    if filters.from_ is not None:
        rows = rows.filter(week_start__gt=max(filters.from_, dt.date(1900, 1, 1)) - dt.timedelta(days=7))
    if filters.to is not None:
        rows = rows.filter(week_start__lte=filters.to)
    page = take(rows, filters, of="timesheets")
    return answer(sheets_out(page.rows), page.next)


@router.get("/timesheets/{int:timesheet_id}", response=WholeTimesheetOut, summary="One week, whole")
def get_timesheet(request: Request, timesheet_id: int) -> JsonResponse:
    """With its entries and its approval history."""
    require(request.membership, Permission.VIEW_TIME)
    return told(request, timesheet_id)


@router.post(
    "/timesheets/submit",
    response=WholeTimesheetOut,
    summary="Submit the week of a day",
    openapi_extra=versions.IF_MATCH,
)
def submit_week(request: Request, body: WeekIn) -> JsonResponse:
    """Like submitting a timesheet, for a week that may have none yet; its version is then 0."""
    version = versions.expected(request, body.version)
    member = member_of(request.membership, body.member_id)
    sheet = timesheets.submit(request.membership, member, _possible(body.date), version=version, note=body.note)
    return told(request, sheet.pk)


@router.post(
    "/timesheets/{int:timesheet_id}/submit",
    response=WholeTimesheetOut,
    summary="Submit a week",
    openapi_extra=versions.IF_MATCH,
)
def submit_timesheet(request: Request, timesheet_id: int, body: SubmitIn | None = None) -> JsonResponse:
    """Hands it over for approval; its member can't change its entries any more. Submitted already: the same answer."""
    given, sheet = body or SubmitIn(), sheet_for(request.membership, timesheet_id)
    version = versions.expected(request, given.version)
    timesheets.submit(request.membership, sheet.member, sheet.week_start, version=version, note=given.note)
    return told(request, sheet.pk)


@router.post(
    "/timesheets/{int:timesheet_id}/recall",
    response=WholeTimesheetOut,
    summary="Take a submitted week back",
    openapi_extra=versions.IF_MATCH,
)
def recall_timesheet(request: Request, timesheet_id: int, body: StepIn | None = None) -> JsonResponse:
    """Until somebody has decided on any of it."""
    sheet = sheet_for(request.membership, timesheet_id)
    version = versions.expected(request, (body or StepIn()).version)
    timesheets.recall(request.membership, sheet.pk, version=version)
    return told(request, sheet.pk)


@router.post(
    "/timesheets/{int:timesheet_id}/mark-ready",
    response=WholeTimesheetOut,
    summary="Say that it is complete",
    openapi_extra=versions.IF_MATCH,
)
def mark_timesheet_ready(request: Request, timesheet_id: int, body: StepIn | None = None) -> JsonResponse:
    """Its state is `saved` then: nothing is sent."""
    sheet = sheet_for(request.membership, timesheet_id)
    version = versions.expected(request, (body or StepIn()).version)
    timesheets.mark_ready(request.membership, sheet.member, sheet.week_start, version=version)
    return told(request, sheet.pk)


@router.post(
    "/timesheets/{int:timesheet_id}/back-to-draft",
    response=WholeTimesheetOut,
    summary="Take that back",
    openapi_extra=versions.IF_MATCH,
)
def timesheet_back_to_draft(request: Request, timesheet_id: int, body: StepIn | None = None) -> JsonResponse:
    sheet = sheet_for(request.membership, timesheet_id)
    version = versions.expected(request, (body or StepIn()).version)
    timesheets.back_to_draft(request.membership, sheet.member, sheet.week_start, version=version)
    return told(request, sheet.pk)


def _possible(day: dt.date) -> dt.date:
    """A day that a week can be made of. Raises RuleViolation."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise RuleViolation("day_out_of_range", f"Choose a day from {FIRST_YEAR} to {LAST_YEAR}.", "date")
    return day
