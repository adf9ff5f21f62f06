"""From a decision to the one whom it concerns: the bell, the list, the week; or by mail. With and without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Hand, log
from tests.mails import deliver, html_of, link_in
from timetracking.services import approvals, timesheets

pytestmark = [pytest.mark.browser]
SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def rejected(work, bob, carol):
    """Carol's week, sent back by Bob."""
    log(carol)
    sheet = timesheets.submit(carol, carol, work.today)
    approvals.reject(bob, sheet.pk, version=sheet.version, reason="Thursday is missing")
    return sheet


def bell(page: Page, unread: int):
    name = f"Notifications, {unread} unread" if unread else "Notifications"
    return page.get_by_role("banner").get_by_role("link", name=name, exact=True)


@SCRIPT
def test_from_the_bell_to_the_week_that_was_sent_back(work, rejected, as_carol, watched_page, script):
    page = watched_page(as_carol, java_script_enabled=script)
    page.goto("/me/")
    hand = Hand(page)
    hand.click(bell(page, 1))
    item = page.get_by_role("button", name="Bob Brown rejected your week")
    expect(item.first).to_be_visible()
    expect(page.get_by_text("Thursday is missing")).to_be_visible()
    hand.click(item.first)
    expect(page).to_have_url(re.compile(rf"/o/acme/timesheets/{work.week}/$"))
    expect(bell(page, 0)).to_be_visible()
    assert hand.interactions == 2


@SCRIPT
def test_all_read_at_once_and_on_a_phone_under_more(work, rejected, as_carol, watched_page, script):
    page = watched_page(as_carol, java_script_enabled=script, viewport=PHONE)
    page.goto(work.week_url)
    page.get_by_text("More", exact=False).locator("visible=true").last.click()
    page.get_by_role("link", name="Notifications 1 unread").click()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("status").filter(has_text="All marked as read.")).to_be_visible()
    expect(page.get_by_role("button", name="Mark all as read")).to_have_count(0)
    expect(page.get_by_text("New", exact=True)).to_have_count(0)


@SCRIPT
def test_who_wants_no_mails_gets_none(work, bob, carol, as_carol, watched_page, script):
    page = watched_page(as_carol, java_script_enabled=script)
    page.goto("/me/")
    page.get_by_role("navigation", name="My settings").get_by_role("link", name="Notifications").click()
    expect(page.get_by_role("checkbox", name="A week waits for me: By e-mail")).to_have_count(0)
    page.get_by_role("checkbox", name="My week is approved or rejected: By e-mail").uncheck()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Changes saved.")).to_be_visible()
    expect(page.get_by_role("checkbox", name="My week is approved or rejected: By e-mail")).not_to_be_checked()
    sheet = timesheets.submit(carol, carol, work.today)
    approvals.approve(bob, sheet.pk, version=sheet.version)
    assert {mail.to[0] for mail in deliver()} == {bob.user.email}
    page.goto(work.week_url)
    expect(bell(page, 1)).to_be_visible()


def test_the_mail_leads_to_the_same_week(work, rejected, as_carol, watched_page):
    mail = next(mail for mail in deliver() if mail.to == ["carol@acme.test"])
    page = watched_page(as_carol)
    page.goto(link_in(mail))
    expect(page.get_by_text("Thursday is missing").first).to_be_visible()
    reader = watched_page()
    reader.set_content(html_of(mail))
    expect(reader.get_by_role("heading", name="Bob Brown rejected your week")).to_be_visible()
    assert link_in(mail) in (reader.get_by_role("link", name="Open this week").get_attribute("href") or "")
