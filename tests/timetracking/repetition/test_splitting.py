"""An entry in two: the sum stays to the minute, times follow each other, all of it or nothing."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEvent
from tests import factories
from tests.cast import MONDAY
from tests.timetracking.rules.test_documents import rows
from tests.timetracking.views.helpers import NOON, logged
from timesheets_site.lib.errors import Conflict, Locked, OutOfReach, RuleViolation
from timetracking.models import EntryBatch, TimeEntry
from timetracking.rules.splitting import parts
from timetracking.services import many_entries, splitting, time_entries, timesheets

NINE = dt.datetime(2026, 6, 15, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.mark.parametrize("row", rows("repetition.md", "split"))
def test_the_examples_of_the_document(row):
    start, end, pause, stays = row[0], row[1], int(row[2]), int(row[3])
    started, ended = (dt.datetime.fromisoformat(f"2026-06-15T{clock}Z") for clock in (start, end))
    worked = int((ended - started).total_seconds()) // 60 - pause
    found = parts(worked, stays, started_at=started, ended_at=ended, break_minutes=pause)
    told = [(f"{part.started_at:%H:%M}–{part.ended_at:%H:%M}", str(part.break_minutes)) for part in found]
    assert told == [(row[4], row[5]), (row[6], row[7])]


@given(st.data())
@example(data=None)
def test_the_sum_stays_and_the_parts_follow_each_other(data):
    minutes = data.draw(st.integers(2, 1500)) if data else 2
    first = data.draw(st.integers(1, minutes - 1)) if data else 1
    pause = data.draw(st.integers(0, 300)) if data else 0
    seconds = data.draw(st.integers(-29, 29)) if data else 0
    end = NINE + (minutes + pause) * MINUTE + dt.timedelta(seconds=seconds)
    a, b = parts(minutes, first, started_at=NINE, ended_at=end, break_minutes=pause)
    assert (a.minutes, a.minutes + b.minutes, a.break_minutes + b.break_minutes) == (first, minutes, pause)
    assert (a.started_at, a.ended_at, b.ended_at) == (NINE, b.started_at, end)
    for part in (a, b):  # as `time_entries` counts them
        elapsed = int((part.ended_at - part.started_at).total_seconds())
        assert (elapsed + 30) // 60 - part.break_minutes == part.minutes
    for times in ({"started_at": NINE}, {"ended_at": end}, {}):
        a, b = parts(minutes, first, break_minutes=pause, **times)
        assert (a.minutes + b.minutes, a.break_minutes + b.break_minutes) == (minutes, pause)
        assert (a.started_at, b.ended_at) == (times.get("started_at"), times.get("ended_at"))


@pytest.mark.parametrize("first", [0, 30, 31, -5])
def test_both_parts_need_a_minute(first):
    with pytest.raises(ValueError, match="minute"):
        parts(30, first)


def test_the_rest_goes_to_another_record_and_undo_takes_it_back(carol):
    ticket, project = factories.TicketFactory(billable="yes"), factories.ProjectFactory()
    entry = logged(carol, kind="TICKET", ticket=ticket, minutes=90, description="Long", internal_notes="Mind")
    kept, new, result = splitting.split(
        carol, entry.pk, minutes=60, version=1, kind="PROJECT", project=project, subject="Plans"
    )
    assert (kept.pk, kept.minutes, kept.ticket) == (entry.pk, 60, ticket)
    assert (new.minutes, new.kind, new.project, new.ticket, new.subject) == (30, "PROJECT", project, None, "Plans")
    assert (new.description, new.internal_notes, new.date, new.client) == ("Long", "Mind", MONDAY, project.client)
    many_entries.undo(carol, result.batch.pk)
    stored = TimeEntry.objects.get()
    assert (stored.pk, stored.minutes, stored.ticket) == (entry.pk, 90, ticket)


def test_the_history_of_both_says_where_it_came_from(carol):
    entry = logged(carol, minutes=90)
    _kept, new, _result = splitting.split(carol, entry.pk, minutes=60)
    events = AuditEvent.objects.order_by("pk").values_list("object_id", "action", "changes")
    told = [(pk, action, changes) for pk, action, changes in events if action.startswith("time_entry.split")]
    assert told == [
        (entry.pk, "time_entry.split", {"split_into": [None, new.pk]}),
        (new.pk, "time_entry.split_off", {"split_from": [None, entry.pk]}),
    ]


def test_clock_times_are_consecutive_and_the_second_part_lies_on_its_own_day(carol):
    start = dt.datetime(2026, 6, 15, 22, tzinfo=dt.UTC)  # 23:00 in London
    entry = logged(carol, minutes=None, started_at=start, ended_at=start + dt.timedelta(hours=3), break_minutes=30)
    kept, new, result = splitting.split(carol, entry.pk, minutes=60)
    assert (kept.started_at, kept.ended_at, kept.break_minutes, kept.date) == (
        start, start + 60 * MINUTE, 0, MONDAY)  # fmt: skip
    assert (new.started_at, new.ended_at, new.break_minutes, new.minutes, new.date) == (
        kept.ended_at, entry.ended_at, 30, 90, MONDAY + dt.timedelta(days=1))  # fmt: skip
    many_entries.undo(carol, result.batch.pk)
    entry.refresh_from_db()
    assert (entry.minutes, entry.break_minutes, entry.ended_at) == (150, 30, start + dt.timedelta(hours=3))


@pytest.mark.parametrize("minutes", [0, 30, 45, -1])
def test_what_leaves_nothing_is_refused(carol, minutes):
    entry = logged(carol)
    with pytest.raises(RuleViolation) as refusal:
        splitting.split(carol, entry.pk, minutes=minutes)
    assert (refusal.value.code, refusal.value.field) == ("minutes_beyond_entry", "minutes")


def test_all_of_it_or_nothing(carol):
    closed = factories.TicketFactory(status="closed")
    entry = logged(carol)
    with pytest.raises(RuleViolation) as refusal:
        splitting.split(carol, entry.pk, minutes=10, kind="TICKET", ticket=closed)
    assert refusal.value.code == "record_closed"
    entry.refresh_from_db()
    assert (entry.minutes, entry.version, TimeEntry.objects.count(), EntryBatch.objects.count()) == (30, 1, 1, 0)
    assert not AuditEvent.objects.filter(action__startswith="time_entry.split").exists()


@pytest.mark.parametrize(("status", "code"), [("APPROVED", "approved"), ("BILLED", "billed")])
def test_approved_and_billed_time_is_not_split_by_a_manager_either(carol, bob, status, code):
    entry = logged(carol)
    TimeEntry.objects.filter(pk=entry.pk).update(status=status)
    with pytest.raises(Locked) as refusal:
        splitting.split(bob, entry.pk, minutes=10)
    assert code in refusal.value.code
    assert TimeEntry.objects.get().minutes == 30


def test_what_is_submitted_is_locked_for_its_member_and_a_manager_splits_it_within_its_week(carol, bob):
    entry = logged(carol)
    timesheets.submit(carol, carol, MONDAY)
    with pytest.raises(Locked):
        splitting.split(carol, entry.pk, minutes=10)
    kept, new, _result = splitting.split(bob, entry.pk, minutes=10)
    assert [each.status for each in (kept, new)] == ["SUBMITTED", "SUBMITTED"]


def test_an_old_version_and_another_agents_entry(carol, bob, now):
    entry, others = logged(carol), logged(bob)
    time_entries.edit(carol, entry.pk, minutes=50)
    with pytest.raises(Conflict):
        splitting.split(carol, entry.pk, minutes=10, version=1)
    with pytest.raises(OutOfReach):
        splitting.split(carol, others.pk, minutes=10)
    now.move_to(NOON + dt.timedelta(hours=25))
    with pytest.raises(Locked):
        splitting.split(carol, entry.pk, minutes=10)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(minutes=st.integers(2, 600), share=st.floats(0, 1), pause=st.integers(0, 60), clock=st.booleans())
def test_stored_sums_stay_to_the_minute(carol, minutes, share, pause, clock):
    TimeEntry.with_deleted.all().delete()
    times = {"started_at": NINE, "ended_at": NINE + (minutes + pause) * MINUTE, "break_minutes": pause} if clock else {}
    entry = logged(carol, minutes=minutes, **times)
    first = min(max(round(minutes * share), 1), minutes - 1)
    kept, new, result = splitting.split(carol, entry.pk, minutes=first)
    assert (kept.minutes, kept.minutes + new.minutes) == (first, minutes)
    assert sum(TimeEntry.objects.values_list("minutes", flat=True)) == minutes
    many_entries.undo(carol, result.batch.pk)
    assert list(TimeEntry.objects.values_list("pk", "minutes")) == [(entry.pk, minutes)]
