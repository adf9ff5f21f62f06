"""Timesheets: states, lines through the header, what is refused, and what stays when one is deleted."""

from __future__ import annotations

import datetime as dt

from accounts.models import AuditEvent
from tests import factories
from tests.api.intacct import LINES, RECORDS, SHEETS, error, targets
from timetracking.models import ApprovalEvent, ApprovalLine, TimeEntry, Timesheet
from timetracking.selectors.integrity import findings
from timetracking.services import time_entries

DAY = "2026-03-03"
LINE = {"entryDate": DAY, "quantity": 1.5, "description": "Install"}
PROJECT = {"dimensions": {"project": {"key": "1"}}}


def line_words(sheet: dict) -> list[tuple]:
    return [(line["lineNumber"], line["description"], line["quantity"]) for line in sheet["lines"]]


# --- States -----------------------------------------------------------------------------------------------------------


def test_the_life_of_a_timesheet(admins, johns, bob, program):
    key = johns.made(state="saved")
    path = f"{SHEETS}/{key}"
    states = [johns.sheet(key)["state"]]
    for caller, state in ((johns, "draft"), (johns, "submitted"), (johns, "draft"), (johns, "submitted"),
                          (admins, "declined"), (johns, "submitted"), (admins, "approved")):  # fmt: skip
        answer = caller.patch(path, {"state": state})
        assert answer.status_code == 200, answer.content
        states.append(johns.sheet(key)["state"])
    assert states == ["saved", "draft", "submitted", "draft", "submitted", "declined", "submitted", "approved"]
    assert admins.sheet(key)["lines"][0]["state"] == "approved"
    assert ApprovalLine.objects.get(to_status="REJECTED").reason == "no reason given"
    assert list(findings()) == []


def test_a_new_sheet_is_a_draft_saved_or_submitted(admins):
    refused = {"approved": 422, "partiallyApproved": 422, "declined": 422, "Draft": 400, "gone": 400, 3: 400}
    for state, status in refused.items():
        answer = admins.post(SHEETS, {"beginDate": "2026-03-02", "employee": {"key": "973"}, "state": state})
        assert (answer.status_code, targets(answer)) == (status, ["/state"])
    assert not Timesheet.objects.exists()


def test_states_that_do_not_follow(admins, johns):
    key = johns.made()
    for state, status in (("approved", 422), ("partiallyApproved", 422), ("draft", 200)):
        assert admins.patch(f"{SHEETS}/{key}", {"state": state}).status_code == status
    johns.patch(f"{SHEETS}/{key}", {"state": "submitted"})
    assert johns.patch(f"{SHEETS}/{key}", {"state": "approved"}).status_code == 403
    admins.patch(f"{SHEETS}/{key}", {"state": "approved"})
    answer = admins.patch(f"{SHEETS}/{key}", {"state": "draft"})
    assert (answer.status_code, error(answer)["code"]) == (422, "operationFailed")
    assert admins.patch(f"{SHEETS}/{key}", {"state": "approved"}).status_code == 200  # holds already


def test_a_sheet_without_lines_is_made_and_read(johns):
    key = johns.made(lines=[])
    assert (johns.sheet(key)["lines"], johns.sheet(key)["state"]) == ([], "draft")
    answer = johns.patch(f"{SHEETS}/{key}", {"state": "submitted"})
    assert (answer.status_code, error(answer)["additionalInfo"]) == (422, {"reason": "timesheet_empty"})


# --- What is refused --------------------------------------------------------------------------------------------------

BASIC = {"beginDate": "2026-03-02", "employee": {"key": "973"}}


REFUSED = [
    ({}, 400, "/beginDate"),
    ({**BASIC, "newDate": DAY}, 400, "/newDate"),
    ({**BASIC, "beginDate": "soon"}, 400, "/beginDate"),
    ({**BASIC, "beginDate": "9999-12-27"}, 400, "/beginDate"),
    ({**BASIC, "beginDate": "1950-01-02"}, 422, "/beginDate"),
    ({**BASIC, "beginDate": "2100-01-04"}, 422, "/beginDate"),
    ({**BASIC, "beginDate": "2026-03-03"}, 422, "/beginDate"),
    ({"beginDate": "2026-03-02"}, 422, "/employee"),
    ({**BASIC, "employee": {}}, 422, "/employee"),
    ({**BASIC, "employee": "973"}, 400, "/employee"),
    ({**BASIC, "employee": {"key": "97400"}}, 404, "/employee/key"),
    ({**BASIC, "employee": {"key": "9" * 40}}, 404, "/employee/key"),
    ({**BASIC, "employee": {"id": "E-404"}}, 404, "/employee/id"),
    ({**BASIC, "employee": {"key": True}}, 400, "/employee/key"),
    ({**BASIC, "employee": {"number": 1}}, 400, "/employee/number"),
    ({**BASIC, "description": "x" * 401}, 400, "/description"),
    ({**BASIC, "lines": {}}, 400, "/lines"),
    ({**BASIC, "lines": [LINE] * 201}, 400, "/lines"),
    ({**BASIC, "lines": [LINE, 7]}, 400, "/lines/1"),
    ({**BASIC, "lines": [{**LINE, "colour": 1}]}, 400, "/lines/0/colour"),
    ({**BASIC, "lines": [{"quantity": 1}]}, 400, "/lines/0/entryDate"),
    ({**BASIC, "lines": [{"entryDate": DAY}]}, 400, "/lines/0/quantity"),
    ({**BASIC, "lines": [{**LINE, "quantity": "much"}]}, 400, "/lines/0/quantity"),
    ({**BASIC, "lines": [{**LINE, "quantity": 0}]}, 422, "/lines/0/quantity"),
    ({**BASIC, "lines": [LINE, {**LINE, "quantity": 25}]}, 422, "/lines/1/quantity"),
    ({**BASIC, "lines": [{**LINE, "entryDate": "1999-12-31"}]}, 422, "/lines/0/entryDate"),
    ({**BASIC, "lines": [{**LINE, "entryDate": "2026-04-01"}]}, 422, "/lines/0/entryDate"),
    ({**BASIC, "lines": [{**LINE, "isBillable": "maybe"}]}, 400, "/lines/0/isBillable"),
    ({**BASIC, "lines": [{**LINE, "description": "x" * 201}]}, 422, "/lines/0/description"),
    ({**BASIC, "lines": [{**LINE, "notes": 5}]}, 400, "/lines/0/notes"),
    ({**BASIC, "lines": [{**LINE, "ia::operation": "explode"}]}, 400, "/lines/0/ia::operation"),
    ({**BASIC, "lines": [{**LINE, "ia::operation": "delete"}]}, 400, "/lines/0/key"),
    ({**BASIC, "lines": [{**LINE, "dimensions": []}]}, 400, "/lines/0/dimensions"),
    ({**BASIC, "lines": [{**LINE, "dimensions": {"mood": {}}}]}, 400, "/lines/0/dimensions/mood"),
    ({**BASIC, "lines": [{**LINE, "dimensions": {"project": {"id": "P-9"}}}]}, 404,
     "/lines/0/dimensions/project/id"),
    ({**BASIC, "lines": [{**LINE, "timeType": {"key": "99"}}]}, 404, "/lines/0/timeType/key"),
    ({**BASIC, "lines": [{**LINE, "externalPayroll": {"amount": []}}]}, 400, "/lines/0/externalPayroll/amount"),
]  # fmt: skip


def test_what_is_refused_is_told_with_its_place_and_leaves_nothing(admins):
    for body, status, target in REFUSED:
        answer = admins.post(SHEETS, body)
        assert answer.status_code == status, body
        assert targets(answer) == [target]
    assert not Timesheet.objects.exists() and not TimeEntry.with_deleted.exists()


def test_what_is_no_object_is_400(admins):
    for body in ("", "{", "3", '"x"', "null", '{"beginDate": NaN}', '{"a": "\\u0000"}'):
        assert admins.post(SHEETS, body).status_code == 400
        assert admins.patch(f"{SHEETS}/1", body).status_code in (400, 404)


def test_no_payload_has_its_own_error(admins):
    told = error(admins.post(SHEETS))
    told.pop("supportId")
    assert told == {
        "code": "invalidRequest", "message": "A POST request requires a payload", "errorId": "REST-1028",
        "additionalInfo": {},
    }  # fmt: skip


def test_what_another_organisation_has_is_unknown(admins, globex, mallory, program):
    key = admins.made()
    theirs = program("intacct", mallory)
    base = "/ia/api/v1"
    for method, path, body in (
        ("GET", f"{SHEETS}/{key}", None), ("PATCH", f"{SHEETS}/{key}", {"state": "draft"}),
        ("DELETE", f"{SHEETS}/{key}", None), ("POST", SHEETS, BASIC),
        ("POST", LINES, {**LINE, "timesheet": {"key": key}}),
    ):  # fmt: skip
        assert theirs.ask(method, base + path, body).status_code == 404, (method, path)
    assert theirs.get(base + SHEETS).json()["ia::result"] == []


def test_an_agent_writes_only_their_own(johns, admins, alice, carol):
    assert johns.post(SHEETS, {**BASIC, "employee": {"key": str(carol.pk)}}).status_code == 404
    key = admins.made(employee={"key": str(alice.pk)})
    assert johns.get(f"{SHEETS}/{key}").status_code == 404
    assert johns.get(SHEETS).json()["ia::meta"]["totalCount"] == 0


# --- A week that is there already -------------------------------------------------------------------------------------


def test_an_empty_open_sheet_is_taken_over_and_a_full_one_is_not(admins, johns):
    first = johns.made(lines=[], description="Old", attachment={"key": "1"})
    second = johns.made(description="New")
    assert first == second
    assert (johns.sheet(second)["description"], johns.sheet(second)["attachment"]["key"]) == ("New", None)
    answer = admins.post(SHEETS, BASIC)
    assert (answer.status_code, error(answer)["code"], targets(answer)) == (422, "operationFailed", ["/beginDate"])


def test_deleted_it_is_unknown_and_its_history_stays(johns, admins):
    key = johns.made(state="submitted")
    assert johns.delete(f"{SHEETS}/{key}").status_code == 204
    for caller in (johns, admins):
        assert caller.get(f"{SHEETS}/{key}").status_code == 404
        assert caller.get(SHEETS).json()["ia::meta"]["totalCount"] == 0
    assert johns.delete(f"{SHEETS}/{key}").status_code == 404
    assert [event.action for event in ApprovalEvent.objects.order_by("pk")] == ["submitted", "recalled"]
    gone = TimeEntry.with_deleted.get()
    assert johns.made() == key  # the same week, filled again
    time_entries.restore(gone.member, gone.pk)
    assert len(johns.sheet(key)["lines"]) == 2
    assert list(findings()) == []


def test_a_declined_sheet_is_deleted_and_made_again(johns, admins):
    key = johns.made(state="submitted")
    admins.patch(f"{SHEETS}/{key}", {"state": "declined"})
    assert johns.delete(f"{SHEETS}/{key}").status_code == 204
    assert johns.get(f"{SHEETS}/{key}").status_code == 404
    assert johns.made() == key
    assert johns.patch(f"{SHEETS}/{key}", {"state": "submitted"}).status_code == 200
    assert list(findings()) == []


def test_an_approved_sheet_is_closed(admins, johns):
    key = johns.made(state="submitted")
    admins.patch(f"{SHEETS}/{key}", {"state": "approved"})
    line = admins.sheet(key)["lines"][0]["key"]
    for answer in (
        admins.patch(f"{SHEETS}/{key}", {"lines": [LINE]}),
        admins.patch(f"{LINES}/{line}", {"quantity": 3}),
        admins.delete(f"{LINES}/{line}"),
        admins.delete(f"{SHEETS}/{key}"),
        admins.post(LINES, {**LINE, "timesheet": {"key": key}}),
        johns.patch(f"{LINES}/{line}", {"quantity": 3}),
    ):
        assert (answer.status_code, error(answer)["code"]) == (422, "operationFailed")
    assert admins.patch(f"{SHEETS}/{key}", {"description": "Paid"}).status_code == 200


# --- Lines through the header -----------------------------------------------------------------------------------------


def test_lines_are_added_changed_and_deleted_together(johns):
    key = johns.made(lines=[LINE, {**LINE, "description": "Wrong"}])
    one, two = (line["key"] for line in johns.sheet(key)["lines"])
    operations = [
        {"key": one, "quantity": "2.25", "notes": "Done"}, {"key": two, "ia::operation": "delete"},
        {**LINE, "description": "More", "quantity": 0.33},
    ]  # fmt: skip
    answer = johns.patch(f"{SHEETS}/{key}", {"lines": operations, "state": "submitted"})
    assert answer.status_code == 200, answer.content
    sheet = johns.sheet(key)
    assert line_words(sheet) == [(1, "Install", 2.25), (2, "More", 0.33)]
    assert (sheet["state"], sheet["lines"][0]["notes"], sheet["hours"]["nonBillable"]) == ("submitted", "Done", 2.58)
    assert TimeEntry.objects.get(subject="More").minutes == 20


def test_lines_stand_in_the_order_in_which_they_were_sent(johns):
    days = ("2026-03-05", "2026-03-03", "2026-03-04")
    lines = [{**LINE, "entryDate": day, "notes": day} for day in days]
    sheet = johns.sheet(johns.made(lines=lines))
    assert [(line["lineNumber"], line["notes"]) for line in sheet["lines"]] == list(enumerate(days, 1))
    assert len(johns.sheet(johns.made(beginDate="2026-02-23", lines=lines[:1]))["lines"]) == 1


def test_a_line_that_goes_makes_room_for_one_that_comes(johns):
    key = johns.made(lines=[{**LINE, "quantity": 20}])
    gone = johns.sheet(key)["lines"][0]["key"]
    lines = [{**LINE, "quantity": 10}, {"key": gone, "ia::operation": "delete"}]
    assert johns.patch(f"{SHEETS}/{key}", {"lines": lines}).status_code == 200
    assert line_words(johns.sheet(key)) == [(1, "Install", 10)]
    assert list(findings()) == []


def test_one_refused_line_undoes_all(johns):
    key = johns.made()
    line = johns.sheet(key)["lines"][0]["key"]
    for wrong, target in (({**LINE, "quantity": 30}, "/lines/1/quantity"), ({"key": "77"}, "/lines/1/key")):
        answer = johns.patch(f"{SHEETS}/{key}", {"description": "No", "lines": [{"key": line, "quantity": 9}, wrong]})
        assert targets(answer) == [target]
        assert (line_words(johns.sheet(key)), johns.sheet(key)["description"]) == ([(1, "Standup", 2)], "")


def test_what_was_read_can_be_sent_back(admins, johns, named):
    key = johns.made(lines=[{**LINE, **PROJECT, "isBillable": True, "laborClass": {"id": "A"}}])
    entry = TimeEntry.objects.get()
    ticket = factories.TicketFactory(client=named.client)
    other = time_entries.log(
        named.john, kind="TICKET", ticket=ticket, date=entry.date, subject="Call",
        started_at=dt.datetime(2026, 3, 3, 9, tzinfo=dt.UTC), ended_at=dt.datetime(2026, 3, 3, 9, 20, tzinfo=dt.UTC),
    )  # fmt: skip
    sheet = johns.sheet(key)
    before = AuditEvent.objects.count()
    answer = johns.patch(f"{SHEETS}/{key}", sheet)
    assert answer.status_code == 200, answer.content
    assert johns.sheet(key) == sheet
    assert AuditEvent.objects.count() == before  # nothing changed
    assert johns.patch(f"{LINES}/{other.pk}", {"quantity": 1}).status_code == 200
    other.refresh_from_db()
    assert (other.minutes, other.ended_at.hour, other.kind) == (60, 10, "TICKET")


def test_week_and_employee_stay(johns, admins, carol):
    key = johns.made()
    for body, target in (
        ({"beginDate": "2026-03-09"}, "/beginDate"), ({"employee": {"key": str(carol.pk)}}, "/employee"),
    ):  # fmt: skip
        answer = admins.patch(f"{SHEETS}/{key}", body)
        assert (answer.status_code, targets(answer)) == (422, [target])


# --- Dates ------------------------------------------------------------------------------------------------------------


def test_the_posting_date_lies_after_what_is_closed(admins, johns, acme):
    acme.lock_date = dt.date(2026, 3, 10)
    key = johns.made(lines=[], postingDate="2026-03-12")
    assert johns.sheet(key)["postingDate"] == "2026-03-12"
    johns.patch(f"{SHEETS}/{key}", {"postingDate": None})
    assert johns.sheet(key)["postingDate"] == "2026-03-08"
    acme.save()
    assert johns.sheet(key)["postingDate"] == "2026-03-11"
    johns.patch(f"{SHEETS}/{key}", {"postingDate": "2026-03-01"})
    assert johns.sheet(key)["postingDate"] == "2026-03-11"


# --- Approval records -------------------------------------------------------------------------------------------------


def test_each_submission_and_decision_writes_a_record_for_each_line(johns, admins, alice):
    key = johns.made(lines=[LINE, {**LINE, "description": "Two"}], state="submitted")
    admins.patch(f"{SHEETS}/{key}", {"state": "declined"})
    listed = johns.get(RECORDS).json()
    assert listed["ia::meta"]["totalCount"] == 4
    first, last = (johns.get(f"{RECORDS}/{listed['ia::result'][n]['key']}").json()["ia::result"] for n in (0, -1))
    assert (first["state"], first["initiatedBy"]["id"], first["approver"]["key"]) == ("submitted", "John Smith", None)
    alice_is = {"key": str(alice.pk), "id": "Alice Adams", "href": f"/objects/company-config/user/{alice.pk}"}
    assert (last["state"], last["comments"], last["approver"]) == ("declined", "no reason given", alice_is)
    assert (last["recordDate"], last["timesheet"]["key"]) == ("2026-03-12", key)
    for method in ("post", "patch", "delete"):
        answer = getattr(admins, method)(RECORDS, {})
        assert answer.status_code == 405


def test_the_header_of_a_sent_sheet_is_not_its_agents(program, acme, alice, carol):
    """The posting date of an approved week is the books'. What was read may be sent back all the same."""
    admin, agent = program("intacct", alice), program("intacct", carol)
    path = "/ia/api/v1/objects/time/timesheet"
    body = {
        "beginDate": "2026-03-02",
        "state": "submitted",
        "description": "Week 10",
        "employee": {"key": str(carol.pk)},
    }
    line = {"entryDate": "2026-03-02", "quantity": 2}
    path += f"/{admin.post(path, {**body, 'lines': [line]}).json()['ia::result']['key']}"
    for _state in ("submitted", "approved"):
        for field in ({"postingDate": "2020-01-01"}, {"description": "Other"}, {"attachment": {"key": "9"}}):
            assert agent.patch(path, field).status_code == 422, field
        read = agent.get(path).json()["ia::result"]
        same = {name: read[name] for name in ("postingDate", "description", "attachment", "employee", "beginDate")}
        assert agent.patch(path, same).status_code == 200
        assert admin.patch(path, {"state": "approved"}).status_code == 200
    assert admin.patch(path, {"postingDate": "2026-03-31"}).status_code == 200
    assert agent.get(path).json()["ia::result"]["postingDate"] == "2026-03-31"
