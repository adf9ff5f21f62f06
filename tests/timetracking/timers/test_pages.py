"""The timer's pages and its bar, with htmx and without: what is written, what is answered, what nobody may."""

import datetime as dt
import json

import pytest
import time_machine

from accounts.models import Notification, UserSession
from accounts.tenancy import organisation_scope
from tests import factories
from tests.cast import browser_of
from timetracking.models import TimeEntry, Timer, UnplacedPiece
from timetracking.services import timers

pytestmark = pytest.mark.django_db
NINE = dt.datetime(2026, 6, 18, 8, tzinfo=dt.UTC)  # a Thursday, in London
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
WEEK = "http://testserver/o/acme/timesheets/"
HTMX = {"HX-Request": "true", "HX-Current-URL": WEEK}
TIMER = "/o/acme/timer/"


@pytest.fixture(autouse=True)
def clock(acme):
    acme.time_zone = "Europe/London"
    acme.save()
    with time_machine.travel(NINE, tick=False) as travelled:
        yield travelled


@pytest.fixture
def ticket(acme):
    return factories.TicketFactory(number=4851, title="Slow CRM over VPN", client__name="Marlow Vets")


@pytest.fixture
def browser(carol):
    return browser_of(carol)


def start(browser, headers=HTMX, **fields):
    return browser.post(f"{TIMER}start/", fields, headers=headers)


def stop(browser, headers=HTMX, **fields):
    return browser.post(f"{TIMER}stop/", fields, headers=headers)


def said(response):
    return json.loads(response["HX-Trigger"])["say"]["text"]


def text(response):
    return response.content.decode()


# --- From the bar -----------------------------------------------------------------------------------------------------


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


# --- Another tab, a phone ---------------------------------------------------------------------------------------------


def seen_by(browser):
    return text(browser.get(TIMER)).split("?seen=")[1].split('"')[0]


def test_a_look_costs_nothing_while_nothing_changed(browser, clock):
    start(browser, subject="Same")
    state = seen_by(browser)
    clock.shift(20 * MINUTE)
    response = browser.get(f"{TIMER}?seen={state}", headers=HTMX)
    assert (response.status_code, response.content) == (204, b"")


def test_a_look_after_a_change_elsewhere_brings_the_bar_and_the_days(browser, carol, clock):
    start(browser, subject="Elsewhere")
    state = seen_by(browser)
    clock.shift(HOUR)
    timers.stop_of(carol, carol)
    response = browser.get(f"{TIMER}?seen={state}", headers=HTMX)
    assert response.status_code == 200
    page = text(response)
    assert page.lstrip().startswith('<div id="timer"')
    assert 'id="timer-subject"' in page
    assert f'id="entry-{TimeEntry.objects.get().pk}"' in page
    assert "timer-changed" in response["HX-Trigger"]


def test_a_timer_that_was_stopped_elsewhere_is_no_error(browser, carol, clock):
    start(browser, subject="Twice")
    timer = Timer.objects.get()
    clock.shift(HOUR)
    timers.stop_of(carol, carol)
    response = stop(browser, timer=timer.pk)
    assert response.status_code == 200
    assert said(response).startswith("“Twice” was stopped already: 1h logged")
    assert "data-undo" not in text(response)
    assert TimeEntry.objects.count() == 1


@pytest.mark.parametrize(("sent", "first"), [("stop", "discard"), ("discard", "stop")])
def test_what_was_discarded_or_stopped_in_the_same_moment_is_told(browser, carol, monkeypatch, sent, first):
    timer, really = timers.start(carol, subject="Sorting").timer, getattr(timers, sent)
    other = getattr(timers, first)

    def after_the_other(actor, timer_id, **given):
        other(carol, timer.pk)
        return really(actor, timer_id, **given)

    monkeypatch.setattr(timers, sent, after_the_other)
    response = browser.post(f"{TIMER}{sent}/", headers=HTMX)
    assert response.status_code == 409
    assert said(response).startswith("This timer was")


def test_a_timer_that_was_discarded_elsewhere_and_none_at_all_are_no_errors(browser, carol):
    start(browser, subject="Gone")
    timer = Timer.objects.get()
    timers.discard(carol, timer.pk)
    assert said(stop(browser, timer=timer.pk)).startswith("“Gone” was discarded already")
    assert said(stop(browser)).startswith("No timer is running")


def test_a_page_that_looks_by_itself_does_not_keep_a_session_alive(browser, settings, clock):
    browser.get(TIMER)
    clock.shift(settings.SESSION_IDLE_SECONDS - 60)
    asked = {**HTMX, "X-Unattended": "1"}
    assert browser.get(f"{TIMER}?seen=x", headers=asked).status_code == 200
    clock.shift(120)
    assert browser.get(f"{TIMER}?seen=x", headers=asked).status_code == 401


def test_a_look_by_hand_does(browser, settings, clock):
    browser.get(TIMER)
    clock.shift(settings.SESSION_IDLE_SECONDS - 60)
    browser.get(TIMER)
    clock.shift(120)
    assert browser.get(TIMER).status_code == 200
    assert UserSession.objects.count() <= 1


# --- A forgotten one --------------------------------------------------------------------------------------------------


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


# --- Changing ---------------------------------------------------------------------------------------------------------


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


# --- Time to place ----------------------------------------------------------------------------------------------------


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
    assert "Log and add another" not in form
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


# --- Managers ---------------------------------------------------------------------------------------------------------


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


# --- Other organisations ----------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(acme, carol):
    """Carol works for Hollow too, where a timer of hers runs."""
    hollow = factories.OrganisationFactory(slug="hollow", name="Hollow")
    with organisation_scope(hollow):
        also = factories.MembershipFactory(user=carol.user, display_name="Carol Clark")
        also.organisation = hollow
        timer = timers.start(also, subject="For Hollow").timer
    return timer


def test_a_timer_of_another_organisation_is_a_chip_whose_stop_acts_there(browser, carol, elsewhere, clock):
    timers.start(carol, subject="Here")
    page = text(browser.get("/o/acme/timesheets/")).split('id="main"')[0]
    assert "Timer at Hollow" in page
    assert page.count("Here") >= 1
    clock.shift(HOUR)
    response = browser.post(f"/o/hollow/timer/stop/?timer={elsewhere.pk}", headers=HTMX)
    assert response.status_code == 200
    bar = text(response).split("data-toast")[0]
    assert "Timer at Hollow" not in bar
    assert "Here" in bar  # the page that is open is Acme's
    assert Timer.unscoped.get(pk=elsewhere.pk).state == "STOPPED"
    assert Timer.objects.running().count() == 1


def test_what_runs_elsewhere_says_nothing_to_who_is_no_member_there(bob, elsewhere):
    assert "Hollow" not in text(browser_of(bob).get("/o/acme/timesheets/"))


def test_where_timesheets_are_off_there_is_no_bar(browser, acme, elsewhere):
    acme.features = []
    acme.save()
    page = text(browser.get("/me/"))
    assert 'id="timer-subject"' not in page
    assert "Timer at Hollow" in page
