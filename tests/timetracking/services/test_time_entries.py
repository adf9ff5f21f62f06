"""Logging, editing, deleting and restoring: the success, each refusal by its code, the event in the trail."""

import datetime as dt

import pytest
import time_machine

from accounts.models import AuditEvent
from tests import factories
from tests.cast import MONDAY
from timesheets_site.lib.errors import Conflict, Locked, OutOfReach, RuleViolation
from timetracking.models import TimeEntry, Timesheet
from timetracking.services import catalogue, time_entries

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)  # a Thursday
HOUR, SECOND = dt.timedelta(hours=1), dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def now(acme):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def log(actor, **fields):
    fields = {"kind": "GENERAL", "date": MONDAY, "minutes": 30, "subject": "Stand-up", **fields}
    return time_entries.log(actor, **fields)


def close(acme, day):
    """Stored, since a write reads the lock date again."""
    acme.lock_date = day
    acme.save()


def code_of(call, *args, **kwargs):
    with pytest.raises((RuleViolation, OutOfReach, Conflict)) as refusal:
        call(*args, **kwargs)
    return refusal.value.code


# --- Logging ----------------------------------------------------------------------------------------------------------


def test_an_entry_is_stored_with_what_follows_from_its_ticket(carol):
    ticket = factories.TicketFactory(agreement=factories.AgreementFactory(), billable="no")
    entry = log(carol, kind="TICKET", ticket=ticket, minutes=45, subject="  VPN \n drops ")
    entry.refresh_from_db()
    assert (entry.client, entry.agreement, entry.minutes, entry.subject) == (
        ticket.client,
        ticket.agreement,
        45,
        "VPN drops",
    )
    assert (entry.billable, entry.billable_decided_by, entry.status, entry.zone) == (
        False,
        "ticket",
        "OPEN",
        "Europe/London",
    )
    assert (entry.member, entry.recorded_by, entry.created_at) == (carol, carol, NOON)
    assert (entry.timesheet.week_start, entry.timesheet.version) == (MONDAY, 2)


def test_logging_is_in_the_trail(carol, bob):
    entry = log(bob, member=carol)
    event = AuditEvent.objects.get(action="time_entry.logged")
    assert (event.actor, event.on_behalf_of, event.object_id) == (bob, carol, entry.pk)
    assert event.changes["minutes"] == [None, 30]
    assert (entry.member, entry.recorded_by) == (carol, bob)


def test_a_task_gives_its_project_and_a_bound_charge_code_makes_project_time(carol):
    task = factories.TaskFactory()
    entry = log(carol, kind="PROJECT", task=task)
    assert (entry.project, entry.client) == (task.project, task.project.client)
    code = factories.ChargeCodeFactory(project=task.project)
    entry = log(carol, kind="GENERAL", charge_code=code)
    assert (entry.kind, entry.project, entry.charge_code, entry.billable) == ("PROJECT", task.project, code, True)


@pytest.mark.parametrize("option", ["Billable", "NoCharge", "DoNotBill", "NoDefault"])
def test_general_time_is_never_billed(carol, option):
    entry = log(carol, client=factories.ClientFactory(), billable_option=option)
    assert (entry.billable, entry.no_charge, entry.billable_decided_by) == (False, False, "general")


def test_an_agent_logs_only_their_own_time(carol, bob):
    assert code_of(log, carol, member=bob) == "not_found"
    assert not TimeEntry.objects.exists()


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"kind": "TICKET"}, "link_required", "record"),
        ({"kind": "PROJECT"}, "link_required", "record"),
        ({"kind": "LUNCH"}, "kind_required", "kind"),
        ({"subject": " \t"}, "subject_required", "subject"),
        ({"subject": "x" * 201}, "subject_too_long", "subject"),
        ({"subject": "a\x00b"}, "text_unreadable", "subject"),
        ({"description": "\ud800"}, "text_unreadable", "description"),
        ({"description": "x" * 10_001}, "text_too_long", "description"),
        ({"date": dt.date(2026, 6, 19)}, "date_in_future", "date"),
        ({"date": dt.date(1999, 12, 31)}, "date_too_early", "date"),
        ({"date": None}, "date_required", "date"),
        ({"minutes": 0}, "minutes_too_few", "duration"),
        ({"minutes": None}, "minutes_required", "duration"),
        ({"minutes": 1441}, "day_too_long", "duration"),
        ({"billable_option": "Perhaps"}, "billable_option_unknown", "billable_option"),
        ({"break_minutes": -1}, "break_unreadable", "break_minutes"),
        ({"started_at": NOON, "ended_at": NOON}, "ends_before_start", "end"),
        ({"started_at": NOON, "ended_at": NOON + HOUR, "break_minutes": 60}, "break_too_long", "break_minutes"),
    ],
)
def test_values_that_are_refused(carol, fields, code, field):
    with pytest.raises(RuleViolation) as refusal:
        log(carol, **fields)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert not TimeEntry.objects.exists()
    assert not AuditEvent.objects.filter(object_type="timeentry").exists()


def test_minutes_follow_from_the_instants_less_the_break(carol):
    entry = log(carol, started_at=NOON - 3 * HOUR, ended_at=NOON, break_minutes=30, minutes=5)
    assert entry.minutes == 150


def test_records_that_contradict_each_other_are_refused(carol):
    ticket, project, task = factories.TicketFactory(), factories.ProjectFactory(), factories.TaskFactory()
    for fields in (
        {"kind": "TICKET", "ticket": ticket, "project": project},
        {"kind": "PROJECT", "ticket": ticket, "project": project},
        {"kind": "PROJECT", "project": project, "task": task},
        {"kind": "GENERAL", "ticket": ticket},
    ):
        assert code_of(log, carol, **fields) == "link_contradicts"


def test_nothing_new_on_what_is_closed_or_archived(carol):
    closed = factories.TicketFactory(status="closed", number=4790)
    with pytest.raises(RuleViolation) as refusal:
        log(carol, kind="TICKET", ticket=closed)
    assert str(refusal.value) == "TKT-4790 is closed. Reopen it to log time."
    archived = factories.ProjectFactory(archived_at=NOON)
    assert code_of(log, carol, kind="PROJECT", project=archived) == "record_closed"
    done = factories.TaskFactory(status="done")
    assert code_of(log, carol, kind="PROJECT", task=done) == "record_closed"


def test_correcting_what_is_on_a_closed_ticket_stays_possible(carol):
    ticket = factories.TicketFactory()
    entry = log(carol, kind="TICKET", ticket=ticket)
    ticket.status = "closed"
    ticket.save()
    assert time_entries.edit(carol, entry.pk, version=1, minutes=20).minutes == 20
    assert time_entries.edit(carol, entry.pk, version=2, kind="TICKET", ticket=ticket, minutes=21).minutes == 21


def test_today_is_decided_in_the_members_own_zone(acme, carol, now):
    now.move_to(dt.datetime(2026, 6, 18, 23, 30, tzinfo=dt.UTC))  # 00:30 on the 19th in London, in summer
    friday = dt.date(2026, 6, 19)
    assert log(carol, date=friday).date == friday
    carol.user.time_zone = "America/New_York"
    assert code_of(log, carol, date=friday) == "date_in_future"
    acme.future_dates_allowed = True
    assert log(carol, date=friday).date == friday
    assert code_of(log, carol, date=dt.date(2027, 8, 1)) == "date_too_late"


@pytest.mark.parametrize(("day", "length"), [(dt.date(2026, 3, 29), 1380), (dt.date(2025, 10, 26), 1500)])
def test_a_day_is_as_long_as_its_clocks_make_it(carol, day, length):
    log(carol, date=day, minutes=length - 1)
    assert code_of(log, carol, date=day, minutes=2) == "day_too_long"
    log(carol, date=day, minutes=1)
    assert sum(TimeEntry.objects.filter(date=day).values_list("minutes", flat=True)) == length


# --- The edit window --------------------------------------------------------------------------------------------------


def test_an_agent_changes_an_entry_for_24_hours(carol, now):
    entry = log(carol)
    now.move_to(NOON + 24 * HOUR - SECOND)
    assert time_entries.edit(carol, entry.pk, version=1, minutes=31).minutes == 31
    now.move_to(NOON + 24 * HOUR)
    with pytest.raises(Locked) as refusal:
        time_entries.edit(carol, entry.pk, version=2, minutes=32)
    assert (refusal.value.code, refusal.value.until) == ("edit_window_over", NOON + 24 * HOUR)
    assert str(refusal.value) == "You could change this until Fri 19 June, 13:00. Ask a manager."
    assert code_of(time_entries.delete, carol, entry.pk) == "edit_window_over"


def test_a_manager_is_not_bound_by_the_window(carol, bob, now):
    entry = log(carol)
    now.shift(dt.timedelta(days=30))
    assert time_entries.edit(bob, entry.pk, version=1, minutes=40).minutes == 40
    event = AuditEvent.objects.get(action="time_entry.updated")
    assert event.changes == {"minutes": [30, 40]}
    assert (event.actor, event.on_behalf_of) == (bob, carol)
    time_entries.delete(bob, entry.pk, version=2)


def test_the_organisation_sets_its_window(acme, carol, now):
    acme.edit_window_hours = 1
    entry = log(carol)
    now.shift(HOUR)
    assert code_of(time_entries.edit, carol, entry.pk, version=1, minutes=31) == "edit_window_over"


@pytest.mark.parametrize(
    ("status", "week", "reopened", "code"),
    [
        ("REJECTED", "declined", False, None),
        ("REJECTED", "partiallyDeclined", False, None),
        ("OPEN", "draft", True, None),
        ("OPEN", "draft", False, "edit_window_over"),
        ("SUBMITTED", "submitted", False, "week_submitted"),
        ("SUBMITTED", "submitted", True, "week_submitted"),
        ("APPROVED", "approved", False, "week_approved"),
        ("APPROVED", "partiallyDeclined", False, "entry_approved"),
        ("BILLED", "approved", False, "billed"),
    ],
)
def test_old_entries_by_status_and_week(carol, bob, now, status, week, reopened, code):
    entry = log(carol)
    TimeEntry.objects.update(status=status)
    Timesheet.objects.update(state=week, reopened_at=NOON if reopened else None)
    now.shift(dt.timedelta(days=60))
    if code is None:
        time_entries.edit(carol, entry.pk, version=1, minutes=31)
    else:
        assert code_of(time_entries.edit, carol, entry.pk, version=1, minutes=31) == code
        assert code_of(time_entries.delete, carol, entry.pk) == code
    if code == "billed":
        assert code_of(time_entries.edit, bob, entry.pk, minutes=31) == "billed"
        assert code_of(time_entries.delete, bob, entry.pk) == "billed"
    else:
        time_entries.edit(bob, entry.pk, minutes=32)


def test_a_closed_period_takes_no_change_from_anybody(acme, carol, alice):
    entry = log(carol)
    close(acme, MONDAY)
    for actor in (carol, alice):
        assert code_of(time_entries.edit, actor, entry.pk, minutes=31) == "period_closed"
        assert code_of(time_entries.delete, actor, entry.pk) == "period_closed"
        assert code_of(log, actor) == "period_closed"
    tuesday = MONDAY + dt.timedelta(days=1)
    assert log(carol, date=tuesday).date == tuesday
    close(acme, None)
    moved = time_entries.edit(carol, entry.pk, date=tuesday)
    close(acme, MONDAY)
    assert code_of(time_entries.edit, carol, moved.pk, date=MONDAY) == "period_closed"


def test_an_agent_logs_nothing_into_a_submitted_week_but_a_manager_does(carol, bob):
    log(carol)
    Timesheet.objects.update(state="submitted")
    assert code_of(log, carol) == "week_submitted"
    assert log(bob, member=carol).status == "SUBMITTED"


def test_an_approved_entry_stays_approved_unless_it_is_your_own_and_another_could_decide(carol, bob):
    theirs, own = log(carol), log(bob)
    TimeEntry.objects.update(status="APPROVED")
    assert time_entries.edit(bob, theirs.pk, minutes=31).status == "APPROVED"
    assert time_entries.edit(bob, own.pk, minutes=31).status == "APPROVED"  # nobody else could decide
    factories.MembershipFactory(role="ADMIN")
    assert time_entries.edit(bob, own.pk, minutes=31, subject=own.subject).status == "APPROVED"  # no change
    assert time_entries.edit(bob, own.pk, minutes=32).status == "SUBMITTED"


# --- Editing ----------------------------------------------------------------------------------------------------------


def test_an_old_version_is_refused_and_changes_nothing(carol):
    entry = log(carol)
    time_entries.edit(carol, entry.pk, version=1, minutes=31)
    with pytest.raises(Conflict) as conflict:
        time_entries.edit(carol, entry.pk, version=1, minutes=99)
    assert conflict.value.current.minutes == 31
    assert code_of(time_entries.delete, carol, entry.pk, version=1) == "stale_version"
    entry.refresh_from_db()
    assert (entry.minutes, entry.version, entry.deleted_at) == (31, 2, None)


def test_moving_an_entry_to_another_week_moves_it_to_that_weeks_sheet(carol):
    entry = log(carol)
    sunday = MONDAY - dt.timedelta(days=1)
    moved = time_entries.edit(carol, entry.pk, version=1, date=sunday)
    assert moved.timesheet.week_start == MONDAY - dt.timedelta(days=7)
    assert {sheet.week_start: sheet.version for sheet in Timesheet.objects.all()}[MONDAY] == 3


def test_an_agent_cannot_move_an_entry_into_a_submitted_week(carol):
    entry, last_week = log(carol), log(carol, date=MONDAY - dt.timedelta(days=7))
    Timesheet.objects.filter(pk=last_week.timesheet_id).update(state="submitted")
    assert code_of(time_entries.edit, carol, entry.pk, date=last_week.date) == "week_submitted"


def test_editing_does_not_extend_the_window_nor_touch_what_only_the_server_sets(carol, now):
    entry = log(carol)
    now.shift(HOUR)
    time_entries.edit(carol, entry.pk, version=1, subject="Retrospective")
    entry.refresh_from_db()
    assert (entry.created_at, entry.updated_at, entry.recorded_by) == (NOON, NOON + HOUR, carol)


def test_an_entry_of_somebody_else_does_not_exist(carol, bob, alice):
    entry = log(bob)
    for call in (time_entries.edit, time_entries.delete, time_entries.restore):
        assert code_of(call, carol, entry.pk) == "not_found"
    assert code_of(time_entries.edit, alice, 10**15) == "not_found"


def test_an_edit_that_changes_nothing_writes_no_event(carol):
    entry = log(carol)
    time_entries.edit(carol, entry.pk, version=1, minutes=30)
    assert not AuditEvent.objects.filter(action="time_entry.updated").exists()


# --- Deleting and restoring -------------------------------------------------------------------------------------------


def test_a_deleted_entry_counts_nowhere_and_comes_back_with_its_id(carol, now):
    entry = log(carol, minutes=1440)
    time_entries.delete(carol, entry.pk, version=1)
    assert not TimeEntry.objects.exists()
    assert code_of(time_entries.edit, carol, entry.pk, minutes=5) == "not_found"
    time_entries.delete(carol, entry.pk)  # once more is a harmless success
    now.shift(dt.timedelta(days=29))  # the edit window does not bind restoring
    back = time_entries.restore(carol, entry.pk)
    assert (back.pk, back.deleted_at, back.minutes) == (entry.pk, None, 1440)
    time_entries.restore(carol, entry.pk)  # harmless too
    actions = AuditEvent.objects.filter(object_id=entry.pk).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["time_entry.logged", "time_entry.deleted", "time_entry.restored"]


def test_what_restoring_refuses(acme, carol, bob, now):
    entry = log(carol, minutes=1000)
    time_entries.delete(carol, entry.pk)
    other = log(carol, minutes=1000)
    assert code_of(time_entries.restore, carol, entry.pk) == "day_too_long"
    time_entries.delete(carol, other.pk)
    Timesheet.objects.update(state="submitted")
    assert code_of(time_entries.restore, carol, entry.pk) == "week_submitted"
    close(acme, MONDAY)
    assert code_of(time_entries.restore, bob, entry.pk) == "period_closed"
    close(acme, None)
    now.shift(dt.timedelta(days=31))
    assert code_of(time_entries.restore, bob, entry.pk) == "not_found"


# --- A record that changes its client ---------------------------------------------------------------------------------


def test_entries_follow_their_ticket_to_its_new_client_unless_billed_or_closed(acme, carol, bob):
    ticket, right = factories.TicketFactory(), factories.ClientFactory()
    wrong = ticket.client
    tuesday = MONDAY + dt.timedelta(days=1)
    closed, billed, later = (log(carol, kind="TICKET", ticket=ticket, date=day) for day in (MONDAY, tuesday, tuesday))
    TimeEntry.objects.filter(pk=billed.pk).update(status="BILLED")
    close(acme, MONDAY)
    bob.organisation = acme
    catalogue.edit(bob, ticket, version=1, client=right)
    stored = dict(TimeEntry.objects.values_list("pk", "client"))
    assert stored == {closed.pk: wrong.pk, billed.pk: wrong.pk, later.pk: right.pk}
    later.refresh_from_db()
    assert later.version == 2
    event = AuditEvent.objects.get(action="ticket.updated")
    assert event.changes["entries_followed"] == [0, 1]
