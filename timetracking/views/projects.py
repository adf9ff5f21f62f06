"""A project's own page: its Time card, weeks, entries, people and tasks."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import requires
from accounts.permissions import Permission, can
from accounts.requests import Request
from timesheets_site.lib import dates
from timesheets_site.lib.htmx import render_page
from timetracking.models import Project, Task
from timetracking.rules import amounts, closed_records
from timetracking.selectors import burn, picker, record_time
from timetracking.views.catalogue import FEATURE, log_url, span
from timetracking.views.catalogue_nouns import PROJECTS, TASKS, TONES

TASKS_SHOWN = 50


@requires(Permission.VIEW_CATALOGUE, feature=FEATURE)
@require_safe
def detail(request: Request, slug: str, code: str) -> HttpResponse:
    """The page; asked by its Time card, the parts that a changed entry changes."""
    actor = request.membership
    project = get_object_or_404(Project.objects.select_related("client", "agreement", "manager"), code=code)
    page, rows = record_time.entries_on(actor, project, request.GET.get("page", "1"))
    chart = record_time.hours_per_week(actor, project)
    weekly = record_time.weekly_average(chart)
    card = record_time.time_card(project, weekly=weekly, today=actor.today())
    names = record_time.sees_names(actor)
    manages = can(actor, Permission.MANAGE_CATALOGUE)
    grace = closed_records.grace_of(actor, timezone.now())
    standing = closed_records.standing_of(project, grace)
    tasks = project.tasks.active().prefetch_related("assignees")[:TASKS_SHOWN]
    by = "agent" if names else "task"
    context = {
        "record": project,
        "tone": TONES.get(project.status, ""),
        "card": card,
        "chart": chart,
        "weekly": weekly,
        "runs_out_words": dates.full(card.runs_out_on) if card.runs_out_on else "",
        "page": page,
        "rows": rows,
        "names": names,
        "heading": _("Recent entries") if names else _("Your time on this project"),
        "agents": record_time.by_agent(actor, project),
        "tasks": [
            _task(
                slug,
                project,
                task,
                takes_time=standing.takes_time and closed_records.standing_of(task, grace).takes_time,
                manages=manages,
            )
            for task in tasks
        ],
        "here": request.get_full_path(),
        "client_url": reverse("client", args=[slug, project.client_id]),
        "dates": span(project.starts_on, project.ends_on),
        "log_url": log_url(slug, project) if standing.takes_time else "",
        "token": f"project:{project.pk}",
        "starred": picker.is_favourite(actor, project),
        "grace": closed_records.grace_words(standing, project),
        "manages": manages,
        "money": burn.money_of(actor, project),
        "rate": _rate(project, actor.organisation.currency) if burn.sees_money(actor) else None,
        "list_url": PROJECTS.list_url(slug, None),
        "tasks_url": TASKS.list_url(slug, project) if manages else "",
        "new_task_url": TASKS.new_url(slug, project) if manages else "",
        "edit_url": PROJECTS.url("-edit", slug, project),
        "report_url": f"{reverse('reports', args=[slug])}?range=this_year&project={project.pk}&by={by}&then=month",
        "restore_url": PROJECTS.url("-restore", slug, project),
    }
    return render_page(request, "timetracking/projects/detail.html", "timetracking/projects/_time.html", context)


def _rate(project: Project, currency: str) -> str:
    """The project's own rate in words, empty without one."""
    return "" if project.hourly_rate is None else amounts.rate(project.hourly_rate, currency)


def _task(slug: str, project: Project, task: Task, *, takes_time: bool, manages: bool) -> dict[str, Any]:
    entry_new = reverse("entry-new", args=[slug])
    return {
        "task": task,
        "tone": TONES.get(task.status, ""),
        "assignees": ", ".join(str(member) for member in task.assignees.all()),
        "start_url": f"{reverse('timer-start', args=[slug])}?record=task:{task.pk}" if takes_time else "",
        "log_url": f"{entry_new}?kind=PROJECT&project={project.pk}&task={task.pk}" if takes_time else "",
        "edit_url": TASKS.url("-edit", slug, task) if manages else "",
    }
