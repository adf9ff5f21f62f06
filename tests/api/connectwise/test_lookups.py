"""Work types, work roles and charge codes of the ConnectWise format; and where clients look before all else."""

from __future__ import annotations

import datetime as dt
import logging
from decimal import Decimal

import pytest
from django.test import Client

from accounts.services import api_keys
from tests import factories
from timetracking.api.connectwise.surface import note_client
from timetracking.services import catalogue

VENDOR = "/v4_6_release/apis/3.0"


def asked(caller, path: str, **query: str):
    answer = caller.client.get(path, query, headers=caller.headers)
    assert answer.status_code == 200, answer.content
    return answer.json()


def names(caller, path: str, conditions: str) -> list[str]:
    return [each["name"] for each in asked(caller, path, conditions=conditions)]


def test_work_types(program, acme, carol, alice):
    regular = factories.WorkTypeFactory(name="Regular", is_default=True)
    factories.WorkTypeFactory(name="Overtime", multiplier=Decimal("1.5"), billable_option="NoCharge")
    catalogue.archive(alice, factories.WorkTypeFactory(name="Gone"))
    caller = program("connectwise", carol)
    first = asked(caller, f"{VENDOR}/time/workTypes/{regular.pk}")
    assert first.pop("_info").keys() == {"lastUpdated"}
    assert first == {
        "id": regular.pk,
        "name": "Regular",
        "billTime": "Billable",
        "rateType": "Multiplier",
        "rate": 1.0,
        "hoursMin": None,
        "hoursMax": None,
        "roundBillHoursTo": None,
        "accrualType": None,
        "inactiveFlag": False,
        "overallDefaultFlag": True,
        "activityDefaultFlag": False,
        "utilizationFlag": True,
        "costMultiplier": None,
        "integrationXRef": None,
    }
    path = "/time/workTypes"
    assert names(caller, path, "rate>1 and billTime='NoCharge'") == ["Overtime"]
    assert names(caller, path, 'billTime="billable" and inactiveFlag=false') == ["Regular"]
    assert names(caller, path, "inactiveFlag=true and hoursMin=null") == ["Gone"]
    assert names(caller, path, "rateType='Multiplier' and utilizationFlag=true and activityDefaultFlag=true") == []
    assert names(caller, path, "rateType!='Multiplier' or utilizationFlag=false or not (accrualType=null)") == []
    assert len(names(caller, path, "rateType in ('Multiplier', 'Custom')")) == 3
    assert asked(caller, path, orderBy="rate desc", fields="name", pageSize="1") == [{"name": "Overtime"}]
    assert asked(caller, f"{path}/count", conditions="name like 'O%'") == {"count": 1}
    carol.organisation.billable_by_default = False
    carol.organisation.save()
    assert asked(caller, f"{path}/{regular.pk}")["billTime"] == "DoNotBill"


def test_work_roles_show_todays_rate_to_those_who_see_rates(program, acme, carol, alice):
    role = factories.WorkRoleFactory(name="Engineer")
    today = alice.today()
    for days, rate in ((-400, 80), (-10, 90), (10, 100)):
        factories.WorkRoleRateFactory(work_role=role, starts_on=today + dt.timedelta(days=days), hourly_rate=rate)
    path = "/time/workRoles"
    admin, agent = program("connectwise", alice), program("connectwise", carol)
    assert asked(admin, f"{path}/{role.pk}")["hourlyRate"] == 90.0
    assert names(admin, path, "hourlyRate=90 and inactiveFlag=false") == ["Engineer"]
    assert asked(agent, f"{path}/{role.pk}")["hourlyRate"] is None
    assert names(agent, path, "hourlyRate>0") == []
    assert names(agent, path, "name='engineer'") == ["Engineer"]


def test_charge_codes_by_their_short_names(program, acme, carol):
    client = factories.ClientFactory(name="Harbourside", identifier="HAR")
    factories.ChargeCodeFactory(code="MTNG", name="Meetings")
    project = factories.ProjectFactory(client=client)
    bound = factories.ChargeCodeFactory(code="PROJ", name="Project work", project=project)
    caller, path = program("connectwise", carol), "/time/chargeCodes"
    answer = asked(caller, f"{path}/{bound.pk}")
    assert answer["company"] == {"id": client.pk, "identifier": "HAR", "name": "Harbourside", "_info": {}}
    assert (answer["billTime"], answer["timeEntryFlag"], answer["expenseTypeIds"]) == ("NoDefault", True, [])
    assert answer["_info"]["description"] == "Project work"
    assert names(caller, path, "billTime='DoNotBill' and company/id=null and location/id=null") == ["MTNG"]
    assert names(caller, path, "company/identifier='HAR' and timeEntryFlag=true") == ["PROJ"]
    assert asked(caller, f"{path}/count") == {"count": 2}


@pytest.mark.parametrize("path", ["workTypes", "workRoles", "chargeCodes"])
def test_a_key_without_records_reads_none(program, carol, path):
    caller = program("connectwise", carol, areas=["time"])
    assert [caller.get(f"/time/{path}{end}").status_code for end in ("", "/count", "/1")] == [403, 403, 403]


def test_lists_cost_the_same_quiet_and_busy(program, acme, alice, count_queries):
    caller = program("connectwise", alice)
    factories.ChargeCodeFactory(project=factories.ProjectFactory())
    role = factories.WorkRoleRateFactory().work_role
    factories.WorkTypeFactory()
    paths = ("/time/chargeCodes", "/time/workRoles", "/time/workTypes")
    caller.get(paths[0])
    before = [count_queries(lambda path=path: caller.get(path)) for path in paths]
    for _each in range(3):
        factories.ChargeCodeFactory(project=factories.ProjectFactory())
        factories.WorkRoleRateFactory(work_role=role)
        factories.WorkRoleRateFactory()
        factories.WorkTypeFactory()
    assert [count_queries(lambda path=path: caller.get(path)) for path in paths] == before


# --- Discovery --------------------------------------------------------------------------------------------------------


def test_company_info_is_open_to_everybody(program, acme, carol):
    key = program("connectwise", carol).key
    answer = Client().get("/login/companyinfo/ACME")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "CompanyName": "Acme",
            "Codebase": "v4_6_release/",
            "VersionCode": "v2026.1",
            "CompanyID": "acme",
            "IsCloud": False,
            "SiteUrl": "testserver",
        },
    )
    assert Client().get("/login/companyinfo/acme/").status_code == 200
    api_keys.revoke(carol, key.pk)
    assert Client().get("/login/companyinfo/acme").json() == Client().get("/login/companyinfo/nowhere").json()


@pytest.mark.parametrize("end", ["active", "feature", "other kind"])
def test_company_info_of_an_organisation_that_does_not_use_it_is_unknown(program, acme, carol, end):
    program("api" if end == "other kind" else "connectwise", carol)
    if end == "active":
        acme.is_active = False
    elif end == "feature":
        acme.features = []
    acme.save()
    answer = Client().get("/login/companyinfo/acme")
    assert (answer.status_code, answer.json()["code"]) == (404, "NotFound")


@pytest.mark.parametrize("wrong", ["x" * 300, "caf\u00e9", "a+b"])
def test_company_info_of_what_is_no_name(db, wrong):
    assert Client().get(f"/login/companyinfo/{wrong}").status_code == 404


def test_system_info_asks_for_the_key(program, carol):
    path = f"{VENDOR}/system/info"
    assert asked(program("connectwise", carol), path)["version"] == "v2026.1.0"
    refused = Client().get(path)
    assert (refused.status_code, refused.json()["code"]) == (401, "Unauthorized")
    assert Client().get("/system/nothing").json()["code"] == "NotFound"


def test_which_client_a_key_is_used_by_is_said_in_the_log_once(program, carol, caplog):
    note_client.cache_clear()
    caller, client = program("connectwise", carol), "6a1b2c3d-0000-4000-8000-000000000000"
    with caplog.at_level(logging.INFO):
        for _each in range(2):
            assert caller.get(f"{VENDOR}/system/info", clientId=client).status_code == 200
        Client().get(f"{VENDOR}/system/info", headers={"clientId": "unknown"})
    said = [line.getMessage() for line in caplog.records if "client" in line.getMessage()]
    assert said == [f"Key {caller.key.pk} is used by the client {client}"]
