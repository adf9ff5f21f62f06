"""The weekly grid as it is used: typing along a row, pasting, several entries, clearing, phone, no script, no mouse."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.cast import browser_of
from tests.journeys.conftest import Hand, focus_comes_to, log, named
from timetracking.models import TimeEntry
from timetracking.services import grid_rows, time_entries

pytestmark = pytest.mark.browser


class Grid:
    """Last week's grid, where every day is over, with a row for the ticket and one for the project."""

    def __init__(self, page, work):
        self.page, self.first = page, work.week - dt.timedelta(days=7)
        self.url = f"/o/acme/timesheets/{self.first}/grid/"
        self.ticket, self.project = f"ticket-{work.ticket.pk}", f"project-{work.project.pk}"

    def cell(self, row, day=1):
        return self.page.locator(f"#i-{row}-{day}")

    def day(self, number):
        return self.first + dt.timedelta(days=number - 1)

    def stored(self):
        entries = TimeEntry.objects.filter(date__gte=self.first, date__lt=self.first + dt.timedelta(days=7))
        return sorted(entries.values_list("date", "minutes"))


@pytest.fixture
def opened(watched_page, as_carol, carol, work):
    """`opened()` shows the grid; options go to the browser."""

    def open_grid(**options):
        page = watched_page(as_carol, **options)
        shown = Grid(page, work)
        for record in (work.ticket, work.project):
            grid_rows.add(carol, carol, shown.first, record)
        page.goto(shown.url)
        return shown

    return open_grid


def saved(page):
    expect(page.locator("#saved .all")).to_contain_text("All changes saved")


def test_five_days_on_one_row_take_six_interactions_and_twenty_keystrokes(opened):
    grid = opened()
    hand = Hand(grid.page)
    hand.click(grid.cell(grid.ticket))
    for _day in range(5):
        hand.type("1.5")
        grid.page.keyboard.press("Tab")
        hand.keystrokes += 1  # of the same run
    assert (hand.interactions, hand.keystrokes) == (6, 20)
    for day in range(1, 6):
        expect(grid.cell(grid.ticket, day)).to_have_value("1:30")
    expect(grid.page.locator(f"#tot-{grid.ticket}")).to_contain_text("7h 30m")
    expect(grid.page.locator("#sum-5")).to_have_text("1:30")
    expect(grid.page.locator("#kpis .kpi").first).to_contain_text("7h 30m")
    saved(grid.page)
    focus_comes_to(grid.page, f"i-{grid.ticket}-6")
    assert [minutes for _day, minutes in grid.stored()] == [90] * 5


def test_text_that_is_typed_while_an_answer_comes_is_kept(opened):
    grid = opened()
    held = []
    grid.page.route("**/grid/cell/", lambda route: held.append(route))
    first = grid.cell(grid.ticket)
    first.fill("1h")
    with grid.page.expect_request("**/grid/cell/"):
        grid.page.keyboard.press("Tab")
    first.fill("2h")  # before the first answer is there
    with grid.page.expect_response("**/grid/cell/"):
        held[0].continue_()
    grid.page.unroute("**/grid/cell/")
    expect(first).to_have_value("2h")
    grid.page.keyboard.press("Tab")
    expect(first).to_have_value("2:00")
    assert grid.stored() == [(grid.day(1), 120)]


def test_by_keyboard_alone(opened):
    grid = opened()
    grid.cell(grid.project).focus()
    press = grid.page.keyboard.press
    grid.page.keyboard.type("1h")
    press("Enter")
    focus_comes_to(grid.page, f"i-{grid.ticket}-1")  # projects stand above tickets
    grid.page.keyboard.type("30m")
    press("Alt+ArrowRight")
    focus_comes_to(grid.page, f"i-{grid.ticket}-2")
    press("ArrowUp")
    focus_comes_to(grid.page, f"i-{grid.project}-2")
    grid.page.keyboard.type("7")
    press("Escape")
    expect(grid.cell(grid.project, 2)).to_have_value("")
    grid.page.keyboard.type("45m")
    press("Shift+Enter")
    expect(grid.page.get_by_role("dialog").get_by_role("textbox", name="Duration")).to_have_value("45m")
    expect(grid.page.get_by_role("dialog").get_by_role("textbox", name="Subject")).to_have_value("Network refresh")
    grid.page.locator("#id_description").focus()
    grid.page.keyboard.type("From the grid")
    press("Control+Enter")
    expect(grid.cell(grid.project, 2)).to_have_value("0:45")
    expect(grid.page.locator(f"#m-{grid.project}-2")).to_have_text("•")
    assert grid.stored() == [(grid.day(1), 30), (grid.day(1), 60), (grid.day(2), 45)]


def test_a_cleared_cell_comes_back_by_undo(opened, carol, work):
    grid = opened()
    log(carol, kind="TICKET", ticket=work.ticket, date=grid.day(1), minutes=60)
    grid.page.reload()
    grid.cell(grid.ticket).click()
    grid.page.keyboard.press("Delete")
    grid.page.keyboard.press("Tab")
    expect(grid.page.locator("#toasts")).to_contain_text("Deleted “Stand-up”, 1h")
    expect(grid.cell(grid.ticket)).to_have_value("")
    grid.page.get_by_role("button", name="Undo").click()
    expect(grid.cell(grid.ticket)).to_have_value("1:00")
    assert grid.stored() == [(grid.day(1), 60)]


def test_of_several_entries_one_is_chosen(opened, carol, work):
    grid = opened()
    for minutes, subject in ((60, "First"), (30, "Second")):
        log(carol, kind="TICKET", ticket=work.ticket, date=grid.day(1), minutes=minutes, subject=subject)
    grid.page.reload()
    cell = grid.cell(grid.ticket)
    expect(cell).to_have_value("1:30")
    expect(grid.page.locator(f"#m-{grid.ticket}-1")).to_have_text("2")
    cell.fill("2h")
    grid.page.keyboard.press("Tab")
    expect(grid.page.locator(f"#m-{grid.ticket}-1")).to_have_text("3")
    cell.fill("1:45")
    grid.page.keyboard.press("Tab")
    dialog = grid.page.get_by_role("dialog")
    expect(dialog).to_contain_text("This cell has 3 entries. Which one should change?")
    dialog.get_by_role("button", name=named("Make it 45m")).click()
    expect(dialog).to_be_hidden()
    expect(cell).to_have_value("1:45")
    assert [minutes for _day, minutes in grid.stored()] == [30, 30, 45]
    grid.page.locator(f"#m-{grid.ticket}-1").click()
    expect(dialog).to_contain_text("Together 1h 45m")
    dialog.get_by_role("link", name=named("Delete Second")).click()
    expect(cell).to_have_value("1:15")


def test_a_block_of_a_spreadsheet_is_pasted_and_what_is_refused_stays(opened):
    grid = opened()
    paste = """text => { const data = new DataTransfer(); data.setData("text/plain", text);
        const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
        document.activeElement.dispatchEvent(event) }"""
    grid.cell(grid.project, 5).click()
    grid.page.evaluate(paste, "1:30\t2h\t\t9h\n0,5\tsoon\n4h\t\n")
    errors = grid.page.locator("#errors")
    expect(errors.get_by_role("link", name=named("Use a format like"))).to_be_visible()
    expect(errors).to_contain_text("Outside the grid: 9h")
    expect(errors).to_contain_text("Outside the grid: 4h")
    expect(grid.cell(grid.ticket, 6)).to_have_value("soon")
    assert grid.stored() == [(grid.day(5), 30), (grid.day(5), 90), (grid.day(6), 120)]
    errors.get_by_role("link", name=named("Use a format like")).click()
    grid.cell(grid.ticket, 6).fill("1h")
    grid.page.keyboard.press("Enter")
    expect(grid.cell(grid.ticket, 6)).to_have_value("1:00")
    grid.page.get_by_role("button", name="Undo").click()
    expect(grid.cell(grid.project, 5)).to_have_value("")
    assert grid.stored() == [(grid.day(6), 60)]


def test_what_somebody_else_stored_is_shown_and_not_lost(opened, watched_page, bob, carol, work):
    grid = opened()
    theirs = {"kind": "TICKET", "ticket": work.ticket, "date": grid.day(1), "minutes": 45, "subject": "Theirs"}
    time_entries.log(bob, member=carol, **theirs)
    cell = grid.cell(grid.ticket)
    cell.fill("2h")
    grid.page.keyboard.press("Enter")
    refused = grid.page.locator(".cellerr")
    expect(refused).to_contain_text("it holds 0:45 now")
    with grid.page.expect_response(lambda answer: "quiet=1" in answer.url):  # as when time is logged in the dialog
        grid.page.evaluate("htmx.trigger(document.body, 'entries-changed')")
    expect(grid.page.locator(f"#tot-{grid.ticket}")).to_contain_text("45m")
    grid.page.wait_for_load_state("networkidle")
    expect(refused).to_contain_text("it holds 0:45 now")
    expect(cell).to_have_value("2h")
    expect(cell).to_have_attribute("aria-invalid", "true")
    expect(grid.page.locator("#saved")).not_to_contain_text("All changes saved")
    assert grid.stored() == [(grid.day(1), 45)]
    cell.focus()
    grid.page.keyboard.press("Escape")
    expect(cell).to_have_value("0:45")
    expect(refused).to_have_count(0)
    cell.fill("2h")
    grid.page.keyboard.press("Enter")
    expect(cell).to_have_value("2:00")
    assert grid.stored() == [(grid.day(1), 120)]


def test_what_was_refused_is_sent_again_by_enter_alone(opened, bob, carol, work):
    """In the last row, where Enter leaves the field nowhere to go."""
    grid = opened()
    sent = []
    grid.page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    theirs = {"kind": "TICKET", "ticket": work.ticket, "date": grid.day(1), "minutes": 45, "subject": "Theirs"}
    time_entries.log(bob, member=carol, **theirs)
    cell = grid.cell(grid.ticket)
    cell.fill("2h")
    grid.page.keyboard.press("Enter")
    expect(grid.page.locator(".cellerr")).to_contain_text("it holds 0:45 now")
    grid.page.wait_for_load_state("networkidle")
    assert (grid.stored(), len(sent)) == ([(grid.day(1), 45)], 1)
    grid.page.keyboard.press("Enter")
    expect(cell).to_have_value("2:00")
    assert grid.stored() == [(grid.day(1), 120)]


def test_what_could_not_be_sent_is_sent_again(opened):
    grid = opened()
    grid.page.route("**/grid/cell/", lambda route: route.abort())
    cell = grid.cell(grid.ticket)
    cell.fill("2h")
    with grid.page.expect_event("requestfailed"):
        grid.page.keyboard.press("Enter")
    grid.page.unroute("**/grid/cell/")
    grid.page.problems.clear()
    grid.page.keyboard.press("Enter")
    expect(cell).to_have_value("2:00")
    assert grid.stored() == [(grid.day(1), 120)]


def test_locked_cells_say_why_when_they_are_reached(opened, acme, work, carol):
    acme.lock_date = work.week - dt.timedelta(days=6)
    acme.save()
    grid = opened()
    cell = grid.cell(grid.ticket)
    cell.focus()
    assert cell.get_attribute("readonly") is not None
    expect(grid.page.locator(f"#w-{grid.ticket}-1")).to_be_visible()
    expect(cell).to_have_accessible_description(re.compile("is closed"))
    expect(grid.cell(grid.ticket, 3)).to_be_editable()


def test_a_row_is_added_by_typing(opened, carol, work):
    factories.TicketFactory(client=work.client, number=4777, title="Printer offline")
    grid = opened()
    grid.page.get_by_role("textbox", name="Add a row").click()
    expect(grid.page.get_by_role("combobox", name="Add a row")).to_be_focused()
    grid.page.keyboard.type("printer")
    grid.page.keyboard.press("Enter")
    row = grid.page.locator("tr", has_text="TKT-4777")
    expect(row.locator(".cell").first).to_be_focused()
    grid.page.keyboard.type("1h")
    grid.page.keyboard.press("Tab")
    saved(grid.page)
    assert grid.stored() == [(grid.day(1), 60)]
    other = grid.page.locator("tr", has_text="TKT-4846")
    other.get_by_role("button", name=named("Remove the row")).click()
    expect(other).to_have_count(0)


def test_on_a_phone_one_day_at_a_time(opened):
    grid = opened(viewport={"width": 390, "height": 844}, has_touch=True)
    expect(grid.cell(grid.ticket, 1)).to_be_visible()
    expect(grid.cell(grid.ticket, 3)).to_be_hidden()
    assert grid.cell(grid.ticket, 1).bounding_box()["height"] >= 44
    grid.page.locator("label:has(#gd3)").tap()
    expect(grid.cell(grid.ticket, 1)).to_be_hidden()
    grid.cell(grid.ticket, 3).tap()
    grid.page.keyboard.type("20m")
    grid.page.keyboard.press("Enter")
    expect(grid.cell(grid.ticket, 3)).to_have_value("0:20")
    expect(grid.page.locator("#strip-3")).to_have_text("0:20")
    assert grid.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_script_one_form_saves_all(opened):
    grid = opened(java_script_enabled=False)
    grid.cell(grid.ticket, 1).fill("1h")
    grid.cell(grid.ticket, 2).fill("230h")
    grid.page.get_by_role("button", name="Save", exact=True).last.click()
    expect(grid.page.get_by_role("alert")).to_contain_text("Did you mean 2h 30m?")
    expect(grid.cell(grid.ticket, 2)).to_have_value("230h")
    expect(grid.cell(grid.ticket, 1)).to_have_value("1:00")
    grid.cell(grid.ticket, 2).fill("2h 30m")
    grid.cell(grid.ticket, 2).press("Enter")
    expect(grid.cell(grid.ticket, 2)).to_have_value("2:30")
    assert grid.stored() == [(grid.day(1), 60), (grid.day(2), 150)]
    grid.page.get_by_role("textbox", name="Add a row").fill("Nowhere")
    grid.page.get_by_role("button", name="Add a row").click()
    expect(grid.page.locator("#grid-add-error")).to_contain_text("Nothing is called “Nowhere”.")


def test_two_tabs_never_fill_a_cell_twice(opened, watched_page, carol, work):
    grid = opened()
    other = Grid(watched_page(browser_of(carol)), work)
    other.page.goto(other.url)
    for each, text in ((grid, "1h"), (other, "2h")):
        each.cell(each.ticket).fill(text)
        each.page.keyboard.press("Tab")
    expect(grid.cell(grid.ticket)).to_have_value("1:00")
    expect(other.page.locator(".cellerr")).to_contain_text("it holds 1:00 now")
    assert grid.stored() == [(grid.day(1), 60)]
