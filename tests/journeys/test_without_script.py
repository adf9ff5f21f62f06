"""The same work with script off: dialogs are pages, filters have a button, deleting asks first."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import log, named
from timetracking.models import TimeEntry

pytestmark = pytest.mark.browser


@pytest.fixture
def page(watched_page, as_carol, work):
    page = watched_page(as_carol, java_script_enabled=False)
    page.goto(work.week_url)
    return page


def test_time_is_logged_from_the_list_of_recent_records(page, work):
    page.get_by_role("link", name="Log time", exact=True).click()
    page.get_by_role("group", name="Kind").get_by_text("Ticket").click()
    page.get_by_role("combobox", name="Linked record").select_option(label="Backup job failed · TKT-4846 · Harbourside")
    page.get_by_role("textbox", name="Duration").fill("50m")
    page.get_by_role("textbox", name="Subject").fill("Backup again")
    page.get_by_role("button", name="Log time", exact=True).click()
    expect(page.locator(f"{work.day} .entry")).to_contain_text("Backup again")
    expect(page.get_by_role("status").filter(has_text="Logged 50m to TKT-4846")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f"{work.day} .entry")).to_have_count(0)


def test_time_is_logged_by_a_typed_reference(page, work):
    page.get_by_role("link", name="Log time", exact=True).click()
    page.get_by_role("group", name="Kind").get_by_text("Ticket").click()
    page.get_by_label("Or type a reference").fill("4846")
    page.get_by_role("textbox", name="Duration").fill("1,5")
    page.get_by_role("textbox", name="Subject").fill("By reference")
    page.get_by_role("button", name="Log time", exact=True).click()
    expect(page.locator(f"{work.day} .entry")).to_contain_text("1h 30m")
    assert TimeEntry.objects.get(subject="By reference").ticket == work.ticket


def test_a_refused_form_comes_back_with_links_to_its_fields(page, work):
    page.get_by_role("link", name="Log time", exact=True).click()
    page.get_by_role("textbox", name="Duration").fill("230h")
    page.get_by_role("button", name="Log time", exact=True).click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Did you mean 2h 30m?")
    alert.get_by_role("link", name=named("Did you mean")).click()
    expect(page).to_have_url(re.compile("#id_duration$"))
    expect(page.get_by_role("textbox", name="Duration")).to_have_value("230h")


def test_an_entry_is_edited(page, work, carol):
    entry = log(carol, subject="Typo")
    page.reload()
    page.get_by_role("link", name=named("Edit Typo")).click()
    page.get_by_role("textbox", name="Subject").fill("No typo")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator(f"#entry-{entry.pk}")).to_contain_text("No typo")
    expect(page.get_by_role("status").filter(has_text="Saved “No typo”")).to_be_visible()


def test_deleting_asks_first_and_is_undone_from_the_banner_or_the_list(page, work, carol):
    entry = log(carol, subject="Regretted")
    card = page.locator(f"#entry-{entry.pk}")
    for way in ("banner", "list"):
        page.goto(work.week_url)
        page.get_by_role("link", name=named("Delete Regretted")).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Delete “Regretted”, 30m?")
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(card).to_have_count(0)
        if way == "banner":
            page.get_by_role("button", name="Undo").click()
        else:
            page.get_by_role("link", name="Recently deleted").click()
            page.get_by_role("button", name=re.compile("Restore ?: Regretted")).click()
        expect(card).to_be_visible()
    assert TimeEntry.objects.filter(pk=entry.pk).exists()


def test_filters_are_applied_by_a_button(page, work, carol):
    log(carol, kind="PROJECT", project=work.project, subject="Project work")
    log(carol, subject="Other work")
    page.reload()
    page.get_by_role("combobox", name="Project").select_option(label="PRJ-112 Network refresh")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(f"{work.day} .entry h3")).to_have_text(["Project work"])
    expect(page).to_have_url(re.compile(f"project={work.project.pk}"))
    page.go_back()
    expect(page.locator(f"{work.day} .entry h3")).to_have_count(2)


def test_a_ticket_is_found_and_time_logged_on_it(page, work):
    page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Tickets").click()
    page.get_by_role("search", name="Filter this list").get_by_role("searchbox").fill("backup")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("link", name="TKT-4846", exact=True).click()
    page.get_by_role("link", name="Log time").first.click()
    page.get_by_role("textbox", name="Duration").fill("2h")
    page.get_by_role("button", name="Log time", exact=True).click()
    expect(page.locator(f"{work.day} .entry")).to_contain_text("TKT-4846")


def test_a_double_click_makes_one_entry(page, work):
    page.goto(f"/o/acme/entries/new/?ticket={work.ticket.pk}")
    page.get_by_role("textbox", name="Duration").fill("20m")
    page.get_by_role("button", name="Log time", exact=True).dblclick()
    expect(page.locator(f"{work.day} .entry")).to_have_count(1)
    page.reload()
    expect(page.locator(f"{work.day} .entry")).to_have_count(1)
    assert TimeEntry.objects.filter(date=work.today).count() == 1
