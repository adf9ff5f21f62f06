"""The admin in a real browser: its scripts run under the strict policy, and a record is changed by hand."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles.finders import find
from playwright.sync_api import expect

from accounts.models import AuditEvent
from accounts.tenancy import organisation_scope
from tests import factories
from tests.admin.conftest import verified
from tests.cast import MONDAY
from timetracking.models import Project, TimeEntry
from timetracking.services import timesheets

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROOT = "/o/acme/admin/"


def test_an_admin_works_without_a_complaint_of_the_policy(watched_page, alice, carol, acme_organisation):
    with organisation_scope(acme_organisation):
        client = factories.ClientFactory(name="Harbour Dental")
        project = factories.ProjectFactory(name="Old name", client=client)
        entry = factories.TimeEntryFactory(member=carol, date=MONDAY, subject="Wrong day")
    page = watched_page(verified(alice))
    page.goto(ROOT)
    expect(page.get_by_role("link", name="Acme: admin")).to_be_visible()
    page.get_by_role("link", name="Projects", exact=True).first.click()
    page.get_by_role("link", name=project.code).click()
    expect(page).to_have_url(re.compile(rf"{ROOT}timetracking/project/{project.pk}/change/"))

    page.get_by_label("Name:", exact=True).fill("New name")
    page.locator(".field-manager .select2-selection").click()
    page.get_by_role("option", name="Carol Clark").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()

    page.goto(f"{ROOT}timetracking/timeentry/")
    page.get_by_role("checkbox", name="Select this object for an action").first.check()
    page.get_by_label("Action:").select_option("delete_entries")
    page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).click()
    expect(page.get_by_text("1 entry deleted.")).to_be_visible()

    page.goto(f"{ROOT}timetracking/project/{project.pk}/history/")
    expect(page.get_by_text("Old name → New name")).to_be_visible()
    page.goto(f"{ROOT}timetracking/timeentry/add/")
    expect(page.get_by_role("link", name="Today").first).to_be_visible()
    page.get_by_role("link", name="Back to the product").click()
    expect(page).to_have_url(re.compile(r"/o/acme/timesheets/"))

    with organisation_scope(acme_organisation):
        assert Project.objects.get().manager == carol
        assert TimeEntry.with_deleted.get(pk=entry.pk).deleted_by == alice
        assert {event.channel for event in AuditEvent.objects.all()} == {"admin"}


def test_a_week_is_rejected_by_hand(watched_page, alice, bob, carol, acme_organisation, shots):
    with organisation_scope(acme_organisation):
        factories.TimeEntryFactory(member=carol, date=MONDAY)
        sheet = timesheets.submit(carol, carol, MONDAY)
    page = watched_page(verified(alice))
    page.goto(f"{ROOT}timetracking/timesheet/")
    page.get_by_role("checkbox", name="Select this object for an action").first.check()
    page.get_by_label("Action:").select_option("reject")
    page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).click()
    expect(page.get_by_role("cell", name="Carol Clark")).to_be_visible()
    page.get_by_label("Reason:").fill("Which client was it?")
    page.screenshot(path=shots / "admin-reject.png")
    page.get_by_role("button", name="Reject the chosen weeks").click()
    expect(page.get_by_text("1 week rejected.")).to_be_visible()
    page.goto(f"{ROOT}timetracking/timesheet/{sheet.pk}/change/")
    expect(page.get_by_text("Which client was it?").first).to_be_visible()
    page.screenshot(path=shots / "admin-week.png", full_page=True)


def test_the_admins_own_templates_run_no_inline_script(admin):
    assert find("admin/js/core.js")
    paths = ("timetracking/timeentry/", "timetracking/timeentry/add/", "timetracking/approvalhandover/add/")
    for path in ("", *paths, "accounts/membership/"):
        page = admin.get(ROOT + path).content.decode()
        scripts = re.findall(r"<script\b([^>]*)>", page)
        assert all("src=" in script or 'type="application/json"' in script for script in scripts), scripts
        assert not re.search(r"\s(style|on\w+)=\"", page)
