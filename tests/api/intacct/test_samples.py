"""The documented requests, word for word, and what they come to."""

from __future__ import annotations

import pytest

from tests import factories
from tests.api.intacct import LINES, SHEETS
from tests.api.intacct.conftest import sample
from timetracking.models import TimeEntry, Timesheet
from timetracking.selectors.integrity import findings


@pytest.mark.parametrize(
    "name", ["create_timesheet", "create_timesheet_empty_parts", "create_timesheet_week_10", "create_timesheet_by_ids"]
)
def test_a_documented_timesheet_is_created(admins, name):
    answer = admins.post(SHEETS, sample(name))
    assert answer.status_code == 201, answer.content
    key = str(Timesheet.objects.get().pk)
    assert answer.json() == {
        "ia::result": {"key": key, "id": key, "href": f"/objects/time/timesheet/{key}"},
        "ia::meta": {"totalCount": 1, "totalSuccess": 1, "totalError": 0},
    }
    assert Timesheet.objects.get().state == "submitted"
    assert list(findings()) == []


def test_the_line_of_the_sample_is_read_as_it_was_sent(admins, named, alice):
    key = admins.post(SHEETS, sample("create_timesheet")).json()["ia::result"]["key"]
    sheet = admins.sheet(key)
    [line] = sheet.pop("lines")
    entry = TimeEntry.objects.get()
    moment = "2026-03-12T12:00:00Z"
    assert sheet == {
        "key": key, "id": key, "href": f"/objects/time/timesheet/{key}",
        "beginDate": "2024-01-01", "endDate": "2024-01-07", "postingDate": "2024-01-07", "state": "submitted",
        "description": "Week of 01/01/24",
        "employee": {"key": "973", "id": "E-001", "href": "/objects/company-config/employee/973"},
        "employeeContact": {
            "key": "973", "id": "John Smith", "firstName": "John", "lastName": "Smith",
            "href": "/objects/company-config/contact/973",
        },
        "attachment": {"key": "8420", "id": None, "href": "/objects/company-config/attachment/8420"},
        "unitOfMeasure": "Hours", "hoursInDay": 8, "calculationMethod": None, "postActualLaborCost": False,
        "employeeClassId": None, "employeeDepartmentId": None, "employeePositionId": None,
        "employeeLocation": {"key": None, "id": None, "href": None},
        "audit": {
            "createdDateTime": moment, "modifiedDateTime": moment, "createdBy": "973", "modifiedBy": str(alice.pk),
        },
        "hours": {
            "billable": 6, "nonBillable": 0, "approved": 0, "approvedBillable": 0, "approvedNonBillable": 0,
            "utilized": 6, "nonUtilized": 0, "approvedUtilized": 0, "approvedNonUtilized": 0,
        },
    }  # fmt: skip
    dimensions = line.pop("dimensions")
    assert line == {
        "key": str(entry.pk), "id": str(entry.pk), "href": f"/objects/time/timesheet-line/{entry.pk}", "lineNumber": 1,
        "timesheet": {"key": key, "id": key, "href": f"/objects/time/timesheet/{key}"},
        "entryDate": "2024-04-01", "quantity": 6, "description": "Week of 04/01/24",
        "notes": "Talked to client regarding project",
        "timeType": {"key": "1", "id": "Regular", "name": "Regular", "href": "/objects/time/time-type/1"},
        "isBillable": True, "isBilled": "false", "state": "submitted", "hours": sheet["hours"],
        "externalPayroll": dict.fromkeys(
            ("costRate", "billingRate", "amount", "employerTaxes", "fringes", "cashFringes")
        ),
        "audit": {
            "createdDateTime": moment, "modifiedDateTime": moment, "createdBy": str(alice.pk),
            "modifiedBy": str(alice.pk),
        },
    }  # fmt: skip
    nothing = {"id": None, "name": None, "href": None}
    assert dimensions == {
        "project": {
            "key": "1", "id": "PROJ-001", "name": "Implementation", "href": "/objects/projects/project/1",
        },
        "task": {"key": "1", "id": "1", "name": "FRAMING", "href": "/objects/projects/task/1"},
        "customer": {
            "key": "13", "id": "CUST-13", "name": "Jack", "href": "/objects/accounts-receivable/customer/13",
        },
        "employee": {
            "key": "973", "id": "E-001", "name": "John Smith", "href": "/objects/company-config/employee/973",
        },
        "contract": {"key": None, **nothing},
        "department": {"key": "11", **nothing}, "location": {"key": "22", **nothing},
        "costType": {"key": "2", **nothing}, "item": {"key": "13", **nothing},
    }  # fmt: skip


def test_what_is_general_is_never_billed(admins):
    key = admins.post(SHEETS, sample("create_timesheet_empty_parts")).json()["ia::result"]["key"]
    [line] = admins.sheet(key)["lines"]
    assert (line["isBillable"], line["hours"]["nonBillable"], line["timeType"]["key"]) == (False, 6, None)


def test_what_is_only_kept_comes_back(admins):
    key = admins.post(SHEETS, sample("create_timesheet_by_ids")).json()["ia::result"]["key"]
    sheet = admins.sheet(key)
    first, second = sheet["lines"]
    assert (sheet["nsp::CREW"], first["nsp::EQUIPMENT"]) == ("North", "Lift-3")
    assert first["laborUnion"] == {"key": None, "id": "Local 12", "name": None, "href": None}
    assert first["dimensions"]["nsp::phase"]["key"] == "10004"
    assert first["externalPayroll"]["amount"] == "412.50"
    assert [(line["quantity"], line["isBillable"]) for line in (first, second)] == [(7.5, True), (8, False)]
    assert second["description"] == "General time"


def test_the_documented_changes(admins, named):
    key = admins.made()
    assert admins.patch(f"{SHEETS}/{key}", sample("update_timesheet")).status_code == 200
    sheet = admins.sheet(key)
    assert (sheet["state"], sheet["description"]) == ("submitted", "Week of 01/01/24")
    line = sheet["lines"][0]["key"]
    answer = admins.patch(f"{LINES}/{line}", sample("update_line"))
    assert answer.json()["ia::result"] == {"key": line, "id": line, "href": f"/objects/time/timesheet-line/{line}"}
    assert admins.sheet(key)["lines"][0]["notes"] == "Talked to client regarding project"


def test_the_documented_line(admins, named):
    factories.TimesheetFactory(pk=11, member=named.john, week_start="2024-01-01")
    answer = admins.post(LINES, sample("create_line"))
    assert answer.status_code == 201, answer.content
    assert TimeEntry.objects.get().timesheet_id == 11
