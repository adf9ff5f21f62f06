"""A time entry on the wire: what may be sent, and every field that is answered."""

from __future__ import annotations

from typing import Literal

from ninja import Schema
from pydantic import Field

from timetracking.api.native.paging import PageOut
from timetracking.api.native.schemas import Body, Day, Id, Instant, Money, Version, Whole
from timetracking.services.entry_checks import SUBJECT_LENGTH, TEXT_LENGTH

Kind = Literal["TICKET", "PROJECT", "GENERAL"]
Status = Literal["OPEN", "SUBMITTED", "APPROVED", "REJECTED", "BILLED"]
BillableOption = Literal["Billable", "DoNotBill", "NoCharge", "NoDefault"]
LONGEST_DAY = 1500
"""A day on which clocks go back has 25 hours."""


class EntryFields(Body):
    """What may be set. Left out: as it is, or for a new entry its default."""

    kind: Kind | None = Field(None, description="Left out: follows from what the time is on.")
    ticket_id: Id | None = None
    project_id: Id | None = None
    task_id: Id | None = Field(None, description="Its project follows.")
    charge_code_id: Id | None = Field(None, description="One that is bound to a project makes project time.")
    activity_id: Id | None = None
    client_id: Id | None = Field(None, description="Of general time; otherwise it follows.")
    date: Day | None = Field(None, description="The member's local day. Left out: that of `started_at`.")
    minutes: Whole | None = Field(
        None, ge=1, le=LONGEST_DAY, description="Worked. Left out where `started_at` and `ended_at` say it."
    )
    started_at: Instant | None = None
    ended_at: Instant | None = None
    break_minutes: Whole | None = Field(None, ge=0, lt=1440)
    subject: str | None = Field(None, min_length=1, max_length=SUBJECT_LENGTH)
    description: str | None = Field(None, max_length=TEXT_LENGTH)
    internal_notes: str | None = Field(
        None, max_length=TEXT_LENGTH, description="Never reaches an invoice or the client."
    )
    billable_option: BillableOption | None = None
    work_type_id: Id | None = None
    work_role_id: Id | None = None


class EntryIn(EntryFields):
    """A new entry: a subject, what it is on, and a day with minutes or two instants."""

    member_id: Id | None = Field(None, description="Who worked. Left out: the member of the key.")


class EntryChange(EntryFields):
    """Only what shall be other than it is; null empties a field that may be empty."""

    version: Version | None = None


class MayChange(Schema):
    """May the member of this key change or delete the entry now?"""

    allowed: bool
    code: str = Field(description="Why not, for programs; empty where it may.")
    reason: str = Field(description="Why not, for people.")
    until: str | None = Field(description="Until when it may, or could.")


class InvoiceOf(Schema):
    id: int | None = Field(description="Null for who may not read invoices.")
    number: str


class EntryOut(Schema):
    """A time entry. What follows from included hours and rates is null for who may not see rates."""

    id: int
    version: int
    member_id: int = Field(description="Who worked.")
    recorded_by_id: int = Field(description="Who wrote it down.")
    timesheet_id: int
    timer_id: int | None = Field(description="The timer that became this entry.")
    kind: Kind
    ticket_id: int | None
    project_id: int | None
    task_id: int | None
    charge_code_id: int | None
    activity_id: int | None
    client_id: int | None
    agreement_id: int | None
    work_type_id: int | None
    work_role_id: int | None
    date: str = Field(description="The member's local day.", json_schema_extra={"format": "date"})
    time_zone: str = Field(description="The zone that decided the day.")
    minutes: int
    started_at: str | None = Field(json_schema_extra={"format": "date-time"})
    ended_at: str | None = Field(json_schema_extra={"format": "date-time"})
    break_minutes: int
    subject: str
    description: str
    internal_notes: str
    billable_option: BillableOption = Field(description="What was asked.")
    billable: bool = Field(description="What was decided.")
    no_charge: bool = Field(description="On the invoice at 0; then it is not billable.")
    billable_reason: str = Field(description="Which question decided, for programs.")
    billable_because: str = Field(description="The same for people.")
    billed_minutes: int = Field(description="As rounded by the billing increment; 0 for what is on no invoice.")
    covered_minutes: int | None = Field(description="Covered by the agreement's included hours.")
    hourly_rate: Money | None
    rate_reason: str | None
    rate_because: str | None
    amount: Money | None = Field(description="In the organisation's currency.")
    status: Status
    rejection_reason: str
    invoice: InvoiceOf | None = Field(description="The issued invoice that it is on.")
    created_at: str = Field(json_schema_extra={"format": "date-time"})
    updated_at: str = Field(json_schema_extra={"format": "date-time"})
    may_change: MayChange


class EntryPage(PageOut):
    items: list[EntryOut]


class DeletedEntryOut(Schema):
    """What is left to tell of a deleted entry."""

    id: int
    member_id: int
    version: int
    deleted_at: str = Field(json_schema_extra={"format": "date-time"})
    deleted_by_id: int | None
    restorable_until: str = Field(json_schema_extra={"format": "date-time"})


class DeletedPage(PageOut):
    items: list[DeletedEntryOut]
