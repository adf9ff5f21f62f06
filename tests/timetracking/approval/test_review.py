"""The review of a week: what it shows, each decision through its form, what refuses it, and what comes next."""

from __future__ import annotations

import json

import pytest
import time_machine

from accounts.models import Organisation
from tests.cast import MONDAY, browser_of
from tests.factories import ProjectFactory, TicketFactory, TimeEntryFactory
from tests.timetracking.approval.inbox import INBOX, NOON, SCRIPT, WEEK, entries_of, state, submitted, url
from timetracking.models import ApprovalEvent, TimeEntry, Timesheet
from timetracking.services import approval_reversals, approvals, time_entries, timesheets

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def now(acme):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def sheet(carol):
    """Carol's week, 37h 30m in five entries, on the target."""
    return submitted(carol)


def form_of(sheet, *choices: str, **more):
    """As the browser sends the review's form: a choice for each entry, approve where none is given."""
    version = Timesheet.objects.get(pk=sheet.pk).version
    entries = entries_of(sheet)
    chosen = [*choices, *["approve"] * (len(entries) - len(choices))]
    shown = ",".join(f"{entry.pk}:{entry.version}" for entry in entries)
    radios = {f"entry-{entry.pk}": choice for entry, choice in zip(entries, chosen, strict=True)}
    return {"version": version, "shown": shown, **radios, **more}


def statuses(sheet) -> list[str]:
    return [entry.status for entry in entries_of(sheet)]


def page(client, sheet, query="") -> str:
    response = client.get(url(sheet) + query)
    assert response.status_code == 200
    return response.content.decode()


# --- What it shows ----------------------------------------------------------------------------------------------------


def test_the_head_says_whose_week_when_it_was_sent_and_where_it_is_posted(as_bob, sheet):
    html = page(as_bob, sheet)
    for words in ("Carol Clark, ", "15 – 21 June 2026", "Submitted Mon 22 June, 13:00", "week 25"):
        assert words in html
    assert "posted on 21 June 2026" in html and "<title>Carol Clark, 15 – 21 June 2026" in html


def test_five_figures_add_up(as_bob, carol):
    TimeEntryFactory(member=carol, date=MONDAY, minutes=60, ticket=TicketFactory())
    TimeEntryFactory(member=carol, date=MONDAY, minutes=90, project=ProjectFactory())
    html = page(as_bob, submitted(carol, minutes=100))
    figures = html[html.index('class="kpis flat') : html.index("</dl>")]
    assert [
        figures.count(f'datetime="{amount}"') for amount in ("PT4H10M", "PT2H30M", "PT1H0M", "PT1H30M", "PT1H40M")
    ] == [1] * 5


def test_the_note_of_who_sent_it(as_bob, carol):
    TimeEntryFactory(member=carol, date=MONDAY)
    sheet = timesheets.submit(carol, carol, MONDAY, note="Wednesday <ran> long")
    assert "Wednesday &lt;ran&gt; long" in page(as_bob, sheet)


def test_what_the_product_found_and_what_not(acme, as_bob, bob, carol):
    acme.largest_day_minutes, acme.description_required = 480, Organisation.Required.ALWAYS
    acme.save()
    ticket = TicketFactory(number=4813)
    at = [NOON.replace(day=15, hour=hour) for hour in (8, 10, 12)]
    common = {"member": carol, "date": MONDAY, "minutes": 240, "description": "Done"}
    TimeEntryFactory(**common, started_at=at[0], ended_at=at[2], ticket=ticket)
    TimeEntryFactory(**{**common, "description": ""}, started_at=at[1], ended_at=at[2], ticket=ticket)
    TimeEntryFactory(**common)
    sheet = TimeEntry.objects.first().timesheet
    Timesheet.objects.filter(pk=sheet.pk).update(state="submitted", submitted_at=NOON, changed_since_at=NOON)
    html = page(as_bob, sheet)
    for words in (
        "Over 8h on Mon 15 June", "12h logged", "1 entry has no description", "TKT-4813",
        "2h counted twice on Mon 15 June", "25h 30m below the target", "Changed since it was submitted",
    ):  # fmt: skip
        assert words in html
    assert "No overlaps" not in html


def test_a_week_with_nothing_odd_says_what_was_looked_for(as_bob, sheet):
    html = page(as_bob, sheet)
    assert "No day over 12h · No overlaps · Target of 37h 30m met · Not changed since it was submitted" in html


def test_entries_are_listed_by_day_with_their_words(as_bob, carol):
    start, end = NOON.replace(day=16, hour=8), NOON.replace(day=16, hour=9, minute=30)
    ticket = TicketFactory(number=4790, title="Switch")
    TimeEntryFactory(
        member=carol, date=MONDAY + WEEK / 7, minutes=90, subject="Switch <b>", description="x" * 200, ticket=ticket,
        started_at=start, ended_at=end,
    )  # fmt: skip
    sheet = TimeEntry.objects.get().timesheet
    timesheets.submit(carol, carol, MONDAY)
    html = page(as_bob, sheet)
    assert "Tuesday 16 June" in html and "Switch &lt;b&gt;" in html
    assert "09:00 – 10:30" in html, "in the zone of the entry"
    assert "x" * 200 in html


def test_the_history_is_at_the_end(as_bob, bob, carol, sheet):
    approvals.reject(bob, sheet.pk, version=None, reason="Which client?")
    timesheets.submit(carol, carol, MONDAY)
    html = page(as_bob, sheet)
    history = html[html.index('id="history-heading"') :]
    assert history.index("submitted this week") < history.index("rejected this week") and "Which client?" in history


def test_long_histories_and_many_entries_cost_the_same(as_bob, bob, carol, sheet, count_queries):
    page(as_bob, sheet)
    quiet = count_queries(lambda: page(as_bob, sheet))
    for _round in range(4):
        approvals.reject(bob, sheet.pk, version=None, reason="Again")
        timesheets.submit(carol, carol, MONDAY)
    for _entry in range(30):
        time_entries.log(bob, member=carol, kind="GENERAL", date=MONDAY, minutes=1, subject="More")
    assert count_queries(lambda: page(as_bob, sheet)) == quiet


# --- Decisions --------------------------------------------------------------------------------------------------------


def test_approve_a_week_and_the_next_opens(as_bob, carol, dora, sheet):
    following = submitted(dora)
    response = as_bob.post(url(sheet, "decide/"), form_of(sheet))
    assert (response.status_code, response.url) == (302, url(following))
    assert state(sheet) == "approved"
    assert ApprovalEvent.objects.first().action == "approved"
    html = as_bob.get(response.url).content.decode()
    assert "Week 25 of Carol Clark approved, 37h 30m" in html and f"{url(sheet)}undo/?version=" in html


def test_by_script_every_part_in_view_comes_in_one_answer(as_bob, carol, dora, sheet):
    following = submitted(dora)
    response = as_bob.post(url(sheet, "decide/"), form_of(sheet), headers=SCRIPT)
    html = response.content.decode()
    assert response.status_code == 200 and response["HX-Retarget"] == "#review"
    assert response["HX-Push-Url"] == url(following)
    assert (
        f'data-week="{following.pk}"' in html
        and "Carol Clark" not in html.partition('id="inbox"')[2].partition("</section>")[0]
    )
    for part in (
        'id="inbox"',
        'id="approval-tabs"',
        'data-waiting hx-swap-oob="outerHTML:[data-waiting]"',
        "data-toast",
    ):
        assert part in html
    events = json.loads(response["HX-Trigger"])
    assert events["say"] == {"text": "Week 25 of Carol Clark approved, 37h 30m."} and events["focus"] == {"id": "rh"}


def test_the_filters_stay_from_week_to_week(as_bob, carol, dora, sheet):
    submitted(dora, MONDAY - WEEK)
    after = submitted(dora)
    response = as_bob.post(f"{url(sheet, 'decide/')}?week={MONDAY}", form_of(sheet))
    assert response.url == f"{url(after)}?week={MONDAY}"


def test_after_the_last_week_the_list_is_left(as_bob, sheet):
    response = as_bob.post(url(sheet, "decide/"), form_of(sheet))
    assert response.url == INBOX
    assert "Nothing waits for you" in as_bob.get(INBOX).content.decode()


def test_some_are_approved_some_rejected_some_left(as_bob, sheet):
    _first, second, _third, *_ = entries_of(sheet)
    values = form_of(
        sheet, "approve", "reject", "later", "later", "later", **{f"reason-{second.pk}": " Which client? "}
    )
    response = as_bob.post(url(sheet, "decide/"), values)
    assert statuses(sheet) == ["APPROVED", "REJECTED", "SUBMITTED", "SUBMITTED", "SUBMITTED"]
    assert state(sheet) == "partiallyDeclined"
    assert TimeEntry.objects.get(pk=second.pk).rejection_reason == "Which client?"
    assert "Carol Clark: 1 approved, 1 rejected" in as_bob.get(response.url).content.decode()


def test_reject_a_week_with_one_reason(as_bob, sheet):
    values = form_of(sheet, reject="Reject week", reason="Look at Friday again")
    response = as_bob.post(url(sheet, "decide/"), values)
    assert state(sheet) == "declined" and set(statuses(sheet)) == {"REJECTED"}
    assert "Week 25 of Carol Clark rejected" in as_bob.get(response.url).content.decode()


def test_an_empty_week_is_decided_as_a_whole(acme, as_bob, carol):
    acme.empty_weeks_allowed = True
    acme.save()
    carol.organisation = acme
    sheet = timesheets.submit(carol, carol, MONDAY)
    assert "Nothing is logged in this week." in page(as_bob, sheet)
    as_bob.post(url(sheet, "decide/"), form_of(sheet))
    assert state(sheet) == "approved"


def test_approved_twice_is_approved_once(as_bob, sheet):
    values = form_of(sheet)
    as_bob.post(url(sheet, "decide/"), values)
    response = as_bob.post(url(sheet, "decide/"), values)
    assert response.status_code == 302 and ApprovalEvent.objects.filter(action="approved").count() == 1
    assert "was decided so already" in as_bob.get(response.url).content.decode()


# --- What refuses -----------------------------------------------------------------------------------------------------


def test_each_missing_reason_is_named_and_what_was_typed_stays(as_bob, sheet):
    first, second, third, *_ = entries_of(sheet)
    values = form_of(sheet, "reject", "reject", "later", **{f"reason-{first.pk}": "Too <long>"})
    for headers in ({}, SCRIPT):
        response = as_bob.post(url(sheet, "decide/"), values, headers=headers)
        html = response.content.decode()
        assert response.status_code == 422 and set(statuses(sheet)) == {"SUBMITTED"}
        assert 'value="Too &lt;long&gt;"' in html
        assert html.count("Say why, so that Carol Clark can fix it") == 1
        assert f'aria-describedby="reason-{second.pk}-error"' in html
        assert f'name="entry-{third.pk}" value="later" checked' in html
    assert json.loads(response["HX-Trigger"])["focus"] == {"id": f"reason-{second.pk}"}


def test_a_week_is_not_rejected_without_a_reason(as_bob, sheet):
    response = as_bob.post(url(sheet, "decide/"), form_of(sheet, reject="Reject week", reason=" "), headers=SCRIPT)
    assert response.status_code == 422 and state(sheet) == "submitted"
    assert json.loads(response["HX-Trigger"])["focus"] == {"id": "week-reason"}
    assert 'aria-invalid="true"' in response.content.decode()


def test_too_long_a_reason_comes_back(as_bob, sheet):
    first = entries_of(sheet)[0]
    values = form_of(sheet, "reject", **{f"reason-{first.pk}": "x" * 2001})
    response = as_bob.post(url(sheet, "decide/"), values)
    assert response.status_code == 422 and "Use at most 2,000 characters" in response.content.decode()


def test_nothing_chosen_is_not_sent(as_bob, sheet):
    response = as_bob.post(url(sheet, "decide/"), form_of(sheet, *["later"] * 5))
    assert response.status_code == 422 and "Approve or reject at least one entry." in response.content.decode()


def test_a_stale_week_comes_back_with_what_changed_and_what_was_typed(as_bob, bob, carol, sheet):
    first, second, *_ = entries_of(sheet)
    values = form_of(sheet, "reject", **{f"reason-{first.pk}": "Which client?"})
    time_entries.edit(bob, second.pk, minutes=120)
    for headers in ({}, SCRIPT):
        response = as_bob.post(url(sheet, "decide/"), values, headers=headers)
        html = response.content.decode()
        assert response.status_code == 409 and set(statuses(sheet)) == {"SUBMITTED"}
        assert "This week changed while you were looking." in html and 'value="Which client?"' in html
        assert f'class="e hot" id="line-{second.pk}"' in html and f'class="e" id="line-{first.pk}"' in html
    version = Timesheet.objects.get(pk=sheet.pk).version
    assert f'name="version" value="{version}"' in html, "the next try names what is shown now"


def test_of_two_managers_one_wins_and_the_other_is_told(as_bob, as_alice, alice, sheet):
    values = form_of(sheet, reject="Reject week", reason="Look again")
    approvals.approve(alice, sheet.pk, version=None)
    response = as_bob.post(url(sheet, "decide/"), values)
    assert response.status_code == 409 and state(sheet) == "approved"


def test_an_own_week_is_shown_without_a_form(as_bob, bob, alice):
    sheet = submitted(bob)
    html = page(as_bob, sheet, "?team=all")
    assert "Another manager must approve your week." in html and 'id="decision"' not in html
    response = as_bob.post(url(sheet, "decide/"), form_of(sheet))
    assert response.status_code == 409 and state(sheet) == "submitted"
    assert "Another manager must approve your week." in response.content.decode()


def test_what_others_decide_is_shown_with_their_names(acme, as_bob, bob, alice, carol):
    acme.approval_first = "project"
    acme.save()
    carol.line_manager = alice
    carol.save()
    mine = TimeEntryFactory(member=carol, date=MONDAY, project=ProjectFactory(manager=bob))
    theirs = TimeEntryFactory(member=carol, date=MONDAY)
    sheet = timesheets.submit(carol, carol, MONDAY)
    html = page(as_bob, sheet)
    assert f'name="entry-{mine.pk}"' in html and f'name="entry-{theirs.pk}"' not in html
    assert "Alice Adams decides on this." in html
    as_bob.post(url(sheet, "decide/"), {"version": sheet.version, f"entry-{mine.pk}": "approve"})
    assert sorted(statuses(sheet)) == ["APPROVED", "SUBMITTED"]


def test_who_gave_the_first_approval_may_still_reject(acme, as_bob, bob, alice, carol):
    acme.approval_first, acme.approval_second = "line", "any"
    acme.save()
    carol.line_manager = bob
    carol.save()
    sheet = submitted(carol)
    assert "Two approvals are needed here. Yours is the first." in page(as_bob, sheet)
    as_bob.post(url(sheet, "decide/"), form_of(sheet))
    assert state(sheet) == "partiallyApproved"
    html = page(as_bob, sheet)
    first = entries_of(sheet)[0]
    assert f'name="entry-{first.pk}" value="reject"' in html and f'name="entry-{first.pk}" value="approve"' not in html
    values = form_of(sheet, *["reject"] + ["later"] * 4, **{f"reason-{first.pk}": "I looked again"})
    as_bob.post(url(sheet, "decide/"), values)
    assert statuses(sheet)[0] == "REJECTED"


def test_a_draft_takes_decisions_on_single_entries_alone(as_bob, carol):
    entries = [TimeEntryFactory(member=carol, date=MONDAY) for _ in range(2)]
    sheet = entries[0].timesheet
    html = page(as_bob, sheet)
    assert "Single entries of it can be decided on already." in html
    assert "Reject week" not in html and "Approve week" not in html
    as_bob.post(url(sheet, "decide/"), form_of(sheet, "approve", "later"))
    assert statuses(sheet) == ["APPROVED", "OPEN"] and state(sheet) == "draft"
    as_bob.post(url(sheet, "decide/"), form_of(sheet, "approve", "approve"))
    assert statuses(sheet) == ["APPROVED", "APPROVED"] and state(sheet) == "draft"


@pytest.mark.parametrize("action", ["", "decide/", "undo/", "reopen/"])
def test_a_week_of_another_organisation_is_unknown(mallory, globex, sheet, action):
    client = browser_of(mallory)
    send = client.get if not action else client.post
    assert send(f"/o/globex/approvals/{sheet.pk}/{action}").status_code == 404
    assert state(sheet) == "submitted"


def test_entries_of_another_week_are_unknown(as_bob, carol, dora, sheet):
    other = submitted(dora)
    values = {"version": sheet.version, f"entry-{entries_of(other)[0].pk}": "reject", "shown": ""}
    values[f"reason-{entries_of(other)[0].pk}"] = "Not hers"
    assert as_bob.post(url(sheet, "decide/"), values).status_code == 404
    assert set(statuses(other)) == {"SUBMITTED"}


# --- Undo and reopen --------------------------------------------------------------------------------------------------


def test_undo_opens_the_week_again(as_bob, sheet):
    as_bob.post(url(sheet, "decide/"), form_of(sheet))
    version = Timesheet.objects.get(pk=sheet.pk).version
    html = page(as_bob, sheet)
    assert "Undo my decision" in html
    response = as_bob.post(f"{url(sheet, 'undo/')}?version={version}", headers=SCRIPT)
    assert state(sheet) == "submitted" and f'data-week="{sheet.pk}"' in response.content.decode()
    assert json.loads(response["HX-Trigger"])["say"]["text"] == "Decision on week 25 of Carol Clark taken back."


def test_what_happened_since_is_not_undone(as_bob, bob, alice, sheet):
    as_bob.post(url(sheet, "decide/"), form_of(sheet))
    version = Timesheet.objects.get(pk=sheet.pk).version
    approval_reversals.reopen(alice, sheet.pk, version=None, reason="Too soon")
    response = as_bob.post(f"{url(sheet, 'undo/')}?version={version}", follow=True)
    assert "This can&#x27;t be undone any more." in response.content.decode() and state(sheet) == "draft"


def test_only_one_s_own_decision_can_be_undone(as_alice, bob, sheet):
    approvals.approve(bob, sheet.pk, version=None)
    assert "Undo my decision" not in page(as_alice, sheet)


def test_reopen_asks_why(as_bob, bob, sheet):
    approvals.approve(bob, sheet.pk, version=None)
    assert url(sheet, "reopen/") in page(as_bob, sheet)
    form = as_bob.get(url(sheet, "reopen/"))
    version = Timesheet.objects.get(pk=sheet.pk).version
    assert "Reopen week 25 of Carol Clark?" in form.content.decode()
    refused = as_bob.post(url(sheet, "reopen/"), {"version": version, "reason": " "})
    assert refused.status_code == 422 and "Say why you reopen this week" in refused.content.decode()
    response = as_bob.post(url(sheet, "reopen/"), {"version": version, "reason": "A day is missing"})
    assert (response.status_code, response.url, state(sheet)) == (302, url(sheet), "draft")


def test_a_stale_reopening_keeps_the_reason(as_bob, bob, carol, sheet):
    approvals.approve(bob, sheet.pk, version=None)
    version = Timesheet.objects.get(pk=sheet.pk).version
    time_entries.edit(bob, entries_of(sheet)[0].pk, subject="Other words")
    response = as_bob.post(url(sheet, "reopen/"), {"version": version, "reason": "A day is missing"})
    assert response.status_code == 409 and "A day is missing" in response.content.decode()
    assert state(sheet) == "approved"


def test_a_closed_week_offers_no_reopening(acme, as_bob, bob, sheet):
    approvals.approve(bob, sheet.pk, version=None)
    acme.lock_date = MONDAY + WEEK
    acme.save()
    html = page(as_bob, sheet)
    assert url(sheet, "reopen/") not in html
    response = as_bob.post(url(sheet, "reopen/"), {"version": Timesheet.objects.get().version, "reason": "Late"})
    assert response.status_code == 422 and "closed" in response.content.decode() and state(sheet) == "approved"
