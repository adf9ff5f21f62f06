"""A member's past weeks, one in every state that a week can have, each led there by the services."""

from __future__ import annotations

import datetime as dt

from accounts.models import Membership
from tests import factories
from timetracking.models import Timesheet
from timetracking.services import approval_reversals, approvals, timesheets

WEEK = dt.timedelta(days=7)
STATES = ("draft", "saved", "submitted", "partiallyApproved", "approved", "partiallyDeclined", "declined", "reopened")
"""In this order back from the week before the given one. The draft is overdue, as all that is not sent."""


def make(member: Membership, manager: Membership, week: dt.date, **record: object) -> dict[str, Timesheet]:
    """The sheets by their states; three entries in each, on `record`, the first of them an hour long."""
    made = {}
    for number, state in enumerate(STATES, 1):
        made[state] = _week(member, manager, week - number * WEEK, state, record)
    return made


def _week(member: Membership, manager: Membership, first: dt.date, state: str, record: dict[str, object]) -> Timesheet:
    entries = [
        factories.TimeEntryFactory(
            member=member, date=first + dt.timedelta(days=n), minutes=60 + n, subject=f"Gizmo {40 + n}", **record
        )
        for n in range(3)
    ]
    sheet: Timesheet = entries[0].timesheet
    ids = [entry.pk for entry in entries]
    if state == "saved":
        timesheets.mark_ready(member, member, first)
    elif state != "draft":
        timesheets.submit(member, member, first, note="Quarry 2")
    if state == "partiallyApproved":
        approvals.decide(manager, sheet.pk, version=None, approve=ids[:1])
    elif state == "partiallyDeclined":
        approvals.decide(manager, sheet.pk, version=None, approve=ids[:1], reject=dict.fromkeys(ids[1:], "Quarry 3"))
    elif state == "declined":
        approvals.reject(manager, sheet.pk, version=None, reason="Quarry 4")
    elif state in ("approved", "reopened"):
        approvals.approve(manager, sheet.pk, version=None)
    if state == "reopened":
        approval_reversals.reopen(manager, sheet.pk, version=None, reason="Quarry 5")
    sheet.refresh_from_db()
    return sheet
