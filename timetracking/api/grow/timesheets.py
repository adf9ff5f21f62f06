"""/api/timesheets: entries on tasks, listed with the timers that run, written, changed and deleted."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router

from accounts.models import Membership
from accounts.permissions import Permission, require
from accounts.requests import Request
from timesheets_site.lib.errors import Conflict, OutOfReach
from timetracking.api.grow import lists, words
from timetracking.api.grow.api import known, many, one
from timetracking.api.grow.fields import Fields
from timetracking.api.grow.lookups import member_named, task_of
from timetracking.api.grow.schemas import ReferenceOut, TimesheetOut, TimesheetsOut, form
from timetracking.models import TimeEntry, Timer
from timetracking.services import time_entries

router = Router(tags=["Timesheets"])
RUNS = "This timer is running. Stop it first."


@router.get("", response=TimesheetsOut, summary="List timesheets")
def list_timesheets(request: Request, asked: Query[lists.Asked]) -> HttpResponse:
    rows, total = lists.page_of(request.membership, asked)
    return many(rows, total, asked, "Timesheets retrieved successfully")


@router.post(
    "",
    response={201: TimesheetOut},
    summary="Record time on a task",
    openapi_extra=form(["task_id", "user_id", "hours", "minutes", "timer_created"]),
)
def create_timesheet(request: Request) -> HttpResponse:
    sent = Fields(request)
    task_id, user_id = sent.id("task_id"), sent.id("user_id")
    minutes, day = sent.duration(), sent.day("timer_created")
    sent.check()
    if task_id is None or user_id is None or minutes is None or day is None:
        raise TypeError("what is missing was not refused")
    task = task_of(request.membership, task_id)
    member = member_named(request.membership, user_id)
    entry = time_entries.log(
        request.membership, member=member, kind="PROJECT", task=task, date=day, minutes=minutes, subject=task.name
    )
    return one(words.of_entry(entry, {}), "Timesheet created successfully", status=201)


@router.get("/{int:timesheet_id}", response=TimesheetOut, summary="Get a timesheet")
def get_timesheet(request: Request, timesheet_id: int) -> HttpResponse:
    found = _find(request.membership, timesheet_id)
    return one(_words_of(found), "Timesheet retrieved successfully")


@router.patch(
    "/{int:timesheet_id}",
    response=TimesheetOut,
    summary="Change how long it took",
    openapi_extra=form(["hours", "minutes"]),
)
def update_timesheet(request: Request, timesheet_id: int) -> HttpResponse:
    """Task, user and day stay as they are, whatever is sent for them."""
    entry = _entry(request.membership, timesheet_id)
    sent = Fields(request)
    minutes = sent.duration()
    sent.check()
    if minutes is None:
        raise TypeError("what is missing was not refused")
    entry = time_entries.edit(request.membership, entry.pk, minutes=minutes)
    return one(_words_of(entry), "Timesheet updated successfully")


@router.delete("/{int:timesheet_id}", response=ReferenceOut, summary="Delete a timesheet")
def delete_timesheet(request: Request, timesheet_id: int) -> HttpResponse:
    entry = _entry(request.membership, timesheet_id)
    time_entries.delete(request.membership, entry.pk)
    return one({"id": entry.pk}, "Timesheet deleted successfully")


def _find(actor: Membership, number: int) -> TimeEntry | Timer:
    """The entry on a task with this number, else the timer that runs under it. Raises OutOfReach."""
    require(actor, Permission.VIEW_TIME)
    entry = TimeEntry.objects.visible_to(actor).filter(pk=known(number), task__isnull=False).first()
    if entry is not None:
        return entry
    timers = Timer.objects.visible_to(actor).running().filter(first_entry_number=number, task__isnull=False)
    timer = timers.select_related("task__project").first()
    if timer is None:
        raise OutOfReach
    return timer


def _entry(actor: Membership, number: int) -> TimeEntry:
    """The entry, to be written. Raises OutOfReach, or Conflict for a timer that runs."""
    found = _find(actor, number)
    if isinstance(found, Timer):
        raise Conflict(found, RUNS)
    return found


def _words_of(found: TimeEntry | Timer) -> dict[str, Any]:
    if isinstance(found, Timer):
        return words.of_timer(found, timezone.now())
    return words.of_entry(found, words.invoices_on([found]))
