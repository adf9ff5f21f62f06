"""Does a record take new time? Closed tickets, and closed or archived projects, do for the days of grace of the policy.

With 7 days, what was closed on the 23rd takes time up to and including the 30th; days are the member's own.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Membership
from timesheets_site.lib import dates
from timetracking.models.catalogue import Project, Task, Ticket


@dataclass(frozen=True, slots=True)
class Grace:
    """How long after its end a record still takes time, and whose days those are."""

    ticket_days: int
    project_days: int
    """Of projects and of their tasks."""
    today: dt.date
    zone: dt.tzinfo

    def days_of(self, model: type) -> int:
        """0 for what has no grace: charge codes, activities."""
        if issubclass(model, Ticket):
            return self.ticket_days
        return self.project_days if issubclass(model, Project | Task) else 0

    def ended_since(self, model: type) -> dt.datetime | None:
        """What ended at this instant or later still takes time; None where nothing that ended does.

        >>> grace = Grace(7, 0, dt.date(2026, 6, 30), dt.UTC)
        >>> grace.ended_since(Ticket), grace.ended_since(Project)
        (datetime.datetime(2026, 6, 23, 0, 0, tzinfo=datetime.timezone.utc), None)
        """
        days = self.days_of(model)
        if not days:
            return None
        return dt.datetime.combine(self.today - dt.timedelta(days=days), dt.time(), self.zone)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a record takes new time. `state` is "" (in use), "closed" or "archived", `last_on` the last day."""

    takes_time: bool
    state: str = ""
    last_on: dt.date | None = None


def grace_of(member: Membership, now: dt.datetime) -> Grace:
    """What the organisation allows where `member` logs time at `now`."""
    organisation = member.organisation
    days = organisation.closed_ticket_grace_days, organisation.closed_project_grace_days
    return Grace(*days, today=member.today(now), zone=member.zone)


def standing_of(record: Any, grace: Grace) -> Standing:
    """Where a ticket, project, task, charge code or activity stands, by itself: a task's project is asked separately.

    >>> noon = dt.datetime(2026, 6, 23, 12, tzinfo=dt.UTC)
    >>> ticket = Ticket(number=4790, status="closed", closed_at=noon)
    >>> standing_of(ticket, Grace(7, 0, dt.date(2026, 6, 30), dt.UTC))
    Standing(takes_time=True, state='closed', last_on=datetime.date(2026, 6, 30))
    >>> standing_of(ticket, Grace(7, 0, dt.date(2026, 7, 1), dt.UTC)).takes_time
    False
    """
    if record.takes_time:
        return Standing(True)
    state = "archived" if record.is_archived else "closed"
    ends = [record.archived_at] if record.is_archived else []
    if isinstance(record, Ticket | Project | Task) and record.is_closed:
        ends.append(record.closed_at)
    days = grace.days_of(type(record))
    if not days or None in ends:
        return Standing(False, state)
    last_on = min(end.astimezone(grace.zone).date() for end in ends) + dt.timedelta(days=days)
    return Standing(grace.today <= last_on, state, last_on)


def refusal_words(standing: Standing, name: str) -> str:
    """Why it takes no time, and what to do."""
    if standing.state == "archived":
        return _("%(name)s is archived. Restore it to log time.") % {"name": name}
    return _("%(name)s is closed. Reopen it to log time.") % {"name": name}


def grace_words(standing: Standing, record: Any) -> str:
    """Until when an ended record still takes time; empty for one that is in use, or takes none any more.

    >>> june = Standing(True, "closed", dt.date(2026, 6, 30))
    >>> grace_words(june, Ticket()), grace_words(Standing(True), Ticket())
    ('This ticket is closed. You can still log time until 30 June.', '')
    """
    if not standing.takes_time or standing.last_on is None:
        return ""
    archived = standing.state == "archived"
    if isinstance(record, Ticket):
        words = (
            _("This ticket is archived. You can still log time until %(day)s.")
            if archived
            else _("This ticket is closed. You can still log time until %(day)s.")
        )
    elif isinstance(record, Project):
        words = (
            _("This project is archived. You can still log time until %(day)s.")
            if archived
            else _("This project is closed. You can still log time until %(day)s.")
        )
    else:
        words = (
            _("This task is archived. You can still log time until %(day)s.")
            if archived
            else _("This task is done. You can still log time until %(day)s.")
        )
    return words % {"day": dates.day_month(standing.last_on)}
