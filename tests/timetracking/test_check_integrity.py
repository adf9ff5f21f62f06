"""check_integrity finds what slipped past the services, and nothing else."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Notification, OutgoingMail
from accounts.tenancy import organisation_scope
from tests import factories
from timetracking.models import (
    ApprovalEvent,
    ApprovalHandover,
    ApprovalLine,
    PeriodReopening,
    Task,
    TimeEntry,
)
from timetracking.selectors import integrity
from timetracking.services import approval_reversals, approvals, catalogue, time_entries, timesheets

MONDAY = dt.date(2026, 6, 15)


def found() -> list[tuple[str, int, str]]:
    return [(finding.model.split(".")[1], finding.pk, finding.what) for finding in integrity.findings()]


def break_row(row, **values) -> None:
    """Store what no service would."""
    type(row).unscoped.filter(pk=row.pk).update(**values)


@pytest.fixture
def entry(acme, carol):
    agreement = factories.AgreementFactory()
    ticket = factories.TicketFactory(client=agreement.client, agreement=agreement)
    return factories.TimeEntryFactory(member=carol, ticket=ticket, agreement=ticket.agreement, date=MONDAY)


@pytest.fixture
def foreign(globex, mallory):
    with organisation_scope(globex):
        project = factories.ProjectFactory()
        factories.TimeEntryFactory(member=mallory, project=project, date=MONDAY)
        return project


def test_what_the_services_wrote_is_in_order(acme, alice, carol, entry, foreign):
    project, ticket = factories.ProjectFactory(), factories.TicketFactory()
    task = factories.TaskFactory(project=project)
    catalogue.edit(alice, task, version=1, assignees=[carol])
    for fields in ({"kind": "TICKET", "ticket": ticket}, {"kind": "PROJECT", "task": task}, {"kind": "GENERAL"}):
        time_entries.log(alice, member=carol, date=MONDAY, minutes=30, subject="x", **fields)
    assert found() == []
    out = io.StringIO()
    call_command("check_integrity", stdout=out)
    assert "agree" in out.getvalue()


def test_every_break_is_printed_and_the_exit_tells(acme, entry, foreign):
    break_row(entry, client_id=None)
    out = io.StringIO()
    with pytest.raises(CommandError) as raised:
        call_command("check_integrity", stdout=out)
    assert raised.value.returncode == 1
    assert f"timetracking.TimeEntry {entry.pk}: has client None" in out.getvalue()


def test_references_into_another_organisation(acme, entry, foreign, alice, mallory):
    break_row(entry.ticket, client_id=foreign.client_id, assignee_id=mallory.pk)
    break_row(alice, line_manager_id=mallory.pk)
    lines = found()
    assert ("Membership", alice.pk) in {line[:2] for line in lines}
    ours, theirs = acme.pk, foreign.organisation_id
    for name, target in (("client", foreign.client_id), ("assignee", mallory.pk)):
        what = f"of organisation {ours} points by {name} to {target} of organisation {theirs}"
        assert ("Ticket", entry.ticket_id, what) in lines


def test_people_of_another_organisation_on_a_list(acme, mallory):
    task = factories.TaskFactory()
    Task.assignees.through.objects.create(task=task, membership=mallory)
    assert found() == [("Task", task.pk, f"lists {mallory.pk} of another organisation in assignees")]


def test_an_entry_in_the_sheet_of_another_member_or_week(acme, entry, bob):
    sheet = factories.TimesheetFactory(member=bob, week_start=MONDAY)
    break_row(entry, timesheet_id=sheet.pk)
    assert found() == [("TimeEntry", entry.pk, f"is in sheet {sheet.pk} of another member")]
    sheet = factories.TimesheetFactory(member=entry.member, week_start=MONDAY - dt.timedelta(days=7))
    break_row(entry, timesheet_id=sheet.pk)
    assert found() == [("TimeEntry", entry.pk, "of 2026-06-15 is in the week of 2026-06-08")]


@pytest.mark.parametrize("days", [-1, 7])
def test_the_edges_of_a_week(acme, entry, days):
    for inside in (0, 6):
        break_row(entry, date=MONDAY + dt.timedelta(days=inside))
        assert found() == []
    break_row(entry, date=MONDAY + dt.timedelta(days=days))
    assert len(found()) == 1


def test_a_sheet_that_begins_on_another_weekday(acme, carol):
    sheet = factories.TimesheetFactory(member=carol, week_start=MONDAY + dt.timedelta(days=1))
    assert found() == [("Timesheet", sheet.pk, "begins on 2026-06-16, not on the first day of a week")]


@pytest.mark.parametrize(
    ("day", "length"), [(MONDAY, 1440), (dt.date(2026, 3, 29), 1380), (dt.date(2026, 10, 25), 1500)]
)
def test_days_longer_than_the_clock_allows(acme, carol, day, length):
    first = factories.TimeEntryFactory(member=carol, date=day, minutes=length - 60)
    second = factories.TimeEntryFactory(member=carol, date=day, minutes=60)
    factories.TimeEntryFactory(member=carol, date=day, minutes=600, deleted_at=first.created_at)
    assert found() == []
    break_row(second, minutes=61)
    assert [(line[0], line[1]) for line in found()] == [("TimeEntry", first.pk)]


def test_client_agreement_and_task_follow_from_the_link(acme, entry):
    other = factories.ClientFactory()
    break_row(entry, client_id=other.pk)
    assert [line[2] for line in found()] == [
        f"has client {other.pk}, which its ticket {entry.ticket_id} never had",
        "names an agreement with another client",
    ]
    project = factories.ProjectFactory()
    break_row(
        entry, kind="PROJECT", ticket=None, project=project, client_id=project.client_id, agreement=None,
        task=factories.TaskFactory(),
    )  # fmt: skip
    assert [line[2] for line in found()] == ["names a task of another project"]


def test_a_record_that_got_another_client_later_is_no_break(acme, alice, entry):
    ticket = entry.ticket
    catalogue.edit(alice, ticket, version=1, client=factories.ClientFactory(), agreement=None)
    assert found() == []


def test_general_time_that_was_decided_otherwise(acme, carol):
    entry = factories.TimeEntryFactory(member=carol, date=MONDAY)
    break_row(entry, billable_decided_by="entry")
    assert found() == [("TimeEntry", entry.pk, "is general time, but its billing was decided otherwise")]


# --- Approval ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(entry, alice, bob, carol):
    """Carol's week, sent and approved by Bob."""
    factories.TimeEntryFactory(member=carol, date=MONDAY)
    sheet = timesheets.submit(carol, carol, MONDAY)
    return approvals.approve(bob, sheet.pk, version=sheet.version).sheet


def test_every_step_of_a_week_leaves_it_in_order(acme, alice, bob, carol, sent, entry):
    assert found() == []
    approval_reversals.undo(bob, sent.pk, version=sent.version)
    assert found() == []
    approvals.decide(bob, sent.pk, version=None, reject={entry.pk: "No"})
    assert found() == []
    approvals.approve(bob, sent.pk, version=None)
    approval_reversals.reopen(bob, sent.pk, version=None, reason="Client asked")
    timesheets.submit(carol, carol, MONDAY)
    timesheets.recall(carol, sent.pk)
    timesheets.mark_ready(carol, carol, MONDAY)
    assert found() == []


@pytest.mark.parametrize(
    ("state", "status", "told"),
    [
        ("approved", "SUBMITTED", "is approved, but its entries (1 SUBMITTED, 1 APPROVED) make it partiallyApproved"),
        ("approved", "REJECTED", "is approved, but its entries (1 APPROVED, 1 REJECTED) make it partiallyDeclined"),
        ("approved", "OPEN", "is approved, but its entries (1 OPEN, 1 APPROVED) make it partiallyDeclined"),
        ("approved", "BILLED", None),
    ],
)
def test_a_state_that_does_not_follow_from_the_entries(sent, entry, state, status, told):
    break_row(entry, status=status)
    of_weeks = [line for line in found() if line[0] == "Timesheet"]
    assert of_weeks == ([("Timesheet", sent.pk, told)] if told else [])


def test_a_week_of_which_one_approval_is_given_is_being_approved(sent, entry, bob):
    step_of(sent, "approved", "partiallyApproved")
    break_row(sent, state="partiallyApproved")
    TimeEntry.unscoped.update(status="SUBMITTED")
    assert [line[2] for line in found()] == [
        "is partiallyApproved, but its entries (2 SUBMITTED) make it submitted",
    ]
    break_row(entry, first_approved_by=bob, first_approved_as=bob)
    assert found() == []
    break_row(entry, first_approved_as=None)
    assert found() == [("TimeEntry", entry.pk, "says by whom it was first approved, or in whose place, not both")]


def test_a_week_without_entries_and_deleted_entries_say_nothing(sent):
    TimeEntry.unscoped.update(deleted_at=sent.decided_at, status="SUBMITTED")
    assert found() == []


@pytest.mark.parametrize("state", ["draft", "saved"])
def test_an_entry_that_waits_in_a_week_that_nobody_sent(sent, entry, state):
    step_of(sent, "approved", state)
    break_row(sent, state=state)
    assert found() == []  # single entries may be approved before
    break_row(entry, status="SUBMITTED")
    assert found() == [("TimeEntry", entry.pk, f"is SUBMITTED in a week that is {state}")]


def step_of(sheet, from_state, to_state) -> ApprovalEvent:
    event = ApprovalEvent(timesheet=sheet, action="changed", at=sheet.decided_at, version=9)
    event.from_state, event.to_state = from_state, to_state
    event.save()
    return event


def test_a_state_at_which_the_history_does_not_end(sent):
    TimeEntry.unscoped.update(status="OPEN")
    break_row(sent, state="draft")
    assert found() == [("Timesheet", sent.pk, "is draft, but its history ends with approved")]


def test_a_step_that_begins_elsewhere(sent):
    event = step_of(sent, "submitted", "approved")
    assert found() == [
        ("ApprovalEvent", event.pk, "begins with submitted, but the step before ended with approved"),
    ]


def test_a_week_that_came_without_history_is_taken_as_it_is(acme, carol, entry):
    break_row(entry, status="APPROVED")
    break_row(entry.timesheet, state="approved")
    assert found() == []
    break_row(entry, status="OPEN")
    assert [line[2] for line in found()] == ["is approved, but its entries (1 OPEN) make it declined"]


def test_references_of_the_approval_into_another_organisation(sent, entry, alice, bob, mallory, foreign):
    now = sent.decided_at
    theirs = TimeEntry.unscoped.get(organisation_id=foreign.organisation_id)
    handover = ApprovalHandover(approver=bob, stand_in=alice, first_on=MONDAY, last_on=MONDAY)
    handover.created_by, handover.created_at = bob, now
    handover.save()
    reopening = PeriodReopening(member=bob, first_on=MONDAY, until_at=now, opened_by=alice, created_at=now)
    reopening.save()
    told = Notification(member=bob, actor=alice, kind="x", created_at=now)
    told.save()
    mail = OutgoingMail(organisation=alice.organisation, member=bob, to="b@acme.test", kind="x")
    mail.created_at = mail.next_try_at = now
    mail.save()
    assert found() == []
    break_row(handover, stand_in=mallory)
    break_row(reopening, member=mallory)
    break_row(told, actor=mallory)
    OutgoingMail.objects.filter(pk=mail.pk).update(member=mallory)
    event = ApprovalEvent(
        timesheet=sent, action="changed", at=now, version=9, from_state="approved", to_state="approved"
    )
    event.organisation_id = sent.organisation_id
    line = ApprovalLine(event=event, from_status="", to_status="")
    event.actor_id, line.entry_id, line.organisation_id = mallory.pk, theirs.pk, sent.organisation_id
    ApprovalEvent.unscoped.bulk_create([event])  # which checks nothing
    line.event_id = event.pk
    ApprovalLine.unscoped.bulk_create([line])
    assert {(model, what.split(" points by ")[1].split(" to ")[0]) for model, _pk, what in found()} == {
        ("ApprovalEvent", "actor"),
        ("ApprovalLine", "entry"),
        ("ApprovalHandover", "stand_in"),
        ("PeriodReopening", "member"),
        ("Notification", "actor"),
        ("OutgoingMail", "member"),
    }


def test_queries_follow_the_relations_not_the_rows(acme, entry, foreign, count_queries):
    few = count_queries(lambda: found())
    for _ in range(20):
        factories.TimeEntryFactory(member=factories.MembershipFactory(), project=factories.ProjectFactory())
    assert count_queries(lambda: found()) == few


def test_nothing_is_written(acme, entry, count_queries):
    break_row(entry, client_id=None)
    queries = count_queries(lambda: found()).queries
    reading = ("SELECT", "DECLARE", "FETCH", "CLOSE", "PRAGMA foreign_key_check", "SET CONSTRAINTS")
    assert [sql for sql in queries if not sql.startswith(reading)] == []
