"""The history of a week, and of an entry through its week's approval: every step, its people, its entries, its cost."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from tests.cast import MONDAY
from tests.factories import TimeEntryFactory
from timetracking.models import ApprovalEvent, ApprovalLine, TimeEntry, Timesheet
from timetracking.services import approval_reversals, approvals, handovers, time_entries, timesheets

NOON = dt.datetime(2026, 6, 18, 12, tzinfo=dt.UTC)
HISTORY = "/o/acme/timesheets/2026-06-15/history/"
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(acme):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def week(carol, bob, alice):
    return [TimeEntryFactory(member=carol, date=MONDAY + n * DAY, minutes=60, subject=f"Work {n}") for n in range(3)]


def sheet() -> Timesheet:
    return Timesheet.objects.get()


def steps(client, query=""):
    return client.get(HISTORY + query).context["history"].steps


def told(step) -> str:
    parts = [step.who, step.what, step.on_behalf_of and f"for {step.on_behalf_of}"]
    parts += [step.in_place_of and f"in place of {step.in_place_of}", step.after and f"({step.before} → {step.after})"]
    return " ".join(filter(None, parts))


def test_every_step_from_the_last_to_the_first(as_carol, carol, bob, week, clock):
    timesheets.mark_ready(carol, carol, MONDAY)
    timesheets.back_to_draft(carol, carol, MONDAY)
    timesheets.submit(carol, carol, MONDAY, note="Friday off")
    timesheets.recall(carol, sheet().pk)
    timesheets.submit(bob, carol, MONDAY)
    approvals.decide(bob, sheet().pk, version=None, approve=[week[0].pk], reject={week[1].pk: "Say <who>"})
    approval_reversals.undo(bob, sheet().pk, version=sheet().version)
    approvals.reject(bob, sheet().pk, version=None, reason="Wrong week")
    timesheets.submit(carol, carol, MONDAY)
    approvals.approve(bob, sheet().pk, version=None)
    timesheets.ask_to_reopen(carol, sheet().pk, note="Wrong client")
    clock.shift(60)
    approval_reversals.reopen(bob, sheet().pk, version=None, reason="As asked")
    lines = steps(as_carol)
    assert [told(step) for step in lines] == [
        "Bob Brown reopened this week (Approved → Draft)",
        "Carol Clark asked to reopen this week",
        "Bob Brown approved this week (Submitted → Approved)",
        "Carol Clark submitted this week (Rejected → Submitted)",
        "Bob Brown rejected this week (Submitted → Rejected)",
        "Bob Brown took the decision back (Partly rejected → Submitted)",
        "Bob Brown approved in part and rejected in part (Submitted → Partly rejected)",
        "Bob Brown submitted this week for Carol Clark (Draft → Submitted)",
        "Carol Clark recalled this week (Submitted → Draft)",
        "Carol Clark submitted this week (Draft → Submitted)",
        "Carol Clark made this week a draft again (Ready → Draft)",
        "Carol Clark marked this week as ready (Draft → Ready)",
    ]
    assert [step.reason for step in lines if step.reason] == ["As asked", "Wrong client", "Wrong week", "Friday off"]
    assert (lines[0].when, lines[2].when) == ("Thu 18 June, 13:01", "Thu 18 June, 13:00")
    decided = {line.subject: line for line in lines[6].entries}
    assert (decided["Work 0"].after, decided["Work 1"].after, decided["Work 1"].reason) == (
        "Approved",
        "Rejected",
        "Say <who>",
    )
    assert (lines[6].entries_label, decided["Work 1"].before) == ("2 entries", "Submitted")
    assert "Say &lt;who&gt;" in as_carol.get(HISTORY).content.decode()


def test_who_stood_in_for_whom(acme, as_carol, carol, bob, alice, week):
    acme.approval_first = "line"
    acme.save()
    carol.line_manager = bob
    carol.save()
    for member in (carol, bob, alice):
        member.organisation.refresh_from_db()
    handovers.hand_over(bob, stand_in=alice, first_on=MONDAY + 3 * DAY, last_on=MONDAY + 4 * DAY)
    timesheets.submit(carol, carol, MONDAY)
    approvals.approve(alice, sheet().pk, version=None)
    assert told(steps(as_carol)[0]).startswith("Alice Adams approved this week in place of Bob Brown")


def test_year_and_period_and_posting_date(acme, as_carol, carol, week):
    page = as_carol.get(HISTORY).context["history"]
    assert (page.period, page.state, page.posting_date, page.steps) == ("Week 25 of 2026", "Draft", "", ())
    timesheets.submit(carol, carol, MONDAY)
    html = as_carol.get(HISTORY).content.decode()
    assert "Week 25 of 2026" in html and "21 June 2026" in html and "Submitted" in html


def test_a_week_without_a_sheet_has_no_history_yet(as_carol, carol):
    assert "Nothing has happened to this week yet." in as_carol.get(HISTORY).content.decode()
    assert not Timesheet.objects.exists()


def test_an_entry_that_came_or_went_is_told_so(as_bob, bob, carol, week):
    timesheets.submit(carol, carol, MONDAY)
    approvals.approve(bob, sheet().pk, version=None)
    time_entries.log(bob, member=carol, kind="GENERAL", date=MONDAY, minutes=15, subject="Added")
    time_entries.delete(bob, week[0].pk)
    time_entries.edit(bob, week[1].pk, minutes=45)
    edited, deleted, added = steps(as_bob, f"?agent={carol.pk}")[:3]
    assert (edited.entries[0].moved, edited.entries[0].before, edited.entries[0].after) == ("", "Approved", "")
    assert (deleted.entries[0].subject, deleted.entries[0].moved) == ("Work 0", "no longer in this week")
    assert (added.entries[0].subject, added.entries[0].moved) == ("Added", "new in this week")
    assert told(added) == "Bob Brown changed this week after it was sent (Approved → Partly approved)"


def test_a_manager_opens_a_colleagues_history_and_is_led_back_to_their_week(as_bob, carol, week):
    page = as_bob.get(f"/o/acme/timesheets/2026-06-15/?agent={carol.pk}").context["week"]
    assert page.history_url == f"{HISTORY}?agent={carol.pk}"
    history = as_bob.get(page.history_url).context["history"]
    assert (history.person, history.week_url) == ("Carol Clark", f"/o/acme/timesheets/2026-06-15/?agent={carol.pk}")


def test_moments_are_told_in_the_readers_zone(as_alice, alice, carol, week):
    timesheets.submit(carol, carol, MONDAY)
    alice.user.time_zone = "Pacific/Auckland"
    alice.user.save()
    assert steps(as_alice, f"?agent={carol.pk}")[0].when == "Fri 19 June, 00:00"


def test_a_long_history_costs_what_a_short_one_does_and_comes_in_pages(as_carol, carol, bob, week, count_queries):
    timesheets.submit(carol, carol, MONDAY)
    as_carol.get(HISTORY)
    short = count_queries(lambda: as_carol.get(HISTORY))
    for _ in range(60):
        event = ApprovalEvent.objects.create(
            timesheet=sheet(), action="changed", actor=bob, at=NOON, from_state="submitted", to_state="submitted",
            version=1,
        )  # fmt: skip
        ApprovalLine.objects.create(event=event, entry=week[0], from_status="SUBMITTED", to_status="SUBMITTED")
    assert count_queries(lambda: as_carol.get(HISTORY)) == short
    assert (len(steps(as_carol)), len(steps(as_carol, "?page=2"))) == (50, 11)
    assert steps(as_carol, "?page=2")[-1].what == "submitted this week"


# --- Of an entry ------------------------------------------------------------------------------------------------------


def entry_lines(client, entry):
    return client.get(f"/o/acme/entries/{entry.pk}/history/").context["history"].lines


def test_changes_and_decisions_of_an_entry_are_one_history(as_carol, carol, bob, week, clock):
    entry = time_entries.log(carol, kind="GENERAL", date=MONDAY, minutes=30, subject="Follow-up call")
    clock.shift(60)
    timesheets.submit(carol, carol, MONDAY)
    clock.shift(60)
    approvals.decide(bob, sheet().pk, version=None, approve=[], reject={entry.pk: "Say <who>"})
    clock.shift(60)
    time_entries.edit(carol, entry.pk, description="Mr Marlow")
    clock.shift(60)
    timesheets.submit(carol, carol, MONDAY)
    clock.shift(60)
    approvals.approve(bob, sheet().pk, version=None)
    clock.shift(60)
    time_entries.edit(bob, entry.pk, minutes=45)
    assert [f"{line.who} {line.what}" for line in entry_lines(as_carol, entry)] == [
        "Bob Brown changed this entry",
        "Bob Brown approved this entry",
        "Carol Clark submitted this entry",
        "Carol Clark changed this entry",
        "Bob Brown rejected this entry",
        "Carol Clark submitted this entry",
        "Carol Clark logged this entry",
    ]
    rejected = entry_lines(as_carol, entry)[4]
    assert (rejected.reason, rejected.changes[0].before, rejected.changes[0].after) == (
        "Say <who>",
        "Submitted",
        "Rejected",
    )
    assert "Say &lt;who&gt;" in as_carol.get(f"/o/acme/entries/{entry.pk}/history/").content.decode()


def test_steps_back_and_first_approvals_in_an_entrys_history(acme, as_carol, carol, bob, week):
    acme.approval_second = "line"
    acme.save()
    for member in (carol, bob):
        member.organisation.refresh_from_db()
    timesheets.submit(carol, carol, MONDAY)
    timesheets.recall(carol, sheet().pk)
    timesheets.submit(carol, carol, MONDAY)
    approvals.approve(bob, sheet().pk, version=None)
    approval_reversals.undo(bob, sheet().pk, version=sheet().version)
    said = [line.what for line in entry_lines(as_carol, week[0])]
    assert said == [
        "took the decision on this entry back",
        "gave this entry the first of two approvals",
        "submitted this entry",
        "recalled this entry with its week",
        "submitted this entry",
    ]


def test_what_somebody_elses_change_did_to_an_approved_entry_is_told_once(as_carol, carol, bob, week):
    timesheets.submit(carol, carol, MONDAY)
    approvals.approve(bob, sheet().pk, version=None)
    time_entries.edit(bob, week[0].pk, minutes=45)
    assert [line.what for line in entry_lines(as_carol, week[0])].count("changed this entry") == 1
    assert TimeEntry.objects.get(pk=week[0].pk).status == "APPROVED"


def test_an_entrys_history_costs_the_same_however_long(as_carol, carol, bob, week, count_queries):
    timesheets.submit(carol, carol, MONDAY)
    path = f"/o/acme/entries/{week[0].pk}/history/"
    as_carol.get(path)
    short = count_queries(lambda: as_carol.get(path))
    for _ in range(10):
        approvals.approve(bob, sheet().pk, version=None)
        approval_reversals.undo(bob, sheet().pk, version=sheet().version)
    assert count_queries(lambda: as_carol.get(path)) == short
