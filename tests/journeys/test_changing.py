"""Editing, deleting and taking back, in a real browser; and what is refused, with its reason."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories
from tests.journeys.conftest import focus_comes_to, log, named
from timetracking.models import TimeEntry
from timetracking.services import time_entries

pytestmark = pytest.mark.browser


@pytest.fixture
def entry(carol, work):
    return log(carol, kind="TICKET", ticket=work.ticket, subject="Printer driver rollback")


def card(page, entry):
    return page.locator(f"#entry-{entry.pk}")


def test_a_typo_is_fixed_in_three_steps_and_the_focus_returns(watched_page, as_carol, work, entry):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.get_by_role("link", name=named("Edit Printer driver rollback")).click()
    page.get_by_role("dialog", name="Edit entry").get_by_role("textbox", name="Subject").fill("Printer rolled back")
    page.keyboard.press("Enter")
    expect(card(page, entry)).to_contain_text("Printer rolled back")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#say")).to_contain_text("Saved “Printer rolled back”")
    expect(page.locator(f"#edit-{entry.pk}, #entry-{entry.pk}").and_(page.locator(":focus"))).to_be_visible()


def test_an_edit_is_taken_back(watched_page, as_carol, work, entry):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.get_by_role("link", name=named("Edit Printer")).click()
    page.get_by_role("textbox", name="Subject").fill("Not meant so")
    page.keyboard.press("Enter")
    expect(card(page, entry)).to_contain_text("Not meant so")
    page.get_by_role("region", name="Notifications").get_by_role("button", name="Undo").click()
    expect(card(page, entry)).to_contain_text("Printer driver rollback")


def test_an_entry_moves_to_another_day(watched_page, as_carol, work, entry):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.get_by_role("link", name=named("Edit Printer")).click()
    page.get_by_label("Date", exact=True).fill(f"{work.week}")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator(f"#day-{work.week}").locator(f"#entry-{entry.pk}")).to_be_visible()
    expect(page.locator(f"#entry-{entry.pk}")).to_have_count(1)


@pytest.mark.parametrize("way", ["toast", "key"])
def test_delete_and_regret(watched_page, as_carol, work, carol, entry, way):
    other = log(carol, subject="Later")
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.get_by_role("link", name=named("Delete Printer driver rollback")).click()
    expect(card(page, entry)).to_have_count(0)
    expect(page.locator("#say")).to_contain_text("Deleted “Printer driver rollback”, 30m")
    expect(card(page, other)).to_be_focused()
    if way == "key":
        page.keyboard.press("z")
    else:
        page.get_by_role("region", name="Notifications").get_by_role("button", name="Undo").click()
    expect(card(page, entry)).to_be_visible()
    expect(card(page, entry)).to_be_focused()
    assert TimeEntry.objects.get(pk=entry.pk).version > entry.version


def test_undo_takes_back_what_was_just_logged(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.keyboard.press("n")
    page.get_by_role("option", name=named("Backup job failed")).click()
    page.keyboard.type("50m")
    page.keyboard.press("Enter")
    expect(page.locator(f"{work.day} .entry")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f"{work.day} .entry")).to_have_count(0)
    assert not TimeEntry.objects.filter(date=work.today).exists()


def test_two_people_change_an_entry_and_neither_text_is_lost(watched_page, as_carol, bob, work, entry):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.get_by_role("link", name=named("Edit Printer")).click()
    page.get_by_role("textbox", name="Subject").fill("What Carol typed")
    time_entries.edit(bob, entry.pk, version=entry.version, subject="What Bob typed")
    page.get_by_role("button", name="Save changes").click()
    dialog = page.get_by_role("dialog", name="Two versions")
    expect(dialog).to_contain_text("Bob Brown changed this entry while you were editing it.")
    expect(dialog.get_by_role("row", name="Subject What Carol typed What Bob typed")).to_be_visible()
    dialog.get_by_role("button", name="Keep mine").click()
    expect(card(page, entry)).to_contain_text("What Carol typed")
    assert TimeEntry.objects.get(pk=entry.pk).subject == "What Carol typed"


def test_a_locked_entry_says_why_instead_of_offering(watched_page, as_carol, carol, work):
    old = timezone.now() - dt.timedelta(hours=30)
    locked = factories.TimeEntryFactory(member=carol, date=work.today, subject="Old work", created_at=old)
    page = watched_page(as_carol)
    page.goto(work.week_url)
    expect(card(page, locked).get_by_role("link", name=named("Edit"))).to_have_count(0)
    card(page, locked).locator("summary").click()
    expect(card(page, locked).get_by_role("paragraph").filter(has_text="Ask a manager.")).to_be_visible()


def test_an_entry_that_is_locked_meanwhile_is_refused_with_the_reason(watched_page, as_carol, work, entry):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.get_by_role("link", name=named("Edit Printer")).click()
    page.get_by_role("textbox", name="Subject").fill("Too late")
    TimeEntry.objects.filter(pk=entry.pk).update(created_at=timezone.now() - dt.timedelta(hours=30))
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("alert")).to_contain_text("Ask a manager.")
    expect(page.get_by_role("textbox", name="Subject")).to_have_value("Too late")
    page.keyboard.press("Escape")
    page.get_by_role("link", name=named("Delete Printer")).click()
    expect(page.get_by_role("region", name="Notifications")).to_contain_text("Ask a manager.")
    expect(card(page, entry).get_by_role("link", name=named("Edit"))).to_have_count(0)  # the card says it now
    assert TimeEntry.objects.get(pk=entry.pk).subject == "Printer driver rollback"


def test_somebody_elses_week_is_changed_by_a_manager(watched_page, as_bob, carol, work, entry):
    page = watched_page(as_bob)
    page.goto(work.week_url)
    page.get_by_role("combobox", name="Agent").select_option(label="Carol Clark")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Timesheet of Carol Clark")
    page.get_by_role("link", name=named("Edit Printer")).click()
    page.get_by_role("textbox", name="Duration").fill("45m")
    page.get_by_role("button", name="Save changes").click()
    expect(card(page, entry)).to_contain_text("45m")
    page.get_by_role("link", name=named("Edit Printer")).click()
    page.get_by_role("link", name="History", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text="Bob Brown changed this entry").first).to_contain_text("45m")
    focus_comes_to(page, "")
