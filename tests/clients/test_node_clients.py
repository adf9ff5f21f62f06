"""connectwise-rest and connectwise-manage-rest-api, for Node: each tells its story in a script of its own."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.clients import node_clients
from tests.clients.conftest import Office

pytestmark = pytest.mark.clients
TYPES = node_clients.FOLDER / "node_modules" / "connectwise-rest" / "dist" / "ManageTypes.d.ts"
KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,), "number": (int, float), "boolean": (bool,),
}  # fmt: skip


def declared(name: str) -> dict[str, str]:
    """The properties of a type that connectwise-rest declares, with their types as written there."""
    body = re.search(rf"^        {name}: \{{\n(.*?)^        \}};", TYPES.read_text(), re.DOTALL | re.MULTILINE)
    assert body is not None, name
    return dict(re.findall(r"^            (\w+)\??: ([^;{]+);", body[1], re.MULTILINE))


def misfits(value: dict[str, Any], name: str) -> list[str]:
    """The properties of an answer that are not of the type declared for them. Null stands for what is not there."""
    wrong = []
    for field, kind in declared(name).items():
        if value.get(field) is None or "[" in kind:
            continue
        words = re.findall(r'"(\w+)"', kind)
        allowed = [each for part in kind.split("|") for each in KINDS.get(part.strip(" ()"), ())]
        fits = value[field] in words if words else type(value[field]) in allowed or not allowed
        if not fits:
            wrong.append(f"{name}.{field}: {value[field]!r} is no {kind}")
    return wrong


def test_connectwise_rest(office: Office):
    told = node_clients.run("connectwise-rest.js", office.certificate, office.settings())
    assert told["info"]["version"] == "v2026.1.0"
    assert [each["name"] for each in told["workTypes"]] == ["Regular"]
    assert [each["name"] for each in told["workRoles"]] == ["Level 2 Tech"]
    assert [each["billTime"] for each in told["chargeCodes"]] == ["DoNotBill"]
    assert (told["paged"], told["count"]) == (office.entries, {"count": 5})
    assert (told["badConditions"]["status"], told["badConditions"]["data"]["code"]) == (400, "InvalidArgument")
    created = told["created"]
    assert (created["actualHours"], created["timeEnd"], created["status"]) == (1.25, "2026-03-02T10:15:00Z", "Open")
    assert (told["patched"]["notes"], told["put"]["internalNotes"]) == ("Replaced two", "Spare part used")
    assert told["put"]["notes"] == "Replaced two"
    assert told["defaults"]["member"]["id"] == office.carol.pk
    assert (told["sheet"]["status"], told["submitted"]["success"], told["approved"]["success"]) == ("Open", True, True)
    assert told["notMine"]["status"] == 403
    assert told["approvedSheet"]["status"] == "ApprovedByTierOne"
    assert told["locked"]["status"] == 409
    assert (told["reversed"]["success"], told["again"]["success"], told["rejected"]["success"]) == (True, True, True)
    assert [each["newValue"] for each in told["sheetAudits"]] == [
        "PendingApproval", "ApprovedByTierOne", "Open", "PendingApproval", "Rejected",
    ]  # fmt: skip
    assert told["gone"]["status"] == 404
    # Its declarations, which nothing checks while it runs
    answers = [
        (told["created"], "TimeEntry"),
        (told["put"], "TimeEntry"),
        (told["sheet"], "TimeSheet"),
        (told["approvedSheet"], "TimeSheet"),
        (told["workTypes"][0], "WorkType"),
        (told["workRoles"][0], "WorkRole"),
        (told["chargeCodes"][0], "ChargeCode"),
        (told["audits"][0], "TimeEntryAudit"),
        (told["sheetAudits"][0], "TimeSheetAudit"),
        (told["submitted"], "SuccessResponse"),
        (told["info"], "Info"),
    ]
    assert [each for value, name in answers for each in misfits(value, name)] == []
    assert set(declared("TimeSheet")) <= told["sheet"].keys()


def test_connectwise_manage_rest_api(office: Office):
    told = node_clients.run("connectwise-manage-rest-api.js", office.certificate, office.settings())
    assert office.seen[0] == "GET /login/companyinfo/acme 200"
    assert told["info"]["version"] == "v2026.1.0"
    assert told["workTypes"] == [{"id": office.work_type.pk, "name": "Regular"}]
    assert told["paged"] == office.entries
    assert (told["created"]["actualHours"], told["patched"]["notes"]) == (1.25, "Replaced two")
    assert (told["put"]["actualHours"], told["put"]["timeEnd"]) == (2, "2026-03-02T11:00:00Z")
    assert (told["submitted"]["success"], told["approved"]["success"]) == (True, True)
    assert told["sheet"]["status"] == "ApprovedByTierOne"
    assert (told["locked"]["status"], told["deleted"], told["gone"]["status"]) == (409, True, 404)
    assert (told["wrongKey"]["status"], told["wrongKey"]["data"]["code"]) == (401, "Unauthorized")
