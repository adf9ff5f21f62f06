"""What an entry comes to: while it is typed, afterwards, and after the rates changed. Also without script."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import log, named
from timetracking.models import TimeEntry, WorkRole, WorkType

pytestmark = pytest.mark.browser


@pytest.fixture
def terms(acme, work):
    """An hour costs £80, in steps of 15 minutes; Overtime half as much again, Goodwill nothing."""
    acme.default_hourly_rate, acme.billing_increment_minutes, acme.currency = Decimal(80), 15, "GBP"
    acme.save()
    WorkType.objects.create(name="Overtime", multiplier=Decimal("1.5"))
    WorkType.objects.create(name="Goodwill", billable_option="DoNotBill")
    WorkRole.objects.create(name="Senior")


def open_form(page, work):
    page.goto(work.week_url)
    page.get_by_role("link", name="Log time", exact=True).click()
    page.get_by_role("option", name=named("Backup job failed")).click()
    return page.locator("#id_billable_why")


@pytest.mark.usefixtures("terms")
def test_the_form_says_what_it_comes_to_as_one_types(watched_page, as_alice, alice, work):
    log(alice, kind="TICKET", ticket=work.ticket)  # so that the picker offers it
    page = watched_page(as_alice)
    said = open_form(page, work)
    box = page.get_by_role("checkbox", name="Billable")
    expect(said).to_contain_text("£80.00 an hour (the organisation's rate)")
    page.get_by_role("textbox", name="Duration").press_sequentially("52m")
    expect(said).to_contain_text("52m, billed as 1h (organisation: steps of 15 minutes, up)")
    expect(said).to_contain_text("Comes to £80.00")
    page.get_by_role("group", name="Add to the duration").get_by_role("button", name="+15m").click()
    expect(said).to_contain_text("Comes to £100.00")
    page.get_by_text("Work type and role").click()
    page.get_by_role("combobox", name="Work type").select_option("Overtime")
    expect(said).to_contain_text("£80.00 × 1.5 = £120.00 an hour")
    page.get_by_role("combobox", name="Work type").select_option("Goodwill")
    expect(said).to_contain_text("Set by the work type.")
    expect(box).not_to_be_checked()
    box.check()
    expect(said).to_contain_text("Set on this entry.")
    expect(said).to_contain_text("Comes to £100.00")
    expect(box).to_be_checked()
    page.get_by_role("button", name="Log time", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#toasts")).to_contain_text("Logged 1h 07m to TKT-4846, billed as 1h 15m")
    entry = TimeEntry.objects.latest("pk")
    assert (entry.billable_option, entry.amount, entry.work_type.name) == ("Billable", 100, "Goodwill")


@pytest.mark.usefixtures("terms")
def test_a_date_by_its_button_and_another_record_are_noticed_too(watched_page, as_carol, work):
    """Both are set by script, and what depends on them is said anew. No money for who may not see it."""
    page = watched_page(as_carol)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/entries/decision/" in request.url else None)
    said = open_form(page, work)
    expect(said).to_contain_text("Your organisation's default.")
    with page.expect_response(re.compile(f"decision/.*date={work.today.year}")):
        page.get_by_role("button", name="Yesterday").click()
    page.get_by_role("button", name="Choose another record").click()
    expect(said).to_contain_text("Choose a ticket")
    page.get_by_role("dialog").get_by_role("option", name=named("Network refresh")).click()
    expect(said).to_contain_text("Set from PRJ-112.")
    page.get_by_role("dialog").get_by_text("General", exact=True).click()
    expect(said).to_be_hidden()
    assert "£" not in said.text_content() and not any("subject" in url or "token" in url for url in asked)


@pytest.mark.usefixtures("terms")
@pytest.mark.parametrize("script", [True, False])
def test_rates_change_and_open_entries_follow_after_a_look(watched_page, as_alice, acme, carol, work, script):
    entry = log(carol, kind="TICKET", ticket=work.ticket, minutes=52, subject="Tape swap")
    acme.default_hourly_rate = Decimal(100)
    acme.save()
    page = watched_page(as_alice, java_script_enabled=script)
    page.goto(f"/o/acme/entries/{entry.pk}/edit/")
    expect(page.locator("#id_billable_why")).to_contain_text("Comes to £80.00")
    page.get_by_role("link", name="Why this rate?").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Why this rate?")
    expect(page.get_by_role("main")).to_contain_text("60 minutes ÷ 60 × £80.00 = £80.00")
    page.get_by_role("link", name="Look at re-rating").click()
    row = page.get_by_role("row").filter(has_text="Tape swap")
    expect(row).to_contain_text("£80.00")
    expect(row).to_contain_text("£100.00")
    page.get_by_role("button", name=re.compile("^Re-rate 1 entry")).click()
    expect(page.get_by_role("status").filter(has_text="1 entry re-rated.")).to_be_visible()
    entry.refresh_from_db()
    assert (entry.amount, entry.version) == (100, 2)
