"""An export from asking to the file, in a real browser: the page follows it; without script there is a link."""

import pytest
from playwright.sync_api import expect

from timetracking.models import ExportJob
from timetracking.services import export_runs

pytestmark = pytest.mark.browser
PAGE = "/o/acme/data/exports/"


def lines(page):
    return page.locator("#exports tbody tr")


def download(page, link):
    with page.expect_download() as waiting:
        link.click()
    return waiting.value


def test_it_is_asked_for_followed_fetched_and_deleted(watched_page, as_carol, work):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Exports").click()
    expect(page.get_by_role("heading", name="No exports yet")).to_be_visible()
    page.get_by_label("First day").fill(str(work.week))
    page.get_by_role("button", name="Make the file").click()
    expect(lines(page)).to_contain_text(["Waiting"])
    ExportJob.objects.update(state="running", rows_done=1, rows_total=2)
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "50")
    ExportJob.objects.update(state="waiting")
    assert export_runs.run_waiting() == 1
    link = page.get_by_role("link", name="Download")
    expect(link).to_be_visible()  # nobody reloaded the page
    file = download(page, link)
    assert file.suggested_filename == f"timesheet_acme_{work.week}_{work.today}.csv"
    expect(page.get_by_role("link", name="Refresh")).to_have_count(0)
    page.get_by_role("button", name="Delete now").click()
    expect(lines(page)).to_contain_text(["Deleted"])


def test_without_script_it_is_looked_up_and_cancelled(watched_page, as_carol, work):
    page = watched_page(as_carol, java_script_enabled=False)
    page.goto(PAGE)
    page.get_by_role("radio", name="Excel").check()
    page.get_by_role("button", name="Make the file").click()
    assert export_runs.run_waiting() == 1
    page.get_by_role("link", name="Refresh").click()
    assert download(page, page.get_by_role("link", name="Download")).suggested_filename.endswith(".xlsx")
    page.get_by_role("button", name="Make the file").click()
    page.get_by_role("button", name="Cancel").click()
    expect(lines(page).first).to_contain_text("Cancelled")
    page.get_by_role("button", name="Ask again").first.click()
    expect(lines(page).first).to_contain_text("Waiting")
