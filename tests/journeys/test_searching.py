"""Searching in a real browser: by keyboard, by hand, on a phone, without script; from a hit straight to its time."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.journeys.conftest import Hand, named
from timetracking.models import Ticket, TimeEntry, Timer

pytestmark = pytest.mark.browser


@pytest.fixture
def more(work):
    """Another ticket and a closed one with the same word."""
    factories.TicketFactory(client=work.client, number=4900, title="Backup of the mails")
    factories.TicketFactory(client=work.client, number=4100, title="Backup years ago", status="closed")
    return work


@pytest.fixture
def page(watched_page, as_carol, more):
    page = watched_page(as_carol)
    page.goto(more.week_url)
    return page


def hits(page):
    return page.locator("#search-hits")


def field(page):
    return page.locator("#search-q")


def test_a_reference_leads_to_its_ticket_in_three_presses(page):
    hand = Hand(page)
    hand.press("/")
    expect(field(page)).to_be_focused()
    hand.type("4846")
    hand.press("Enter")
    page.wait_for_url("**/tickets/TKT-4846/")
    assert (hand.interactions, hand.keystrokes) == (3, 6)


def test_time_is_logged_on_a_hit_in_few_keys(page, more):
    hand = Hand(page)
    hand.press("/")
    hand.type("4846")
    expect(hits(page).get_by_role("link", name="Backup job failed", exact=True)).to_be_visible()
    hand.press("ArrowDown")
    hand.press("n")
    expect(page.get_by_role("dialog").get_by_role("textbox", name="Duration")).to_be_focused()
    hand.type("20m")
    hand.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert (hand.interactions, hand.keystrokes) == (6, 11)
    assert TimeEntry.objects.get(date=more.today).ticket == more.ticket
    expect(field(page)).to_be_focused()


def test_keys_that_are_quicker_than_the_answer_are_not_lost(page):
    page.keyboard.press("/")
    page.keyboard.type("4846")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("n")
    expect(page.get_by_role("dialog", name="Log time")).to_contain_text("TKT-4846")
    page.keyboard.press("Escape")
    expect(field(page)).to_have_value("4846")


def test_a_timer_starts_on_a_hit(page, more, carol):
    page.keyboard.press("/")
    page.keyboard.type("backup job")
    expect(hits(page).get_by_role("link", name="Backup job failed", exact=True)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("t")
    expect(page.locator("#timer")).to_contain_text("Backup job failed")
    assert Timer.objects.get(member=carol).ticket == more.ticket


def test_hits_are_walked_by_arrows_and_left_by_escape(page, more):
    page.locator(f"{more.day} h2").focus()
    page.keyboard.press("/")
    page.keyboard.type("backup")
    links = hits(page).locator("[data-hit] b a")
    expect(links).to_have_count(3)
    expect(page.locator("#say")).to_have_text("3 results")
    page.keyboard.press("ArrowDown")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("ArrowRight")  # is no next week here
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(field(page)).to_be_focused()
    for _hit in range(4):
        page.keyboard.press("ArrowDown")
    expect(links.nth(2)).to_have_text("Backup years ago")
    expect(links.nth(2)).to_be_focused()
    page.keyboard.press("n")  # closed: takes no time
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(hits(page)).to_be_hidden()
    expect(page.locator(f"{more.day} h2")).to_be_focused()
    expect(field(page)).to_have_value("")
    assert page.url.endswith(more.week_url)


def test_every_hit_and_button_is_reached_by_tab_and_opened_by_enter(page):
    page.keyboard.press("/")
    page.keyboard.type("network")
    expect(hits(page).get_by_role("link", name="Network refresh", exact=True)).to_be_visible()
    page.wait_for_function("isFresh")
    seen = []
    for _step in range(3):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent"))
    assert seen == ["Network refresh", "Log time on Network refresh", "Start timer on Network refresh"]
    page.keyboard.press("Tab")
    expect(hits(page)).to_be_hidden()
    field(page).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/PRJ-112/")


def test_several_hits_open_as_a_page_where_the_same_keys_work(page):
    page.keyboard.press("/")
    page.keyboard.type("backup")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=backup")
    expect(page.get_by_role("heading", name="Tickets")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Backup job failed", exact=True)).to_be_focused()
    page.keyboard.press("n")
    expect(page.get_by_role("dialog", name="Log time")).to_contain_text("TKT-4846")


def test_by_mouse(page):
    field(page).click()
    page.keyboard.type("backup job")
    hits(page).get_by_role("link", name="Log time on Backup job failed").click()
    expect(page.get_by_role("dialog", name="Log time")).to_contain_text("TKT-4846")


def test_a_page_is_found_by_what_it_is_about(page):
    page.keyboard.press("/")
    page.keyboard.type("dark theme")
    page.keyboard.press("Enter")
    page.wait_for_url("**/me/appearance/")


def test_switched_off_no_key_leads_there_but_the_field_works(watched_page, as_carol, carol, more):
    carol.user.single_key_shortcuts = False
    carol.user.save()
    page = watched_page(as_carol)
    page.goto(more.week_url)
    page.keyboard.press("/")
    expect(field(page)).not_to_be_focused()
    field(page).click()
    page.keyboard.type("4846")
    expect(hits(page).get_by_role("link", name="Backup job failed", exact=True)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("n")
    page.keyboard.press("t")
    page.wait_for_timeout(200)
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert not Timer.objects.filter(member=carol).exists()


def test_on_a_phone_the_field_is_a_page(watched_page, as_carol, more):
    page = watched_page(as_carol, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(more.week_url)
    page.get_by_role("link", name="Search").tap()
    page.wait_for_url("**/search/")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    page.keyboard.type("backup")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=backup")
    page.get_by_role("link", name="Log time on Backup job failed").tap()
    expect(page.get_by_role("dialog", name="Log time")).to_contain_text("TKT-4846")


def test_without_script(watched_page, as_carol, carol, more):
    page = watched_page(as_carol, java_script_enabled=False)
    page.goto(more.week_url)
    field(page).fill("backup")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=backup")
    page.get_by_role("link", name="Log time on Backup job failed").click()
    page.wait_for_url("**/entries/new/**")
    page.go_back()
    page.get_by_role("button", name="Start timer on Backup job failed").click()
    expect(page.locator("#timer")).to_contain_text("Backup job failed")
    assert Timer.objects.get(member=carol).ticket == Ticket.objects.get(number=4846)


def test_the_words_typed_last_are_those_that_are_shown(page):
    page.keyboard.press("/")
    page.keyboard.type("backup", delay=60)
    page.keyboard.press("Control+a")
    page.keyboard.type("network", delay=60)
    expect(hits(page).get_by_role("link", name=named("Network refresh")).first).to_be_visible()
    expect(hits(page)).not_to_contain_text("Backup")
