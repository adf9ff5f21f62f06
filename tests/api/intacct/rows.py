"""Who gets what from this surface."""

from __future__ import annotations

from typing import Any

from tests.api.intacct import BASE, LINES, RECORDS, SHEETS
from tests.api.table import Row

EVERYBODY = "401 200 200 200 200"
NOT_OUTSIDERS = "401 200 200 200 404"


def new_sheet(ids: dict[str, Any]) -> dict[str, Any]:
    """A week of Carol's long ago, which nobody else may know of."""
    return {"beginDate": "2021-01-04", "employee": {"key": str(ids["member_id"])}}


def new_line(ids: dict[str, Any]) -> dict[str, Any]:
    sheet = ids["sheets"]["draft"]
    day = sheet.week_start.isoformat()
    return {"timesheet": {"key": str(sheet.pk)}, "entryDate": day, "quantity": 1, "description": "Gizmo 90"}


def _read(noun: str, path: str, key: str) -> list[Row]:
    return [
        Row("GET", f"intacct.list_{noun}s", BASE + path, EVERYBODY),
        Row("GET", f"intacct.get_{noun}", f"{BASE}{path}/{{{key}}}", NOT_OUTSIDERS),
    ]


ROWS: list[Row] = [
    Row("POST", "intacct.token", f"{BASE}/oauth2/token", "401 401 401 401 401", {"grant_type": "refresh_token"}),
    *_read("timesheet", SHEETS, "sheet_id"),
    *_read("line", LINES, "entry_id"),
    Row("GET", "intacct.list_approval_records", BASE + RECORDS, EVERYBODY),
    Row("GET", "intacct.get_approval_record", f"{BASE}{RECORDS}/999999999", "401 404 404 404 404"),
    *_read("time_type", "/objects/time/time-type", "work-type"),
    *_read("employee", "/objects/company-config/employee", "member_id"),
    *_read("project", "/objects/projects/project", "project_id"),
    *_read("task", "/objects/projects/task", "task"),
    *_read("customer", "/objects/accounts-receivable/customer", "client"),
    Row("GET", "intacct.get_model", f"{BASE}/services/core/model?name=time/timesheet", EVERYBODY),
    Row("POST", "intacct.create_timesheet", BASE + SHEETS, "401 201 201 201 404", new_sheet),
    Row(
        "PATCH",
        "intacct.update_timesheet",
        f"{BASE}{SHEETS}/{{sheet_id}}",
        "401 422 200 200 404",  # the week is submitted: its member changes nothing of it
        {"description": "Gizmo 91"},
    ),
    Row("DELETE", "intacct.delete_timesheet", f"{BASE}{SHEETS}/{{sheet_id}}", "401 204 204 204 404"),
    Row("POST", "intacct.create_line", BASE + LINES, "401 201 201 201 404", new_line),
    Row("PATCH", "intacct.update_line", f"{BASE}{LINES}/{{entry_id}}", NOT_OUTSIDERS, {"notes": "Gizmo 92"}),
    Row("DELETE", "intacct.delete_line", f"{BASE}{LINES}/{{entry_id}}", "401 204 204 204 404"),
    Row(
        "POST",
        "intacct.query",
        "/ia/api/v1/services/core/query",
        "401 200 200 200 200",
        {"object": "time/timesheet", "fields": ["key", "state"], "filters": None, "orderBy": []},
    ),
]
