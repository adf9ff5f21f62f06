"""Everybody's timers: managers see and stop them, agents reach nobody else's."""

import pytest

from accounts.models import Notification
from tests.cast import browser_of
from tests.timetracking.timers.asking import HOUR, TIMER, stop, text
from timetracking.models import TimeEntry, Timer
from timetracking.services import timers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(thursday):
    return thursday


def test_managers_see_who_works_on_what_and_stop_it(bob, carol, ticket, clock):
    timers.start(carol, record=ticket)
    clock.shift(11 * HOUR)
    manager = browser_of(bob)
    page = text(manager.get("/o/acme/timers/"))
    for words in ("Carol Clark", "Slow CRM over VPN", "TKT-4851", "Thu 18 June, 09:00", "Forgotten?"):
        assert words in page
    timer = Timer.objects.get()
    response = stop(manager, timer=timer.pk)
    assert response.status_code == 200
    assert "data-undo" not in text(response)  # only its member takes that back
    assert Timer.objects.running().count() == 0
    told = set(Notification.objects.filter(member=carol).values_list("kind", flat=True))
    assert told == {"timer.stopped", "timer.unplaced"}


def test_managers_stop_all_after_a_question(bob, carol, alice, clock):
    for member in (alice, carol):
        timers.start(member, subject="Late")
    clock.shift(HOUR)
    manager = browser_of(bob)
    assert "Stop all 2 timers?" in text(manager.get("/o/acme/timers/stop-all/"))
    page = text(manager.post("/o/acme/timers/stop-all/", follow=True))
    assert "2 timers stopped" in page
    assert (Timer.objects.running().count(), TimeEntry.objects.count()) == (0, 2)
    assert "No timer was running" in text(manager.post("/o/acme/timers/stop-all/", follow=True))


def test_agents_reach_nobody_elses(browser, bob):
    timer = timers.start(bob, subject="Mine").timer
    for action in ("stop", "discard", "change", "resume"):
        assert browser.post(f"{TIMER}{action}/?timer={timer.pk}", {"end": ""}).status_code == 404
    assert browser.get("/o/acme/timers/").status_code == 403
    assert browser.post("/o/acme/timers/stop-all/").status_code == 403
    assert Timer.objects.get().is_running


def test_a_manager_neither_changes_nor_discards_what_is_not_theirs(bob, carol):
    timer = timers.start(carol, subject="Hers").timer
    manager = browser_of(bob)
    for action in ("discard", "change", "resume"):
        assert manager.post(f"{TIMER}{action}/?timer={timer.pk}").status_code == 404
