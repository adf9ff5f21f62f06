"""What clients look up beside timesheets: the version, oneself, customers, projects, activities, tags, settings."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from accounts.models import Organisation
from accounts.permissions import Permission, require
from accounts.requests import Request
from timesheets_site.lib.errors import OutOfReach
from timetracking.api.kimai import kept, lists, reading, words
from timetracking.api.kimai.api import REFUSALS, queries
from timetracking.models import Client, PartnerValues, Project, Task

VERSION, VERSION_ID = "2.66.0", 26_600
"""The version of Kimai whose format this is."""
NEWEST_TAGGED = 5_000
router = Router(tags=["Look-ups"])
Records = dict[str, Any]
ONE: Any = {200: Records, **REFUSALS}
MANY: Any = {200: list[Records], **REFUSALS}
VISIBLE = "1 in use (the default), 2 closed or archived, 3 all"
ORDER = {"order": "ASC or DESC", "orderBy": "id or name", "term": "In the name", "visible": VISIBLE}


@router.get("/ping", response=ONE, summary="Is somebody there?")
def ping(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"message": "pong"})


@router.get("/version", response=ONE, summary="Which version of the format")
def version(request: HttpRequest) -> HttpResponse:
    words_of_it = f"Timesheets, which speaks the format of Kimai {VERSION}"
    return JsonResponse({"version": VERSION, "versionId": VERSION_ID, "candidate": "stable", "semver": VERSION,
                         "name": "Timesheets", "copyright": words_of_it})  # fmt: skip


@router.get("/plugins", response=MANY, summary="None")
def plugins(request: HttpRequest) -> HttpResponse:
    return JsonResponse([], safe=False)


@router.get("/config/timesheet", response=ONE, summary="How time is tracked here")
def config(request: Request) -> HttpResponse:
    organisation = request.organisation
    return JsonResponse({
        "trackingMode": "default",
        "defaultBeginTime": "now",
        "activeEntriesHardLimit": 1,
        "isAllowFutureTimes": organisation.future_dates_allowed,
        "isAllowOverlapping": organisation.overlap != Organisation.Effect.REFUSE,
    })  # fmt: skip


@router.get("/users/me", response=ONE, summary="Oneself")
def me(request: Request) -> HttpResponse:
    member = request.membership
    roles = {"MANAGER": ["ROLE_TEAMLEAD"], "ADMIN": ["ROLE_ADMIN"]}.get(member.role, [])
    return JsonResponse({
        **words.user_named(member),
        "avatar": None,
        "teams": [],
        "roles": [*roles, "ROLE_USER"],
        "supervisor": None,
        "language": "en",
        "locale": "en",
        "timezone": member.zone.key,
        "preferences": [],
        "memberships": [],
    })  # fmt: skip


@router.get("/customers", response=MANY, summary="Clients", openapi_extra=queries(**ORDER))
def list_customers(request: Request) -> HttpResponse:
    require(request.membership, Permission.VIEW_CATALOGUE)
    rows = _ordered(request, Client.objects.all(), Client)
    return _rows([words.customer(client, request.organisation.currency) for client in rows])


@router.get("/customers/{number}", response=ONE, summary="One client")
def get_customer(request: Request, number: str) -> HttpResponse:
    return JsonResponse(words.customer(_one(request, Client.objects.all(), number), request.organisation.currency))


@router.get(
    "/projects", response=MANY, summary="Projects", openapi_extra=queries(customer="Id", customers__="Ids", **ORDER)
)
def list_projects(request: Request) -> HttpResponse:
    require(request.membership, Permission.VIEW_CATALOGUE)
    rows = _ordered(request, Project.objects.select_related("client"), Project)
    customers = reading.ids(request.GET, "customer", "customer[]", "customers", "customers[]")
    if wanted := reading.all_known(Client, customers):
        rows = rows.filter(client__in=wanted)
    return _rows([words.project_row(project) for project in rows])


@router.get("/projects/{number}", response=ONE, summary="One project")
def get_project(request: Request, number: str) -> HttpResponse:
    return JsonResponse(words.project_row(_one(request, Project.objects.select_related("client"), number)))


@router.get(
    "/activities", response=MANY, summary="Tasks", openapi_extra=queries(project="Id", projects__="Ids", **ORDER)
)
def list_activities(request: Request) -> HttpResponse:
    require(request.membership, Permission.VIEW_CATALOGUE)
    rows = _ordered(request, Task.objects.select_related("project"), Task)
    projects = reading.ids(request.GET, "project", "project[]", "projects", "projects[]")
    if wanted := reading.all_known(Project, projects):
        rows = rows.filter(project__in=wanted)
    return _rows([words.activity_row(task) for task in rows])


@router.get("/activities/{number}", response=ONE, summary="One task")
def get_activity(request: Request, number: str) -> HttpResponse:
    return JsonResponse(words.activity_row(_one(request, Task.objects.select_related("project"), number)))


@router.get(
    "/tags", response={200: list[str], **REFUSALS}, summary="Tags that are in use", openapi_extra=queries(name="In it")
)
def list_tags(request: Request) -> HttpResponse:
    """Of the newest 5,000 tagged entries within reach."""
    require(request.membership, Permission.VIEW_TIME)
    entries = lists.entries_of(request.membership)
    rows = PartnerValues.objects.filter(surface=kept.SURFACE, entry__in=entries.order_by().values("pk"))
    tags = kept.all_tags(list(rows.order_by("-pk").values_list("values", flat=True)[:NEWEST_TAGGED]))
    part = request.GET.get("name", "").casefold()
    return JsonResponse([tag for tag in tags if part in tag.casefold()], safe=False)


def _ordered(request: Request, rows: Any, model: type[Client | Project | Task]) -> Any:
    """Those in use, closed or all; by name."""
    query = request.GET
    visible = reading.number(query, "visible", 1)
    in_use = model.open_to_time(None)
    if model is Task:
        in_use &= Project.open_to_time(None, at="project__")
    if visible == 1:
        rows = rows.filter(in_use)
    elif visible == 2:
        rows = rows.exclude(in_use)
    if term := query.get("term", "").strip()[: reading.LONGEST_TERM]:
        rows = rows.filter(Q(name__icontains=term))
    by = reading.word(query, "orderBy", ("id", "name"), "name")
    descending = reading.word(query, "order", ("ASC", "DESC"), "ASC") == "DESC"
    columns = ("pk",) if by == "id" else ("name", "pk")
    return rows.order_by(*[f"-{name}" if descending else name for name in columns])


def _one(request: Request, rows: Any, number: str) -> Any:
    require(request.membership, Permission.VIEW_CATALOGUE)
    found = rows.filter(pk=reading.id_of(number) or 0).first()
    if found is None:
        raise OutOfReach
    return found


def _rows(rows: list[dict[str, Any]]) -> HttpResponse:
    return JsonResponse(rows, safe=False)
