"""Reading a report in a real browser: filters, columns, the entries behind a figure, saving it; and with script off."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import log, named
from timetracking.models import SavedReport

pytestmark = pytest.mark.browser


@pytest.fixture
def entries(alice, bob, carol, work):
    log(carol, kind="TICKET", ticket=work.ticket, subject="Ticket work", minutes=45)
    log(bob, kind="PROJECT", project=work.project, subject="Project work", minutes=120)
    log(alice, subject="Stand-up", minutes=15)


def test_a_manager_narrows_groups_sorts_and_looks_behind_a_figure(watched_page, as_bob, work, entries):
    page = watched_page(as_bob)
    page.goto("/o/acme/timesheets/")
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page).to_have_url(re.compile("/reports/$"))
    page.get_by_role("combobox", name="Group by").select_option("agent")
    table = page.get_by_role("table", name="Agent / Project")
    expect(table.get_by_role("rowheader", name="Carol Clark")).to_be_visible()
    page.get_by_role("combobox", name="then by").select_option("")
    table = page.get_by_role("table", name="Agent", exact=True)
    expect(table.locator("tbody tr").first).to_contain_text("Bob Brown")
    table.get_by_role("link", name="Agent", exact=True).click()
    expect(page).to_have_url(re.compile("sort=name"))
    expect(table.locator("tbody tr").first).to_contain_text("Alice Adams")
    page.get_by_role("combobox", name="Project").select_option(label="PRJ-112 Network refresh")
    expect(table.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name=named("Remove the filter Project")).click()
    expect(table.locator("tbody tr")).to_have_count(3)
    page.go_back()
    expect(table.locator("tbody tr")).to_have_count(2)
    table.get_by_role("link", name="Bob Brown").click()
    expect(page.get_by_role("term").filter(has_text="Entries").locator("xpath=following-sibling::dd[1]")).to_have_text(
        "1"
    )
    page.get_by_role("link", name="Project work").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Duration").fill("3h")
    dialog.get_by_role("button", name="Save changes").click()
    expect(page.locator("#report-entries")).to_contain_text("3h")  # read anew behind the dialog


def test_a_bar_of_a_chart_leads_to_its_entries(watched_page, as_bob, work, entries):
    page = watched_page(as_bob)
    page.goto("/o/acme/reports/?range=this_week")
    expect(page.get_by_role("img", name=named("4h in all"))).to_be_visible()
    bars = page.locator(".spots").first.locator("a")
    today = bars.nth(bars.count() - 1)
    today.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(str(work.today.day))
    expect(page.get_by_role("link", name="Ticket work")).to_be_visible()


def test_a_report_is_read_and_saved_without_script(watched_page, as_bob, bob, work, entries):
    page = watched_page(as_bob, java_script_enabled=False)
    page.goto("/o/acme/reports/")
    page.get_by_role("combobox", name="Group by").select_option("agent")
    page.get_by_role("combobox", name="Agent").select_option(label="Bob Brown")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("table", name="Agent / Project").get_by_role("rowheader", name="Bob Brown")).to_be_visible()
    page.get_by_text("Show as table").first.click()
    expect(page.get_by_role("table", name=named("Hours per"))).to_be_visible()
    page.get_by_role("link", name="Save view").click()
    page.get_by_role("textbox", name="Name").fill("Bob's work")
    page.get_by_label("Managers and admins").check()
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bob's work")
    assert SavedReport.objects.get().query == f"range=this_quarter&agent={bob.pk}&by=agent&then=project"
    page.get_by_role("combobox", name="then by").select_option("week")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("link", name="Keep the changes").click()
    page.get_by_role("button", name="Save changes").click()
    assert SavedReport.objects.get().query == f"range=this_quarter&agent={bob.pk}&by=agent&then=week"
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_role("button", name="Delete this saved report").click()
    expect(page.get_by_text("No saved reports")).to_be_visible()


def test_a_report_fits_the_smallest_phone(watched_page, as_bob, work, entries):
    page = watched_page(as_bob, viewport={"width": 320, "height": 700}, has_touch=True)
    page.goto("/o/acme/reports/?by=agent")
    page.get_by_role("button", name="Filter and export").click()
    page.get_by_role("combobox", name="Group by").select_option("client")
    expect(page.get_by_role("heading", name=named("Client"), level=2).last).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
