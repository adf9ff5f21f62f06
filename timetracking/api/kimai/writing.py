"""Timesheets written: a POST starts a timer or logs an entry, a PATCH changes whichever it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership
from accounts.permissions import Permission, require
from timesheets_site.lib.errors import RuleViolation
from timetracking.api.kimai import kept, lists, reading, words
from timetracking.api.kimai.reading import BLANK, INVALID, Sent
from timetracking.api.kimai.words import Sheet
from timetracking.models import Project, Task, TimeEntry
from timetracking.models.billing import BillableOption
from timetracking.services import time_entries, timers

JUST_NOW = dt.timedelta(minutes=2)
"""Clients round the start down, to before the end of what was stopped a moment ago; or their clocks are ahead."""
RUNS = "It runs. Stop it first."


@transaction.atomic
def create(actor: Membership, sent: Sent) -> Sheet:
    """Raises ValidationError, OutOfReach, or what the services raise."""
    member, task = _user(actor, sent), _task(sent, None)
    sent.enforce()
    write = _log if sent.values.get("end") else _start
    number = write(actor, member, task, sent)
    sheet = lists.find(actor, number)
    kept.put(sheet, _kept(sent))
    return sheet


@transaction.atomic
def change(actor: Membership, sheet: Sheet, sent: Sent) -> Sheet:
    """Only what was sent. Raises ValidationError, or what the services raise."""
    if "user" in sent and sent.values["user"] not in (None, sheet.member.pk):
        sent.refuse("user", "A timesheet stays with its user.")
    if sheet.timer is not None and not sheet.timer.is_running:
        raise RuleViolation("timer_stopped", "It was stopped, and waits for its user to place it.", "end")
    task = _task(sent, sheet.task)
    sent.enforce()
    with reading.in_their_words():
        if sheet.entry is not None:
            time_entries.edit(actor, sheet.number, **_entry_fields(sheet, sheet.entry, task, sent))
        else:
            _change_timer(actor, sheet, task, sent)
    after = lists.find(actor, sheet.number)
    if sheet.timer is not None:
        kept.move(sheet, after)
    kept.put(after, _kept(sent))
    return after


@transaction.atomic
def stop(actor: Membership, sheet: Sheet) -> Sheet:
    """Its timer, now. Stopped already: a harmless success."""
    if sheet.timer is None:
        return sheet
    with reading.in_their_words():
        timers.stop(actor, sheet.timer.pk)
    after = lists.find(actor, sheet.number)
    kept.move(sheet, after)
    return after


@transaction.atomic
def restart(actor: Membership, sheet: Sheet, begin: dt.datetime | None, *, copies: bool) -> Sheet:
    """The same work again, from now on, by the actor; with the description, tags and meta fields where `copies`."""
    sent = Sent({"begin": begin, "description": sheet.text if copies else None})
    number = _start(actor, actor, sheet.task, sent)
    again = lists.find(actor, number)
    if copies:
        kept.put(again, {k: v for k, v in kept.of([sheet]).get(sheet.number, {}).items() if k != "exported"})
    return again


@transaction.atomic
def duplicate(actor: Membership, sheet: Sheet) -> Sheet:
    """The entry once more, at the same time. Raises RuleViolation for what runs, and what `time_entries.log` raises."""
    entry = sheet.entry
    if entry is None:
        raise RuleViolation("timer_runs", RUNS, "end")
    with reading.in_their_words():
        again = time_entries.log(
            actor,
            member=sheet.member,
            kind=TimeEntry.Kind.PROJECT,
            task=sheet.task,
            date=entry.date,
            minutes=entry.minutes,
            started_at=entry.started_at,
            ended_at=entry.ended_at,
            break_minutes=entry.break_minutes,
            subject=entry.subject,
            description=entry.description,
            billable_option=entry.billable_option,
        )
    copy = lists.find(actor, again.pk)
    kept.put(copy, {k: v for k, v in kept.of([sheet]).get(sheet.number, {}).items() if k != "exported"})
    return copy


@transaction.atomic
def keep(actor: Membership, sheet: Sheet, values: dict[str, Any]) -> Sheet:
    """Values that are only kept, where the record itself may be changed now."""
    require(actor, Permission.EDIT_TIME, owner=sheet.member)
    if sheet.entry is not None:
        time_entries.edit(actor, sheet.number)
    kept.put(sheet, values)
    return lists.find(actor, sheet.number)


def delete(actor: Membership, sheet: Sheet) -> None:
    """Delete an entry, or discard one's own running timer."""
    if sheet.timer is not None:
        timers.discard(actor, sheet.timer.pk)
    else:
        time_entries.delete(actor, sheet.number)


# --- Parts ------------------------------------------------------------------------------------------------------------


def _user(actor: Membership, sent: Sent) -> Membership:
    """Whose it is: the actor's own unless another is named whom the actor may write for."""
    pk = sent.values.get("user")
    if pk in (None, actor.pk):
        return actor
    member = Membership.objects.select_related("user").filter(pk=pk).first()
    if member is None:
        sent.refuse("user")
        return actor
    require(actor, Permission.LOG_TIME, owner=member)
    member.organisation = actor.organisation
    return member


def _task(sent: Sent, now: Task | None) -> Task | None:
    """The task that was named, else the present one; None where it is at fault, which `sent` then says."""
    asked = {name: sent.values.get(name) for name in ("project", "activity") if name in sent or now is None}
    if now is not None and asked in ({}, {"activity": now.pk}, {"project": now.project_id, "activity": now.pk}):
        return now
    for name in asked:
        if asked[name] is None and name not in sent.errors:
            sent.refuse(name, BLANK)
    project_id = asked.get("project", now.project_id if now else None)
    task_id = asked.get("activity", now.pk if now else None)
    rows = Task.objects.select_related("project__client", "project__agreement")
    task = rows.filter(pk=task_id).first() if task_id is not None else None
    if project_id is not None and not Project.objects.filter(pk=project_id).exists():
        sent.refuse("project")
    elif task is None and task_id is not None:
        sent.refuse("activity")
    elif task is not None and project_id is not None and task.project_id != project_id:
        sent.refuse("activity", f"{INVALID} It belongs to another project.")
    return task


def _option(sent: Sent) -> str:
    billable = sent.values.get("billable")
    if billable is None:
        return BillableOption.NO_DEFAULT.value
    return BillableOption.BILLABLE.value if billable else BillableOption.DO_NOT_BILL.value


def _kept(sent: Sent) -> dict[str, Any]:
    names = {"tags": "tags", "metaFields": "meta", "exported": "exported"}
    return {ours: sent.values[theirs] for theirs, ours in names.items() if theirs in sent}


def _log(actor: Membership, member: Membership, task: Any, sent: Sent) -> int:
    """An entry between two instants, on the local day on which it began."""
    begin: dt.datetime = sent.values.get("begin") or timezone.now()
    with reading.in_their_words():
        entry = time_entries.log(
            actor,
            member=member,
            kind=TimeEntry.Kind.PROJECT,
            task=task,
            date=begin.astimezone(member.zone).date(),
            minutes=None,
            started_at=begin,
            ended_at=sent.values["end"],
            break_minutes=(sent.values.get("break", 0) + 30) // 60,
            billable_option=_option(sent),
            **words.fields_of_text(sent.values.get("description"), task),
        )
    return entry.pk


def _start(actor: Membership, member: Membership, task: Any, sent: Sent) -> int:
    """A timer; its number is the one that its first entry will have."""
    begin, now = sent.values.get("begin"), timezone.now()
    if begin is not None and now < begin <= now + JUST_NOW:
        begin = None
    values: dict[str, Any] = {
        "member": member,
        "record": task,
        "billable_option": _option(sent),
        **words.fields_of_text(sent.values.get("description"), task),
    }
    with reading.in_their_words():
        try:
            with transaction.atomic():
                started = timers.start(actor, started_at=begin, **values)
        except RuleViolation as refusal:
            if refusal.code != "timer_starts_too_early" or begin is None or begin < now - JUST_NOW:
                raise
            started = timers.start(actor, **values)
    number: int = started.timer.first_entry_number
    return number


def _change_timer(actor: Membership, sheet: Sheet, task: Task | None, sent: Sent) -> None:
    timer: Any = sheet.timer
    fields: dict[str, Any] = {}
    if task is not None and task.pk != sheet.task.pk:
        fields["record"] = task
    if "description" in sent or "record" in fields:
        text = sent.values["description"] if "description" in sent else sheet.text
        fields |= words.fields_of_text(text, task or sheet.task)
    if sent.values.get("begin") and sent.values["begin"] != _shown(sheet.begin):
        fields["started_at"] = sent.values["begin"]
    if "billable" in sent and sent.values["billable"] != sheet.billable:
        fields["billable_option"] = _option(sent)
    if fields:
        timers.change(actor, timer.pk, **fields)
    if sent.values.get("end"):
        timers.stop(actor, timer.pk, ended_at=min(sent.values["end"], timezone.now()))


def _entry_fields(sheet: Sheet, entry: TimeEntry, task: Task | None, sent: Sent) -> dict[str, Any]:
    """What `time_entries.edit` is to change; what was sent as it was read changes nothing."""
    fields: dict[str, Any] = _times(sheet, entry, sent)
    moved = task is not None and task.pk != sheet.task.pk
    if moved:
        fields |= {"kind": TimeEntry.Kind.PROJECT, "task": task}
    if ("description" in sent and (sent.values["description"] or None) != sheet.text) or (moved and sheet.text is None):
        fields |= words.fields_of_text(sent.values.get("description"), task or sheet.task)
    if "billable" in sent and (moved or sent.values["billable"] != sheet.billable):
        fields["billable_option"] = _option(sent)
    return fields


def _times(sheet: Sheet, entry: TimeEntry, sent: Sent) -> dict[str, Any]:
    """Clock times and break, where they differ from what was shown: time without clock times stays without."""
    begin, end = _shown(sheet.begin), _shown(sheet.end) if sheet.end is not None else None
    asked: dict[str, Any] = {"begin": sent.values.get("begin") or begin, "end": sent.values.get("end") or end}
    pause = (sent.values["break"] + 30) // 60 if "break" in sent else entry.break_minutes
    if asked == {"begin": begin, "end": end} and pause == entry.break_minutes:
        return {}
    if asked == {"begin": begin, "end": end} and entry.started_at is None and entry.ended_at is None:
        return {"break_minutes": pause}
    started: dt.datetime = sheet.begin if asked["begin"] == begin else asked["begin"]
    ended = sheet.end if asked["end"] == end else asked["end"]
    fields: dict[str, Any] = {"started_at": started, "ended_at": ended, "break_minutes": pause}
    if asked["begin"] != begin:
        fields["date"] = started.astimezone(sheet.zone).date()
    return fields


def _shown(moment: dt.datetime) -> dt.datetime:
    """As clients read it: whole seconds."""
    return moment.replace(microsecond=0)
