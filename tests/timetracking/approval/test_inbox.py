"""The approvals inbox: which weeks it lists for whom, what it says of each, and that it costs the same however many."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from tests.cast import MONDAY, browser_of
from tests.factories import ProjectFactory, TimeEntryFactory, TimesheetFactory
from tests.timetracking.approval.inbox import INBOX, NOON, WEEK, colleague, listed, submitted, ticked, url, value
from timetracking.models import ApprovalHandover, Timesheet
from timetracking.selectors import approvals as inbox_selector
from timetracking.services import approval_reversals, approvals, time_entries, timesheets

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def now(acme):
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def routed(acme, first="any", second=""):
    acme.approval_first, acme.approval_second = first, second
    acme.save()


# --- Which weeks ------------------------------------------------------------------------------------------------------


def test_what_waits_comes_oldest_first(as_bob, carol, dora):
    submitted(carol)
    submitted(dora, MONDAY - WEEK)
    submitted(dora)
    assert listed(as_bob.get(INBOX)) == ["Dora Diaz", "Carol Clark", "Dora Diaz"]
    assert "Week 25 · 15 – 21 Jun" in as_bob.get(INBOX).content.decode()


def test_each_list_has_its_weeks_and_its_count(as_bob, bob, carol, dora):
    type(bob).objects.update(joined_at=NOON)
    waiting, rejected, approved = (submitted(carol, MONDAY - n * WEEK) for n in (0, 1, 2))
    approvals.reject(bob, rejected.pk, version=None, reason="Where was this?")
    approvals.approve(bob, approved.pk, version=None)
    for status, sheet in (("", waiting), ("?status=rejected", rejected), ("?status=approved", approved)):
        html = as_bob.get(INBOX + status).content.decode()
        assert f'id="week-{sheet.pk}"' in html and html.count('id="week-') == 1
        assert (
            html.count('<span class="n">1</span>') == 3
        )  # each list has one; nobody who was here misses the last week


def test_a_manager_finds_the_weeks_of_their_reports_alone(as_bob, bob, acme, carol):
    submitted(carol)
    submitted(colleague(acme, "Rita Report", line_manager=bob))
    assert listed(as_bob.get(f"{INBOX}?team=reports")) == ["Rita Report"]
    assert sorted(listed(as_bob.get(f"{INBOX}?team=all"))) == ["Carol Clark", "Rita Report"]


def test_one_week_alone(as_bob, carol):
    for week in (MONDAY, MONDAY - WEEK):
        submitted(carol, week)
    html = as_bob.get(f"{INBOX}?week={MONDAY - WEEK + dt.timedelta(days=3)}").content.decode()
    assert html.count('id="week-') == 1 and "Week 24 · 8 – 14 Jun" in html


def test_what_can_not_be_read_in_the_address_is_as_if_not_there(as_bob, carol):
    submitted(carol)
    for query in ("?status=everything", "?team=them", "?week=someday", "?week=9999-12-31", "?page=minus", "?page=0"):
        response = as_bob.get(INBOX + query)
        assert (response.status_code, listed(response)) == (200, ["Carol Clark"]), query


def test_the_usual_list_is_what_the_reader_decides(acme, as_bob, as_alice, bob, alice, carol, dora):
    routed(acme, "line")
    carol.line_manager = bob
    carol.save()
    dora.line_manager = alice
    dora.save()
    for member in (carol, dora):
        submitted(member)
    assert (listed(as_bob.get(INBOX)), listed(as_alice.get(INBOX))) == (["Carol Clark"], ["Dora Diaz"])
    html = as_bob.get(f"{INBOX}?team=all").content.decode()
    assert "Alice Adams decides on this." in html
    assert html.count('id="select-') == 2, "all, and one's own: others can't be selected"


def test_who_stands_in_finds_the_weeks_of_the_one_who_is_away(acme, as_alice, alice, bob, carol):
    routed(acme, "line")
    carol.line_manager = bob
    carol.save()
    submitted(carol)
    assert listed(as_alice.get(INBOX)) == []
    today = alice.today()
    handover = ApprovalHandover.objects.create(
        approver=bob, stand_in=alice, first_on=today, last_on=today, created_by=bob, created_at=NOON
    )
    response = as_alice.get(INBOX)
    assert listed(response) == ["Carol Clark"]
    assert "You also decide in place of Bob Brown." in response.content.decode()
    handover.ended_at = NOON
    handover.save()
    assert listed(as_alice.get(INBOX)) == []


def test_an_own_week_waits_for_others_while_there_are_any(acme, as_bob, bob, alice):
    sheet = submitted(bob)
    assert listed(as_bob.get(INBOX)) == []
    html = as_bob.get(f"{INBOX}?team=all").content.decode()
    assert "Your own week" in html and value(sheet) not in html
    alice.is_active = False
    alice.save()
    assert listed(as_bob.get(INBOX)) == ["Bob Brown"]


# --- What it says of a week -------------------------------------------------------------------------------------------


def test_a_row_has_the_total_the_share_and_what_the_product_found(acme, as_bob, carol):
    acme.largest_day_minutes = 500
    acme.save()
    TimeEntryFactory(member=carol, date=MONDAY, minutes=600, project=ProjectFactory())
    submitted(carol, minutes=1000)
    html = as_bob.get(INBOX).content.decode()
    assert 'datetime="PT26H40M"' in html and "38% billable" in html
    assert "2 checks" in html  # a day over the limit, and below the target


def test_a_row_says_overtime_and_that_it_was_sent_again(as_bob, bob, carol):
    sheet = submitted(carol, minutes=2500)
    assert "Overtime 4h 10m" in as_bob.get(INBOX).content.decode()
    approvals.reject(bob, sheet.pk, version=None, reason="Look again")
    timesheets.submit(carol, carol, MONDAY)
    assert "Resubmitted" in as_bob.get(INBOX).content.decode()


def test_a_first_approval_shows_for_whom_the_second_waits(acme, bob, alice, carol, as_bob, as_alice):
    routed(acme, "line", "any")
    carol.line_manager = bob
    carol.save()
    sheet = submitted(carol)
    approvals.approve(bob, sheet.pk, version=None)
    assert listed(as_bob.get(INBOX)) == []
    assert "It waits for a second approval: Alice Adams." in as_bob.get(f"{INBOX}?team=all").content.decode()
    html = as_alice.get(INBOX).content.decode()
    assert "Second approval" in html and value(sheet) in html


def test_lines_of_others_make_a_week_partly_ones_own(acme, bob, alice, carol, as_bob):
    routed(acme, "project")
    carol.line_manager = alice
    carol.save()
    TimeEntryFactory(member=carol, date=MONDAY, project=ProjectFactory(manager=bob))
    submitted(carol)
    assert "Partly yours" in as_bob.get(INBOX).content.decode()


def test_who_asks_to_reopen_is_marked(as_bob, bob, carol):
    sheet = submitted(carol)
    approvals.approve(bob, sheet.pk, version=None)
    assert "Asks to reopen" not in as_bob.get(f"{INBOX}?status=approved").content.decode()
    timesheets.ask_to_reopen(carol, sheet.pk)
    assert "Asks to reopen" in as_bob.get(f"{INBOX}?status=approved").content.decode()


# --- Pages, and all without checks ------------------------------------------------------------------------------------


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(inbox_selector, "A_PAGE", 2)


@pytest.fixture
def five_weeks(carol):
    """Of Carol, the oldest first; the second is below the target."""
    return [submitted(carol, MONDAY - n * WEEK, minutes=2250 if n != 3 else 100) for n in (4, 3, 2, 1, 0)]


def test_a_list_has_pages(small_pages, as_bob, five_weeks):
    pages = [as_bob.get(f"{INBOX}?page={number}").content.decode() for number in (1, 2, 3)]
    shown = [[sheet.pk for sheet in five_weeks if f'id="week-{sheet.pk}"' in html] for html in pages]
    ids = [sheet.pk for sheet in five_weeks]
    assert shown == [ids[:2], ids[2:4], ids[4:]]
    assert ['rel="next"' in html for html in pages] == [True, True, False]


def test_all_without_checks_span_the_pages(small_pages, as_bob, five_weeks):
    response = as_bob.get(f"{INBOX}?select=clean")
    assert ticked(response) == {value(sheet) for n, sheet in enumerate(five_weeks) if n != 1}
    html = response.content.decode()
    assert "4 selected" in html and "150h" in html and "3 of them are on other pages." in html


def test_what_others_decide_is_not_selected(acme, as_bob, bob, alice, carol, dora):
    routed(acme, "line")
    carol.line_manager, dora.line_manager = bob, alice
    carol.save()
    dora.save()
    mine, _theirs = submitted(carol), submitted(dora)
    assert ticked(as_bob.get(f"{INBOX}?team=all&select=clean")) == {value(mine)}


def test_a_changed_week_is_not_one_without_checks(as_bob, bob, carol):
    sheet = submitted(carol)
    assert ticked(as_bob.get(f"{INBOX}?select=clean")) == {value(sheet)}
    time_entries.edit(bob, sheet.entries.first().pk, subject="Something else")
    assert ticked(as_bob.get(f"{INBOX}?select=clean")) == set()


def test_more_than_a_thousand_are_selected_in_portions(monkeypatch, small_pages, as_bob, five_weeks):
    monkeypatch.setattr(inbox_selector, "CAP", 3)
    response = as_bob.get(f"{INBOX}?select=clean")
    assert len(ticked(response)) == 3
    assert "These are the first 1,000." in response.content.decode()


def test_a_thousand_weeks_cost_what_ten_do(as_bob, acme, carol, count_queries):
    people = [colleague(acme, f"Person {number:03}") for number in range(20)]
    waiting = [
        TimesheetFactory.build(member=person, week_start=MONDAY - n * WEEK, state="submitted", organisation=acme)
        for person in people
        for n in range(50)
    ]
    Timesheet.objects.bulk_create(waiting[:10])
    as_bob.get(INBOX)
    ten = count_queries(lambda: as_bob.get(INBOX))
    Timesheet.objects.bulk_create(waiting[10:])
    for sheet in Timesheet.objects.order_by("week_start")[:60]:
        TimeEntryFactory(member=sheet.member, timesheet=sheet, date=sheet.week_start, status="SUBMITTED")
    assert count_queries(lambda: as_bob.get(INBOX)) == ten
    html = as_bob.get(INBOX).content.decode()
    assert html.count('id="week-') == 50 and '<span class="n">1,000</span>' in html


def test_a_page_reads_no_more_weeks_than_it_shows(as_bob, five_weeks, small_pages, count_queries):
    """Only "all without checks" asks for others, and of those for ids and versions alone."""
    for query in ("", "?select=clean"):
        asked = count_queries(lambda query=query: as_bob.get(INBOX + query)).queries
        whole = [sql for sql in asked if '"timetracking_timesheet"."note"' in sql]
        assert len(whole) == 1 and "LIMIT 3" in whole[0], query


# --- Around it --------------------------------------------------------------------------------------------------------


def test_the_navigation_counts_what_waits_for_the_reader(acme, as_bob, as_carol, bob, carol):
    assert "data-waiting hidden>" in as_bob.get(INBOX).content.decode()
    submitted(carol)
    html = as_bob.get("/o/acme/timesheets/").content.decode()
    assert 'data-waiting>1<span class="vh"> waiting</span>' in html
    assert "data-waiting" not in as_carol.get("/o/acme/timesheets/").content.decode()


def test_a_manager_has_approvals_among_the_tabs_an_agent_projects(as_bob, as_carol):
    def tabs(client):
        html = client.get("/o/acme/timesheets/").content.decode()
        return html[
            html.index('class="tabbar"') : html.index('<details class="menu up">', html.index('class="tabbar"'))
        ]

    assert "/o/acme/approvals/" in tabs(as_bob) and "/o/acme/projects/" not in tabs(as_bob)
    assert "/o/acme/approvals/" not in tabs(as_carol) and "/o/acme/projects/" in tabs(as_carol)


def test_a_fragment_pays_for_no_count_beside_the_navigation(as_bob, carol, count_queries):
    sheet = submitted(carol)
    as_bob.get(url(sheet))
    fragment = count_queries(lambda: as_bob.get(url(sheet), headers={"HX-Request": "true"}))
    assert not any("accounts_notification" in sql for sql in fragment.queries)
    assert fragment < count_queries(lambda: as_bob.get(url(sheet)))


def test_weeks_of_another_organisation_are_nowhere(globex, mallory, as_bob, carol):
    submitted(carol)
    as_mallory = browser_of(mallory)
    assert listed(as_mallory.get("/o/globex/approvals/?team=all")) == []
    assert as_mallory.get(INBOX).status_code == 404


def test_a_reopened_week_leaves_the_list(as_bob, bob, carol):
    sheet = submitted(carol)
    approvals.approve(bob, sheet.pk, version=None)
    approval_reversals.reopen(bob, sheet.pk, version=None, reason="A day is missing")
    assert listed(as_bob.get(INBOX)) == listed(as_bob.get(f"{INBOX}?status=approved")) == []
