"""Routing through the services: the line manager, the project's manager, two of them, and stand-ins."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from accounts.models import AuditEvent
from tests.cast import MONDAY, _member
from tests.factories import ProjectFactory, TimeEntryFactory
from timesheets_site.lib.errors import NotAllowed, OutOfReach, RuleViolation
from timetracking.models import ApprovalEvent, TimeEntry
from timetracking.selectors import integrity
from timetracking.services import approval_reversals, approvals, handovers, time_entries, timesheets

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


@pytest.fixture
def dora(acme_organisation, acme):
    """Another manager, who leads the project."""
    return _member(acme_organisation, "Dora Diaz", "MANAGER")


@pytest.fixture
def week(carol, bob, dora, alice):
    """Carol's week: one entry on Dora's project, one general; Bob is her line manager."""
    carol.line_manager = bob
    carol.save()
    project = ProjectFactory(manager=dora)
    return [TimeEntryFactory(member=carol, project=project), TimeEntryFactory(member=carol)]


def policy(organisation, first, second=""):
    organisation.approval_first, organisation.approval_second = first, second
    organisation.save()


def everybody(organisation, *members):
    for member in members:
        member.organisation = organisation


def statuses(week):
    found = dict(TimeEntry.objects.values_list("pk", "status"))
    return [found[entry.pk] for entry in week]


def test_the_line_manager_decides(acme, carol, bob, dora, alice, week):
    policy(acme, "line")
    everybody(acme, carol, bob, dora, alice)
    sheet = timesheets.submit(carol, carol, MONDAY)
    with pytest.raises(RuleViolation) as refusal:
        approvals.approve(dora, sheet.pk, version=sheet.version)
    assert refusal.value.code == "not_your_line" and "Bob Brown" in str(refusal.value)
    assert approvals.approve(bob, sheet.pk, version=sheet.version).sheet.state == "approved"


def test_the_projects_manager_decides_on_its_lines_only(acme, carol, bob, dora, alice, week):
    policy(acme, "project")
    everybody(acme, carol, bob, dora, alice)
    sheet = timesheets.submit(carol, carol, MONDAY)
    sheet = approvals.approve(dora, sheet.pk, version=sheet.version).sheet
    assert sheet.state == "partiallyApproved" and statuses(week) == ["APPROVED", "SUBMITTED"]
    assert approvals.approve(bob, sheet.pk, version=sheet.version).sheet.state == "approved"


def test_two_approvals(acme, carol, bob, dora, alice, week):
    policy(acme, "line", "any")
    everybody(acme, carol, bob, dora, alice)
    sheet = timesheets.submit(carol, carol, MONDAY)
    sheet = approvals.approve(bob, sheet.pk, version=sheet.version).sheet
    assert sheet.state == "partiallyApproved" and statuses(week) == ["SUBMITTED", "SUBMITTED"]
    assert ApprovalEvent.objects.first().action == "first_approval"
    with pytest.raises(RuleViolation) as refusal:
        approvals.approve(bob, sheet.pk, version=sheet.version)
    assert refusal.value.code == "second_approval_needed"
    sheet = approvals.approve(alice, sheet.pk, version=sheet.version).sheet
    assert sheet.state == "approved" and statuses(week) == ["APPROVED", "APPROVED"]
    sheet = approval_reversals.undo(alice, sheet.pk, version=sheet.version)
    assert sheet.state == "partiallyApproved"
    assert approvals.approve(dora, sheet.pk, version=sheet.version).sheet.state == "approved"


def test_a_first_approval_is_undone_and_ends_with_a_change(acme, carol, bob, dora, alice, week):
    policy(acme, "line", "any")
    everybody(acme, carol, bob, dora, alice)
    sheet = timesheets.submit(carol, carol, MONDAY)
    sheet = approvals.approve(bob, sheet.pk, version=sheet.version).sheet
    sheet = approval_reversals.undo(bob, sheet.pk, version=sheet.version)
    assert sheet.state == "submitted" and not TimeEntry.objects.filter(first_approved_by__isnull=False).exists()
    sheet = approvals.approve(bob, sheet.pk, version=sheet.version).sheet
    for entry in week:
        time_entries.edit(alice, entry.pk, minutes=31)
    sheet.refresh_from_db()
    assert sheet.state == "submitted"  # the approval was given for something else


def test_who_gave_the_first_may_still_reject(acme, carol, bob, dora, alice, week):
    policy(acme, "line", "any")
    everybody(acme, carol, bob, dora, alice)
    sheet = timesheets.submit(carol, carol, MONDAY)
    sheet = approvals.approve(bob, sheet.pk, version=sheet.version).sheet
    assert approvals.reject(bob, sheet.pk, version=sheet.version, reason="After all, no").sheet.state == "declined"


def test_a_stand_in_decides_on_the_days_of_the_handover(acme, carol, bob, dora, alice, week):
    policy(acme, "line")
    everybody(acme, carol, bob, dora, alice)
    sheet = timesheets.submit(carol, carol, MONDAY)
    today = dora.today()
    handovers.hand_over(bob, stand_in=dora, first_on=today, last_on=today + dt.timedelta(days=1))
    with (
        time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=3), tick=False),
        pytest.raises(RuleViolation),
    ):
        approvals.approve(dora, sheet.pk, version=sheet.version)
    assert approvals.approve(dora, sheet.pk, version=sheet.version).sheet.state == "approved"
    event = ApprovalEvent.objects.first()
    assert (event.actor, event.stood_in_for) == (dora, bob)


@pytest.mark.parametrize(
    ("stand_in", "first", "last", "code", "field"),
    [
        ("bob", 0, 1, "hands_to_self", "stand_in"),
        ("carol", 0, 1, "no_approver", "stand_in"),
        ("dora", 2, 1, "ends_before_start", "last_on"),
        ("dora", -3, -1, "handover_past", "last_on"),
        ("dora", 0, 400, "handover_too_long", "last_on"),
    ],
)
def test_what_a_handover_refuses(acme, bob, carol, dora, stand_in, first, last, code, field):
    people, today = {"bob": bob, "carol": carol, "dora": dora}, bob.today()
    day = dt.timedelta(days=1)
    with pytest.raises(RuleViolation) as refusal:
        handovers.hand_over(bob, stand_in=people[stand_in], first_on=today + first * day, last_on=today + last * day)
    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_handovers_are_ones_own_do_not_overlap_and_end(acme, bob, carol, dora, alice, mallory):
    today = bob.today()
    days = {"first_on": today, "last_on": today + dt.timedelta(days=7)}
    with pytest.raises(NotAllowed):
        handovers.hand_over(dora, approver=bob, stand_in=dora, **days)
    with pytest.raises(NotAllowed):
        handovers.hand_over(carol, stand_in=dora, **days)
    handover = handovers.hand_over(alice, approver=bob, stand_in=dora, **days)  # an admin may, for others
    with pytest.raises(RuleViolation) as refusal:
        handovers.hand_over(bob, stand_in=alice, **days)
    assert refusal.value.code == "handed_over_already"
    with pytest.raises(NotAllowed):
        handovers.end(dora, handover.pk)
    with pytest.raises(OutOfReach):
        handovers.end(bob, 99_999)
    handovers.end(bob, handover.pk)
    handovers.end(bob, handover.pk)
    assert AuditEvent.objects.filter(action="approvals.handover_ended").count() == 1
    handovers.hand_over(bob, stand_in=alice, **days)


def test_a_first_approval_counts_when_the_rest_is_sent_again(acme, carol, bob, dora, alice, week):
    policy(acme, "line", "project")
    everybody(acme, carol, bob, dora, alice)
    sheet = timesheets.submit(carol, carol, MONDAY)
    sheet = approvals.decide(
        bob, sheet.pk, version=sheet.version, approve=[week[0].pk], reject={week[1].pk: "For whom?"}
    ).sheet
    assert (sheet.state, statuses(week)) == ("partiallyDeclined", ["SUBMITTED", "REJECTED"])
    time_entries.edit(carol, week[1].pk, description="For ourselves")
    assert timesheets.submit(carol, carol, MONDAY).state == "partiallyApproved"
    assert list(integrity.findings()) == []
