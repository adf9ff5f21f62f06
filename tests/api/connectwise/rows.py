"""Who gets what from this surface."""

from __future__ import annotations

from typing import Any

from tests.api.connectwise.entry_rows import ENTRIES
from tests.api.table import Row

VENDOR = "/v4_6_release/apis/3.0"
EVERYBODY = "401 200 200 200 200"


def _lookup(noun: str, path: str, pk: str) -> list[Row]:
    return [
        Row("GET", f"connectwise.list_{noun}s", path, EVERYBODY),
        Row("GET", f"connectwise.list_{noun}s", f"{VENDOR}{path}", EVERYBODY),
        Row("GET", f"connectwise.count_{noun}s", f"{path}/count", EVERYBODY),
        Row("GET", f"connectwise.get_{noun}", f"{path}/{{{pk}}}", "401 200 200 200 404"),
    ]


def _sheet(state: str) -> str:
    return f"{VENDOR}/time/sheets/{{sheets[{state}].pk}}"


def _status(word: str) -> dict[str, Any]:
    return {"status": word}


SHEETS = [
    Row("GET", "connectwise.list_sheets", "/time/sheets", EVERYBODY),
    Row("GET", "connectwise.list_sheets", f"{VENDOR}/time/sheets", EVERYBODY),
    Row("GET", "connectwise.count_sheets", "/time/sheets/count", EVERYBODY),
    Row("GET", "connectwise.get_sheet", "/time/sheets/{sheet_id}", "401 200 200 200 404"),
    Row("PATCH", "connectwise.change_sheet", "/time/sheets/{sheet_id}", "401 403 200 200 404", _status("Approved")),
    Row("POST", "connectwise.submit_sheet", f"{_sheet('draft')}/submit", "401 200 200 200 404"),
    Row("POST", "connectwise.approve_sheet", "/time/sheets/{sheet_id}/approve", "401 403 200 200 404"),
    Row("POST", "connectwise.reject_sheet", "/time/sheets/{sheet_id}/reject", "401 403 200 200 404"),
    Row("POST", "connectwise.reverse_sheet", f"{_sheet('approved')}/reverse", "401 403 200 200 404"),
    Row("POST", "connectwise.reverse_sheet", f"{_sheet('submitted')}/reverse", "401 200 200 200 404"),
    Row("GET", "connectwise.list_sheet_audits", "/time/sheets/{sheet_id}/audits", "401 200 200 200 404"),
    Row("GET", "connectwise.count_sheet_audits", "/time/sheets/{sheet_id}/audits/count", "401 200 200 200 404"),
]
ROWS: list[Row] = [
    Row("GET", "connectwise.company_info", "/login/companyinfo/nobody", "404 404 404 404 404"),
    Row("GET", "connectwise.system_info", f"{VENDOR}/system/info", EVERYBODY),
    Row("GET", "connectwise.system_info", "/system/info", EVERYBODY),
    *_lookup("work_type", "/time/workTypes", "work-type"),
    *_lookup("work_role", "/time/workRoles", "work-role"),
    *_lookup("charge_code", "/time/chargeCodes", "charge-code"),
    *ENTRIES,
    *SHEETS,
]
