"""/api/tasks, /api/projects, /api/clients and /api/team: what programs look up. Nothing is written here."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, Sum
from django.http import HttpResponse
from ninja import Query, Router

from accounts.models import Membership
from accounts.permissions import Permission, Role, can, require
from accounts.requests import Request
from timesheets_site.lib.errors import OutOfReach
from timesheets_site.lib.numbers import LARGEST_ID
from timetracking.api.grow.api import Id, Page, known, many, one
from timetracking.api.grow.lookups import project_of, task_of
from timetracking.api.grow.schemas import RecordOut, RecordsOut
from timetracking.api.values import utc
from timetracking.models import Client, Project, Task, TimeEntry

router = Router(tags=["Records"])
TASK_STATUSES = {Task.Status.OPEN: (1, "To do", "#4f8cff"), Task.Status.DONE: (2, "Completed", "#2fb380")}
PROJECT_STATUSES = {
    Project.Status.PLANNED: "not_started",
    Project.Status.ACTIVE: "in_progress",
    Project.Status.ON_HOLD: "on_hold",
    Project.Status.CLOSED: "completed",
}
NO_SOCIAL = dict.fromkeys(("facebook", "twitter", "linkedin", "github", "dribbble"))
NO_PERMISSIONS = dict.fromkeys((
    "clientperm_tasks_view", "clientperm_tasks_collaborate", "clientperm_tasks_create", "clientperm_timesheets_view",
    "clientperm_expenses_view", "assignedperm_tasks_collaborate",
))  # fmt: skip
NO_SHIPPING = dict.fromkeys(("street", "city", "state", "zip", "country"))


class AskedTasks(Page):
    """Filters of the list of tasks."""

    project_id: Id = None
    client_id: Id = None


class AskedProjects(Page):
    """Filters of the list of projects."""

    client_id: Id = None


@router.get("/tasks", response=RecordsOut, summary="List tasks")
def list_tasks(request: Request, asked: Query[AskedTasks]) -> HttpResponse:
    require(request.membership, Permission.VIEW_CATALOGUE)
    rows = Task.objects.select_related("project__client").prefetch_related("assignees").order_by("-pk")
    rows = _filtered(rows, project=asked.project_id, project__client=asked.client_id)
    tasks = _page(rows, asked)
    logged = _seconds_on(request.membership, tasks)
    return many([_task(each, logged) for each in tasks], rows.count(), asked, "Tasks retrieved successfully")


@router.get("/tasks/{int:task_id}", response=RecordOut, summary="Get a task")
def get_task(request: Request, task_id: int) -> HttpResponse:
    task = task_of(request.membership, task_id)
    return one(_task(task, _seconds_on(request.membership, [task])), "Task retrieved successfully")


@router.get("/projects", response=RecordsOut, summary="List projects")
def list_projects(request: Request, asked: Query[AskedProjects]) -> HttpResponse:
    require(request.membership, Permission.VIEW_CATALOGUE)
    rows = _filtered(Project.objects.select_related("client", "manager").order_by("-pk"), client=asked.client_id)
    projects = [_project(each, request.membership) for each in _page(rows, asked)]
    return many(projects, rows.count(), asked, "Projects retrieved successfully")


@router.get("/projects/{int:project_id}", response=RecordOut, summary="Get a project")
def get_project(request: Request, project_id: int) -> HttpResponse:
    project = project_of(request.membership, project_id)
    return one(_project(project, request.membership), "Project retrieved successfully")


@router.get("/clients", response=RecordsOut, summary="List clients")
def list_clients(request: Request, asked: Query[Page]) -> HttpResponse:
    require(request.membership, Permission.VIEW_CATALOGUE)
    rows = Client.objects.order_by("-pk")
    return many([_client(each) for each in _page(rows, asked)], rows.count(), asked, "Clients retrieved successfully")


@router.get("/clients/{int:client_id}", response=RecordOut, summary="Get a client")
def get_client(request: Request, client_id: int) -> HttpResponse:
    require(request.membership, Permission.VIEW_CATALOGUE)
    client = Client.objects.filter(pk=known(client_id)).first()
    if client is None:
        raise OutOfReach
    return one(_client(client), "Client retrieved successfully")


@router.get("/team", response=RecordsOut, summary="List team members")
def list_team(request: Request, asked: Query[Page]) -> HttpResponse:
    rows = _team(request.membership).filter(is_integration=False).order_by("-pk")
    team = [_member(each) for each in _page(rows, asked)]
    return many(team, rows.count(), asked, "Team members retrieved successfully")


@router.get("/team/{int:user_id}", response=RecordOut, summary="Get a team member")
def get_team_member(request: Request, user_id: int) -> HttpResponse:
    member = _team(request.membership).filter(pk=known(user_id)).first()
    if member is None:
        raise OutOfReach
    return one(_member(member), "Team member retrieved successfully")


# --- Objects ----------------------------------------------------------------------------------------------------------


def _task(task: Task, logged: dict[int, int]) -> dict[str, Any]:
    number, title, color = TASK_STATUSES[Task.Status(task.status)]
    return {
        "id": task.pk,
        "title": task.name,
        "description": task.description,
        "status": {"id": number, "title": title, "color": color},
        "priority": None,
        "active_state": "archived" if task.is_archived else "active",
        "client_visibility": "no",
        "billable": "no" if task.project.billable_flag is False else "yes",
        "project": {"id": task.project_id, "title": task.project.name},
        "client": {"id": task.project.client_id, "name": task.project.client.name},
        "milestone": None,
        "dates": {"start": None, "due": None, "created": utc(task.created_at), "updated": utc(task.updated_at)},
        "time_logged": logged.get(task.pk, 0),
        "assigned": [{"id": each.pk, "name": each.display_name} for each in task.assignees.all()],
        "tags": [],
    }


def _project(project: Project, actor: Membership) -> dict[str, Any]:
    rate = project.hourly_rate if can(actor, Permission.SEE_RATES) else None
    manager = project.manager
    return {
        "id": project.pk,
        "title": project.name,
        "description": project.description,
        "reference": project.code,
        "status": PROJECT_STATUSES[Project.Status(project.status)],
        "active_state": "archived" if project.is_archived else "active",
        "progress": None,
        "progress_manually": "no",
        "client": {"id": project.client_id, "name": project.client.name},
        "category": None,
        "dates": {
            "start": project.starts_on.isoformat() if project.starts_on else None,
            "due": project.ends_on.isoformat() if project.ends_on else None,
            "created": utc(project.created_at),
            "updated": utc(project.updated_at),
        },
        "billing": {
            "type": "hourly",
            "rate": None if rate is None else f"{rate:.2f}",
            "estimated_hours": None if project.budget_minutes is None else round(project.budget_minutes / 60, 2),
            "costs_estimate": None,
        },
        "permissions": NO_PERMISSIONS,
        "assigned": [],
        "managers": [{"id": manager.pk, "name": manager.display_name}] if manager else [],
        "tags": [],
    }


def _client(client: Client) -> dict[str, Any]:
    address = {**NO_SHIPPING, "street": client.billing_address or None, "invoice_due_days": None}
    return {
        "id": client.pk,
        "company_name": client.name,
        "description": client.notes,
        "status": "suspended" if client.is_archived else "active",
        "phone": None,
        "website": None,
        "vat": client.tax_number or None,
        "category": None,
        "owner": None,
        "billing": address,
        "shipping": NO_SHIPPING,
        "dates": {"created": utc(client.created_at), "updated": utc(client.updated_at)},
        "tags": [],
    }


def _member(member: Membership) -> dict[str, Any]:
    first, _space, last = member.display_name.rpartition(" ")
    role = (1, "Administrator") if member.role == Role.ADMIN else (3, "Staff")
    return {
        "id": member.pk,
        "first_name": first or last,
        "last_name": last if first else "",
        "name": member.display_name,
        "email": member.user.email,
        "phone": None,
        "job_position": member.default_work_role.name if member.default_work_role else None,
        "role": {"id": role[0], "name": role[1]},
        "status": "active" if member.is_active else "suspended",
        "dashboard_access": "yes" if member.is_active else "no",
        "social": NO_SOCIAL,
        "dates": {"created": utc(member.joined_at), "updated": None},
    }


# --- Rows -------------------------------------------------------------------------------------------------------------


def _team(actor: Membership) -> Any:
    require(actor, Permission.VIEW_MEMBERS)
    return Membership.objects.select_related("user", "default_work_role")


def _filtered(rows: Any, **asked: int | None) -> Any:
    return rows.filter(**{name: min(number, LARGEST_ID) for name, number in asked.items() if number is not None})


def _page(rows: QuerySet[Any], asked: Page) -> list[Any]:
    return list(rows[asked.begin : asked.begin + asked.size])


def _seconds_on(actor: Membership, tasks: list[Task]) -> dict[int, int]:
    """What is recorded on each of these tasks, in seconds."""
    entries = TimeEntry.objects.visible_to(actor).filter(task__in=[task.pk for task in tasks]).order_by()
    return {task: minutes * 60 for task, minutes in entries.values_list("task").annotate(sum=Sum("minutes"))}
