"""Entries and timers in the words of the Grow CRM format: both are timesheets there, told apart by their status."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping
from typing import Any

from timetracking.api.values import utc
from timetracking.models import TimeEntry, Timer
from timetracking.models.invoices import invoices_of

STOPPED, RUNNING = "stopped", "running"
INVOICED, NOT_INVOICED = "invoiced", "not_invoiced"


def readable(seconds: int) -> str:
    """
    >>> readable(5400), readable(2700), readable(7200), readable(59)
    ('1h 30m', '45m', '2h', '0m')
    """
    hours, minutes = divmod(seconds // 60, 60)
    return " ".join([f"{hours}h"] * bool(hours) + [f"{minutes}m"] * (bool(minutes) or not hours))


def _sheet(
    *, id: int, task: int | None, project: int | None, client: int | None, worked_by: int, recorded_by: int,
    seconds: int, status: str, invoiced: bool, invoice: int | None, created: dt.date, started: dt.datetime | None,
    stopped: dt.datetime | None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "id": id,
        "task_id": task,
        "project_id": project,
        "client_id": client,
        "worked_by_id": worked_by,
        "recorded_by_id": recorded_by,
        "time_seconds": seconds,
        "time_readable": readable(seconds),
        "status": status,
        "billing": {"status": INVOICED if invoiced else NOT_INVOICED, "invoice_id": invoice},
        "dates": {"created": created.isoformat(), "started": utc(started), "stopped": utc(stopped)},
    }


def of_entry(entry: TimeEntry, invoices: Mapping[int, tuple[int, str]]) -> dict[str, Any]:
    """`invoices` as `invoices_on` gives them. Only what a timer counted has a start and an end here."""
    timed = entry.timer_id is not None
    return _sheet(
        id=entry.pk,
        task=entry.task_id,
        project=entry.project_id,
        client=entry.client_id,
        worked_by=entry.member_id,
        recorded_by=entry.recorded_by_id,
        seconds=entry.minutes * 60,
        status=STOPPED,
        invoiced=is_invoiced(entry),
        invoice=invoices.get(entry.pk, (None, ""))[0],
        created=entry.date,
        started=entry.started_at if timed else None,
        stopped=entry.ended_at if timed else None,
    )


def of_timer(timer: Timer, now: dt.datetime) -> dict[str, Any]:
    """A timer on a task, with its project: while it runs, and where nothing of it could be filed."""
    task = timer.task
    return _sheet(
        id=timer.first_entry_number,
        task=task.pk if task else None,
        project=task.project_id if task else None,
        client=task.project.client_id if task else None,
        worked_by=timer.member_id,
        recorded_by=timer.started_by_id,
        seconds=seconds_of(timer, now),
        status=RUNNING if timer.is_running else STOPPED,
        invoiced=False,
        invoice=None,
        created=day_of(timer),
        started=timer.started_at,
        stopped=timer.stopped_at,
    )


def seconds_of(timer: Timer, now: dt.datetime) -> int:
    """Whole minutes so far, in seconds."""
    return max(int(((timer.stopped_at or now) - timer.started_at).total_seconds()) // 60 * 60, 0)


def day_of(timer: Timer) -> dt.date:
    """The local day on which it was started."""
    return timer.started_at.astimezone(zoneinfo.ZoneInfo(timer.zone)).date()


def is_invoiced(entry: TimeEntry) -> bool:
    return bool(entry.status == TimeEntry.Status.BILLED)


def invoices_on(entries: Iterable[TimeEntry]) -> dict[int, tuple[int, str]]:
    """The invoices of those that are billed; no query where none is."""
    billed = [entry.pk for entry in entries if is_invoiced(entry)]
    return invoices_of(billed) if billed else {}
