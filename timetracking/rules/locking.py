"""May this entry be changed, and until when? One answer for pages, forms, admin, imports and APIs.

The order of the questions (permission comes before them): is it billed, is the period closed, is the week submitted
or approved, is the edit window over. Managers and admins are bound by the first two only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import Permission, Reach, reach
from timesheets_site.lib import dates
from timesheets_site.lib.errors import Locked
from timetracking.models.time_entries import TimeEntry
from timetracking.models.timesheets import Timesheet

RESTORABLE_DAYS = 30
Status, State = TimeEntry.Status, Timesheet.State
CLOSED_STATES = frozenset({State.SUBMITTED, State.PARTIALLY_APPROVED, State.APPROVED})
MEMBER, MANAGER, ADMIN, BILLER = "member", "manager", "admin", "biller"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allowed, or the reason in words; `until` is the instant (aware) until which it is, or was, allowed.

    `who_helps` is who can do something about a refusal: MEMBER (whose week it is), MANAGER, ADMIN or BILLER.
    """

    allowed: bool
    code: str = ""
    reason: str = ""
    until: dt.datetime | None = None
    who_helps: str = ""

    def enforce(self) -> None:
        """Raises Locked with this verdict's code and words, unless it allows."""
        if not self.allowed:
            raise Locked(self.code, self.reason, self.until, self.who_helps)


ALLOWED = Verdict(True)


@dataclass(frozen=True, slots=True)
class Policy:
    """What an organisation has settled, and for whom the question is asked now."""

    now: dt.datetime
    zone: dt.tzinfo
    edit_window_hours: int
    lock_date: dt.date | None
    unrestricted: bool
    """The actor's permission reaches everybody's entries: week and edit window do not bind them."""
    reopened: Mapping[int, dt.date] = field(default_factory=dict)
    """From which day on a closed period is open again, by member."""

    def is_closed(self, date: dt.date, member_id: int | None) -> bool:
        """Is this local day of a member in a closed period?"""
        if self.lock_date is None or date > self.lock_date:
            return False
        first_open = self.reopened.get(member_id) if member_id is not None else None
        return first_open is None or date < first_open


def policy_of(actor: Membership, now: dt.datetime, reopened: Mapping[int, dt.date]) -> Policy:
    """What binds `actor` when they change entries at `now`; moments are told in the actor's zone.

    `reopened` is `PeriodReopening.objects.in_force(…)`.
    """
    return Policy(
        now=now,
        zone=actor.zone,
        edit_window_hours=actor.organisation.edit_window_hours,
        lock_date=actor.organisation.lock_date,
        unrestricted=reach(actor, Permission.EDIT_TIME) is Reach.ALL,
        reopened=reopened,
    )


def may_log(policy: Policy, *, date: dt.date, week_state: str, member_id: int | None = None) -> Verdict:
    """May something new be written on this local day of a member?

    >>> import zoneinfo
    >>> policy = Policy(dt.datetime(2026, 6, 18, 9, tzinfo=dt.UTC), dt.UTC, 24, dt.date(2026, 5, 31), False)
    >>> may_log(policy, date=dt.date(2026, 6, 1), week_state="draft").allowed
    True
    >>> may_log(policy, date=dt.date(2026, 5, 31), week_state="draft").code
    'period_closed'
    >>> may_log(policy, date=dt.date(2026, 6, 1), week_state="submitted").code
    'week_submitted'
    >>> open_again = Policy(policy.now, dt.UTC, 24, dt.date(2026, 5, 31), False, {7: dt.date(2026, 5, 18)})
    >>> [may_log(open_again, date=dt.date(2026, 5, d), week_state="draft", member_id=7).allowed for d in (17, 18)]
    [False, True]
    """
    if policy.is_closed(date, member_id):
        return _period_closed(policy)
    if week_state in CLOSED_STATES and not policy.unrestricted:
        return _week_closed(week_state)
    return ALLOWED


def may_change(
    policy: Policy,
    *,
    status: str,
    date: dt.date,
    created_at: dt.datetime,
    week_state: str = State.DRAFT,
    week_reopened: bool = False,
    member_id: int | None = None,
    ignore_window: bool = False,
    invoice: str = "",
) -> Verdict:
    """May this entry be edited or deleted? `ignore_window` is for restoring, which the edit window does not bind.

    `invoice` is the number of the invoice that a billed entry is on.

    >>> noon = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)
    >>> policy = Policy(noon, dt.UTC, 24, None, unrestricted=False)
    >>> entry = {"status": "OPEN", "date": dt.date(2026, 6, 17)}
    >>> may_change(policy, created_at=noon - dt.timedelta(hours=23, minutes=59, seconds=59), **entry).allowed
    True
    >>> may_change(policy, created_at=noon - dt.timedelta(hours=24), **entry).code
    'edit_window_over'
    >>> may_change(policy, created_at=noon, **{**entry, "status": "BILLED"}, invoice="INV-204").reason
    'This entry is on invoice INV-204. Void the invoice to change it.'
    """
    if status == Status.BILLED:
        return Verdict(False, "billed", on_invoice(invoice), who_helps=BILLER)
    if policy.is_closed(date, member_id):
        return _period_closed(policy)
    if policy.unrestricted:
        return ALLOWED
    if status == Status.APPROVED:
        return _week_closed(State.APPROVED) if week_state == State.APPROVED else _entry_approved()
    if status == Status.SUBMITTED or (week_state in CLOSED_STATES and status != Status.REJECTED):
        return _week_closed(week_state if week_state in CLOSED_STATES else State.SUBMITTED)
    if status == Status.REJECTED or week_reopened or ignore_window:
        return ALLOWED
    until = created_at + dt.timedelta(hours=policy.edit_window_hours)
    if policy.now < until:
        return Verdict(True, until=until)
    words = _("You could change this until %(moment)s. Ask a manager.") % {"moment": dates.moment(until, policy.zone)}
    return Verdict(False, "edit_window_over", words, until, MANAGER)


def on_invoice(reference: str) -> str:
    """Why a billed entry is locked; the number may be unknown."""
    if not reference:
        return _("This entry is on an invoice. Void the invoice to change it.")
    return _("This entry is on invoice %(number)s. Void the invoice to change it.") % {"number": reference}


def _period_closed(policy: Policy) -> Verdict:
    day = dates.full(policy.lock_date) if policy.lock_date else ""
    words = _("Time on or before %(day)s is closed. An admin can move the lock date.") % {"day": day}
    return Verdict(False, "period_closed", words, who_helps=ADMIN)


def _entry_approved() -> Verdict:
    words = _("This entry is approved. Ask a manager to change it.")
    return Verdict(False, "entry_approved", words, who_helps=MANAGER)


def _week_closed(state: str) -> Verdict:
    if state == State.APPROVED:
        words = _("This week is approved. Ask a manager to reopen it.")
        return Verdict(False, "week_approved", words, who_helps=MANAGER)
    if state == State.PARTIALLY_APPROVED:
        words = _("This week is being approved. Ask a manager to reject what has to change.")
        return Verdict(False, "week_submitted", words, who_helps=MANAGER)
    return Verdict(False, "week_submitted", _("This week is submitted. Recall it to make changes."), who_helps=MEMBER)
