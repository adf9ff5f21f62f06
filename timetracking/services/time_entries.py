"""Log, edit, delete and restore time entries: the only code that writes them.

Each function permits, locks (the week, then the entry and its version), decides, saves and records, in one transaction.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, lock_date
from accounts.models import Membership
from accounts.permissions import Permission, require
from timesheets_site.lib.errors import Conflict, Locked, OutOfReach, RuleViolation
from timetracking.models import (
    Activity,
    ChargeCode,
    Client,
    PeriodReopening,
    Project,
    Task,
    Ticket,
    TimeEntry,
    Timer,
    Timesheet,
    WorkRole,
    WorkType,
)
from timetracking.models.invoices import invoice_number_of
from timetracking.rules import approval, closed_records, locking
from timetracking.services import (
    approvers,
    budgets,
    coverage,
    entry_checks,
    entry_decisions,
    entry_links,
    entry_weeks,
    settling,
    timesheets,
)
from timetracking.services.entry_links import Link
from timetracking.services.rate_book import RateBook

AUDITED = (
    "member_id", "date", "minutes", "started_at", "ended_at", "break_minutes", "kind", "ticket_id", "project_id",
    "task_id", "charge_code_id", "activity_id", "client_id", "agreement_id", "subject", "description", "internal_notes",
    "billable_option", "billable", "no_charge", "billable_decided_by", "status", "timesheet_id", "work_type_id",
    "work_role_id", "billed_minutes", "covered_minutes", "hourly_rate", "rate_decided_by", "amount",
)  # fmt: skip


class TimeEntryFields(TypedDict, total=False):
    """What a person may set. Forms, admin, imports and all APIs end up here."""

    kind: str
    ticket: Ticket | None
    project: Project | None
    task: Task | None
    charge_code: ChargeCode | None
    activity: Activity | None
    client: Client | None
    date: dt.date
    """The member's local calendar day. Alone, it takes the clock times along."""
    minutes: int | None
    """Whole minutes; may be left out where both instants are given. Alone, they move the end of what has instants."""
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    break_minutes: int
    subject: str
    description: str
    internal_notes: str
    billable_option: str
    work_type: WorkType | None
    """Left out: the organisation's default for client work."""
    work_role: WorkRole | None
    """Left out: the member's own."""


DECIDING = ("member__user", "ticket", "project", "client", "agreement", "work_type")
"""What decisions about an entry look at."""
HELD = ("agreement", "member__user", "timesheet")
"""What has to be known before anything is locked."""
LINK_FIELDS = ("kind", "ticket", "project", "task", "charge_code", "activity", "client")
PLAIN_FIELDS = (
    "description", "internal_notes", "billable_option", "break_minutes", "started_at", "ended_at", "work_type",
    "work_role",
)  # fmt: skip


@transaction.atomic
def log(
    actor: Membership,
    *,
    member: Membership | None = None,
    timer: Timer | None = None,
    number: int | None = None,
    week: dt.date | None = None,
    **fields: Unpack[TimeEntryFields],
) -> TimeEntry:
    """Write down time for `member` (the actor if left out).

    `timer` is the one that becomes this entry, whose days lie in its own zone; `number` an id that was reserved for it.
    `week` is a day of the week whose sheet the entry is filed under, where that is not the week of its date.
    Raises NotAllowed, OutOfReach (another's time), Locked (`period_closed`, `week_submitted`, …) or RuleViolation
    with the field at fault: `link_required`, `record_closed`, `date_in_future`, `minutes_required`, `day_too_long`,
    `budget_exceeded`, …
    """
    member = member or actor
    require(actor, Permission.LOG_TIME, owner=member)
    entry_checks.check_member(member)
    entry_checks.check_date(member, fields.get("date"), timer=timer)
    lock_date.hold_still(actor.organisation)
    budgets.hold(actor.organisation, lambda: entry_links.project_of(**fields))
    drawn = coverage.pools([(entry_links.agreement_of(**fields), fields["date"])])
    entry_weeks.hold(drawn, member, {fields["date"], week or fields["date"]})
    sheet = timesheets.lock_week(member, week or fields["date"])
    now = timezone.now()
    policy = _policy(actor, now)
    locking.may_log(policy, date=fields["date"], week_state=sheet.state, member_id=member.pk).enforce()

    link = _link_of(fields)
    entry_links.check_takes_time(link, closed_records.grace_of(member, now))
    entry = TimeEntry(
        pk=number,
        member=member,
        recorded_by=actor,
        timesheet=sheet,
        timer=timer,
        zone=timer.zone if timer else member.zone.key,
        created_at=now,
        updated_at=now,
    )
    book = RateBook(actor.organisation)
    take_defaults(entry, link, fields, book)
    _apply(entry, link, fields, book)
    entry.status = approval.status_when_logged(sheet.state)
    entry_checks.check_required(entry)
    entry_checks.check_overlap(entry)
    entry_checks.check_day(entry, member)
    entry.save(force_insert=True)
    entry_links.check_still(entry)
    coverage.share_out(actor, drawn, written=entry)
    budgets.check(entry)
    audit.record(actor, "time_entry.logged", entry, changes=_first_values(entry), on_behalf_of=_other(actor, member))
    settling.settle(actor, sheet, entry, was="", now_is=entry.status, what=settling.ADDED, member=member)
    return entry


@transaction.atomic
def edit(
    actor: Membership,
    entry_id: int,
    *,
    version: int | None = None,
    week: dt.date | None = None,
    **fields: Unpack[TimeEntryFields],
) -> TimeEntry:
    """Change the fields that are named. `version` is the one that was read; None where a format carries none.

    A new date takes the entry to the sheet of its week, but where `week` says under which one it is filed.
    Raises OutOfReach, Conflict (stale version, with the entry as it is now), Locked, or RuleViolation as `log` does.
    """
    entry, sheet, drawn = _locked(actor, entry_id, version, fields, week)
    policy = _policy(actor, timezone.now())
    _verdict(policy, entry, sheet).enforce()
    before = audit.snapshot(entry, AUDITED)
    target = entry_weeks.move(policy, entry, sheet, fields.get("date", entry.date), week)
    link = _link_of(fields, entry)
    if any(name != "client" and getattr(link, name) not in (None, getattr(entry, name)) for name in Link.NAMES[:5]):
        entry_links.check_takes_time(link, closed_records.grace_of(entry.member, policy.now))
    _apply(entry, link, fields, RateBook(actor.organisation))
    if audit.difference(before, entry):  # what is sent back as it was is no change to be approved again
        entry.status = approval.status_when_edited(
            entry.status, own_entry_with_another_approver=_another_could_approve(actor, entry)
        )
    changes = audit.difference(before, entry)
    entry_checks.check_required(entry)
    if not changes.keys().isdisjoint(("date", "started_at", "ended_at")):  # what is there may be put right
        entry_checks.check_overlap(entry)
    grows = entry.date != before["date"] or entry.minutes > before["minutes"]
    entry_checks.check_day(entry, entry.member, grows=grows)
    if changes:
        entry.updated_at = timezone.now()
        entry.first_approved_by = entry.first_approved_as = None  # given for what it was
        entry.save()
        if not changes.keys().isdisjoint(("ticket_id", "project_id")):
            entry_links.check_still(entry)
        coverage.share_out(actor, drawn, written=entry)
        budgets.check(entry, before)
        changes = audit.difference(before, entry)
        audit.record(actor, "time_entry.updated", entry, changes=changes, on_behalf_of=_other(actor, entry.member))
        _settle_both(actor, entry, sheet, target, was=before["status"])
    return entry


@transaction.atomic
def delete(actor: Membership, entry_id: int, *, version: int | None = None) -> TimeEntry:
    """Delete an entry; it can be restored for 30 days. Deleting what is deleted is a harmless success.

    Raises OutOfReach, Conflict or Locked.
    """
    gone = TimeEntry.with_deleted.visible_to(actor).deleted().filter(pk=entry_id).first()
    if gone is not None:
        return gone
    entry, sheet, drawn = _locked(actor, entry_id, version, {})
    _verdict(_policy(actor, timezone.now()), entry, sheet).enforce()
    entry.deleted_at = entry.updated_at = timezone.now()
    entry.deleted_by = actor
    entry.save()
    coverage.share_out(actor, drawn)
    audit.record(actor, "time_entry.deleted", entry, on_behalf_of=_other(actor, entry.member))
    settling.settle(actor, sheet, entry, was=entry.status, now_is="", what=settling.DELETED, member=entry.member)
    return entry


@transaction.atomic
def restore(actor: Membership, entry_id: int, *, version: int | None = None) -> TimeEntry:
    """Bring a deleted entry back, with the same id; only the edit window does not bind here.

    `version` is the one that the deletion left behind. Raises OutOfReach (also after 30 days), Conflict, Locked, or
    RuleViolation `day_too_long`, `budget_exceeded`, `timer_ran_on`.
    """
    entry = TimeEntry.with_deleted.visible_to(actor).select_related(*HELD).filter(pk=entry_id).first()
    if entry is None:
        raise OutOfReach
    if entry.deleted_at is None:
        return entry
    if timezone.now() - entry.deleted_at > dt.timedelta(days=locking.RESTORABLE_DAYS):
        raise OutOfReach
    require(actor, Permission.EDIT_TIME, owner=entry.member_id)
    if version not in (None, entry.version):
        raise Conflict(entry)
    entry.member.organisation = actor.organisation
    lock_date.hold_still(actor.organisation)
    budgets.hold(actor.organisation, lambda: entry.project)
    drawn = coverage.pools([(entry.agreement, entry.date)])
    entry_weeks.hold(drawn, entry.member, {entry.date, entry_weeks.filed_on(entry)})
    sheet = timesheets.lock_sheet(entry.timesheet_id)
    entry = TimeEntry.with_deleted.select_related(*DECIDING).locked(entry.pk, entry.version)
    entry.member.organisation = actor.organisation
    entry.status = approval.status_when_restored(entry.status, sheet.state)
    policy = _policy(actor, timezone.now())
    _verdict(policy, entry, sheet, ignore_window=True).enforce()
    entry_checks.check_not_timed_again(entry)
    entry_checks.check_required(entry)
    entry_checks.check_overlap(entry)
    entry_checks.check_day(entry, entry.member)
    entry.deleted_at = entry.deleted_by = None
    entry.updated_at = timezone.now()
    entry_decisions.decide(entry, RateBook(actor.organisation))
    entry.save()
    coverage.share_out(actor, drawn, written=entry)
    budgets.check(entry)
    audit.record(actor, "time_entry.restored", entry, on_behalf_of=_other(actor, entry.member))
    settling.settle(actor, sheet, entry, was="", now_is=entry.status, what=settling.RESTORED, member=entry.member)
    return entry


def _locked(
    actor: Membership, entry_id: int, version: int | None, fields: TimeEntryFields, week: dt.date | None = None
) -> tuple[TimeEntry, Timesheet, list[coverage.Pool]]:
    """Permit and lock: the included hours that it draws from, the entry's week, then the entry, as every writer does.

    `fields` and `week` are what it gets: of two weeks the one with the lower id is locked first, by everybody.
    """
    found = TimeEntry.objects.visible_to(actor).select_related(*HELD).filter(pk=entry_id).first()
    if found is None:
        raise OutOfReach
    require(actor, Permission.EDIT_TIME, owner=found.member_id)
    found.member.organisation = actor.organisation
    lock_date.hold_still(actor.organisation)
    day = fields.get("date", found.date)
    names_link = any(name in fields for name in LINK_FIELDS)
    agreement = entry_links.agreement_of(**fields) if names_link else found.agreement
    budgets.hold(actor.organisation, lambda: entry_links.project_of(**fields) if names_link else found.project)
    drawn = coverage.pools([(found.agreement, found.date), (agreement, day)])
    filed_on = entry_weeks.filed_on(found)
    if filed_on == found.date and (week is None or timesheets.is_one_week(found.member, week, day)):
        coverage.hold(drawn, places=[(found.member_id, found.date), (found.member_id, day)])
        if day != found.date:
            timesheets.hold_lower(found.member_id, day, than=found.timesheet_id)
    else:
        entry_weeks.hold(drawn, found.member, {filed_on, found.date, day, week or day})
    sheet = timesheets.lock_sheet(found.timesheet_id)
    entry = TimeEntry.objects.select_related(*DECIDING).locked(entry_id, version)
    if (entry.timesheet_id, entry.agreement_id, entry.date) != (sheet.pk, found.agreement_id, found.date):
        raise Conflict(entry)  # it moved while we waited
    entry.member.organisation = actor.organisation
    return entry, sheet, drawn


def _policy(actor: Membership, now: dt.datetime) -> locking.Policy:
    return locking.policy_of(actor, now, PeriodReopening.objects.in_force(actor.organisation, now))


def _settle_both(actor: Membership, entry: TimeEntry, sheet: Timesheet, target: Timesheet, *, was: str) -> None:
    """The entry's week, or both of them where it moved."""
    if target.pk == sheet.pk:
        settling.settle(actor, sheet, entry, was=was, now_is=entry.status, what=settling.CHANGED, member=entry.member)
        return
    settling.settle(actor, sheet, entry, was=was, now_is="", what=settling.CHANGED, member=entry.member)
    settling.settle(actor, target, entry, was="", now_is=entry.status, what=settling.CHANGED, member=entry.member)


def _verdict(
    policy: locking.Policy, entry: TimeEntry, sheet: Timesheet, *, ignore_window: bool = False
) -> locking.Verdict:
    return locking.may_change(
        policy,
        status=entry.status,
        date=entry.date,
        created_at=entry.created_at,
        week_state=sheet.state,
        week_reopened=sheet.reopened_at is not None,
        member_id=entry.member_id,
        ignore_window=ignore_window,
        invoice=invoice_number_of(entry),
    )


def _link_of(fields: TimeEntryFields, entry: TimeEntry | None = None) -> Link:
    """The link that was asked for; an edit that names none of its fields keeps the entry's own."""
    asked: dict[str, Any] = {name: fields[name] for name in LINK_FIELDS if name in fields}  # type: ignore[literal-required]
    if entry is not None and not asked:
        return Link(entry.kind, **{name: getattr(entry, name) for name in Link.NAMES})
    return entry_links.resolve(asked.pop("kind", entry.kind if entry else None), **asked)


def take_defaults(entry: TimeEntry, link: Link, fields: TimeEntryFields, book: RateBook) -> None:
    """The work role and work type of what names none."""
    if "work_role" not in fields:
        entry.work_role = book.role(entry.member.default_work_role_id)
    if "work_type" not in fields and link.kind != TimeEntry.Kind.GENERAL:
        entry.work_type = book.default_type()


def _apply(entry: TimeEntry, link: Link, fields: TimeEntryFields, book: RateBook) -> None:
    """Put the values on the entry and decide what follows from them."""
    entry.kind = link.kind
    for name in Link.NAMES:
        setattr(entry, name, getattr(link, name))
    for name in PLAIN_FIELDS:
        if name in fields:
            entry_checks.check_in_use(entry, name, fields[name])  # type: ignore[literal-required]
            setattr(entry, name, fields[name])  # type: ignore[literal-required]
    if "date" in fields:
        if entry.date not in (None, fields["date"]) and "started_at" not in fields and "ended_at" not in fields:
            entry_checks.move_day(entry, fields["date"])
        entry.date = fields["date"]
    if "subject" in fields:
        entry.subject = entry_checks.subject(fields["subject"])
    if not entry.subject:
        raise RuleViolation("subject_required", _("Enter a subject"), "subject")
    given = fields.get("minutes")
    if given is not None and "started_at" not in fields and "ended_at" not in fields:
        entry_checks.move_end(entry, given)
    entry.minutes = entry_checks.minutes(entry, fields.get("minutes", entry.minutes))
    entry_checks.check_texts(entry)
    entry_decisions.decide(entry, book)


def _another_could_approve(actor: Membership, entry: TimeEntry) -> bool:
    if entry.status != TimeEntry.Status.APPROVED or entry.member_id != actor.pk:
        return False
    return approvers.is_another(actor)


def _first_values(entry: TimeEntry) -> dict[str, tuple[Any, Any]]:
    values = audit.snapshot(entry, AUDITED)
    return {name: (None, value) for name, value in values.items() if value not in (None, "")}


def _other(actor: Membership, member: Membership) -> Membership | None:
    return member if member.pk != actor.pk else None


def refusal(actor: Membership, entry: TimeEntry) -> Locked | None:
    """Why `actor` could not change the entry now, in the words that `edit` would use; None if they could."""
    verdict = _verdict(_policy(actor, timezone.now()), entry, entry.timesheet)
    return None if verdict.allowed else Locked(verdict.code, verdict.reason, verdict.until, verdict.who_helps)
