"""Forgotten timers: their members are told once, on every database, and nothing is stopped."""

import datetime as dt

import pytest
import time_machine

from accounts.jobs import JOBS
from accounts.models import Notification, OutgoingMail
from accounts.notice_kinds import words_of
from accounts.tenancy import organisation_scope
from tests import factories
from tests.cast import _member
from tests.together import Meeting, together
from timetracking.models import Timer
from timetracking.services import forgotten_timers, timers

NINE = dt.datetime(2026, 6, 18, 8, tzinfo=dt.UTC)
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


@pytest.fixture
def clock(acme):
    acme.time_zone = "Europe/London"
    acme.save()
    with time_machine.travel(NINE, tick=False) as travelled:
        yield travelled


def told():
    rows = Notification.objects.filter(kind=forgotten_timers.KIND).select_related("member")
    return [row.member.display_name for row in rows]


@pytest.mark.django_db
def test_who_forgot_a_timer_is_told_once_and_it_runs_on(carol, clock):
    timers.start(carol, subject="Overnight")
    clock.shift(10 * HOUR)
    assert forgotten_timers.flag() == 0  # as long as a timer may run is not too long
    clock.shift(MINUTE)
    assert forgotten_timers.flag() == 1
    assert forgotten_timers.flag() == 0
    assert (told(), OutgoingMail.objects.count()) == (["Carol Clark"], 1)
    timer = Timer.objects.get()
    assert (timer.is_running, timer.flagged_at) == (True, NINE + 10 * HOUR + MINUTE)
    notice = Notification.objects.get()
    words = words_of(notice.kind, notice.values, carol.zone)
    assert words.line == "Your timer “Overnight” has been running since Thu 18 June, 09:00"


@pytest.mark.django_db
def test_the_organisation_says_how_long_is_too_long(acme, carol, clock):
    acme.timer_limit_minutes = 60
    acme.save()
    timers.start(carol, subject="Short")
    clock.shift(61 * MINUTE)
    assert forgotten_timers.flag() == 1


@pytest.mark.django_db
def test_one_that_is_set_to_begin_later_is_forgotten_anew(carol, clock):
    timer = timers.start(carol, subject="Overnight").timer
    clock.shift(11 * HOUR)
    forgotten_timers.flag()
    timers.change(carol, timer.pk, started_at=NINE + 9 * HOUR)
    assert forgotten_timers.flag() == 0
    clock.shift(9 * HOUR)
    assert forgotten_timers.flag() == 1


@pytest.mark.django_db
def test_nobody_is_told_of_what_was_stopped_or_where_timesheets_are_off(acme, carol, bob, clock):
    timers.start(carol, subject="Stopped")
    timers.start(bob, subject="Runs")
    clock.shift(11 * HOUR)
    timers.stop_of(carol, carol)
    acme.features = []
    acme.save()
    assert (forgotten_timers.flag(), told()) == (0, [])


def test_the_worker_does_it():
    assert [job.name for job in JOBS if job.run is forgotten_timers.flag] == ["forgotten timers"]


# --- Two workers at once ----------------------------------------------------------------------------------------------


@pytest.fixture
def overnight(transactional_db):
    """A timer of Carol's that was forgotten, where threads can see it."""
    organisation = factories.OrganisationFactory(name="Acme", slug="acme")
    with organisation_scope(organisation):
        carol = _member(organisation, "Carol Clark", "AGENT")
        timer = timers.start(carol, subject="Overnight").timer
        timers.change(carol, timer.pk, started_at=timer.started_at - 11 * HOUR)
        yield organisation


def both_find_it(monkeypatch):
    """Two workers look which timers were forgotten, and meet before either has told."""
    meeting, flag_once = Meeting(), forgotten_timers._flag_once

    def meet_and_flag(timer, now):
        meeting()
        return flag_once(timer, now)

    monkeypatch.setattr(forgotten_timers, "_flag_once", meet_and_flag)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_once(overnight, monkeypatch):
    both_find_it(monkeypatch)
    assert sorted(together(overnight, *[forgotten_timers.flag] * 2)) == [0, 1]
    assert (told(), OutgoingMail.objects.count()) == (["Carol Clark"], 1)


@pytest.mark.django_db(transaction=True)
def test_twin_who_only_looks_tells_twice(overnight, monkeypatch):
    meeting, tell = Meeting(), forgotten_timers.tell

    def flag_once(timer, now):
        meeting()
        values = {"timer_id": timer.pk, "subject": timer.title, "started_at": timer.started_at.isoformat()}
        tell([forgotten_timers.Notice(timer.member, forgotten_timers.KIND, values)], actor=None)
        return True

    monkeypatch.setattr("accounts.services.notices.demand_transaction", lambda: None)
    monkeypatch.setattr(forgotten_timers, "_flag_once", flag_once)
    assert together(overnight, *[forgotten_timers.flag] * 2) == [1, 1]
    assert told() == ["Carol Clark", "Carol Clark"]
