"""/api/tasks/{id}/timers and the commands that start and stop timers, of one person, of a task or of a project."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from accounts.models import Membership
from accounts.permissions import Permission, require
from accounts.requests import Request
from accounts.services import api_keys
from timesheets_site.lib.errors import Conflict
from timetracking.api.grow import words
from timetracking.api.grow.api import one
from timetracking.api.grow.fields import Fields
from timetracking.api.grow.lookups import member_named, project_of, task_of
from timetracking.api.grow.schemas import ReferenceOut, TaskTimersOut, TimesheetOut, form
from timetracking.models import Task, TimeEntry, Timer
from timetracking.services import timers
from timetracking.services.timers import Stopped

router = Router(tags=["Timers"])
MOST = 1_000
"""Of a task's timers the newest so many are listed: the format has no pages here."""
USER = form([], ["user_id"])


@router.get("/tasks/{int:task_id}/timers", response=TaskTimersOut, summary="Timers of a task")
def list_timers(request: Request, task_id: int) -> HttpResponse:
    """Those that run, then the time that is recorded, newest first; at most 1,000."""
    actor = request.membership
    require(actor, Permission.VIEW_TIME)
    task, now = task_of(actor, task_id), timezone.now()
    running = Timer.objects.visible_to(actor).running().filter(task=task).select_related("member", "task__project")
    entries = TimeEntry.objects.visible_to(actor).filter(task=task).select_related("member").order_by("-date", "-pk")
    rows = [(words.of_timer(timer, now), timer.member) for timer in running]
    rows += [(words.of_entry(entry, {}), entry.member) for entry in entries[: MOST - len(rows)]]
    return one([_task_timer(row, member) for row, member in rows], "Timers retrieved successfully")


@router.put(
    "/tasks/{int:task_id}/start-timer",
    response=TimesheetOut,
    summary="Start somebody's timer on a task",
    openapi_extra=USER,
)
def start_timer(request: Request, task_id: int) -> HttpResponse:
    """Of `user_id`, else of the main administrator. Whatever runs for them stops in the same instant."""
    actor, task = request.membership, task_of(request.membership, task_id)
    member = _whose(request)
    timer, said = timers.running_of(member), "Timer is running already"
    if timer is None or timer.task_id != task.pk:
        started = timers.start(actor, member=member, record=task)
        timer, said = started.timer, "Timer started successfully"
        if started.stopped is not None:
            said = f"{said}. The timer that ran before was stopped.{_kept([started.stopped])}"
    timer.task = task
    return one(words.of_timer(timer, timezone.now()), said)


@router.put(
    "/tasks/{int:task_id}/stop-timer",
    response=TimesheetOut,
    summary="Stop somebody's timer on a task",
    openapi_extra=USER,
)
def stop_timer(request: Request, task_id: int) -> HttpResponse:
    """Of `user_id`, else of the main administrator. 409 where none of theirs runs on this task."""
    task = task_of(request.membership, task_id)
    running = timers.running_of(_whose(request))
    if running is None or running.task_id != task.pk:
        raise Conflict(None, "No timer is running on this task for this user.")
    stopped = timers.stop(request.membership, running.pk)
    return one(_words_of(stopped, task), f"Timer stopped successfully.{_kept([stopped])}")


@router.put("/tasks/{int:task_id}/stop-timers", response=ReferenceOut, summary="Stop all of a task")
def stop_task_timers(request: Request, task_id: int) -> HttpResponse:
    task = task_of(request.membership, task_id)
    return one({"id": task.pk}, _said(timers.stop_all(request.membership, task=task)))


@router.put("/projects/{int:project_id}/stop-timers", response=ReferenceOut, summary="Stop all of a project")
def stop_project_timers(request: Request, project_id: int) -> HttpResponse:
    project = project_of(request.membership, project_id)
    return one({"id": project.pk}, _said(timers.stop_all(request.membership, project=project)))


def _whose(request: Request) -> Membership:
    """The member who is named in the body; the main administrator where none is."""
    sent = Fields(request)
    user_id = sent.id("user_id", required=False)
    sent.check()
    if user_id is not None:
        return member_named(request.membership, user_id)
    return api_keys.main_administrator(request.organisation) or request.membership


def _words_of(stopped: Stopped, task: Task) -> dict[str, Any]:
    """What the timer became: the entry under its number, else its first; itself where nothing could be filed."""
    first = next((each for each in stopped.entries if each.pk == stopped.timer.first_entry_number), None)
    entry = first or next(iter(stopped.entries), None)
    if entry is not None:
        return words.of_entry(entry, {})
    stopped.timer.task = task
    return words.of_timer(stopped.timer, timezone.now())


def _said(stopped: list[Stopped]) -> str:
    count = "1 timer" if len(stopped) == 1 else f"{len(stopped)} timers"
    return f"{count} stopped.{_kept(stopped)}"


def _kept(stopped: Iterable[Stopped]) -> str:
    """What could not be filed; it waits for its members, who were told."""
    left = sum(each.unplaced for each in stopped)
    if not left:
        return ""
    if left == 1:
        return " 1 piece of time could not be recorded: its user is asked to place it."
    return f" {left} pieces of time could not be recorded: their users are asked to place them."


def _task_timer(row: dict[str, Any], member: Membership) -> dict[str, Any]:
    return {
        "id": row["id"],
        "user": {"id": member.pk, "name": member.display_name},
        "started": row["dates"]["started"],
        "stopped": row["dates"]["stopped"],
        "time": row["time_seconds"],
        "status": row["status"],
        "billing_status": row["billing"]["status"],
    }
