"""Weeks are approved, sent back and taken back: by keys, by pointer, on a phone, and without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.journeys.conftest import Hand, named
from timetracking.models import TimeEntry, Timesheet
from timetracking.rules import weeks
from timetracking.services import time_entries, timesheets

pytestmark = pytest.mark.browser
INBOX = "/o/acme/approvals/"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def sheets(acme, bob):
    """The last week of Ann, Ben and Cid, on the target; Cid's has a day over the limit besides."""
    start = weeks.week_containing(bob.today(), first_weekday=0) - weeks.DAY * 7
    found = []
    for name in ("Ann Abel", "Ben Bart", "Cid Cole"):
        member = factories.MembershipFactory(user__name=name)
        member.organisation = acme
        for day in range(5):
            factories.TimeEntryFactory(
                member=member, date=start + day * weeks.DAY, minutes=450, subject=f"{name[:3]} on day {day + 1}"
            )
        if name == "Cid Cole":
            factories.TimeEntryFactory(member=member, date=start, minutes=600, subject="Cid all night")
        found.append(timesheets.submit(member, member, start))
    return found


def states(sheets) -> list[str]:
    return [Timesheet.objects.get(pk=sheet.pk).state for sheet in sheets]


def heading(page):
    return page.locator("#rh")


def row(page, name):
    return page.locator("#inbox li").filter(has_text=name)


def opened(page, name) -> None:
    """The week is open, and its parts answer: the focus comes last."""
    expect(heading(page)).to_contain_text(name)
    expect(heading(page)).to_be_focused()


def open_first(page) -> None:
    page.keyboard.press("j")
    opened(page, "Ann Abel")


# --- The budgets of the specification ---------------------------------------------------------------------------------


def test_a_clean_week_is_approved_by_two_keys_and_the_next_opens(watched_page, as_bob, sheets):
    page = watched_page(as_bob)
    page.goto(INBOX)
    hand = Hand(page)
    hand.press("j")
    opened(page, "Ann Abel")
    hand.press("a")
    opened(page, "Ben Bart")
    assert (hand.interactions, states(sheets)) == (2, ["approved", "submitted", "submitted"])
    expect(page.locator("#say")).to_contain_text("of Ann Abel approved, 37h 30m")
    expect(row(page, "Ann Abel")).to_have_count(0)
    expect(page.locator(".nav [data-waiting]")).to_contain_text("2")
    expect(page.locator("#approval-tabs")).to_contain_text("Approved 1")
    expect(page).to_have_url(re.compile(f"/approvals/{sheets[1].pk}/$"))
    expect(row(page, "Ben Bart").get_by_role("link")).to_have_attribute("aria-current", "true")


def test_all_clean_weeks_are_approved_by_two_clicks(watched_page, as_bob, sheets):
    page = watched_page(as_bob)
    page.goto(INBOX)
    hand = Hand(page)
    hand.click(page.get_by_role("link", name="Select weeks without checks"))
    expect(page.locator("#inbox")).to_contain_text("2 selected 75h")
    hand.click(page.get_by_role("button", name="Approve 2"))
    toast = page.locator("[data-toast]")
    expect(toast).to_contain_text("2 weeks approved, 75h")
    assert (hand.interactions, states(sheets)) == (2, ["approved", "approved", "submitted"])
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator("#inbox li")).to_have_count(3)
    assert states(sheets) == ["submitted"] * 3


def test_two_entries_are_returned_by_five_interactions(watched_page, as_bob, sheets):
    page = watched_page(as_bob)
    page.goto(INBOX)
    open_first(page)
    hand = Hand(page)
    for number, reason in ((2, "Which client was this?"), (4, "Move it to training")):
        line = page.locator("tr.e").filter(has_text=f"Ann on day {number}")
        hand.click(line.get_by_text("Reject"))
        hand.type(reason)
    expect(page.locator(".decide")).to_contain_text("3 to approve, 2 to reject")
    hand.click(page.get_by_role("button", name="Approve 3, reject 2"))
    opened(page, "Ben Bart")
    assert hand.interactions == 5
    reasons = TimeEntry.objects.filter(timesheet=sheets[0], status="REJECTED").order_by("date")
    assert [entry.rejection_reason for entry in reasons] == ["Which client was this?", "Move it to training"]
    assert states(sheets)[0] == "partiallyDeclined"


# --- Keys -------------------------------------------------------------------------------------------------------------


def test_weeks_are_walked_and_selected_by_keys(watched_page, as_bob, sheets):
    page = watched_page(as_bob)
    page.goto(INBOX)
    open_first(page)
    page.keyboard.press("j")
    opened(page, "Ben Bart")
    page.keyboard.press("x")
    expect(row(page, "Ben Bart").get_by_role("checkbox")).to_be_checked()
    expect(page.locator("#inbox")).to_contain_text("1 selected 37h 30m")
    page.keyboard.press("k")
    opened(page, "Ann Abel")
    page.keyboard.press("a")
    opened(page, "Ben Bart")
    assert states(sheets) == ["approved", "submitted", "submitted"], "no key acts on more than the open week"
    expect(row(page, "Ben Bart").get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("z")
    expect(heading(page)).to_contain_text("Ann Abel")
    assert states(sheets) == ["submitted"] * 3


def test_a_week_is_rejected_by_keys_and_needs_a_reason(watched_page, as_bob, sheets):
    page = watched_page(as_bob)
    page.goto(INBOX)
    open_first(page)
    page.keyboard.press("r")
    expect(page.locator("#week-reason")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#week-reason-error")).to_be_visible()
    expect(page.locator("#week-reason")).to_be_focused()
    page.keyboard.type("jakr: these letters decide nothing here")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    opened(page, "Ben Bart")
    assert states(sheets) == ["declined", "submitted", "submitted"]


def test_keys_that_are_switched_off_do_nothing(watched_page, as_bob, bob, sheets):
    bob.user.single_key_shortcuts = False
    bob.user.save()
    page = watched_page(as_bob)
    page.goto(f"{INBOX}{sheets[0].pk}/")
    for key in "jkarx":
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    expect(heading(page)).to_contain_text("Ann Abel")
    expect(page.locator("#inbox :checked")).to_have_count(0)
    assert states(sheets) == ["submitted"] * 3


def test_the_list_of_keys_and_the_way_here(watched_page, as_bob, sheets):
    page = watched_page(as_bob)
    page.goto("/o/acme/timesheets/")
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url(f"**{INBOX}")
    open_first(page)
    page.keyboard.press("?")
    shortcuts = page.get_by_role("dialog", name="Keyboard shortcuts")
    for words in ("Open the next or previous week", "Reject the week, with a reason", "Select the open week"):
        expect(shortcuts).to_contain_text(words)
    expect(shortcuts.get_by_text("Next or previous day")).to_be_hidden()


def test_time_is_logged_over_the_inbox(watched_page, as_bob, sheets):
    page = watched_page(as_bob)
    page.goto(INBOX)
    page.keyboard.press("n")
    form = page.get_by_role("dialog", name="Log time")
    form.get_by_role("group", name="Kind").get_by_text("General").click()
    form.get_by_role("textbox", name="Duration").fill("20m")
    form.get_by_role("textbox", name="Subject").fill("Looking at weeks")
    page.keyboard.press("Enter")
    expect(form).to_be_hidden()
    expect(page.locator("#toasts")).to_contain_text("Logged 20m")
    assert page.url.endswith(INBOX)


# --- What stands in the way -------------------------------------------------------------------------------------------


def test_two_managers_meet(watched_page, as_bob, as_alice, bob, alice, sheets):
    first, second = watched_page(as_bob), watched_page(as_alice)
    for page in (first, second):
        page.goto(f"{INBOX}{sheets[0].pk}/")
    second.locator("tr.e").filter(has_text="Ann on day 2").get_by_text("Reject").click()
    second.keyboard.type("Which client?")
    first.keyboard.press("a")
    expect(heading(first)).to_contain_text("Ben Bart")
    second.get_by_role("button", name="Approve 4, reject 1").click()
    expect(second.get_by_role("alert")).to_contain_text("This week changed while you were looking.")
    expect(heading(second)).to_contain_text("Ann Abel")
    expect(second.locator("#review")).to_contain_text("Approved")
    assert states(sheets)[0] == "approved"


def test_a_week_that_changed_comes_back_marked_with_what_was_typed(watched_page, as_bob, alice, sheets):
    page = watched_page(as_bob)
    page.goto(f"{INBOX}{sheets[0].pk}/")
    page.locator("tr.e").filter(has_text="Ann on day 2").get_by_text("Reject").click()
    page.keyboard.type("Which client?")
    time_entries.edit(alice, sheets[0].entries.order_by("date").first().pk, minutes=30)
    page.get_by_role("button", name="Approve 4, reject 1").click()
    expect(page.get_by_role("alert")).to_contain_text("This week changed while you were looking.")
    expect(page.locator("tr.hot")).to_have_count(1)
    expect(page.locator("tr.hot")).to_contain_text("Ann on day 1")
    expect(page.get_by_label(named("Reason for rejecting Ann on day 2"))).to_have_value("Which client?")
    page.get_by_role("button", name="Approve 4, reject 1").click()
    expect(heading(page)).to_contain_text("Ben Bart")
    assert states(sheets)[0] == "partiallyDeclined"


def test_one_changed_week_of_three_stays_selected(watched_page, as_bob, alice, sheets):
    page = watched_page(as_bob)
    page.goto(INBOX)
    page.get_by_role("checkbox", name="Select all on this page").check()
    expect(page.locator("#inbox")).to_contain_text("3 selected 122h 30m")
    time_entries.edit(alice, sheets[1].entries.first().pk, minutes=30)
    page.get_by_role("button", name="Approve 3").click()
    expect(page.locator("#inbox").get_by_role("status")).to_contain_text("2 approved. 1 changed while you were looking")
    expect(page.locator("#inbox form.card li")).to_have_count(1)
    expect(page.locator("#inbox")).to_contain_text("1 selected")
    page.get_by_role("button", name="Approve 1").click()
    expect(page.locator("#inbox")).to_contain_text("Nothing waits for you")
    assert states(sheets) == ["approved"] * 3


def test_a_day_is_left_for_later(watched_page, as_bob, sheets):
    page = watched_page(as_bob)
    page.goto(f"{INBOX}{sheets[0].pk}/")
    page.get_by_role("button", name=named("Later")).first.click()
    expect(page.locator(".decide")).to_contain_text("4 to approve, 0 to reject")
    page.get_by_role("button", name="Approve 4").click()
    expect(heading(page)).to_contain_text("Ben Bart")
    assert states(sheets)[0] == "partiallyApproved"


def test_a_week_is_submitted_for_its_member_and_leaves_the_list(watched_page, as_bob, acme, sheets):
    member = factories.MembershipFactory(user__name="Dan Dorn")
    start = sheets[0].week_start
    factories.TimeEntryFactory(member=member, date=start, minutes=60)
    page = watched_page(as_bob)
    page.goto(f"{INBOX}?status=missing")
    page.get_by_role("button", name=named("Remind")).last.click()
    expect(page.locator("[data-toast]")).to_contain_text("Dan Dorn reminded")
    page.get_by_role("link", name=named("Submit for them")).click()
    page.get_by_role("dialog").get_by_role("button", name="Submit").click()
    expect(page.locator("#inbox")).to_contain_text("Everybody has submitted")
    assert Timesheet.objects.get(member=member).state == "submitted"


# --- A phone ----------------------------------------------------------------------------------------------------------


def test_on_a_phone_the_review_takes_the_place_of_the_list(watched_page, as_bob, sheets):
    page = watched_page(as_bob, **PHONE)
    page.goto("/o/acme/timesheets/")
    page.get_by_role("navigation", name="Main, compact").get_by_role("link", name="Approvals").tap()
    row(page, "Ann Abel").get_by_role("link").tap()
    expect(heading(page)).to_contain_text("Ann Abel")
    expect(page.locator("#inbox")).to_be_hidden()
    bar, tabs = page.locator(".decide").bounding_box(), page.locator(".tabbar").bounding_box()
    assert bar["y"] + bar["height"] <= tabs["y"] + 1, "the decision bar stands above the bottom bar"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Back to the list").tap()
    expect(page.locator("#inbox li")).to_have_count(3)
    row(page, "Ann Abel").get_by_role("link").tap()
    page.get_by_role("button", name="Approve week").tap()
    expect(heading(page)).to_contain_text("Ben Bart")
    assert states(sheets) == ["approved", "submitted", "submitted"]


# --- Without script ---------------------------------------------------------------------------------------------------


@pytest.fixture
def plain(watched_page, as_bob, sheets):
    page = watched_page(as_bob, java_script_enabled=False)
    page.goto(INBOX)
    return page


def test_without_script_weeks_are_reviewed_one_after_the_other(plain, sheets):
    page = plain
    row(page, "Ann Abel").get_by_role("link").click()
    line = page.locator("tr.e").filter(has_text="Ann on day 2")
    line.get_by_text("Reject").click()
    page.get_by_role("button", name="Send decisions").click()
    expect(page.locator(".err")).to_contain_text("Say why, so that Ann Abel can fix it")
    page.get_by_label(named("Reason for rejecting Ann on day 2")).fill("Which client?")
    page.get_by_role("button", name="Send decisions").click()
    expect(heading(page)).to_contain_text("Ben Bart")
    expect(page.get_by_role("status").filter(has_text="Ann Abel: 4 approved, 1 rejected")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(heading(page)).to_contain_text("Ann Abel")
    assert states(sheets) == ["submitted"] * 3


def test_without_script_a_week_is_rejected_with_a_reason(plain, sheets):
    page = plain
    row(page, "Ann Abel").get_by_role("link").click()
    page.locator("summary").filter(has_text="Reject week").click()
    page.locator("#week-reason").fill("This is last week's")
    page.get_by_role("button", name="Reject week", exact=True).click()
    expect(heading(page)).to_contain_text("Ben Bart")
    assert states(sheets) == ["declined", "submitted", "submitted"]


def test_without_script_many_are_approved_and_taken_back(plain, sheets):
    page = plain
    page.get_by_role("link", name="Select weeks without checks").click()
    page.get_by_role("button", name="Approve 2").click()
    expect(page.get_by_role("status").filter(has_text="2 weeks approved, 75h")).to_be_visible()
    assert states(sheets) == ["approved", "approved", "submitted"]
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#inbox li")).to_have_count(3)
    row(page, "Cid Cole").get_by_role("checkbox").check()
    page.get_by_role("button", name="Approve selected").click()
    assert states(sheets) == ["submitted", "submitted", "approved"]


def test_without_script_filters_reminders_and_handovers(plain, sheets, alice):
    page = plain
    page.get_by_role("combobox", name="Team").select_option(label="My line reports")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#inbox")).to_contain_text("No weeks match")
    page.get_by_role("link", name="Hand over").click()
    page.get_by_role("combobox", name="To").select_option(label="Alice Adams")
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_role("status").filter(has_text="Alice Adams stands in")).to_be_visible()
    page.get_by_role("button", name=named("End now")).click()
    expect(page.get_by_role("status").filter(has_text="does not stand in any more")).to_be_visible()
