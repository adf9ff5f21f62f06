"""Last week once more: what is copied, what is refused and why, nothing twice, one Undo."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEvent
from tests import factories
from tests.cast import MONDAY
from tests.timetracking.views.helpers import logged
from timesheets_site.lib.errors import OutOfReach
from timetracking.models import EntryBatch, TimeEntry
from timetracking.services import many_entries, repetition, time_entries, week_copies

DAY = dt.timedelta(days=1)
LAST_WEEK = MONDAY - 7 * DAY


def of_this_week(member):
    return TimeEntry.objects.filter(member=member, date__gte=MONDAY).order_by("date", "pk")


def test_a_copy_has_what_was_asked_and_nothing_that_was_decided(carol, bob):
    work_type, role = factories.WorkTypeFactory(), factories.WorkRoleFactory()
    ticket = factories.TicketFactory(billable="yes")
    start = dt.datetime(2026, 6, 8, 9, tzinfo=dt.UTC)
    logged(carol, kind="TICKET", ticket=ticket, date=LAST_WEEK, minutes=None, started_at=start,
           ended_at=start + dt.timedelta(minutes=75), break_minutes=15, subject="Backups", description="Tapes",
           internal_notes="Bill nobody", billable_option="DoNotBill", work_type=work_type, work_role=role)  # fmt: skip
    type(ticket).objects.filter(pk=ticket.pk).update(billable="no")
    filling = week_copies.copy(bob, carol, LAST_WEEK, MONDAY)
    new = of_this_week(carol).get()
    assert (new.date, new.minutes, new.subject, new.description) == (MONDAY, 60, "Backups", "Tapes")
    assert (new.ticket_id, new.billable_option, new.work_type, new.work_role) == (
        ticket.pk, "DoNotBill", work_type, role)  # fmt: skip
    assert (new.started_at, new.ended_at, new.break_minutes, new.internal_notes) == (None, None, 0, "")
    assert new.recorded_by == bob and filling.result.done == [new]
    event = AuditEvent.objects.get(object_id=new.pk, action="time_entry.logged")
    assert (event.actor, event.on_behalf_of) == (bob, carol)


def test_each_entry_comes_on_its_weekday_and_general_time_keeps_its_client(carol):
    client, code = factories.ClientFactory(), factories.ChargeCodeFactory()
    logged(carol, date=LAST_WEEK + DAY, subject="Call", client=client)
    logged(carol, date=LAST_WEEK + 3 * DAY, subject="Meeting", charge_code=code)
    task = factories.TaskFactory()
    logged(carol, date=LAST_WEEK, kind="PROJECT", task=task, subject="Plans")
    week_copies.copy(carol, carol, LAST_WEEK, MONDAY)
    found = [(e.date - MONDAY, e.subject, e.client, e.charge_code, e.task) for e in of_this_week(carol)]
    assert found == [
        (0 * DAY, "Plans", task.project.client, None, task),
        (DAY, "Call", client, None, None),
        (3 * DAY, "Meeting", None, code, None),
    ]


def test_what_is_refused_says_why_and_the_rest_is_copied(carol, acme):
    closed, open_ticket = factories.TicketFactory(number=4790), factories.TicketFactory()
    archived = factories.ProjectFactory(code="OLD-1")
    logged(carol, date=LAST_WEEK, kind="TICKET", ticket=closed, subject="Closed")
    logged(carol, date=LAST_WEEK, kind="PROJECT", project=archived, subject="Archived")
    logged(carol, date=LAST_WEEK + 2 * DAY, kind="TICKET", ticket=open_ticket, subject="Fine")
    logged(carol, date=LAST_WEEK + 4 * DAY, subject="Tomorrow")
    type(closed).objects.filter(pk=closed.pk).update(status="closed")
    type(archived).objects.filter(pk=archived.pk).update(archived_at=dt.datetime(2026, 6, 12, tzinfo=dt.UTC))
    filling = week_copies.copy(carol, carol, LAST_WEEK, MONDAY)
    assert [entry.subject for entry in filling.result.done] == ["Fine"]
    assert [(o.step.fields["subject"], o.refusal.code) for o in filling.result.refused] == [
        ("Closed", "record_closed"), ("Archived", "record_closed"), ("Tomorrow", "date_in_future"),
    ]  # fmt: skip
    acme.lock_date = MONDAY + 6 * DAY
    acme.save()
    carol.organisation = acme
    again = week_copies.copy(carol, carol, LAST_WEEK, MONDAY)
    assert {o.refusal.code for o in again.result.refused} == {"period_closed", "date_in_future"}
    assert not again.result.done and len(again.there) == 1


def test_a_work_type_that_was_archived_is_left_to_the_default(carol):
    old, default = factories.WorkTypeFactory(), factories.WorkTypeFactory(is_default=True)
    logged(carol, date=LAST_WEEK, kind="TICKET", ticket=factories.TicketFactory(), work_type=old)
    type(old).objects.filter(pk=old.pk).update(archived_at=dt.datetime(2026, 6, 12, tzinfo=dt.UTC))
    week_copies.copy(carol, carol, LAST_WEEK, MONDAY)
    assert of_this_week(carol).get().work_type == default


def test_the_second_time_nothing_is_doubled_even_where_minutes_were_changed(carol):
    for _ in range(2):
        logged(carol, date=LAST_WEEK, subject="Stand-up", minutes=15)
    logged(carol, date=LAST_WEEK + DAY, subject="Meeting")
    first = week_copies.copy(carol, carol, LAST_WEEK, MONDAY)
    assert (len(first.result.done), len(first.there)) == (3, 0)
    time_entries.edit(carol, first.result.done[0].pk, minutes=20)
    time_entries.delete(carol, first.result.done[2].pk)
    second = week_copies.copy(carol, carol, LAST_WEEK, MONDAY)
    assert ([e.subject for e in second.result.done], len(second.there)) == (["Meeting"], 2)
    third = week_copies.copy(carol, carol, LAST_WEEK, MONDAY)
    assert (third.result.done, third.result.batch, len(third.there)) == ([], None, 3)


def test_a_rehearsal_says_the_same_and_writes_nothing(carol):
    logged(carol, date=LAST_WEEK)
    logged(carol, date=LAST_WEEK + 4 * DAY)
    wanted = week_copies.wanted(carol, LAST_WEEK, MONDAY)
    shown = repetition.rehearse(carol, carol, wanted)
    assert [(o.refusal and o.refusal.code) for o in shown.result.outcomes] == [None, "date_in_future"]
    assert not of_this_week(carol).exists() and not EntryBatch.objects.exists()


def test_agents_copy_their_own_weeks_only(carol, bob):
    logged(bob, date=LAST_WEEK)
    with pytest.raises(OutOfReach):
        week_copies.copy(carol, bob, LAST_WEEK, MONDAY)
    assert not of_this_week(bob).exists()


def test_the_week_that_is_copied_is_the_last_one_with_entries(carol, bob):
    assert week_copies.source_of(carol, MONDAY) is None
    logged(carol, date=MONDAY)
    logged(bob, date=LAST_WEEK)
    assert week_copies.source_of(carol, MONDAY) is None
    logged(carol, date=LAST_WEEK - 20 * DAY)
    assert week_copies.source_of(carol, MONDAY) == LAST_WEEK - 21 * DAY
    logged(carol, date=LAST_WEEK + 6 * DAY)
    assert week_copies.source_of(carol, MONDAY) == LAST_WEEK


def test_the_rows_of_a_week_are_its_records_once(carol):
    ticket, task = factories.TicketFactory(), factories.TaskFactory()
    for day in range(2):
        logged(carol, date=LAST_WEEK + day * DAY, kind="TICKET", ticket=ticket)
    logged(carol, date=LAST_WEEK, kind="PROJECT", task=task)
    logged(carol, date=LAST_WEEK)
    assert week_copies.records(carol, LAST_WEEK) == [ticket, task, None]


entries = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(["Stand-up", "Post", "Backups"]), st.integers(1, 90)), max_size=6
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(last_week=entries, this_week=entries)
def test_twice_is_once_and_undo_leaves_what_was_there(carol, acme, last_week, this_week):
    acme.future_dates_allowed = True
    acme.save()
    TimeEntry.with_deleted.all().delete()
    for first, kind_of_entries in ((LAST_WEEK, last_week), (MONDAY, this_week)):
        for day, subject, minutes in kind_of_entries:
            logged(carol, date=first + day * DAY, subject=subject, minutes=minutes)
    before = list(of_this_week(carol).values_list("pk", "version", "minutes"))
    first = week_copies.copy(carol, carol, LAST_WEEK, MONDAY)
    after = list(of_this_week(carol).values_list("pk", flat=True))
    assert len(first.result.done) + len(first.there) == len(last_week)
    second = week_copies.copy(carol, carol, LAST_WEEK, MONDAY)
    assert not second.result.outcomes and list(of_this_week(carol).values_list("pk", flat=True)) == after
    if first.result.batch is not None:
        many_entries.undo(carol, first.result.batch.pk)
    assert list(of_this_week(carol).values_list("pk", "version", "minutes")) == before
