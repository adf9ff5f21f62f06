"""By what a list of time entries can be narrowed. Names are looked up here; nothing sent becomes a lookup."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from ninja import Schema
from pydantic import Field

from accounts.models import Membership
from accounts.permissions import Permission, within_reach
from timesheets_site.lib.errors import OutOfReach, RuleViolation
from timesheets_site.lib.numbers import fits
from timetracking.api.native.entry_schemas import Kind, Status
from timetracking.api.native.paging import Paged
from timetracking.api.native.schemas import Day, Instant
from timetracking.models import ChargeCode, Client, Project, Task, Ticket, TimeEntry

LONGEST_RANGE = 366
"""Days, both ends included."""
LONGEST_SEARCH = 200
RECORDS: dict[str, Any] = {
    "client_id": Client,
    "project_id": Project,
    "task_id": Task,
    "ticket_id": Ticket,
    "charge_code_id": ChargeCode,
}


class Days(Schema):
    """A range of local days, both included; open at a side that is left out."""

    first: Day | None = Field(None, alias="from", description="The first day.")
    last: Day | None = Field(None, alias="to", description="The last day, at most 366 days with the first.")

    def check(self) -> None:
        """Raises RuleViolation `range_backwards` or `range_too_long`."""
        if self.first is None or self.last is None:
            return
        if self.last < self.first:
            raise RuleViolation("range_backwards", "The last day comes before the first.", "to")
        if (self.last - self.first).days >= LONGEST_RANGE:
            raise RuleViolation("range_too_long", f"Ask for at most {LONGEST_RANGE} days at once.", "to")


class EntryFilters(Paged, Days):
    """Everything that a list of entries takes."""

    member_id: int | None = Field(None, ge=1, description="Who worked.")
    client_id: int | None = Field(None, ge=1)
    project_id: int | None = Field(None, ge=1)
    task_id: int | None = Field(None, ge=1)
    ticket_id: int | None = Field(None, ge=1)
    charge_code_id: int | None = Field(None, ge=1)
    kind: Kind | None = None
    status: Status | None = None
    billable: bool | None = Field(None, description="As it was decided.")
    updated_since: Instant | None = Field(None, description="Written at this instant or later.")
    q: str | None = Field(None, max_length=LONGEST_SEARCH, description="Words in subject or description.")


def entries_of(member: Membership, asked: EntryFilters) -> Any:
    """The entries that a member may see and asked for.

    Raises OutOfReach for a record that is not there, with the parameter's name, or RuleViolation as `Days.check`.
    """
    asked.check()
    entries = TimeEntry.objects.visible_to(member)
    conditions: dict[str, Any] = {}
    for name, model in RECORDS.items():
        if (number := getattr(asked, name)) is not None:
            _exists(model.objects.all(), number, name)
            conditions[name] = number
    if asked.member_id is not None:
        _exists(Membership.objects.filter(within_reach(member, Permission.VIEW_TIME, field="pk")), asked.member_id)
        conditions["member_id"] = asked.member_id
    for name, value in (
        ("date__gte", asked.first),
        ("date__lte", asked.last),
        ("kind", asked.kind),
        ("status", asked.status),
        ("billable", asked.billable),
        ("updated_at__gte", asked.updated_since),
    ):
        if value is not None:
            conditions[name] = value
    for word in (asked.q or "").split():
        entries = entries.filter(Q(subject__icontains=word) | Q(description__icontains=word))
    return entries.filter(**conditions)


def _exists(rows: Any, number: int, name: str = "member_id") -> None:
    if not fits(number) or not rows.filter(pk=number).exists():
        refusal = OutOfReach()
        refusal.field = name
        raise refusal
