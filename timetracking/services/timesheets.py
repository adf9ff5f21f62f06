"""A member's week: opened by its first entry, locked by every write in it, sent for approval and taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, lock_date
from accounts.models import Membership, Organisation
from accounts.permissions import Permission, require
from accounts.services.notices import Notice, tell
from timesheets_site.lib import texts
from timesheets_site.lib.errors import Conflict, OutOfReach
from timetracking.models import ApprovalLine, TimeEntry, Timesheet
from timetracking.rules import approval, complete_weeks, weeks
from timetracking.services import approval_history, approvers, week_findings
from timetracking.services.approval_history import Action, Line, Step

State, Status = Timesheet.State, TimeEntry.Status

# --- The lock that every writer of a week takes first -----------------------------------------------------------------


def lock_week(member: Membership, day: dt.date) -> Timesheet:
    """The sheet of the week holding `day` (a local day of `member`), made if need be, locked, its version raised.

    Every write to a week begins here, so that two of them, or a write and a submission, come one after the other.
    """
    sheet, _is_new = _held(member, day)
    return _raised(sheet)


def lock_sheet(sheet_id: int) -> Timesheet:
    """A sheet that exists, locked, its version raised."""
    return _raised(Timesheet.objects.select_for_update(of=("self",)).get(pk=sheet_id))


def hold_lower(member_id: int, day: dt.date, *, than: int) -> None:
    """Lock the member's week of `day` now, if there is one with a lower id than the one that is locked next.

    Weeks are locked in the order of their ids, so that those who need two never wait for each other in a ring.
    """
    week = Timesheet.objects.filter(member=member_id, week_start__lte=day, week_start__gt=day - 7 * weeks.DAY)
    list(week.filter(pk__lt=than).select_for_update(of=("self",)).values_list("pk"))


def hold_unopened(organisation: Organisation, starts: Collection[tuple[int, dt.date]]) -> None:
    """For who will write in weeks of several members or days: members and first days, of which some have no sheet yet.

    Who opens a week holds the organisation's row, and then the record that is logged on. So whoever may open one after
    having written takes that row now, and with it what was opened in the meantime. Costs one query where all are open.
    """
    members, firsts = {member_id for member_id, _first in starts}, {first for _member_id, first in starts}
    there = Timesheet.objects.filter(member__in=members, week_start__in=firsts)
    missing = set(starts) - set(there.values_list("member", "week_start"))
    if missing:
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        list(there.order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def first_day_of(member: Membership, day: dt.date) -> dt.date:
    """The first day of the week that holds `day`."""
    return weeks.week_containing(day, first_weekday=member.organisation.first_weekday)


def is_one_week(member: Membership, one: dt.date, other: dt.date) -> bool:
    """Do both days lie in the same week?"""
    return first_day_of(member, one) == first_day_of(member, other)


def _held(member: Membership, day: dt.date) -> tuple[Timesheet, bool]:
    week_start = first_day_of(member, day)
    sheet = Timesheet.objects.select_for_update(of=("self",)).filter(member=member, week_start=week_start).first()
    if sheet is not None:
        return sheet, False
    return _open(member, day)


def _open(member: Membership, day: dt.date) -> tuple[Timesheet, bool]:
    """A new sheet. The organisation's row is held meanwhile: its first weekday is fixed from the first sheet on."""
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=member.organisation_id)
    week_start = weeks.week_containing(day, first_weekday=organisation.first_weekday)
    try:
        with transaction.atomic():
            return Timesheet.objects.create(member=member, week_start=week_start), True
    except IntegrityError:  # somebody opened it in the meantime
        return Timesheet.objects.select_for_update(of=("self",)).get(member=member, week_start=week_start), False


def _raised(sheet: Timesheet) -> Timesheet:
    Timesheet.objects.filter(pk=sheet.pk).update(version=F("version") + 1)
    sheet.version += 1
    return sheet


# --- The member's own steps -------------------------------------------------------------------------------------------


@transaction.atomic
def submit(
    actor: Membership, member: Membership, day: dt.date, *, version: int | None = None, note: str = ""
) -> Timesheet:
    """Hand the week holding `day` over for approval; its member can no longer change its entries.

    `version` is the one that was shown (0 where there was no sheet yet; None where a format carries none). What is
    approved already stays approved. A week that is submitted already is a harmless success.
    Raises OutOfReach, Conflict, or RuleViolation: timesheet_empty, timesheet_not_open, entries_incomplete,
    text_too_long.
    """
    require(actor, Permission.SUBMIT_TIMESHEET, owner=member)
    note = texts.at_most(note, approval.LONGEST_TEXT, "note")
    lock_date.hold_still(actor.organisation)
    sheet, is_new = _held(member, day)
    sheet.member = member
    if sheet.state in Timesheet.WAITING and (version is None or sheet.submitted_by_id == actor.pk):
        return sheet
    _expect(sheet, version, is_new)
    entries = approvers.entries_of([sheet])[sheet.pk]
    organisation = member.organisation
    gaps = complete_weeks.in_words(complete_weeks.gaps(organisation, entries))
    approval.may_submit(
        sheet.state, entries=len(entries), empty_allowed=organisation.empty_weeks_allowed, gaps=gaps
    ).enforce()
    from_state, now = sheet.state, timezone.now()
    lines = _send(entries, now)
    _raised(sheet)
    sheet.state = State.SUBMITTED.value
    firsts = sum(1 for entry in entries if entry.status == Status.SUBMITTED and entry.first_approved_by_id)
    sheet.state = approval.state_of(sheet.state, _counts(entries), first_approvals=firsts)
    sheet.submitted_at, sheet.submitted_by, sheet.note = now, actor, note
    sheet.submissions += 1
    sheet.checks = week_findings.codes(member, sheet.week_start, entries, changed=False)
    sheet.changed_since_at = sheet.reopened_at = None
    sheet.posting_date = approval.posting_date(sheet.week_end, actor.organisation.lock_date)
    sheet.save()
    approval_history.add(actor, [Step(sheet, Action.SUBMITTED, from_state, lines, note)], at=now)
    if sheet.state != State.APPROVED:
        tell(submitted_notices(sheet, entries), actor=actor)
    return sheet


@transaction.atomic
def mark_ready(actor: Membership, member: Membership, day: dt.date, *, version: int | None = None) -> Timesheet:
    """Say that the week is complete, without sending it. Raises OutOfReach, Conflict, timesheet_not_open."""
    return _mark(actor, member, day, version, State.SAVED, Action.MARKED_READY)


@transaction.atomic
def back_to_draft(actor: Membership, member: Membership, day: dt.date, *, version: int | None = None) -> Timesheet:
    """Take "ready" back. Raises as `mark_ready` does."""
    return _mark(actor, member, day, version, State.DRAFT, Action.BACK_TO_DRAFT)


def _mark(
    actor: Membership, member: Membership, day: dt.date, version: int | None, to: Timesheet.State, action: Action
) -> Timesheet:
    require(actor, Permission.SUBMIT_TIMESHEET, owner=member)
    sheet, is_new = _held(member, day)
    sheet.member = member
    if sheet.state == to:
        return sheet
    _expect(sheet, version, is_new)
    approval.may_mark_ready(sheet.state).enforce()
    from_state = sheet.state
    _raised(sheet)
    sheet.state = to.value
    sheet.save()
    approval_history.add(actor, [Step(sheet, action, from_state)], at=timezone.now())
    return sheet


@transaction.atomic
def recall(actor: Membership, sheet_id: int, *, version: int | None = None) -> Timesheet:
    """Take a submitted week back, until somebody has decided on it; each entry is again what it was before.

    A week that is not sent any more is a harmless success. Raises OutOfReach, Conflict, or RuleViolation:
    decided_already, timesheet_not_submitted.
    """
    sheet = held(actor, sheet_id)
    require(actor, Permission.SUBMIT_TIMESHEET, owner=sheet.member_id)
    if sheet.state in Timesheet.UNSENT and version in (None, sheet.version - 1):  # of a sent week, only this leads here
        return sheet
    _expect(sheet, version)
    approval.may_recall(sheet.state, submitted_at=sheet.submitted_at, decided_at=sheet.decided_at).enforce()
    from_state, now = sheet.state, timezone.now()
    lines = _unsend(sheet, now)
    _raised(sheet)
    sheet.state = State.DRAFT.value
    sheet.submitted_at = sheet.submitted_by = sheet.changed_since_at = sheet.posting_date = None
    sheet.checks, sheet.note = [], ""
    sheet.save()
    approval_history.add(actor, [Step(sheet, Action.RECALLED, from_state, lines)], at=now)
    return sheet


@transaction.atomic
def ask_to_reopen(actor: Membership, sheet_id: int, *, note: str = "") -> Timesheet:
    """Ask those who decide to reopen an approved week. Asked already: nothing happens.

    Raises OutOfReach, or RuleViolation: timesheet_not_approved, text_too_long.
    """
    sheet = held(actor, sheet_id)
    require(actor, Permission.SUBMIT_TIMESHEET, owner=sheet.member_id)
    note = texts.at_most(note, approval.LONGEST_TEXT, "note")
    approval.may_reopen(sheet.state).enforce()
    if sheet.reopening_asked_at is not None:
        return sheet
    sheet.reopening_asked_at = timezone.now()
    sheet.save(update_fields=["reopening_asked_at"])
    audit.record(actor, "timesheet.reopening_asked", sheet, changes={"note": ("", note)} if note else None)
    values = {**notice_values(sheet), "note": note}
    listeners = approvers.listeners(sheet, approvers.entries_of([sheet])[sheet.pk])
    tell([Notice(to, "timesheet.reopening_asked", values) for to in listeners], actor=actor)
    return sheet


# --- Shared by all steps of a week ------------------------------------------------------------------------------------


def held(actor: Membership, sheet_id: int) -> Timesheet:
    """A week within the actor's reach, locked, with its member. Raises OutOfReach."""
    sheet: Timesheet | None = (
        Timesheet.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("member__user")
        .filter(pk=sheet_id)
        .first()
    )
    if sheet is None:
        raise OutOfReach
    sheet.member.organisation = actor.organisation
    return sheet


def stale(sheet: Timesheet) -> Conflict:
    return Conflict(sheet, _("This week changed while you were looking. Look at it again."))


def notice_values(sheet: Timesheet) -> dict[str, Any]:
    """What every notice to approvers says of a week."""
    return {
        "member_id": sheet.member_id,
        "member": sheet.member.display_name,
        "week_start": sheet.week_start.isoformat(),
        "sheet_id": sheet.pk,
    }


def _expect(sheet: Timesheet, version: int | None, is_new: bool = False) -> None:
    if version is not None and version != (0 if is_new else sheet.version):
        raise stale(sheet)


def _counts(entries: list[TimeEntry]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry.status] = counts.get(entry.status, 0) + 1
    return counts


def _send(entries: list[TimeEntry], now: dt.datetime) -> list[Line]:
    """What is open or rejected waits for a decision from now on."""
    sent = [entry for entry in entries if entry.status in (Status.OPEN, Status.REJECTED)]
    lines = [Line(entry, entry.status, Status.SUBMITTED.value) for entry in sent]
    TimeEntry.objects.filter(pk__in=[entry.pk for entry in sent]).repoint(
        status=Status.SUBMITTED,
        first_approved_by=None,
        first_approved_as=None,
        version=F("version") + 1,
        updated_at=now,
    )
    for entry in sent:
        entry.status, entry.first_approved_by_id, entry.first_approved_as_id = Status.SUBMITTED.value, None, None
    return lines


def _unsend(sheet: Timesheet, now: dt.datetime) -> list[Line]:
    """What waits is again what it was before the submission: open, or rejected with its reason."""
    waiting = list(TimeEntry.objects.filter(timesheet=sheet, status=Status.SUBMITTED))
    sent = ApprovalLine.objects.filter(event__timesheet=sheet, event__action=Action.SUBMITTED)
    rejected = set(
        sent.filter(event__at=sheet.submitted_at, from_status=Status.REJECTED).values_list("entry_id", flat=True)
    )
    lines = [Line(e, e.status, (Status.REJECTED if e.pk in rejected else Status.OPEN).value) for e in waiting]
    for status in (Status.OPEN, Status.REJECTED):
        ids = [line.entry.pk for line in lines if line.to_status == status]
        TimeEntry.objects.filter(pk__in=ids).update(status=status, version=F("version") + 1, updated_at=now)
    return lines


def submitted_notices(sheet: Timesheet, entries: list[TimeEntry]) -> list[Notice]:
    """What approvers are told of a week that was sent."""
    values = {
        **notice_values(sheet),
        "minutes": sum(entry.minutes for entry in entries),
        "again": sheet.submissions > 1,
        "note": sheet.note,
    }
    return [Notice(to, "timesheet.submitted", values) for to in approvers.listeners(sheet, entries)]
