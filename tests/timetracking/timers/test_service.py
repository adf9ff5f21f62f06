"""Start, change, stop, discard and take back timers: what they write, and what each refusal is called."""

import datetime as dt

import pytest
import time_machine

from accounts.models import AuditEvent, Notification
from tests import factories
from timesheets_site.lib.errors import Conflict, OutOfReach, RuleViolation
from timetracking.models import TimeEntry, Timer, UnplacedPiece
from timetracking.services import time_entries, timer_filing, timers

pytestmark = pytest.mark.django_db
NINE = dt.datetime(2026, 6, 18, 8, tzinfo=dt.UTC)  # in London
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


class Clock:
    def __init__(self, travelled):
        self.travelled = travelled

    @property
    def now(self):
        return dt.datetime.now(dt.UTC)

    def goes_to(self, moment):
        self.travelled.move_to(moment)

    def passes(self, **length):
        self.travelled.shift(dt.timedelta(**length))


@pytest.fixture
def clock(acme):
    acme.time_zone = "Europe/London"
    acme.save()
    with time_machine.travel(NINE, tick=False) as travelled:
        yield Clock(travelled)


@pytest.fixture
def ticket(acme):
    return factories.TicketFactory(number=4851, title="Slow CRM over VPN")


def code_of(call, *args, **kwargs):
    with pytest.raises(RuleViolation) as refusal:
        call(*args, **kwargs)
    return refusal.value.code


def actions(timer):
    events = AuditEvent.objects.filter(object_type="timer", object_id=timer.pk).order_by("pk")
    return list(events.values_list("action", flat=True))


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
