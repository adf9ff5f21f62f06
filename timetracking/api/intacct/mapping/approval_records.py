"""The approval record of this format: what a submission or a decision did to one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import BigIntegerField, Case, CharField, F, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf, TruncDate

from accounts.models import Membership
from accounts.permissions import Permission, within_reach
from timetracking.api.intacct.mapping import lines, timesheets
from timetracking.api.intacct.mapping.fields import Field, Kind, Object, constant, href, own_reference, reference
from timetracking.models import ApprovalEvent, ApprovalLine, TimeEntry

NAME = "time/timesheet-approval-record"
PATH = f"/objects/{NAME}"
USERS = "/objects/company-config/user"
Action, Status = ApprovalEvent.Action, TimeEntry.Status
RECORDED = frozenset({Action.SUBMITTED, *ApprovalEvent.DECISIONS})
STATES = ("submitted", "pendingApproval", "approved", "declined")


def rows(asker: Membership) -> QuerySet[Any]:
    """The lines of submissions and decisions of weeks that they may see."""
    reach = within_reach(asker, Permission.VIEW_TIME, field="event__timesheet__member")
    found: QuerySet[Any] = ApprovalLine.objects.filter(reach, event__action__in=RECORDED)
    return found


def state(asker: Membership) -> Any:
    """After the first of two approvals a line is pending."""
    return Case(
        When(to_status__in=[Status.APPROVED, Status.BILLED], then=Value("approved")),
        When(to_status=Status.REJECTED, then=Value("declined")),
        When(event__action=Action.SUBMITTED, then=Value("submitted")),
        default=Value("pendingApproval"),
        output_field=CharField(),
    )


def comments(asker: Membership) -> Any:
    """Why the line, else the week, was decided so; the note of a submission."""
    return Coalesce(NullIf(F("reason"), Value("")), F("event__reason"), output_field=CharField())


def record_date(asker: Membership) -> Any:
    return TruncDate("event__at", tzinfo=asker.zone)


SENT = {"event__action": Action.SUBMITTED}
APPROVED = {"to_status": Status.APPROVED}


def _person(then: str | None, otherwise: str | None, output: Any, **when: Any) -> Callable[[Membership], Any]:
    """One path where the condition holds, else the other; None for nobody."""

    def of(asker: Membership) -> Any:
        values = [F(path) if path is not None else Value(None) for path in (then, otherwise)]
        return Case(When(**when, then=values[0]), default=values[1], output_field=output())

    return of


def _user(name: str, then: str | None, otherwise: str | None, **when: Any) -> dict[str, Field]:
    """A person: `then` and `otherwise` are paths of memberships."""
    key = _person(then and f"{then}_id", otherwise and f"{otherwise}_id", BigIntegerField, **when)
    names = _person(then and f"{then}__display_name", otherwise and f"{otherwise}__display_name", CharField, **when)
    return {
        f"{name}.key": Field(Kind.KEY, key),
        f"{name}.id": Field(Kind.TEXT, names),
        f"{name}.href": href(USERS, key),
    }


FIELDS: dict[str, Field] = {
    **own_reference(PATH),
    "approvalStage": constant(1, Kind.NUMBER),
    "approvalType": constant("Timesheet approval"),
    "approvalLevel": constant("1"),
    "comments": Field(Kind.TEXT, comments),
    "recordDate": Field(Kind.DATE, record_date),
    "state": Field(Kind.TEXT, state, values=STATES),
    **reference("timesheet", timesheets.PATH, "event__timesheet_id"),
    **reference("timesheetLine", lines.PATH, "entry_id"),
    **_user("approvedBy", "event__actor", None, **APPROVED),
    **_user("approver", None, "event__actor", **SENT),
    **_user("completedBy", None, "event__actor", **SENT),
    **_user("initiatedBy", "event__actor", "event__timesheet__submitted_by", **SENT),
}

APPROVAL_RECORDS = Object(NAME, rows, FIELDS)
