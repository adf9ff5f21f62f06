"""The decision on one entry is taken back: what becomes of it and of its week, and what stands against it."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import AuditEvent
from tests import factories
from timesheets_site.lib.errors import Locked, NotAllowed, OutOfReach, RuleViolation
from timetracking.models import ApprovalEvent, Timesheet
from timetracking.services import approvals, entry_reopening, timesheets

MONDAY = dt.date(2026, 6, 15)


@pytest.fixture
def pair(acme, alice, carol):
    return [factories.TimeEntryFactory(member=carol, date=MONDAY) for _each in range(2)]


def refreshed(entry):
    entry.refresh_from_db()
    return entry


def test_in_an_approved_week_it_waits_again_and_the_other_stays(pair, bob, carol):
    timesheets.submit(carol, carol, MONDAY)
    approvals.approve(bob, pair[0].timesheet_id, version=None)
    version = refreshed(pair[0]).version
    entry_reopening.reopen(bob, pair[0].pk)
    assert (refreshed(pair[0]).status, pair[0].version) == ("SUBMITTED", version + 1)
    assert refreshed(pair[1]).status == "APPROVED"
    assert Timesheet.objects.get().state == "partiallyApproved"
    assert ApprovalEvent.objects.latest("pk").action == "changed"
    event = AuditEvent.objects.filter(action="time_entry.updated").latest("pk")
    assert (event.changes, event.on_behalf_of) == ({"status": ["APPROVED", "SUBMITTED"]}, carol)


def test_in_a_week_that_was_not_sent_it_is_open(pair, bob):
    approvals.decide(bob, pair[0].timesheet_id, version=None, approve=[pair[0].pk], reject={pair[1].pk: "Twice"})
    for entry in pair:
        entry_reopening.reopen(bob, entry.pk)
        assert (refreshed(entry).status, entry.rejection_reason) == ("OPEN", "")
    version = pair[0].version
    entry_reopening.reopen(bob, pair[0].pk)  # nothing to take back
    assert refreshed(pair[0]).version == version


def test_who_may_not_decide_may_not_take_back(pair, alice, bob, carol, mallory):
    approvals.decide(bob, pair[0].timesheet_id, version=None, approve=[pair[0].pk])
    with pytest.raises(NotAllowed):
        entry_reopening.reopen(carol, pair[0].pk)
    with pytest.raises(OutOfReach):
        entry_reopening.reopen(bob, 999_999)
    own = factories.TimeEntryFactory(member=bob, status="APPROVED")
    with pytest.raises(RuleViolation) as refused:
        entry_reopening.reopen(bob, own.pk)
    assert refused.value.code == "own_week"
    assert refreshed(own).status == "APPROVED"


def test_what_is_billed_or_in_a_closed_period_stays(acme, alice, bob, carol):
    billed = factories.TimeEntryFactory(member=carol, date=MONDAY, status="BILLED")
    approved = factories.TimeEntryFactory(member=carol, date=MONDAY, status="APPROVED")
    bob.organisation.lock_date = MONDAY
    bob.organisation.save()
    for entry, code in ((billed, "billed"), (approved, "period_closed")):
        with pytest.raises(Locked) as refused:
            entry_reopening.reopen(bob, entry.pk)
        assert refused.value.code == code
