"""What a stopped timer could not file: kept with its reason, placed, dropped, brought back."""

import datetime as dt

import pytest

from accounts.models import Notification
from tests import factories
from tests.timetracking.timers.asking import HOUR, MINUTE, NINE, Clock, actions, code_of
from timesheets_site.lib.errors import OutOfReach
from timetracking.models import TimeEntry, Timer, UnplacedPiece
from timetracking.services import timer_filing, timers

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(thursday):
    return Clock(thursday)


# --- What can't be filed ----------------------------------------------------------------------------------------------


def test_a_submitted_week_keeps_no_timer_from_stopping(carol, clock, ticket):
    factories.TimesheetFactory(member=carol, week_start=dt.date(2026, 6, 15), state="submitted")
    timer = timers.start(carol, record=ticket).timer
    clock.passes(minutes=30)
    stopped = timers.stop(carol, timer.pk)
    piece = UnplacedPiece.objects.get()
    assert (stopped.entries, stopped.unplaced, Timer.objects.get().unplaced) == ((), 1, 1)
    assert (piece.code, piece.minutes, piece.is_first) == ("week_submitted", 30, True)
    assert "submitted" in piece.reason


@pytest.mark.parametrize("policy", ["overlap", "lock_date", "clock", "description"])
def test_nor_does_any_policy(acme, carol, clock, ticket, policy):
    timer = timers.start(carol, record=ticket).timer
    clock.passes(minutes=30)
    if policy == "overlap":
        acme.overlap = "refuse"
        factories.TimeEntryFactory(
            member=carol, date=NINE.date(), minutes=60, started_at=NINE - 10 * MINUTE, ended_at=NINE + 50 * MINUTE
        )
    if policy == "lock_date":
        acme.lock_date = NINE.date()
    if policy == "clock":
        acme.task_required = acme.clock_required = True
    if policy == "description":
        acme.description_required = "always"
    acme.save()
    carol.organisation = acme
    stopped = timers.stop(carol, timer.pk)
    filed = policy == "clock"  # a timer has its clock times
    assert (len(stopped.entries), stopped.unplaced) == ((1, 0) if filed else (0, 1))
    assert not Timer.objects.get().is_running


def test_a_day_that_can_be_filed_is_and_the_other_waits(acme, carol, clock, ticket):
    clock.goes_to(dt.datetime(2026, 6, 14, 22, 30, tzinfo=dt.UTC))  # Sunday, 23:30
    factories.TimesheetFactory(member=carol, week_start=dt.date(2026, 6, 8), state="submitted")
    timer = timers.start(carol, record=ticket).timer
    clock.passes(hours=1)
    stopped = timers.stop(carol, timer.pk)
    assert [str(entry.date) for entry in stopped.entries] == ["2026-06-15"]
    assert [str(piece.date) for piece in UnplacedPiece.objects.all()] == ["2026-06-14"]


def test_a_waiting_piece_is_placed_under_the_reserved_number(acme, carol, clock, ticket):
    acme.description_required = "always"
    acme.save()
    carol.organisation = acme
    timer = timers.start(carol, record=ticket).timer
    clock.passes(minutes=30)
    timers.stop(carol, timer.pk)
    piece = UnplacedPiece.objects.get()
    assert code_of(timer_filing.place, carol, piece.pk) == "description_required"
    entry = timer_filing.place(carol, piece.pk, description="Restarted the tunnel")
    assert (entry.pk, entry.minutes, entry.timer, entry.ticket) == (timer.first_entry_number, 30, timer, ticket)
    assert timer_filing.place(carol, piece.pk, description="Twice").pk == entry.pk
    assert (Timer.objects.get().unplaced, TimeEntry.objects.count()) == (0, 1)
    assert actions(timer)[-1] == "timer.piece_placed"


def test_a_piece_is_dropped_and_comes_back(carol, clock, bob, mallory):
    timer = timers.start(carol).timer
    clock.passes(minutes=5)
    timers.stop(carol, timer.pk)
    piece = UnplacedPiece.objects.get()
    assert piece.code == "subject_required"
    timer_filing.drop(carol, piece.pk)
    assert Timer.objects.get().unplaced == 0
    assert code_of(timer_filing.place, carol, piece.pk, subject="x") == "piece_dropped"
    timer_filing.bring_back(carol, piece.pk)
    assert Timer.objects.get().unplaced == 1
    timer_filing.place(carol, piece.pk, subject="Sorting")
    assert code_of(timer_filing.bring_back, carol, piece.pk) == "piece_placed"


@pytest.mark.parametrize("dropped", [False, True])
def test_a_piece_of_a_timer_that_ran_on_never_comes_back(carol, clock, dropped):
    timer = timers.start(carol).timer
    clock.passes(minutes=20)
    timers.stop(carol, timer.pk)
    old = UnplacedPiece.objects.get()
    if dropped:
        timer_filing.drop(carol, old.pk)
    timers.resume(carol, timer.pk)
    assert code_of(timer_filing.bring_back, carol, old.pk) == "timer_resumed"
    clock.passes(minutes=10)
    timers.stop(carol, timer.pk)
    assert code_of(timer_filing.bring_back, carol, old.pk) == "timer_resumed"
    assert [piece.minutes for piece in UnplacedPiece.objects.filter(settled_at=None)] == [30]


def test_pieces_of_others_are_out_of_reach(carol, bob, clock):
    timer = timers.start(bob).timer
    clock.passes(minutes=5)
    timers.stop(bob, timer.pk)
    piece = UnplacedPiece.objects.get()
    for call in (timer_filing.place, timer_filing.drop, timer_filing.bring_back):
        with pytest.raises(OutOfReach):
            call(carol, piece.pk)


# --- Forgotten --------------------------------------------------------------------------------------------------------


def test_what_ran_for_too_long_is_not_filed_silently(carol, bob, clock, ticket):
    timer = timers.start(carol, record=ticket).timer
    clock.passes(hours=10, seconds=1)
    stopped = timers.stop(bob, timer.pk)
    piece = UnplacedPiece.objects.get()
    assert (stopped.entries, piece.code, piece.minutes) == ((), "timer_forgotten", 600)
    told = Notification.objects.filter(member=carol).values_list("kind", flat=True)
    assert set(told) == {"timer.stopped", "timer.unplaced"}


def test_the_real_end_files_it(carol, clock, ticket):
    timer = timers.start(carol, record=ticket).timer
    clock.passes(hours=30)
    stopped = timers.stop(carol, timer.pk, ended_at=NINE + 8 * HOUR)
    assert [entry.minutes for entry in stopped.entries] == [480]
    assert stopped.timer.stopped_at == NINE + 8 * HOUR


def test_ten_hours_are_not_too_long(carol, clock, ticket):
    timer = timers.start(carol, record=ticket).timer
    clock.passes(hours=10)
    assert timers.stop(carol, timer.pk).minutes == 600
