"""Weeks: what those who approve do with them, one at a time or up to a thousand at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from django.http import JsonResponse
from ninja import Router, Schema
from pydantic import Field

from accounts.permissions import Permission, require
from accounts.requests import Request
from timesheets_site.lib.errors import RuleViolation
from timesheets_site.lib.numbers import fits
from timetracking.api.native import versions
from timetracking.api.native.schemas import Body, Id, Version
from timetracking.api.native.timesheet_shapes import WholeTimesheetOut
from timetracking.api.native.timesheets import StepIn, sheet_for, told
from timetracking.api.refusals import refusal_of
from timetracking.rules.approval import LONGEST_TEXT
from timetracking.services import approval_reversals, approvals
from timetracking.services.approvals import Answer

router = Router(tags=["Approvals"])
Reason = Annotated[str, Field(max_length=LONGEST_TEXT, description="Its agent reads it.")]
MOST_ENTRIES = 1_000


class ReasonIn(StepIn):
    reason: Reason = ""


class RejectedIn(Body):
    id: Id
    reason: Reason


class DecideIn(StepIn):
    """Entries of one week; what is named in neither list waits on."""

    approve: list[Id] = Field([], max_length=MOST_ENTRIES)
    reject: list[RejectedIn] = Field([], max_length=MOST_ENTRIES)


class ShownIn(Body):
    """A week, with the version that was looked at; one that changed since is refused."""

    id: Id
    version: Version | None = None


class ManyIn(Body):
    items: list[ShownIn] = Field(min_length=1, max_length=approvals.MOST)


class ManyRejectedIn(ManyIn):
    reason: Reason


class AnsweredOut(Schema):
    """What became of one week: its state and version now, or why it was refused."""

    id: int
    status: int = Field(description="As the call for this week alone would have answered: 200, 403, 404, 409, 422.")
    code: str = Field(description="Empty where it was done.")
    detail: str
    state: str | None
    version: int | None


class ManyOut(Schema):
    """In the order in which they were sent; one that is refused does not stop the others."""

    items: list[AnsweredOut]


@router.post("/timesheets/approve", response=ManyOut, summary="Approve up to 1,000 weeks")
def approve_timesheets(request: Request, body: ManyIn) -> JsonResponse:
    shown = _shown(body)
    return _answered(body, approvals.approve_many(request.membership, shown))


@router.post("/timesheets/reject", response=ManyOut, summary="Reject up to 1,000 weeks, for one reason")
def reject_timesheets(request: Request, body: ManyRejectedIn) -> JsonResponse:
    shown = _shown(body)
    return _answered(body, approvals.reject_many(request.membership, shown, reason=body.reason))


@router.post(
    "/timesheets/{int:timesheet_id}/approve",
    response=WholeTimesheetOut,
    summary="Approve a week",
    openapi_extra=versions.IF_MATCH,
)
def approve_timesheet(request: Request, timesheet_id: int, body: StepIn | None = None) -> JsonResponse:
    """All of it that one may decide on. Approved already: the same answer."""
    require(request.membership, Permission.APPROVE_TIMESHEET)
    sheet = sheet_for(request.membership, timesheet_id)
    approvals.approve(request.membership, sheet.pk, version=versions.expected(request, (body or StepIn()).version))
    return told(request, sheet.pk)


@router.post(
    "/timesheets/{int:timesheet_id}/reject",
    response=WholeTimesheetOut,
    summary="Reject a week",
    openapi_extra=versions.IF_MATCH,
)
def reject_timesheet(request: Request, timesheet_id: int, body: ReasonIn) -> JsonResponse:
    """Gives it back to its member, for a reason."""
    require(request.membership, Permission.APPROVE_TIMESHEET)
    sheet, version = sheet_for(request.membership, timesheet_id), versions.expected(request, body.version)
    approvals.reject(request.membership, sheet.pk, version=version, reason=body.reason)
    return told(request, sheet.pk)


@router.post(
    "/timesheets/{int:timesheet_id}/decide",
    response=WholeTimesheetOut,
    summary="Decide on single entries",
    openapi_extra=versions.IF_MATCH,
)
def decide_timesheet(request: Request, timesheet_id: int, body: DecideIn) -> JsonResponse:
    """Approve some entries of a week and reject others, each for its reason. All that is named, or nothing."""
    require(request.membership, Permission.APPROVE_TIMESHEET)
    sheet, version = sheet_for(request.membership, timesheet_id), versions.expected(request, body.version)
    reasons = {each.id: each.reason for each in body.reject}
    if len(reasons) < len(body.reject):
        raise RuleViolation("entry_twice", "Name each entry once.", "reject")
    if not body.approve and not reasons:
        raise RuleViolation("nothing_named", "Name at least one entry.", "approve")
    approvals.decide(request.membership, sheet.pk, version=version, approve=body.approve, reject=reasons)
    return told(request, sheet.pk)


@router.post(
    "/timesheets/{int:timesheet_id}/undo",
    response=WholeTimesheetOut,
    summary="Take one's decision back",
    openapi_extra=versions.IF_MATCH,
)
def undo_decision(request: Request, timesheet_id: int, body: StepIn | None = None) -> JsonResponse:
    """As long as nothing else happened to the week."""
    require(request.membership, Permission.APPROVE_TIMESHEET)
    sheet = sheet_for(request.membership, timesheet_id)
    version = versions.expected(request, (body or StepIn()).version)
    approval_reversals.undo(request.membership, sheet.pk, version=sheet.version if version is None else version)
    return told(request, sheet.pk)


@router.post(
    "/timesheets/{int:timesheet_id}/reopen",
    response=WholeTimesheetOut,
    summary="Reopen an approved week",
    openapi_extra=versions.IF_MATCH,
)
def reopen_timesheet(request: Request, timesheet_id: int, body: ReasonIn) -> JsonResponse:
    """Gives it back to its member as a draft, for a reason; what is billed stays so."""
    require(request.membership, Permission.APPROVE_TIMESHEET)
    sheet, version = sheet_for(request.membership, timesheet_id), versions.expected(request, body.version)
    approval_reversals.reopen(request.membership, sheet.pk, version=version, reason=body.reason)
    return told(request, sheet.pk)


# --- Many -------------------------------------------------------------------------------------------------------------


def _shown(body: ManyIn) -> list[tuple[int, int | None]]:
    """Only numbers that can be ids are looked for."""
    return [(each.id, each.version) for each in body.items if fits(each.id)]


def _answered(body: ManyIn, answers: Sequence[Answer]) -> JsonResponse:
    found = {answer.sheet_id: _line(answer) for answer in answers}
    unknown = {"status": 404, "code": "not_found", "detail": "Not found.", "state": None, "version": None}
    return JsonResponse({"items": [{"id": each.id, **found.get(each.id, unknown)} for each in body.items]})


def _line(answer: Answer) -> dict[str, Any]:
    sheet = answer.sheet
    state = {"state": sheet.state if sheet else None, "version": sheet.version if sheet else None}
    if answer.refusal is None:
        return {"status": 200, "code": "", "detail": "", **state}
    refusal = refusal_of(answer.refusal)
    status, words = (refusal.status, refusal.message) if refusal else (422, str(answer.refusal))
    return {"status": status, "code": answer.refusal.code, "detail": words, **state}
