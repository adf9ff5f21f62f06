"""Weeks in the admin: read with their history, decided by the services, and in no other way."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.models import AuditEvent, Notification, Organisation
from accounts.tenancy import organisation_scope
from tests import factories
from tests.cast import MONDAY
from timetracking.models import ApprovalEvent, ApprovalHandover, ApprovalLine, PeriodReopening, TimeEntry, Timesheet
from timetracking.services import approvals, handovers, periods, time_entries, timesheets

BASE = "/o/acme/admin/timetracking/"
LIST = f"{BASE}timesheet/"
EVENTS = f"{BASE}approvalevent/"
HANDOVERS, REOPENINGS = f"{BASE}approvalhandover/", f"{BASE}periodreopening/"
READ_ONLY = pytest.mark.parametrize("name", ["timesheet", "approvalevent", "approvalhandover", "periodreopening"])


@pytest.fixture
def entry(acme, carol):
    return factories.TimeEntryFactory(member=carol, minutes=60, subject="Desk", date=MONDAY)


@pytest.fixture
def sheet(entry, alice, bob, carol) -> Timesheet:
    """Carol's week, waiting."""
    return timesheets.submit(carol, carol, MONDAY, note="Long Wednesday")


def chosen(*sheets: Timesheet) -> dict[str, Any]:
    return {"_selected_action": [sheet.pk for sheet in sheets], "index": 0}


def confirmed(*sheets: Timesheet) -> dict[str, Any]:
    """What the page that asks once more sends."""
    return {"_selected_action": [s.pk for s in sheets], "seen": [f"{s.pk}:{s.version}" for s in sheets]}


def state_of(sheet: Timesheet) -> str:
    return Timesheet.objects.get(pk=sheet.pk).state


# --- Reading ----------------------------------------------------------------------------------------------------------


def test_a_week_shows_its_submission_its_decision_and_its_history(admin, sheet, bob):
    approvals.reject(bob, sheet.pk, version=sheet.version, reason="Which client?")
    page = admin.get(f"{LIST}{sheet.pk}/change/").content.decode()
    for words in ("Long Wednesday", "Bob Brown", "Which client?", "Submitted", "Rejected"):
        assert words in page
    assert 'name="_save"' not in page and "deletelink" not in page
    event = ApprovalEvent.objects.order_by("pk").last()
    assert f"{EVENTS}{event.pk}/change/" in page
    page = admin.get(f"{EVENTS}{event.pk}/change/").content.decode()
    assert "Desk" in page and "REJECTED" in page and "Which client?" in page
    assert "Bob Brown" in admin.get(EVENTS).content.decode()


def test_the_lists_cost_the_same_however_long(admin, sheet, count_queries):
    for url in (LIST, EVENTS, f"{LIST}{sheet.pk}/change/"):
        admin.get(url)
        few = count_queries(lambda url=url: admin.get(url))
        for _ in range(5):
            other = factories.MembershipFactory()
            other.organisation = sheet.member.organisation
            factories.TimeEntryFactory(member=other, date=MONDAY)
            timesheets.submit(other, other, MONDAY)
            timesheets.recall(sheet.member, sheet.pk)
            timesheets.submit(sheet.member, sheet.member, MONDAY)
        assert count_queries(lambda url=url: admin.get(url)) == few


# --- Deciding ---------------------------------------------------------------------------------------------------------


def test_weeks_are_approved_after_they_were_shown_once_more(admin, sheet, alice, carol):
    page = admin.post(LIST, {"action": "approve", **chosen(sheet)})
    assert page.status_code == 200 and state_of(sheet) == "submitted"
    assert f'value="{sheet.pk}:{sheet.version}"' in page.content.decode() and "Carol Clark" in page.content.decode()
    assert 'name="reason"' not in page.content.decode()
    page = admin.post(LIST, {"action": "approve", **confirmed(sheet)}, follow=True).content.decode()
    assert "1 week approved." in page and state_of(sheet) == "approved"
    assert TimeEntry.objects.get().status == "APPROVED"
    event = ApprovalEvent.objects.order_by("pk").last()
    assert (event.action, event.actor) == ("approved", alice)
    told = AuditEvent.objects.get(action="timesheet.approved")
    assert (told.actor, told.channel, told.on_behalf_of) == (alice, "admin", carol)
    assert Notification.objects.filter(member=carol, kind="timesheet.decided").exists()
    assert LogEntry.objects.count() == 0


@pytest.mark.parametrize("name", ["reject", "reopen"])
def test_a_reason_is_asked_for_and_needed(admin, sheet, bob, name):
    if name == "reopen":
        sheet = approvals.approve(bob, sheet.pk, version=sheet.version).sheet
    before = sheet.state
    page = admin.post(LIST, {"action": name, **chosen(sheet)})
    assert page.status_code == 200 and 'name="reason"' in page.content.decode()
    for reason in ("", "   ", "x" * 2_001):
        page = admin.post(LIST, {"action": name, "reason": reason, **confirmed(sheet)})
        assert page.status_code == 422 and state_of(sheet) == before
        assert f'value="{sheet.pk}:{sheet.version}"' in page.content.decode()
    page = admin.post(LIST, {"action": name, "reason": "Which client?", **confirmed(sheet)}, follow=True)
    assert f"1 week {name}ed." in page.content.decode()
    assert state_of(sheet) == {"reject": "declined", "reopen": "draft"}[name]
    assert ApprovalEvent.objects.order_by("pk").last().reason == "Which client?"


def test_each_refusal_is_told_and_does_not_stop_the_rest(admin, sheet, alice, bob):
    draft = factories.TimeEntryFactory(member=bob, date=MONDAY).timesheet
    own = factories.TimeEntryFactory(member=alice, date=MONDAY).timesheet
    own = timesheets.submit(alice, alice, MONDAY)
    page = admin.post(LIST, {"action": "approve", **confirmed(sheet, draft, own)}, follow=True).content.decode()
    assert "1 week approved." in page
    assert "Bob Brown, 15 June 2026: This week is not submitted." in page
    assert "Alice Adams, 15 June 2026: Another manager must approve your week." in page
    assert [state_of(each) for each in (sheet, draft, own)] == ["approved", "draft", "submitted"]


def test_a_week_that_changed_since_it_was_shown_is_not_decided(admin, sheet, entry, bob):
    sent = {"action": "approve", **confirmed(sheet)}
    time_entries.edit(bob, entry.pk, minutes=600)
    page = admin.post(LIST, sent, follow=True).content.decode()
    assert "This week changed while you were looking." in page
    assert state_of(sheet) == "submitted"


@pytest.mark.parametrize("seen", ["", ":", "x", "0", "{pk}", "{pk}:", "{pk}:x", "{pk}:-1", "{pk}:" + "9" * 40, "x:{v}"])
def test_a_forged_version_decides_nothing(admin, sheet, seen):
    forged = {**chosen(sheet), "seen": seen.format(pk=sheet.pk, v=sheet.version)}
    assert admin.post(LIST, {"action": "approve", **forged}).status_code == 302
    assert state_of(sheet) == "submitted"


@pytest.mark.parametrize("name", ["reopen", "reject"])
def test_a_closed_period_is_not_reopened(admin, sheet, bob, name):
    if name == "reopen":
        sheet = approvals.approve(bob, sheet.pk, version=sheet.version).sheet
    Organisation.objects.update(lock_date=MONDAY + dt.timedelta(days=6))
    page = admin.post(LIST, {"action": name, "reason": "Why not", **confirmed(sheet)}, follow=True).content.decode()
    if name == "reopen":
        assert "Time on or before 21 June 2026 is closed." in page and state_of(sheet) == "approved"
    else:  # a decision is no change of the time
        assert state_of(sheet) == "declined"


def test_billed_weeks_stay(admin, sheet, bob):
    sheet = approvals.approve(bob, sheet.pk, version=sheet.version).sheet
    TimeEntry.objects.update(status="BILLED")
    page = admin.post(LIST, {"action": "reopen", "reason": "x", **confirmed(sheet)}, follow=True).content.decode()
    assert "Void the invoice to change it." in page and state_of(sheet) == "approved"


def test_more_than_a_thousand_at_once_are_refused(admin, sheet, monkeypatch):
    monkeypatch.setattr("accounts.admin_base.records.AT_ONCE", 0)
    for sent in (chosen(sheet), confirmed(sheet)):
        page = admin.post(LIST, {"action": "approve", "select_across": 1, **sent}, follow=True)
        assert "Choose at most 1,000" in page.content.decode()
    assert state_of(sheet) == "submitted"


def test_weeks_of_another_organisation_do_not_exist(admin, outsider, sheet, globex, mallory):
    with organisation_scope(globex):
        factories.TimeEntryFactory(member=mallory, date=MONDAY)
        foreign = timesheets.submit(mallory, mallory, MONDAY)
        event = ApprovalEvent.objects.get()
    for url in (f"{LIST}{foreign.pk}/change/", f"{EVENTS}{event.pk}/change/", f"{LIST}{foreign.pk}/history/"):
        assert admin.get(url).status_code == 404
    assert "Mallory" not in admin.get(LIST).content.decode() + admin.get(EVENTS).content.decode()
    admin.post(LIST, {"action": "approve", **confirmed(foreign, sheet)})
    assert state_of(sheet) == "approved"
    with organisation_scope(globex):
        assert state_of(foreign) == "submitted"
    assert outsider.post(LIST, {"action": "approve", **confirmed(sheet)}).status_code == 404


# --- No way around the services ---------------------------------------------------------------------------------------


@READ_ONLY
def test_nothing_is_changed_or_deleted(admin, sheet, alice, bob, name):
    row = row_of(name, sheet, alice, bob)
    before = type(row).objects.filter(pk=row.pk).values().get()
    forged = {"state": "approved", "to_state": "approved", "ended_at_0": "2020-01-01", "reason": "Forged", "version": 9,
              "member": alice.pk, "approver": alice.pk, "last_on": "2030-01-01", "_save": "Save",
              "events-TOTAL_FORMS": 1, "events-INITIAL_FORMS": 1, "events-0-id": 1, "events-0-reason": "Forged",
              "events-0-DELETE": "on"}  # fmt: skip
    url = f"{BASE}{name}/{row.pk}/"
    assert admin.get(f"{url}change/").status_code == 200
    assert b'name="_save"' not in admin.get(f"{url}change/").content
    assert admin.post(f"{url}change/", forged).status_code == 403
    assert admin.get(f"{url}delete/").status_code == 403
    assert admin.post(f"{url}delete/", {"post": "yes"}).status_code == 403
    admin.post(f"{BASE}{name}/", {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes", "index": 0})
    assert type(row).objects.filter(pk=row.pk).values().get() == before
    assert not ApprovalEvent.objects.filter(reason="Forged").exists()
    assert not ApprovalLine.objects.filter(reason="Forged").exists()


def row_of(name: str, sheet: Timesheet, alice: Any, bob: Any) -> Any:
    if name == "timesheet":
        return Timesheet.objects.get(pk=sheet.pk)
    if name == "approvalevent":
        return ApprovalEvent.objects.get()
    if name == "approvalhandover":
        return handovers.hand_over(bob, stand_in=alice, first_on=bob.today(), last_on=bob.today())
    return reopening_of(alice, bob)


def reopening_of(alice: Any, bob: Any) -> PeriodReopening:
    alice.organisation.lock_date = MONDAY
    alice.organisation.save()
    until = timezone.now() + dt.timedelta(days=2)
    return periods.reopen_for(alice, bob, first_on=MONDAY, until_at=until, reason="Late invoice")


@pytest.mark.parametrize("name", ["timesheet", "approvalevent"])
def test_weeks_and_history_are_not_added(admin, acme, name):
    assert admin.get(f"{BASE}{name}/add/").status_code == 403
    assert admin.post(f"{BASE}{name}/add/", {"state": "approved"}).status_code == 403


# --- Handovers and reopened periods -----------------------------------------------------------------------------------


def test_a_handover_is_written_down_and_ended_by_its_service(send, admin, acme, alice, bob):
    today = alice.today().isoformat()
    days = {"first_on": today, "last_on": today}
    response = send(f"{HANDOVERS}add/", approver=bob.pk, stand_in=bob.pk, **days)
    assert response.status_code == 422 and "Choose a colleague." in response.content.decode()
    assert send(f"{HANDOVERS}add/", approver=bob.pk, stand_in=alice.pk, **days).status_code == 302
    handover = ApprovalHandover.objects.get()
    assert (handover.approver, handover.stand_in, handover.created_by) == (bob, alice, alice)
    event = AuditEvent.objects.get(action="approvals.handed_over")
    assert (event.actor, event.on_behalf_of, event.channel) == (alice, bob, "admin")
    response = send(f"{HANDOVERS}add/", approver=bob.pk, stand_in=alice.pk, **days)
    assert response.status_code == 422 and "handed over on some of these days already" in response.content.decode()
    page = admin.post(HANDOVERS, {"action": "end", "_selected_action": [handover.pk], "index": 0}, follow=True)
    assert "1 record ended." in page.content.decode()
    handover.refresh_from_db()
    assert handover.ended_at and AuditEvent.objects.filter(action="approvals.handover_ended").exists()


def test_only_those_who_decide_can_be_chosen(send, acme, alice, carol, mallory):
    today = alice.today().isoformat()
    for stand_in in (carol, mallory):
        response = send(f"{HANDOVERS}add/", approver=alice.pk, stand_in=stand_in.pk, first_on=today, last_on=today)
        assert response.status_code == 422
    assert not ApprovalHandover.objects.exists()


def test_a_period_is_reopened_for_a_member_and_closed_again(send, admin, acme, alice, carol):
    until = {"until_at_0": (alice.today() + dt.timedelta(days=2)).isoformat(), "until_at_1": "18:00"}
    asked = {"member": carol.pk, "first_on": MONDAY.isoformat(), "reason": "Late invoice", **until}
    response = send(f"{REOPENINGS}add/", **asked)
    assert response.status_code == 422 and "No period is closed" in response.content.decode()
    Organisation.objects.update(lock_date=MONDAY)
    assert send(f"{REOPENINGS}add/", **asked | {"until_at_0": "2020-01-01"}).status_code == 422
    assert send(f"{REOPENINGS}add/", **asked).status_code == 302
    reopening = PeriodReopening.objects.get()
    assert (reopening.member, reopening.opened_by, reopening.first_on) == (carol, alice, MONDAY)
    assert AuditEvent.objects.get(action="period.reopened").channel == "admin"
    admin.post(REOPENINGS, {"action": "end", "_selected_action": [reopening.pk], "index": 0})
    reopening.refresh_from_db()
    assert reopening.ended_at and AuditEvent.objects.filter(action="period.reopening_ended").exists()


def test_what_the_server_decides_cannot_be_sent(send, acme, alice, bob, mallory):
    today = alice.today().isoformat()
    forged = {"created_by": bob.pk, "created_at_0": "2020-01-01", "ended_at_0": "2020-01-01", "organisation": 99}
    response = send(f"{HANDOVERS}add/", approver=alice.pk, stand_in=bob.pk, first_on=today, last_on=today, **forged)
    assert response.status_code == 302
    handover = ApprovalHandover.objects.get()
    assert (handover.created_by, handover.ended_at, handover.organisation_id) == (alice, None, acme.pk)
    assert handover.created_at.year > 2020


def test_the_same_form_sent_twice_hands_over_once(admin, acme, alice, bob):
    from tests.admin.conftest import form_of

    today = alice.today().isoformat()
    form = form_of(admin.get(f"{HANDOVERS}add/"))
    sent = {**form, "approver": alice.pk, "stand_in": bob.pk, "first_on": today, "last_on": today}
    assert [admin.post(f"{HANDOVERS}add/", sent).status_code for _ in range(2)] == [302, 302]
    assert ApprovalHandover.objects.count() == 1
