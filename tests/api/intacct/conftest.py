"""The employee, project, task, customer and time type that the documented samples name."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connection

from accounts.models import Membership
from tests import factories
from tests.api.intacct import BASE
from timesheets_site.lib import numbers
from timetracking.models import Client, Project, Task, Timesheet, WorkType

NUMBERED = {Membership: 973, Client: 13, Project: 1, Task: 1, WorkType: 1, Timesheet: 11}
CONTRACTS = Path(__file__).parents[2] / "contracts" / "intacct"


def sample(name: str) -> str:
    """The body of a request as it is documented."""
    return (CONTRACTS / f"{name}.json").read_text()


@pytest.fixture
def noon(time_machine):
    time_machine.move_to(dt.datetime(2026, 3, 12, 12, tzinfo=dt.UTC))


@pytest.fixture(autouse=True)
def numbers_to_spare(request) -> None:
    """PostgreSQL goes on counting where the last test stopped: no other row gets a number that is given here."""
    if connection.vendor == "postgresql" and "named" in request.fixturenames:
        request.getfixturevalue("db")
        for model, number in NUMBERED.items():
            numbers.pass_over(model, number)


@pytest.fixture
def named(acme, noon) -> SimpleNamespace:
    client = factories.ClientFactory(pk=13, name="Jack", identifier="CUST-13")
    project = factories.ProjectFactory(pk=1, client=client, code="PROJ-001", name="Implementation", billable="yes")
    task = factories.TaskFactory(pk=1, project=project, name="FRAMING")
    work_type = factories.WorkTypeFactory(pk=1, name="Regular", is_default=True)
    john = factories.MembershipFactory(
        pk=973, user__name="John Smith", display_name="John Smith", employee_number="E-001", role="AGENT"
    )
    john.organisation = acme
    return SimpleNamespace(client=client, project=project, task=task, work_type=work_type, john=john)


class Sheets:
    """The API as one program sees it."""

    def __init__(self, program) -> None:
        self.program = program

    def __getattr__(self, method: str):
        return lambda path, *values, **headers: getattr(self.program, method)(BASE + path, *values, **headers)

    def made(self, **fields) -> str:
        """The key of a new sheet of 2026-03-02 with one line of general time, unless told otherwise."""
        line = {"entryDate": "2026-03-02", "quantity": 2, "description": "Standup"}
        body = {"beginDate": "2026-03-02", "employee": {"key": "973"}, "lines": [line], **fields}
        answer = self.post("/objects/time/timesheet", body)
        assert answer.status_code == 201, answer.content
        return answer.json()["ia::result"]["key"]

    def sheet(self, key: str) -> dict:
        answer = self.get(f"/objects/time/timesheet/{key}")
        assert answer.status_code == 200, answer.content
        return answer.json()["ia::result"]


@pytest.fixture
def admins(named, program, alice) -> Sheets:
    return Sheets(program("intacct", alice))


@pytest.fixture
def johns(named, program) -> Sheets:
    return Sheets(program("intacct", named.john))
