"""Who gets what from the records, members, reports and invoices of the own API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.api.table import Row

NOUNS = {
    # path, name of the list, of one, the key in `tests.filled`, and who may read, write
    "clients": ("clients", "client", "client", "200 200 200", "403 200 200"),
    "projects": ("projects", "project", "project_id", "200 200 200", "403 200 200"),
    "tasks": ("tasks", "task", "task", "200 200 200", "403 200 200"),
    "tickets": ("tickets", "ticket", "ticket_id", "200 200 200", "403 200 200"),
    "charge-codes": ("charge_codes", "charge_code", "charge-code", "200 200 200", "403 200 200"),
    "activities": ("activities", "activity", "activity", "200 200 200", "403 200 200"),
    "work-types": ("work_types", "work_type", "work-type", "200 200 200", ""),
    "work-roles": ("work_roles", "work_role", "work-role", "200 200 200", ""),
    "agreements": ("agreements", "agreement", "agreement", "403 200 200", "403 200 200"),
}


NEW: dict[str, dict[str, Any]] = {
    "clients": {"name": "Gizmo 90"},
    "projects": {"name": "Gizmo 90", "code": "GIZMO-90", "client_id": "client"},
    "tasks": {"name": "Gizmo 90", "project_id": "project_id"},
    "tickets": {"title": "Gizmo 90", "client_id": "client"},
    "charge-codes": {"name": "Gizmo 90", "code": "GIZMO"},
    "activities": {"name": "Gizmo 90", "client_id": "client"},
    "agreements": {"name": "Gizmo 90", "client_id": "client", "starts_on": "2026-01-01"},
}
"""What each is made with; where an id is needed, the key of it."""


def new(path: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    fields = NEW[path]
    return lambda ids: {name: ids[value] if name.endswith("_id") else value for name, value in fields.items()}


def rows_of(path: str, many: str, one: str, key: str, reads: str, writes: str) -> list[Row]:
    base, record = f"/api/v1/{path}", f"/api/v1/{path}/{{{key}}}"
    read = [
        Row("GET", f"api.list_{many}", base, f"401 {reads} 200"),
        Row("GET", f"api.get_{one}", record, f"401 {reads} 404"),
    ]
    if not writes:
        return read
    outside = 404 if any(name.endswith("_id") for name in NEW[path]) else 201
    return [
        *read,
        Row("POST", f"api.create_{one}", base, f"401 {writes.replace('200', '201')} {outside}", new(path)),
        Row("PATCH", f"api.change_{one}", record, f"401 {writes} 404", {}),
        Row("POST", f"api.archive_{one}", f"{record}/archive", f"401 {writes} 404"),
        Row("POST", f"api.restore_{one}", f"{record}/restore", f"401 {writes} 404"),
    ]


ROWS = [
    *(row for path, noun in NOUNS.items() for row in rows_of(path, *noun)),
    Row("GET", "api.list_members", "/api/v1/members", "401 200 200 200 200"),
    Row("GET", "api.get_member", "/api/v1/members/{member_id}", "401 200 200 200 404"),
    Row("GET", "api.get_member", "/api/v1/members/{inactive}", "401 404 200 200 404"),
    Row("GET", "api.run_report", "/api/v1/reports", "401 200 200 200 200"),
    Row("GET", "api.run_report", "/api/v1/reports?by=agent&sort=amount", "401 422 422 200 200"),
    Row("GET", "api.run_report", "/api/v1/reports?client={client}", "401 200 200 200 404"),
    Row("GET", "api.list_invoices", "/api/v1/invoices", "401 403 403 200 200"),
    Row("GET", "api.get_invoice", "/api/v1/invoices/{invoice_id}", "401 403 403 200 404"),
]
