"""Clocks that run for members: start, change, stop, discard, take back.

Whoever touches a member's timer holds that member's turn first, so that at most one runs, the next begins in the
instant in which the last one ends, and no minute counts twice. Nothing keeps a timer from stopping: what a rule refuses
to file is kept for its member to place (`timer_filing`).
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Membership
from accounts.permissions import Permission, require
from accounts.services.notices import Notice, tell
from timesheets_site.lib import dates, numbers, texts, turns
from timesheets_site.lib.errors import Conflict, OutOfReach, RuleViolation
from timesheets_site.lib.turns import Place
from timetracking.models import EntryBatch, Project, Task, TimeEntry, Timer
from timetracking.models.billing import BillableOption
from timetracking.models.record_links import link_fields, title_of
from timetracking.rules import closed_records, timer_pieces
from timetracking.services import entry_checks, entry_links, timer_filing

State = Timer.State
AUDITED = (
    "member_id", "state", "subject", "description", "billable_option", "started_at", "stopped_at", "ticket_id",
    "project_id", "task_id", "charge_code_id", "activity_id", "unplaced",
)  # fmt: skip


class TimerFields(TypedDict, total=False):
    """What a person may set while it runs."""

    record: Any
    """A ticket, project, task, charge code or activity; None for general time."""
    subject: str
    description: str
    billable_option: str
    started_at: dt.datetime
    """An aware instant, not in the future and not before the member's last timer ended."""


@dataclass(frozen=True)
class Stopped:
    """A timer that was stopped: what was filed, and how many of its pieces wait to be placed."""

    timer: Timer
    entries: tuple[TimeEntry, ...] = ()
    unplaced: int = 0
    batch: EntryBatch | None = None
    is_news: bool = True
    """False where it had been stopped before."""

    @property
    def minutes(self) -> int:
        """What was filed."""
        return sum(entry.minutes for entry in self.entries)


@dataclass(frozen=True)
class Started:
    timer: Timer
    stopped: Stopped | None = None
    """The one that ran before."""
    is_news: bool = True
    """False where the same work ran already, and runs on."""


def running_of(member: Membership) -> Timer | None:
    """The member's running timer with its record, if any."""
    found: Timer | None = Timer.objects.running().filter(member=member).select_related(*Timer.RELATED).first()
    return found


@transaction.atomic
def start(
    actor: Membership,
    *,
    member: Membership | None = None,
    record: Any = None,
    subject: str = "",
    description: str = "",
    billable_option: str = BillableOption.NO_DEFAULT.value,
    started_at: dt.datetime | None = None,
) -> Started:
    """Start a clock for `member` (the actor if left out); the one that runs is stopped in the same instant.

    The same record and subject again: it runs on. The subject defaults to the record's name. `started_at`, an aware
    instant, is when the work began; now, if left out.
    Raises NotAllowed, OutOfReach, or RuleViolation: member_inactive, record_closed, text_too_long, text_unreadable,
    billable_option_unknown, timer_starts_in_future, timer_starts_too_early (field `start`).
    """
    member = member or actor
    require(actor, Permission.LOG_TIME, owner=member)
    entry_checks.check_member(member)
    _take_turn(member.pk)
    now = timezone.now()
    timer = Timer(member=member, started_by=actor, zone=member.zone.key, started_at=now)
    _apply(timer, now, {"record": record, "subject": subject, "description": description,
                        "billable_option": billable_option})  # fmt: skip
    stopped, running = None, _running(member.pk)
    if running is not None:
        if (running.token, running.subject) == (timer.token, timer.subject):
            return Started(running, is_news=False)
        stopped = _stop(actor, _locked(actor, running.pk, None), now)
    if started_at is not None:
        _check_begin(timer, started_at, now)
        timer.started_at = started_at
    timer.counts_from = timer_pieces.counts_from(timer.started_at, _counted_until(member.pk))
    timer.first_entry_number = numbers.reserve(TimeEntry)
    timer.save(force_insert=True)
    values = audit.snapshot(timer, AUDITED)
    changes = {name: (None, value) for name, value in values.items() if value not in (None, "", 0)}
    audit.record(actor, "timer.started", timer, changes=changes, on_behalf_of=_other(actor, member))
    return Started(timer, stopped)


@transaction.atomic
def change(actor: Membership, timer_id: int, *, version: int | None = None, **fields: Unpack[TimerFields]) -> Timer:
    """Change what the actor's own timer is for, or when it began, while it runs.

    Raises OutOfReach, Conflict, or RuleViolation: timer_stopped, timer_starts_in_future, timer_starts_too_early,
    and those of `start`.
    """
    if not _held(actor, timer_id, own=True).is_running:
        raise RuleViolation("timer_stopped", _("This timer was stopped meanwhile."))
    timer = _locked(actor, timer_id, version)
    before, now = audit.snapshot(timer, AUDITED), timezone.now()
    _apply(timer, now, fields)
    if (begins_at := fields.get("started_at")) is not None and begins_at != before["started_at"]:
        _check_begin(timer, begins_at, now)
        timer.started_at, timer.flagged_at = begins_at, None
        timer.counts_from = timer_pieces.counts_from(begins_at, _counted_until(timer.member_id))
    if changes := audit.difference(before, timer):
        timer.save()
        audit.record(actor, "timer.changed", timer, changes=changes)
    return timer


@transaction.atomic
def stop(
    actor: Membership, timer_id: int, *, ended_at: dt.datetime | None = None, version: int | None = None
) -> Stopped:
    """Stop a timer, the actor's own or, for managers, anybody's: one entry for each local day that it touched.

    `ended_at` (an aware instant) is the real end, where a person gave it. Without one it ends now; what has run for
    longer than the organisation's limit is then not filed but waits for its member to say when it ended.
    Stopped already: a harmless success. Raises OutOfReach, Conflict, or RuleViolation: timer_discarded,
    timer_ends_in_future, timer_ends_before_start (field `end`).
    """
    timer = _held(actor, timer_id, own=False)
    if timer.state == State.DISCARDED:
        raise RuleViolation("timer_discarded", _("This timer was discarded."))
    if not timer.is_running:
        return Stopped(timer, _entries_of(timer), timer.unplaced, is_news=False)
    return _stop(actor, _locked(actor, timer_id, version), timezone.now(), ended_at)


def stop_of(actor: Membership, member: Membership, *, ended_at: dt.datetime | None = None) -> Stopped:
    """Stop whatever runs for `member`. Raises RuleViolation `no_timer`, and what `stop` raises."""
    require(actor, Permission.LOG_TIME, owner=member)
    timer = running_of(member)
    if timer is None:
        raise RuleViolation("no_timer", _("No timer is running."))
    return stop(actor, timer.pk, ended_at=ended_at)


def stop_all(actor: Membership, *, task: Task | None = None, project: Project | None = None) -> list[Stopped]:
    """Stop every timer that the actor sees, each by itself, in the order of their start. Raises NotAllowed.

    `task` or `project` names those that are meant; a project's are those of its tasks and bound codes too.
    """
    require(actor, Permission.LOG_TIME)
    running = Timer.objects.visible_to(actor).running()
    if task is not None:
        running = running.filter(task=task)
    if project is not None:
        running = running.filter(Q(project=project) | Q(task__project=project) | Q(charge_code__project=project))
    ids = running.order_by("started_at", "pk").values_list("pk", flat=True)
    found = []
    for pk in list(ids):
        try:
            stopped = stop(actor, pk)
        except (RuleViolation, OutOfReach):  # discarded meanwhile: no reason to leave the others running
            continue
        if stopped.is_news:
            found.append(stopped)
    return found


@transaction.atomic
def discard(actor: Membership, timer_id: int, *, version: int | None = None) -> Timer:
    """Throw the actor's own timer away: nothing is written. `resume` takes it back.

    Discarded already: a harmless success. Raises OutOfReach, Conflict, or RuleViolation `timer_stopped`.
    """
    timer = _held(actor, timer_id, own=True)
    if timer.state == State.DISCARDED:
        return timer
    if not timer.is_running:
        raise RuleViolation("timer_stopped", _("This timer was stopped meanwhile."))
    timer = _locked(actor, timer_id, version)
    before = audit.snapshot(timer, AUDITED)
    timer.state, timer.stopped_at, timer.stopped_by = State.DISCARDED.value, timezone.now(), actor
    timer.save()
    audit.record(actor, "timer.discarded", timer, changes=audit.difference(before, timer))
    return timer


@transaction.atomic
def resume(actor: Membership, timer_id: int, *, version: int | None = None) -> Timer:
    """Undo of stopping or discarding: the actor's own last timer runs on from its start, what it wrote is deleted.

    A timer that was started in the instant in which it was stopped is discarded: its time is the first one's again.
    Running already: a harmless success. Raises OutOfReach, Conflict, or RuleViolation: timer_runs_already (another one
    does), nothing_to_undo (a later timer, or what it wrote was changed).
    """
    timer = _held(actor, timer_id, own=True)
    if timer.is_running:
        return timer
    if version is not None and version != timer.version:
        raise Conflict(timer)
    other = _running(timer.member_id)
    if other is not None and (timer.state == State.DISCARDED or other.started_at != timer.stopped_at):
        raise RuleViolation("timer_runs_already", _("Another timer is running. Stop it first."))
    later = Timer.objects.filter(member=timer.member_id, pk__gt=timer.pk).exclude(state=State.DISCARDED)
    if later.exclude(pk=other.pk if other else None).exists():
        raise RuleViolation("nothing_to_undo", _("This can't be undone any more: you started another timer since."))
    if other is not None:
        discard(actor, other.pk)
    timer_filing.take_back(actor, timer)
    timer = _locked(actor, timer_id, None)
    before = audit.snapshot(timer, AUDITED)
    if timer.state == State.STOPPED:
        timer.first_entry_number = numbers.reserve(TimeEntry)  # what had the old one is deleted, and can come back
    timer.state, timer.stopped_at, timer.stopped_by = State.RUNNING.value, None, None
    timer.counted_until, timer.unplaced = None, 0
    timer.save()
    audit.record(actor, "timer.resumed", timer, changes=audit.difference(before, timer))
    return timer


# --- Shared -----------------------------------------------------------------------------------------------------------


def _stop(actor: Membership, timer: Timer, now: dt.datetime, ended_at: dt.datetime | None = None) -> Stopped:
    """End a running timer whose member's turn is held, and file what it counted."""
    zone, limit = zoneinfo.ZoneInfo(timer.zone), actor.organisation.timer_limit_minutes
    if ended_at is not None:
        _check_end(timer, ended_at, now)
    forgotten = ended_at is None and timer.is_forgotten(now, limit)
    before, end = audit.snapshot(timer, AUDITED), ended_at or now
    pieces = timer_pieces.pieces(timer.counts_from, end, zone)
    timer.state, timer.stopped_at, timer.stopped_by = State.STOPPED.value, end, actor
    timer.counted_until = pieces[-1].ended_at
    timer.save()
    result = timer_filing.file(actor, timer, pieces, forgotten=forgotten)
    values = {"timer_id": timer.pk, "subject": timer.title, "by": actor.display_name}
    tell([Notice(timer.member, "timer.stopped", values)], actor=actor)
    changes = audit.difference(before, timer)
    audit.record(actor, "timer.stopped", timer, changes=changes, on_behalf_of=_other(actor, timer.member))
    return Stopped(timer, tuple(result.done), timer.unplaced, result.batch)


def _take_turn(member_id: int) -> None:
    turns.alone(Place.TIMERS, member_id)


def _running(member_id: int) -> Timer | None:
    rows = Timer.objects.running().filter(member=member_id).select_related("member__user", *Timer.RELATED)
    timer: Timer | None = rows.first()
    return timer


def _held(actor: Membership, timer_id: int, *, own: bool) -> Timer:
    """A timer within reach, as it is while its member's turn is held."""
    found = Timer.objects.visible_to(actor).filter(pk=timer_id).values_list("member_id", flat=True).first()
    if found is None or (own and found != actor.pk):
        raise OutOfReach
    require(actor, Permission.LOG_TIME, owner=found)
    _take_turn(found)
    timer: Timer = Timer.objects.select_related("member__user", *Timer.RELATED).get(pk=timer_id)
    timer.member.organisation = actor.organisation
    return timer


def _locked(actor: Membership, timer_id: int, version: int | None) -> Timer:
    """It to be written, its version raised. Raises Conflict."""
    timer: Timer = Timer.objects.select_related("member__user", *Timer.RELATED).locked(timer_id, version)
    timer.member.organisation = actor.organisation
    return timer


def _counted_until(member_id: int) -> dt.datetime | None:
    """Until when the member's last stopped timer counted."""
    stopped = Timer.objects.filter(member=member_id, state=State.STOPPED).order_by("-started_at", "-pk")
    until: dt.datetime | None = stopped.values_list("counted_until", flat=True).first()
    return until


def _entries_of(timer: Timer) -> tuple[TimeEntry, ...]:
    return tuple(TimeEntry.objects.filter(timer=timer).order_by("started_at"))


def _apply(timer: Timer, now: dt.datetime, fields: TimerFields) -> None:
    """Put the values on the timer; a record that is newly named takes time."""
    if "record" in fields and (timer.pk is None or fields["record"] != timer.record):
        record = fields["record"]
        if record is not None:
            link = link_fields(record)
            entry_links.check_takes_time(
                entry_links.resolve(link.pop("kind"), **link), closed_records.grace_of(timer.member, now)
            )
        timer.record = record
    if "subject" in fields:
        timer.subject = " ".join(texts.at_most(fields["subject"], entry_checks.SUBJECT_LENGTH, "subject").split())
        if not timer.subject and timer.record is not None:
            timer.subject = title_of(timer.record)[: entry_checks.SUBJECT_LENGTH]
    if "description" in fields:
        timer.description = texts.at_most(fields["description"], entry_checks.TEXT_LENGTH, "description")
    if "billable_option" in fields:
        if fields["billable_option"] not in BillableOption.values:
            raise RuleViolation("billable_option_unknown", _("Choose one of the billing options"), "billable_option")
        timer.billable_option = fields["billable_option"]


def _check_begin(timer: Timer, begins_at: dt.datetime, now: dt.datetime) -> None:
    if begins_at > now:
        raise RuleViolation("timer_starts_in_future", _("Enter a time that has passed"), "start")
    last = _counted_until(timer.member_id)
    if last is not None and timer_pieces.whole_minute(begins_at) < last:
        words = _("Your last timer counted until %(moment)s. Start after it.")
        moment = dates.moment(last, zoneinfo.ZoneInfo(timer.zone))
        raise RuleViolation("timer_starts_too_early", words % {"moment": moment}, "start")
    if begins_at < now - dt.timedelta(days=31):
        raise RuleViolation("timer_starts_too_early", _("A timer starts at most 31 days ago"), "start")


def _check_end(timer: Timer, ended_at: dt.datetime, now: dt.datetime) -> None:
    if ended_at > now:
        raise RuleViolation("timer_ends_in_future", _("Enter a time that has passed"), "end")
    if ended_at <= timer.started_at:
        zone = zoneinfo.ZoneInfo(timer.zone)
        words = _("It started on %(moment)s. Enter a later time.") % {"moment": dates.moment(timer.started_at, zone)}
        raise RuleViolation("timer_ends_before_start", words, "end")


def _other(actor: Membership, member: Membership) -> Membership | None:
    return member if member.pk != actor.pk else None
