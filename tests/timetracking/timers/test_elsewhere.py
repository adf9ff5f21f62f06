"""What a tab shows after something happened in another one, on a phone, or in another organisation."""

import pytest

from accounts.models import UserSession
from accounts.tenancy import organisation_scope
from tests import factories
from tests.cast import browser_of
from tests.timetracking.timers.asking import HOUR, HTMX, MINUTE, TIMER, said, start, stop, text
from timetracking.models import TimeEntry, Timer
from timetracking.services import timers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(thursday):
    return thursday


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
