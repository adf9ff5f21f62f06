"""Nine on a Saturday in London; the records and numbers of the format's own example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import time_machine

from accounts.models import Membership
from tests import factories
from tests.api.conftest import Program
from timesheets_site.lib import numbers
from timetracking.models import Client, Project, Task

NOW = "2026-06-20T09:00:00Z"
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def saturday(acme):
    acme.time_zone, acme.default_hourly_rate = "Europe/London", 100
    acme.save()
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


@dataclass
class Grow:
    """Acme as the example has it: client 20, project 44, task 43, the main administrator and an agent."""

    program: Program
    admin: Membership
    agent: Membership
    task: Any

    def get(self, path: str) -> Any:
        return self.program.get(f"/api/{path}").json()

    def ids(self, query: str = "") -> list[int]:
        return [row["id"] for row in self.get(f"timesheets?{query}")["data"]]

    def new(self, **fields: Any) -> dict[str, Any]:
        return {"task_id": 43, "user_id": self.agent.pk, "hours": 1, "minutes": 30, "timer_created": "2026-06-20",
                **fields}  # fmt: skip


@pytest.fixture
def grow(saturday, alice, carol, program) -> Grow:
    for model, number in ((Client, 20), (Project, 44), (Task, 43)):
        numbers.pass_over(model, number)
    client = factories.ClientFactory(pk=20, name="Acme Inc")
    project = factories.ProjectFactory(pk=44, client=client, code="WEB", name="Website Redesign")
    task = factories.TaskFactory(pk=43, project=project, name="Design homepage")
    for member in (alice, carol):
        member.organisation.refresh_from_db()
    return Grow(program("grow", alice), alice, carol, task)
