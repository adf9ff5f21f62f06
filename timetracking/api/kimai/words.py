"""Entries and timers on tasks in Kimai's words: both are timesheets there, and one without an end runs."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import Membership
from accounts.permissions import Permission, can
from timetracking.api.kimai import local
from timetracking.models import Client, Project, Task, TimeEntry, Timer
from timetracking.models.billing import BillableOption

RELATED = ("member__user", "task__project__client")
SUBJECT = 200
Kept = Mapping[str, Any]


@dataclass(frozen=True)
class Sheet:
    """An entry or a timer on a task, whichever it is."""

    number: int
    task: Task
    member: Membership
    begin: dt.datetime
    end: dt.datetime | None
    """None while it runs."""
    seconds: int
    break_seconds: int
    zone: zoneinfo.ZoneInfo
    text: str | None
    billable: bool
    billed: bool
    entry: TimeEntry | None = None
    timer: Timer | None = None


def of_entry(entry: TimeEntry) -> Sheet:
    """Time without clock times begins at midnight here."""
    task: Any = entry.task  # only such entries are looked for
    zone = zoneinfo.ZoneInfo(entry.zone)
    begin, end = times_of(entry)
    return Sheet(
        number=entry.pk,
        task=task,
        member=entry.member,
        begin=begin,
        end=end,
        seconds=entry.minutes * 60,
        break_seconds=entry.break_minutes * 60,
        zone=zone,
        text=text_of(entry.subject, entry.description, task.name),
        billable=entry.billable,
        billed=entry.status == TimeEntry.Status.BILLED,
        entry=entry,
    )


def of_timer(timer: Timer, now: dt.datetime) -> Sheet:
    """A timer that runs, or that was stopped while nothing of it could be filed."""
    task: Any = timer.task
    begin, end = timer.started_at, timer.counted_until or timer.stopped_at
    option, flag = timer.billable_option, task.project.billable_flag
    asked = {BillableOption.BILLABLE.value: True, BillableOption.NO_DEFAULT.value: flag is not False}
    return Sheet(
        number=timer.first_entry_number,
        task=task,
        member=timer.member,
        begin=begin,
        end=end,
        seconds=0 if end is None else max(0, int((end - timer.counts_from).total_seconds())),
        break_seconds=0,
        zone=zoneinfo.ZoneInfo(timer.zone),
        text=text_of(timer.subject, timer.description, task.name),
        billable=asked.get(option, False),
        billed=False,
        timer=timer,
    )


def times_of(entry: TimeEntry) -> tuple[dt.datetime, dt.datetime]:
    """The instants of an entry, as Kimai has them of every one."""
    length = dt.timedelta(minutes=entry.minutes + entry.break_minutes)
    if entry.started_at is not None:
        return entry.started_at, entry.ended_at or entry.started_at + length
    if entry.ended_at is not None:
        return entry.ended_at - length, entry.ended_at
    begin = local.midnight(entry.date, zoneinfo.ZoneInfo(entry.zone))
    return begin, begin + length


def text_of(subject: str, description: str, task: str) -> str | None:
    """Subject and description as one text. The task's name says nothing that the activity doesn't.

    >>> text_of("Wiring", "", "Wiring"), text_of("Second floor", "", "Wiring")
    (None, 'Second floor')
    >>> text_of("First line", "First line\\nmore", "Wiring"), text_of("Wiring", "All of it", "Wiring")
    ('First line\\nmore', 'All of it')
    >>> text_of("Second floor", "All of it", "Wiring")
    'Second floor\\nAll of it'
    """
    if not description:
        return None if subject in ("", task[:SUBJECT]) else subject
    if subject in ("", task[:SUBJECT], first_line(description)):
        return description
    return f"{subject}\n{description}"


def first_line(text: str) -> str:
    """As a subject: without runs of blanks, of its length at most.

    >>> first_line("  Called  back\\nand more"), first_line("\\n\\n x")
    ('Called back', 'x')
    """
    return " ".join(text.strip().partition("\n")[0].split())[:SUBJECT].strip()


def fields_of_text(text: str | None, task: Task) -> dict[str, Any]:
    """Subject and description for a text that was sent."""
    text = (text or "").strip()
    return {"subject": first_line(text) or task.name[:SUBJECT], "description": text}


def collection(actor: Membership, sheet: Sheet, kept: Kept, *, full: bool = False) -> dict[str, Any]:
    """As lists have it; `full` with project, activity and user as objects. Amounts only for who may see them."""
    entry = sheet.entry
    sees = entry is not None and can(actor, Permission.SEE_RATES, owner=entry.member_id)
    rate = float(entry.amount) if entry is not None and sees else 0.0
    task, project = sheet.task, sheet.task.project
    return {
        "activity": activity_row(task) if full else task.pk,
        "project": _project_named(project) if full else project.pk,
        "user": user_named(sheet.member) if full else sheet.member.pk,
        "tags": list(kept.get("tags", ())),
        "id": sheet.number,
        "begin": local.written(sheet.begin, sheet.zone),
        "end": local.written(sheet.end, sheet.zone) if sheet.end is not None else None,
        "duration": sheet.seconds,
        "break": sheet.break_seconds,
        "description": sheet.text,
        "rate": rate,
        "internalRate": rate,
        "exported": sheet.billed or bool(kept.get("exported")),
        "billable": sheet.billable,
        "metaFields": [{"name": name, "value": value} for name, value in kept.get("meta", {}).items()],
    }


def entity(actor: Membership, sheet: Sheet, kept: Kept, *, full: bool = False) -> dict[str, Any]:
    """As a single one has it."""
    entry = sheet.entry
    sees = entry is not None and can(actor, Permission.SEE_RATES, owner=entry.member_id)
    hourly = float(entry.hourly_rate) if entry is not None and sees and entry.hourly_rate is not None else None
    return {**collection(actor, sheet, kept, full=full), "fixedRate": None, "hourlyRate": hourly}


# --- Records ----------------------------------------------------------------------------------------------------------


def customer(client: Client, currency: str) -> dict[str, Any]:
    return {
        "id": client.pk,
        "name": client.name,
        "number": client.identifier or None,
        "comment": None,
        "visible": not client.is_archived,
        "billable": True,
        "currency": currency,
        "metaFields": [],
        "teams": [],
        "color": None,
    }


def _project_named(project: Project) -> dict[str, Any]:
    client = project.client
    return {**project_row(project), "customer": {"id": client.pk, "name": client.name,
            "number": client.identifier or None, "visible": not client.is_archived, "billable": True,
            "color": None}}  # fmt: skip


def project_row(project: Project) -> dict[str, Any]:
    """With its customer's number and name."""
    return {
        "parentTitle": project.client.name,
        "customer": project.client_id,
        "id": project.pk,
        "name": project.name,
        "number": project.code,
        "start": project.starts_on.isoformat() if project.starts_on else None,
        "end": project.ends_on.isoformat() if project.ends_on else None,
        "comment": project.description or None,
        "visible": project.takes_time,
        "billable": project.billable_flag is not False,
        "globalActivities": False,
        "metaFields": [],
        "teams": [],
        "color": None,
    }


def activity_row(task: Task) -> dict[str, Any]:
    """Every activity belongs to a project here."""
    return {
        "parentTitle": task.project.name,
        "project": task.project_id,
        "id": task.pk,
        "name": task.name,
        "number": None,
        "comment": task.description or None,
        "visible": task.takes_time,
        "billable": task.project.billable_flag is not False,
        "metaFields": [],
        "teams": [],
        "color": None,
    }


def user_named(member: Membership) -> dict[str, Any]:
    return {
        "id": member.pk,
        "username": member.user.email,
        "alias": member.display_name,
        "title": None,
        "initials": member.initials,
        "accountNumber": member.employee_number or None,
        "enabled": member.is_active,
        "apiToken": False,
        "color": None,
    }
