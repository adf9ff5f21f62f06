"""Where a member's week stands, in a sentence, and what the reader may do with it now: the strip above the days.

What is offered, and what is refused with its reason, is asked of the same rules that the services ask.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership
from accounts.permissions import Permission, can
from timesheets_site.lib import dates
from timesheets_site.lib.addresses import address
from timesheets_site.lib.printable import Printable
from timetracking.models import PeriodReopening, TimeEntry, Timesheet
from timetracking.rules import approval, deadlines, durations, locking, targets
from timetracking.rules.targets import Targets
from timetracking.selectors.entry_rows import EntryRow
from timetracking.selectors.week_days import log_url
from timetracking.selectors.week_query import WeekQuery
from timetracking.selectors.week_sheet import count, first_approvals, listed, recipients, rejections, time_off

State = Timesheet.State
LONGEST_QUOTE = 240


@dataclass(frozen=True, slots=True)
class Action(Printable):
    """A button. `way` is how it is done with script: open the "dialog", "post" at once, or follow the "link"."""

    id: str
    label: str
    url: str
    icon: str
    way: str
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class WeekStatus(Printable):
    """`lead` is what matters most of the sentence. `more` are actions behind the menu."""

    state: str
    chip: str
    tone: str
    icon: str
    lead: str
    text: str
    actions: tuple[Action, ...] = ()
    more: tuple[Action, ...] = ()


def status_of(
    query: WeekQuery, sheet: Any, rows: Collection[EntryRow] | None, own: Targets | None
) -> WeekStatus | None:
    """The strip of one member's week; None for everyone and for other ranges of days.

    `sheet` is the stored one, None while there is none; `rows` are those of the whole week, where they were all read.
    One or two queries without them, and one or two for a week that waits, was returned or lies in a closed period.
    `own` are the member's targets.
    """
    if query.member is None or own is None or not query.is_week:
        return None
    if sheet is not None:
        count(sheet, rows)
    return _Strip(query, query.member, sheet, own, rows).status()


class _Strip:
    """One week as one reader sees it."""

    def __init__(
        self, query: WeekQuery, member: Membership, sheet: Any, own: Targets, rows: Collection[EntryRow] | None
    ) -> None:
        self.query, self.member, self.sheet, self.rows = query, member, sheet, rows
        self.own, self.target = own, own.between(query.first, query.last)
        self.organisation, self.zone = query.actor.organisation, query.actor.zone
        self.now = timezone.now()
        self.is_own = query.is_own
        self.decides = can(query.actor, Permission.APPROVE_TIMESHEET)
        self.state = sheet.state if sheet is not None else State.DRAFT.value
        self.total = sheet.total if sheet is not None else 0
        self.closed = self._closed()

    def status(self) -> WeekStatus:
        if self.state == State.APPROVED:
            return self._approved()
        if self.state in Timesheet.WAITING:
            return self._waiting()
        if self.state in Timesheet.RETURNED:
            return self._returned()
        return self._unsent()

    # --- Not sent ---

    def _unsent(self) -> WeekStatus:
        is_ready = self.state == State.SAVED
        submit, mark = self._submit(_("Submit week")), self._mark(is_ready)
        if not self.closed.allowed:
            text = _("It can still be submitted; it is then posted on %(day)s.") % {"day": self._posting_day()}
            chip = (_("Locked"), "", "lock")
            return WeekStatus(self.state, *chip, self.closed.reason, text if submit else "", submit)
        due = self._due_at()
        is_late = due is not None and due <= self.now
        if due is not None and is_late:
            chip, text = (_("Overdue"), "warn", "warn"), _("This week was due %(moment)s") % self._moment(due)
            text = " · ".join([text, _("marked ready")]) if is_ready else text
        elif is_ready:
            chip = (_("Ready"), "accent", "check")
            text = _("Marked ready. Submit it when you like.") if self.is_own else _("Marked ready.")
        else:
            chip, text = (_("Draft"), "warn", "pencil"), self._to_go()
            text = format_html("{} · {}", text, _("submit by %(moment)s") % self._moment(due)) if due else text
        if not self.total:
            actions = (*self._log(), *self._copy(), *(mark if is_ready else ()), *submit)
            return WeekStatus(self.state, *chip, _("Nothing logged this week."), text, actions, self._templates())
        copy = self._copy()
        if is_ready or is_late:
            actions, more = (*(mark if is_ready else ()), *submit), (*(() if is_ready else mark), *copy)
        else:
            actions, more = (*copy, *submit), mark
        return WeekStatus(self.state, *chip, "", text, actions, (*more, *self._templates()))

    def _to_go(self) -> str:
        if not self.target:
            return _("Nothing is expected this week")
        left = self.target - self._counted()
        if left <= 0:
            return _("The week's target is reached")
        duration = format_html("<b>{}</b>", durations.format_minutes(left))
        return format_html(_("{duration} to go this week"), duration=duration)

    def _counted(self) -> int:
        """The minutes that count towards the week's target: all but time off where nothing was expected."""
        if self.sheet is None:
            return 0
        off: dict[dt.date, int] = defaultdict(int)
        for day, minutes in time_off(self.sheet, self.rows):
            off[day] += minutes
        logged: int = self.sheet.minutes
        return logged - targets.idle(off, {day: self.own.on(day).minutes for day in off})

    def _due_at(self) -> dt.datetime | None:
        """When the week has to be sent; None without a deadline, or where it is empty and nothing was expected."""
        days = self.organisation.deadline_days
        if days is None or not (self.total or self.target):
            return None
        time = self.organisation.deadline_time
        return deadlines.due_at(self.query.first, days=days, time=time, zone=self.member.zone)

    def _submit(self, label: str, *, is_primary: bool = False) -> tuple[Action, ...]:
        verdict = approval.may_submit(
            self.state, entries=self.total, empty_allowed=self.organisation.empty_weeks_allowed
        )
        if not verdict.allowed:
            return ()
        if not self.is_own:
            label = _("Submit for %(name)s") % {"name": self.member.display_name}
        return (Action("week-submit", label, self._url("week-submit"), "send", "dialog", is_primary),)

    def _mark(self, is_ready: bool) -> tuple[Action, ...]:
        if not self.is_own or not (self.total or is_ready):
            return ()
        if is_ready:
            url = self._url("week-draft", versioned=True)
            return (Action("week-draft", _("Back to draft"), url, "pencil", "post"),)
        return (Action("week-ready", _("Mark as ready"), self._url("week-ready", versioned=True), "check", "post"),)

    # --- Filled by the product ---

    def _takes_time(self) -> bool:
        """May the reader log in this week: theirs to write, and not all of it in a future that takes none?"""
        member, organisation = self.member, self.organisation
        is_open = organisation.future_dates_allowed or self.query.first <= self.query.today
        return is_open and can(self.query.actor, Permission.LOG_TIME, owner=member.pk)

    def _log(self) -> tuple[Action, ...]:
        if not self._takes_time():
            return ()
        today = self.query.today
        url = log_url(self.query, today if self.query.first <= today <= self.query.last else self.query.last)
        return (Action("week-log", _("Log time"), url, "plus", "dialog"),)

    def _copy(self) -> tuple[Action, ...]:
        if not self._takes_time():
            return ()
        return (Action("week-copy", _("Copy last week"), self._url("week-copy"), "copy", "dialog"),)

    def _templates(self) -> tuple[Action, ...]:
        """Templates are one's own, for one's own week."""
        if not self.is_own or not self._takes_time():
            return ()
        week = f"?week={self.query.first}"
        use = address("week-templates", self.organisation.slug) + week
        found = [Action("week-templates", _("Use a template"), use, "calendar", "link")]
        if self.total:
            keep = address("week-template-new", self.organisation.slug) + week
            found.append(Action("week-keep", _("Save this week as template"), keep, "copy", "link"))
        return tuple(found)

    # --- Sent ---

    def _waiting(self) -> WeekStatus:
        sheet = self.sheet
        recall = approval.may_recall(self.state, submitted_at=sheet.submitted_at, decided_at=sheet.decided_at)
        actions: tuple[Action, ...] = ()
        if self.is_own and recall.allowed:
            actions = (Action("week-recall", _("Recall"), self._url("week-recall", versioned=True), "undo", "post"),)
        elif not self.is_own and self.decides:
            actions = (Action("week-review", _("Review"), self._approval_url(), "clipcheck", "link"),)
        why = recall.reason if self.is_own and not recall.allowed else ""
        if self.state == State.SUBMITTED:
            text = " ".join(filter(None, (self._sent(), why)))
            return WeekStatus(self.state, _("Submitted"), "accent", "send", "", text, actions)
        text = " ".join(filter(None, (self._progress(), why)))
        return WeekStatus(self.state, _("Partly approved"), "accent", "clipcheck", "", text, actions)

    def _sent(self) -> str:
        by, at = self.sheet.submitted_by, self.sheet.submitted_at
        if at is None:
            return _("Waiting for a decision.")
        names, day = recipients(self.sheet), self._day(at)
        values = {"names": names, "day": day, "person": by.display_name if by else ""}
        if not names:
            return _("Sent on %(day)s.") % values
        if by is not None and by.pk != self.member.pk:
            return _("Sent to %(names)s on %(day)s by %(person)s.") % values
        return _("Sent to %(names)s on %(day)s.") % values

    def _progress(self) -> str:
        approved = self._n(TimeEntry.Status.APPROVED, TimeEntry.Status.BILLED)
        waiting = self._n(TimeEntry.Status.SUBMITTED)
        if approved:
            words = ngettext(
                "%(approved)s of %(count)s entry approved, %(waiting)s still waiting.",
                "%(approved)s of %(count)s entries approved, %(waiting)s still waiting.",
                self.total,
            )
            return words % {"approved": approved, "count": self.total, "waiting": waiting}
        words = ngettext(
            "%(given)s of %(count)s entry has the first of two approvals.",
            "%(given)s of %(count)s entries have the first of two approvals.",
            self.total,
        )
        return words % {"given": first_approvals(self.sheet), "count": self.total}

    # --- Decided ---

    def _approved(self) -> WeekStatus:
        sheet, verdict = self.sheet, self._may_reopen()
        texts = [self._approved_by()]
        actions: tuple[Action, ...] = ()
        if not verdict.allowed:
            texts.append(verdict.reason)
        elif sheet.reopening_asked_at is not None:
            texts.append(_("Reopening was asked for on %(day)s.") % {"day": self._day(sheet.reopening_asked_at)})
        elif not self.decides:
            texts.append(_("Ask a manager to reopen it."))
            actions = (Action("week-ask", _("Ask to reopen"), self._url("week-ask"), "undo", "dialog"),)
        if verdict.allowed and self.decides:
            actions = (Action("week-reopen", _("Reopen"), self._approval_url("approval-reopen"), "undo", "link"),)
        return WeekStatus(self.state, _("Approved"), "ok", "check", "", " ".join(texts), actions)

    def _approved_by(self) -> str:
        if self.sheet.decided_by is None or self.sheet.decided_at is None:
            return _("Approved.")
        values = {"name": self.sheet.decided_by.display_name, "day": self._day(self.sheet.decided_at)}
        return _("Approved by %(name)s on %(day)s.") % values

    def _may_reopen(self) -> locking.Verdict:
        """As `approval_reversals.reopen` asks."""
        all_billed = bool(self.total) and self._n(TimeEntry.Status.BILLED) == self.total
        return approval.may_reopen(self.state, all_billed=all_billed, period=self.closed)

    def _returned(self) -> WeekStatus:
        rejected, left = self._n(TimeEntry.Status.REJECTED), self._n(TimeEntry.Status.OPEN)
        actions = self._submit(_("Submit again"), is_primary=True)
        if rejected and "status" not in self.query.params and self.state == State.PARTIALLY_DECLINED:
            label = _("Show the %(count)s") % {"count": rejected}
            url = address("week-of", self.organisation.slug, self.query.first)
            url += self.query.address(status=TimeEntry.Status.REJECTED.value)
            actions = (Action("week-rejected", label, url, "eye", "week"), *actions)
        lead, asked = self._rejected(rejected)
        texts = [asked if self.is_own else "", *self._others(rejected, left)]
        if not self.closed.allowed:
            texts.append(self.closed.reason)
        is_partial = self.state == State.PARTIALLY_DECLINED
        chip = _("Partly rejected") if is_partial else _("Rejected")
        return WeekStatus(self.state, chip, "danger", "undo", lead, " ".join(filter(None, texts)), actions)

    def _rejected(self, count: int) -> tuple[str, str]:
        """Who rejected what, and what to do about it."""
        again = _("Submit the week again.")
        names, reason = rejections(self.sheet)
        values = {"names": listed(names) or _("Somebody"), "count": count, "reason": _shortened(reason)}
        if self.state == State.DECLINED and reason:
            return _("%(names)s rejected this week: “%(reason)s”") % values, ""
        if not count:
            return "", again
        lead = ngettext("%(names)s rejected %(count)s entry.", "%(names)s rejected %(count)s entries.", count) % values
        fix = ngettext("Fix it and submit the week again.", "Fix them and submit the week again.", count)
        return lead, fix

    def _others(self, rejected: int, left: int) -> list[str]:
        approved = self._n(TimeEntry.Status.APPROVED, TimeEntry.Status.BILLED)
        waiting = self._n(TimeEntry.Status.SUBMITTED)
        found = []
        if approved and not (left or waiting) and rejected:
            words = ngettext(
                "The other one is approved and locked.", "The other %(count)s are approved and locked.", approved
            )
            found.append(words % {"count": approved})
        elif approved:
            words = ngettext("%(count)s is approved and locked.", "%(count)s are approved and locked.", approved)
            found.append(words % {"count": approved})
        if waiting:
            words = ngettext("%(count)s waits for a decision.", "%(count)s wait for a decision.", waiting)
            found.append(words % {"count": waiting})
        if left:
            found.append(ngettext("%(count)s is not sent yet.", "%(count)s are not sent yet.", left) % {"count": left})
        return found

    # --- Parts ---

    def _closed(self) -> locking.Verdict:
        """May anything be written on the week's last day? Else the period is closed, and why."""
        lock_date = self.organisation.lock_date
        if lock_date is None or self.query.last > lock_date:
            return locking.ALLOWED
        reopened = PeriodReopening.objects.in_force(self.organisation, self.now)
        policy = locking.policy_of(self.query.actor, self.now, reopened)
        return locking.may_log(policy, date=self.query.last, week_state=State.DRAFT, member_id=self.member.pk)

    def _posting_day(self) -> str:
        return dates.full(approval.posting_date(self.query.last, self.organisation.lock_date))

    def _n(self, *statuses: TimeEntry.Status) -> int:
        return sum(getattr(self.sheet, f"n_{status.lower()}") for status in statuses)

    def _moment(self, moment: dt.datetime) -> dict[str, str]:
        return {"moment": dates.moment(moment, self.zone)}

    def _day(self, moment: dt.datetime) -> str:
        return dates.weekday_day_month(moment.astimezone(self.zone).date())

    def _url(self, name: str, *, versioned: bool = False) -> str:
        parts = [] if self.is_own else [f"agent={self.member.pk}"]
        if versioned:
            parts.append(f"version={self.sheet.version if self.sheet is not None else 0}")
        url = address(name, self.organisation.slug, self.query.first)
        return f"{url}?{'&'.join(parts)}" if parts else url

    def _approval_url(self, name: str = "approval") -> str:
        return address(name, self.organisation.slug, self.sheet.pk)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else f"{line[: LONGEST_QUOTE - 1].rstrip()}…"
