"""What a time entry looks like, for the description; answers are made by hand, bodies are read by `entry_bodies`."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field


class NamedOut(Schema):
    id: int
    name: str


class WhoOut(Schema):
    id: int
    identifier: str
    name: str
    info: dict[str, str] = Field(alias="_info")


class AgreementOut(Schema):
    id: int
    name: str
    type: str | None


class TicketOut(Schema):
    id: int
    summary: str


class InvoiceOut(Schema):
    id: int
    identifier: str
    billingType: str
    applyToType: str


class TimeEntryOut(Schema):
    """Hours have two places. Hourly rate and amounts are null for keys that may not see them."""

    id: int | None
    company: WhoOut | None
    chargeToId: int | None
    chargeToType: str
    member: WhoOut
    locationId: int | None
    businessUnitId: int | None
    workType: NamedOut | None
    workRole: NamedOut | None
    agreement: AgreementOut | None
    timeStart: str
    timeEnd: str
    hoursDeduct: float
    actualHours: float
    billableOption: str
    notes: str | None
    internalNotes: str | None
    addToDetailDescriptionFlag: bool
    addToInternalAnalysisFlag: bool
    addToResolutionFlag: bool
    emailResourceFlag: bool
    emailContactFlag: bool
    emailCcFlag: bool
    emailCc: str | None
    hoursBilled: float
    invoiceHours: float
    agreementHours: float | None
    agreementAmount: float | None
    overageRate: float | None
    hourlyRate: float | None
    invoice: InvoiceOut | None
    enteredBy: str
    dateEntered: str
    mobileGuid: str | None
    status: str
    timeSheet: NamedOut | None
    ticket: TicketOut | None
    project: NamedOut | None
    phase: NamedOut | None
    customFields: list[dict[str, Any]]
    info: dict[str, str] = Field(alias="_info")


class OutcomeOut(Schema):
    id: int
    success: bool
    error: dict[str, str] | None = None


class BulkOut(Schema):
    total: int
    success: int
    failed: int
    results: list[OutcomeOut]


REFERENCE = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "identifier": {"type": "string"}, "name": {"type": "string"}},
    "description": "By id, identifier or name.",
}
TEXT, FLAG, HOURS = {"type": "string"}, {"type": "boolean"}, {"type": "number", "minimum": 0}
MOMENT, NUMBER = {"type": "string", "format": "date-time"}, {"type": "integer"}
ENTRY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "chargeToId": {"type": "integer"},
        "chargeToType": {"type": "string", "enum": ["ServiceTicket", "ProjectTicket", "ChargeCode", "Activity"]},
        **dict.fromkeys(("company", "member", "workType", "workRole", "agreement"), REFERENCE),
        **dict.fromkeys(("timeStart", "timeEnd"), MOMENT),
        **dict.fromkeys(("actualHours", "hoursDeduct"), HOURS),
        "billableOption": {"type": "string", "enum": ["Billable", "DoNotBill", "NoCharge", "NoDefault"]},
        **dict.fromkeys(("notes", "internalNotes", "emailCc", "mobileGuid", "reason"), TEXT),
        "status": {"type": "string", "description": "Open, Approved or Rejected, in either vocabulary."},
        **dict.fromkeys(
            (
                "addToDetailDescriptionFlag", "addToInternalAnalysisFlag", "addToResolutionFlag", "emailResourceFlag",
                "emailContactFlag", "emailCcFlag",
            ),
            FLAG,
        ),
        **dict.fromkeys(("locationId", "businessUnitId"), NUMBER),
        "customFields": {"type": "array", "items": {"type": "object"}},
    },
}  # fmt: skip
OPERATIONS: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["op", "path"],
        "properties": {"op": {"enum": ["add", "replace", "remove"]}, "path": TEXT, "value": {}},
    },
}
BULK: dict[str, Any] = {
    "type": "object",
    "required": ["ids", "operation"],
    "properties": {"ids": {"type": "array", "items": {"type": "integer"}}, "operation": ENTRY},
}


def body(schema: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    """`openapi_extra` of an operation that reads such a JSON body."""
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}


def parameters(*names: str) -> dict[str, Any]:
    """`openapi_extra` of an operation that reads these texts from its query."""
    return {"parameters": [{"name": name, "in": "query", "schema": TEXT} for name in names]}


LISTED = ("conditions", "orderBy", "fields", "page", "pageSize", "pageId")
