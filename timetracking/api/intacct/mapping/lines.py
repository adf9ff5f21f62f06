"""The timesheet line of this format: a time entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, NullIf

from accounts.models import AuditEvent, Membership
from timetracking.api.intacct.mapping import timesheets
from timetracking.api.intacct.mapping.fields import (
    Field,
    Kind,
    Object,
    href,
    kept,
    or_key,
    own_reference,
    reference,
)
from timetracking.models import TimeEntry, Timesheet

NAME = "time/timesheet-line"
PATH = f"/objects/{NAME}"
Status = TimeEntry.Status
STATES = ("submitted", "approved", "partiallyApproved", "declined", "draft", "saved", "readyForApproval")
OTHER_DIMENSIONS = (
    "department", "location", "item", "costType", "contract", "class", "vendor", "warehouse", "asset", "entity",
    "affiliateEntity", "fixedAsset", "workOrder",
)  # fmt: skip
"""Dimensions that nothing here stands behind: kept as sent, and given back."""
OTHER_REFERENCES = ("laborClass", "laborShift", "laborUnion", "employeePosition")
"""References of a line of which the same holds."""
PAYROLL = ("costRate", "billingRate", "amount", "employerTaxes", "fringes", "cashFringes")


def rows(asker: Membership) -> QuerySet[Any]:
    found: QuerySet[Any] = TimeEntry.objects.visible_to(asker)
    return found


def line_number(asker: Membership) -> Any:
    """From 1, in the order in which the lines were written."""
    before = TimeEntry.objects.filter(timesheet=OuterRef("timesheet"), pk__lt=OuterRef("pk")).order_by()
    counted = before.values("timesheet").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0) + 1


def notes(asker: Membership) -> Any:
    """None where there are none, so that filters find what is shown."""
    return NullIf(F("description"), Value(""), output_field=CharField())


def state(asker: Membership) -> Any:
    """Of the approval: from the entry's status, and for what is open from its week."""
    return Case(
        When(status=Status.SUBMITTED, first_approved_by__isnull=False, then=Value("partiallyApproved")),
        When(status=Status.SUBMITTED, then=Value("submitted")),
        When(status__in=[Status.APPROVED, Status.BILLED], then=Value("approved")),
        When(status=Status.REJECTED, then=Value("declined")),
        When(timesheet__state=Timesheet.State.SAVED, then=Value("saved")),
        default=Value("draft"),
        output_field=CharField(),
    )


def is_billed(asker: Membership) -> Any:
    return Case(When(status=Status.BILLED, then=Value("true")), default=Value("false"), output_field=CharField())


def modified_by(asker: Membership) -> Any:
    events = AuditEvent.objects.filter(object_type="timeentry", object_id=OuterRef("pk"), actor__isnull=False)
    last = Subquery(events.order_by("-pk").values("actor")[:1])
    return Coalesce(last, F("recorded_by_id"), output_field=BigIntegerField())


def minutes_if(**conditions: Any) -> Callable[[Membership], Any]:
    return lambda asker: Case(When(Q(**conditions), then=F("minutes")), default=0, output_field=IntegerField())


APPROVED: dict[str, Any] = {"status__in": [Status.APPROVED, Status.BILLED]}
UTILIZED: dict[str, Any] = {"kind__in": [TimeEntry.Kind.TICKET, TimeEntry.Kind.PROJECT]}
NOT_UTILIZED: dict[str, Any] = {"kind": TimeEntry.Kind.GENERAL}
HOURS: dict[str, dict[str, Any]] = {
    "billable": {"billable": True},
    "nonBillable": {"billable": False},
    "approved": APPROVED,
    "approvedBillable": {**APPROVED, "billable": True},
    "approvedNonBillable": {**APPROVED, "billable": False},
    "utilized": UTILIZED,
    "nonUtilized": NOT_UTILIZED,
    "approvedUtilized": {**APPROVED, **UTILIZED},
    "approvedNonUtilized": {**APPROVED, **NOT_UTILIZED},
}
"""Which of a line's hours count where; work for clients is utilized, general time is not."""


def _kept_reference(name: str, path: str) -> dict[str, Field]:
    parts = ("key", "id", "name")
    found = {f"{name}.{part}": Field(Kind.TEXT, kept(f"{path}__{part}", "entry")) for part in parts}
    return {**found, f"{name}.href": Field(Kind.HREF, kept(f"{path}__href", "entry"), filters=False)}


def _contract() -> dict[str, Field]:
    """The entry's agreement; else what was sent."""

    def of(path: str, part: str) -> Callable[[Membership], Any]:
        return lambda asker: Coalesce(
            Cast(path, CharField()), kept(f"dimensions__contract__{part}", "entry")(asker), output_field=CharField()
        )

    def address(asker: Membership) -> Any:
        sent = kept("dimensions__contract__href", "entry")(asker)
        return Case(When(agreement__isnull=True, then=sent), output_field=CharField())

    return {
        "dimensions.contract.key": Field(Kind.TEXT, of("agreement_id", "key")),
        "dimensions.contract.id": Field(Kind.TEXT, of("agreement_id", "id")),
        "dimensions.contract.name": Field(Kind.TEXT, of("agreement__name", "name")),
        "dimensions.contract.href": Field(Kind.HREF, address, filters=False),
    }


def _others() -> dict[str, Field]:
    found: dict[str, Field] = {}
    for name in OTHER_DIMENSIONS:
        if name != "contract":
            found |= _kept_reference(f"dimensions.{name}", f"dimensions__{name}")
    for name in OTHER_REFERENCES:
        found |= _kept_reference(name, name)
    for name in PAYROLL:
        found[f"externalPayroll.{name}"] = Field(Kind.TEXT, kept(f"externalPayroll__{name}", "entry"), filters=False)
    return found


OWN_FIELDS: dict[str, Field] = {
    **own_reference(PATH),
    "lineNumber": Field(Kind.NUMBER, line_number),
    **reference("timesheet", timesheets.PATH, "timesheet_id"),
    "entryDate": Field(Kind.DATE, "date"),
    "quantity": Field(Kind.HOURS, "minutes"),
    "description": Field(Kind.TEXT, "subject"),
    "notes": Field(Kind.TEXT, notes),
    "timeType.key": Field(Kind.KEY, "work_type_id"),
    "timeType.id": Field(Kind.TEXT, "work_type__name"),
    "timeType.name": Field(Kind.TEXT, "work_type__name"),
    "timeType.href": href("/objects/time/time-type", "work_type_id"),
    "isBillable": Field(Kind.FLAG, "billable"),
    "isBilled": Field(Kind.TEXT, is_billed, values=("true", "false", "partial")),
    "state": Field(Kind.TEXT, state, values=STATES),
    **reference("dimensions.project", "/objects/projects/project", "project_id", "project__name", "project__code"),
    **reference("dimensions.task", "/objects/projects/task", "task_id", "task__name"),
    **reference(
        "dimensions.customer",
        "/objects/accounts-receivable/customer",
        "client_id",
        "client__name",
        or_key("client__identifier", "client_id"),
    ),
    **reference(
        "dimensions.employee",
        timesheets.EMPLOYEES,
        "member_id",
        "member__display_name",
        or_key("member__employee_number", "member_id"),
    ),
    **_contract(),
    **{f"hours.{name}": Field(Kind.HOURS, minutes_if(**conditions)) for name, conditions in HOURS.items()},
    "audit.createdDateTime": Field(Kind.INSTANT, "created_at"),
    "audit.modifiedDateTime": Field(Kind.INSTANT, "updated_at"),
    "audit.createdBy": Field(Kind.KEY, "recorded_by_id"),
    "audit.modifiedBy": Field(Kind.KEY, modified_by),
}
"""What an object shows of itself; what was only kept is added from `services.partner_values`, for all lines at once."""


def _of_sheet() -> dict[str, Field]:
    """Fields of the line's owner, for queries: `timesheet.beginDate`."""
    names = {"beginDate": "timesheet__week_start", "state": "timesheet__state"}
    kinds = {"beginDate": Kind.DATE, "state": Kind.TEXT}
    found = {f"timesheet.{name}": Field(kinds[name], path) for name, path in names.items()}
    owner = reference(
        "timesheet.employee",
        timesheets.EMPLOYEES,
        "member_id",
        identified=or_key("member__employee_number", "member_id"),
    )
    return {**found, **owner}


FIELDS: dict[str, Field] = {**OWN_FIELDS, **_others(), **_of_sheet()}
"""All names that a query may use."""

LINES = Object(NAME, rows, FIELDS)
