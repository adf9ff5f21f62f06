"""Several entries at once, in a real browser: select, look at what would happen, change or delete, take it all back."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.journeys.conftest import log, named
from timetracking.models import TimeEntry

pytestmark = pytest.mark.browser


@pytest.fixture
def talks(carol, work):
    """Three of today, the last of them billed."""
    factories.WorkTypeFactory(name="Travel")
    entries = [log(carol, subject=f"Talk {name}", minutes=30 + at) for at, name in enumerate("ABC")]
    TimeEntry.objects.filter(subject="Talk C").update(status="BILLED")
    return entries


def box(page, subject):
    return page.get_by_role("checkbox", name=named(f"Select: {subject}"))


def work_types():
    return list(
        TimeEntry.objects.filter(subject__startswith="Talk").order_by("pk").values_list("work_type__name", flat=True)
    )


def select(page, *subjects):
    page.locator("label.picking:visible").click()
    for subject in subjects:
        box(page, subject).check()


def undo(page):
    page.get_by_role("region", name="Notifications").get_by_role("button", name="Undo").click()


def test_three_get_a_work_type_but_for_the_one_that_is_billed_and_it_is_taken_back(watched_page, as_carol, work, talks):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    expect(box(page, "Talk A")).to_be_hidden()
    select(page, "Talk A", "Talk B", "Talk C")
    bar = page.get_by_role("form", name="Selected entries")
    expect(bar).to_contain_text("3 selected, 1h 33m")
    bar.get_by_role("button", name="Edit…").click()
    dialog = page.get_by_role("dialog", name="Change 3 entries")
    dialog.get_by_label("Work type").select_option("Travel")
    dialog.get_by_role("button", name="See what would change").click()
    plan = page.get_by_role("dialog", name="Change entries")
    expect(plan.get_by_role("listitem").filter(has_text="Talk A")).to_contain_text("Travel")
    expect(plan.get_by_role("listitem").filter(has_text="Talk C")).to_contain_text("invoice")
    assert work_types() == [None, None, None]
    plan.get_by_role("button", name="Change 2 of 3").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    toast = page.get_by_role("region", name="Notifications")
    expect(toast).to_contain_text("Changed 2 entries")
    expect(toast).to_contain_text("“Talk C”")
    expect(page.locator("#say")).to_contain_text("Changed 2 entries.")
    expect(bar).to_be_hidden()
    expect(page.locator(f"#entry-{talks[0].pk}")).to_be_focused()
    assert work_types() == ["Travel", "Travel", None]
    undo(page)
    expect(toast).to_contain_text("Undone, 2 entries")
    assert work_types() == [None, None, None]


def test_a_whole_day_is_deleted_and_comes_back_at_once(watched_page, as_carol, work, talks):
    TimeEntry.objects.update(status="OPEN")
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.locator("label.picking:visible").click()
    page.locator(work.day).get_by_role("checkbox", name=named("Select all of this day")).check()
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_role("dialog", name="Delete entries")).to_contain_text("3 entries go, 1h 33m")
    page.get_by_role("button", name="Delete 3 entries").click()
    expect(page.locator(f"{work.day} .entry")).to_have_count(0)
    expect(page.get_by_role("form", name="Selected entries")).to_be_hidden()
    undo(page)
    expect(page.locator(f"{work.day} .entry")).to_have_count(3)


def test_by_keyboard_alone(watched_page, as_carol, work, talks):
    """X takes the focused one, Shift and arrows those beside it; no single key changes more than one entry."""
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.locator(f"#entry-{talks[0].pk}").focus()
    page.keyboard.press("x")
    expect(box(page, "Talk A")).to_be_checked()
    page.keyboard.press("Shift+ArrowDown")
    bar = page.get_by_role("form", name="Selected entries")
    expect(bar).to_contain_text("2 selected, 1h 01m")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(bar).to_contain_text("2 selected")
    edit = bar.get_by_role("button", name="Edit…")
    edit.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_label("Subject").focus()
    page.keyboard.type("Conference")
    page.keyboard.press("Enter")
    confirm = page.get_by_role("button", name="Change 2 entries")
    expect(confirm).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"{work.day} .entry h3").filter(has_text="Conference")).to_have_count(2)
    page.keyboard.press("z")
    expect(page.locator(f"{work.day} .entry h3").filter(has_text="Conference")).to_have_count(0)


def test_nothing_is_lost_by_looking_and_going_back(watched_page, as_carol, work, talks):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    select(page, "Talk A", "Talk B")
    page.get_by_role("button", name="Edit…").click()
    page.get_by_label("Subject").fill("Conference")
    page.get_by_role("button", name="See what would change").click()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Subject")).to_have_value("Conference")
    page.get_by_role("dialog").get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("form", name="Selected entries")).to_contain_text("2 selected")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("form", name="Selected entries")).to_be_hidden()
    expect(box(page, "Talk A")).to_be_hidden()


def test_without_script_it_is_a_form_and_pages(watched_page, as_carol, work, talks):
    page = watched_page(as_carol, java_script_enabled=False)
    page.goto(work.week_url)
    select(page, "Talk A", "Talk C")
    page.get_by_role("button", name="Edit…").click()
    page.get_by_label("Date").fill(f"{work.today - dt.timedelta(days=1)}")
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("heading", name="Change entries")).to_be_visible()
    page.get_by_role("button", name="Change 1 of 2").click()
    expect(page).to_have_url(named(work.week_url))
    expect(page.get_by_role("status").filter(has_text="Moved 1 entry to")).to_be_visible()
    expect(page.locator(".banner").filter(has_text="Talk C")).to_be_visible()
    assert TimeEntry.objects.get(subject="Talk A").date == work.today - dt.timedelta(days=1)
    page.get_by_role("button", name="Undo").click()
    assert TimeEntry.objects.get(subject="Talk A").date == work.today


def test_on_a_phone_the_bar_stands_above_the_tabs(watched_page, as_carol, work, talks):
    page = watched_page(as_carol, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(work.week_url)
    page.locator("label.picking:visible").tap()
    for subject in ("Talk A", "Talk B"):
        box(page, subject).tap()
    bar, tabs = page.locator("#bulk"), page.locator(".tabbar")
    expect(bar).to_contain_text("2 selected, 1h 01m")
    here, below = bar.bounding_box(), tabs.bounding_box()
    assert here["y"] + here["height"] <= below["y"] + 1 and here["width"] == 390
    bar.get_by_role("button", name="Delete…").tap()
    page.get_by_role("button", name="Delete 2 entries").tap()
    expect(page.locator(f"{work.day} .entry")).to_have_count(1)


def test_on_a_ticket_the_list_and_the_total_follow(watched_page, as_carol, work, carol):
    for name in "AB":
        log(carol, kind="TICKET", ticket=work.ticket, subject=f"Talk {name}", minutes=45)
    page = watched_page(as_carol)
    page.goto("/o/acme/tickets/TKT-4846/")
    page.locator("label.picking:visible").click()
    page.get_by_role("checkbox", name="Select all of this list").check()
    expect(page.locator("#bulk")).to_contain_text("3 selected, 2h")
    box(page, "Yesterday").uncheck()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete 2 entries").click()
    expect(page.locator("#record-entries li")).to_have_count(1)
    expect(page.locator("#time-card")).to_contain_text("30m")
    undo(page)
    expect(page.locator("#record-entries li")).to_have_count(3)
