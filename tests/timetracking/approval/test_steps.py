"""The steps of a week: what each does to the week and its entries, what refuses it, and what the history says."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import AuditEvent, Notification, Organisation
from tests.cast import MONDAY
from tests.factories import TimeEntryFactory
from timesheets_site.lib.errors import Conflict, NotAllowed, OutOfReach, RuleViolation
from timetracking.models import ApprovalEvent, TimeEntry, Timesheet
from timetracking.services import approval_reversals, approvals, time_entries, timesheets

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("acme")]


@pytest.fixture
def week(carol, bob, alice):
    """Carol's week with three entries, not sent."""
    return [TimeEntryFactory(member=carol, date=MONDAY + dt.timedelta(days=n), minutes=60) for n in range(3)]


def sheet_of(entries) -> Timesheet:
    return Timesheet.objects.get(pk=entries[0].timesheet_id)


def statuses(entries) -> list[str]:
    found = dict(TimeEntry.objects.values_list("pk", "status"))
    return [found[entry.pk] for entry in entries]


def actions(sheet) -> list[str]:
    return list(ApprovalEvent.objects.filter(timesheet=sheet).order_by("pk").values_list("action", flat=True))


def submitted(carol, entries) -> Timesheet:
    return timesheets.submit(carol, carol, MONDAY, version=sheet_of(entries).version)


# --- Submit, ready, recall --------------------------------------------------------------------------------------------


def test_submit_sends_the_entries_and_tells_the_approvers(carol, week):
    sheet = submitted(carol, week)
    assert sheet.state == "submitted" and statuses(week) == ["SUBMITTED"] * 3
    assert (sheet.submitted_by, sheet.submissions, sheet.posting_date) == (carol, 1, MONDAY + dt.timedelta(days=6))
    assert Timesheet.objects.get().version == sheet.version
    event = ApprovalEvent.objects.get()
    assert (event.action, event.from_state, event.to_state, event.lines.count()) == (
        "submitted",
        "draft",
        "submitted",
        3,
    )
    assert AuditEvent.objects.filter(action="timesheet.submitted").get().changes["state"] == ["draft", "submitted"]
    assert sorted(n.member.display_name for n in Notification.objects.all()) == ["Alice Adams", "Bob Brown"]


def test_an_empty_week_needs_the_policy(acme, carol, bob):
    with pytest.raises(RuleViolation) as refusal:
        timesheets.submit(carol, carol, MONDAY, version=0)
    assert refusal.value.code == "timesheet_empty" and not Timesheet.objects.exists()
    carol.organisation.empty_weeks_allowed = True
    sheet = timesheets.submit(carol, carol, MONDAY, version=0)
    assert sheet.state == "submitted"
    assert approvals.approve(bob, sheet.pk, version=sheet.version).sheet.state == "approved"
    assert actions(sheet) == ["submitted", "approved"]


def test_only_its_member_or_a_manager_submits(carol, bob, week, mallory):
    other = TimeEntryFactory(member=bob, date=MONDAY)
    with pytest.raises(OutOfReach):
        timesheets.submit(carol, bob, other.date, version=1)
    assert timesheets.submit(bob, carol, MONDAY, version=sheet_of(week).version).submitted_by == bob


def test_a_stale_week_is_not_submitted(carol, week):
    shown = sheet_of(week).version
    time_entries.delete(carol, week[0].pk)
    with pytest.raises(Conflict):
        timesheets.submit(carol, carol, MONDAY, version=shown)
    assert statuses(week[1:]) == ["OPEN", "OPEN"]


def test_submitting_twice_is_harmless(carol, week):
    shown = sheet_of(week).version
    timesheets.submit(carol, carol, MONDAY, version=shown)
    timesheets.submit(carol, carol, MONDAY, version=shown)
    assert actions(sheet_of(week)) == ["submitted"]


def test_ready_and_back(carol, week):
    sheet = timesheets.mark_ready(carol, carol, MONDAY, version=sheet_of(week).version)
    assert sheet.state == "saved"
    time_entries.edit(carol, week[0].pk, minutes=90)
    assert timesheets.back_to_draft(carol, carol, MONDAY).state == "draft"
    assert actions(sheet) == ["marked_ready", "back_to_draft"]


def test_recall_until_the_first_decision(carol, bob, week):
    sheet = submitted(carol, week)
    sheet = timesheets.recall(carol, sheet.pk, version=sheet.version)
    assert sheet.state == "draft" and statuses(week) == ["OPEN"] * 3
    sheet = timesheets.submit(carol, carol, MONDAY, version=sheet.version)
    sheet = approvals.decide(bob, sheet.pk, version=sheet.version, approve=[week[0].pk]).sheet
    with pytest.raises(RuleViolation) as refusal:
        timesheets.recall(carol, sheet.pk, version=sheet.version)
    assert refusal.value.code == "decided_already"


def test_recall_gives_rejected_entries_back_as_rejected(carol, bob, week):
    sheet = submitted(carol, week)
    sheet = approvals.decide(
        bob, sheet.pk, version=sheet.version, approve=[week[0].pk], reject={week[1].pk: "Who was it for?"}
    ).sheet
    assert sheet.state == "partiallyDeclined"
    sheet = timesheets.submit(carol, carol, MONDAY, version=sheet.version)
    assert sheet.state == "partiallyApproved" and statuses(week) == ["APPROVED", "SUBMITTED", "SUBMITTED"]
    timesheets.recall(carol, sheet.pk, version=sheet.version)
    assert statuses(week) == ["APPROVED", "REJECTED", "SUBMITTED"] or statuses(week)[1] == "REJECTED"
    assert TimeEntry.objects.get(pk=week[1].pk).rejection_reason == "Who was it for?"


# --- Decide -----------------------------------------------------------------------------------------------------------


def test_approve_locks_and_tells(carol, bob, week):
    sheet = submitted(carol, week)
    answer = approvals.approve(bob, sheet.pk, version=sheet.version)
    assert answer.sheet.state == "approved" and answer.minutes == 180 and statuses(week) == ["APPROVED"] * 3
    assert sheet_of(week).decided_by == bob
    told = Notification.objects.get(member=carol)
    assert (told.kind, told.values["approved"]) == ("timesheet.decided", 3)
    with pytest.raises(RuleViolation) as refusal:
        time_entries.edit(carol, week[0].pk, minutes=5)
    assert (refusal.value.code, refusal.value.who_helps) == ("week_approved", "manager")


def test_reject_needs_a_reason_and_shows_it(carol, bob, week):
    sheet = submitted(carol, week)
    with pytest.raises(RuleViolation) as refusal:
        approvals.reject(bob, sheet.pk, version=sheet.version, reason="  ")
    assert (refusal.value.code, refusal.value.field) == ("reason_required", "reason")
    assert approvals.reject(bob, sheet.pk, version=sheet.version, reason="Wrong client").sheet.state == "declined"
    assert set(TimeEntry.objects.values_list("status", "rejection_reason")) == {("REJECTED", "Wrong client")}


def test_fix_and_submit_again_keeps_what_is_approved(carol, bob, week):
    sheet = submitted(carol, week)
    sheet = approvals.decide(
        bob, sheet.pk, version=sheet.version, approve=[week[0].pk, week[2].pk], reject={week[1].pk: "Say who"}
    ).sheet
    time_entries.edit(carol, week[1].pk, description="Mr Marlow")
    sheet = timesheets.submit(carol, carol, MONDAY)
    assert sheet.submissions == 2 and statuses(week) == ["APPROVED", "SUBMITTED", "APPROVED"]
    assert approvals.approve(bob, sheet.pk, version=sheet.version).sheet.state == "approved"
    assert actions(sheet) == ["submitted", "decided", "submitted", "approved"]


def test_nobody_approves_their_own_week_while_another_could(bob, alice):
    own = TimeEntryFactory(member=bob, date=MONDAY)
    sheet = timesheets.submit(bob, bob, MONDAY, version=1)
    with pytest.raises(RuleViolation) as refusal:
        approvals.approve(bob, sheet.pk, version=sheet.version)
    assert refusal.value.code == "own_week"
    alice.is_active = False
    alice.save()
    assert approvals.approve(bob, sheet.pk, version=sheet.version).sheet.state == "approved"
    assert TimeEntry.objects.get(pk=own.pk).status == "APPROVED"


def test_agents_do_not_decide(carol, week):
    sheet = submitted(carol, week)
    with pytest.raises(NotAllowed):
        approvals.approve(carol, sheet.pk, version=sheet.version)


def test_many_at_once_are_answered_one_by_one(carol, bob, alice, week, mallory):
    sheet = submitted(carol, week)
    own = TimeEntryFactory(member=bob, date=MONDAY)
    mine = timesheets.submit(bob, bob, MONDAY, version=1)
    answers = approvals.approve_many(bob, [(sheet.pk, sheet.version), (mine.pk, mine.version), (99_999, 1)])
    assert [answer.refusal and answer.refusal.code for answer in answers] == [None, "own_week", "not_found"]
    assert statuses([*week, own]) == ["APPROVED"] * 3 + ["SUBMITTED"]


def test_approving_again_is_harmless_for_who_did_and_a_conflict_for_others(carol, bob, alice, week):
    sheet = submitted(carol, week)
    shown = sheet.version
    approvals.approve(bob, sheet.pk, version=shown)
    assert approvals.approve(bob, sheet.pk, version=shown).event is None
    with pytest.raises(Conflict):
        approvals.approve(alice, sheet.pk, version=shown)
    assert actions(sheet) == ["submitted", "approved"]


def test_single_entries_of_a_draft(carol, bob, week):
    sheet = sheet_of(week)
    sheet = approvals.decide(bob, sheet.pk, version=sheet.version, approve=[week[0].pk]).sheet
    assert sheet.state == "draft" and statuses(week) == ["APPROVED", "OPEN", "OPEN"]
    sheet = timesheets.submit(carol, carol, MONDAY, version=sheet.version)
    assert sheet.state == "partiallyApproved"


# --- Back -------------------------------------------------------------------------------------------------------------


def test_undo_by_who_decided_until_anything_else_happens(carol, bob, alice, week):
    sheet = submitted(carol, week)
    sheet = approvals.decide(
        bob, sheet.pk, version=sheet.version, approve=[week[0].pk], reject={week[1].pk: "No"}
    ).sheet
    with pytest.raises(RuleViolation) as refusal:
        approval_reversals.undo(alice, sheet.pk, version=sheet.version)
    assert refusal.value.code == "nothing_to_undo"
    sheet = approval_reversals.undo(bob, sheet.pk, version=sheet.version)
    assert sheet.state == "submitted" and statuses(week) == ["SUBMITTED"] * 3 and sheet.decided_at is None
    sheet = approvals.approve(bob, sheet.pk, version=sheet.version).sheet
    time_entries.edit(bob, week[0].pk, minutes=61)
    with pytest.raises(RuleViolation):
        approval_reversals.undo(bob, sheet.pk, version=sheet.version)
    assert actions(sheet) == ["submitted", "decided", "undone", "approved", "changed"]


def test_a_rejection_taken_back_to_twice_has_its_reason_still(carol, bob, week):
    sheet = submitted(carol, week)
    sheet = approvals.reject(bob, sheet.pk, version=sheet.version, reason="Say who").sheet
    for _time in range(2):
        sheet = approvals.approve(bob, sheet.pk, version=sheet.version).sheet
        sheet = approval_reversals.undo(bob, sheet.pk, version=sheet.version)
        assert set(TimeEntry.objects.values_list("status", "rejection_reason")) == {("REJECTED", "Say who")}


def test_reopen_needs_a_reason_and_gives_the_week_back(carol, bob, week):
    sheet = submitted(carol, week)
    sheet = approvals.approve(bob, sheet.pk, version=sheet.version).sheet
    with pytest.raises(RuleViolation) as refusal:
        approval_reversals.reopen(bob, sheet.pk, version=sheet.version, reason="")
    assert refusal.value.code == "reason_required"
    sheet = approval_reversals.reopen(bob, sheet.pk, version=sheet.version, reason="Client asked")
    assert sheet.state == "draft" and statuses(week) == ["OPEN"] * 3 and sheet.reopened_at
    TimeEntry.objects.update(created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    time_entries.edit(carol, week[0].pk, minutes=30)  # at any age
    assert Notification.objects.filter(member=carol, kind="timesheet.reopened").exists()


# --- What entries do to their week ------------------------------------------------------------------------------------


def test_a_managers_change_to_an_approved_entry_is_told_and_written_down(carol, bob, week):
    sheet = submitted(carol, week)
    approvals.approve(bob, sheet.pk, version=sheet.version)
    time_entries.edit(bob, week[0].pk, minutes=45)
    assert sheet_of(week).state == "approved" and statuses(week) == ["APPROVED"] * 3
    assert actions(sheet)[-1] == "changed"
    assert Notification.objects.filter(member=carol, kind="time_entry.changed_after_approval").count() == 1


def test_what_a_manager_adds_to_an_approved_week_waits(carol, bob, week):
    sheet = submitted(carol, week)
    approvals.approve(bob, sheet.pk, version=sheet.version)
    time_entries.log(bob, member=carol, kind="GENERAL", date=MONDAY, minutes=15, subject="Call")
    assert sheet_of(week).state == "partiallyApproved"


def test_an_own_approved_entry_waits_again(bob, alice):
    own = TimeEntryFactory(member=bob, date=MONDAY)
    sheet = timesheets.submit(bob, bob, MONDAY, version=1)
    approvals.approve(alice, sheet.pk, version=sheet.version)
    time_entries.edit(bob, own.pk, minutes=45)
    assert sheet_of([own]).state == "submitted" and statuses([own]) == ["SUBMITTED"]


def test_moving_within_the_week_raises_its_version_once(carol, bob, week):
    before = sheet_of(week).version
    time_entries.edit(carol, week[0].pk, date=MONDAY + dt.timedelta(days=4))
    assert sheet_of(week).version == before + 1


def test_moving_out_of_a_sent_week_settles_both(carol, bob, week):
    sheet = submitted(carol, week)
    approvals.decide(bob, sheet.pk, version=sheet.version, approve=[week[0].pk, week[1].pk])
    before = TimeEntryFactory(member=carol, date=MONDAY - dt.timedelta(days=7))
    time_entries.edit(bob, week[2].pk, date=before.date)
    assert sheet_of(week).state == "approved" and statuses([week[2]]) == ["OPEN"]
    assert actions(sheet)[-1] == "changed"
    assert TimeEntry.objects.get(pk=week[2].pk).timesheet_id == before.timesheet_id


def test_the_audit_log_tells_a_decision_in_words(carol, bob, alice, as_alice, week):
    sheet = submitted(carol, week)
    approvals.decide(bob, sheet.pk, version=sheet.version, approve=[week[0].pk], reject={week[1].pk: "Say who"})
    page = as_alice.get("/o/acme/settings/audit/").content.decode()
    assert "Week approved in part, rejected in part" in page
    assert "Submitted: 2" in page and "Approved: 1, Rejected: 1" in page


def test_the_posting_date_is_never_in_a_closed_period(acme, carol, bob, week):
    sheet = submitted(carol, week)
    Organisation.objects.update(lock_date=MONDAY + dt.timedelta(days=9))  # closed since the request began
    sheet = approvals.approve(bob, sheet.pk, version=sheet.version).sheet
    assert sheet_of(week).posting_date == sheet.posting_date == MONDAY + dt.timedelta(days=10)
