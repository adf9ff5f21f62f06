"""Time that waits: placed, dropped, brought back."""

import datetime as dt

import pytest

from tests.cast import browser_of
from tests.timetracking.timers.asking import HTMX, MINUTE, NINE, TIMER, said, start, stop, text
from timetracking.models import TimeEntry, Timer, UnplacedPiece

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(thursday):
    return thursday


@pytest.fixture
def nameless(browser, clock):
    """A timer that nobody said anything about, stopped after 20 minutes."""
    start(browser)
    clock.shift(20 * MINUTE)
    return stop(browser)


def test_what_misses_a_subject_opens_the_form_at_once(nameless, browser):
    piece = UnplacedPiece.objects.get()
    assert said(nameless).startswith("20m of “No subject yet” waits to be placed: Enter a subject")
    url = f"{TIMER}to-place/{piece.pk}/"
    assert f'hx-get="{url}" hx-target="#dialog-host" hx-trigger="load"' in text(nameless)
    form = text(browser.get(url, headers=HTMX))
    assert 'value="20m"' in form
    assert 'value="09:00"' in form
    assert "Log and add another" not in form and 'name="weekdays"' not in form
    assert "20m to place" in text(browser.get(TIMER))


def placed(browser, **fields):
    piece = UnplacedPiece.objects.get()
    typed = {"kind": "GENERAL", "duration": "20m", "date": "2026-06-18", "start": "09:00", "end": "09:20"}
    return browser.post(f"{TIMER}to-place/{piece.pk}/", {**typed, **fields}, headers=HTMX)


def test_a_piece_is_placed_with_the_timers_own_number_and_once(nameless, browser):
    assert placed(browser).status_code == 422
    response = placed(browser, subject="Call with Marlow")
    assert response.status_code == 200
    entry = TimeEntry.objects.get()
    assert (entry.pk, entry.started_at, entry.minutes) == (Timer.objects.get().first_entry_number, NINE, 20)
    again = placed(browser, subject="Twice")
    assert (again.status_code, TimeEntry.objects.count()) == (200, 1)
    assert said(again).startswith("This time was placed already")
    assert "to place" not in text(browser.get(TIMER)).split('id="main"')[0]


def test_a_piece_is_placed_elsewhere_than_it_was_counted(nameless, browser, ticket):
    placed(
        browser, kind="TICKET", record=f"ticket:{ticket.pk}", subject="Another day", date="2026-06-17", duration="1h"
    )
    entry = TimeEntry.objects.get()
    assert (entry.ticket, entry.date.isoformat(), entry.minutes) == (ticket, "2026-06-17", 60)


def test_a_piece_in_the_hour_that_clocks_repeat_is_placed_as_it_was(carol, clock):
    clock.move_to(dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC))  # 01:30 in summer, the first of two
    browser = browser_of(carol)
    start(browser)
    clock.shift(20 * MINUTE)
    stop(browser)
    assert placed(browser, subject="Night", date="2026-10-25", start="01:30", end="01:50").status_code == 200
    assert TimeEntry.objects.get().started_at == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)


def test_a_piece_is_dropped_and_brought_back(nameless, browser):
    piece = UnplacedPiece.objects.get()
    response = browser.post(f"{TIMER}to-place/{piece.pk}/drop/", headers=HTMX)
    assert said(response).startswith("Dropped 20m of “No subject yet”")
    assert "Nothing waits" in text(browser.get(f"{TIMER}to-place/"))
    back = f"{TIMER}to-place/{piece.pk}/bring-back/"
    assert f'hx-post="{back}"' in text(response)
    browser.post(back, headers=HTMX)
    assert "Enter a subject" in text(browser.get(f"{TIMER}to-place/"))


def test_without_script_each_step_is_a_page(browser, clock):
    browser.post(f"{TIMER}start/", {"next": "/o/acme/tickets/"})
    clock.shift(20 * MINUTE)
    response = browser.post(f"{TIMER}stop/", follow=True)
    assert "waits to be placed: Enter a subject" in text(response)
    assert "Place this time" in text(response)
