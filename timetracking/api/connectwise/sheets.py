"""/time/sheets: weeks, and the steps of their approval. A sheet is there as soon as its week has an entry."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from accounts.models import Membership
from accounts.requests import Request
from timesheets_site.lib.errors import RuleViolation
from timetracking.api.bodies import read_json
from timetracking.api.connectwise import listing, sheet_audits, sheet_rows
from timetracking.api.connectwise.entry_schemas import LISTED, OPERATIONS, body, parameters
from timetracking.api.connectwise.path_ids import by_path
from timetracking.api.connectwise.references import whole_number
from timetracking.api.connectwise.shapes import Chosen
from timetracking.api.connectwise.surface import InvalidObject, Problem
from timetracking.api.connectwise.vocabulary import meaning_of, mount_of
from timetracking.api.refusals import BadRequest
from timetracking.models import Timesheet
from timetracking.services import approval_reversals, approvals, timesheets

REASONS = ("reason", "notes", "internalNotes")
"""Where clients write why a week is given back; the first that says something counts."""
KNOWN = frozenset(
    {"id", "member", "year", "period", "dateStart", "dateEnd", "deadline", "status", "hours", "_info", *REASONS}
)
"""What a PATCH may carry; the status alone is looked at, and the reason."""
NAMES = {name.lower(): name for name in KNOWN}
REASON = {name: {"type": "string", "description": "Why the sheet is given back."} for name in REASONS}
STATUS = {"type": "object", "properties": {"status": {"type": "string"}, **REASON}}
STEP = body(
    {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "approvalType": {"type": "string"}, **REASON},
        "description": "The id, if it is sent, has to be that of the path.",
    },
    required=False,
)
router = Router(tags=["Time sheets"], by_alias=True)


class SheetOut(Chosen):
    id: int
    member: sheet_audits.MemberOut
    year: int
    period: int
    dateStart: str
    dateEnd: str
    deadline: str | None
    status: str
    hours: float
    info: dict[str, str] = Field(alias="_info")


class DoneOut(Schema):
    success: bool
    message: str


# --- Reading ----------------------------------------------------------------------------------------------------------


@router.get("", response=list[SheetOut], summary="Sheets that one may see", openapi_extra=parameters(*LISTED))
def list_sheets(request: Request) -> JsonResponse:
    member, words = request.membership, mount_of(request)
    rows, fields = sheet_rows.rows_for(member), sheet_rows.fields_of(member, words)
    return listing.answer(request, rows, fields, lambda page: sheet_rows.written(page, member, words))


@router.get("/count", response=dict[str, int], summary="How many there are", openapi_extra=parameters("conditions"))
def count_sheets(request: Request) -> JsonResponse:
    member = request.membership
    return listing.count(request, sheet_rows.rows_for(member), sheet_rows.fields_of(member, mount_of(request)))


@router.get("/{sheet_id}", response=SheetOut, summary="One sheet", openapi_extra=parameters("fields"))
def get_sheet(request: Request, sheet_id: str) -> JsonResponse:
    return told(request, sheet_id)


@router.get(
    "/{sheet_id}/audits", response=list[sheet_audits.AuditOut], summary="The steps of a sheet's approval",
    openapi_extra=parameters(*LISTED),
)  # fmt: skip
def list_sheet_audits(request: Request, sheet_id: str) -> JsonResponse:
    words = mount_of(request)
    rows = sheet_audits.rows_of(_found(request, sheet_id))
    fields = sheet_audits.FIELDS
    return listing.answer(request, rows, fields, lambda page: sheet_audits.written(page, words))


@router.get(
    "/{sheet_id}/audits/count", response=dict[str, int], summary="How many there are",
    openapi_extra=parameters("conditions"),
)  # fmt: skip
def count_sheet_audits(request: Request, sheet_id: str) -> JsonResponse:
    return listing.count(request, sheet_audits.rows_of(_found(request, sheet_id)), sheet_audits.FIELDS)


# --- Steps ------------------------------------------------------------------------------------------------------------


@router.patch(
    "/{sheet_id}", response=SheetOut, summary="Set the status of a sheet",
    openapi_extra=body({"oneOf": [STATUS, OPERATIONS]}),
)  # fmt: skip
def change_sheet(request: Request, sheet_id: str) -> JsonResponse:
    """The status alone can be set, in either vocabulary: an object of fields, or a list of patch operations."""
    sheet, fields = _found(request, sheet_id), _patched(request)
    if unknown := fields.keys() - KNOWN:
        raise InvalidObject(*(Problem(f"{name} is no field of a time sheet", name) for name in sorted(unknown)))
    wanted, reason = meaning_of(fields.get("status")), _reason(fields)
    if wanted not in STEPS:
        raise InvalidObject(Problem("Invalid status", "status"))
    STEPS[wanted](request.membership, sheet, reason)
    return told(request, sheet.pk)


@router.post("/{sheet_id}/submit", response=DoneOut, summary="Submit a sheet for approval", openapi_extra=STEP)
def submit_sheet(request: Request, sheet_id: str) -> JsonResponse:
    return _step(request, sheet_id, "Submitted", "Time sheet submitted.")


@router.post("/{sheet_id}/approve", response=DoneOut, summary="Approve a sheet", openapi_extra=STEP)
def approve_sheet(request: Request, sheet_id: str) -> JsonResponse:
    return _step(request, sheet_id, "Approved", "Time sheet approved.")


@router.post("/{sheet_id}/reject", response=DoneOut, summary="Give a sheet back to its member", openapi_extra=STEP)
def reject_sheet(request: Request, sheet_id: str) -> JsonResponse:
    """`reason`, `notes` or `internalNotes` say why."""
    return _step(request, sheet_id, "Rejected", "Time sheet rejected.")


@router.post("/{sheet_id}/reverse", response=DoneOut, summary="Take a sheet back to Open", openapi_extra=STEP)
def reverse_sheet(request: Request, sheet_id: str) -> JsonResponse:
    """Recalls a submitted sheet, reopens an approved one. `reason`, `notes` or `internalNotes` say why."""
    return _step(request, sheet_id, "Open", "Time sheet reversed.")


def _submit(actor: Membership, sheet: Timesheet, reason: str) -> None:
    timesheets.submit(actor, sheet.member, sheet.week_start)


def _approve(actor: Membership, sheet: Timesheet, reason: str) -> None:
    approvals.approve(actor, sheet.pk, version=None)


def _reject(actor: Membership, sheet: Timesheet, reason: str) -> None:
    """Of a sheet that was given back in part and waits for nothing more, "Rejected" holds already."""
    try:
        approvals.reject(actor, sheet.pk, version=None, reason=reason)
    except RuleViolation as refusal:
        if refusal.code != "timesheet_decided" or sheet.state not in Timesheet.RETURNED:
            raise


def _open(actor: Membership, sheet: Timesheet, reason: str) -> None:
    if sheet.state == Timesheet.State.APPROVED:
        approval_reversals.reopen(actor, sheet.pk, version=None, reason=reason)
    else:
        timesheets.recall(actor, sheet.pk)


STEPS = {"Submitted": _submit, "Approved": _approve, "Rejected": _reject, "Open": _open}
"""What leads to each status. The services refuse what can't follow; a status that holds already is left alone."""


def _step(request: Request, sheet_id: str, to: str, message: str) -> JsonResponse:
    sheet = _found(request, sheet_id)
    sent = read_json(request)
    if sent is not None and not isinstance(sent, dict):
        raise BadRequest("The body must be an object.", "InvalidArgument")
    fields = _by_name(sent or {})
    if fields.get("id") is not None and whole_number(fields["id"]) != sheet.pk:
        raise InvalidObject(Problem("id is that of another sheet", "id"))
    STEPS[to](request.membership, sheet, _reason(fields))
    if to == "Approved" and _found(request, sheet.pk).state != Timesheet.State.APPROVED:
        message = "Approved as far as this member decides. The time sheet waits for somebody else."
    return JsonResponse({"success": True, "message": message})


# --- What is sent -----------------------------------------------------------------------------------------------------


def told(request: Request, sheet_id: str | int) -> JsonResponse:
    """The sheet as it is now."""
    sheet = _found(request, sheet_id)
    whole = sheet_rows.sheet_out(sheet, request.membership, mount_of(request))
    return JsonResponse(listing.only(whole, listing.read(request).chosen))


def _found(request: Request, sheet_id: str | int) -> Timesheet:
    sheet: Timesheet = by_path(sheet_rows.rows_for(request.membership), str(sheet_id))
    sheet.member.organisation = request.membership.organisation
    return sheet


def _reason(fields: dict[str, Any]) -> str:
    for name in REASONS:
        text = fields.get(name)
        if text is not None and not isinstance(text, str):
            raise InvalidObject(Problem(f"{name} has to be a text", name))
        if text and text.strip():
            return text.strip()
    return _("No reason was given (ConnectWise format).")


def _patched(request: HttpRequest) -> dict[str, Any]:
    """The fields of a PATCH, whichever of its two forms they came in. Raises BadRequest."""
    sent = read_json(request)
    if isinstance(sent, dict):
        return _by_name(sent)
    if not isinstance(sent, list):
        raise BadRequest("Send an object of fields, or a list of patch operations.", "InvalidArgument")
    fields: dict[str, Any] = {}
    for each in sent:
        path, verb = (each.get("path"), each.get("op")) if isinstance(each, dict) else (None, None)
        if not isinstance(path, str) or str(verb).lower() not in ("add", "replace"):
            raise BadRequest("A patch operation has op (add or replace), path and value.", "InvalidArgument")
        fields[path.strip("/")] = each.get("value")
    return _by_name(fields)


def _by_name(sent: dict[str, Any]) -> dict[str, Any]:
    """What was sent by our spelling of the names, whose case does not count; unknown ones stay as they are."""
    return {NAMES.get(name.lower(), name): value for name, value in sent.items()}
