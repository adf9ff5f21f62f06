"""An admin closes the month; one member, who forgot something, gets it open again. With script and without."""

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from accounts.models import Organisation
from tests import factories
from tests.journeys.conftest import named
from timesheets_site.lib import dates
from timetracking.models import PeriodReopening, TimeEntry

pytestmark = pytest.mark.browser
NEW = "/o/acme/entries/new/"


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def two_pages(request, watched_page, as_alice, as_carol, work):
    options = {} if request.param else {"java_script_enabled": False}
    return watched_page(as_alice, **options), watched_page(as_carol, **options)


@pytest.fixture
def last_day(work):
    """The last day of the month that is over."""
    return work.today.replace(day=1) - dt.timedelta(days=1)


def log_on(page, day, subject):
    page.goto(f"{NEW}?date={day}&kind=GENERAL")
    page.get_by_role("textbox", name="Duration").fill("30m")
    page.get_by_role("textbox", name="Subject").fill(subject)
    page.get_by_role("button", name="Log time", exact=True).click()


def test_a_month_is_closed_and_opened_again_for_a_member(two_pages, acme, carol, last_day):
    admin, member = two_pages
    factories.TimeEntryFactory(member=carol, date=last_day)
    month, closed = dates.month(last_day), f"Time on or before {dates.full(last_day)} is closed"

    admin.goto("/o/acme/settings/")
    settings = admin.get_by_role("navigation", name="Settings")
    settings.get_by_role("link", name="Closed periods").click()
    expect(admin.locator("dl.facts")).to_contain_text("1 week")
    admin.get_by_role("button", name=f"Close {month}").click()
    expect(admin.get_by_role("status").filter(has_text=f"Closed {month}.")).to_be_visible()
    expect(admin.get_by_text(closed)).to_be_visible()
    assert Organisation.objects.get(pk=acme.pk).lock_date == last_day

    log_on(member, last_day, "Forgotten fair")
    expect(member.get_by_role("alert")).to_contain_text(closed)
    expect(member.get_by_role("textbox", name="Subject")).to_have_value("Forgotten fair")
    expect(member.get_by_role("textbox", name="Date")).to_have_attribute("min", f"{last_day + dt.timedelta(days=1)}")

    admin.get_by_role("link", name="Open for a member").click()
    admin.get_by_role("combobox", name="Member").select_option(label="Carol Clark")
    admin.get_by_label("Reason").fill("Forgot the trade fair")
    admin.get_by_role("button", name="Open", exact=True).click()
    row = admin.get_by_role("row", name=named("Carol Clark"))
    expect(row).to_contain_text("Forgot the trade fair")

    log_on(member, last_day, "Forgotten fair")
    expect(member.get_by_role("status").filter(has_text="Logged 30m")).to_be_visible()
    assert TimeEntry.objects.get(subject="Forgotten fair").date == last_day

    row.get_by_role("button", name=named("End now")).click()
    expect(admin.get_by_role("status").filter(has_text="Closed again for Carol Clark.")).to_be_visible()
    expect(admin.get_by_role("table", name="Earlier ones")).to_contain_text("ended early")
    assert PeriodReopening.objects.get().ended_at is not None
    log_on(member, last_day, "Too late")
    expect(member.get_by_role("alert")).to_contain_text(closed)


def test_the_date_is_moved_back(two_pages, acme, last_day):
    admin, _member = two_pages
    Organisation.objects.filter(pk=acme.pk).update(lock_date=last_day)
    admin.goto("/o/acme/settings/periods/")
    admin.get_by_role("link", name="Move or clear").click()
    admin.get_by_role("textbox", name="Lock date").fill("")
    admin.get_by_role("button", name="Save changes").click()
    expect(admin.get_by_text("No period is closed: time of any day can be logged")).to_be_visible()
    expect(admin.get_by_role("button", name=re.compile("^Close "))).to_be_visible()


def test_a_policy_is_changed_and_met(two_pages, acme, work):
    admin, member = two_pages
    admin.goto("/o/acme/settings/policies/")
    admin.get_by_role("combobox", name="Description").select_option(label="Always")
    admin.get_by_role("button", name="Save changes").click()
    expect(admin.get_by_text("Now a staff meeting of 15m needs a description as well.")).to_be_visible()
    log_on(member, work.today, "Silent meeting")
    expect(member.get_by_role("alert")).to_contain_text("Add a description. Acme needs one on every entry.")
    member.get_by_role("textbox", name="Description").fill("What it was about")
    member.get_by_role("button", name="Log time", exact=True).click()
    expect(member.locator(f"{work.day} .entry")).to_contain_text("Silent meeting")
