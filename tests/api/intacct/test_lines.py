"""Lines by themselves, lists, batches, and requests that are sent twice."""

from __future__ import annotations

import datetime as dt

from tests import factories
from tests.api.intacct import LINES, SHEETS, error, targets
from timetracking.models import TimeEntry, Timesheet

LINE = {"entryDate": "2026-03-03", "quantity": 1.5, "description": "Install"}
WHOLE = {"X_IA_API_Param_Transaction": "true"}


def sheet(begin: str = "2026-03-02", **fields) -> dict:
    return {"beginDate": begin, "employee": {"key": "973"}, **fields}


# --- A line -----------------------------------------------------------------------------------------------------------


def test_a_line_is_made_read_changed_and_deleted(johns):
    key = johns.made(lines=[])
    answer = johns.post(LINES, {**LINE, "timesheet": {"key": key}})
    assert answer.status_code == 201, answer.content
    path = answer.json()["ia::result"]["href"]
    assert johns.get(path).json()["ia::result"]["quantity"] == 1.5
    assert johns.patch(path, {"quantity": 2, "timesheet": {"key": key}}).status_code == 200
    assert johns.get(path).json()["ia::result"]["quantity"] == 2
    assert johns.delete(path).status_code == 204
    assert johns.get(path).status_code == 404
    assert johns.get(f"{SHEETS}/{key}").status_code == 200


REFUSED = [
    ({"timesheet": None}, 400, "/timesheet"), ({"timesheet": {}}, 400, "/timesheet"),
    ({"timesheet": {"key": "999"}}, 404, "/timesheet/key"), ({"timesheet": {"key": [1]}}, 400, "/timesheet/key"),
    ({"quantity": -1}, 422, "/quantity"), ({"quantity": 1e300}, 400, "/quantity"),
    ({"description": "x" * 201}, 422, "/description"), ({"notes": "x" * 10_001}, 422, "/notes"),
    ({"entryDate": "2026-05-01"}, 422, "/entryDate"),
]  # fmt: skip


def test_what_a_line_is_refused_for(johns):
    key = johns.made(lines=[])
    answers = [johns.post(LINES, {**LINE, "timesheet": {"key": key}, **fields}) for fields, *_rest in REFUSED]
    told = [(answer.status_code, targets(answer)) for answer in answers]
    assert told == [(status, [target]) for _fields, status, target in REFUSED]


def test_a_line_stays_on_its_timesheet(johns):
    johns.made()
    entry = TimeEntry.objects.get()
    answer = johns.patch(f"{LINES}/{entry.pk}", {"timesheet": {"key": "1234"}})
    assert (answer.status_code, targets(answer)) == (422, ["/timesheet/key"])
    assert johns.patch(f"{LINES}/{entry.pk}", {"entryDate": "2026-03-11"}).status_code == 200
    entry.refresh_from_db()
    assert (entry.timesheet.week_start.isoformat(), entry.date.isoformat()) == ("2026-03-02", "2026-03-11")


def test_what_a_line_is_for_can_change(johns, named):
    johns.made()
    path = f"{LINES}/{TimeEntry.objects.get().pk}"
    steps = [
        ({"dimensions": {"customer": {"id": "CUST-13"}}, "isBillable": True}, ("GENERAL", None, 13, False)),
        ({"dimensions": {"task": {"key": "1"}}, "isBillable": True}, ("PROJECT", 1, 13, True)),
        ({"dimensions": {"item": {"key": "5"}}}, ("PROJECT", 1, 13, True)),
        ({"dimensions": {"project": {"id": "PROJ-001"}}, "isBillable": False}, ("PROJECT", 1, 13, False)),
        ({"dimensions": {"project": None}}, ("GENERAL", None, 13, False)),
    ]
    for body, expected in steps:
        answer = johns.patch(path, body)
        assert answer.status_code == 200, answer.content
        entry = TimeEntry.objects.get()
        assert (entry.kind, entry.task_id, entry.client_id, entry.billable) == expected, body
    assert johns.get(path).json()["ia::result"]["dimensions"]["item"]["key"] == "5"
    johns.patch(path, {"dimensions": {"item": None}})
    assert "item" not in johns.get(path).json()["ia::result"]["dimensions"]


def test_a_line_of_somebody_else_is_refused(admins, carol):
    key = admins.made()
    body = {**LINE, "timesheet": {"key": key}, "dimensions": {"employee": {"key": str(carol.pk)}}}
    assert targets(admins.post(LINES, body)) == ["/dimensions/employee"]


# --- Lists and batches ------------------------------------------------------------------------------------------------


def test_lists_are_pages_of_references(johns, admins, named, count_queries):
    johns.made()
    assert johns.get(SHEETS).json()["ia::meta"] == {
        "totalCount": 1, "start": 1, "pageSize": 100, "next": 0, "previous": 0,
    }  # fmt: skip
    quiet = count_queries(lambda: johns.get(SHEETS))
    for number in range(5):
        factories.TimeEntryFactory(member=named.john, date=dt.date(2026, 2, 2 + number), minutes=30)
    assert count_queries(lambda: johns.get(SHEETS)) == quiet
    page = johns.get(f"{LINES}?start=3&size=2").json()
    assert page["ia::meta"] == {"totalCount": 6, "start": 3, "pageSize": 2, "next": 5, "previous": 1}
    assert [set(row) for row in page["ia::result"]] == [{"key", "id", "href"}] * 2
    assert johns.get(f"{SHEETS}?start=0").status_code == 400


def test_reading_costs_the_same_however_many_lines(johns, named, count_queries):
    key = johns.made()
    quiet = count_queries(lambda: johns.get(f"{SHEETS}/{key}"))
    johns.patch(f"{SHEETS}/{key}", {"lines": [{**LINE, "laborClass": {"id": "A"}} for _n in range(8)]})
    assert count_queries(lambda: johns.get(f"{SHEETS}/{key}")) == quiet
    assert quiet < 12


def test_an_array_is_answered_one_by_one(admins, johns):
    both = [sheet(lines=[LINE]), sheet("2026-02-23")]
    answer = admins.post(SHEETS, both)
    assert answer.status_code == 201
    keys = [each["key"] for each in answer.json()["ia::result"]]
    assert [each["ia::status"] for each in answer.json()["ia::result"]] == [201, 201]
    again = admins.post(SHEETS, [both[0], sheet("2026-02-16"), {"x": 1}])
    assert again.status_code == 207
    assert [each["ia::status"] for each in again.json()["ia::result"]] == [422, 201, 400]
    assert again.json()["ia::result"][2]["ia::error"]["details"][0]["target"] == "/2/x"
    assert again.json()["ia::meta"] == {"totalCount": 3, "totalSuccess": 1, "totalError": 2}
    got = johns.get(f"{SHEETS}/{','.join(keys)}")
    assert (got.status_code, [each["key"] for each in got.json()["ia::result"]]) == (200, keys)
    assert johns.get(f"{SHEETS}/{keys[0]},999").status_code == 207
    assert johns.get(f"{SHEETS}/998,999").status_code == 404
    assert johns.delete(f"{SHEETS}/{keys[0]},999").status_code == 207
    assert johns.delete(f"{SHEETS}/{keys[1]}").status_code == 204
    assert admins.post(SHEETS, []).status_code == 400
    assert admins.post(SHEETS, [{}] * 501).status_code == 400


def test_all_or_nothing(admins):
    answer = admins.post(SHEETS, [sheet(lines=[LINE]), sheet("2026-03-04")], **WHOLE)
    assert (answer.status_code, targets(answer)) == (422, ["/1/beginDate"])
    assert not Timesheet.objects.exists()
    assert admins.post(SHEETS, [sheet(), sheet("2026-02-23")], **WHOLE).status_code == 201


def test_a_repeated_request_has_one_effect(admins):
    body = sheet(lines=[LINE])
    first = admins.post(SHEETS, body, Idempotency_Key="week-10")
    second = admins.post(SHEETS, body, Idempotency_Key="week-10")
    assert (second.status_code, second.json()) == (201, first.json())
    other = admins.post(SHEETS, sheet("2026-02-23"), Idempotency_Key="week-10")
    assert (other.status_code, error(other)["code"]) == (409, "idempotencyConflict")
    path = f"{SHEETS}/{first.json()['ia::result']['key']}"
    for _again in range(2):
        assert admins.patch(path, {"lines": [LINE]}, Idempotency_Key="more").status_code == 200
    assert TimeEntry.objects.count() == 2


# --- What lines point at ----------------------------------------------------------------------------------------------


def test_the_records_that_lines_point_at(johns, named):
    project = johns.get("/objects/projects/project/1").json()["ia::result"]
    assert (project["id"], project["customer"]["id"], project["status"]) == ("PROJ-001", "CUST-13", "active")
    employees = johns.get("/objects/company-config/employee").json()
    assert [each["id"] for each in employees["ia::result"]] == ["E-001"]
    assert johns.get("/objects/time/time-type/1").json()["ia::result"]["id"] == "Regular"


def test_the_fields_of_an_object_are_told(johns):
    fields = johns.get("/services/core/model?name=time/timesheet-line").json()["ia::result"]["fields"]
    assert fields["quantity"] == {"type": "number", "filterable": True}
    assert fields["isBilled"]["enum"] == ["true", "false", "partial"]
    assert johns.get("/services/core/model?name=time/nothing").status_code == 404
    assert error(johns.get("/services/core/model"))["details"][0]["target"] == "/name"


def test_a_closed_period_takes_no_lines(johns, acme):
    acme.lock_date = dt.date(2026, 3, 4)
    acme.save()
    answer = johns.post(SHEETS, sheet(lines=[LINE]))
    assert (answer.status_code, error(answer)["additionalInfo"]["reason"]) == (422, "period_closed")
    assert targets(answer) == ["/lines/0"]


def test_unknown_addresses_and_methods_speak_the_format(johns):
    assert error(johns.get("/objects/time/nothing"))["code"] == "notFound"
    assert johns.patch(SHEETS, {}).status_code == 405
    assert johns.get(f"{SHEETS}/").status_code == 200


def test_a_record_that_is_only_kept_keeps_its_address(johns):
    department = {"key": "11", "id": "D-11", "href": "/objects/company-config/department/11"}
    line = {"entryDate": "2026-03-03", "quantity": 1, "dimensions": {"department": department, "class": {"id": "C"}}}
    sheet = johns.sheet(johns.made(lines=[line]))
    dimensions = sheet["lines"][0]["dimensions"]
    assert dimensions["department"] == {**department, "name": None}
    assert dimensions["class"] == {"key": None, "id": "C", "name": None, "href": None}
    assert dimensions["contract"] == dict.fromkeys(("key", "id", "name", "href"))
    assert johns.patch(f"{SHEETS}/{sheet['key']}", sheet).status_code == 200
    assert johns.sheet(sheet["key"]) == sheet
