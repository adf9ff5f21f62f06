"""The timer bar and its form, with htmx and without: what is written, what is answered."""

import datetime as dt
import json

import pytest

from tests import factories
from tests.timetracking.timers.asking import HOUR, HTMX, MINUTE, NINE, TIMER, said, start, stop, text
from timetracking.models import TimeEntry, Timer
from timetracking.services import timers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(thursday):
    return thursday


def test_start_answers_with_the_bar_and_today(browser, carol, ticket):
    response = start(browser, record=f"ticket:{ticket.pk}")
    assert (response.status_code, response["HX-Reswap"]) == (200, "none")
    events = json.loads(response["HX-Trigger"])
    assert {"timer-changed", "entries-changed", "dialog-close"} <= set(events)
    assert said(response).startswith("Started “Slow CRM over VPN”.")
    page = text(response)
    assert '<div id="timer" hx-swap-oob="true"' in page
    assert f'data-since="{int(NINE.timestamp() * 1000)}"' in page
    assert 'class="entry live"' in page.split('id="day-2026-06-18"')[1]
    assert "data-toast" not in page
    timer = Timer.objects.get()
    assert (timer.member, timer.ticket, timer.subject) == (carol, ticket, "Slow CRM over VPN")


def test_what_runs_counts_in_no_figure(browser, ticket, clock):
    start(browser, record=f"ticket:{ticket.pk}")
    clock.shift(HOUR)
    kpis = text(browser.get("/o/acme/timesheets/")).split('id="kpis"')[1].split("</dl>")[0]
    assert "PT0H0M" in kpis
    assert "PT1H" not in kpis


def test_stop_answers_with_the_entry_and_an_undo_that_takes_it_back(browser, ticket, clock):
    start(browser, record=f"ticket:{ticket.pk}")
    clock.shift(42 * MINUTE)
    response = stop(browser)
    assert said(response).startswith("Logged 42m to TKT-4851. Thursday 42 minutes.")
    entry, timer = TimeEntry.objects.get(), Timer.objects.get()
    assert f'id="entry-{entry.pk}"' in text(response)
    undo = f"{TIMER}resume/?timer={timer.pk}"
    assert f'hx-post="{undo}"' in text(response)
    undone = browser.post(undo, headers=HTMX)
    assert undone.status_code == 200
    assert f'id="entry-{entry.pk}"' not in text(undone)
    assert (TimeEntry.objects.count(), Timer.objects.get().is_running) == (0, True)


def test_the_next_timer_stops_the_first_and_one_undo_takes_both_back(browser, ticket, clock):
    start(browser, subject="First")
    clock.shift(42 * MINUTE)
    response = start(browser, record=f"ticket:{ticket.pk}")
    assert said(response).startswith("Stopped “First” (42m), started “Slow CRM over VPN”")
    first = Timer.objects.get(subject="First")
    browser.post(f"{TIMER}resume/?timer={first.pk}", headers=HTMX)
    assert [timer.subject for timer in Timer.objects.running()] == ["First"]
    assert TimeEntry.objects.count() == 0


def test_less_than_a_minute_is_a_minute_with_undo(browser, clock):
    start(browser, subject="A word with Tom")
    clock.shift(dt.timedelta(seconds=5))
    response = stop(browser)
    assert said(response).startswith("Logged 1m to “A word with Tom”")
    assert "data-undo" in text(response)


def test_over_midnight_each_day_gets_its_entry_and_the_toast_says_so(browser, carol, clock):
    clock.move_to(dt.datetime(2026, 6, 17, 21, 10, tzinfo=dt.UTC))
    start(browser, subject="Night shift")
    clock.move_to(dt.datetime(2026, 6, 18, 0, 30, tzinfo=dt.UTC))
    response = stop(browser)
    words = "Logged 3h 20m to “Night shift”, one entry per day: Wed 22:10–24:00, Thu 00:00–01:30"
    assert said(response).startswith(words)
    assert text(response).count("Part of Wed 22:10 – Thu 01:30") == 2  # on both cards, which are sent
    entry = TimeEntry.objects.order_by("date").first()
    history = text(browser.get(f"/o/acme/entries/{entry.pk}/history/"))
    assert "From a timer: Wed 22:10 – Thu 01:30, 3h 20m in 2 entries." in history


def test_switching_after_midnight_says_so_too(browser, clock):
    clock.move_to(dt.datetime(2026, 6, 17, 21, 10, tzinfo=dt.UTC))
    start(browser, subject="Night shift")
    clock.move_to(dt.datetime(2026, 6, 18, 0, 30, tzinfo=dt.UTC))
    words = "Stopped “Night shift” (3h 20m), one entry per day: Wed 22:10–24:00, Thu 00:00–01:30. Started “Rest”"
    assert said(start(browser, subject="Rest")).startswith(words)


def test_the_same_again_runs_on(browser, ticket):
    start(browser, record=f"ticket:{ticket.pk}")
    response = start(browser, record=f"ticket:{ticket.pk}")
    assert said(response).startswith("“Slow CRM over VPN” is running already")
    assert Timer.objects.count() == 1


def test_a_link_of_a_list_names_its_record_in_the_address(browser, ticket):
    url = f"{TIMER}start/?record=ticket:{ticket.pk}"
    assert f'hx-post="{url}"' in text(browser.get("/o/acme/tickets/"))
    assert browser.post(url, headers=HTMX).status_code == 200
    assert Timer.objects.get().ticket == ticket
    assert "Slow CRM over VPN" in text(browser.get(url))  # the form, without script


def test_a_record_that_takes_no_time_is_refused_in_words_and_the_bar_keeps_what_is_typed(browser):
    closed = factories.TicketFactory(number=4790, status="closed")
    response = start(browser, record=f"ticket:{closed.pk}", subject="Late")
    assert response.status_code == 409
    assert "TKT-4790 is closed" in said(response)
    assert 'id="timer"' not in text(response)
    assert Timer.objects.count() == 0


def test_discard_and_its_undo(browser, clock):
    start(browser, subject="Mistake")
    clock.shift(HOUR)
    timer = Timer.objects.get()
    response = browser.post(f"{TIMER}discard/?timer={timer.pk}", headers=HTMX)
    assert said(response).startswith("Discarded “Mistake”")
    assert (Timer.objects.running().count(), TimeEntry.objects.count()) == (0, 0)
    browser.post(f"{TIMER}resume/?timer={timer.pk}", headers=HTMX)
    assert Timer.objects.get().is_running


def test_an_undo_that_comes_too_late_is_told(browser, clock):
    start(browser, subject="First")
    clock.shift(HOUR)
    stop(browser)
    first = Timer.objects.get()
    clock.shift(MINUTE)
    start(browser, subject="Second")
    response = browser.post(f"{TIMER}resume/?timer={first.pk}", headers=HTMX)
    assert response.status_code == 409
    assert "Another timer is running" in text(response)
    assert Timer.objects.running().get().subject == "Second"


def change(browser, **fields):
    timer = Timer.objects.get()
    values = {"subject": timer.subject, "date": "2026-06-18", "start": "09:00", "version": timer.version, **fields}
    return browser.post(f"{TIMER}change/?timer={timer.pk}", values, headers=HTMX)


def test_what_it_is_for_and_its_start_are_changed_while_it_runs(browser, ticket, clock):
    start(browser, subject="First")
    clock.shift(HOUR)
    assert change(browser, record=f"ticket:{ticket.pk}", subject="Second", start="08:30").status_code == 200
    timer = Timer.objects.get()
    assert (timer.ticket, timer.subject, timer.started_at) == (ticket, "Second", NINE - 30 * MINUTE)


def test_a_start_that_nobody_touched_keeps_its_seconds(browser, clock):
    clock.shift(dt.timedelta(seconds=25))
    start(browser, subject="First")
    change(browser, subject="Second")
    assert Timer.objects.get().started_at == NINE + dt.timedelta(seconds=25)


def test_a_change_of_what_changed_elsewhere_is_asked_about(browser, carol):
    start(browser, subject="First")
    timer = Timer.objects.get()
    timers.change(carol, timer.pk, subject="On the phone")
    response = change(browser, subject="In the tab", version=timer.version)
    assert response.status_code == 409
    assert "changed elsewhere" in text(response)
    assert "In the tab" in text(response)
    assert Timer.objects.get().subject == "On the phone"


def test_a_start_in_the_future_is_refused(browser):
    start(browser, subject="First")
    response = change(browser, start="09:30")
    assert response.status_code == 422
    assert "Enter a time that has passed" in text(response)
