"""check_integrity finds timers whose minutes or whose count of waiting pieces can't be, and nothing else."""

import datetime as dt

import pytest
import time_machine

from timetracking.models import TimeEntry, Timer, UnplacedPiece
from timetracking.selectors import integrity_of_timers
from timetracking.services import time_entries, timer_filing, timers

pytestmark = pytest.mark.django_db
NINE = dt.datetime(2026, 6, 18, 8, tzinfo=dt.UTC)


@pytest.fixture
def clock(acme):
    with time_machine.travel(NINE, tick=False) as travelled:
        yield travelled


@pytest.fixture
def stopped(carol, clock):
    """One timer of 40 minutes that was filed, one of 20 that waits."""
    timers.start(carol, subject="Filed")
    clock.shift(dt.timedelta(minutes=40))
    timers.start(carol)
    clock.shift(dt.timedelta(minutes=20))
    timers.stop_of(carol, carol)
    return list(Timer.objects.order_by("started_at"))


def found():
    return [(finding.pk, finding.what) for finding in integrity_of_timers.findings()]


def test_what_the_services_leave_behind_is_whole(stopped, carol, clock):
    filed = stopped[0]
    assert found() == []
    timer_filing.place(carol, UnplacedPiece.objects.get().pk, subject="Named")
    timers.resume(carol, timers.start(carol, subject="Again").timer.pk)
    timers.stop_of(carol, carol)
    assert found() == []
    entry = TimeEntry.objects.get(timer=filed)
    time_entries.edit(carol, entry.pk, version=1, minutes=30, started_at=None, ended_at=None)
    assert found() == []  # a person said that it was less


def test_a_timer_that_was_taken_back_and_stopped_again_is_whole(carol, clock):
    timer = timers.start(carol, subject="Twice").timer
    clock.shift(dt.timedelta(minutes=10))
    timers.stop_of(carol, carol)
    timers.resume(carol, timer.pk)
    clock.shift(dt.timedelta(minutes=10))
    timers.stop_of(carol, carol)
    assert found() == []


def test_minutes_that_went_missing_are_found(stopped):
    TimeEntry.unscoped.filter(timer=stopped[0]).update(minutes=35)
    assert found() == [(stopped[0].pk, "counted 40 minutes, but wrote 35 and has 0 waiting")]


def test_a_wrong_count_of_waiting_pieces_is_found(stopped):
    Timer.unscoped.filter(pk=stopped[1].pk).update(unplaced=3)
    assert found() == [(stopped[1].pk, "says that 3 of its pieces wait, but 1 do")]
