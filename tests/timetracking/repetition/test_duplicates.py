"""An entry once more: on other days, moved to one; one piece of work on several days at once."""

import datetime as dt

import pytest

from tests import factories
from tests.cast import MONDAY
from tests.timetracking.views.helpers import logged
from timesheets_site.lib.errors import Locked, OutOfReach, RuleViolation
from timetracking.models import EntryBatch, TimeEntry
from timetracking.services import duplicates, many_entries, timesheets

DAY = dt.timedelta(days=1)


def test_a_duplicate_on_several_days_with_one_undo(carol):
    ticket = factories.TicketFactory()
    start = dt.datetime(2026, 6, 15, 9, tzinfo=dt.UTC)
    entry = logged(carol, kind="TICKET", ticket=ticket, minutes=None, started_at=start, ended_at=start + 3 * DAY / 72)
    result = duplicates.duplicate(carol, entry.pk, [MONDAY + DAY, MONDAY + 3 * DAY, MONDAY + DAY, MONDAY + 5 * DAY])
    assert [(e.date, e.minutes, e.ticket, e.started_at) for e in result.done] == [
        (MONDAY + DAY, 60, ticket, None), (MONDAY + 3 * DAY, 60, ticket, None),
    ]  # fmt: skip
    assert [(o.step.key, o.refusal.code) for o in result.refused] == [(MONDAY + 5 * DAY, "date_in_future")]
    many_entries.undo(carol, result.batch.pk)
    assert TimeEntry.objects.get() == entry


def test_what_is_locked_can_be_done_again(carol, bob):
    entry = logged(carol, date=MONDAY - 7 * DAY)
    timesheets.submit(carol, carol, MONDAY - 7 * DAY)
    assert duplicates.duplicate(carol, entry.pk, [MONDAY]).done
    result = duplicates.duplicate(carol, entry.pk, [MONDAY - 7 * DAY])
    assert not result.done and result.refused[0].refusal.code == "week_submitted"


def test_a_managers_duplicate_of_an_agents_entry_is_that_agents(carol, bob):
    entry = logged(carol)
    new = duplicates.duplicate(bob, entry.pk, [MONDAY + DAY]).done[0]
    assert (new.member, new.recorded_by) == (carol, bob)
    with pytest.raises(OutOfReach):
        duplicates.duplicate(carol, logged(bob).pk, [MONDAY])
    with pytest.raises(RuleViolation) as refusal:
        duplicates.duplicate(carol, entry.pk, [])
    assert refusal.value.code == "day_required"


def days(*numbers, **fields):
    return [
        {"kind": "GENERAL", "minutes": 30, "subject": "Stand-up", "date": MONDAY + n * DAY, **fields} for n in numbers
    ]


def test_a_key_that_was_used_logs_nothing_again(carol):
    first = duplicates.log_on_days(carol, carol, days(0, 1, 4), key="once", fingerprint="a")
    assert ([e.date for e in first.done], len(first.refused)) == ([MONDAY, MONDAY + DAY], 1)
    second = duplicates.log_on_days(carol, carol, days(0, 1, 4), key="once", fingerprint="a")
    assert (second.done, second.batch) == (first.done, first.batch)
    assert TimeEntry.objects.count() == 2
    with pytest.raises(RuleViolation) as refusal:
        duplicates.log_on_days(carol, carol, days(2), key="once", fingerprint="b")
    assert refusal.value.code == "key_used"
    many_entries.undo(carol, first.batch.pk)
    assert not TimeEntry.objects.exists()


def test_with_all_days_refused_nothing_is_kept_and_the_key_is_free(carol):
    result = duplicates.log_on_days(carol, carol, days(4, 5), key="once")
    assert [outcome.refusal.code for outcome in result.refused] == ["date_in_future"] * 2
    assert (result.done, result.batch, EntryBatch.objects.exists()) == ([], None, False)
    assert duplicates.log_on_days(carol, carol, days(1), key="once").done


def test_an_entry_moves_with_its_clock_times(carol):
    start = dt.datetime(2026, 6, 15, 8, tzinfo=dt.UTC)  # 09:00 in London
    entry = logged(carol, minutes=None, started_at=start, ended_at=start + DAY / 24)
    moved = duplicates.move(carol, entry.pk, dt.date(2026, 3, 2), version=1)
    assert (moved.date, moved.minutes) == (dt.date(2026, 3, 2), 60)
    assert moved.started_at == dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)  # 09:00 there, in winter
    assert moved.ended_at - moved.started_at == DAY / 24


def test_a_time_that_a_day_does_not_have_is_not_moved_to(carol):
    start = dt.datetime(2026, 6, 15, 0, 30, tzinfo=dt.UTC)  # 01:30 in London
    entry = logged(carol, minutes=None, started_at=start, ended_at=start + DAY / 24)
    with pytest.raises(RuleViolation) as refusal:
        duplicates.move(carol, entry.pk, dt.date(2026, 3, 29))
    assert refusal.value.code == "time_skipped"
    timesheets.submit(carol, carol, MONDAY)
    with pytest.raises(Locked):
        duplicates.move(carol, entry.pk, MONDAY + DAY)
