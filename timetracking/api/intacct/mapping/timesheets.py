"""The timesheet of this format: a member's week."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    DateField,
    DateTimeField,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest

from accounts.models import Membership
from timetracking.api.intacct.mapping.fields import (
    KEPT_AS,
    Field,
    Kind,
    Object,
    constant,
    contact,
    kept,
    nothing,
    or_key,
    own_reference,
    reference,
)
from timetracking.models import ApprovalEvent, PartnerValues, TimeEntry, Timesheet

NAME = "time/timesheet"
PATH = f"/objects/{NAME}"
EMPLOYEES = "/objects/company-config/employee"
SIX_DAYS = dt.timedelta(days=6)
DELETED = "deleted"
"""The name of the kept value that says: deleted here, while the week stays for its history."""


def rows(asker: Membership) -> QuerySet[Any]:
    """The weeks that they may see, without those that were deleted here and hold nothing since."""
    live = TimeEntry.objects.filter(timesheet=OuterRef("pk"))
    gone = PartnerValues.objects.filter(surface=KEPT_AS, timesheet=OuterRef("pk"), **{f"values__{DELETED}": True})
    hidden = Q(state__in=Timesheet.UNSENT | Timesheet.RETURNED) & Exists(gone) & ~Exists(live)
    found: QuerySet[Any] = Timesheet.objects.visible_to(asker).exclude(hidden)
    return found


def end_date(asker: Membership) -> Any:
    return Cast(F("week_start") + SIX_DAYS, DateField())


def posting_date(asker: Membership) -> Any:
    """What was sent, else what the submission decided, else the last day; never in a closed period."""
    lock_date = asker.organisation.lock_date
    derived = end_date(asker)
    if lock_date is not None:
        after = Value(lock_date + dt.timedelta(days=1), output_field=DateField())
        closed = When(week_start__lte=lock_date - SIX_DAYS, then=after)
        derived = Case(closed, default=derived, output_field=DateField())
    sent = kept("postingDate", "timesheet", output=DateField())(asker)
    return Coalesce(sent, F("posting_date"), derived, output_field=DateField())


def modified_at(asker: Membership) -> Any:
    """The last step of the week, or the last change of an entry of it."""
    step = ApprovalEvent.objects.filter(timesheet=OuterRef("pk")).order_by("-pk").values("at")[:1]
    entries = TimeEntry.with_deleted.filter(timesheet=OuterRef("pk")).order_by().values("timesheet")
    written = entries.annotate(last=Max("updated_at")).values("last")
    moments = [Coalesce(Subquery(each), F("created_at"), output_field=DateTimeField()) for each in (step, written)]
    return Greatest(*moments)


def modified_by(asker: Membership) -> Any:
    step = ApprovalEvent.objects.filter(timesheet=OuterRef("pk")).order_by("-pk").values("actor")[:1]
    return Coalesce(Subquery(step), F("member_id"), output_field=BigIntegerField())


FIELDS: dict[str, Field] = {
    **own_reference(PATH),
    "beginDate": Field(Kind.DATE, "week_start"),
    "endDate": Field(Kind.DATE, end_date),
    "postingDate": Field(Kind.DATE, posting_date),
    "state": Field(Kind.TEXT, "state", values=tuple(Timesheet.State.values)),
    "description": Field(Kind.TEXT, kept("description", "timesheet", instead=F("note")), write=lambda text: text[:400]),
    **reference("employee", EMPLOYEES, "member_id", identified=or_key("member__employee_number", "member_id")),
    **contact("employeeContact", "member_id", "member__display_name"),
    "attachment.key": Field(Kind.TEXT, kept("attachment__key", "timesheet")),
    "attachment.id": Field(Kind.TEXT, kept("attachment__id", "timesheet")),
    "attachment.href": Field(
        Kind.TEXT,
        kept("attachment__key", "timesheet"),
        write=lambda key: f"/objects/company-config/attachment/{key}",
        filters=False,
    ),
    "unitOfMeasure": constant("Hours"),
    "hoursInDay": constant(8, Kind.NUMBER),
    "calculationMethod": nothing(),
    "postActualLaborCost": constant(False, Kind.FLAG),
    "employeeClassId": nothing(),
    "employeeDepartmentId": nothing(),
    "employeePositionId": nothing(),
    "employeeLocation.key": nothing(),
    "employeeLocation.id": nothing(),
    "employeeLocation.href": nothing(),
    "audit.createdDateTime": Field(Kind.INSTANT, "created_at"),
    "audit.modifiedDateTime": Field(Kind.INSTANT, modified_at),
    "audit.createdBy": Field(Kind.KEY, "member_id"),
    "audit.modifiedBy": Field(Kind.KEY, modified_by),
}

TIMESHEETS = Object(NAME, rows, FIELDS)
