"""Time entries as this format writes them: dictionaries made by hand, by a constant number of queries for any page."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace
from typing import Any

from django.db.models import Max, QuerySet

from accounts.models import AuditEvent, Membership
from accounts.permissions import Permission, can
from timetracking.api import values as wire
from timetracking.api.connectwise.entry_times import Times
from timetracking.api.connectwise.references import (
    company_reference,
    identifier_of,
    member_reference,
    named_reference,
)
from timetracking.api.connectwise.vocabulary import Words, entry_word
from timetracking.models import TimeEntry
from timetracking.models.billing import BillableOption
from timetracking.models.invoices import invoices_of
from timetracking.rules import weeks
from timetracking.services import partner_values

SURFACE = "connectwise"
COLUMNS = (
    "pk", "member_id", "member__user__email", "member__display_name", "date", "minutes", "break_minutes", "started_at",
    "ended_at", "kind", "client_id", "client__identifier", "client__name", "ticket_id", "ticket__title", "project_id",
    "project__name", "task_id", "task__name", "charge_code_id", "charge_code__name", "activity_id", "activity__name",
    "work_type_id", "work_type__name", "work_role_id", "work_role__name", "agreement_id", "agreement__name", "subject",
    "description", "internal_notes", "billable_option", "billable", "no_charge", "billed_minutes", "covered_minutes",
    "hourly_rate", "status", "timesheet_id", "timesheet__week_start", "recorded_by__user__email", "created_at",
    "updated_at", "version",
)  # fmt: skip
KEPT_FLAGS = (
    "addToDetailDescriptionFlag", "addToInternalAnalysisFlag", "addToResolutionFlag", "emailResourceFlag",
    "emailContactFlag", "emailCcFlag",
)  # fmt: skip
KEPT = (*KEPT_FLAGS, "emailCc", "locationId", "businessUnitId", "mobileGuid", "customFields")
"""What is kept for the partner and means nothing to us."""
CENT = Decimal("0.01")
Row = Any
"""A row of `COLUMNS`, or anything with these attributes."""


@dataclass(frozen=True)
class Beside:
    """What stands beside the rows of a page, by the entries' ids."""

    kept: dict[int, dict[str, Any]]
    invoices: dict[int, tuple[int, str]]
    updated_by: dict[int, str]


def written(actor: Membership, words: Words, entries: QuerySet[Any]) -> list[dict[str, Any]]:
    """The objects of these entries, in their order. Rates only for who may see them."""
    rows = list(entries.values_list(*COLUMNS, named=True))
    beside = _beside([row.pk for row in rows], {row.pk for row in rows if row.status == TimeEntry.Status.BILLED})
    return [written_row(row, beside, words, rates=sees_rates(actor, row.member_id)) for row in rows]


def one(actor: Membership, words: Words, entry_id: int) -> dict[str, Any] | None:
    """The object of one entry within reach; None for none."""
    found = written(actor, words, TimeEntry.objects.visible_to(actor).filter(pk=entry_id))
    return found[0] if found else None


def sees_rates(actor: Membership, owner: int) -> bool:
    return can(actor, Permission.SEE_RATES, owner=owner)


def planned(actor: Membership, words: Words, entry: TimeEntry) -> dict[str, Any]:
    """The object of an entry that is not stored: its id is null."""
    row = SimpleNamespace(**{name: _reached(entry, name.split("__")) for name in COLUMNS})
    return written_row(row, Beside({}, {}, {}), words, rates=sees_rates(actor, entry.member_id))


def _reached(record: Any, names: list[str]) -> Any:
    for name in names:
        record = getattr(record, name, None)  # an unstored entry has no week
    return record


def _beside(ids: list[int], billed: set[int]) -> Beside:
    kept = partner_values.of_entries(SURFACE, ids)
    return Beside(kept, invoices_of(billed) if billed else {}, _updated_by(ids))


def _updated_by(ids: list[int]) -> dict[int, str]:
    """Who changed each entry last, as the trail tells."""
    told = AuditEvent.objects.filter(object_type="timeentry", object_id__in=ids).order_by()
    latest = told.values("object_id").annotate(last=Max("pk")).values("last")
    rows = AuditEvent.objects.filter(pk__in=latest, actor__isnull=False).order_by()
    return {pk: identifier_of(email) for pk, email in rows.values_list("object_id", "actor__user__email")}


def written_row(row: Row, beside: Beside, words: Words, *, rates: bool) -> dict[str, Any]:
    """One entry. The order of the names is the one in which clients document them."""
    times = times_of(row)
    option = shown_option(row.billable, row.no_charge)
    kept = beside.kept.get(row.pk, {})
    entered_by = identifier_of(row.recorded_by__user__email)
    info = {"lastUpdated": wire.utc(row.updated_at) or "", "updatedBy": beside.updated_by.get(row.pk, entered_by)}
    if row.billable_option != option:
        info["askedBillableOption"] = str(row.billable_option)
    agreement = named_reference(row.agreement_id, row.agreement__name)
    return {
        "id": row.pk,
        "company": company_reference(row.client_id, row.client__identifier, row.client__name),
        "chargeToId": charged_to(row),
        "chargeToType": charge_type(row),
        "member": member_reference(row.member_id, row.member__user__email, row.member__display_name),
        "locationId": kept.get("locationId"),
        "businessUnitId": kept.get("businessUnitId"),
        "workType": named_reference(row.work_type_id, row.work_type__name),
        "workRole": named_reference(row.work_role_id, row.work_role__name),
        "agreement": {**agreement, "type": None} if agreement else None,
        "timeStart": wire.utc(times.start),
        "timeEnd": wire.utc(times.end),
        "hoursDeduct": wire.hours_of(row.break_minutes),
        "actualHours": wire.hours_of(row.minutes),
        "billableOption": option,
        "notes": notes_of(row),
        "internalNotes": row.internal_notes or None,
        **{flag: bool(kept.get(flag, False)) for flag in KEPT_FLAGS},
        "emailCc": kept.get("emailCc"),
        **_billed(row, beside, rates=rates),
        "enteredBy": entered_by,
        "dateEntered": wire.utc(row.created_at),
        "mobileGuid": kept.get("mobileGuid"),
        "status": entry_word(words, row.status),
        "timeSheet": {"id": row.timesheet_id, "name": sheet_name(row.timesheet__week_start)}
        if row.timesheet_id
        else None,
        "ticket": named_reference(row.ticket_id, row.ticket__title, "summary"),
        "project": named_reference(row.project_id, row.project__name),
        "phase": None,
        "customFields": kept.get("customFields", []),
        "_info": info,
    }


def _billed(row: Row, beside: Beside, *, rates: bool) -> dict[str, Any]:
    """Hours as they are charged, and what included hours of an agreement cover of them."""
    rate: Decimal | None = row.hourly_rate if rates else None
    covered = row.covered_minutes
    invoice = beside.invoices.get(row.pk)
    covers = rate is not None and row.agreement_id is not None
    return {
        "hoursBilled": wire.hours_of(row.billed_minutes),
        "invoiceHours": wire.hours_of(row.billed_minutes - covered),
        "agreementHours": wire.hours_of(covered) if row.agreement_id else None,
        "agreementAmount": _money(rate * covered / 60) if covers and rate is not None else None,
        "overageRate": float(rate) if covers and rate is not None and row.billed_minutes > covered > 0 else None,
        "hourlyRate": None if rate is None else float(rate),
        "invoice": {"id": invoice[0], "identifier": invoice[1], "billingType": "Standard", "applyToType": "All"}
        if invoice
        else None,
    }


def _money(amount: Decimal) -> float:
    return float(amount.quantize(CENT, ROUND_HALF_UP))


def times_of(row: Row) -> Times:
    return Times(row.date, row.minutes, row.break_minutes, row.started_at, row.ended_at)


def shown_option(billable: bool, no_charge: bool) -> str:
    """What was decided about billing, in the words of the option.

    >>> shown_option(True, False), shown_option(False, True), shown_option(False, False)
    ('Billable', 'NoCharge', 'DoNotBill')
    """
    if billable:
        return str(BillableOption.BILLABLE.value)
    return str((BillableOption.NO_CHARGE if no_charge else BillableOption.DO_NOT_BILL).value)


def charge_type(row: Row) -> str:
    """What the time is on. A charge code stays one, also where it is bound to a project."""
    if row.ticket_id:
        return "ServiceTicket"
    if row.charge_code_id:
        return "ChargeCode"
    if row.kind == TimeEntry.Kind.PROJECT:
        return "ProjectTicket"
    return "Activity" if row.activity_id else "ChargeCode"


def charged_to(row: Row) -> int | None:
    """The id of what the time is on; None for a project without a task, and for general time without a code."""
    found: int | None = row.ticket_id or row.charge_code_id or row.task_id or row.activity_id
    return found


def title_of(row: Row) -> str:
    """What the record is called that the time is on."""
    return row.ticket__title or row.task__name or row.project__name or row.charge_code__name or row.activity__name or ""


def notes_of(row: Row) -> str | None:
    """The description; of an entry that has only a subject, the subject, unless that only repeats its record's name."""
    if row.description:
        return str(row.description)
    return None if row.subject == title_of(row) else str(row.subject)


def sheet_name(week_start: Any) -> str:
    """`2026-03-02 to 2026-03-08`"""
    return f"{week_start} to {week_start + 6 * weeks.DAY}"
