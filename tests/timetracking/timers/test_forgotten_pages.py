"""Stopping a timer that was forgotten: the page asks when it ended."""

import datetime as dt

import pytest

from tests.cast import browser_of
from tests.timetracking.timers.asking import HOUR, HTMX, TIMER, start, stop, text
from timetracking.models import TimeEntry, Timer
from timetracking.services import timers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(thursday):
    return thursday


def test_stopping_a_forgotten_timer_asks_when_it_ended(browser, clock):
    start(browser, subject="Overnight")
    clock.shift(11 * HOUR)
    bar = text(browser.get(TIMER))
    assert 'class="timer on late"' in bar
    response = stop(browser)
    assert Timer.objects.get().is_running
    url = f"{TIMER}stop/?timer={Timer.objects.get().pk}"
    assert f'hx-get="{url}" hx-target="#dialog-host" hx-trigger="load"' in text(response)
    form = text(browser.get(url, headers=HTMX))
    assert "It has been running since Thu 18 June, 09:00." in form
    assert "Thu 18 June, 19:00: as long as a timer may run" in form
    assert "now, I worked all the time" in form


def test_without_script_it_leads_to_the_question(browser, clock):
    start(browser, subject="Overnight")
    clock.shift(11 * HOUR)
    response = browser.post(f"{TIMER}stop/")
    assert response.status_code == 302
    assert response["Location"].startswith(f"{TIMER}stop/?timer=")


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ({"at": "2026-06-18T18:00:00+00:00"}, 600),
        ({"at": "now"}, 660),
        ({"at": "chosen", "date": "2026-06-18", "end": "17:05"}, 485),
        ({"date": "2026-06-18", "end": "17:05"}, 485),
    ],
)
def test_the_end_that_is_given_is_the_end(browser, clock, typed, minutes):
    start(browser, subject="Overnight")
    clock.shift(11 * HOUR)
    assert stop(browser, **{"end": "", **typed}).status_code == 200
    assert TimeEntry.objects.get().minutes == minutes


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Choose when you stopped"),
        ({"at": "chosen"}, "Enter a time like 17:30"),
        (
            {"at": "chosen", "date": "2026-06-18", "end": "08:30"},
            "It started on Thu 18 June, 09:00. Enter a later time.",
        ),
        ({"at": "chosen", "date": "2026-06-19", "end": "23:30"}, "Enter a time that has passed"),
        ({"at": "chosen", "date": "soon", "end": "23:30"}, "Enter a date like 2026-06-18"),
        ({"at": "yesterday"}, "yesterday"),
    ],
)
def test_an_end_that_can_not_be_is_refused_at_its_field(browser, clock, typed, words):
    start(browser, subject="Overnight")
    clock.shift(11 * HOUR)
    response = stop(browser, **{"end": "", **typed})
    assert response.status_code == 422
    assert words in text(response)
    assert Timer.objects.get().is_running


@pytest.mark.parametrize(
    ("night", "typed", "words"),
    [
        (dt.datetime(2026, 3, 28, 21, tzinfo=dt.UTC), "01:30", "01:30 does not exist on that day"),
        (dt.datetime(2026, 10, 24, 21, tzinfo=dt.UTC), "01:30", "01:30 happens twice on that day. Enter a time before"),
    ],
)
def test_hours_that_clocks_skip_or_repeat_are_refused_with_words(carol, clock, night, typed, words):
    clock.move_to(night)
    timers.start(carol, subject="Night shift")
    clock.shift(12 * HOUR)
    browser = browser_of(carol)
    day = (night + dt.timedelta(days=1)).date().isoformat()
    response = stop(browser, at="chosen", date=day, end=typed)
    assert response.status_code == 422
    assert words in text(response)
