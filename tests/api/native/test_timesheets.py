"""Weeks by the own API: the member's steps, decisions of one and of many, versions, and who may."""

from __future__ import annotations

import pytest

from tests import factories
from timetracking.models import Timesheet
from timetracking.services import timesheets

SHEETS = "/api/v1/timesheets"


@pytest.fixture
def sheet(acme, carol) -> Timesheet:
    entry = factories.TimeEntryFactory(member=carol, date=carol.today(), minutes=60, ticket=factories.TicketFactory())
    return entry.timesheet


def week_of(member) -> Timesheet:
    sheet = factories.TimeEntryFactory(member=member, date=member.today(), minutes=30).timesheet
    return timesheets.submit(member, member, sheet.week_start)


def test_the_members_steps(program, carol, sheet):
    caller, states = program("api", carol), []
    for step in ("mark-ready", "back-to-draft", "submit", "submit", "recall"):
        answer = caller.post(f"{SHEETS}/{sheet.pk}/{step}", {"note": "Done"} if step == "submit" else None)
        states.append(answer.json()["state"])
    assert states == ["saved", "draft", "submitted", "submitted", "draft"]
    told = caller.get(f"{SHEETS}/{sheet.pk}").json()
    assert [step["action"] for step in told["history"]] == ["recalled", "submitted", "back_to_draft", "marked_ready"]
    assert told["history"][1]["lines"][0]["to_status"] == "SUBMITTED"
    assert told["totals"] == {
        "minutes": 60,
        "billable_minutes": told["totals"]["billable_minutes"],
        "entries": 1,
        "waiting": 0,
    }
    assert told["entries"][0]["minutes"] == 60


def test_a_week_without_entries_is_sent_by_its_day_where_the_policy_says_so(program, carol, acme):
    caller, body = program("api", carol), {"date": str(carol.today()), "version": 0}
    assert caller.post(f"{SHEETS}/submit", body).json()["code"] == "timesheet_empty"
    acme.empty_weeks_allowed = True
    acme.save()
    assert caller.post(f"{SHEETS}/submit", body).json()["state"] == "submitted"
    assert caller.post(f"{SHEETS}/submit", {"date": "9999-12-31"}).status_code == 422


def test_one_decides_on_what_was_shown(program, bob, carol, sheet):
    sent = program("api", carol).post(f"{SHEETS}/{sheet.pk}/submit")
    manager, path = program("api", bob), f"{SHEETS}/{sheet.pk}"
    assert manager.post(f"{path}/approve", {"version": 1}).status_code == 409
    assert manager.post(f"{path}/approve", If_Match='"1"').status_code == 412
    assert manager.post(f"{path}/reject", {"reason": " "}).json()["code"] == "reason_required"
    approved = manager.post(f"{path}/approve", If_Match=sent["ETag"])
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    assert manager.post(f"{path}/undo", If_Match=approved["ETag"]).json()["state"] == "submitted"
    again = manager.post(f"{path}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_undo")
    rejected = manager.post(f"{path}/reject", {"reason": "Split it"}).json()
    assert (rejected["state"], rejected["entries"][0]["rejection_reason"]) == ("declined", "Split it")
    assert manager.post(f"{path}/reopen", {"reason": "Wrong"}).status_code == 409


def test_single_entries_are_decided_all_or_none(program, bob, carol, sheet):
    factories.TimeEntryFactory(member=carol, date=carol.today(), minutes=30)
    program("api", carol).post(f"{SHEETS}/{sheet.pk}/submit")
    ids = sorted(entry["id"] for entry in program("api", bob).get(f"{SHEETS}/{sheet.pk}").json()["entries"])
    decide = f"{SHEETS}/{sheet.pk}/decide"
    twice = {"approve": ids, "reject": [{"id": ids[0], "reason": "No"}]}
    assert program("api", bob).post(decide, twice).json()["code"] == "entry_twice"
    unknown = {"approve": [*ids, 10**25]}
    assert program("api", bob).post(decide, unknown).status_code == 404
    told = program("api", bob).post(decide, {"approve": ids[:1], "reject": [{"id": ids[1], "reason": "No"}]}).json()
    assert told["state"] == "partiallyDeclined"


def test_many_are_answered_each_by_itself(program, alice, bob, carol, acme):
    manager = program("api", bob)
    weeks = [week_of(factories.MembershipFactory()) for _each in range(3)]
    own = week_of(bob)
    items = [{"id": week.pk, "version": week.version} for week in weeks]
    items[1]["version"] = 99
    items += [{"id": own.pk}, {"id": 999_999}, {"id": 10**30}]
    answers = manager.post(f"{SHEETS}/approve", {"items": items}).json()["items"]
    assert [answer["id"] for answer in answers] == [item["id"] for item in items]
    assert [answer["status"] for answer in answers] == [200, 409, 200, 403, 404, 404]
    assert answers[0]["state"] == "approved"
    assert answers[3]["code"] == "own_week"
    rejected = manager.post(f"{SHEETS}/reject", {"items": [{"id": weeks[1].pk}], "reason": "Split it"}).json()
    assert rejected["items"][0]["state"] == "declined"
    assert manager.post(f"{SHEETS}/approve", {"items": [{"id": 1}] * 1001}).status_code == 422
    assert program("api", carol).post(f"{SHEETS}/approve", {"items": items}).status_code == 403


def test_a_list_is_narrowed_and_shows_an_agent_their_own(program, bob, carol, sheet):
    theirs = week_of(bob)
    manager, agent = program("api", bob), program("api", carol)

    def found(caller, query: str = "") -> set[int]:
        return {each["id"] for each in caller.get(f"{SHEETS}?{query}").json()["items"]}

    day = sheet.week_start
    assert found(manager) == {sheet.pk, theirs.pk}
    assert found(manager, "state=submitted") == {theirs.pk}
    assert found(manager, f"member_id={carol.pk}&from={day}&to={day}") == {sheet.pk}
    assert found(manager, "to=2001-01-01") == set()
    assert found(agent) == {sheet.pk}
    for unknown in (10**19, 999_999):
        assert manager.get(f"{SHEETS}?member_id={unknown}").status_code == 404
    assert agent.get(f"{SHEETS}?member_id={bob.pk}").status_code == 404
    assert agent.get(f"{SHEETS}/{theirs.pk}").status_code == 404
    for wrong in ("state=gone", "from=soon", "page=2", "limit=201", "cursor=x", "state=submitted&state=draft"):
        assert manager.get(f"{SHEETS}?{wrong}").status_code == 400, wrong


def test_a_list_costs_the_same_however_long(program, bob, sheet, count_queries):
    caller = program("api", bob)
    caller.get(SHEETS)
    before = count_queries(lambda: caller.get(SHEETS))
    for _each in range(4):
        week_of(factories.MembershipFactory())
    assert count_queries(lambda: caller.get(SHEETS)) == before
