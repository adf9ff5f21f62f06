"""Timers in a real browser: one key to start, one to stop, and the same clock in every tab."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.journeys.conftest import Hand, focus_comes_to, focused, named
from timetracking.models import TimeEntry, Timer
from timetracking.services import timers

pytestmark = pytest.mark.browser
TICKET = "/o/acme/tickets/TKT-4846/"


def stop_of(page):
    return page.locator("#timer-stop")


def t_stops(page):
    """The script has taken in the new bar: T belongs to Stop from now on."""
    expect(page.locator("#timer-stop[aria-keyshortcuts=T]")).to_be_visible()


def toast(page, text):
    return page.locator("#toasts [data-toast]").filter(has_text=text)


def since(member, timer, **length):
    """The timer began so long ago."""
    return timers.change(member, timer.pk, started_at=timezone.now() - dt.timedelta(**length))


@pytest.fixture
def in_the_past(carol):
    """What Carol's fixtures logged is older than any timer here."""
    return timers.start(carol, subject="Long call").timer


def test_on_a_ticket_in_two_strokes(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(TICKET)
    hand = Hand(page)
    hand.press("t")
    expect(stop_of(page)).to_be_visible()
    expect(page.locator("#timer")).to_contain_text("Backup job failed")
    expect(page).to_have_title(re.compile(r"^▶ 0:00 · "))
    t_stops(page)
    hand.press("t")
    expect(toast(page, "Logged 1m to TKT-4846")).to_be_visible()
    expect(page).to_have_title(re.compile("^TKT-4846"))
    assert (hand.interactions, hand.keystrokes) == (2, 2)
    entry = TimeEntry.objects.get(date=work.today)
    assert (entry.ticket, entry.subject, entry.minutes) == (work.ticket, "Backup job failed", 1)


def test_one_button_has_the_key_whatever_runs(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(TICKET)
    key = page.locator("[aria-keyshortcuts=T]")
    expect(key).to_have_count(1)
    expect(key).to_have_attribute("id", "start-here")
    page.keyboard.press("t")
    expect(key).to_have_attribute("id", "timer-stop")
    page.goto(work.week_url)
    expect(key).to_have_attribute("id", "timer-stop")
    t_stops(page)
    page.keyboard.press("t")
    expect(key).to_have_attribute("id", "timer-start")


def test_from_the_bar_and_back_again(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.get_by_role("textbox", name="What are you working on?").fill("Phone call")
    page.keyboard.press("Enter")
    live = page.locator(f"{work.day} .entry.live")
    expect(live).to_contain_text("Phone call")
    focus_comes_to(page, "timer-stop")
    live.get_by_role("link", name="Stop the timer: Phone call").click()
    expect(toast(page, "Logged 1m to “Phone call”")).to_be_visible()
    expect(live).to_have_count(0)
    expect(page.locator(f"{work.day} .entry")).to_contain_text("Phone call")
    page.keyboard.press("z")
    expect(live).to_contain_text("Phone call")
    expect(stop_of(page)).to_be_visible()
    assert not TimeEntry.objects.filter(subject="Phone call").exists()


def test_another_start_stops_the_first_and_says_so(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.get_by_role("textbox", name="What are you working on?").fill("Phone call")
    page.keyboard.press("Enter")
    expect(stop_of(page)).to_be_visible()
    page.goto(TICKET)
    page.get_by_role("button", name="Start timer").click()
    expect(toast(page, "Stopped “Phone call” (1m), started “Backup job failed”")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#timer .what")).to_have_text("Phone call")
    assert [timer.subject for timer in Timer.objects.running()] == ["Phone call"]


def test_work_is_linked_and_what_was_typed_stays(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.get_by_role("textbox", name="What are you working on?").fill("Looking at tapes")
    page.get_by_role("link", name="Link work").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox", name="Linked record")).to_be_focused()
    page.keyboard.type("back")
    page.keyboard.press("Enter")
    subject = dialog.get_by_role("textbox", name="What are you working on?")
    expect(subject).to_be_focused()
    expect(subject).to_have_value("Looking at tapes")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#timer .what")).to_contain_text("Looking at tapes")
    expect(page.locator("#timer .what")).to_contain_text("TKT-4846")
    assert Timer.objects.get().ticket == work.ticket


def test_nothing_said_is_asked_for_when_it_stops(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.keyboard.press("t")
    expect(page.locator("#timer .what")).to_have_text("No subject yet")
    t_stops(page)
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Place this time")).to_be_visible()
    dialog.get_by_role("textbox", name="Subject").fill("Somebody at the door")
    page.keyboard.press("Enter")
    expect(page.locator(f"{work.day} .entry")).to_contain_text("Somebody at the door")
    assert TimeEntry.objects.get(date=work.today).pk == Timer.objects.get().first_entry_number


def test_what_it_is_for_is_changed_by_its_name(watched_page, as_carol, carol, work, in_the_past):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.locator("#timer-what").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="What are you working on?").fill("Longer call")
    dialog.get_by_role("button", name="Save changes").click()
    expect(page.locator("#timer .what")).to_have_text("Longer call")
    expect(dialog).to_be_hidden()
    page.get_by_label("More about this timer").click()
    page.get_by_role("link", name="Discard").click()
    expect(toast(page, "Discarded “Longer call”")).to_be_visible()
    expect(page.locator("#timer-subject")).to_be_visible()
    assert not TimeEntry.objects.filter(date=work.today).exists()


def test_another_tab_shows_the_same_once_it_is_looked_at(watched_page, as_carol, work):
    first, second = watched_page(as_carol), watched_page(as_carol)
    first.goto(TICKET)
    second.goto(work.week_url)
    second.get_by_role("textbox", name="What are you working on?").fill("Half a sentence")
    first.keyboard.press("t")
    expect(stop_of(first)).to_be_visible()
    second.wait_for_timeout(400)  # two looks within 0.3 s are one
    second.evaluate("dispatchEvent(new Event('focus'))")
    expect(second.locator("#timer .what")).to_contain_text("Backup job failed")
    expect(second.locator(f"{work.day} .entry.live")).to_be_visible()
    t_stops(first)
    first.keyboard.press("t")
    expect(toast(first, "Logged 1m")).to_be_visible()
    second.locator("#timer-stop").click()  # it still shows it
    expect(toast(second, "“Backup job failed” was stopped already: 1m logged")).to_be_visible()
    expect(second.locator("#timer-subject")).to_have_value("Half a sentence")
    assert TimeEntry.objects.filter(date=work.today).count() == 1


def test_a_wrong_clock_of_the_device_makes_no_wrong_time(watched_page, as_carol, carol, work, in_the_past):
    since(carol, in_the_past, minutes=2)
    page = watched_page(as_carol)
    page.clock.install(time=timezone.now() + dt.timedelta(hours=3))
    page.goto(work.week_url)
    expect(page.locator("#timer .clock")).to_have_text(re.compile(r"^0:02:"))
    page.clock.fast_forward("05:00")
    expect(page.locator("#timer .clock")).to_have_text(re.compile(r"^0:07:"))


def test_a_forgotten_timer_asks_when_it_ended(watched_page, as_carol, carol, work, in_the_past):
    started = since(carol, in_the_past, hours=11).started_at
    page = watched_page(as_carol)
    page.goto(TICKET)
    expect(page.locator("#timer .late")).to_be_visible()
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It has been running since")
    dialog.get_by_role("radio", name=named("as long as a timer may run")).check()
    dialog.get_by_role("button", name="Stop the timer").click()
    expect(dialog).to_be_hidden()
    expect(toast(page, "Logged 10h")).to_be_visible()
    assert sum(entry.minutes for entry in TimeEntry.objects.filter(timer=in_the_past)) == 600
    assert Timer.objects.get().stopped_at - started >= dt.timedelta(minutes=599)


def test_by_keyboard_alone(watched_page, as_carol, carol, work, in_the_past):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    reached = []
    for _step in range(20):
        page.keyboard.press("Tab")
        reached.append(focused(page))
        if reached[-1] == "timer-menu":
            break
    assert [each for each in reached if each.startswith("timer")] == ["timer-what", "timer-stop", "timer-menu"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="When did you stop?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_on_a_phone(watched_page, as_carol, work):
    page = watched_page(as_carol, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(work.week_url)
    page.get_by_role("textbox", name="What are you working on?").fill("Phone call")
    page.locator("#timer-start").tap()
    expect(stop_of(page)).to_be_visible()
    assert stop_of(page).bounding_box()["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    stop_of(page).tap()
    expect(toast(page, "Logged 1m")).to_be_visible()


# --- Without script ---------------------------------------------------------------------------------------------------


def test_a_ticket_is_timed_without_script(watched_page, as_carol, work):
    page = watched_page(as_carol, java_script_enabled=False)
    page.goto(TICKET)
    hand = Hand(page)
    hand.click(page.get_by_role("button", name="Start timer"))
    expect(page.locator("#timer")).to_contain_text("since ")
    expect(page.locator("#timer").get_by_role("link", name="Refresh")).to_be_visible()
    hand.click(stop_of(page))
    assert page.url.endswith(TICKET)
    expect(page.get_by_role("status").filter(has_text="Logged 1m to TKT-4846")).to_be_visible()
    assert hand.interactions == 2
    page.get_by_role("button", name="Undo").click()
    expect(stop_of(page)).to_be_visible()


def test_a_forgotten_timer_is_a_page_without_script(watched_page, as_carol, carol, work, in_the_past):
    since(carol, in_the_past, hours=11)
    page = watched_page(as_carol, java_script_enabled=False)
    page.goto(work.week_url)
    stop_of(page).click()
    page.get_by_role("radio", name=named("now, I worked all the time")).check()
    page.get_by_role("button", name="Stop the timer").click()
    expect(page.get_by_role("status").filter(has_text="Logged 11h")).to_be_visible()


def test_time_is_placed_and_dropped_without_script(watched_page, as_carol, work):
    page = watched_page(as_carol, java_script_enabled=False)
    page.goto(work.week_url)
    page.locator("#timer-start").click()
    stop_of(page).click()
    page.get_by_role("textbox", name="Subject").fill("Somebody at the door")
    page.get_by_role("button", name="Log time", exact=True).click()
    expect(page.locator(f"{work.day} .entry")).to_contain_text("Somebody at the door")
    page.locator("#timer-start").click()
    stop_of(page).click()
    page.goto("/o/acme/timer/to-place/")
    page.get_by_role("button", name=named("Drop")).click()
    expect(page.get_by_text("Nothing waits")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Enter a subject")).to_be_visible()
