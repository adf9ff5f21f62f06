"""A member's timers against a simple reference: started, stopped, thrown away and taken back, in any order."""

from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.tenancy import organisation_scope
from tests.cast import _member
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import TimeEntry, Timer, UnplacedPiece
from timetracking.rules.timer_pieces import counts_from, pieces
from timetracking.services import timers

EVENING = dt.datetime(2026, 10, 24, 20, tzinfo=dt.UTC)  # the night in which clocks go back
PARIS = zoneinfo.ZoneInfo("Europe/Paris")
LIMIT = dt.timedelta(hours=10)
lengths = st.one_of(st.integers(0, 90), st.integers(0, 13 * 3600)).map(lambda seconds: dt.timedelta(seconds=seconds))
_numbers = itertools.count()


class Kept:
    """What the reference knows of a timer."""

    def __init__(self, pk, name, at, begins):
        self.pk, self.name, self.at, self.begins = pk, name, at, begins
        self.state, self.end, self.until, self.waits = "RUNNING", None, None, 0


class Machine(RuleBasedStateMachine):
    organisation = None

    def __init__(self) -> None:
        super().__init__()
        self.scope = organisation_scope(self.organisation)
        self.scope.__enter__()
        self.travel = time_machine.travel(EVENING, tick=False)
        self.clock = self.travel.start()
        self.carol = _member(self.organisation, f"Carol{next(_numbers)} Clark", "AGENT")
        self.kept: list[Kept] = []

    def teardown(self) -> None:
        self.travel.stop()
        self.scope.__exit__(None, None, None)

    @property
    def now(self):
        return dt.datetime.now(dt.UTC)

    @property
    def running(self):
        return next((kept for kept in self.kept if kept.state == "RUNNING"), None)

    def end(self, kept):
        kept.state, kept.end = "STOPPED", self.now
        kept.until = pieces(kept.begins, self.now, PARIS)[-1].ended_at
        kept.waits = len(pieces(kept.begins, self.now, PARIS)) if self.now - kept.at > LIMIT else 0

    @rule(length=lengths)
    def time_passes(self, length):
        self.clock.shift(length)

    @rule(name=st.sampled_from("ABC"))
    def start(self, name):
        started = timers.start(self.carol, subject=name)
        running = self.running
        if running is not None and running.name == name:
            assert (started.timer.pk, started.is_news) == (running.pk, False)
            return
        if running is not None:
            self.end(running)
        last = max((kept.until for kept in self.kept if kept.state == "STOPPED"), default=None)
        self.kept.append(Kept(started.timer.pk, name, self.now, counts_from(self.now, last)))

    @precondition(lambda self: self.kept)
    @rule(place=st.integers(0, 5))
    def stop(self, place):
        kept = self.kept[-1 - place % len(self.kept)]
        if kept.state == "DISCARDED":
            with pytest.raises(RuleViolation, match="discarded"):
                timers.stop(self.carol, kept.pk)
            return
        stopped = timers.stop(self.carol, kept.pk)
        assert stopped.is_news == (kept.state == "RUNNING")
        if stopped.is_news:
            self.end(kept)

    @precondition(lambda self: self.running)
    @rule()
    def discard(self):
        kept = self.running
        timers.discard(self.carol, kept.pk)
        kept.state, kept.end = "DISCARDED", self.now

    @precondition(lambda self: self.kept)
    @rule(place=st.integers(0, 3))
    def resume(self, place):
        kept = self.kept[-1 - place % len(self.kept)]
        other = self.running
        if other is kept:
            assert timers.resume(self.carol, kept.pk).is_running
            return
        later = [each for each in self.kept if each.pk > kept.pk and each.state == "STOPPED"]
        allowed = not later and (other is None or (kept.state == "STOPPED" and other.at == kept.end))
        if not allowed:
            with pytest.raises(RuleViolation):
                timers.resume(self.carol, kept.pk)
            return
        timers.resume(self.carol, kept.pk)
        if other is not None:
            other.state = "DISCARDED"
        kept.state, kept.waits = "RUNNING", 0

    @invariant()
    def one_runs_and_it_is_the_one(self):
        running = list(Timer.objects.running().filter(member=self.carol).values_list("pk", "counts_from"))
        assert running == ([(self.running.pk, self.running.begins)] if self.running else [])

    @invariant()
    def no_minute_is_lost_or_counted_twice(self):
        entries = TimeEntry.objects.filter(member=self.carol).values_list("started_at", "ended_at", "minutes")
        waiting = UnplacedPiece.objects.filter(member=self.carol, settled_at__isnull=True)
        spans = sorted([*entries, *waiting.values_list("started_at", "ended_at", "minutes")])
        assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
        stopped = [kept for kept in self.kept if kept.state == "STOPPED"]
        counted = [(kept.until - kept.begins) // dt.timedelta(minutes=1) for kept in stopped]
        assert sum(minutes for _start, _end, minutes in spans) == sum(counted)
        assert waiting.count() >= sum(kept.waits for kept in stopped)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("examples", [12, pytest.param(30, marks=pytest.mark.thorough)])
def test_the_timers_of_a_member(acme_organisation, monkeypatch, examples):
    acme_organisation.time_zone = "Europe/Paris"
    acme_organisation.save()
    monkeypatch.setattr(Machine, "organisation", acme_organisation)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        ),
    )
