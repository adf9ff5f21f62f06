"""One week before somebody who decides on it: figures, findings, entries by day with what may be decided, history."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.errors import OutOfReach
from timesheets_site.lib.printable import Printable
from timetracking.models import ApprovalEvent, PeriodReopening, TimeEntry, Timesheet
from timetracking.rules import approval, locking, routing, week_checks, weeks
from timetracking.selectors import week_history
from timetracking.selectors.approval_findings import Finding, findings_of
from timetracking.selectors.approval_query import InboxQuery
from timetracking.selectors.approval_routing import Desk
from timetracking.selectors.entry_rows import COLUMNS, EntryRow, rows_from
from timetracking.selectors.marked_up import hm

Status, State = TimeEntry.Status, Timesheet.State
APPROVE, REJECT, LATER = CHOICES = ("approve", "reject", "later")
MORE_COLUMNS = (
    "description", "started_at", "ended_at", "zone",
    "project__manager_id", "first_approved_by_id", "first_approved_as_id",
)  # fmt: skip
TONES = {State.APPROVED: "ok", State.DECLINED: "danger", State.PARTIALLY_DECLINED: "danger", State.DRAFT: "outline"}
LONG_TEXT = 160


@dataclass(frozen=True)
class Typed:
    """What a form held that comes back: choices and reasons by entry, what is wrong with them, what had been shown."""

    choices: Mapping[int, str] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    errors: Mapping[int, str] = field(default_factory=dict)
    reason: str = ""
    reason_error: str = ""
    shown: Mapping[int, int] | None = None
    """Entries with their versions as they were shown; what differs is marked."""
    message: str = ""


@dataclass(frozen=True, slots=True)
class ReviewLine(Printable):
    """One entry. `lock` says why it can't be decided here; `hint` what else there is to say of the decision."""

    row: EntryRow
    description: str
    is_long: bool
    times: str
    lock: str
    hint: str
    can_approve: bool
    can_reject: bool
    choice: str
    reason: str
    error: str
    is_changed: bool

    @property
    def may_decide(self) -> bool:
        return self.can_approve or self.can_reject


@dataclass(frozen=True, slots=True)
class ReviewDay(Printable):
    label: str
    hm: str
    lines: tuple[ReviewLine, ...]

    @property
    def may_decide(self) -> bool:
        return any(line.may_decide for line in self.lines)


@dataclass(frozen=True, slots=True)
class Figure(Printable):
    label: str
    icon: str
    tone: str
    hm: str


@dataclass(frozen=True)
class Review(Printable):
    """`can_decide`: there is something to decide on; `is_sent`: also on the week as a whole."""

    id: int
    version: int
    name: str
    initials: str
    avatar: int
    title: str
    period: str
    sent: str
    posting: str
    chip: str
    tone: str
    figures: tuple[Figure, ...]
    note: str
    findings: tuple[Finding, ...]
    fine: tuple[str, ...]
    days: tuple[ReviewDay, ...]
    notices: tuple[str, ...]
    can_decide: bool
    is_sent: bool
    can_reject_week: bool
    approves_all: bool
    query: str
    week_url: str
    back_url: str
    next_url: str
    reopen_url: str
    undo_version: int
    undo_query: str
    shown: str
    typed: Typed
    history: week_history.WeekHistory


def sheet_for(actor: Membership, sheet_id: int) -> Timesheet:
    """The week within the actor's reach, with its people. Raises OutOfReach."""
    found = Timesheet.objects.visible_to(actor).select_related("member__user", "submitted_by", "decided_by")
    sheet: Timesheet | None = found.filter(pk=sheet_id).first()
    if sheet is None:
        raise OutOfReach
    sheet.member.organisation = actor.organisation
    return sheet


def review_of(desk: Desk, query: InboxQuery, sheet: Timesheet, typed: Typed | None = None) -> Review:
    """The week as the actor sees it now. The number of queries does not depend on its entries or its history."""
    return _Review(desk, query, sheet, typed or Typed()).made()


class _Review:
    def __init__(self, desk: Desk, query: InboxQuery, sheet: Timesheet, typed: Typed) -> None:
        self.desk, self.query, self.sheet, self.typed = desk, query, sheet, typed
        self.actor, self.member, self.zone = desk.actor, sheet.member, desk.actor.zone
        columns = (*COLUMNS, *MORE_COLUMNS)
        entries = TimeEntry.objects.filter(timesheet=sheet).order_by("date", "created_at", "pk").values_list(*columns)
        found = list(entries)
        self.rows = rows_from(self.actor, [values[: len(COLUMNS)] for values in found])
        self.more = [dict(zip(columns, values, strict=True)) for values in found]
        self.is_own = desk.is_own(self.member)

    def made(self) -> Review:
        sheet, member, slug = self.sheet, self.member, self.actor.organisation.slug
        answers = [self._answer(entry) for entry in self.more]
        lines = [self._line(*each) for each in zip(self.rows, self.more, answers, strict=True)]
        can_decide = any(line.may_decide for line in lines) or self._is_empty_and_mine()
        is_sent = sheet.state not in Timesheet.UNSENT
        findings, fine = findings_of(sheet, member, [self._worked(entry) for entry in self.more], self.zone)
        suffix, following, undo_version = self.query.address(), self.query.after(sheet), self._undo_version()
        return Review(
            id=sheet.pk,
            version=sheet.version,
            name=member.display_name,
            initials=member.initials,
            avatar=member.avatar,
            title=dates.day_range(sheet.week_start, sheet.week_end),
            period=_("week %(number)s") % {"number": weeks.year_and_period(sheet.week_start)[1]},
            sent=self._sent(),
            posting=_("posted on %(day)s") % {"day": dates.full(sheet.posting_date)} if sheet.posting_date else "",
            chip=_("Waiting") if sheet.state == State.SUBMITTED else str(State(sheet.state).label),
            tone=TONES.get(State(sheet.state), "warn"),
            figures=tuple(self._figures()),
            note=sheet.note,
            findings=findings,
            fine=fine,
            days=tuple(self._days(lines)),
            notices=tuple(self._notices(answers, can_decide)),
            can_decide=can_decide,
            is_sent=is_sent,
            can_reject_week=is_sent and (any(line.can_reject for line in lines) or (can_decide and not lines)),
            approves_all=all(line.choice == APPROVE for line in lines if line.may_decide),
            query=suffix,
            week_url=f"{address('week-of', slug, sheet.week_start)}?agent={member.pk}",
            back_url=address("approvals", slug) + suffix,
            next_url=address("approval", slug, following) + suffix if following else "",
            reopen_url=address("approval-reopen", slug, sheet.pk) + suffix if self._may_reopen() else "",
            undo_version=undo_version,
            undo_query=self.query.address(version=undo_version),
            shown=",".join(f"{row.id}:{row.version}" for row in self.rows),
            typed=self.typed,
            history=week_history.history_of(self.actor, member, sheet.week_start),
        )

    # --- Entries ---

    def _answer(self, entry: Mapping[str, Any] | None) -> routing.Answer:
        lead = entry["project__manager_id"] if entry else None
        by, acting_as = (entry["first_approved_by_id"], entry["first_approved_as_id"]) if entry else (None, None)
        first = (by, acting_as) if by is not None and acting_as is not None else None
        return self.desk.answer_line(routing.Line(self.member.pk, self.member.line_manager_id, lead), first)

    def _line(self, row: EntryRow, entry: Mapping[str, Any], answer: routing.Answer) -> ReviewLine:
        typed, status = self.typed, row.status
        can_approve = answer.may_decide and status in approval.APPROVABLE
        waits = answer.outcome == routing.WAITS
        can_reject = (answer.may_decide or waits) and status in approval.REJECTABLE
        if self.is_own:
            can_approve = can_reject = False
        usual = APPROVE if can_approve and status == Status.SUBMITTED else LATER
        return ReviewLine(
            row=row,
            description=entry["description"],
            is_long=len(entry["description"]) > LONG_TEXT,
            times=self._times(entry),
            lock="" if can_approve or can_reject else self._lock(status, answer),
            hint=str(self.desk.refusal([answer])) if waits and can_reject else "",
            can_approve=can_approve,
            can_reject=can_reject,
            choice=typed.choices.get(row.id, usual),
            reason=typed.reasons.get(row.id, ""),
            error=typed.errors.get(row.id, ""),
            is_changed=typed.shown is not None and typed.shown.get(row.id) != row.version,
        )

    def _lock(self, status: str, answer: routing.Answer) -> str:
        if status in (Status.APPROVED, Status.BILLED):
            return _("Approved") if status == Status.APPROVED else _("On an invoice")
        return str(self.desk.refusal([answer]))

    def _times(self, entry: Mapping[str, Any]) -> str:
        if entry["started_at"] is None or entry["ended_at"] is None:
            return ""
        zone = zoneinfo.ZoneInfo(entry["zone"])
        start, end = (entry[name].astimezone(zone) for name in ("started_at", "ended_at"))
        return f"{start:%H:%M} – {end:%H:%M}"

    def _worked(self, entry: Mapping[str, Any]) -> week_checks.Worked:
        lacks = week_checks.lacks_description(
            self.actor.organisation.description_required, billable=entry["billable"], description=entry["description"]
        )
        number, code = entry["ticket__number"], entry["project__code"]
        label = f"TKT-{number}" if number else code or entry["subject"]
        times = entry["started_at"], entry["ended_at"]
        is_time_off = bool(entry["charge_code__is_time_off"])
        return week_checks.Worked(entry["date"], entry["minutes"], lacks, *times, label, is_time_off)

    def _days(self, lines: Iterable[ReviewLine]) -> Iterable[ReviewDay]:
        by_day: dict[str, list[ReviewLine]] = defaultdict(list)
        for line in lines:
            by_day[line.row.date_iso].append(line)
        for iso, found in by_day.items():
            day = dt.date.fromisoformat(iso)
            total = sum(line.row.minutes for line in found)
            yield ReviewDay(f"{dates.weekday_long(day)} {dates.day_month(day)}", hm(total), tuple(found))

    def _figures(self) -> Iterable[Figure]:
        def total(**wanted: Any) -> str:
            rows = [row for row in self.rows if all(getattr(row, name) == value for name, value in wanted.items())]
            return hm(sum(row.minutes for row in rows))

        yield Figure(_("Total"), "clock", "ink", total())
        yield Figure(_("Billable"), "receipt", "accent", total(billable=True))
        yield Figure(_("Tickets"), "ticket", "ticket", total(kind="ticket"))
        yield Figure(_("Projects"), "layers", "project", total(kind="project"))
        yield Figure(_("Manual"), "tag", "general", total(kind="general"))

    # --- The week ---

    def _sent(self) -> str:
        sheet = self.sheet
        if sheet.submitted_at is None:
            return _("Not submitted")
        values = {"moment": dates.moment(sheet.submitted_at, self.zone), "person": sheet.submitted_by}
        if sheet.submitted_by_id not in (None, self.member.pk):
            return _("Submitted %(moment)s by %(person)s") % values
        return _("Submitted %(moment)s") % values

    def _notices(self, answers: list[routing.Answer], can_decide: bool) -> Iterable[str]:
        sheet = self.sheet
        if self.is_own:
            yield _("Another manager must approve your week.")
        elif sheet.state in Timesheet.UNSENT and self.rows:
            yield _("This week is not submitted. Single entries of it can be decided on already.")
        elif sheet.state in Timesheet.WAITING and not can_decide:
            waiting = [a for a, row in zip(answers, self.rows, strict=True) if row.status == Status.SUBMITTED]
            yield str(self.desk.refusal(waiting or [self._answer(None)]))
        elif any(a.outcome == routing.FIRST for a in answers) and sheet.state in Timesheet.WAITING:
            yield _("Two approvals are needed here. Yours is the first.")
        if sheet.reopening_asked_at is not None and sheet.state == State.APPROVED:
            values = {"name": self.member.display_name, "moment": dates.moment(sheet.reopening_asked_at, self.zone)}
            yield _("%(name)s asked on %(moment)s to reopen this week.") % values

    def _is_empty_and_mine(self) -> bool:
        waits = not self.rows and self.sheet.state in Timesheet.WAITING
        return waits and not self.is_own and self._answer(None).may_decide

    def _may_reopen(self) -> bool:
        """As `approval_reversals.reopen` asks."""
        if not approval.may_reopen(self.sheet.state).allowed:
            return False
        if self.rows and all(row.status == Status.BILLED for row in self.rows):
            return False
        now = timezone.now()
        policy = locking.policy_of(self.actor, now, PeriodReopening.objects.in_force(self.actor.organisation, now))
        last = self.sheet.week_end
        return locking.may_log(policy, date=last, week_state=State.DRAFT, member_id=self.member.pk).allowed

    def _undo_version(self) -> int:
        """The version that names the actor's own last decision, while nothing else happened since; else 0."""
        last = ApprovalEvent.objects.filter(timesheet=self.sheet).order_by("-pk").first()
        if last is None or last.action not in ApprovalEvent.DECISIONS or last.actor_id != self.actor.pk:
            return 0
        return int(last.version) if last.version == self.sheet.version else 0
