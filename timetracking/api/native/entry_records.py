"""Time entries as the own API answers them: any number of them in the same few queries, without models."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission, can, owners_allowed
from timetracking.api.native.schemas import text_of
from timetracking.api.values import utc
from timetracking.models import PeriodReopening, TimeEntry
from timetracking.models.invoices import invoices_of
from timetracking.rules import locking

COLUMNS = (
    "id", "version", "member_id", "recorded_by_id", "timesheet_id", "timer_id", "kind", "ticket_id", "project_id",
    "task_id", "charge_code_id", "activity_id", "client_id", "agreement_id", "work_type_id", "work_role_id", "date",
    "zone", "minutes", "started_at", "ended_at", "break_minutes", "subject", "description", "internal_notes",
    "billable_option", "billable", "no_charge", "billable_decided_by", "billed_minutes", "covered_minutes",
    "hourly_rate", "rate_decided_by", "amount", "status", "rejection_reason", "created_at", "updated_at",
    "timesheet__state", "timesheet__reopened_at",
)  # fmt: skip
AS_THEY_ARE = COLUMNS[:16]
MONEY = ("covered_minutes", "hourly_rate", "rate_reason", "rate_because", "amount")
Values = dict[str, Any]


def by_id(member: Membership, ids: Iterable[int]) -> dict[int, Values]:
    """Those of these entries that the member may see and that are not deleted, by their ids."""
    entries = TimeEntry.objects.visible_to(member).filter(pk__in=list(ids)).order_by()
    return {record["id"]: record for record in records(member, entries.values(*COLUMNS))}


def records(member: Membership, entries: Iterable[Values]) -> list[Values]:
    """What is answered of entries that were read with `.values(*COLUMNS)`, in their order.

    Costs one query for the invoices of what is billed, and one for reopened periods where a period is closed.
    """
    rows = list(entries)
    now = timezone.now()
    policy = locking.policy_of(member, now, PeriodReopening.objects.in_force(member.organisation, now))
    billed = [row["id"] for row in rows if row["status"] == TimeEntry.Status.BILLED]
    invoices = invoices_of(billed) if billed else {}
    reads_invoices = can(member, Permission.MANAGE_INVOICES)
    shows_rates, may_edit = (owners_allowed(member, each) for each in (Permission.SEE_RATES, Permission.EDIT_TIME))
    answered = []
    for row in rows:
        invoice = invoices.get(row["id"])
        record = _plain(row)
        if not shows_rates(row["member_id"]):
            record |= dict.fromkeys(MONEY)
        record["invoice"] = {"id": invoice[0] if reads_invoices else None, "number": invoice[1]} if invoice else None
        record["may_change"] = (
            _may_change(policy, row, invoice[1] if invoice else "") if may_edit(row["member_id"]) else _not_theirs()
        )
        answered.append(record)
    return answered


def _plain(row: Values) -> Values:
    language = get_language() or ""
    return {name: row[name] for name in AS_THEY_ARE} | {
        "date": row["date"].isoformat(),
        "time_zone": row["zone"],
        "minutes": row["minutes"],
        "started_at": utc(row["started_at"]),
        "ended_at": utc(row["ended_at"]),
        "break_minutes": row["break_minutes"],
        "subject": row["subject"],
        "description": row["description"],
        "internal_notes": row["internal_notes"],
        "billable_option": row["billable_option"],
        "billable": row["billable"],
        "no_charge": row["no_charge"],
        "billable_reason": row["billable_decided_by"],
        "billable_because": _label(TimeEntry.DecidedBy, row["billable_decided_by"], language),
        "billed_minutes": row["billed_minutes"],
        "covered_minutes": row["covered_minutes"],
        "hourly_rate": text_of(row["hourly_rate"]),
        "rate_reason": row["rate_decided_by"],
        "rate_because": _label(TimeEntry.RateSource, row["rate_decided_by"], language),
        "amount": text_of(row["amount"]),
        "status": row["status"],
        "rejection_reason": row["rejection_reason"],
        "created_at": utc(row["created_at"]),
        "updated_at": utc(row["updated_at"]),
    }


@cache
def _label(choices: Any, value: str, language: str) -> str:
    """The words of a choice; translating them for each of 200 rows would cost more than the rows."""
    return str(choices(value).label) if value else ""


def _not_theirs() -> Values:
    words = _("Only its member or a manager can change this.")
    return {"allowed": False, "code": "not_allowed", "reason": words, "until": None}


def _may_change(policy: locking.Policy, row: Values, invoice: str) -> Values:
    verdict = locking.may_change(
        policy,
        status=row["status"],
        date=row["date"],
        created_at=row["created_at"],
        week_state=row["timesheet__state"],
        week_reopened=row["timesheet__reopened_at"] is not None,
        member_id=row["member_id"],
        invoice=invoice,
    )
    return {
        "allowed": verdict.allowed,
        "code": verdict.code,
        "reason": verdict.reason,
        "until": utc(verdict.until),
    }
