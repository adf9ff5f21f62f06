"""Submit, recall, ready, draft and ask, through their pages and dialogs: once, twice, stale, refused, for somebody."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import time_machine

from accounts.models import Notification
from tests.cast import MONDAY
from tests.factories import TimeEntryFactory
from timesheets_site.lib.errors import RuleViolation
from timetracking.models import ApprovalEvent, TimeEntry, Timesheet
from timetracking.services import approvals, time_entries, timesheets

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)
WEEK = "/o/acme/timesheets/2026-06-15/"
DAY = dt.timedelta(days=1)
HTMX = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{WEEK}"}
NEXT = WEEK.replace("06-15", "06-22")


@pytest.fixture(autouse=True)
def clock(acme):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def week(carol, bob):
    """Monday to Wednesday, an hour each; Bob leads Carol."""
    carol.line_manager = bob
    carol.save()
    return [TimeEntryFactory(member=carol, date=MONDAY + n * DAY, minutes=60, subject=f"Work {n}") for n in range(3)]


def sheet() -> Timesheet:
    return Timesheet.objects.get()


def hidden(response) -> dict[str, str]:
    """The one-time key and the version of the form that is shown."""
    return {name: str(response.context["form"][name].value()) for name in ("key", "version")}


def actions() -> list[str]:
    return list(ApprovalEvent.objects.order_by("pk").values_list("action", flat=True))


def events_of(response):
    return json.loads(response.headers["HX-Trigger"])


# --- Submit -----------------------------------------------------------------------------------------------------------


def test_the_dialog_says_what_is_sent_and_which_days_are_empty(as_carol, week):
    page = as_carol.get(f"{WEEK}submit/")
    html = page.content.decode()
    assert "Submit week 25?" in html and "3h, 0% billable." in html
    assert "Thursday and Friday have no time. Submit anyway?" in html
    assert page.context["verdict"].allowed and "<html" in html
    dialog = as_carol.get(f"{WEEK}submit/", headers=HTMX).content.decode()
    assert "<html" not in dialog and 'id="dialog-title"' in dialog


def test_one_empty_day_is_asked_about_in_the_singular_and_none_not_at_all(as_carol, carol, week):
    TimeEntryFactory(member=carol, date=MONDAY + 3 * DAY)
    assert "Friday has no time. Submit anyway?" in as_carol.get(f"{WEEK}submit/").content.decode()
    TimeEntryFactory(member=carol, date=MONDAY + 4 * DAY)
    assert "no time" not in as_carol.get(f"{WEEK}submit/").content.decode()


def test_submit_without_script(as_carol, carol, bob, week):
    sent = hidden(as_carol.get(f"{WEEK}submit/"))
    response = as_carol.post(f"{WEEK}submit/", {**sent, "note": "Friday off"}, follow=True)
    assert response.redirect_chain == [(WEEK, 302)]
    assert "Week 25 sent to Bob Brown" in response.content.decode()
    assert (sheet().state, sheet().note, sheet().submitted_by) == ("submitted", "Friday off", carol)
    assert f'action="{WEEK}recall/?version={sheet().version}"' in response.content.decode()  # the banner's Undo


def test_submit_in_the_dialog_answers_with_the_week_and_a_toast(as_carol, week):
    sent = hidden(as_carol.get(f"{WEEK}submit/", headers=HTMX))
    response = as_carol.post(f"{WEEK}submit/", sent, headers=HTMX)
    html = response.content.decode()
    assert response.headers["HX-Reswap"] == "none"
    assert {"dialog-close", "entries-changed"} <= set(events_of(response))
    assert events_of(response)["say"] == {"text": "Week 25 sent to Bob Brown."}
    assert events_of(response)["focus"] == {"id": "week-status"}
    for part in ("week-status", "kpis", *(f"day-{MONDAY + n * DAY}" for n in range(7))):
        assert f'id="{part}"' in html
    assert "Recall" in html and "This week is submitted. Recall it to make changes." in html


def test_a_form_sent_twice_submits_once(as_carol, week):
    sent = hidden(as_carol.get(f"{WEEK}submit/"))
    for _ in range(2):
        assert as_carol.post(f"{WEEK}submit/", sent).status_code == 302
    assert actions() == ["submitted"]


def test_a_form_that_was_sent_before_does_not_submit_what_was_recalled(as_carol, carol, week):
    sent = hidden(as_carol.get(f"{WEEK}submit/"))
    as_carol.post(f"{WEEK}submit/", sent)
    timesheets.recall(carol, sheet().pk)
    as_carol.post(f"{WEEK}submit/", sent)
    assert sheet().state == "draft" and actions() == ["submitted", "recalled"]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "dialog"])
def test_a_stale_week_is_shown_as_it_is_now_and_can_be_sent_then(as_carol, carol, week, headers):
    sent = hidden(as_carol.get(f"{WEEK}submit/", headers=headers))
    time_entries.log(carol, kind="GENERAL", date=MONDAY, minutes=30, subject="More")
    stale = as_carol.post(f"{WEEK}submit/", {**sent, "note": "Kept"}, headers=headers)
    assert stale.status_code == 409 and sheet().state == "draft"
    html = stale.content.decode()
    assert "This week changed while you were looking. Look at it again." in html and "3h 30m, 0% billable." in html
    assert ('id="week-status"' in html) == bool(headers)
    again = hidden(stale)
    assert again["version"] == str(sheet().version) and again["key"] != sent["key"]
    assert as_carol.post(f"{WEEK}submit/", again, headers=headers).status_code in (200, 302)
    assert sheet().state == "submitted"


def test_what_was_written_in_the_note_is_not_lost_to_a_stale_week(as_carol, carol, week):
    sent = hidden(as_carol.get(f"{WEEK}submit/"))
    time_entries.delete(carol, week[0].pk)
    assert "Friday off" in as_carol.post(f"{WEEK}submit/", {**sent, "note": "Friday off"}).content.decode()


def test_a_form_that_was_sent_with_another_note_says_so(as_carol, carol, week):
    sent = hidden(as_carol.get(f"{WEEK}submit/"))
    as_carol.post(f"{WEEK}submit/", sent)
    timesheets.recall(carol, sheet().pk)
    response = as_carol.post(f"{WEEK}submit/", {**sent, "note": "Another"})
    assert response.status_code == 409 and sheet().state == "draft"
    assert "This form was sent before with other values." in response.content.decode()


def test_a_note_that_is_too_long_stays_in_the_form(as_carol, week):
    sent = hidden(as_carol.get(f"{WEEK}submit/"))
    response = as_carol.post(f"{WEEK}submit/", {**sent, "note": "x" * 2001})
    assert response.status_code == 422 and "Use at most 2,000 characters" in response.content.decode()
    assert "x" * 2001 in response.content.decode() and sheet().state == "draft"


def test_without_a_version_nothing_is_submitted(as_carol, week):
    for version in ({}, {"version": "abc"}, {"version": "-1"}, {"version": "9" * 30}):
        assert as_carol.post(f"{WEEK}submit/", version).status_code == 422
    assert sheet().state == "draft"


def test_an_empty_week_says_why_and_has_no_button(acme, as_carol, carol):
    page = as_carol.get(f"{WEEK}submit/")
    assert "There is nothing in this week to submit. Log time first." in page.content.decode()
    assert 'type="submit"' not in page.content.decode().split('id="step-form"')[1].split("</form>")[0]
    assert as_carol.post(f"{WEEK}submit/", hidden(page)).status_code == 409
    acme.empty_weeks_allowed = True
    acme.save()
    page = as_carol.get(f"{WEEK}submit/")
    assert "Nothing is logged in it. Submit it empty?" in page.content.decode()
    assert as_carol.post(f"{WEEK}submit/", hidden(page)).status_code == 302
    assert sheet().state == "submitted"


def test_a_submitted_week_says_so_on_the_page_and_when_sent(as_carol, carol, week):
    sent = hidden(as_carol.get(f"{WEEK}submit/"))
    timesheets.submit(carol, carol, MONDAY)
    assert "This week is submitted already." in as_carol.get(f"{WEEK}submit/").content.decode()
    assert as_carol.post(f"{WEEK}submit/", sent).status_code == 302  # their own, so a harmless repeat
    assert actions() == ["submitted"]


def test_an_approved_week_is_not_submitted(as_carol, carol, bob, week):
    sent = hidden(as_carol.get(f"{WEEK}submit/"))
    timesheets.submit(carol, carol, MONDAY)
    approvals.approve(bob, sheet().pk, version=None)
    sent["version"] = str(sheet().version)
    for headers in ({}, HTMX):
        response = as_carol.post(f"{WEEK}submit/", sent, headers=headers)
        assert response.status_code == 409
        assert "This week is approved. Ask a manager to reopen it." in response.content.decode()


def test_a_week_whose_entries_were_all_approved_one_by_one_says_that_it_is_approved(as_carol, bob, week):
    approvals.decide(bob, sheet().pk, version=None, approve=[entry.pk for entry in week])
    page = as_carol.get(f"{WEEK}submit/")
    assert "3 entries are approved already and stay so." in page.content.decode()
    done = as_carol.post(f"{WEEK}submit/", hidden(page), follow=True)
    assert "Week 25 is approved" in done.content.decode() and sheet().state == "approved"


# --- What is missing --------------------------------------------------------------------------------------------------


@pytest.fixture
def descriptions(acme, carol):
    acme.description_required = "always"
    acme.save()
    carol.organisation.refresh_from_db()


def test_entries_that_lack_something_are_listed_with_links(as_carol, carol, week, descriptions):
    TimeEntry.objects.filter(pk=week[0].pk).update(description="There")
    page = as_carol.get(f"{WEEK}submit/", headers=HTMX)
    html = page.content.decode()
    assert "2 entries need a description. Add what is missing, then submit the week." in html
    assert "Add a description. Acme needs one on every entry." in html
    for entry in week[1:]:
        assert f'hx-get="/o/acme/entries/{entry.pk}/edit/"' in html
    assert f"/entries/{week[0].pk}/edit/" not in html
    assert not page.context["verdict"].allowed and ">Submit<" not in html


def test_what_its_member_can_no_longer_change_says_who_can(as_carol, week, descriptions):
    TimeEntry.objects.update(created_at=NOON - dt.timedelta(hours=30))
    html = as_carol.get(f"{WEEK}submit/").content.decode()
    assert "You could change this until Thu 18 June, 07:00. Ask a manager." in html
    assert f"/entries/{week[0].pk}/edit/" not in html


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "dialog"])
def test_an_incomplete_week_is_not_submitted(as_carol, carol, week, descriptions, headers):
    response = as_carol.post(f"{WEEK}submit/", {"version": sheet().version}, headers=headers)
    assert response.status_code == 409 and sheet().state == "draft"
    assert "3 entries need a description." in response.content.decode()
    with pytest.raises(RuleViolation) as refusal:
        timesheets.submit(carol, carol, MONDAY)
    assert refusal.value.code == "entries_incomplete" and actions() == []


def test_what_is_approved_already_lacks_nothing(carol, bob, week, descriptions):
    approvals.decide(bob, sheet().pk, version=None, approve=[entry.pk for entry in week])
    assert timesheets.submit(carol, carol, MONDAY).state == "approved"


# --- Recall, ready, draft, ask ----------------------------------------------------------------------------------------


def test_recall_at_once_and_again(as_carol, carol, week):
    shown = timesheets.submit(carol, carol, MONDAY).version
    for _ in range(2):
        response = as_carol.post(f"{WEEK}recall/?version={shown}", headers=HTMX)
        assert response.status_code == 200 and "Week 25 recalled" in response.content.decode()
    assert sheet().state == "draft" and actions() == ["submitted", "recalled"]


def test_recall_without_script_asks_first(as_carol, carol, week):
    timesheets.submit(carol, carol, MONDAY)
    page = as_carol.get(f"{WEEK}recall/?version=1")
    assert "Recall week 25?" in page.content.decode()
    done = as_carol.post(f"{WEEK}recall/", hidden(page), follow=True)
    assert "Week 25 recalled" in done.content.decode() and sheet().state == "draft"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "dialog"])
def test_recall_after_a_decision_is_refused_with_the_week_as_it_is(as_carol, carol, bob, week, headers):
    shown = timesheets.submit(carol, carol, MONDAY).version
    approvals.decide(bob, sheet().pk, version=shown, approve=[week[0].pk])
    page = as_carol.get(f"{WEEK}recall/")
    assert "Somebody has decided on this week already." in page.content.decode()
    for version, words in ((shown, "This week changed while you were looking."), (shown + 1, "Somebody has decided")):
        response = as_carol.post(f"{WEEK}recall/?version={version}", headers=headers, follow=True)
        assert response.status_code == (409 if headers else 200)
        assert words in response.content.decode() and "1 of 3 entries approved" in response.content.decode()
    assert sheet().state == "partiallyApproved"


def test_nothing_to_recall(as_carol, carol):
    assert "This week is not submitted." in as_carol.get(f"{WEEK}recall/").content.decode()
    assert as_carol.post(f"{WEEK}recall/?version=0", headers=HTMX).status_code == 409
    assert not Timesheet.objects.exists()  # a question makes no sheet


def test_ready_and_back_each_undone_by_the_other(as_carol, week):
    response = as_carol.post(f"{WEEK}ready/?version={sheet().version}", headers=HTMX)
    assert sheet().state == "saved" and f"{WEEK}draft/?version={sheet().version}" in response.content.decode()
    as_carol.post(f"{WEEK}ready/?version=1", headers=HTMX)  # twice is harmless
    response = as_carol.post(f"{WEEK}draft/?version={sheet().version}", headers=HTMX)
    assert sheet().state == "draft" and "Week 25 is a draft again" in response.content.decode()
    assert actions() == ["marked_ready", "back_to_draft"]


@pytest.mark.parametrize(("step", "title"), [("ready", "Mark week 25 as ready?"), ("draft", "Make week 25 a draft")])
def test_ready_and_back_without_script(as_carol, carol, week, step, title):
    if step == "draft":
        timesheets.mark_ready(carol, carol, MONDAY)
    page = as_carol.get(f"{WEEK}{step}/")
    assert title in page.content.decode()
    assert as_carol.post(f"{WEEK}{step}/", hidden(page)).headers["Location"] == WEEK
    assert sheet().state == {"ready": "saved", "draft": "draft"}[step]


def test_a_submitted_week_is_not_marked_ready(as_carol, carol, week):
    shown = timesheets.submit(carol, carol, MONDAY).version
    response = as_carol.post(f"{WEEK}ready/?version={shown}", headers=HTMX)
    assert response.status_code == 409 and "This week is submitted already." in response.content.decode()
    assert events_of(response)["say"] == {"text": "This week is submitted already."}


def test_asking_to_reopen_tells_who_decides_once(as_carol, carol, bob, week):
    timesheets.submit(carol, carol, MONDAY)
    approvals.approve(bob, sheet().pk, version=None)
    page = as_carol.get(f"{WEEK}ask-to-reopen/", headers=HTMX)
    assert "Ask to reopen week 25?" in page.content.decode() and "What has to change" in page.content.decode()
    for _ in range(2):
        response = as_carol.post(f"{WEEK}ask-to-reopen/", {**hidden(page), "note": "Wrong client"}, headers=HTMX)
        assert response.status_code == 200 and "Asked to reopen week 25" in response.content.decode()
    told = Notification.objects.get(kind="timesheet.reopening_asked")
    assert (told.member, told.values["note"]) == (bob, "Wrong client")
    assert sheet().state == "approved" and sheet().reopening_asked_at == NOON


def test_a_draft_is_not_asked_to_be_reopened(as_carol, week):
    assert "Only an approved week can be reopened." in as_carol.get(f"{WEEK}ask-to-reopen/").content.decode()
    assert as_carol.post(f"{WEEK}ask-to-reopen/?version=1", headers=HTMX).status_code == 409
    assert as_carol.post(f"{NEXT}ask-to-reopen/?version=0", headers=HTMX).status_code == 409


# --- For somebody, and for nobody -------------------------------------------------------------------------------------


def test_a_manager_acts_for_somebody_and_comes_back_to_their_week(as_bob, carol, bob, week):
    query = f"?agent={carol.pk}"
    page = as_bob.get(f"{WEEK}submit/{query}")
    assert "Submit week 25 of Carol Clark?" in page.content.decode()
    assert as_bob.post(f"{WEEK}submit/{query}", hidden(page)).headers["Location"] == WEEK + query
    assert (sheet().member, sheet().submitted_by) == (carol, bob)
    page = as_bob.get(f"{WEEK}recall/{query}")
    assert as_bob.post(f"{WEEK}recall/{query}", hidden(page)).headers["Location"] == WEEK + query
    assert sheet().state == "draft"


@pytest.mark.parametrize("step", ["submit", "recall", "ready", "draft", "ask-to-reopen", "history"])
def test_a_colleagues_week_does_not_exist_for_an_agent(as_carol, as_bob, bob, carol, mallory, step):
    TimeEntryFactory(member=bob, date=MONDAY)
    for agent in (bob.pk, mallory.pk, 10**15, "x", "-1", "9" * 40, "\uff11"):
        assert as_carol.get(f"{WEEK}{step}/?agent={agent}").status_code == 404, agent
        if step != "history":
            assert as_carol.post(f"{WEEK}{step}/?agent={agent}", {"version": 1}).status_code == 404, agent
    assert as_carol.get(f"{WEEK}{step}/?agent={carol.pk}").status_code == 200
    assert as_bob.get(f"{WEEK}{step}/?agent={mallory.pk}").status_code == 404
    assert actions() == []


def test_any_day_stands_for_its_week(as_carol, week):
    page = as_carol.get(WEEK.replace("06-15", "06-17") + "submit/")
    assert page.context["action"] == f"{WEEK}submit/"
