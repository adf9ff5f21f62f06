"""Logging time in a real browser, within the interactions that it may cost."""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests.factories import PASSWORD
from tests.journeys.conftest import Hand, log, named
from timetracking.models import TimeEntry

pytestmark = pytest.mark.browser

# What fingers press on the week page and is smaller than they are.
SMALL = """() => [...document.querySelectorAll(
    ".tabbar a, .entry .do > *, .add, .pills a, .btn, .phead .ibtn, .toast .ibtn")]
  .filter((part) => part.checkVisibility() && part.getBoundingClientRect().height < 44)
  .map((part) => part.outerHTML.slice(0, 120))"""


def entry(page, work, subject):
    return page.locator(f"{work.day} .entry").filter(has=page.get_by_role("heading", name=subject))


def logged_today(work):
    return list(TimeEntry.objects.filter(date=work.today).values_list("subject", "minutes", "kind"))


def test_with_the_mouse_in_four_clicks_and_no_key(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    hand = Hand(page)
    hand.click(page.get_by_role("link", name="Log time", exact=True))
    hand.click(page.get_by_role("option", name=named("Backup job failed")))
    hand.click(page.get_by_role("button", name="+30m"))
    hand.click(page.get_by_role("button", name="Log time", exact=True))
    expect(entry(page, work, "Backup job failed")).to_contain_text("TKT-4846")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert (hand.interactions, hand.keystrokes) == (4, 0)
    assert logged_today(work) == [("Backup job failed", 30, "TICKET")]


def test_by_keyboard_in_ten_strokes(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    hand = Hand(page)
    hand.press("n")
    expect(page.get_by_role("combobox", name="Linked record")).to_be_focused()
    hand.type("back")
    hand.press("Enter")
    expect(page.get_by_role("textbox", name="Duration")).to_be_focused()
    hand.type("50m")
    hand.press("Enter")
    expect(entry(page, work, "Backup job failed")).to_be_visible()
    assert (hand.interactions, hand.keystrokes) == (5, 10)
    assert logged_today(work) == [("Backup job failed", 50, "TICKET")]


def test_what_was_logged_is_said_and_every_sum_follows(watched_page, as_carol, carol, work):
    log(carol, minutes=90)
    page = watched_page(as_carol)
    page.goto(work.week_url)
    total = page.locator("#kpis .kpi").first
    before = total.inner_text()
    page.keyboard.press("n")
    page.get_by_role("option", name=named("Backup job failed")).click()
    page.get_by_role("textbox", name="Duration").fill("50m")
    page.keyboard.press("Enter")
    said = page.locator("#say")
    weekday = f"{work.today:%A}"
    expect(said).to_contain_text(f"Logged 50m to TKT-4846 on {weekday}.")
    expect(said).to_contain_text(f"{weekday} 2 hours 20 minutes.")
    expect(page.locator(f"{work.day} .day-h")).to_contain_text("2h 20m")
    expect(total).not_to_have_text(before)
    expect(page.get_by_role("region", name="Notifications")).to_contain_text("Logged 50m to TKT-4846")


def test_from_a_ticket_in_five_strokes(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto("/o/acme/tickets/TKT-4846/")
    hand = Hand(page)
    hand.press("n")
    expect(page.get_by_role("textbox", name="Duration")).to_be_focused()
    hand.type("50m")
    hand.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert (hand.interactions, hand.keystrokes) == (3, 5)
    expect(page.locator("#main")).to_contain_text("1h 20m")  # the card refreshes itself
    assert logged_today(work) == [("Backup job failed", 50, "TICKET")]


def test_a_day_of_the_week_is_filled_in_afterwards(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    hand = Hand(page)
    hand.click(page.locator(f"#day-{work.week}").get_by_role("link", name=named("Add time on")))
    hand.click(page.get_by_role("listbox").get_by_role("option", name=named("Network refresh")))
    hand.type("1h")
    hand.press("Enter")
    added = page.locator(f"#day-{work.week} .entry").filter(has_text="Network refresh")
    expect(added).to_contain_text("1h")
    assert (hand.interactions, hand.keystrokes) == (4, 3)
    assert TimeEntry.objects.filter(date=work.week, minutes=60, project=work.project).count() == 1


def test_a_double_click_makes_one_entry(watched_page, as_carol, work):
    page = watched_page(as_carol)
    for made, path in enumerate((f"/o/acme/entries/new/?ticket={work.ticket.pk}", None), 1):
        if path:
            page.goto(path)  # the form as a page of its own
        else:
            page.goto(work.week_url)
            page.get_by_role("link", name="Log time", exact=True).click()
            page.get_by_role("option", name=named("Backup job failed")).click()
        page.get_by_role("textbox", name="Duration").fill("20m")
        page.get_by_role("button", name="Log time", exact=True).dblclick()
        expect(page.locator(f"{work.day} .entry")).to_have_count(made)
        page.wait_for_load_state("networkidle")
    assert len(logged_today(work)) == 2


def test_a_refused_form_keeps_what_was_typed_and_says_why(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.keyboard.press("n")
    page.get_by_role("textbox", name="Duration").fill("1:75")
    page.get_by_role("textbox", name="Subject").fill("Half typed")
    page.get_by_role("button", name="Log time", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Did you mean 2:15?")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("textbox", name="Duration")).to_have_value("1:75")
    expect(page.get_by_role("textbox", name="Subject")).to_have_value("Half typed")
    assert logged_today(work) == []


def test_a_sign_in_that_ended_meanwhile_costs_nothing_that_was_typed(watched_page, as_carol, carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.keyboard.press("n")
    page.get_by_role("option", name=named("Backup job failed")).click()
    page.get_by_role("textbox", name="Duration").fill("45m")
    page.get_by_role("textbox", name="Description").fill("An hour of careful notes")
    Session.objects.all().delete()
    page.get_by_role("button", name="Log time", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("You have been signed out.")
    expect(page.get_by_role("textbox", name="Description")).to_have_value("An hour of careful notes")
    with page.context.expect_page() as opened:
        dialog.get_by_role("link", name="Sign in").click()
    elsewhere = opened.value
    elsewhere.get_by_role("textbox", name="E-mail address").fill(carol.user.email)
    elsewhere.get_by_label("Password", exact=True).fill(PASSWORD)
    elsewhere.get_by_role("button", name="Sign in").click()
    elsewhere.wait_for_url("**/timesheets/**")
    page.problems.clear()  # the browser tells of the 401
    dialog.get_by_role("button", name="Try again").click()
    expect(entry(page, work, "Backup job failed")).to_be_visible()
    assert TimeEntry.objects.get(date=work.today).description == "An hour of careful notes"


def test_a_form_closed_by_mistake_is_offered_again(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.keyboard.press("n")
    page.get_by_role("textbox", name="Subject").fill("Nearly lost")
    page.keyboard.press("Escape")  # closes the list
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("n")
    page.get_by_role("button", name="Restore unsaved entry").click()
    expect(page.get_by_role("textbox", name="Subject")).to_have_value("Nearly lost")


def test_on_a_phone_by_touch(watched_page, as_carol, work):
    page = watched_page(as_carol, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(work.week_url)
    hand = Hand(page)
    hand.tap(page.get_by_role("navigation", name="Main, compact").get_by_role("link", name="Log time"))
    hand.tap(page.get_by_role("option", name=named("Backup job failed")))
    hand.tap(page.get_by_role("button", name="+30m"))
    hand.tap(page.get_by_role("button", name="Log time", exact=True))
    expect(entry(page, work, "Backup job failed")).to_be_visible()
    assert hand.interactions == 4
    assert page.evaluate(SMALL) == []


def test_another_entry_follows_without_closing_the_form(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.keyboard.press("n")
    page.get_by_role("option", name=named("Backup job failed")).click()
    page.keyboard.type("20m")
    page.keyboard.press("Control+Shift+Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Logged 20m to TKT-4846")
    expect(page.get_by_role("combobox", name="Linked record")).to_be_focused()
    page.get_by_role("listbox").get_by_role("option", name=named("Network refresh")).click()
    page.keyboard.type("25m")
    page.keyboard.press("Enter")
    expect(entry(page, work, "Network refresh")).to_be_visible()
    assert [(minutes, kind) for _subject, minutes, kind in logged_today(work)] == [(20, "TICKET"), (25, "PROJECT")]


def test_time_of_an_hour_ago_is_not_of_tomorrow(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(f"/o/acme/entries/new/?date={work.today + dt.timedelta(days=1)}&ticket={work.ticket.pk}")
    page.get_by_role("textbox", name="Duration").fill("1h")
    page.get_by_role("button", name="Log time", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("You can log time up to today")
