"""Start, change, stop, discard and take back timers: what they write, and what each refusal is called."""

import datetime as dt

import pytest

from accounts.models import AuditEvent
from tests import factories
from tests.timetracking.timers.asking import HOUR, MINUTE, NINE, Clock, actions, code_of
from timesheets_site.lib.errors import Conflict, OutOfReach
from timetracking.models import TimeEntry, Timer
from timetracking.services import time_entries, timers

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(thursday):
    return Clock(thursday)


# --- Start ------------------------------------------------------------------------------------------------------------


def test_a_timer_runs_for_its_member_and_takes_the_records_name(carol, clock, ticket):
    started = timers.start(carol, record=ticket)
    timer = Timer.objects.get()
    assert (timer.member, timer.ticket, timer.state, timer.started_at) == (carol, ticket, "RUNNING", NINE)
    assert timer.subject == "Slow CRM over VPN"
    assert (started.stopped, started.is_news, actions(timer)) == (None, True, ["timer.started"])


def test_the_same_again_runs_on(carol, clock, ticket):
    first = timers.start(carol, record=ticket)
    clock.passes(minutes=5)
    again = timers.start(carol, record=ticket)
    assert (again.timer.pk, again.is_news, again.timer.started_at) == (first.timer.pk, False, NINE)


def test_another_stops_the_first_in_the_same_instant(carol, clock, ticket):
    timers.start(carol, record=ticket)
    clock.passes(minutes=42, seconds=18)
    started = timers.start(carol, subject="Stand-up")
    entry = TimeEntry.objects.get()
    assert (entry.minutes, entry.ended_at) == (42, NINE + 42 * MINUTE)
    assert started.timer.started_at == started.stopped.timer.stopped_at == clock.now
    assert started.timer.counts_from == entry.ended_at
    assert Timer.objects.running().count() == 1


def test_no_timer_on_what_takes_no_time(carol, clock, ticket):
    ticket.status, ticket.closed_at = "closed", NINE
    ticket.save()
    assert code_of(timers.start, carol, record=ticket) == "record_closed"
    assert not Timer.objects.exists()


def test_an_agent_starts_only_their_own(carol, bob, clock):
    with pytest.raises(OutOfReach):
        timers.start(carol, member=bob)
    assert timers.start(bob, member=carol).timer.member == carol


def test_texts_are_checked_at_the_start(carol, clock):
    assert code_of(timers.start, carol, subject="x" * 201) == "text_too_long"
    assert code_of(timers.start, carol, billable_option="Maybe") == "billable_option_unknown"


# --- Stop -------------------------------------------------------------------------------------------------------------


def test_stopping_writes_one_entry_under_the_number_that_was_reserved(carol, clock, ticket):
    timer = timers.start(carol, record=ticket, subject="Traced it", description="Packet loss").timer
    factories.TimeEntryFactory(member=carol, date=NINE.date(), minutes=5)  # takes another number
    clock.passes(minutes=42, seconds=30)
    stopped = timers.stop(carol, timer.pk)
    (entry,) = stopped.entries
    assert entry.pk == timer.first_entry_number
    assert (entry.date, entry.minutes, entry.started_at, entry.ended_at) == (
        NINE.date(), 43, NINE, NINE + 43 * MINUTE,
    )  # fmt: skip
    assert (entry.kind, entry.ticket, entry.subject, entry.description) == (
        "TICKET",
        ticket,
        "Traced it",
        "Packet loss",
    )
    assert (entry.timer, entry.billable, stopped.unplaced, stopped.is_news) == (timer, True, 0, True)
    assert actions(timer) == ["timer.started", "timer.stopped"]
    assert AuditEvent.objects.filter(action="time_entry.logged", object_id=entry.pk).exists()


def test_never_less_than_a_minute_and_none_twice(carol, clock, ticket):
    timer = timers.start(carol, record=ticket).timer
    clock.passes(seconds=3)
    assert timers.stop(carol, timer.pk).minutes == 1
    again = timers.start(carol, subject="Next").timer
    clock.passes(minutes=2)
    timers.stop(carol, again.pk)
    first, second = TimeEntry.objects.order_by("started_at")
    assert (first.ended_at, second.started_at, second.minutes) == (NINE + MINUTE, NINE + MINUTE, 1)


def test_two_local_days_become_two_entries(carol, clock, ticket):
    clock.goes_to(dt.datetime(2026, 6, 17, 22, 10, tzinfo=dt.UTC))  # 23:10 in London
    timer = timers.start(carol, record=ticket).timer
    clock.passes(hours=2, minutes=20)
    stopped = timers.stop(carol, timer.pk)
    assert [(str(e.date), e.minutes, e.timer_id) for e in stopped.entries] == [
        ("2026-06-17", 50, timer.pk), ("2026-06-18", 90, timer.pk),
    ]  # fmt: skip
    assert stopped.entries[0].pk == timer.first_entry_number


def test_the_days_are_those_of_the_zone_in_which_it_was_started(carol, clock, ticket):
    clock.goes_to(dt.datetime(2026, 6, 17, 22, 30, tzinfo=dt.UTC))
    timer = timers.start(carol, record=ticket).timer
    carol.user.time_zone = "America/New_York"
    carol.user.save()
    clock.passes(hours=1)
    assert [(str(e.date), e.zone) for e in timers.stop(carol, timer.pk).entries] == [
        ("2026-06-17", "Europe/London"), ("2026-06-18", "Europe/London"),
    ]  # fmt: skip


def test_stopping_again_is_harmless(carol, clock, ticket):
    timer = timers.start(carol, record=ticket).timer
    clock.passes(minutes=10)
    first = timers.stop(carol, timer.pk)
    clock.passes(minutes=10)
    again = timers.stop(carol, timer.pk)
    assert (again.is_news, again.minutes, again.entries) == (False, 10, first.entries)
    assert TimeEntry.objects.count() == 1


def test_a_stale_version_is_refused(carol, clock, ticket):
    timer = timers.start(carol, record=ticket).timer
    timers.change(carol, timer.pk, subject="Other")
    with pytest.raises(Conflict):
        timers.stop(carol, timer.pk, version=1)
    assert Timer.objects.get().is_running


def test_who_has_none_is_told(carol, clock):
    assert code_of(timers.stop_of, carol, carol) == "no_timer"


@pytest.mark.parametrize(
    ("end", "code"), [(NINE + 2 * HOUR, "timer_ends_in_future"), (NINE - MINUTE, "timer_ends_before_start")]
)
def test_an_end_that_cannot_be(carol, clock, ticket, end, code):
    timer = timers.start(carol, record=ticket).timer
    clock.passes(hours=1)
    assert code_of(timers.stop, carol, timer.pk, ended_at=end) == code
    assert Timer.objects.get().is_running


# --- Change, discard, take back ---------------------------------------------------------------------------------------


def test_a_running_timer_is_changed(carol, clock, ticket):
    timer = timers.start(carol, subject="Call").timer
    changed = timers.change(carol, timer.pk, version=1, record=ticket, subject="VPN call", started_at=NINE - HOUR)
    assert (changed.ticket, changed.subject, changed.counts_from, changed.version) == (
        ticket,
        "VPN call",
        NINE - HOUR,
        2,
    )
    with pytest.raises(Conflict):
        timers.change(carol, timer.pk, version=1, subject="Old")
    assert actions(timer) == ["timer.started", "timer.changed"]


def test_it_cannot_begin_in_the_future_nor_before_the_last_one_ended(carol, clock, ticket):
    first = timers.start(carol, record=ticket).timer
    clock.passes(minutes=30)
    timers.stop(carol, first.pk)
    second = timers.start(carol, subject="Next").timer
    assert code_of(timers.change, carol, second.pk, started_at=NINE) == "timer_starts_too_early"
    assert code_of(timers.change, carol, second.pk, started_at=NINE + 2 * HOUR) == "timer_starts_in_future"


def test_others_do_not_change_or_discard_it(carol, bob, clock):
    timer = timers.start(carol, subject="Mine").timer
    for call in (timers.change, timers.discard, timers.resume):
        with pytest.raises(OutOfReach):
            call(bob, timer.pk)


def test_discarding_writes_nothing_and_can_be_taken_back(carol, clock, ticket):
    timer = timers.start(carol, record=ticket).timer
    clock.passes(minutes=30)
    timers.discard(carol, timer.pk)
    assert (TimeEntry.objects.count(), Timer.objects.get().state) == (0, "DISCARDED")
    assert code_of(timers.stop, carol, timer.pk) == "timer_discarded"
    clock.passes(minutes=10)
    timers.resume(carol, timer.pk)
    clock.passes(minutes=20)
    assert timers.stop(carol, timer.pk).minutes == 60


def test_undo_of_a_stop_lets_it_run_on(carol, clock, ticket):
    timer = timers.start(carol, record=ticket).timer
    clock.passes(minutes=30)
    timers.stop(carol, timer.pk)
    timers.resume(carol, timer.pk)
    assert (TimeEntry.objects.count(), Timer.objects.get().is_running) == (0, True)
    clock.passes(minutes=30)
    stopped = timers.stop(carol, timer.pk)
    assert [entry.minutes for entry in stopped.entries] == [60]
    assert actions(timer)[-2:] == ["timer.resumed", "timer.stopped"]


def test_undo_of_a_switch_gives_the_time_back_to_the_first(carol, clock, ticket):
    first = timers.start(carol, record=ticket).timer
    clock.passes(minutes=30)
    second = timers.start(carol, subject="By mistake").timer
    clock.passes(minutes=1)
    timers.resume(carol, first.pk)
    states = dict(Timer.objects.values_list("pk", "state"))
    assert states == {first.pk: "RUNNING", second.pk: "DISCARDED"}
    assert not TimeEntry.objects.exists()


def test_no_undo_once_another_was_started_or_the_entry_changed(carol, clock, ticket):
    first = timers.start(carol, record=ticket).timer
    clock.passes(minutes=30)
    (entry,) = timers.stop(carol, first.pk).entries
    clock.passes(minutes=5)
    other = timers.start(carol, subject="Later").timer
    assert code_of(timers.resume, carol, first.pk) == "timer_runs_already"
    timers.discard(carol, other.pk)
    time_entries.edit(carol, entry.pk, version=1, subject="Changed")
    assert code_of(timers.resume, carol, first.pk) == "nothing_to_undo"
    assert TimeEntry.objects.get().subject == "Changed"


def test_what_ran_on_is_not_restored_beside_the_timer(carol, clock, ticket):
    timer = timers.start(carol, record=ticket).timer
    clock.passes(minutes=30)
    (entry,) = timers.stop(carol, timer.pk).entries
    timers.resume(carol, timer.pk)
    assert code_of(time_entries.restore, carol, entry.pk) == "timer_ran_on"
    clock.passes(minutes=30)
    (longer,) = timers.stop(carol, timer.pk).entries
    assert code_of(time_entries.restore, carol, entry.pk) == "timer_ran_on"
    time_entries.delete(carol, longer.pk)
    assert time_entries.restore(carol, longer.pk).minutes == 60


# --- Managers ---------------------------------------------------------------------------------------------------------


def test_a_manager_stops_all(carol, bob, alice, clock, ticket):
    timers.start(carol, record=ticket)
    timers.start(alice, subject="Rates")
    clock.passes(minutes=15)
    stopped = timers.stop_all(bob)
    assert [each.minutes for each in stopped] == [15, 15]
    assert {entry.recorded_by for entry in TimeEntry.objects.all()} == {bob}
    assert not Timer.objects.running().exists()


def test_one_that_is_discarded_meanwhile_keeps_no_other_from_being_stopped(carol, bob, alice, clock, monkeypatch):
    first = timers.start(carol, subject="Gone").timer
    clock.passes(minutes=1)
    second, stop = timers.start(alice, subject="Rates").timer, timers.stop

    def after_a_discard(actor, timer_id):
        if timer_id == first.pk:
            timers.discard(carol, first.pk)
        return stop(actor, timer_id)

    monkeypatch.setattr(timers, "stop", after_a_discard)
    assert [each.timer.pk for each in timers.stop_all(bob)] == [second.pk]


def test_an_agent_stops_only_their_own(carol, bob, clock):
    mine, other = timers.start(carol, subject="Mine").timer, timers.start(bob, subject="Not mine").timer
    with pytest.raises(OutOfReach):
        timers.stop(carol, other.pk)
    assert [each.timer.pk for each in timers.stop_all(carol)] == [mine.pk]
