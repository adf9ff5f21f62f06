"""Who gets what from the Kimai format. The only entries of the filled organisation on a task are one of each member."""

from __future__ import annotations

from typing import Any

from tests.api.table import Row
from timetracking.models import Task

API = "/kimai/api"
UNKNOWN = f"{API}/timesheets/{{entry_id}}"
"""Of an entry that is on no task."""


def on_the_task(ids: dict[str, Any]) -> dict[str, Any]:
    task = Task.objects.get(pk=ids["task"])
    return {
        "project": task.project_id,
        "activity": task.pk,
        "begin": "2026-06-02T09:00:00",
        "end": "2026-06-02T09:30:00",
    }


ROWS = [
    Row("GET", "kimai.list_timesheets", f"{API}/timesheets", "401 200 200 200 200"),
    Row("GET", "kimai.list_timesheets", f"{API}/timesheets?user={{member_id}}", "401 200 200 200 404"),
    Row("GET", "kimai.list_timesheets", f"{API}/timesheets?project={{task}}99", "401 404 404 404 404"),
    Row("POST", "kimai.create_timesheet", f"{API}/timesheets", "401 200 200 200 400", on_the_task),
    Row("GET", "kimai.list_active", f"{API}/timesheets/active", "401 200 200 200 200"),
    Row("GET", "kimai.list_recent", f"{API}/timesheets/recent", "401 200 200 200 200"),
    Row("GET", "kimai.get_timesheet", UNKNOWN, "401 404 404 404 404"),
    Row("PATCH", "kimai.change_timesheet", UNKNOWN, "401 404 404 404 404", {}),
    Row("DELETE", "kimai.delete_timesheet", UNKNOWN, "401 404 404 404 404"),
    Row("PATCH", "kimai.stop_timesheet", f"{UNKNOWN}/stop", "401 404 404 404 404"),
    Row("PATCH", "kimai.restart_timesheet", f"{UNKNOWN}/restart", "401 404 404 404 404"),
    Row("PATCH", "kimai.duplicate_timesheet", f"{UNKNOWN}/duplicate", "401 404 404 404 404"),
    Row("PATCH", "kimai.export_timesheet", f"{UNKNOWN}/export", "401 404 404 404 404"),
    Row("PATCH", "kimai.set_meta", f"{UNKNOWN}/meta", "401 404 404 404 404"),
    Row("GET", "kimai.ping", f"{API}/ping", "401 200 200 200 200"),
    Row("GET", "kimai.version", f"{API}/version", "401 200 200 200 200"),
    Row("GET", "kimai.plugins", f"{API}/plugins", "401 200 200 200 200"),
    Row("GET", "kimai.config", f"{API}/config/timesheet", "401 200 200 200 200"),
    Row("GET", "kimai.me", f"{API}/users/me", "401 200 200 200 200"),
    Row("GET", "kimai.list_customers", f"{API}/customers", "401 200 200 200 200"),
    Row("GET", "kimai.get_customer", f"{API}/customers/{{client}}", "401 200 200 200 404"),
    Row("GET", "kimai.list_projects", f"{API}/projects", "401 200 200 200 200"),
    Row("GET", "kimai.list_projects", f"{API}/projects?customer={{client}}", "401 200 200 200 404"),
    Row("GET", "kimai.get_project", f"{API}/projects/999999999", "401 404 404 404 404"),
    Row("GET", "kimai.list_activities", f"{API}/activities", "401 200 200 200 200"),
    Row("GET", "kimai.get_activity", f"{API}/activities/{{task}}", "401 200 200 200 404"),
    Row("GET", "kimai.list_tags", f"{API}/tags", "401 200 200 200 200"),
]
