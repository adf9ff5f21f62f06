"""Who gets what from the timers and weeks of the own API. The timer and the weeks are the agent's."""

from __future__ import annotations

from typing import Any

from tests.api.table import Row

TIMER, SHEET = "/api/v1/timers/{timer_id}", "/api/v1/timesheets/{sheet_id}"
REASON = {"reason": "Split it"}


def weeks(ids: dict[str, Any]) -> dict[str, Any]:
    return {"items": [{"id": ids["sheet_id"]}], **REASON}


def shown(ids: dict[str, Any]) -> dict[str, Any]:
    return {"items": [{"id": ids["sheet_id"]}]}


def start_for_agent(ids: dict[str, Any]) -> dict[str, Any]:
    return {"member_id": ids["member_id"], "subject": "Stand-up"}


def week_of_agent(ids: dict[str, Any]) -> dict[str, Any]:
    return {"member_id": ids["member_id"], "date": str(ids["day"])}


ROWS = [
    Row("GET", "api.list_timers", "/api/v1/timers", "401 200 200 200 200"),
    Row("POST", "api.start_timer", "/api/v1/timers", "401 201 201 201 201", {"subject": "Stand-up"}),
    Row("POST", "api.start_timer", "/api/v1/timers", "401 201 201 201 404", start_for_agent),
    Row("GET", "api.list_timers", "/api/v1/timers?member_id={member_id}", "401 200 200 200 404"),
    Row("POST", "api.stop_all_timers", "/api/v1/timers/stop-all", "401 200 200 200 200"),
    Row("GET", "api.get_timer", TIMER, "401 200 200 200 404"),
    Row("PATCH", "api.change_timer", TIMER, "401 200 404 404 404", {"subject": "Stand-up"}),
    Row("POST", "api.stop_timer", TIMER + "/stop", "401 200 200 200 404"),
    Row("POST", "api.discard_timer", TIMER + "/discard", "401 200 404 404 404"),
    Row("POST", "api.resume_timer", TIMER + "/resume", "401 200 404 404 404"),
    Row("GET", "api.list_timesheets", "/api/v1/timesheets", "401 200 200 200 200"),
    Row("GET", "api.get_timesheet", SHEET, "401 200 200 200 404"),
    Row("POST", "api.submit_week", "/api/v1/timesheets/submit", "401 200 200 200 404", week_of_agent),
    Row("POST", "api.submit_timesheet", SHEET + "/submit", "401 200 200 200 404"),
    Row("POST", "api.recall_timesheet", SHEET + "/recall", "401 200 200 200 404"),
    Row("POST", "api.mark_timesheet_ready", SHEET + "/mark-ready", "401 409 409 409 404"),
    Row("POST", "api.timesheet_back_to_draft", SHEET + "/back-to-draft", "401 409 409 409 404"),
    Row("POST", "api.approve_timesheet", SHEET + "/approve", "401 403 200 200 404"),
    Row("POST", "api.reject_timesheet", SHEET + "/reject", "401 403 200 200 404", REASON),
    Row("POST", "api.decide_timesheet", SHEET + "/decide", "401 403 422 422 404", {}),
    Row("POST", "api.undo_decision", SHEET + "/undo", "401 403 409 409 404"),
    Row("POST", "api.reopen_timesheet", SHEET + "/reopen", "401 403 409 409 404", REASON),
    Row("POST", "api.approve_timesheets", "/api/v1/timesheets/approve", "401 403 200 200 200", shown),
    Row("POST", "api.reject_timesheets", "/api/v1/timesheets/reject", "401 403 200 200 200", weeks),
]
