"""The strip of the week page: what it says and offers in every state, to its member and to a manager; and the rows."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from accounts.models import Membership
from tests.cast import MONDAY
from tests.factories import ProjectFactory, TimeEntryFactory
from timetracking.models import PeriodReopening, TimeEntry, Timesheet
from timetracking.services import approval_reversals, approvals, timesheets

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)
WEEK = "/o/acme/timesheets/2026-06-15/"
DAY = dt.timedelta(days=1)
HTMX = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{WEEK}"}


@pytest.fixture(autouse=True)
def clock(acme):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def sofia(acme, bob) -> Membership:
    """Carol's line manager."""
    bob.display_name = "Sofia Marini"
    bob.save()
    return bob


@pytest.fixture
def week(carol, sofia, alice):
    """Carol's week with three entries of an hour."""
    carol.line_manager = sofia
    carol.save()
    return [TimeEntryFactory(member=carol, date=MONDAY + n * DAY, minutes=60, subject=f"Work {n}") for n in range(3)]


def sheet() -> Timesheet:
    return Timesheet.objects.get()


def submitted(carol) -> Timesheet:
    return timesheets.submit(carol, carol, MONDAY)


def decided(manager, *, approve=(), reject=None) -> Timesheet:
    return approvals.decide(
        manager, sheet().pk, version=sheet().version, approve=[e.pk for e in approve], reject=reject or {}
    ).sheet


def strip(client, query=""):
    """(chip, sentence, actions, actions behind the menu) as plain text."""
    response = client.get(WEEK + query)
    status = response.context["week"].status
    html = response.content.decode()
    assert 'id="week-status"' in html and status.chip in html
    for action in (*status.actions, *status.more):
        assert f'id="{action.id}" href="{action.url.replace("&", "&amp;")}"' in html
    text = f"{status.lead} {status.text}".strip().replace("<b>", "").replace("</b>", "")
    return status.chip, text, [a.label for a in status.actions], [a.label for a in status.more]


# --- For its member ---------------------------------------------------------------------------------------------------


def test_draft(as_carol, week):
    assert strip(as_carol) == (
        "Draft",
        "34h 30m to go this week · submit by Mon 22 June, 10:00",
        ["Copy last week", "Submit week"],
        ["Mark as ready", "Use a template", "Save this week as template"],
    )


def test_nothing_logged_offers_nothing_to_submit(acme, as_carol, carol):
    chip, text, actions, more = strip(as_carol)
    assert (chip, text, actions, more) == (
        "Draft",
        "Nothing logged this week. 37h 30m to go this week · submit by Mon 22 June, 10:00",
        ["Log time", "Copy last week"],
        ["Use a template"],
    )
    acme.empty_weeks_allowed = True
    acme.save()
    assert strip(as_carol)[2] == ["Log time", "Copy last week", "Submit week"]


def test_the_deadline_is_the_members_own_and_none_without_one(acme, as_carol, carol, week):
    carol.user.time_zone = "America/New_York"
    carol.user.save()
    assert "submit by Mon 22 June, 10:00" in strip(as_carol)[1]
    acme.deadline_days = None
    acme.save()
    assert strip(as_carol)[1] == "34h 30m to go this week"


def test_a_manager_reads_the_members_deadline_in_their_own_zone(as_bob, carol, week):
    carol.user.time_zone = "America/New_York"
    carol.user.save()
    assert "submit by Mon 22 June, 15:00" in strip(as_bob, f"?agent={carol.pk}")[1]


def test_ready(as_carol, carol, week):
    timesheets.mark_ready(carol, carol, MONDAY)
    chip, text, actions, _more = strip(as_carol)
    assert (chip, actions) == ("Ready", ["Back to draft", "Submit week"])
    assert text == "Marked ready. Submit it when you like."


def test_overdue(as_carol, carol, clock, week):
    clock.move_to(dt.datetime(2026, 6, 22, 8, 59, 59, tzinfo=dt.UTC))
    assert strip(as_carol)[0] == "Draft"
    clock.move_to(dt.datetime(2026, 6, 22, 9, tzinfo=dt.UTC))
    assert strip(as_carol)[:3] == ("Overdue", "This week was due Mon 22 June, 10:00", ["Submit week"])
    timesheets.mark_ready(carol, carol, MONDAY)
    assert strip(as_carol)[:3] == (
        "Overdue",
        "This week was due Mon 22 June, 10:00 · marked ready",
        ["Back to draft", "Submit week"],
    )


def test_a_week_before_the_member_came_is_not_overdue(as_carol, carol):
    Membership.objects.filter(pk=carol.pk).update(joined_at=dt.datetime(2026, 6, 18, 9, tzinfo=dt.UTC))
    response = as_carol.get("/o/acme/timesheets/2026-06-01/")
    assert response.context["week"].status.chip == "Draft"
    assert "due" not in response.context["week"].status.text


def test_nothing_is_overdue_of_who_has_no_hours_to_work_and_logged_none(as_carol, carol, clock):
    carol.weekly_capacity_minutes = 0
    carol.save()
    clock.move_to(dt.datetime(2026, 6, 23, tzinfo=dt.UTC))
    assert strip(as_carol)[0] == "Draft"
    TimeEntryFactory(member=carol, date=MONDAY)
    assert strip(as_carol)[0] == "Overdue"


def test_submitted(as_carol, carol, week):
    submitted(carol)
    assert strip(as_carol) == ("Submitted", "Sent to Sofia Marini on Thu 18 June.", ["Recall"], [])


def test_whom_a_week_goes_to_is_what_the_policy_says(acme, as_carol, carol, sofia, alice, week):
    carol.line_manager = None
    carol.save()
    submitted(carol)
    assert "Sent to Alice Adams and Sofia Marini on" in strip(as_carol)[1]
    acme.approval_first = "project"
    acme.save()
    TimeEntry.objects.all().repoint(kind="PROJECT", project=ProjectFactory(manager=alice))
    assert "Sent to Alice Adams on" in strip(as_carol)[1]


def test_submitted_by_somebody_else_says_by_whom(as_carol, carol, alice, week):
    timesheets.submit(alice, carol, MONDAY)
    assert strip(as_carol)[1] == "Sent to Sofia Marini on Thu 18 June by Alice Adams."


def test_partly_approved_can_no_longer_be_recalled_and_says_so(as_carol, carol, sofia, week):
    submitted(carol)
    decided(sofia, approve=week[:1])
    assert strip(as_carol) == (
        "Partly approved",
        "1 of 3 entries approved, 2 still waiting. Somebody has decided on this week already. "
        "Ask a manager to reject what has to change.",
        [],
        [],
    )


def test_partly_approved_by_an_earlier_decision_can_be_recalled(as_carol, carol, sofia, week, clock):
    submitted(carol)
    decided(sofia, approve=week[:1], reject={week[1].pk: "No", week[2].pk: "No"})
    clock.shift(60)
    submitted(carol)
    assert strip(as_carol) == ("Partly approved", "1 of 3 entries approved, 2 still waiting.", ["Recall"], [])


def test_the_first_of_two_approvals(acme, as_carol, carol, sofia, week):
    acme.approval_first, acme.approval_second = "line", "any"
    acme.save()
    submitted(carol)
    sofia.organisation.refresh_from_db()
    approvals.approve(sofia, sheet().pk, version=sheet().version)
    chip, text, _actions, _more = strip(as_carol)
    assert chip == "Partly approved" and text.startswith("3 of 3 entries have the first of two approvals.")


def test_approved(as_carol, carol, sofia, week):
    submitted(carol)
    approvals.approve(sofia, sheet().pk, version=sheet().version)
    assert strip(as_carol) == (
        "Approved",
        "Approved by Sofia Marini on Thu 18 June. Ask a manager to reopen it.",
        ["Ask to reopen"],
        [],
    )
    timesheets.ask_to_reopen(carol, sheet().pk)
    assert strip(as_carol)[1:3] == (
        "Approved by Sofia Marini on Thu 18 June. Reopening was asked for on Thu 18 June.",
        [],
    )


def test_what_is_billed_cannot_be_reopened_and_says_so(as_carol, carol, sofia, week):
    submitted(carol)
    approvals.approve(sofia, sheet().pk, version=sheet().version)
    TimeEntry.objects.update(status="BILLED")
    _chip, text, actions, _more = strip(as_carol)
    assert "All of this week is on an invoice." in text and actions == []


def test_rejected(as_carol, carol, sofia, week):
    submitted(carol)
    approvals.reject(sofia, sheet().pk, version=sheet().version, reason="Wrong <client>")
    assert strip(as_carol) == ("Rejected", "Sofia Marini rejected this week: “Wrong <client>”", ["Submit again"], [])
    assert "Wrong &lt;client&gt;" in as_carol.get(WEEK).content.decode()


def test_all_entries_rejected_one_by_one(as_carol, carol, sofia, week):
    submitted(carol)
    decided(sofia, reject={entry.pk: f"No {n}" for n, entry in enumerate(week)})
    assert strip(as_carol)[:2] == ("Rejected", "Sofia Marini rejected 3 entries. Fix them and submit the week again.")


def test_partly_rejected(as_carol, carol, sofia, week):
    submitted(carol)
    decided(sofia, approve=week[2:], reject={week[0].pk: "Say who", week[1].pk: "Move it"})
    chip, text, actions, _more = strip(as_carol)
    assert (chip, actions) == ("Partly rejected", ["Show the 2", "Submit again"])
    assert text == (
        "Sofia Marini rejected 2 entries. Fix them and submit the week again. The other one is approved and locked."
    )
    shown = as_carol.get(as_carol.get(WEEK).context["week"].status.actions[0].url)
    assert [row.rejection for day in shown.context["week"].days for row in day.rows] == ["Say who", "Move it"]
    assert [action.label for action in shown.context["week"].status.actions] == ["Submit again"]


def test_who_rejected_is_named_and_not_who_decided_last(as_carol, carol, sofia, alice, week):
    submitted(carol)
    decided(sofia, reject={week[0].pk: "Say who"})
    decided(alice, approve=week[1:])
    assert "Sofia Marini rejected 1 entry. Fix it and submit" in strip(as_carol)[1]


def test_two_who_rejected_are_both_named_and_what_was_taken_back_is_not(as_carol, carol, sofia, alice, week):
    submitted(carol)
    decided(sofia, reject={week[0].pk: "Say who"})
    last = decided(alice, reject={week[1].pk: "Who?"})
    assert "Sofia Marini and Alice Adams rejected 2 entries. Fix them" in strip(as_carol)[1]
    approval_reversals.undo(alice, last.pk, version=last.version)
    assert strip(as_carol)[1] == (
        "Sofia Marini rejected 1 entry. Fix it and submit the week again. 2 wait for a decision."
    )


def test_a_long_reason_is_cut_in_the_strip_and_whole_on_the_entries(as_carol, carol, sofia, week):
    submitted(carol)
    approvals.reject(sofia, sheet().pk, version=sheet().version, reason="word " * 200)
    assert strip(as_carol)[1].endswith("word…”")
    assert as_carol.get(WEEK).content.decode().count(("word " * 200).strip()) == 3


@pytest.mark.parametrize("ready", [False, True])
def test_a_closed_period(acme, as_carol, carol, week, ready):
    if ready:
        timesheets.mark_ready(carol, carol, MONDAY)
    acme.lock_date = dt.date(2026, 6, 30)
    acme.save()
    chip, text, actions, more = strip(as_carol)
    assert (chip, actions, more) == ("Locked", ["Submit week"], [])
    assert text == (
        "Time on or before 30 June 2026 is closed. An admin can move the lock date. "
        "It can still be submitted; it is then posted on 1 July 2026."
    )
    TimeEntry.objects.all().delete()
    assert strip(as_carol)[1:] == (
        "Time on or before 30 June 2026 is closed. An admin can move the lock date.",
        [],
        [],
    )


def test_an_approved_week_of_a_closed_period_is_not_offered_for_reopening(acme, as_carol, carol, sofia, week):
    submitted(carol)
    approvals.approve(sofia, sheet().pk, version=sheet().version)
    acme.lock_date = dt.date(2026, 6, 30)
    acme.save()
    chip, text, actions, _more = strip(as_carol)
    assert (chip, actions) == ("Approved", []) and "Time on or before 30 June 2026 is closed." in text


# --- For a manager ----------------------------------------------------------------------------------------------------


def test_a_manager_submits_reviews_and_reopens_for_somebody(as_bob, carol, sofia, week):
    query = f"?agent={carol.pk}"
    chip, _text, actions, more = strip(as_bob, query)
    assert (chip, actions, more) == ("Draft", ["Copy last week", "Submit for Carol Clark"], [])
    submitted(carol)
    assert strip(as_bob, query)[2] == ["Review"]
    approvals.approve(sofia, sheet().pk, version=sheet().version)
    assert strip(as_bob, query)[1:3] == ("Approved by Sofia Marini on Thu 18 June.", ["Reopen"])


def test_a_manager_reads_of_a_returned_week_without_being_told_to_fix_it(as_bob, carol, sofia, week):
    submitted(carol)
    decided(sofia, approve=week[2:], reject={week[0].pk: "Say who", week[1].pk: "Move it"})
    _chip, text, actions, _more = strip(as_bob, f"?agent={carol.pk}")
    assert text == "Sofia Marini rejected 2 entries. The other one is approved and locked."
    assert actions == ["Show the 2", "Submit for Carol Clark"]


def test_everyone_and_other_ranges_have_no_status(as_bob, as_carol, week):
    for query in ("?agent=all", "?from=2026-06-01&to=2026-06-18"):
        response = as_bob.get(WEEK + query)
        assert response.context["week"].status is None and b'id="week-status"' in response.content


def test_the_status_is_of_the_whole_week_whatever_the_filters_show(as_carol, week):
    assert strip(as_carol, "?billable=no")[1].startswith("34h 30m to go")
    response = as_carol.get(WEEK + "?billable=yes")
    assert "No entries match" in response.content.decode()


# --- Rows and answers -------------------------------------------------------------------------------------------------


def test_rows_say_what_became_of_them(as_carol, as_bob, carol, sofia, week):
    submitted(carol)
    decided(sofia, approve=week[:1], reject={week[1].pk: "Say <who>"})
    html = as_carol.get(WEEK).content.decode()
    assert f'<li class="entry rej" id="entry-{week[1].pk}"' in html
    assert '<span class="vh">Rejected: </span>Say &lt;who&gt;' in html
    rows = {row.id: row for day in as_carol.get(WEEK).context["week"].days for row in day.rows}
    approved, rejected, waiting = (rows[entry.pk] for entry in week)
    assert rejected.edit_url and rejected.delete_url
    assert (approved.is_approved, approved.edit_url) == (True, "") and approved.lock_reason
    assert (waiting.status_label, waiting.edit_url) == ("Submitted", "")
    for_manager = as_bob.get(f"{WEEK}?agent={carol.pk}").content.decode()
    assert '<span class="vh">Approved</span>' in for_manager and f'id="edit-{week[0].pk}"' in for_manager


def test_days_on_which_nothing_can_be_logged_do_not_offer_it(acme, as_carol, as_bob, carol, sofia, week):
    def offered(client, query=""):
        return [bool(day.add_url) for day in client.get(WEEK + query).context["week"].days]

    assert offered(as_carol) == [True] * 7
    submitted(carol)
    assert offered(as_carol) == [False] * 7 and 'id="add-' not in as_carol.get(WEEK).content.decode()
    assert offered(as_bob, f"?agent={carol.pk}") == [True] * 7
    decided(sofia, approve=week[1:], reject={week[0].pk: "No"})
    acme.lock_date = MONDAY + DAY
    acme.save()
    assert offered(as_carol) == offered(as_bob, f"?agent={carol.pk}") == [False, False] + [True] * 5
    period = {"member": carol, "opened_by": sofia, "created_at": NOON, "until_at": NOON + DAY}
    PeriodReopening.objects.create(first_on=MONDAY + DAY, **period)
    assert offered(as_carol) == [False] + [True] * 6


def test_an_entry_rejected_without_a_reason_says_so(as_carol, carol):
    TimeEntryFactory(member=carol, date=MONDAY, status="REJECTED")
    assert "No reason given" in as_carol.get(WEEK).content.decode()


def test_the_strip_follows_a_change_of_an_entry(as_carol, carol, sofia, week):
    submitted(carol)
    decided(sofia, approve=week[1:], reject={week[0].pk: "Not ours"})
    gone = as_carol.post(f"/o/acme/entries/{week[0].pk}/delete/?version={week[0].version + 2}", headers=HTMX)
    html = gone.content.decode()
    assert 'id="week-status"' in html and 'hx-swap-oob="true"' in html and "Approved by Sofia Marini" in html


def test_a_manager_is_told_what_a_change_to_an_approved_entry_does(as_bob, as_alice, carol, sofia, alice, week):
    submitted(carol)
    approvals.approve(sofia, sheet().pk, version=sheet().version)
    form = as_bob.get(f"/o/acme/entries/{week[0].pk}/edit/").content.decode()
    assert "Approved. Your change goes into the history and Carol Clark is told." in form
    own = TimeEntryFactory(member=alice, date=MONDAY, status="APPROVED")
    form = as_alice.get(f"/o/acme/entries/{own.pk}/edit/").content.decode()
    assert "and the entry waits for a new decision." in form


# --- Cost -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "approved"])
def test_the_week_costs_an_agent_the_same_however_busy_in_every_state(
    as_carol, carol, sofia, week, count_queries, state
):
    if state != "draft":
        submitted(carol)
    if state == "returned":
        decided(sofia, approve=week[1:], reject={week[0].pk: "No"})
    if state == "approved":
        approvals.approve(sofia, sheet().pk, version=sheet().version)
    as_carol.get(WEEK)
    few = count_queries(lambda: as_carol.get(WEEK))
    for n in range(30):
        TimeEntryFactory(member=carol, date=MONDAY + (n % 7) * DAY, minutes=1, status="SUBMITTED")
    assert count_queries(lambda: as_carol.get(WEEK)) == few
    assert few <= 11
