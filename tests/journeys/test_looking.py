"""Filtering, moving and exporting the week in a real browser; and the tree that a screen reader gets of it."""

import csv
import io
import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import log, named

pytestmark = pytest.mark.browser


@pytest.fixture
def entries(alice, carol, work):
    log(carol, kind="TICKET", ticket=work.ticket, subject="Ticket work", minutes=45)
    log(carol, kind="PROJECT", project=work.project, subject="Project work", minutes=60)
    log(carol, subject="=Stand-up", minutes=15)
    log(alice, kind="PROJECT", project=work.project, subject="Alice's work", minutes=120)


def subjects(page, work):
    return page.locator(f"{work.day} .entry h3")


def test_filters_narrow_the_page_stand_in_the_address_and_go_back(watched_page, as_carol, work, entries):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    page.get_by_role("combobox", name="Project").select_option(label="PRJ-112 Network refresh")
    expect(subjects(page, work)).to_have_text(["Project work"])
    expect(page).to_have_url(re.compile(rf"\?project={work.project.pk}$"))
    page.get_by_role("link", name=named("Remove the filter PRJ-112")).click()
    expect(subjects(page, work)).to_have_count(3)
    page.locator("summary", has_text="More filters").click()
    page.get_by_label("Kind").select_option("TICKET")
    expect(subjects(page, work)).to_have_text(["Ticket work"])
    expect(page.locator("#kpis .kpi").filter(has_text="Projects")).to_contain_text("0h")
    page.reload()
    expect(subjects(page, work)).to_have_text(["Ticket work"])
    page.get_by_role("link", name="Clear filters").first.click()
    expect(subjects(page, work)).to_have_count(3)
    page.go_back()
    expect(subjects(page, work)).to_have_text(["Ticket work"])


def test_a_manager_filters_by_agent(watched_page, as_bob, work, entries):
    page = watched_page(as_bob)
    page.goto(work.week_url)
    expect(subjects(page, work)).to_have_count(0)
    page.get_by_role("combobox", name="Agent").select_option(label="Everyone")
    expect(subjects(page, work)).to_have_count(4)
    expect(page).to_have_url(re.compile(r"agent=all"))
    page.get_by_role("combobox", name="Agent").select_option(label="Alice Adams")
    expect(subjects(page, work)).to_have_text(["Alice's work"])
    page.go_back()
    expect(subjects(page, work)).to_have_count(4)


def test_the_weeks_are_walked_by_pills_and_keys_and_announced(watched_page, as_carol, work, entries):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    this_week = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("navigation", name="Week").get_by_role("link", name=named("Prev")).click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(this_week, use_inner_text=True)
    expect(page.locator("#say")).to_contain_text("logged.")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text(this_week, use_inner_text=True)
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(this_week, use_inner_text=True)
    page.keyboard.press(".")
    expect(page.get_by_role("heading", level=1)).to_have_text(this_week, use_inner_text=True)


def test_the_export_is_what_is_on_the_page(watched_page, as_carol, work, entries):
    page = watched_page(as_carol)
    page.goto(f"{work.week_url}?from={work.today}&to={work.today}")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Export CSV").click()
    download = downloading.value
    assert download.suggested_filename == f"timesheet_acme_{work.today}_{work.today}.csv"
    text = download.path().read_text(encoding="utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert ",".join(head) == "date,agent,kind,subject,description,billable,duration (minutes),linked ticket / project"
    assert [row[3].removeprefix("'") for row in rows] == subjects(page, work).all_inner_texts()
    assert sum(int(row[6]) for row in rows) == 120
    expect(page.locator("#kpis .kpi").first).to_contain_text("2h")


def test_what_a_screen_reader_finds_on_the_week(watched_page, as_carol, work, entries):
    page = watched_page(as_carol)
    page.goto(work.week_url)
    assert page.locator("h1:visible").count() == 1
    assert page.locator("#week h2:visible").count() == 7
    assert page.locator(f"{work.day} h3").count() == 3
    for landmark in ("main", "banner"):
        expect(page.get_by_role(landmark)).to_have_count(1)
    expect(page.get_by_role("navigation", name="Main", exact=True)).to_be_visible()
    expect(page.get_by_role("search", name="Filter entries")).to_be_visible()
    day = page.get_by_role("region", name=named(f"{work.today:%A}"))
    expect(day).to_match_aria_snapshot("""
      - heading [level=2]
      - list:
        - listitem:
          - text: Ticket
          - heading "Ticket work" [level=3]
          - paragraph:
            - link "TKT-4846"
          - link /Edit Ticket work/
          - link /Delete Ticket work/
        - listitem:
          - heading "Project work" [level=3]
        - listitem:
          - heading "=Stand-up" [level=3]
      - link /Add time on/
    """)
    page.keyboard.press("n")
    expect(page.get_by_role("dialog", name="Log time")).to_match_aria_snapshot("""
      - heading "Log time" [level=2]
      - button "Close"
      - group "Kind":
        - radio "Ticket"
        - radio "Project"
        - radio "General"
      - combobox /.+/ [expanded]
      - listbox "Records":
        - group "Recent":
          - option /Backup job failed/
    """)
