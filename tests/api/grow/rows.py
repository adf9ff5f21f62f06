"""Who gets what from the Grow CRM format. Its keys are an admin's, so nobody else has one."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from tests.api.table import Row


def _new(ids: dict[str, Any]) -> dict[str, Any]:
    return {"task_id": ids["task"], "user_id": ids["member_id"], "hours": 0, "minutes": 5,
            "timer_created": timezone.localdate().isoformat()}  # fmt: skip


ADMINS, THEIRS = "401 401 401 200 404", "401 401 401 200 200"
ROWS = [
    Row("GET", "grow.list_timesheets", "/api/timesheets", THEIRS),
    Row("POST", "grow.create_timesheet", "/api/timesheets", "401 401 401 201 404", body=_new),
    Row("GET", "grow.get_timesheet", "/api/timesheets/{task_entry}", ADMINS),
    Row("GET", "grow.get_timesheet", "/api/timesheets/{entry_id}", "401 401 401 404 404"),
    Row("PATCH", "grow.update_timesheet", "/api/timesheets/{task_entry}", ADMINS, body={"hours": 1, "minutes": 0}),
    Row("DELETE", "grow.delete_timesheet", "/api/timesheets/{task_entry}", ADMINS),
    Row("GET", "grow.list_timers", "/api/tasks/{task}/timers", ADMINS),
    Row("PUT", "grow.start_timer", "/api/tasks/{task}/start-timer", ADMINS),
    Row("PUT", "grow.stop_timer", "/api/tasks/{task}/stop-timer", "401 401 401 409 404"),
    Row("PUT", "grow.stop_task_timers", "/api/tasks/{task}/stop-timers", ADMINS),
    Row("PUT", "grow.stop_project_timers", "/api/projects/{project}/stop-timers", ADMINS),
    Row("GET", "grow.list_tasks", "/api/tasks", THEIRS),
    Row("GET", "grow.get_task", "/api/tasks/{task}", ADMINS),
    Row("GET", "grow.list_projects", "/api/projects", THEIRS),
    Row("GET", "grow.get_project", "/api/projects/{project}", ADMINS),
    Row("GET", "grow.list_clients", "/api/clients", THEIRS),
    Row("GET", "grow.get_client", "/api/clients/{client}", ADMINS),
    Row("GET", "grow.list_team", "/api/team", THEIRS),
    Row("GET", "grow.get_team_member", "/api/team/{member_id}", ADMINS),
]
