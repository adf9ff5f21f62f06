"""One member's timer from many places at once: one timer is left, no minute is lost or counted twice. With a twin."""

import datetime as dt
import itertools

import pytest

from accounts.models import Membership
from accounts.tenancy import organisation_scope
from tests import factories
from tests.cast import _member
from tests.marks import on_postgresql_alone
from tests.together import Meeting, together
from timesheets_site.lib import turns
from timesheets_site.lib.turns import Place
from timetracking.models import TimeEntry, Timer
from timetracking.services import timer_filing, timers

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 10


@pytest.fixture
def acme(transactional_db):
    acme = factories.OrganisationFactory(name="Acme", slug="acme", time_zone="Europe/London")
    with organisation_scope(acme):
        yield acme


@pytest.fixture
def carol(acme):
    return _member(acme, "Carol Clark", "AGENT")


@pytest.fixture
def running(carol):
    """A timer that began two hours ago."""
    timer = timers.start(carol, subject="First").timer
    at = timer.started_at - dt.timedelta(hours=2)
    return timers.change(carol, timer.pk, started_at=at)


def again(member):
    return Membership.objects.select_related("user", "organisation").get(pk=member.pk)


def check_the_clock():
    """The entries follow each other without a gap or an overlap, up to where the running timer begins."""
    entries = list(TimeEntry.objects.order_by("started_at"))
    for one, following in itertools.pairwise(entries):
        assert one.ended_at == following.started_at
    for entry in entries:
        assert entry.minutes == (entry.ended_at - entry.started_at) // dt.timedelta(minutes=1)
    timer = Timer.objects.running().first()
    if timer is not None and entries:
        assert timer.counts_from == entries[-1].ended_at
    return entries


def test_ten_starts_at_once_leave_one_timer(acme, carol, running):
    results = together(acme, *(lambda n=n: timers.start(again(carol), subject=f"Job {n}") for n in range(MANY)))
    assert all(isinstance(result, timers.Started) for result in results), results
    assert Timer.objects.running().count() == 1
    assert Timer.objects.count() == MANY + 1
    entries = check_the_clock()
    assert len(entries) == MANY
    assert entries[0].minutes in (120, 121)


def test_ten_stops_at_once_write_one_entry(acme, carol, running):
    results = together(acme, *(lambda: timers.stop(again(carol), running.pk) for _n in range(MANY)))
    assert sorted(result.is_news for result in results) == [False] * (MANY - 1) + [True]
    (entry,) = check_the_clock()
    assert (entry.pk, entry.minutes in (120, 121)) == (running.first_entry_number, True)


def test_starts_and_stops_at_once(acme, carol, running):
    calls = [lambda n=n: timers.start(again(carol), subject=f"Job {n}") for n in range(MANY // 2)]
    calls += [lambda: timers.stop_of(again(carol), again(carol)) for _n in range(MANY // 2)]
    results = together(acme, *calls)
    refused = [result for result in results if isinstance(result, Exception)]
    assert {getattr(refusal, "code", repr(refusal)) for refusal in refused} <= {"no_timer"}
    assert Timer.objects.running().count() <= 1
    entries = check_the_clock()
    assert len(entries) == Timer.objects.filter(state="STOPPED").count()


def test_two_place_one_piece(acme, carol):
    timer = timers.start(carol).timer
    timers.stop(carol, timer.pk)
    piece = timer.pieces.get()
    entries = together(
        acme, *(lambda n=n: timer_filing.place(again(carol), piece.pk, subject=f"Place {n}") for n in range(2))
    )
    assert {entry.pk for entry in entries} == {TimeEntry.objects.get().pk}


def _leave_everyone_in(monkeypatch):
    """No turns for timers; and two threads that have both seen what runs."""
    alone = turns.alone
    monkeypatch.setattr(turns, "alone", lambda place, number: None if place == Place.TIMERS else alone(place, number))
    monkeypatch.setattr(timers, "_running", Meeting().after(timers._running))


@on_postgresql_alone
def test_twin_without_a_turn_the_database_has_to_refuse(acme, carol, running, monkeypatch):
    _leave_everyone_in(monkeypatch)
    results = together(acme, *(lambda n=n: timers.start(again(carol), subject=f"Job {n}") for n in range(2)))
    assert sorted(type(result).__name__ for result in results) != ["Started", "Started"]
