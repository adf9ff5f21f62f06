"""sageintacctrestsdk, for Python: signs in with a client id and secret, queries page by page, and sends JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Membership
from tests import factories
from timetracking.models import Project

pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
MONDAY = dt.date(2026, 3, 2)


@pytest.fixture
def project(acme, carol) -> Project:
    """With a task; and the number by which the format knows Carol."""
    Membership.objects.filter(pk=carol.pk).update(employee_number="E-001")
    task = factories.TaskFactory(project__code="BCN-1", project__name="Beacon", name="Foundation")
    return task.project


@pytest.fixture
def connected(front: Any, key_pair: Any, project: Project, monkeypatch: Any) -> Callable[..., Any]:
    """``connected(carol, "E-001")``. The client has no setting for where it goes: its constant is set instead."""
    import intacctsdk
    from intacctsdk.apis import api_base

    host, _seen = front
    for module in (api_base, intacctsdk.intacctsdk):
        monkeypatch.setattr(module, "BASE_URL", f"https://{host}/ia/api/v1")

    def connect(member: Membership, user: str) -> Any:
        client_id, secret = key_pair("intacct", member)
        return intacctsdk.IntacctRESTSDK(f"{user}@acme", client_id=client_id, client_secret=secret, entity_id="1")

    return connect


def of_objects(sdk: Any, path: str) -> Any:
    """Its base class for objects that it has no class for: with what all of them do."""
    from intacctsdk.apis.api_base import ApiBase

    objects = ApiBase(sdk, object_path=path)
    objects.update_access_token(sdk.access_token)
    return objects


def test_it_signs_in_and_reads_records(connected, project, carol):
    from intacctsdk import IntacctRESTSDK

    sdk = connected(carol, "E-001")
    assert sdk.access_token_expires_in > 0
    [employees] = sdk.employees.get_all_generator(fields=["key", "id"], filters=[{"$eq": {"id": "E-001"}}])
    assert employees == [{"key": str(carol.pk), "id": "E-001"}]
    [projects] = sdk.projects.get_all_generator(fields=["key", "id", "name"], order_by=[{"id": "asc"}])
    assert projects == [{"key": str(project.pk), "id": "BCN-1", "name": "Beacon"}]
    assert (sdk.tasks.count(), sdk.customers.count()) == (1, 1)
    assert sdk.projects.get_by_key(str(project.pk))["ia::result"]["name"] == "Beacon"
    again = IntacctRESTSDK(refresh_token=sdk.refresh_token, use_client_credentials_auth=False)
    assert again.employees.count() == 1


def test_a_timesheet_from_first_to_last(connected, project, carol, bob):
    from intacctsdk.exceptions import BadRequestError

    sdk = connected(carol, "E-001")
    sheets = of_objects(sdk, "/objects/time/timesheet")
    lines = [
        {
            "entryDate": (MONDAY + dt.timedelta(days=day)).isoformat(),
            "quantity": 6.5,
            "isBillable": True,
            "description": f"Day {day}",
            "dimensions": {"project": {"key": str(project.pk)}},
        }
        for day in range(2)
    ]
    body = {"beginDate": MONDAY.isoformat(), "employee": {"key": str(carol.pk)}, "description": "Week 10"}
    made = sheets.post({**body, "lines": lines}, idempotent_key="week-10")["ia::result"]
    assert sheets.post({**body, "lines": lines}, idempotent_key="week-10")["ia::result"] == made
    whole = sheets.get_by_key(made["key"])["ia::result"]
    assert ([float(line["quantity"]) for line in whole["lines"]], whole["state"]) == ([6.5, 6.5], "draft")
    first = whole["lines"][0]["key"]
    sheets.update(made["key"], {"lines": [{"key": first, "quantity": 7}], "state": "submitted"})
    assert sheets.get_by_key(made["key"])["ia::result"]["state"] == "submitted"
    of_objects(connected(bob, "Bob Brown"), "/objects/time/timesheet").update(made["key"], {"state": "approved"})
    of_lines = of_objects(sdk, "/objects/time/timesheet-line")
    [found] = of_lines.get_all_generator(["key", "quantity"], [{"$eq": {"timesheet.key": made["key"]}}])
    assert sorted(float(line["quantity"]) for line in found) == [6.5, 7.0]
    with pytest.raises(BadRequestError):
        sheets.delete(made["key"])
    with pytest.raises(BadRequestError, match="404"):
        sheets.get_by_key("999999")


def test_it_pages_to_the_end(connected, front, project, carol):
    for number in range(5):
        factories.TimeEntryFactory(member=carol, project=project, date=MONDAY, minutes=60 + number)
    lines = of_objects(connected(carol, "E-001"), "/objects/time/timesheet-line")
    lines._ApiBase__page_size = 2
    front[1].clear()
    pages = list(lines.get_all_generator(["key"], order_by=[{"key": "asc"}]))
    assert ([len(page) for page in pages], len(front[1])) == ([2, 2, 1], 3)
    assert lines.count(filters=[{"$eq": {"entryDate": MONDAY.isoformat()}}]) == 5


def test_refusals_are_its_own_exceptions(connected, carol):
    from intacctsdk import IntacctRESTSDK
    from intacctsdk.exceptions import BadRequestError

    with pytest.raises(BadRequestError, match="401"):
        IntacctRESTSDK("E-001@acme", client_id="ts_inta_0", client_secret="wrong")
    sdk = connected(carol, "E-001")
    with pytest.raises(BadRequestError, match="400"):
        list(sdk.employees.get_all_generator(fields=["nonsense"]))
