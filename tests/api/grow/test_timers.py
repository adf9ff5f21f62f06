"""Timers of tasks: started and stopped for people, for a task, for a project; and the records to look up."""

from __future__ import annotations

import datetime as dt

import pytest

from tests import factories
from tests.api.grow.conftest import FORM
from timetracking.models import TimeEntry, Timer
from timetracking.services import timers

HOUR = dt.timedelta(hours=1)


def start(grow, task: int = 43, body=None):
    return grow.program.put(f"/api/tasks/{task}/start-timer", body)


def stop(grow, task: int = 43, body=None):
    return grow.program.put(f"/api/tasks/{task}/stop-timer", body)


def test_a_timer_and_its_entry_are_one_timesheet(grow, saturday):
    started = start(grow, body={"user_id": grow.agent.pk})
    assert started.status_code == 200
    running = started.json()["data"]
    assert (running["status"], running["worked_by_id"], running["recorded_by_id"]) == (
        "running", grow.agent.pk, grow.admin.pk,
    )  # fmt: skip
    assert running["dates"] == {"created": "2026-06-20", "started": "2026-06-20T09:00:00Z", "stopped": None}
    saturday.shift(dt.timedelta(minutes=45))
    counting = grow.get(f"timesheets/{running['id']}")["data"]
    assert (counting["time_seconds"], counting["time_readable"]) == (2700, "45m")
    stopped = grow.program.put("/api/tasks/43/stop-timer", f"user_id={grow.agent.pk}", **FORM)
    assert stopped.status_code == 200
    data = stopped.json()["data"]
    assert data == grow.get(f"timesheets/{running['id']}")["data"]
    assert (data["id"], data["status"], data["time_seconds"]) == (running["id"], "stopped", 2700)
    assert data["dates"] == {
        "created": "2026-06-20", "started": "2026-06-20T09:00:00Z", "stopped": "2026-06-20T09:45:00Z",
    }  # fmt: skip


def test_without_a_user_it_is_the_main_administrators(grow, program, alice, acme):
    second = factories.MembershipFactory(role="ADMIN")
    second.organisation = acme
    grow.program = program("grow", second)
    assert start(grow).json()["data"]["worked_by_id"] == alice.pk
    assert stop(grow).status_code == 200


def test_the_same_task_again_runs_on_and_another_stops_it(grow, saturday):
    first = start(grow).json()["data"]
    timers.change(grow.admin, Timer.objects.get().pk, subject="Named by hand")
    saturday.shift(HOUR)
    again = start(grow).json()
    assert (again["data"]["id"], again["message"]) == (first["id"], "Timer is running already")
    other = factories.TaskFactory(project=grow.task.project)
    assert start(grow, other.pk).json()["data"]["task_id"] == other.pk
    assert TimeEntry.objects.get(pk=first["id"]).minutes == 60


def test_a_stop_of_nothing_is_a_conflict(grow):
    assert stop(grow).status_code == 409
    other = factories.TaskFactory(project=grow.task.project)
    start(grow, other.pk)
    assert stop(grow).status_code == 409
    assert stop(grow, other.pk).status_code == 200


def test_what_can_not_be_recorded_is_said(grow, acme, saturday):
    start(grow)
    acme.description_required = "always"
    acme.save()
    saturday.shift(HOUR)
    answer = stop(grow)
    assert answer.status_code == 200
    assert answer.json()["message"] == (
        "Timer stopped successfully. 1 piece of time could not be recorded: its user is asked to place it."
    )
    assert answer.json()["data"]["time_seconds"] == 3600
    assert not TimeEntry.objects.exists()


def test_stop_all_of_a_task_or_a_project(grow, saturday):
    second = factories.TaskFactory(project=grow.task.project)
    elsewhere = factories.TaskFactory()
    workers = [factories.MembershipFactory() for _n in range(3)]
    for worker, task in zip(workers, (grow.task, second, elsewhere), strict=True):
        worker.organisation = grow.admin.organisation
        timers.start(worker, record=task)
    saturday.shift(HOUR)
    answer = grow.program.put("/api/tasks/43/stop-timers")
    assert (answer.status_code, answer.json()) == (200, {"data": {"id": 43}, "message": "1 timer stopped."})
    answer = grow.program.put("/api/projects/44/stop-timers")
    assert answer.json() == {"data": {"id": 44}, "message": "1 timer stopped."}
    assert grow.program.put("/api/projects/44/stop-timers").json()["message"] == "0 timers stopped."
    assert Timer.objects.running().get().task == elsewhere


def test_timers_of_a_task(grow, saturday, count_queries):
    start(grow, body={"user_id": grow.agent.pk})
    saturday.shift(HOUR)
    number = stop(grow, body={"user_id": grow.agent.pk}).json()["data"]["id"]
    user = {"id": grow.agent.pk, "name": "Carol Clark"}
    assert grow.get("tasks/43/timers")["data"] == [{
        "id": number, "user": user, "started": "2026-06-20T09:00:00Z", "stopped": "2026-06-20T10:00:00Z", "time": 3600,
        "status": "stopped", "billing_status": "not_invoiced",
    }]  # fmt: skip
    quiet = count_queries(lambda: grow.program.get("/api/tasks/43/timers"))
    for _n in range(5):
        factories.TimeEntryFactory(member=factories.MembershipFactory(), project=grow.task.project, task=grow.task)
        start(grow, body={"user_id": factories.MembershipFactory().pk})
    assert count_queries(lambda: grow.program.get("/api/tasks/43/timers")) == quiet
    assert [row["status"] for row in grow.get("tasks/43/timers")["data"]].count("running") == 5


def test_a_running_timer_is_stopped_before_it_is_changed(grow):
    number = start(grow).json()["data"]["id"]
    assert grow.program.patch(f"/api/timesheets/{number}", {"hours": 1, "minutes": 0}).status_code == 409
    assert grow.program.delete(f"/api/timesheets/{number}").status_code == 409


@pytest.mark.parametrize("user", ["x", 999_999, 10**30, [1], 0])
def test_an_unknown_user_is_422(grow, user):
    for answer in (start(grow, body={"user_id": user}), stop(grow, body={"user_id": user})):
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["user_id"])


def test_there_is_no_403(grow, program, alice):
    reader = program("grow", alice, read_only=True)
    assert reader.get("/api/timesheets").status_code == 200
    assert reader.put("/api/tasks/43/start-timer").status_code == 401
    assert program("grow", alice, areas=["records"]).get("/api/timesheets/1").status_code == 401
    alice.role = "MANAGER"
    alice.save()
    answer = reader.get("/api/timesheets")
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized. A valid API key is required."})


def test_records_to_look_up(grow):
    grow.task.assignees.set([grow.agent])
    task = grow.get("tasks/43")["data"]
    shown = ("id", "title", "billable", "project", "client", "assigned", "time_logged")
    assert {name: task[name] for name in shown} == {
        "id": 43, "title": "Design homepage", "billable": "yes", "project": {"id": 44, "title": "Website Redesign"},
        "client": {"id": 20, "name": "Acme Inc"}, "assigned": [{"id": grow.agent.pk, "name": "Carol Clark"}],
        "time_logged": 0,
    }  # fmt: skip
    assert grow.get("tasks?project_id=44")["data"] == [task]
    assert grow.get("tasks?client_id=21")["data"] == []
    assert grow.get("projects?client_id=20")["data"] == [grow.get("projects/44")["data"]]
    project = grow.get("projects/44")["data"]
    assert project["status"] == "in_progress"
    assert set(project) == {
        "id", "title", "description", "reference", "status", "active_state", "progress", "progress_manually", "client",
        "category", "dates", "billing", "permissions", "assigned", "managers", "tags",
    }  # fmt: skip
    assert set(project["billing"]) == {"type", "rate", "estimated_hours", "costs_estimate"}
    assert "invoice_due_days" in grow.get("clients/20")["data"]["billing"]
    assert grow.get("clients")["data"] == [grow.get("clients/20")["data"]]
    assert grow.get("clients/20")["data"]["company_name"] == "Acme Inc"
    team = grow.get("team?limit=1&page=2")
    assert (team["meta"]["total"], team["data"][0]["role"]) == (2, {"id": 1, "name": "Administrator"})
    assert grow.get(f"team/{grow.agent.pk}")["data"]["role"] == {"id": 3, "name": "Staff"}
    assert grow.program.get("/api/clients/x").status_code == 404
    assert grow.program.get(f"/api/team/{10**30}").status_code == 404


@pytest.mark.parametrize("path", ["tasks", "projects", "clients", "team"])
def test_lists_cost_the_same_quiet_or_busy(grow, count_queries, path):
    def busier(times: int) -> None:
        for _n in range(times):
            member = factories.MembershipFactory(default_work_role=factories.WorkRoleFactory())
            project = factories.ProjectFactory(manager=member)
            factories.TaskFactory(project=project).assignees.set([member])

    busier(1)
    grow.program.get(f"/api/{path}")
    quiet = count_queries(lambda: grow.program.get(f"/api/{path}"))
    busier(8)
    assert count_queries(lambda: grow.program.get(f"/api/{path}")) == quiet
