"""What lines point at: time types, employees, projects, tasks and customers, read only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Case, CharField, QuerySet, Value, When

from accounts.models import Membership
from accounts.permissions import Permission, can
from timetracking.api.intacct.mapping.fields import (
    Field,
    Kind,
    Object,
    contact,
    or_key,
    own_reference,
    reference,
)
from timetracking.api.intacct.mapping.timesheets import EMPLOYEES
from timetracking.models import Client, Project, Task, WorkType

TIME_TYPE, EMPLOYEE = "time/time-type", "company-config/employee"
PROJECT, TASK, CUSTOMER = "projects/project", "projects/task", "accounts-receivable/customer"


def _records(model: Any) -> Callable[[Membership], QuerySet[Any]]:
    def rows(asker: Membership) -> QuerySet[Any]:
        found: QuerySet[Any] = model.objects.all()
        return found if can(asker, Permission.VIEW_CATALOGUE) else found.none()

    return rows


def employees(asker: Membership) -> QuerySet[Any]:
    """All members for who may see them; else oneself."""
    found: QuerySet[Any] = Membership.objects.all()
    return found if can(asker, Permission.VIEW_MEMBERS) else found.filter(pk=asker.pk)


def _status(**active: Any) -> Field:
    def of(asker: Membership) -> Any:
        return Case(When(**active, then=Value("active")), default=Value("inactive"), output_field=CharField())

    return Field(Kind.TEXT, of, values=("active", "inactive"))


NOT_ARCHIVED = {"archived_at__isnull": True}
OF_CLIENT = "client__identifier"

TIME_TYPES = Object(
    TIME_TYPE,
    _records(WorkType),
    {
        **own_reference(f"/objects/{TIME_TYPE}", "name"),
        "name": Field(Kind.TEXT, "name"),
        "status": _status(**NOT_ARCHIVED),
        "audit.createdDateTime": Field(Kind.INSTANT, "created_at"),
        "audit.modifiedDateTime": Field(Kind.INSTANT, "updated_at"),
    },
)

EMPLOYEES_OBJECT = Object(
    EMPLOYEE,
    employees,
    {
        **own_reference(EMPLOYEES, or_key("employee_number", "pk")),
        "name": Field(Kind.TEXT, "display_name"),
        **contact("primaryContact", "pk", "display_name"),
        "primaryContact.email1": Field(Kind.TEXT, "user__email"),
        "status": _status(is_active=True),
        **reference(
            "manager",
            EMPLOYEES,
            "line_manager_id",
            identified=or_key("line_manager__employee_number", "line_manager_id"),
        ),
    },
)

PROJECTS = Object(
    PROJECT,
    _records(Project),
    {
        **own_reference(f"/objects/{PROJECT}", "code"),
        "name": Field(Kind.TEXT, "name"),
        "description": Field(Kind.TEXT, "description"),
        "status": _status(**NOT_ARCHIVED),
        "startDate": Field(Kind.DATE, "starts_on"),
        "endDate": Field(Kind.DATE, "ends_on"),
        **reference(
            "customer",
            f"/objects/{CUSTOMER}",
            "client_id",
            "client__name",
            or_key(OF_CLIENT, "client_id"),
        ),
        **reference(
            "manager",
            EMPLOYEES,
            "manager_id",
            "manager__display_name",
            or_key("manager__employee_number", "manager_id"),
        ),
        "audit.createdDateTime": Field(Kind.INSTANT, "created_at"),
        "audit.modifiedDateTime": Field(Kind.INSTANT, "updated_at"),
    },
)

TASKS = Object(
    TASK,
    _records(Task),
    {
        **own_reference(f"/objects/{TASK}"),
        "name": Field(Kind.TEXT, "name"),
        "description": Field(Kind.TEXT, "description"),
        "status": _status(**NOT_ARCHIVED),
        **reference("project", f"/objects/{PROJECT}", "project_id", "project__name", "project__code"),
        "audit.createdDateTime": Field(Kind.INSTANT, "created_at"),
        "audit.modifiedDateTime": Field(Kind.INSTANT, "updated_at"),
    },
)

CUSTOMERS = Object(
    CUSTOMER,
    _records(Client),
    {
        **own_reference(f"/objects/{CUSTOMER}", or_key("identifier", "pk")),
        "name": Field(Kind.TEXT, "name"),
        "status": _status(**NOT_ARCHIVED),
        "audit.createdDateTime": Field(Kind.INSTANT, "created_at"),
        "audit.modifiedDateTime": Field(Kind.INSTANT, "updated_at"),
    },
)
