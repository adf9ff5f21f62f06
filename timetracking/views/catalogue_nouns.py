"""The nouns of the catalogue, declared: what their lists show and find, and where their pages are."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from timesheets_site.lib import dates
from timetracking.forms import catalogue as forms
from timetracking.models import Activity, Agreement, ChargeCode, Client, Project, Task, Ticket
from timetracking.rules.budgets import Usage
from timetracking.selectors.records import Listing, Worked
from timetracking.views import rate_nouns
from timetracking.views.catalogue import CatalogueViews
from timetracking.views.catalogue_parts import Cell, Column, Words

TONES: dict[str, str] = {
    Ticket.Status.NEW: "accent",
    Ticket.Status.OPEN: "accent",
    Ticket.Status.WAITING: "warn",
    Ticket.Status.RESOLVED: "ok",
    Ticket.Status.CLOSED: "outline",
    Project.Status.PLANNED: "outline",
    Project.Status.ACTIVE: "ok",
    Project.Status.ON_HOLD: "warn",
    Task.Status.DONE: "ok",
}


# --- Cells ------------------------------------------------------------------------------------------------------------


def text(name: str) -> Any:
    return lambda record, worked, slug: Cell(str(getattr(record, name) or ""))


def day(name: str) -> Any:
    return lambda record, worked, slug: Cell(dates.full(value) if (value := getattr(record, name)) else "")


def page_link(url_name: str, part: str, label: str) -> Any:
    return lambda record, worked, slug: Cell(
        getattr(record, label), reverse(url_name, args=[slug, getattr(record, part)])
    )


def edit_link(url_name: str, label: str) -> Any:
    return lambda record, worked, slug: Cell(getattr(record, label), reverse(url_name, args=[slug, record.pk]))


def client(record: Any, worked: Worked, slug: str) -> Cell:
    if record.client is None:
        return Cell()
    return Cell(record.client.name, reverse("client", args=[slug, record.client_id]))


def status(record: Any, worked: Worked, slug: str) -> Cell:
    return Cell(record.get_status_display(), tone=TONES.get(record.status, ""))


def logged(record: Any, worked: Worked, slug: str) -> Cell:
    return Cell(minutes=worked.minutes)


def estimate_left(record: Any, worked: Worked, slug: str) -> Cell:
    return Cell(minutes=Usage(worked.minutes, record.estimate_minutes).left)


def budget_left(record: Any, worked: Worked, slug: str) -> Cell:
    return Cell(minutes=Usage(worked.minutes, record.budget_minutes).left)


def last_activity(record: Any, worked: Worked, slug: str) -> Cell:
    return Cell(dates.full(worked.last) if worked.last else "")


def task_name(record: Any, worked: Worked, slug: str) -> Cell:
    return Cell(record.name, reverse("task-edit", args=[slug, record.project.code, record.pk]))


def minutes(name: str) -> Any:
    return lambda record, worked, slug: Cell(minutes=getattr(record, name))


def bound_project(record: Any, worked: Worked, slug: str) -> Cell:
    if record.project is None:
        return Cell()
    return Cell(str(record.project), reverse("project", args=[slug, record.project.code]))


# --- Nouns ------------------------------------------------------------------------------------------------------------

TICKETS = CatalogueViews(
    name="ticket",
    plural="tickets",
    path="tickets/",
    one="<ticket:ref>",
    lookup={"number": "ref"},
    args=lambda ticket: [ticket.number],
    form=forms.TicketForm,
    listing=Listing(
        model=Ticket,
        search=("title", "client__name"),
        sorts={
            "ref": ("number",),
            "title": ("title",),
            "client": ("client__name", "-number"),
            "status": ("status", "-number"),
        },
        default_sort="-ref",
        related=("client",),
        closed=Ticket.Status.CLOSED,
        mine="assignee",
        by_client=True,
        by_number=True,
        time_field="ticket",
    ),
    columns=(
        Column(_("Ref"), page_link("ticket", "number", "reference"), "ref"),
        Column(_("Title"), page_link("ticket", "number", "title"), "title"),
        Column(_("Client"), client, "client"),
        Column(_("Status"), status, "status"),
        Column(_("Logged"), logged, number=True),
        Column(_("Estimate left"), estimate_left, number=True),
        Column(_("Last activity"), last_activity),
    ),
    words=Words(_("Tickets"), _("New ticket"), _("Edit ticket"), _("No tickets yet"), _("No tickets match")),
    icon="ticket",
    has_page=True,
    view=Permission.VIEW_CATALOGUE,
)

PROJECTS = CatalogueViews(
    name="project",
    plural="projects",
    path="projects/",
    one="<project:code>",
    lookup={"code": "code"},
    args=lambda project: [project.code],
    form=forms.ProjectForm,
    listing=Listing(
        model=Project,
        search=("code", "name", "client__name"),
        sorts={
            "ref": ("code",),
            "title": ("name",),
            "client": ("client__name", "code"),
            "status": ("status", "code"),
        },
        default_sort="ref",
        related=("client",),
        closed=Project.Status.CLOSED,
        mine="manager",
        by_client=True,
        time_field="project",
    ),
    columns=(
        Column(_("Ref"), page_link("project", "code", "code"), "ref"),
        Column(_("Title"), page_link("project", "code", "name"), "title"),
        Column(_("Client"), client, "client"),
        Column(_("Status"), status, "status"),
        Column(_("Logged"), logged, number=True),
        Column(_("Budget left"), budget_left, number=True),
        Column(_("Last activity"), last_activity),
    ),
    words=Words(_("Projects"), _("New project"), _("Edit project"), _("No projects yet"), _("No projects match")),
    icon="layers",
    has_page=True,
    view=Permission.VIEW_CATALOGUE,
)

TASKS = CatalogueViews(
    name="task",
    plural="project-tasks",
    path="projects/<project:code>/tasks/",
    one="<int:pk>",
    lookup={"project__code": "code", "pk": "pk"},
    args=lambda task: [task.project.code, task.pk],
    form=forms.TaskForm,
    listing=Listing(
        model=Task,
        search=("name",),
        sorts={"title": ("name",), "status": ("status", "name")},
        default_sort="title",
        related=("project",),
        closed=Task.Status.DONE,
        mine="assignees",
    ),
    columns=(
        Column(_("Task"), task_name, "title"),
        Column(_("Status"), status, "status"),
        Column(_("Budget"), minutes("budget_minutes"), number=True),
    ),
    words=Words(_("Tasks"), _("New task"), _("Edit task"), _("No tasks yet"), _("No tasks match")),
    icon="clipcheck",
    parent="project",
    parent_lookup={"code": "code"},
)

CLIENTS = CatalogueViews(
    name="client",
    plural="clients",
    path="clients/",
    one="<int:pk>",
    lookup={"pk": "pk"},
    args=lambda row: [row.pk],
    form=forms.ClientForm,
    listing=Listing(
        model=Client,
        search=("name", "identifier"),
        sorts={"name": ("name",), "identifier": ("identifier", "name")},
        default_sort="name",
    ),
    columns=(
        Column(_("Name"), page_link("client", "pk", "name"), "name"),
        Column(_("Short name"), text("identifier"), "identifier"),
    ),
    words=Words(_("Clients"), _("New client"), _("Edit client"), _("No clients yet"), _("No clients match")),
    icon="receipt",
    has_page=True,
    view=Permission.VIEW_CATALOGUE,
)

AGREEMENTS = CatalogueViews(
    name="agreement",
    plural="agreements",
    path="agreements/",
    one="<int:pk>",
    lookup={"pk": "pk"},
    args=lambda agreement: [agreement.pk],
    form=forms.AgreementForm,
    listing=Listing(
        model=Agreement,
        search=("name", "client__name"),
        sorts={
            "name": ("name", "client__name"),
            "client": ("client__name", "name"),
            "starts": ("starts_on",),
            "ends": ("ends_on",),
        },
        default_sort="client",
        related=("client",),
        by_client=True,
    ),
    columns=(
        Column(_("Agreement"), page_link("agreement", "pk", "name"), "name"),
        Column(_("Client"), client, "client"),
        Column(_("Starts"), day("starts_on"), "starts"),
        Column(_("Ends"), day("ends_on"), "ends"),
    ),
    words=Words(
        _("Agreements"),
        _("New agreement"),
        _("Edit agreement"),
        _("No agreements yet"),
        _("No agreements match"),
        note=rate_nouns.FROM_NOW_ON,
    ),
    icon="clipcheck",
    has_page=True,
)

CHARGE_CODES = CatalogueViews(
    name="charge-code",
    plural="charge-codes",
    path="charge-codes/",
    one="<int:pk>",
    lookup={"pk": "pk"},
    args=lambda code: [code.pk],
    form=forms.ChargeCodeForm,
    listing=Listing(
        model=ChargeCode,
        search=("code", "name"),
        sorts={"code": ("code",), "name": ("name",)},
        default_sort="code",
        related=("project",),
    ),
    columns=(
        Column(_("Code"), edit_link("charge-code-edit", "code"), "code"),
        Column(_("Name"), text("name"), "name"),
        Column(_("Bound to project"), bound_project),
    ),
    words=Words(
        _("Charge codes"),
        _("New charge code"),
        _("Edit charge code"),
        _("No charge codes yet"),
        _("No charge codes match"),
    ),
    icon="tag",
)

ACTIVITIES = CatalogueViews(
    name="activity",
    plural="activities",
    path="activities/",
    one="<int:pk>",
    lookup={"pk": "pk"},
    args=lambda activity: [activity.pk],
    form=forms.ActivityForm,
    listing=Listing(
        model=Activity,
        search=("name", "client__name"),
        sorts={"name": ("name",), "client": ("client__name", "name"), "date": ("starts_on", "name")},
        default_sort="name",
        related=("client",),
        by_client=True,
    ),
    columns=(
        Column(_("Name"), edit_link("activity-edit", "name"), "name"),
        Column(_("Client"), client, "client"),
        Column(_("Date"), day("starts_on"), "date"),
    ),
    words=Words(
        _("Activities"), _("New activity"), _("Edit activity"), _("No activities yet"), _("No activities match")
    ),
    icon="calendar",
)

ALL = (TICKETS, PROJECTS, TASKS, CLIENTS, AGREEMENTS, CHARGE_CODES, ACTIVITIES, *rate_nouns.ALL)
